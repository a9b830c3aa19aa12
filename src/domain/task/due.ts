/** What a task's state calls for: derived, never stored, so that recovery is the normal path run again. */
import { type Definition, stepOf } from '../workflow/definition.ts'
import { openAsk, overdueAt } from './asking.ts'
import { isPastDuration } from './decide.ts'
import { isOver, type TaskState } from './state.ts'

/** Work that the shell does: send a run to its lane, or look up the people behind roles. */
export type DueWork =
  | { kind: 'send'; visit: number; run: number; attempt: number }
  | { kind: 'resolve'; visit: number; run: number; roles: string[] }

const SECOND = 1000
const HOUR = 3600 * SECOND
/** When an unclaimed run is sent, counted from when it became due; after the last, hourly (architecture.md, Sending). */
export const SEND_SLOTS_MS = [0, 10 * SECOND, 40 * SECOND, 180 * SECOND, 660 * SECOND] as const
const LAST_SLOT = SEND_SLOTS_MS[SEND_SLOTS_MS.length - 1]!

/** The first send slot of a run due at `dueAt` that lies at or after `time`. */
export function slotFrom(dueAt: number, time: number): number {
  const early = SEND_SLOTS_MS.find(slot => dueAt + slot >= time)
  if (early !== undefined) return dueAt + early
  return dueAt + LAST_SLOT + Math.ceil((time - dueAt - LAST_SLOT) / HOUR) * HOUR
}

/**
 * The work whose slot lies in [from, now]. After a command `from` is now; at an alarm it is the time that the alarm was
 * set for, so that each slot is used once and nothing about sending needs storing.
 */
export function due(state: TaskState, from: number, now: number): DueWork[] {
  if (state.status !== 'running' || !state.visit.open) return []
  const { visit } = state
  return visit.runs.flatMap((run): DueWork[] => {
    if (slotFrom(run.dueAt, from) > now) return []
    if (run.phase.name === 'due') return [{ kind: 'send', visit: visit.n, run: run.id, attempt: run.attempt }]
    return run.phase.name === 'asking' ? [{ kind: 'resolve', visit: visit.n, run: run.id, roles: run.phase.roles }] : []
  })
}

/** When the task must be woken next, in ms since the epoch, later than `now`; null: only from outside. */
export function nextAlarm(state: TaskState, definition: Definition, now: number): number | null {
  if (isOver(state.status)) return null
  const times = [...runTimes(state, now), ...askTimes(state, definition), ...durationTimes(state, now)]
  return times.length === 0 ? null : Math.max(Math.min(...times), now + 1)
}

function runTimes(state: TaskState, now: number): number[] {
  if (!state.visit.open || (state.status !== 'running' && state.status !== 'held')) return []
  return state.visit.runs.flatMap(run => {
    switch (run.phase.name) {
      case 'due':
      case 'asking':
        return [slotFrom(run.dueAt, now + 1)]
      case 'claimed':
        return [run.phase.until]
      case 'held':
        return run.phase.until === null ? [] : [run.phase.until]
      default:
        return []
    }
  })
}

function askTimes(state: TaskState, definition: Definition): number[] {
  if (state.status !== 'waiting' && state.stuck?.cause !== 'nobody_assigned') return []
  const ask = openAsk(state)?.phase.ask
  const at = ask === undefined ? null : overdueAt(ask, stepOf(definition, state.visit.step)?.human)
  return at === null ? [] : [at]
}

function durationTimes(state: TaskState, now: number): number[] {
  if (state.until === null) return []
  return isPastDuration(state, Math.max(state.until, now)) ? [state.until] : []
}
