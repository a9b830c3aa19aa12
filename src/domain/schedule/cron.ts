/** Cron texts: five fields in a time zone, read once per isolate, and the moments that they name. */
import { Cron } from 'croner'
import { BoundedCache } from '../bounded-cache.ts'
import { shorten } from '../text/cut.ts'

export interface CronFault {
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
  return read.get(JSON.stringify([cron, timezone]), () => readNew(cron.trim().replace(/\s+/g, ' '), timezone))
}

const EXAMPLE = 'For instance 0 9 * * 1-5: at 9:00 on weekdays.'

function readNew(text: string, timezone: string): CronReading {
  if (!isTimezone(timezone)) {
    const hint = 'Use an IANA name, for instance Europe/Berlin or America/New_York.'
    return fault('timezone', `"${timezone}" is not a time zone.`, hint)
  }
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
    const cron = new Cron(text, { timezone, mode: '5-part', paused: true })
    // A day that no month has, such as 30 February.
    if (cron.nextRun(new Date(0)) === null) {
      return fault('cron', 'It never comes: no month has that day.', 'Check the day of month against the month.')
    }
    return { ok: true, cron }
  } catch (error) {
    return fault('cron', plain(error), EXAMPLE)
  }
}

const NO_SECONDS = 'Schedules run once a minute at most: leave out seconds and years.'

/** croner's own words without its class names. */
function plain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const message = shorten(text.replace(/^(CronPattern|CronDate|Cron): ?/, ''), 200)
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`
}

function isTimezone(name: string): boolean {
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

/** The next slots after a moment, in ms since the epoch; fewer where fewer will come. */
export function slotsAfter(cron: Cron, after: number, count: number): number[] {
  return cron.nextRuns(count, new Date(after)).map(date => date.getTime())
}

/** The last answers for each cron: many schedules share one text, and a sweep asks the same of each. */
const known = new WeakMap<Cron, Map<number, number | null>>()
const MOST_KNOWN = 8

/** The next slot after a moment; null when none will come. */
export function nextSlot(cron: Cron, after: number): number | null {
  const answers = known.get(cron) ?? new Map<number, number | null>()
  known.set(cron, answers)
  const before = answers.get(after)
  if (before !== undefined) return before
  const next = cron.nextRun(new Date(after))?.getTime() ?? null
  if (answers.size >= MOST_KNOWN) answers.delete(answers.keys().next().value!)
  answers.set(after, next)
  return next
}

/** The last slots up to and including `until`, oldest first, at most `count`. */
export function slotsUntil(cron: Cron, until: number, count: number): number[] {
  // croner looks before its reference; one ms later makes it inclusive.
  const runs = cron.previousRuns(count, new Date(until + 1))
  return runs.map(date => date.getTime()).sort((a, b) => a - b)
}

export { Cron }
