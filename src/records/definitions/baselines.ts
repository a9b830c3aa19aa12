/** What a task took people before Baton, by workflow: set and taken away on record. */
import type { Baseline } from '../../domain/metrics/saved.ts'
import type { Actor } from '../../domain/task/events.ts'
import { actorId, actStatement, LAST_CHANGED } from '../acts.ts'

const COLUMNS = 'minutes, own_minutes AS ownMinutes'

/** The workflow's; null: nobody has said. */
export function baselineOf(db: D1Database, team: string, workflow: string): Promise<Baseline | null> {
  return db
    .prepare(`SELECT ${COLUMNS} FROM baselines WHERE team = ?1 AND workflow = ?2`)
    .bind(team, workflow)
    .first<Baseline>()
}

/** Those of all workflows that are there, by id. */
export async function baselinesOf(db: D1Database, team: string): Promise<Map<string, Baseline>> {
  const { results } = await db
    .prepare(
      `SELECT b.workflow, ${COLUMNS} FROM baselines b CROSS JOIN workflows w ON w.id = b.workflow AND w.team = b.team AND w.deleted_at IS NULL
       WHERE b.team = ?1`,
    )
    .bind(team)
    .all<Baseline & { workflow: string }>()
  return new Map(results.map(({ workflow, ...baseline }) => [workflow, baseline]))
}

const PUT = `INSERT INTO baselines (team, workflow, minutes, own_minutes, set_at, set_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT DO UPDATE SET minutes = excluded.minutes, own_minutes = excluded.own_minutes, set_at = excluded.set_at, set_by = excluded.set_by
  WHERE minutes <> excluded.minutes OR own_minutes IS NOT excluded.own_minutes`
const DELETE = 'DELETE FROM baselines WHERE team = ?1 AND workflow = ?2'

/** Sets it, on record; null takes it away. What is so already is not set again. */
export async function putBaseline(
  db: D1Database,
  { team, id, name }: { team: string; id: string; name: string },
  baseline: Baseline | null,
  by: { actor: Actor; at: number },
): Promise<void> {
  const from = await baselineOf(db, team, id)
  const facts = { workflow: id, name, from: inWords(from), to: inWords(baseline) }
  const change =
    baseline === null
      ? db.prepare(DELETE).bind(team, id)
      : db.prepare(PUT).bind(team, id, baseline.minutes, baseline.ownMinutes, by.at, actorId(by.actor))
  const act = { team, at: by.at, type: 'baseline.set' as const, actor: by.actor, workflow: id, facts }
  await db.batch([change, await actStatement(db, act, LAST_CHANGED)])
}

function inWords(baseline: Baseline | null): string {
  if (baseline === null) return 'none'
  const { minutes, ownMinutes } = baseline
  return ownMinutes === null ? `${minutes} min` : `${minutes} min, ${ownMinutes} min where people decide`
}
