/** When a team works: its hours on each weekday by its own clock, its holidays, and what time adds up to when only those count. */
import { isTimezone } from './cron.ts'
import { momentsOf, wallOf } from './zone.ts'

/** From Sunday on, as a clock's date counts them. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
type Weekday = (typeof WEEKDAYS)[number]

export interface WorkingHours {
  /** IANA name of the clock. */
  timezone: string
  /** `09:00-17:00`, several with commas between; a day that is left out is free. */
  hours: Partial<Record<Weekday, string>>
  /** Dates such as `2026-12-25`, on which nobody works. */
  holidays: string[]
}

const WORKDAY = '09:00-17:00'
/** What counts where a team has set nothing. */
export const USUAL_HOURS: WorkingHours = {
  timezone: 'UTC',
  hours: { mon: WORKDAY, tue: WORKDAY, wed: WORKDAY, thu: WORKDAY, fri: WORKDAY },
  holidays: [],
}

const MINUTE = 60_000
const DAY_MINUTES = 24 * 60
const DAY = DAY_MINUTES * MINUTE
const MAX_SPANS = 6
const MAX_HOLIDAYS = 400
/** No working time is looked for further away: a team with this many free days in a row has none. */
const FAR = 3 * 366

/** A stretch of the day in which the team works, in minutes from midnight. */
interface Span {
  from: number
  to: number
}

/** The stretches that a text such as `09:00-12:30, 13:30-17:00` names, in their order; null: it is none. */
export function spansOf(text: string): Span[] | null {
  const spans: Span[] = []
  for (const part of text.split(',')) {
    const match = /^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/.exec(part.trim())
    if (match === null) return null
    const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [number, number, number, number]
    const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute]
    if (fromMinute > 59 || toMinute > 59 || from >= to || to > DAY_MINUTES) return null
    if (from < (spans.at(-1)?.to ?? 0)) return null
    spans.push({ from, to })
  }
  return spans.length > MAX_SPANS ? null : spans
}

/** What is wrong with a team's working hours, and where as a dot path; null: nothing. */
export function hoursProblem({ timezone, hours, holidays }: WorkingHours): { path: string; message: string } | null {
  if (!isTimezone(timezone)) {
    return { path: 'timezone', message: 'Use an IANA name, for instance Europe/Berlin or America/New_York.' }
  }
  for (const day of WEEKDAYS) {
    const text = hours[day]
    if (text !== undefined && spansOf(text) === null) {
      const message =
        'Write the hours like 09:00-17:00, or 09:00-12:00, 13:00-17:00 with a break. Leave a free day empty.'
      return { path: `hours.${day}`, message }
    }
  }
  if (WEEKDAYS.every(day => hours[day] === undefined)) {
    return { path: 'hours', message: 'Give at least one day working hours: otherwise nothing would ever be due.' }
  }
  const wrong = holidays.find(date => !isDate(date))
  if (wrong !== undefined) {
    return { path: 'holidays', message: `“${wrong}” is not a date. Write each like 2026-12-25.` }
  }
  return holidays.length > MAX_HOLIDAYS
    ? { path: 'holidays', message: `Name ${MAX_HOLIDAYS} holidays at most; past ones can go.` }
    : null
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** The stretches of one day as moments. `midnight`: the day's first minute, written as if it were UTC. */
function stretchesOf({ timezone, hours, holidays }: WorkingHours, midnight: number): Span[] {
  const date = new Date(midnight)
  const text = hours[WEEKDAYS[date.getUTCDay()]!]
  if (text === undefined || holidays.includes(date.toISOString().slice(0, 10))) return []
  const stretches = (spansOf(text) ?? []).map(({ from, to }) => ({
    from: momentOf(timezone, midnight + from * MINUTE, 'first'),
    to: momentOf(timezone, midnight + to * MINUTE, 'last'),
  }))
  return stretches.filter(({ from, to }) => from < to)
}

/** The moment of a wall time: one that clocks skip is when they were put forward; of one that comes twice, work begins with the first and ends with the last. */
function momentOf(timezone: string, wall: number, which: 'first' | 'last'): number {
  const { shown, gapEnd } = momentsOf(timezone, wall)
  return (which === 'first' ? shown[0] : shown.at(-1)) ?? gapEnd ?? wall
}

function midnightOf({ timezone }: WorkingHours, at: number): number {
  return Math.floor(wallOf(timezone, at) / DAY) * DAY
}

/** The stretches that end after a moment, one after another, as far as `FAR`. */
function* stretchesFrom(hours: WorkingHours, at: number): Generator<Span> {
  const first = midnightOf(hours, at)
  for (let day = 0; day < FAR; day++) {
    for (const stretch of stretchesOf(hours, first + day * DAY)) if (stretch.to > at) yield stretch
  }
}

/** The first moment at or after this one at which the team works; where it never does, the moment itself. */
export function opensAt(hours: WorkingHours, at: number): number {
  const [next] = stretchesFrom(hours, at)
  return next === undefined ? at : Math.max(next.from, at)
}

/** When the team last began to work at or before this moment; null: not within a month. */
export function lastOpening(hours: WorkingHours, at: number): number | null {
  const first = midnightOf(hours, at)
  for (let day = 0; day < 31; day++) {
    const begun = stretchesOf(hours, first - day * DAY).filter(({ from }) => from <= at)
    if (begun.length > 0) return begun.at(-1)!.from
  }
  return null
}

/** When so many ms of working time have passed since this moment. */
export function afterWorkingTime(hours: WorkingHours, from: number, ms: number): number {
  let left = ms
  for (const stretch of stretchesFrom(hours, from)) {
    const begins = Math.max(stretch.from, from)
    if (left <= stretch.to - begins) return begins + left
    left -= stretch.to - begins
  }
  return from + ms
}

/**
 * The same time of day, so many working days on: what is asked on Friday at three is due after two of them on Tuesday at three.
 * What is asked out of hours counts from the next opening; a day that is over by then ends it at its end.
 */
function afterWorkingDays(hours: WorkingHours, from: number, days: number): number {
  const start = opensAt(hours, from)
  const wall = wallOf(hours.timezone, start)
  const first = Math.floor(wall / DAY) * DAY
  let left = days
  for (let day = 1; day < FAR; day++) {
    const stretches = stretchesOf(hours, first + day * DAY)
    if (stretches.length === 0 || --left > 0) continue
    const at = momentOf(hours.timezone, wall + day * DAY, 'first')
    const within = stretches.find(({ to }) => at <= to)
    return within === undefined ? stretches.at(-1)!.to : Math.max(at, within.from)
  }
  return from + days * DAY
}

/** How much working time is left: `2 working days`, `8 working hours`. */
export interface WorkingTime {
  count: number
  unit: 'days' | 'hours'
}

/** What `2 working days` or `1 working hour` says; null: it says neither. */
export function workingTimeOf(text: string): WorkingTime | null {
  const match = /^([1-9]\d{0,3}) working (day|hour)s?$/.exec(text.trim())
  return match === null ? null : { count: Number(match[1]), unit: match[2] === 'day' ? 'days' : 'hours' }
}

/** When that much working time has passed since this moment. */
export function afterWorking(hours: WorkingHours, from: number, { count, unit }: WorkingTime): number {
  return unit === 'days' ? afterWorkingDays(hours, from, count) : afterWorkingTime(hours, from, count * 60 * MINUTE)
}
