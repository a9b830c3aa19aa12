/** What a team sets of money and pace, in D1. */
import type { Actor } from '../../domain/task/events.ts'
import { NO_LIMITS, type TeamLimits } from '../../domain/team-limits.ts'
import { type ActType, actStatement } from '../acts.ts'

/** The team's limits, and the time zone that its days and months follow. */
export type LimitsRow = TeamLimits & { timezone: string }

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
  await put(db, db.prepare(PUT_LIMITS).bind(by.team, limits, by.at, by.name), 'limits.changed', { limits }, by)
}

const PUT_TIMEZONE = `INSERT INTO team_limits (team, timezone, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (team) DO UPDATE SET timezone = excluded.timezone, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by`

/** Sets the team's time zone, on record. */
export async function putTimezone(db: D1Database, timezone: string, by: By): Promise<void> {
  await put(db, db.prepare(PUT_TIMEZONE).bind(by.team, timezone, by.at, by.name), 'settings.changed', { timezone }, by)
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
