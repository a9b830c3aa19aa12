/** Points and spans of time. The server writes them in UTC; public/js/time.js keeps them current, in the reader's zone. */
import { isoText } from '../../../domain/text/date-text.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface TimeProps {
  /** In ms since the epoch, or ISO. */
  at: number | string
  now?: number
  /** Whether the keyboard can reach it, to read the absolute time; off inside links and cards. */
  focusable?: boolean
}

/** "3 min ago", absolute on hover and on focus. */
export const Time = ({ at, now = Date.now(), focusable = true }: TimeProps) => {
  const ms = typeof at === 'number' ? at : Date.parse(at)
  const iso = isoText(ms)
  if (iso === null) return <span class="time">?</span>
  return (
    <time class="time" datetime={iso} title={absolute(ms)} data-time="relative" tabindex={focusable ? 0 : undefined}>
      {relative(ms, now)}
    </time>
  )
}

/** The time since then as it goes on: "0:42", "3:07:15". */
export const Elapsed = ({ since, now = Date.now() }: { since: number | string; now?: number }) => {
  const ms = typeof since === 'number' ? since : Date.parse(since)
  return (
    <time class="time" datetime={new Date(ms).toISOString()} data-time="elapsed">
      {clock(now - ms)}
    </time>
  )
}

/** How long it still is until then, as it passes: "0:42". */
export const Left = ({ until, now = Date.now() }: { until: number; now?: number }) => (
  <time class="time" datetime={new Date(until).toISOString()} data-time="left">
    {clock(until - now)}
  </time>
)

/** How long something took, or takes. */
export const Duration = ({ ms }: { ms: number | null }) => (
  <span class="duration">{ms === null ? '–' : duration(ms)}</span>
)

/** "just now", "3 min ago", "in 2 h", "5 d ago", then the date. */
function relative(at: number, now: number): string {
  const span = Math.abs(now - at)
  if (span < 45_000) return at > now ? 'in a moment' : 'just now'
  if (span > 30 * DAY) return new Date(at).toISOString().slice(0, 10)
  return at > now ? `in ${amount(span)}` : `${amount(span)} ago`
}

function amount(span: number): string {
  if (span < HOUR - MINUTE / 2) return `${Math.round(span / MINUTE)} min`
  if (span < DAY - HOUR / 2) return `${Math.round(span / HOUR)} h`
  return `${Math.round(span / DAY)} d`
}

/** "21 Nov 2026, 14:02 UTC". */
export function absolute(at: number): string {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }
  return `${new Intl.DateTimeFormat('en-GB', options).format(at)} UTC`
}

/** "0:42", "12:03", "3:07:15". */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** "840 ms", "31 s", "4 min 5 s", "2 h 10 min", "3 d 4 h". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < MINUTE) return `${Math.round(ms / 1000)} s`
  if (ms < HOUR) return twoParts(ms, MINUTE, 'min', 1000, 's')
  if (ms < DAY) return twoParts(ms, HOUR, 'h', MINUTE, 'min')
  return twoParts(ms, DAY, 'd', HOUR, 'h')
}

function twoParts(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small)
  const whole = `${Math.floor(ms / big)} ${bigName}`
  return rest > 0 ? `${whole} ${rest} ${smallName}` : whole
}
