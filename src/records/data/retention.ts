/** How long teams keep what is over, in D1: what they set, what is older than that, and how much it would be. */
import { type Retention, USUAL_RETENTION } from '../../domain/retention.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { actStatement } from '../acts.ts'
import type { By } from '../people/limits.ts'

interface Row {
  auditDays: number
  taskDays: number | null
  unarchived: 0 | 1
}

const COLUMNS = 'audit_days AS auditDays, task_days AS taskDays, unarchived'

/** What the team has set, or what holds until it does. */
export async function readRetention(db: D1Database, team: string): Promise<Retention> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM retention WHERE team = ?1`).bind(team).first<Row>()
  return row === null ? USUAL_RETENTION : { ...row, unarchived: row.unarchived === 1 }
}

const PUT = `INSERT INTO retention (team, audit_days, task_days, unarchived, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (team) DO UPDATE SET audit_days = excluded.audit_days, task_days = excluded.task_days, unarchived = excluded.unarchived,
    updated_at = excluded.updated_at, updated_by = excluded.updated_by`

/** Sets it, on record. */
export async function putRetention(db: D1Database, retention: Retention, by: By): Promise<void> {
  const { auditDays, taskDays, unarchived } = retention
  const changes = briefChange(await readRetention(db, by.team), retention)
  await db.batch([
    db.prepare(PUT).bind(by.team, auditDays, taskDays, unarchived ? 1 : 0, by.at, by.name),
    await actStatement(db, {
      team: by.team,
      at: by.at,
      type: 'retention.changed',
      actor: by.actor,
      facts: { changes, auditDays, taskDays },
    }),
  ])
}

const DAY_MS = 86_400_000
const AUDIT_BEFORE = `?1 - coalesce(r.audit_days, ${USUAL_RETENTION.auditDays}) * ${DAY_MS}`
const OVER = (before: string) => `workflows w CROSS JOIN tasks t ON t.team = w.team AND t.workflow = w.id AND t.over = 1
  AND t.finished_at < ${before} WHERE w.team = `
const DUE = `SELECT o.id AS team, coalesce(r.audit_days, ${USUAL_RETENTION.auditDays}) AS auditDays, r.task_days AS taskDays,
    coalesce(r.unarchived, 0) AS unarchived
  FROM organization o LEFT JOIN retention r ON r.team = o.id
  WHERE o.id > ?3 AND (?2 OR r.unarchived = 1) AND (
    EXISTS (SELECT 1 FROM audit WHERE team = o.id AND at < ${AUDIT_BEFORE})
    OR EXISTS (SELECT 1 FROM archives WHERE team = o.id AND status <> 'done')
    OR (r.task_days IS NOT NULL AND EXISTS (SELECT 1 FROM ${OVER(`?1 - r.task_days * ${DAY_MS}`)} o.id)))
  ORDER BY o.id LIMIT ?4`

/** Teams, by id from `after` on, that have something older than they keep. `canArchive`: there is a bucket. */
export async function teamsWithOld(
  db: D1Database,
  { now, canArchive, after, most }: { now: number; canArchive: boolean; after: string; most: number },
): Promise<(Retention & { team: string })[]> {
  const { results } = await db
    .prepare(DUE)
    .bind(now, canArchive ? 1 : 0, after, most)
    .all<Row & { team: string }>()
  return results.map(row => ({ ...row, unarchived: row.unarchived === 1 }))
}

/** What would go, and of when the oldest of it is. */
export interface Rehearsed {
  rows: number
  oldestRow: number | null
  tasks: number
  oldestTask: number | null
}

const ROWS = 'SELECT count(*) AS n, min(at) AS oldest FROM audit WHERE team = ?1 AND at < ?2'
const TASKS = `SELECT count(*) AS n, min(t.finished_at) AS oldest FROM ${OVER('?2')} ?1`

/** How much is older than these moments; null: of tasks nothing goes. */
export async function rehearse(
  db: D1Database,
  team: string,
  auditBefore: number,
  tasksBefore: number | null,
): Promise<Rehearsed> {
  const [rows, tasks] = await db.batch<{ n: number; oldest: number | null }>([
    db.prepare(ROWS).bind(team, auditBefore),
    db.prepare(TASKS).bind(team, tasksBefore ?? 0),
  ])
  const [of, over] = [rows!.results[0]!, tasks!.results[0]!]
  return { rows: of.n, oldestRow: of.oldest, tasks: over.n, oldestTask: over.oldest }
}

const OLD_TASKS = `SELECT t.id, t.seq, t.finished_at AS finishedAt, t.created_at AS createdAt, t.updated_at AS updatedAt, t.workflow
  FROM ${OVER('?2')} ?1 LIMIT ?3`

/** A task that is over, as the index knows it. */
export interface OldTask {
  id: string
  seq: number
  finishedAt: number
  createdAt: number
  updatedAt: number
  workflow: string
}

/** Some of the team's tasks that were over before this moment. */
export async function oldTasks(db: D1Database, team: string, before: number, most: number): Promise<OldTask[]> {
  return (await db.prepare(OLD_TASKS).bind(team, before, most).all<OldTask>()).results
}
