/** What the index and the audit log tell of how the work runs: what is late, what is held, how models answer. */
import { sameForAll } from '../domain/gate/waits.ts'

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
// By the index of open tasks, workflow by workflow: left to itself, SQLite takes the team's, and with it every task.
const OPEN = `SELECT t.status, t.due_at AS dueAt, CAST(t.card->>'$.enteredAt' AS INTEGER) AS entered,
    CASE WHEN t.status = 'held' THEN t.card->>'$.why' END AS why
  FROM workflows w CROSS JOIN tasks t ON t.team = w.team AND t.workflow = w.id AND t.over = 0 WHERE w.team = ?1 LIMIT ?3`
const BACKLOG = `SELECT status, why, count(*) AS n, min(entered) AS oldest, sum(coalesce(dueAt < ?2, 0)) AS late,
    min(CASE WHEN dueAt < ?2 THEN dueAt END) AS oldestDue FROM (${OPEN}) GROUP BY status, why ORDER BY n DESC`
/** Open tasks that are looked at, at most: more are a backlog by any measure. */
export const MOST_OPEN = 20_000
const HELD_SHOWN = 5

interface Group {
  status: string
  why: string | null
  n: number
  oldest: number
  late: number
  oldestDue: number | null
}

/** How many open tasks there are, what is late among them, and what they are held for: one walk through them. */
export async function backlog(db: D1Database, team: string, now: number): Promise<Backlog> {
  const { results } = await db
    .prepare(BACKLOG)
    .bind(team, now - GRACE_MS, MOST_OPEN)
    .all<Group>()
  const due = results.flatMap(group => group.oldestDue ?? [])
  return {
    counts: [...new Set(results.map(group => group.status))].map(status => {
      const groups = results.filter(group => group.status === status)
      return { status, n: sum(groups.map(group => group.n)), oldest: Math.min(...groups.map(group => group.oldest)) }
    }),
    late: { n: sum(results.map(group => group.late)), oldest: due.length > 0 ? Math.min(...due) : null },
    held: heldFor(results).slice(0, HELD_SHOWN),
  }
}

/** What tasks are held for, the commonest first; those that wait in one line are told together. */
function heldFor(groups: Group[]): Backlog['held'] {
  const held = new Map<string, Backlog['held'][number]>()
  for (const { why: own, n, oldest } of groups) {
    if (own === null) continue
    const why = sameForAll(own)
    const known = held.get(why)
    held.set(why, { why, n: n + (known?.n ?? 0), oldest: Math.min(oldest, known?.oldest ?? oldest) })
  }
  return [...held.values()].sort((a, b) => b.n - a.n)
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}

export interface Answered {
  model: string | null
  code: string | null
  n: number
  last: number
}

/** What a call of ours or a provider can do wrong; a text of the workflow's own that does not come out is no call. */
const OF_CALLS = `('provider_error', 'provider_auth', 'rate_limited', 'timeout', 'unreachable', 'refused', 'bad_request', 'schema_refused', 'malformed_answer', 'empty_answer', 'invalid_output')`

/** How the models' calls of a time ended, of the newest 5,000 rows: by model, and by the code of what failed. */
export async function modelAnswers(db: D1Database, team: string, since: number): Promise<Answered[]> {
  const text = `SELECT f.value->>'$.model' AS model, f.value->>'$.code' AS code, count(*) AS n, max(a.at) AS last FROM
      (SELECT * FROM (SELECT facts, at, types FROM audit WHERE team = ?1 AND at >= ?2 ORDER BY at DESC LIMIT 5000) WHERE instr(types, 'reported') > 0) a,
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
    CROSS JOIN tasks t ON t.id = a.task AND t.team = ?1`
  return (await db.prepare(text).bind(team, limit).all<{ task: string; seq: number }>()).results
}

const RAN_LAST = `SELECT w.id, w.name FROM
    (SELECT DISTINCT workflow FROM (SELECT workflow FROM audit WHERE team = ?1 ORDER BY at DESC LIMIT 200)) a
  CROSS JOIN workflows w ON w.id = a.workflow AND w.team = ?1 WHERE w.deleted_at IS NULL LIMIT ?2`
const MADE_LAST = `SELECT id, name FROM workflows WHERE team = ?1 AND deleted_at IS NULL AND live IS NOT NULL
  ORDER BY created_at DESC LIMIT ?2`

/** The workflows that ran last, then those that were made last. */
export async function busyWorkflows(
  db: D1Database,
  team: string,
  limit: number,
): Promise<{ id: string; name: string }[]> {
  const both = await db.batch<{ id: string; name: string }>(
    [RAN_LAST, MADE_LAST].map(sql => db.prepare(sql).bind(team, limit)),
  )
  const byId = new Map(both.flatMap(({ results }) => results).map(one => [one.id, one]))
  return [...byId.values()].slice(0, limit)
}
