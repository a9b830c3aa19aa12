/** What `date` formats mean beyond what liquidjs knows: strftime's whole list, as Ruby's Liquid writes it. */

/** Directives that stand for others. */
const COMPOSITE: Record<string, string> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  v: '%e-%^b-%Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  '+': '%a %b %e %H:%M:%S %Z %Y',
}
/** The week's own year, its last two digits, and the week in it, of ISO 8601. */
const WEEKLY = ['G', 'g', 'V']
const DIRECTIVE = /%([-_0^#:]*)(\d{0,3})[EO]?([A-Za-z%+])/g
/** A day of a month, as ISO 8601 begins its times. */
const DAY = /^\s*([+-]?\d{4,6})-(\d\d)-(\d\d)/

/**
 * A format in the directives that liquidjs knows. `parts` writes a time by such a format; it is asked only for what
 * weeks are counted by. `inUtc` says that no time zone was asked for, so that `%Z` is its name.
 */
export function expandFormat(format: string, parts: (format: string) => string, inUtc: boolean): string {
  return format.replace(DIRECTIVE, (written, flags: string, width: string, letter: string) => {
    const composite = COMPOSITE[letter]
    if (composite !== undefined && Object.hasOwn(COMPOSITE, letter)) {
      const whole = expandFormat(composite, parts, inUtc)
      return flags === '' && width === '' ? whole : padded(cased(parts(whole), flags), flags, width, 0, ' ')
    }
    if (WEEKLY.includes(letter)) return weekly(letter, flags, width, parts)
    if (letter === 'Z' && inUtc) return padded(cased('UTC', flags), flags, width, 0, ' ')
    if (letter === 'Q') return parts('%s%L')
    if (letter === 'z' && flags === '::') return `${parts('%:z')}:00`
    return /[EO][A-Za-z]$/.test(written) && written.length > 2 ? `%${flags}${width}${letter}` : written
  })
}

/** Whether a text begins with a day that its month has not. JavaScript makes such a day one of the next month. */
export function isImpossibleDay(text: string): boolean {
  const [all, year, month, day] = DAY.exec(text) ?? []
  if (all === undefined) return false
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)))
  // A year with as many days in February.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)
}

function weekly(letter: string, flags: string, width: string, parts: (format: string) => string): string {
  const [year = 0, dayOfYear = 0, weekday = 0] = parts('%Y %j %u').split(' ').map(Number)
  const week = isoWeek(year, dayOfYear, weekday)
  if (letter === 'V') return padded(String(week.week), flags, width, 2, '0')
  if (letter === 'g') return padded(String(week.year % 100), flags, width, 2, '0')
  return padded(String(week.year), flags, width, 4, '0')
}

function isoWeek(year: number, dayOfYear: number, weekday: number): { year: number; week: number } {
  const week = Math.floor((dayOfYear - weekday + 10) / 7)
  if (week < 1) return { year: year - 1, week: weeksIn(year - 1) }
  return week > weeksIn(year) ? { year: year + 1, week: 1 } : { year, week }
}

/** A year has 53 weeks when its last day is a Thursday, or the year before it ended on a Wednesday. */
function weeksIn(year: number): number {
  const last = (each: number) => (each + Math.floor(each / 4) - Math.floor(each / 100) + Math.floor(each / 400)) % 7
  return last(year) === 4 || last(year - 1) === 3 ? 53 : 52
}

function cased(text: string, flags: string): string {
  return flags.includes('^') || flags.includes('#') ? text.toUpperCase() : text
}

function padded(text: string, flags: string, width: string, least: number, by: string): string {
  if (flags.includes('-')) return text
  const fill = flags.includes('0') ? '0' : flags.includes('_') ? ' ' : by
  return text.padStart(width === '' ? least : Number(width), fill)
}
