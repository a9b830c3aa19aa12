/** The thresholds of alerts that a team has set, in D1: for all its workflows, and for each of them. */
import type { RuleSettings } from '../../domain/alert/rules.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { actStatement } from '../acts.ts'
import type { By } from '../people/limits.ts'

const READ = 'SELECT workflow, rules FROM alert_settings WHERE team = ?1'

/** All that the team has set, by workflow; '': for all of them. */
export async function alertSettings(db: D1Database, team: string): Promise<Map<string, RuleSettings>> {
  const { results } = await db.prepare(READ).bind(team).all<{ workflow: string; rules: string }>()
  return new Map(results.map(({ workflow, rules }) => [workflow, JSON.parse(rules) as RuleSettings]))
}

const PUT = `INSERT INTO alert_settings (team, workflow, rules, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (team, workflow) DO UPDATE SET rules = excluded.rules, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

/** Sets them in the place of all earlier ones, on record; `workflow` '': for all of them. */
export async function putAlertSettings(db: D1Database, workflow: string, rules: RuleSettings, by: By): Promise<void> {
  const { team, actor, name, at } = by
  const before = (await alertSettings(db, team)).get(workflow) ?? {}
  const changes = briefChange(toldOf(before), toldOf(rules))
  const [change, facts] = [JSON.stringify(rules), { changes, workflow: workflow || null }]
  await db.batch([
    db.prepare(PUT).bind(team, workflow, change, at, name),
    await actStatement(db, { team, at, type: 'alerts.changed', actor, workflow, facts }),
  ])
}

/** As the record tells of them: `error_rate.above: 0.2 → 0.3`. */
function toldOf(rules: RuleSettings): Record<string, unknown> {
  const fields = Object.entries(rules).flatMap(([rule, set]) =>
    Object.entries(set).map(([field, value]) => [`${rule}.${field}`, value]),
  )
  return Object.fromEntries(fields)
}
