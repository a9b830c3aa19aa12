/** A task's past as its log tells it: what templates and conditions read when a step was entered and when it was left. Pure. */
import type { Json } from '../../json/json.ts'
import type { Scope } from '../../template/scope.ts'
import type { TaskEvent } from '../events.ts'
import { evolve } from '../evolve.ts'
import type { VisitOutcome } from '../run/outcome.ts'
import type { TaskState } from '../state.ts'
import { scopeOf } from '../task-change.ts'
import type { EventView } from '../told/views.ts'
import { fromFormat1 } from './upcast.ts'

/** One stay of the task in the step. */
export interface PastVisit {
  n: number
  /** What a template of the step read when it was entered. */
  entered: Scope
  /** What its handoffs read when it was left, or read now. */
  left: Scope
  output: Json
  /** How it ended; null: it did not yet, or was ended by hand. */
  outcome: VisitOutcome | null
}

export interface Past {
  /** Oldest first. */
  visits: PastVisit[]
  /** What a template would read as the task is now. */
  now: Scope
}

/** The task's stays in a step, from its whole log with values in place; null for a log that this code cannot read. */
export function pastOf(events: EventView[], step: string): Past | null {
  try {
    return tell(events, step)
  } catch {
    // A newer release may have written what this one does not know.
    return null
  }
}

function tell(events: EventView[], step: string): Past | null {
  let state: TaskState | null = null
  const visits: PastVisit[] = []
  const readAs = readerOf(events)
  for (const view of events) {
    const event = readAs(view)
    const open = visits.at(-1)
    if (state !== null && open?.n === state.visit.n && event.type === 'routed' && open.outcome === null) {
      Object.assign(open, standing(state, step))
      if (event.by !== 'hand') open.outcome = outcomeOf(event.outcome)
    }
    state = evolve(state, event, { at: Date.parse(view.at), actor: view.actor })
    if (event.type === 'entered' && event.step === step) {
      const entered = scopeOf(state, NONE)
      visits.push({ n: event.visit, entered, left: entered, output: null, outcome: null })
    }
  }
  if (state === null) return null
  const last = visits.at(-1)
  if (last?.n === state.visit.n && last.outcome === null) Object.assign(last, standing(state, step))
  return { visits, now: scopeOf(state, NONE) }
}

/** Values stand in place, so nothing is to be looked up. */
const NONE = () => null

function standing(state: TaskState, step: string): Pick<PastVisit, 'left' | 'output'> {
  const left = scopeOf(state, NONE)
  return { left, output: state.steps[step]?.visit === state.visit.n ? (left.steps[step]?.output ?? null) : null }
}

/**
 * A view says what its event said; `at` of the view is when it was recorded. Its format is not in it: where a visit's report
 * is not followed by a join, it was written in format 1.
 */
function readerOf(events: EventView[]): (view: EventView) => TaskEvent {
  const joined = new Set(events.filter(({ type }) => type === 'joined').map(({ data }) => data.visit))
  return ({ type, data }) => {
    const event = { ...data, type } as unknown as TaskEvent
    return joined.has(data.visit ?? null) ? event : fromFormat1(event)
  }
}

/** The outcome as the log names it, as handoffs match it. */
export function outcomeOf(name: string): VisitOutcome {
  return name === 'failed' || name === 'timeout' || name === 'unsure'
    ? { kind: name }
    : { kind: 'completed', label: name }
}
