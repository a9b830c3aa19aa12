/** What the index and the audit log tell of how the work runs: what is late, what is held, how models answer. */

export interface Backlog {
  /** Open tasks by status. */
  counts: { status: string; n: number; oldest: number }[]
  /** Open tasks whose time to be woken passed more than two minutes ago. */
  late: { n: number; oldest: number | null }
  /** Held tasks by the sentence that says for what. */
  held: { why: string; n: number; oldest: number }[]
}

/** An alarm may ring a little late; the hourly pass takes over after this, too. */
const GRACE_MS = 120_000
const OPEN = 'FROM workflows w JOIN tasks t ON t.team = w.team AND t.workflow = w.id AND t.over = 0 WHERE w.team = ?1'
const ENTERED = "CAST(t.card->>'$.enteredAt' AS INTEGER)"

/** How many open tasks there are, what is late among them, and what they are held for. */
export async function backlog(db: D1Database, team: string, now: number): Promise<Backlog> {
  const [counts, late, held] = await db.batch<unknown>([
    db.prepare(`SELECT t.status, count(*) AS n, min(${ENTERED}) AS oldest ${OPEN} GROUP BY t.status`).bind(team),
    db.prepare(`SELECT count(*) AS n, min(t.due_at) AS oldest ${OPEN} AND t.due_at < ?2`).bind(team, now - GRACE_MS),
    db
      .prepare(
        `SELECT t.card->>'$.why' AS why, count(*) AS n, min(${ENTERED}) AS oldest ${OPEN} AND t.status = 'held'
         GROUP BY why ORDER BY n DESC LIMIT 5`,
      )
      .bind(team),
  ])
  return {
    counts: counts!.results as Backlog['counts'],
    late: late!.results[0] as Backlog['late'],
    held: held!.results as Backlog['held'],
  }
}

export interface Answered {
  model: string | null
  code: string | null
  n: number
  last: number
}

/** What a call of ours or a provider can do wrong; a text of the workflow's own that does not come out is no call. */
const OF_CALLS = `('provider_error', 'provider_auth', 'rate_limited', 'timeout', 'unreachable', 'refused', 'bad_request', 'schema_refused', 'malformed_answer', 'empty_answer', 'invalid_output')`

/** How the models' calls of a time ended, of the newest 2,000 rows: by model, and by the code of what failed. */
export async function modelAnswers(db: D1Database, team: string, since: number): Promise<Answered[]> {
  const text = `SELECT f.value->>'$.model' AS model, f.value->>'$.code' AS code, count(*) AS n, max(a.at) AS last FROM
      (SELECT facts, at FROM audit WHERE team = ?1 AND at >= ?2 AND instr(types, 'reported') > 0 ORDER BY at DESC LIMIT 2000) a,
      json_each(a.facts) f
    WHERE f.value->>'$.type' = 'reported' AND coalesce(f.value->>'$.code' IN ${OF_CALLS}, f.value->>'$.model' IS NOT NULL) GROUP BY model, code ORDER BY n DESC`
  return (await db.prepare(text).bind(team, since).all<Answered>()).results
}

/** The tasks that changed last, with the last event that the index knows of. */
export async function lastChanged(
  db: D1Database,
  team: string,
  limit: number,
): Promise<{ task: string; seq: number }[]> {
  const text = `SELECT t.id AS task, t.seq FROM
      (SELECT DISTINCT task FROM (SELECT task FROM audit WHERE team = ?1 ORDER BY at DESC LIMIT 200) LIMIT ?2) a
    JOIN tasks t ON t.id = a.task AND t.team = ?1`
  return (await db.prepare(text).bind(team, limit).all<{ task: string; seq: number }>()).results
}

/** The workflows that changed or ran last. */
export async function busyWorkflows(
  db: D1Database,
  team: string,
  limit: number,
): Promise<{ id: string; name: string }[]> {
  const text = `SELECT id, name FROM workflows w WHERE team = ?1 AND deleted_at IS NULL AND live IS NOT NULL
    ORDER BY (SELECT max(created_at) FROM tasks t WHERE t.team = ?1 AND t.workflow = w.id) DESC LIMIT ?2`
  return (await db.prepare(text).bind(team, limit).all<{ id: string; name: string }>()).results
}
