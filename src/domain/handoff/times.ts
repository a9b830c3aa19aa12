/** CEL's times where cel-js is lax or lacks something: no day that there is not, and times as numbers and texts. */
import type { Environment } from '@marcbachmann/cel-js'

/** As cel-js has it; its parts may differ in sign. */
interface Duration {
  seconds: bigint
  nanos: number
}

const TIMESTAMP = 'google.protobuf.Timestamp'
const DURATION = 'google.protobuf.Duration'
const WRITTEN = /^\d{4}-\d\d-(\d\d)[Tt](\d\d):\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/
/** Of the years 1 and 9999, between which CEL's times lie. */
const FIRST = -62_135_596_800_000
const LAST = 253_402_300_799_999
const NANOS = 1_000_000_000n

/**
 * `int()` and `string()` of times: seconds, since 1970 or of the duration, and what `timestamp()` and `duration()` read. What
 * is a time already may be given to these, too.
 */
export function registerTimes(environment: Environment): void {
  environment.registerFunction(`timestamp(${TIMESTAMP}): ${TIMESTAMP}`, (time: Date) => time)
  environment.registerFunction(`duration(${DURATION}): ${DURATION}`, (duration: Duration) => duration)
  environment.registerFunction(`int(${TIMESTAMP}): int`, (time: Date) => BigInt(Math.floor(time.getTime() / 1000)))
  environment.registerFunction(`int(${DURATION}): int`, (duration: Duration) => nanosOf(duration) / NANOS)
  environment.registerFunction(`string(${TIMESTAMP}): string`, (time: Date) => timeText(time))
  environment.registerFunction(`string(${DURATION}): string`, (duration: Duration) => durationText(duration))
}

/** Throws when the text given to `timestamp()` names no time; JavaScript would make 31 February one of March. */
export function requireTime(text: string): void {
  const [all, day, hour] = WRITTEN.exec(text) ?? []
  if (all === undefined) {
    throw new Error(`timestamp() reads "2024-03-09T05:06:07Z" and the like, not ${JSON.stringify(text.slice(0, 40))}`)
  }
  // The day as such, without its time zone.
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  if (date.getUTCDate() !== Number(day) || Number(hour) > 23) throw new Error(`there is no time ${text}`)
}

/** A time that was reckoned. Throws when it lies outside the years that CEL has. */
export function requireInRange(time: Date): void {
  const at = time.getTime()
  if (!(at >= FIRST && at <= LAST)) throw new Error('the time is before the year 1 or after 9999')
}

function timeText(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, 'Z')
}

function durationText(duration: Duration): string {
  const nanos = nanosOf(duration)
  const size = nanos < 0n ? -nanos : nanos
  const fraction = String(size % NANOS)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${size / NANOS}${fraction === '' ? '' : `.${fraction}`}s`
}

function nanosOf({ seconds, nanos }: Duration): bigint {
  return seconds * NANOS + BigInt(nanos)
}
