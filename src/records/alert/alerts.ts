/** How each alert of a team stands, in D1, and when each team is looked at. */
import type { AlertState } from '../../domain/alert/alert.ts'
import type { RuleKey } from '../../domain/alert/rules.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { By } from '../people/limits.ts'
import type { alerts } from '../schema/alert.ts'

/** What the words of an alert need. */
export type Facts = Record<string, string | number | null>

export interface AlertRow extends Omit<typeof alerts.$inferSelect, 'team' | 'rule' | 'firing' | 'facts'>, AlertState {
  rule: RuleKey
  facts: Facts
}

type Stored = Omit<AlertRow, 'firing' | 'facts'> & { firing: 0 | 1; facts: string }

const COLUMNS = `id, rule, workflow, firing, since, crossing, episode, told_fired AS toldFired, told_resolved AS toldResolved,
  value, samples, facts, looked_at AS lookedAt, muted_until AS mutedUntil, muted_by AS mutedBy`

function read({ firing, facts, ...row }: Stored): AlertRow {
  return { ...row, firing: firing === 1, facts: JSON.parse(facts) as Facts }
}

/** All that are kept: those that fire, those that may soon, and those that did in the last month. */
export async function alertsOf(db: D1Database, team: string): Promise<AlertRow[]> {
  const sql = `SELECT ${COLUMNS} FROM alerts WHERE team = ?1 ORDER BY firing DESC, since DESC, id LIMIT 2000`
  return (await db.prepare(sql).bind(team).all<Stored>()).results.map(read)
}

/** One of them; null: there is none of this id. */
export async function alertById(db: D1Database, team: string, id: string): Promise<AlertRow | null> {
  const sql = `SELECT ${COLUMNS} FROM alerts WHERE team = ?1 AND id = ?2`
  const row = await db.prepare(sql).bind(team, id).first<Stored>()
  return row && read(row)
}

const FIELD = (name: string) => `j.value ->> '$.${name}'`
const FIELDS = [
  'id',
  'rule',
  'workflow',
  'firing',
  'since',
  'crossing',
  'episode',
  'toldFired',
  'toldResolved',
  'value',
  'samples',
  'facts',
  'lookedAt',
]
const PUT = `INSERT INTO alerts (team, id, rule, workflow, firing, since, crossing, episode, told_fired, told_resolved, value, samples, facts, looked_at)
  SELECT ?1, ${FIELDS.map(FIELD).join(', ')} FROM json_each(?2) j WHERE true
  ON CONFLICT (team, id) DO UPDATE SET firing = excluded.firing, since = excluded.since, crossing = excluded.crossing,
    episode = excluded.episode, told_fired = excluded.told_fired, told_resolved = excluded.told_resolved, value = excluded.value,
    samples = excluded.samples, facts = excluded.facts, looked_at = excluded.looked_at`
const DROP = 'DELETE FROM alerts WHERE team = ?1 AND id IN (SELECT value FROM json_each(?2))'

/** What keeps these as they stand now, whether they are muted or not, and forgets those. */
export function putAlerts(db: D1Database, team: string, rows: AlertRow[], gone: string[]): D1PreparedStatement[] {
  const stored = rows.map(row => ({ ...row, firing: row.firing ? 1 : 0, facts: JSON.stringify(row.facts) }))
  return [
    ...(rows.length > 0 ? [db.prepare(PUT).bind(team, JSON.stringify(stored))] : []),
    ...(gone.length > 0 ? [db.prepare(DROP).bind(team, JSON.stringify(gone))] : []),
  ]
}

const MUTE = 'UPDATE alerts SET muted_until = ?3, muted_by = ?4 WHERE team = ?1 AND id = ?2'

/** Has nothing told of it until then, or from now on again (null), on record. */
export async function muteAlert(db: D1Database, alert: AlertRow, until: number | null, by: By): Promise<void> {
  const { team, at, actor, name } = by
  const type = until === null ? ('alert.unmuted' as const) : ('alert.muted' as const)
  const said = (when: number | null) =>
    when === null || when <= at ? 'told' : `muted until ${new Date(when).toISOString()}`
  const facts = { alert: alert.id, from: said(alert.mutedUntil), to: said(until) }
  await db.batch([
    db.prepare(MUTE).bind(team, alert.id, until, until === null ? null : name),
    await actStatement(db, { team, at, type, actor, workflow: alert.workflow, facts }, LAST_CHANGED),
  ])
}

/** A team whose turn it is. */
export interface Check {
  team: string
  nextAt: number
  cursor: string
}

/** Teams that are to be looked at by now, those that have waited longest first. */
export async function dueChecks(db: D1Database, now: number, most: number): Promise<Check[]> {
  const sql =
    'SELECT team, next_at AS nextAt, cursor FROM alert_checks WHERE next_at <= ?1 ORDER BY next_at, team LIMIT ?2'
  return (await db.prepare(sql).bind(now, most).all<Check>()).results
}

const TAKE = 'UPDATE alert_checks SET next_at = ?3 WHERE team = ?1 AND next_at = ?2'

/** Takes a team up, unless another did; `again`: when it is looked at should this look never end. */
export async function takeCheck(db: D1Database, { team, nextAt }: Check, again: number): Promise<boolean> {
  return (await db.prepare(TAKE).bind(team, nextAt, again).run()).meta.changes > 0
}

/** What notes when the team is looked at next, and where that look begins. */
export function nextCheck(db: D1Database, { team, nextAt, cursor }: Check): D1PreparedStatement {
  return db.prepare('UPDATE alert_checks SET next_at = ?2, cursor = ?3 WHERE team = ?1').bind(team, nextAt, cursor)
}
