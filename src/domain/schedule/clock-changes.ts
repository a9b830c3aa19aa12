/** What clock changes do to a schedule: which of its times are skipped, moved or come twice. */
import { Cron, slotsAfter } from './cron.ts'

export interface ClockChange {
  /** The moment of the change, in ms since the epoch. */
  at: number
  /** How far the clock is put forward, in minutes; back: below 0. */
  minutes: number
}

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
export function clockNotes(cron: Cron, pattern: string, timezone: string, from: number): string[] {
  // Whoever counts in minutes or hours loses and gains nothing: the time between two slots stays the same.
  if (/^(\*|\*\/\d+|0-23(\/\d+)?)$/.test(pattern.trim().split(/\s+/)[1] ?? '*')) return []
  return clockChanges(timezone, from).flatMap(change => {
    const note = change.minutes > 0 ? gapNote(cron, pattern, timezone, change) : overlapNote(cron, timezone, change)
    return note === null ? [] : [note]
  })
}

/** The clock is put forward: times within the gap do not exist that day. */
function gapNote(cron: Cron, pattern: string, timezone: string, { at, minutes }: ClockChange): string | null {
  const lost = wallTimesIn(pattern, at + offset(timezone, at - 1) * 60_000, minutes)
  if (lost.length === 0) return null
  // croner moves a single fixed time to the end of the gap and leaves others out.
  const moved = slotsAfter(cron, at - 1, 1)[0] === at && !wallTimesIn(pattern, at + offset(timezone, at) * 60_000, 1)[0]
  const times = listed(lost.map(clock))
  const day = dayOf(timezone, at)
  const does = lost.length === 1 ? 'does' : 'do'
  return moved
    ? `On ${day} clocks go forward: ${times} ${does} not exist and runs at ${clock(at + offset(timezone, at) * 60_000)} instead.`
    : `On ${day} clocks go forward: ${times} ${does} not exist and ${lost.length === 1 ? 'is' : 'are'} skipped.`
}

/** The clock is put back: times within the overlap come twice. */
function overlapNote(cron: Cron, timezone: string, { at, minutes }: ClockChange): string | null {
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

/** The wall times of a pattern within so many minutes from a wall time on, read as if it were UTC, which has no changes. */
function wallTimesIn(pattern: string, wall: number, minutes: number): number[] {
  const plain = new Cron(pattern.trim(), { timezone: 'UTC', mode: '5-part', paused: true })
  return slotsAfter(plain, wall - 1, MAX_SLOTS).filter(time => time < wall + minutes * 60_000)
}

function changeWithin(timezone: string, from: number, to: number): ClockChange | null {
  const before = offset(timezone, from)
  if (before === offset(timezone, to)) return null
  let [low, high] = [from, to]
  // To the minute: no zone changes within one.
  while (high - low > 60_000) {
    const middle = Math.floor((low + high) / 2 / 60_000) * 60_000
    if (middle <= low) break
    if (offset(timezone, middle) === before) low = middle
    else high = middle
  }
  const at = Math.floor(high / 60_000) * 60_000
  return { at, minutes: offset(timezone, at) - before }
}

/** The zone's distance from UTC at a moment, in minutes. */
export function offset(timezone: string, at: number): number {
  const parts = formatOf(timezone).formatToParts(at)
  const part = (type: string) => Number(parts.find(one => one.type === type)?.value)
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return Math.round((wall - Math.floor(at / 1000) * 1000) / 60_000)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known) return known
  const two = '2-digit'
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
  })
  if (formats.size < 500) formats.set(timezone, made)
  return made
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
