/** When a team works and reminds, in D1. The clock is that of its settings. */
import type { Remind } from '../../domain/schedule/remind.ts'
import type { WorkingHours } from '../../domain/schedule/working-hours.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { actStatement } from '../acts.ts'
import type { By } from './limits.ts'

/** What a team has set; null: nothing of the kind. */
export interface TeamHours {
  timezone: string
  hours: Omit<WorkingHours, 'timezone'> | null
  remind: Remind | null
}

const READ = `SELECT (SELECT timezone FROM team_limits WHERE team = ?1) AS timezone, w.hours, w.remind
  FROM (SELECT ?1 AS team) t LEFT JOIN working_hours w ON w.team = t.team`

/** The team's working hours and reminders. */
export async function readHours(db: D1Database, team: string): Promise<TeamHours> {
  const row = await db
    .prepare(READ)
    .bind(team)
    .first<{ timezone: string | null; hours: string | null; remind: string | null }>()
  return {
    timezone: row?.timezone ?? 'UTC',
    hours: row?.hours ? (JSON.parse(row.hours) as TeamHours['hours']) : null,
    remind: row?.remind ? (JSON.parse(row.remind) as Remind) : null,
  }
}

/** The hours in force, as a question takes them along; null: the team has set none. */
export async function hoursInForce(db: D1Database, team: string): Promise<WorkingHours | null> {
  const { timezone, hours } = await readHours(db, team)
  return hours === null ? null : { timezone, ...hours }
}

const PUT = `INSERT INTO working_hours (team, hours, remind, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (team) DO UPDATE SET hours = excluded.hours, remind = excluded.remind, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by`

/** Sets them in the place of all earlier ones, on record. */
export async function putHours(db: D1Database, { hours, remind }: Omit<TeamHours, 'timezone'>, by: By): Promise<void> {
  const [hoursText, remindText] = [hours, remind].map(value => (value === null ? null : JSON.stringify(value)))
  const before = await readHours(db, by.team)
  const changes = briefChange(saidOf(before), saidOf({ hours, remind }))
  const facts = { changes, hours: hoursText ?? null, remind: remindText ?? null }
  await db.batch([
    db.prepare(PUT).bind(by.team, hoursText, remindText, by.at, by.name),
    await actStatement(db, { team: by.team, at: by.at, type: 'hours.changed', actor: by.actor, facts }),
  ])
}

/** What the log says of them: day by day. */
function saidOf({ hours, remind }: Omit<TeamHours, 'timezone'>) {
  const days = hours === null ? {} : { ...hours.hours, holidays: hours.holidays }
  return { ...days, 'reminded every': remind?.every, 'reminded before it is due': remind?.before }
}
