/** The form of a team's working hours as people fill it in, read and said back. */
import { type Remind, remindProblem } from '../../domain/schedule/remind.ts'
import { hoursProblem, WEEKDAYS, type WorkingHours } from '../../domain/schedule/working-hours.ts'
import type { TeamHours } from '../../records/people/working-hours.ts'

/** Field's name → what stands in it. */
export type Given = Record<string, string>

/** From Monday on, as people read a week. */
export const WEEK = [...WEEKDAYS.slice(1), WEEKDAYS[0]] as const

type Problem = { path: string; message: string }

/** What is wrong with what a team sets; null: nothing. */
export function teamHoursProblem({ timezone, hours, remind }: TeamHours): Problem | null {
  const wrong = hours === null ? null : hoursProblem({ timezone, ...hours })
  if (wrong !== null) return wrong
  const unfit = remind === null ? null : remindProblem(remind)
  return unfit && { path: `remind.${unfit.path}`, message: unfit.message }
}

/** Reads the form; a mistake is named with its field. Without any hours every hour counts. */
export function readHoursForm(form: URLSearchParams): TeamHours | Problem {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const hours: WorkingHours['hours'] = {}
  for (const day of WEEKDAYS) {
    const written = text(`hours.${day}`)
    if (written !== '') hours[day] = written
  }
  const holidays = [...new Set(listOf(text('holidays')))].sort()
  const before = listOf(text('remind.before'))
  const every = text('remind.every') || undefined
  const remind: Remind | null =
    before.length === 0 && every === undefined
      ? null
      : { ...(before.length > 0 && { before }), ...(every && { every }) }
  const set: TeamHours = {
    timezone: text('timezone') || 'UTC',
    hours: Object.keys(hours).length === 0 && holidays.length === 0 ? null : { hours, holidays },
    remind,
  }
  const wrong = teamHoursProblem(set)
  return wrong === null ? set : { path: fieldOf(wrong.path), message: wrong.message }
}

function fieldOf(path: string): string {
  if (path === 'hours') return 'hours.mon'
  return path.startsWith('remind.before') ? 'remind.before' : path
}

function listOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(one => one !== '')
}

/** How the form stands for these. */
export function givenOf({ timezone, hours, remind }: TeamHours): Given {
  return {
    timezone,
    ...Object.fromEntries(WEEK.map(day => [`hours.${day}`, hours?.hours[day] ?? ''])),
    holidays: (hours?.holidays ?? []).join('\n'),
    'remind.before': (remind?.before ?? []).join(', '),
    'remind.every': remind?.every ?? '',
  }
}
