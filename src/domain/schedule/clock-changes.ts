/** What clock changes do to a schedule: which of its times are skipped, moved or come twice. */
import { type Cron, slotsAfter } from './cron.ts'
import { type ClockChange, changeWithin, offset } from './zone.ts'

const HOUR = 3_600_000
const MAX_SLOTS = 60

/** The clock changes of a zone from `from` on, within `days`. */
export function clockChanges(timezone: string, from: number, days = 366): ClockChange[] {
  const changes: ClockChange[] = []
  const end = from + days * 24 * HOUR
  for (let at = from; at < end; at += 24 * HOUR) {
    const change = changeWithin(timezone, at, Math.min(at + 24 * HOUR, end))
    if (change) changes.push(change)
  }
  return changes
}

/** Sentences on what the next year's clock changes do to this schedule; none for hourly and shorter rhythms. */
export function clockNotes(cron: Cron, from: number): string[] {
  // Whoever counts in minutes or hours loses and gains nothing: the time between two slots stays the same.
  if (cron.everyHour) return []
  return clockChanges(cron.timezone, from).flatMap(change => {
    const note = change.minutes > 0 ? gapNote(cron, change) : overlapNote(cron, change)
    return note === null ? [] : [note]
  })
}

/** The clock is put forward: times within the gap do not exist that day. */
function gapNote(cron: Cron, { at, minutes }: ClockChange): string | null {
  const { timezone } = cron
  const lost = wallTimesIn(cron, at + offset(timezone, at - 1) * 60_000, minutes)
  if (lost.length === 0) return null
  const times = listed(lost.map(clock))
  const day = dayOf(timezone, at - 1)
  const does = lost.length === 1 ? 'does' : 'do'
  return cron.fixed
    ? `On ${day} clocks go forward: ${times} ${does} not exist and runs at ${clock(at + offset(timezone, at) * 60_000)} instead.`
    : `On ${day} clocks go forward: ${times} ${does} not exist and ${lost.length === 1 ? 'is' : 'are'} skipped.`
}

/** The clock is put back: times within the overlap come twice. */
function overlapNote(cron: Cron, { at, minutes }: ClockChange): string | null {
  const { timezone } = cron
  const span = -minutes * 60_000
  const slots = slotsAfter(cron, at - span - 1, MAX_SLOTS).filter(slot => slot < at + span)
  if (slots.length === 0) return null
  const early = slots.filter(slot => slot < at).map(slot => clock(slot + offset(timezone, slot) * 60_000))
  const late = slots.filter(slot => slot >= at).map(slot => clock(slot + offset(timezone, slot) * 60_000))
  const twice = early.filter(time => late.includes(time))
  const day = dayOf(timezone, at)
  const times = twice.length > 0 ? twice : [...early, ...late]
  const [come, run] = times.length === 1 ? ['comes', 'runs'] : ['come', 'run']
  return `On ${day} clocks go back: ${listed(times)} ${come} twice and ${run} ${twice.length > 0 ? 'twice' : 'once'}.`
}

/** The schedule's wall times within so many minutes from a wall time on. */
function wallTimesIn(cron: Cron, wall: number, minutes: number): number[] {
  const times = cron.walls.nextRuns(MAX_SLOTS, new Date(wall - 1)).map(date => date.getTime())
  return times.filter(time => time < wall + minutes * 60_000)
}

function dayOf(timezone: string, at: number): string {
  const options = { timeZone: timezone, day: 'numeric', month: 'long', year: 'numeric' } as const
  return new Intl.DateTimeFormat('en-GB', options).format(at)
}

/** "02:30" of a wall time written as if it were UTC. */
function clock(wall: number): string {
  return new Date(wall).toISOString().slice(11, 16)
}

function listed(times: string[]): string {
  const some = times.length > 4 ? [...times.slice(0, 3), `${times.length - 3} more`] : times
  return some.length > 1 ? `${some.slice(0, -1).join(', ')} and ${some.at(-1)}` : (some[0] ?? '')
}
