/** Cron texts: five fields in a time zone, read once per isolate, and the moments that they name. */
import { Cron as Croner } from 'croner'
import { BoundedCache } from '../bounded-cache.ts'
import { shorten } from '../text/cut.ts'
import { plainCron, valuesOf } from './spelling.ts'
import { momentsOf, offset, wallOf } from './zone.ts'

/** A cron text in its zone. */
export interface Cron {
  timezone: string
  /** Its wall times, in a zone without clock changes: croner loses those whose hour is skipped at a day's end. */
  walls: Croner
  /** One time of day: where it does not exist it runs when the clock goes on, where it comes twice it runs once. */
  fixed: boolean
  /** Every hour, so that no clock change adds to it or takes from it. */
  everyHour: boolean
}

interface CronFault {
  /** Which setting is wrong. */
  path: 'cron' | 'timezone'
  message: string
  hint: string
}

export type CronReading = { ok: true; cron: Cron } | { ok: false; fault: CronFault }

const MAX_LENGTH = 200
const FIELDS = ['minute', 'hour', 'day of month', 'month', 'day of week']
const CHARACTERS = /^[\dA-Za-z*,/#-]+$/
const read = new BoundedCache<CronReading>(2000, 200_000)

/** Reads a cron text; what is wrong with it is told as its author would want to know it. */
export function readCron(cron: string, timezone: string): CronReading {
  if (cron.length > MAX_LENGTH || timezone.length > 64) return fault('cron', 'It is too long.', EXAMPLE)
  return read.get(JSON.stringify([cron, timezone]), () => readNew(cron, timezone))
}

const EXAMPLE = 'For instance 0 9 * * 1-5: at 9:00 on weekdays.'

function readNew(written: string, timezone: string): CronReading {
  const text = plainCron(written)
  if (!isTimezone(timezone)) {
    const hint = 'Use an IANA name, for instance Europe/Berlin or America/New_York.'
    return fault('timezone', `"${timezone}" is not a time zone.`, hint)
  }
  if (text.startsWith('@')) return fault('cron', `"${text}" is no schedule.`, NAMES)
  const fields = text.split(' ')
  if (fields.length > 5) {
    return fault('cron', `It has ${fields.length} fields; five are read: ${FIELDS.join(', ')}.`, NO_SECONDS)
  }
  if (text === '' || fields.length < 5) {
    const count = text === '' ? 0 : fields.length
    return fault('cron', `It has ${count} of five fields: ${FIELDS.join(', ')}.`, EXAMPLE)
  }
  const odd = fields.findIndex(field => !CHARACTERS.test(field))
  if (odd >= 0) return fault('cron', `The ${FIELDS[odd]} "${fields[odd]}" cannot be read.`, EXAMPLE)
  try {
    const walls = new Croner(text, { timezone: 'UTC', mode: '5-part', paused: true })
    // A day that no month has, such as 30 February.
    if (walls.nextRun(new Date(0)) === null) {
      return fault('cron', 'It never comes: no month has that day.', 'Check the day of month against the month.')
    }
    const [minutes, hours] = [valuesOf(fields[0]!, 0, 59), valuesOf(fields[1]!, 0, 23)]
    const fixed = minutes.length === 1 && hours.length === 1
    return { ok: true, cron: { timezone, walls, fixed, everyHour: hours.length === 24 } }
  } catch (error) {
    return fault('cron', plain(error), EXAMPLE)
  }
}

const NAMES = 'Use five fields, or one of @hourly, @daily, @weekly, @monthly and @yearly.'
const NO_SECONDS = 'Schedules run once a minute at most: leave out seconds and years.'

/** croner's own words without its class names. */
function plain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const message = shorten(text.replace(/^(CronPattern|CronDate|Cron): ?/, ''), 200)
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`
}

/** Whether it is the name of a time zone as IANA lists them. */
export function isTimezone(name: string): boolean {
  // Offsets such as +02:00 are taken by some engines; they know no clock changes, and the contract says IANA.
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function fault(path: CronFault['path'], message: string, hint: string): CronReading {
  return { ok: false, fault: { path, message, hint } }
}

/** Clock changes are at least this far apart, and none puts the clock back by more. */
const OVERLAP = 3 * 3_600_000

/** The next slots after a moment, in ms since the epoch; fewer where fewer will come. */
export function slotsAfter(cron: Cron, after: number, count: number): number[] {
  const slots: number[] = []
  for (let slot = slotAfter(cron, after); slot !== null && slots.length < count; slot = slotAfter(cron, slot)) {
    slots.push(slot)
  }
  return slots
}

/** The first slot after a moment. */
function slotAfter(cron: Cron, after: number): number | null {
  const { timezone } = cron
  const wall = wallOf(timezone, after)
  // Where the clock is about to be put back, times that it has shown already come once more.
  const again = Math.max(0, offset(timezone, after) - offset(timezone, after + OVERLAP)) * 60_000
  let first: number | null = null
  for (let next = wallAfter(cron, wall - again); next !== null; next = wallAfter(cron, next)) {
    const found = slotsAt(cron, next).find(slot => slot > after)
    if (found !== undefined) first = Math.min(first ?? found, found)
    if (first !== null && next > wall) return first
  }
  return first
}

function wallAfter({ walls }: Cron, wall: number): number | null {
  return walls.nextRun(new Date(wall))?.getTime() ?? null
}

/** The slots that one wall time stands for: none or one where it is skipped, one or two where it comes twice. */
function slotsAt({ timezone, fixed }: Cron, wall: number): number[] {
  const { shown, gapEnd } = momentsOf(timezone, wall)
  if (shown.length === 0) return fixed && gapEnd !== null ? [gapEnd] : []
  return fixed ? shown.slice(0, 1) : shown
}

/** The last answers for each cron: many schedules share one text, and a sweep asks the same of each. */
const known = new WeakMap<Cron, BoundedCache<{ slot: number | null }>>()
const MOST_KNOWN = 8

/** The next slot after a moment; null when none will come. */
export function nextSlot(cron: Cron, after: number): number | null {
  const answers = known.get(cron) ?? new BoundedCache(MOST_KNOWN)
  known.set(cron, answers)
  return answers.get(String(after), () => ({ slot: slotAfter(cron, after) })).slot
}

/** The last slots up to and including `until`, oldest first, at most `count`. */
export function slotsUntil(cron: Cron, until: number, count: number): number[] {
  const { timezone } = cron
  // Where the clock was put back just now, it has shown later times before.
  const before = Math.max(0, offset(timezone, until - OVERLAP) - offset(timezone, until)) * 60_000
  // croner looks before its reference; one ms later makes it inclusive.
  const from = new Date(wallOf(timezone, until) + before + 1)
  for (let take = count + 2; ; take *= 4) {
    const walls = cron.walls.previousRuns(take, from).map(date => date.getTime())
    const slots = [...new Set(walls.flatMap(wall => slotsAt(cron, wall)))].sort((a, b) => a - b)
    // A time before the oldest looked at may have come twice, and the second time after others; never after the oldest's last.
    const sure =
      walls.length < take
        ? Number.NEGATIVE_INFINITY
        : Math.max(...slotsAt(cron, walls.at(-1)!), Number.NEGATIVE_INFINITY)
    const found = slots.filter(slot => slot <= until && slot >= sure)
    if (walls.length < take || (found.length >= count && Number.isFinite(sure))) return found.slice(-count)
  }
}
