/** The limits of a team: what it may spend in a day and in a month, each provider's pace, and how many decisions may pile up. */
import { isTimezone } from './schedule/cron.ts'
import { momentsOf, wallOf } from './schedule/zone.ts'

/** How much one provider is asked. Absent: as much as it takes. */
export interface Pace {
  /** Calls at a time. */
  parallel?: number
  /** Calls that begin within a minute. */
  perMinute?: number
}

export interface TeamLimits {
  /** USD; null: no budget. */
  budget: { day: number | null; month: number | null }
  /** Provider's name → its pace. */
  providers: Record<string, Pace>
  /** Open decisions of one person from which on steps that lead to them wait; null: any number. */
  waiting: number | null
}

export const NO_LIMITS: TeamLimits = { budget: { day: null, month: null }, providers: {}, waiting: null }

/** Most USD that a budget may be. */
const MAX_BUDGET = 1_000_000
const MAX_PARALLEL = 10_000
const MAX_PER_MINUTE = 1_000_000
const MAX_WAITING = 10_000
const MAX_PROVIDERS = 50
const PROVIDER_NAME = /^[a-z][a-z0-9_-]{0,39}$/

/** What is wrong, and where as a dot path. */
export interface LimitsProblem {
  path: string
  message: string
}

/** Why these cannot be a team's limits; null: they can. */
export function limitsProblem({ budget, providers, waiting }: TeamLimits): LimitsProblem | null {
  for (const period of ['day', 'month'] as const) {
    const usd = budget[period]
    if (usd !== null && !(usd > 0 && usd <= MAX_BUDGET)) {
      return wrong(`budget.${period}`, 'Give an amount in USD above 0, 1,000,000 at most, or none for no budget.')
    }
  }
  if (budget.day !== null && budget.month !== null && budget.day > budget.month) {
    return wrong('budget.day', 'It is more than the budget of the whole month.')
  }
  const names = Object.keys(providers)
  if (names.length > MAX_PROVIDERS) return wrong('providers', `Name ${MAX_PROVIDERS} providers at most.`)
  for (const name of names) {
    const found = paceProblem(name, providers[name]!)
    if (found !== null) return found
  }
  return isWithin(waiting ?? undefined, MAX_WAITING)
    ? null
    : wrong('waiting', 'Give a whole number from 1 to 10,000, or none for no limit.')
}

function paceProblem(name: string, { parallel, perMinute }: Pace): LimitsProblem | null {
  const at = `providers.${name}`
  if (!PROVIDER_NAME.test(name)) {
    return wrong(at, 'A provider’s name begins with a letter; a–z, 0–9, - and _, 40 at most, such as openai.')
  }
  if (parallel === undefined && perMinute === undefined) {
    return wrong(at, 'Say how many calls at a time (parallel), how many a minute (perMinute), or leave it out.')
  }
  if (!isWithin(parallel, MAX_PARALLEL)) return wrong(`${at}.parallel`, 'Give a whole number from 1 to 10,000.')
  if (!isWithin(perMinute, MAX_PER_MINUTE)) return wrong(`${at}.perMinute`, 'Give a whole number from 1 to 1,000,000.')
  return null
}

function isWithin(n: number | undefined, most: number): boolean {
  return n === undefined || (Number.isInteger(n) && n >= 1 && n <= most)
}

/** Most USD that a task may be allowed. */
const MAX_TASK_BUDGET = 10_000
const MODEL_NAME = /^[^\s\p{C}](?:[^\p{C}]{0,198}[^\s\p{C}])?$/u

/** What is wrong with a team's time zone, the budget of its tasks (null: none) or its model (null: the server's); null: nothing. */
export function settingsProblem(
  timezone: string,
  taskBudget: number | null,
  model: string | null,
): LimitsProblem | null {
  if (!isTimezone(timezone)) {
    return wrong('timezone', 'Use an IANA name, for instance Europe/Berlin or America/New_York.')
  }
  if (taskBudget !== null && !(taskBudget > 0 && taskBudget <= MAX_TASK_BUDGET)) {
    return wrong('taskBudget', 'Give an amount in USD above 0, 10,000 at most, or none for no budget.')
  }
  if (model !== null && !isModelName(model)) return wrong('model', 'Give the model’s name as its provider writes it.')
  return null
}

/** Whether a model may be called so. */
export function isModelName(name: string): boolean {
  return MODEL_NAME.test(name)
}

function wrong(path: string, message: string): LimitsProblem {
  return { path, message }
}

/** What a budget is for. */
export type Period = 'day' | 'month'

/** A stretch of time by the team's clock. */
export interface Stretch {
  /** `2026-11-28` for a day, `2026-11` for a month. */
  name: string
  /** Its first moment, and the first one after it, in ms since the epoch. */
  from: number
  to: number
}

/** The day or month that the moment lies in, by the clock of the time zone. */
export function stretchOf(period: Period, timezone: string, at: number): Stretch {
  const wall = new Date(wallOf(timezone, at))
  const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()]
  const [first, next] =
    period === 'day'
      ? [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)]
      : [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)]
  const name = new Date(first).toISOString().slice(0, period === 'day' ? 10 : 7)
  return { name, from: midnight(timezone, first), to: midnight(timezone, next) }
}

/** When the clock shows this time first; where it is put forward over it, when it goes on. */
function midnight(timezone: string, wall: number): number {
  const { shown, gapEnd } = momentsOf(timezone, wall)
  return shown[0] ?? gapEnd ?? wall
}
