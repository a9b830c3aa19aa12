/** What a new task takes over from an earlier one when it begins at a later step: what was known there when that step began. */
import type { Json } from '../../json/json.ts'
import { type Context, readValue } from '../context.ts'
import type { LogRow } from '../events.ts'
import { evolve } from '../evolve.ts'
import type { Last, StepRecord, TaskState } from '../state.ts'
import { upcast } from './upcast.ts'

/** Outputs and decisions as they stood before `step` began, with every value in place. */
export interface Carried {
  step: string
  /** `visit` tells their order: the earlier task's visits, counted back from the last one, 0. */
  outputs: { step: string; visit: number; output: Json; decision: StepRecord['decision'] }[]
  last: Omit<Last, 'output'> & { output: Json }
}

/**
 * What the task knew when it last entered `step`; of a step that it never entered, all that it knows.
 * Rows must be readable, in order and begin with the task's creation.
 */
export function carriedTo(step: string, rows: readonly LogRow[], blob: Context['blob']): Carried {
  const before = stateBefore(step, rows)
  return {
    step,
    outputs: Object.entries(before.steps).map(([key, { visit, output, decision }]) => ({
      step: key,
      visit: visit - before.visit.n,
      output: readValue<Json>(output, blob),
      decision,
    })),
    last: { ...before.last, output: readValue<Json>(before.last.output, blob) },
  }
}

function stateBefore(step: string, rows: readonly LogRow[]): TaskState {
  let state: TaskState | null = null
  let found: TaskState | null = null
  for (const row of rows) {
    for (const event of upcast(row)) {
      if (event.type === 'entered' && event.step === step) found = state
      state = evolve(state, event, row)
    }
  }
  const before = found ?? state
  if (before === null) throw new Error('a log without events has nothing to take over')
  return before
}
