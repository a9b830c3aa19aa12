/** A moment that a person or a service wrote down: an ISO time or a date, told by a zone's clock where it names no offset. */
import { momentsOf } from './zone.ts'

/** A date; a time of day to the minute or finer; how far it is from UTC. */
const WRITTEN =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/

/**
 * The moment in ms since the epoch; null: the text is no ISO time and no date. A date is its first moment there. A time that
 * clocks skip is the moment at which they were put forward; of one that comes twice it is the first.
 */
export function momentOf(text: string, timezone: string): number | null {
  const match = WRITTEN.exec(text.trim())
  if (match === null) return null
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = match
  const wall = wallAt([year, month, day, hour, minute, second].map(Number), Number(fraction.padEnd(3, '0').slice(0, 3)))
  if (wall === null) return null
  if (offset !== undefined) {
    const ahead = offsetMs(offset)
    return ahead === null ? null : wall - ahead
  }
  const { shown, gapEnd } = momentsOf(timezone, wall)
  return shown[0] ?? gapEnd
}

/** The wall time as if it were UTC; null: no calendar or clock shows it. */
function wallAt([year, month, day, hour, minute, second]: number[], ms: number): number | null {
  const date = new Date(0)
  date.setUTCFullYear(year!, month! - 1, day)
  date.setUTCHours(hour!, minute, second, ms)
  const isThere =
    date.getUTCMonth() === month! - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second
  return isThere ? date.getTime() : null
}

/** `Z`, `+02`, `+0200` and `+02:00`, in ms ahead of UTC; null: no zone is that far away. */
function offsetMs(text: string): number | null {
  if (text === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return null
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
