/** What a task's state calls for: derived, never stored, so that recovery is the normal path run again. */
import { type Definition, type Step, stepOf } from '../workflow/definition.ts'
import { isPastDuration } from './limits.ts'
import { overdueAt } from './people/asking.ts'
import { remindAt } from './people/reminding.ts'
import { filesToRead, READ_WITHIN_MS } from './reading.ts'
import { type BetweenTasks, betweenTasks } from './run/family.ts'
import { isOver, mayGoOn, type Run, type TaskState } from './state.ts'

/** Work that the shell does: send a run to its lane, look up people, working hours and what was earned, have a file read. */
export type DueWork =
  | { kind: 'send'; visit: number; run: number; attempt: number }
  | { kind: 'resolve'; visit: number; run: number; roles: string[]; hours?: true; sample?: true }
  | { kind: 'read'; file: string }

const SECOND = 1000
const HOUR = 3600 * SECOND
/** When an unclaimed run is sent, counted from when it became due; after the last, hourly. */
const SEND_SLOTS_MS = [0, 10 * SECOND, 40 * SECOND, 180 * SECOND, 660 * SECOND] as const
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
  const { visit } = state
  const unread = filesToRead(state).filter(({ since }) => slotFrom(since, from) <= now)
  const reading = unread.map(({ id }): DueWork => ({ kind: 'read', file: id }))
  const runs = visit.runs.flatMap((run): DueWork[] => {
    if (!mayGoOn(state, run) || slotFrom(run.dueAt, from) > now) return []
    if (run.phase.name === 'due') return [{ kind: 'send', visit: visit.n, run: run.id, attempt: run.attempt }]
    if (run.phase.name !== 'asking') return []
    const { name: _asking, ...needed } = run.phase
    return [{ kind: 'resolve', visit: visit.n, run: run.id, ...needed }]
  })
  return [...reading, ...runs]
}

/** What is to be told to other tasks in [from, now], as `due` says of runs; a task that is over may still have to. */
export function dueBetween(state: TaskState, from: number, now: number): BetweenTasks[] {
  return betweenTasks(state)
    .filter(({ since }) => slotFrom(since, from) <= now)
    .map(({ work }) => work)
}

/** When the task must be woken next, in ms since the epoch, later than `now`; null: only from outside. */
export function nextAlarm(state: TaskState, definition: Definition, now: number): number | null {
  const between = betweenTasks(state).map(({ since }) => slotFrom(since, now + 1))
  if (isOver(state.status)) return between.length === 0 ? null : Math.min(...between)
  const step = stepOf(definition, state.visit.step)
  const runTimes = state.visit.runs.filter(run => mayGoOn(state, run)).map(run => runTime(run, step, now))
  const reading = filesToRead(state).map(({ since }) => Math.min(slotFrom(since, now + 1), since + READ_WITHIN_MS))
  const times = [...runTimes.filter(time => time !== null), ...durationTimes(state, now), ...between, ...reading]
  return times.length === 0 ? null : Math.max(Math.min(...times), now + 1)
}

/** When something is to be done about this run; null: not before somebody acts. */
function runTime(run: Run, step: Step | undefined, now: number): number | null {
  const { phase } = run
  switch (phase.name) {
    case 'due':
    case 'asking':
      return slotFrom(run.dueAt, now + 1)
    case 'claimed':
    case 'held':
    case 'awaiting':
      return phase.until
    case 'undoable':
      return phase.decision.until
    case 'asked':
      return step === undefined ? null : earliest(overdueAt(step, { ...run, phase }), remindAt({ ...run, phase }, now))
    case 'queued':
    case 'completed':
    case 'failed':
    case 'fenced':
      return null
  }
}

function earliest(...times: (number | null)[]): number | null {
  const set = times.filter(time => time !== null)
  return set.length === 0 ? null : Math.min(...set)
}

function durationTimes(state: TaskState, now: number): number[] {
  if (state.until === null) return []
  return isPastDuration(state, Math.max(state.until, now)) ? [state.until] : []
}
