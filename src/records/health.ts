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
      json_each(CASE json_type(a.facts) WHEN 'array' THEN a.facts ELSE '[]' END) f
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

/** What did not arrive where it was to be told. */
export interface Undelivered {
  /** Channels that take nothing. */
  channels: { id: string; host: string; person: string | null; since: number; error: string | null }[]
  /** Messages of the last day that are still tried, and the newest that were given up. */
  trying: number
  givenUp: { id: string; error: string | null }[]
  /** Callbacks to services that are still tried, or were given up within a week, by workflow. */
  callbacks: { workflow: string; name: string; trying: number; failed: number }[]
}

const DAY_MS = 86_400_000
const MESSAGES = `SELECT id, status, last_error AS error FROM
  (SELECT * FROM messages WHERE team = ?1 AND created_at >= ?2 ORDER BY created_at DESC LIMIT 5000)
  WHERE status = 'failed' OR (status = 'pending' AND attempts > 0)`
const CALLBACKS = `SELECT c.workflow, w.name, sum(c.status = 'pending') AS trying, sum(c.status = 'failed') AS failed FROM
  (SELECT k.workflow, k.status, k.attempts, k.created_at FROM workflows v CROSS JOIN callbacks k
    ON k.team = v.team AND k.workflow = v.id AND k.status <> 'delivered' WHERE v.team = ?1 LIMIT 5000) c
  CROSS JOIN workflows w ON w.id = c.workflow WHERE (c.status = 'pending' AND c.attempts > 1) OR (c.status = 'failed' AND c.created_at >= ?2)
  GROUP BY c.workflow, w.name ORDER BY failed DESC LIMIT 10`
const CHANNELS = `SELECT id, host, person, failing_since AS since, last_error AS error FROM channels
  WHERE team = ?1 AND failing_since IS NOT NULL ORDER BY failing_since LIMIT 20`

/** What of the team's messages and callbacks does not arrive. */
export async function undelivered(db: D1Database, team: string, now: number): Promise<Undelivered> {
  const [messages, callbacks, channels] = await db.batch<Record<string, unknown>>([
    db.prepare(MESSAGES).bind(team, now - DAY_MS),
    db.prepare(CALLBACKS).bind(team, now - 7 * DAY_MS),
    db.prepare(CHANNELS).bind(team),
  ])
  const rows = <Row>(answer: D1Result | undefined) => (answer?.results ?? []) as Row[]
  const kept = rows<Undelivered['givenUp'][number] & { status: string }>(messages)
  return {
    channels: rows(channels),
    trying: kept.filter(({ status }) => status === 'pending').length,
    givenUp: kept.filter(({ status }) => status === 'failed').slice(0, 5),
    callbacks: rows(callbacks),
  }
}

const LATE_SCHEDULES = `SELECT s.id, s.workflow, i.name, s.due_at AS dueAt FROM schedules s CROSS JOIN intakes i ON i.id = s.id
  WHERE s.due_at IS NOT NULL AND s.due_at < ?2 AND s.team = ?1 ORDER BY s.due_at LIMIT 5`

/** Schedules that the sweep should have come to ten minutes ago. */
export async function lateSchedules(
  db: D1Database,
  team: string,
  now: number,
): Promise<{ id: string; workflow: string; name: string; dueAt: number }[]> {
  const found = db.prepare(LATE_SCHEDULES).bind(team, now - 600_000)
  return (await found.all<{ id: string; workflow: string; name: string; dueAt: number }>()).results
}

const LATE_TASKS = `SELECT t.id FROM workflows w CROSS JOIN tasks t ON t.team = w.team AND t.workflow = w.id AND t.over = 0
  WHERE w.team = ?1 AND t.due_at < ?2 ORDER BY t.due_at LIMIT 100`

/** The team's tasks whose time to be woken passed more than two minutes ago, the latest first. */
export async function lateTasks(db: D1Database, team: string, now: number): Promise<string[]> {
  const { results } = await db
    .prepare(LATE_TASKS)
    .bind(team, now - GRACE_MS)
    .all<{ id: string }>()
  return results.map(({ id }) => id)
}
