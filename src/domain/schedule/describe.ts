/** A cron text as a sentence, for the patterns that people use; others are shown as they are written. */
import { plainCron } from './spelling.ts'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** "At 09:00 on Monday to Friday, Berlin time"; the cron text itself where no sentence would be true and short. */
export function describe(cron: string, timezone: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = plainCron(cron).split(' ')
  const time = timeOf(minute, hour)
  const date = dateOf(day, weekday)
  const season = month === '*' ? '' : inMonths(month)
  const zone = timezone === 'UTC' ? 'UTC' : `${timezone.split('/').at(-1)!.replaceAll('_', ' ')} time`
  if (time === null || date === null || season === null) return `Cron ${cron.trim()}, ${zone}`
  const whole = `${time}${date}${season}`
  // A time alone leaves open whether it is today's.
  return `${date === '' ? whole.replace(/^At /, 'Every day at ') : whole}, ${zone}`
}

function timeOf(minute: string, hour: string): string | null {
  const everyMinutes = /^\*\/(\d+)$/.exec(minute)?.[1]
  if (minute === '*') return hour === '*' ? 'Every minute' : within('Every minute', hour)
  if (everyMinutes) {
    // `*/7` begins anew each hour: only divisors of an hour are a rhythm.
    if (60 % Number(everyMinutes) !== 0) return null
    const every = everyMinutes === '1' ? 'Every minute' : `Every ${everyMinutes} minutes`
    return hour === '*' ? every : within(every, hour)
  }
  const minutes = numbers(minute, 0, 59)
  if (minutes === null) return null
  if (hour === '*') return `Every hour at ${and(minutes.map(one => `:${two(one)}`))}`
  const everyHours = /^\*\/(\d+)$/.exec(hour)?.[1]
  if (everyHours) {
    if (24 % Number(everyHours) !== 0 || minutes.length > 1) return null
    return `Every ${everyHours === '1' ? 'hour' : `${everyHours} hours`} at :${two(minutes[0]!)}`
  }
  const range = /^(\d+)-(\d+)$/.exec(hour)
  if (range && minutes.length === 1 && Number(range[2]) - Number(range[1]) > 3) {
    return `Every hour at :${two(minutes[0]!)} from ${two(Number(range[1]))}:00 to ${two(Number(range[2]))}:59`
  }
  const hours = numbers(hour, 0, 23)
  if (hours === null || hours.length * minutes.length > 6) return null
  return `At ${and(hours.flatMap(h => minutes.map(m => `${two(h)}:${two(m)}`)))}`
}

function within(every: string, hour: string): string | null {
  const one = /^(\d+)$/.exec(hour)
  const range = /^(\d+)-(\d+)$/.exec(hour)
  if (one) return `${every} from ${two(Number(hour))}:00 to ${two(Number(hour))}:59`
  return range ? `${every} from ${two(Number(range[1]))}:00 to ${two(Number(range[2]))}:59` : null
}

function dateOf(day: string, weekday: string): string | null {
  const onDays = day === '*' ? '' : dayOfMonth(day)
  const onWeekdays = weekday === '*' ? '' : dayOfWeek(weekday)
  if (onDays === null || onWeekdays === null) return null
  if (onDays === '' && onWeekdays === '') return ''
  // Cron's old rule: where both are given, either is enough.
  return onDays !== '' && onWeekdays !== '' ? `${onDays} and ${onWeekdays.trimStart()}` : `${onDays}${onWeekdays}`
}

function dayOfMonth(day: string): string | null {
  if (day.toUpperCase() === 'L') return ' on the last day of the month'
  const days = numbers(day, 1, 31)
  return days === null || days.length > 6 ? null : ` on the ${and(days.map(ordinal))} of the month`
}

function dayOfWeek(weekday: string): string | null {
  const text = weekday.toUpperCase().replace(/SUN|MON|TUE|WED|THU|FRI|SAT/g, name => String(indexOfDay(name)))
  const nth = /^([0-7])#([1-5])$/.exec(text)
  if (nth) return ` on the ${ordinal(Number(nth[2]))} ${DAYS[Number(nth[1]) % 7]} of the month`
  const range = /^([0-7])-([0-7])$/.exec(text)
  if (range) return ` on ${DAYS[Number(range[1]) % 7]} to ${DAYS[Number(range[2]) % 7]}`
  const days = numbers(text, 0, 7)
  return days === null ? null : ` on ${and([...new Set(days.map(one => DAYS[one % 7]!))])}`
}

function indexOfDay(name: string): number {
  return DAYS.findIndex(day => day.toUpperCase().startsWith(name))
}

function inMonths(month: string): string | null {
  const text = month
    .toUpperCase()
    .replace(/[A-Z]{3}/g, name => String(MONTHS.findIndex(one => one.toUpperCase().startsWith(name)) + 1))
  const range = /^(\d+)-(\d+)$/.exec(text)
  if (range) return ` in ${MONTHS[Number(range[1]) - 1]} to ${MONTHS[Number(range[2]) - 1]}`
  const months = numbers(text, 1, 12)
  return months === null ? null : ` in ${and(months.map(one => MONTHS[one - 1]!))}`
}

/** A comma list of numbers and short ranges; null where it is anything else. */
function numbers(field: string, low: number, high: number): number[] | null {
  const found: number[] = []
  for (const part of field.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (!match) return null
    const from = Number(match[1])
    const to = Number(match[2] ?? match[1])
    if (from < low || to > high || to < from || to - from > 12) return null
    for (let one = from; one <= to; one++) found.push(one)
  }
  return [...new Set(found)].sort((a, b) => a - b)
}

function ordinal(n: number): string {
  const tens = n % 100
  const suffix = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
  return `${n}${suffix}`
}

function and(parts: string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts[0]!
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
