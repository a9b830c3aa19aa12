/** A time zone's clock: how far it is from UTC, which moments show a wall time, and when it is changed. */
import { BoundedCache } from '../bounded-cache.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export interface ClockChange {
  /** The moment of the change, in ms since the epoch. */
  at: number
  /** How far the clock is put forward, in minutes; back: below 0. */
  minutes: number
}

/** What the zone's clock shows at a moment, written as if it were UTC. */
export function wallOf(timezone: string, at: number): number {
  return at + offset(timezone, at) * MINUTE
}

/**
 * The moments at which the clock shows a wall time: two where it was put back over it, none where it was put forward, and
 * then the moment at which that was.
 */
export function momentsOf(timezone: string, wall: number): { shown: number[]; gapEnd: number | null } {
  const offsets = [wall - DAY, wall + DAY].map(at => offset(timezone, at) * MINUTE)
  const shown = [...new Set(offsets.map(each => wall - each))].filter(at => wallOf(timezone, at) === wall)
  if (shown.length > 0) return { shown: shown.sort((a, b) => a - b), gapEnd: null }
  return { shown, gapEnd: changeWithin(timezone, wall - DAY, wall + DAY)?.at ?? null }
}

/** The clock change between two moments that are at most a few days apart, when there is one. */
export function changeWithin(timezone: string, from: number, to: number): ClockChange | null {
  const before = offset(timezone, from)
  if (before === offset(timezone, to)) return null
  let [low, high] = [from, to]
  // To the minute: no zone changes within one.
  while (high - low > MINUTE) {
    const middle = Math.floor((low + high) / 2 / MINUTE) * MINUTE
    if (middle <= low) break
    if (offset(timezone, middle) === before) low = middle
    else high = middle
  }
  const at = Math.floor(high / MINUTE) * MINUTE
  return { at, minutes: offset(timezone, at) - before }
}

/** Offsets by zone and minute, as a sweep asks for the same few again and again; formatting a date is dear. */
const offsets = new BoundedCache<number>(20_000)

/** The zone's distance from UTC at a moment, in minutes. */
export function offset(timezone: string, at: number): number {
  const minute = Math.floor(at / MINUTE)
  return offsets.get(`${timezone} ${minute}`, () => offsetAt(timezone, minute * MINUTE))
}

function offsetAt(timezone: string, at: number): number {
  const parts = formatOf(timezone).formatToParts(at)
  const part = (type: string) => Number(parts.find(one => one.type === type)?.value)
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return Math.round((wall - at) / MINUTE)
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
