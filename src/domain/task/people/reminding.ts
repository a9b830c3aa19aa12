/** Reminding those who have not decided: when, in working hours alone where a team has them, and each time once. */
import { lastOpening, opensAt, type WorkingHours } from '../../schedule/working-hours.ts'
import type { TaskChange } from '../task-change.ts'
import type { Reminders } from './ask.ts'
import type { AskedRun } from './asking.ts'

/** Those who are asked and have not decided about what they are shown now. */
function stillToDecide({ phase: { ask, votes } }: AskedRun): string[] {
  const voted = new Set(votes.filter(vote => vote.digest === ask.digest).map(vote => vote.voter))
  return ask.assignees.filter(email => !voted.has(email))
}

/** When somebody is to be reminded next, in ms since the epoch, which may be past; null: never, as things are. */
export function remindAt(run: AskedRun, now: number): number | null {
  const { remind, due } = run.phase.ask
  if (remind === undefined || stillToDecide(run).length === 0) return null
  const last = run.phase.reminded ?? remind.from
  const next = [...beforeDue(remind, due), nextOf(remind, last)].filter((at): at is number => at !== null && at > last)
  if (next.length === 0) return null
  const at = Math.min(...next)
  // What was missed waits for the team to be at work, too.
  return at > now || remind.hours === undefined ? at : Math.max(at, opensAt(remind.hours, now))
}

/** Reminds them, once for all that was missed. */
export function remind(change: TaskChange, run: AskedRun): void {
  const { now } = change.ctx
  const at = remindAt(run, now)
  if (at === null || at > now) return
  // What is told now is told of everything up to now.
  change.emit({ type: 'reminded', visit: change.state.visit.n, run: run.id, at: now, to: stillToDecide(run) })
}

/** So long before it is due; what would fall out of hours comes when they begin, or before they end if it were too late then. */
function beforeDue({ before, hours, from }: Reminders, due: number | null): number[] {
  if (due === null) return []
  return before.flatMap(ms => {
    const at = due - ms
    if (at <= from) return []
    const moved = hours === undefined ? at : withinHours(hours, at, due)
    return moved === null || moved <= from ? [] : [moved]
  })
}

function withinHours(hours: WorkingHours, at: number, due: number): number | null {
  const next = opensAt(hours, at)
  return next < due ? next : lastOpening(hours, at)
}

/** The next of the regular ones: so long after the last, whichever that was. */
function nextOf({ every, hours }: Reminders, last: number): number | null {
  if (every === undefined) return null
  return hours === undefined ? last + every : opensAt(hours, last + every)
}
