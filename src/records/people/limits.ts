/** What a team sets of money and pace, in D1. */
import { TASK_BUDGET } from '../../domain/money.ts'
import type { Actor } from '../../domain/task/events.ts'
import { NO_LIMITS, type TeamLimits } from '../../domain/team-limits.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { type ActType, actStatement } from '../acts.ts'

/** The team's limits, and the time zone that its days and months follow. */
export type LimitsRow = TeamLimits & { timezone: string }

/** What a team sets besides its limits. */
export interface TeamSettings {
  /** IANA name. */
  timezone: string
  /** USD that a task may spend whose workflow sets no limit; null: as much as it takes. */
  taskBudget: number | null
  /** The model of steps and agents that name none; null: the server's. */
  model: string | null
}

const SETTINGS = 'SELECT timezone, task_budget AS taskBudget, model FROM team_limits WHERE team = ?1'

/** The team's settings; what it has not set is as for a new team. */
export async function readSettings(db: D1Database, team: string): Promise<TeamSettings> {
  const row = await db.prepare(SETTINGS).bind(team).first<TeamSettings>()
  return row ?? NEW_TEAM
}

/** The settings of a team that has set none. */
export const NEW_TEAM: TeamSettings = { timezone: 'UTC', taskBudget: TASK_BUDGET, model: null }

const READ = 'SELECT limits, timezone FROM team_limits WHERE team = ?1'

/** The team's limits; what it has not set is without limit, in UTC. */
export async function readLimits(db: D1Database, team: string): Promise<LimitsRow> {
  const row = await db.prepare(READ).bind(team).first<{ limits: string; timezone: string }>()
  if (row === null) return { ...NO_LIMITS, timezone: 'UTC' }
  return { ...NO_LIMITS, ...(JSON.parse(row.limits) as Partial<TeamLimits>), timezone: row.timezone }
}

/** Who changes something of a team, and when. */
export interface By {
  team: string
  actor: Actor
  name: string
  at: number
}

const PUT_LIMITS = `INSERT INTO team_limits (team, limits, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (team) DO UPDATE SET limits = excluded.limits, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

/** Sets the limits in the place of all earlier ones, on record. */
export async function putLimits(db: D1Database, { budget, providers, waiting }: TeamLimits, by: By): Promise<void> {
  const limits = JSON.stringify({ budget, providers, waiting })
  const changes = briefChange(toldOf(await readLimits(db, by.team)), toldOf({ budget, providers, waiting }))
  await put(db, db.prepare(PUT_LIMITS).bind(by.team, limits, by.at, by.name), 'limits.changed', { changes, limits }, by)
}

/** Limits as the record tells of them, each under a name of its own. */
function toldOf({ budget, providers, waiting }: TeamLimits) {
  const paces = Object.entries(providers).flatMap(([name, { parallel, perMinute }]) => [
    [`${name}, at a time`, parallel],
    [`${name}, a minute`, perMinute],
  ])
  return {
    '$ a day': budget.day,
    '$ a month': budget.month,
    'waiting decisions': waiting,
    ...Object.fromEntries(paces),
  }
}

const PUT_SETTINGS = `INSERT INTO team_limits (team, timezone, task_budget, model, updated_at, updated_by)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (team) DO UPDATE SET timezone = excluded.timezone, task_budget = excluded.task_budget,
    model = excluded.model, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

/** Sets the settings in the place of all earlier ones, on record. */
export async function putSettings(db: D1Database, settings: TeamSettings, by: By): Promise<void> {
  const { timezone, taskBudget, model } = settings
  const row = db.prepare(PUT_SETTINGS).bind(by.team, timezone, taskBudget, model, by.at, by.name)
  const changes = briefChange(await readSettings(db, by.team), { timezone, taskBudget, model })
  await put(db, row, 'settings.changed', { changes, timezone, taskBudget, model }, by)
}

async function put(
  db: D1Database,
  change: D1PreparedStatement,
  type: ActType,
  facts: Record<string, string | number | null>,
  { team, at, actor }: By,
): Promise<void> {
  await db.batch([change, await actStatement(db, { team, at, type, actor, facts })])
}
