/**
 * Archives of what a team no longer keeps. One is noted before it is written and deleted from only once it is whole; what it
 * holds and what is deleted are compared in the transaction that deletes, so nothing goes that no archive has.
 */
import { getTableColumns } from 'drizzle-orm'
import type { Actor } from '../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { archives } from '../schema/gone.ts'
import { audit } from '../schema/task.ts'

export type ArchiveRow = typeof archives.$inferSelect

const COLUMNS = `team, id, kind, status, object, from_at AS fromAt, to_at AS toAt, rows, bytes, sha256, holds, created_at AS createdAt`
const SYSTEM: Actor = { kind: 'system' }

/** Where a row of the audit stands in its order. */
export interface Place {
  at: number
  task: string
  seq: number
}

/** A row of the audit under D1's own names. */
export type RawAuditRow = Place & Record<string, unknown>

const AUDIT = Object.values(getTableColumns(audit))
  .map(({ name }) => name)
  .join(', ')
const OLDEST = `SELECT ${AUDIT} FROM audit WHERE team = ?1 AND at < ?2 AND (at, task, seq) > (?3, ?4, ?5) ORDER BY at, task, seq LIMIT ?6`

/** The team's rows of before this moment, from this place on, oldest first. */
export async function oldestAudit(
  db: D1Database,
  team: string,
  before: number,
  after: Place | null,
  most: number,
): Promise<RawAuditRow[]> {
  const { at, task, seq } = after ?? { at: -1, task: '', seq: 0 }
  return (await db.prepare(OLDEST).bind(team, before, at, task, seq, most).all<RawAuditRow>()).results
}

/** Notes an archive that is about to be written. */
export async function beginArchive(
  db: D1Database,
  { team, id, kind, object, createdAt }: Pick<ArchiveRow, 'team' | 'id' | 'kind' | 'object' | 'createdAt'>,
): Promise<void> {
  await db
    .prepare("INSERT INTO archives (team, id, kind, status, object, created_at) VALUES (?1, ?2, ?3, 'making', ?4, ?5)")
    .bind(team, id, kind, object, createdAt)
    .run()
}

/** What is known of an archive once it is whole. */
export type Written = Record<'fromAt' | 'toAt' | 'rows' | 'bytes', number> & { sha256: string; holds: string }

/** It is whole. */
export async function keepArchive(db: D1Database, team: string, id: string, written: Written): Promise<void> {
  const { fromAt, toAt, rows, bytes, sha256, holds } = written
  await db
    .prepare(
      `UPDATE archives SET status = 'kept', from_at = ?3, to_at = ?4, rows = ?5, bytes = ?6, sha256 = ?7, holds = ?8
         WHERE team = ?1 AND id = ?2 AND status = 'making'`,
    )
    .bind(team, id, fromAt, toAt, rows, bytes, sha256, holds)
    .run()
}

const UP_TO = 'team = ?1 AND at <= ?2 AND (at, task, seq) <= (?2, ?3, ?4)'
// Of a task that went on, or is open, its chain goes on from here; so does the team's own, whose numbers must not begin anew.
const HEADS = `INSERT INTO audit_heads (team, task, seq, digest)
  SELECT a.team, a.task, max(a.seq), a.digest FROM audit a WHERE ${UP_TO.replaceAll(/\b(team|at|task|seq)\b/g, 'a.$1')}
    AND (a.task = a.team OR EXISTS (SELECT 1 FROM tasks t WHERE t.id = a.task AND (t.over = 0 OR t.updated_at >= ?2))
      OR EXISTS (SELECT 1 FROM gone_tasks g WHERE g.team = ?1 AND g.task = a.task AND g.updated_at >= ?2))
  GROUP BY a.task
  ON CONFLICT (team, task) DO UPDATE SET seq = excluded.seq, digest = excluded.digest WHERE excluded.seq > audit_heads.seq`
const OLD_HEADS = `DELETE FROM audit_heads WHERE team = ?1 AND task <> team
  AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = task AND (t.over = 0 OR t.updated_at >= ?2))
  AND NOT EXISTS (SELECT 1 FROM gone_tasks g WHERE g.team = ?1 AND g.task = audit_heads.task AND g.updated_at >= ?2)`
const DELETE = `DELETE FROM audit WHERE ${UP_TO}`

/**
 * Deletes the rows of the audit that this archive holds, all of them or none, on record. false: there are others by now up to
 * its end, so that it has to be written again.
 */
export async function deleteArchivedAudit(db: D1Database, archive: ArchiveRow, now: number): Promise<boolean> {
  const { team, id } = archive
  const { at, task, seq } = JSON.parse(archive.holds!) as Place
  const of = (sql: string) => db.prepare(sql).bind(team, at, task, seq, id)
  const isDone = "EXISTS (SELECT 1 FROM archives WHERE team = ?1 AND id = ?5 AND status = 'done')"
  const [done] = await db.batch([
    of(
      `UPDATE archives SET status = 'done' WHERE team = ?1 AND id = ?5 AND status = 'kept'
         AND rows = (SELECT count(*) FROM audit WHERE ${UP_TO})`,
    ),
    await actStatement(db, archivedAct(archive, now), LAST_CHANGED),
    of(HEADS.replace('GROUP BY', `AND ${isDone} GROUP BY`)),
    of(`${DELETE} AND ${isDone}`),
    db.prepare(OLD_HEADS).bind(team, at),
  ])
  return done!.meta.changes === 1
}

/** Deletes rows of the audit up to this place without an archive, on record. */
export async function deleteAudit(db: D1Database, team: string, until: Place, rows: number, now: number) {
  const of = (sql: string) => db.prepare(sql).bind(team, until.at, until.task, until.seq)
  await db.batch([
    of(HEADS),
    of(DELETE),
    await actStatement(db, { team, at: now, type: 'data.deleted', actor: SYSTEM, facts: { kind: 'audit', rows } }),
    db.prepare(OLD_HEADS).bind(team, until.at),
  ])
}

/** All of an archive's tasks that could go are gone, on record. */
export async function finishTasks(db: D1Database, archive: ArchiveRow, now: number): Promise<void> {
  await db.batch([
    db
      .prepare("UPDATE archives SET status = 'done' WHERE team = ?1 AND id = ?2 AND status = 'kept'")
      .bind(archive.team, archive.id),
    await actStatement(db, archivedAct(archive, now), LAST_CHANGED),
  ])
}

function archivedAct({ team, id, kind, rows }: ArchiveRow, at: number) {
  return { team, at, type: 'data.deleted' as const, actor: SYSTEM, facts: { kind, rows, archive: id } }
}

/** Forgets one whose content is gone from the bucket. */
export async function forgetArchive(db: D1Database, team: string, id: string): Promise<void> {
  await db.prepare('DELETE FROM archives WHERE team = ?1 AND id = ?2').bind(team, id).run()
}

/** An owner deletes an archive, on record; what it holds is nowhere then. */
export async function deleteArchive(db: D1Database, { team, id, rows }: ArchiveRow, actor: Actor, at: number) {
  await db.batch([
    db.prepare("DELETE FROM archives WHERE team = ?1 AND id = ?2 AND status = 'done'").bind(team, id),
    await actStatement(
      db,
      { team, at, type: 'archive.deleted', actor, facts: { archive: id, rows, from: 'kept', to: 'deleted' } },
      LAST_CHANGED,
    ),
  ])
}

/** Those that a pass did not bring to their end, oldest first. */
export async function unfinishedArchives(db: D1Database, team: string): Promise<ArchiveRow[]> {
  const sql = `SELECT ${COLUMNS} FROM archives WHERE team = ?1 AND status <> 'done' ORDER BY created_at`
  return (await db.prepare(sql).bind(team).all<ArchiveRow>()).results
}

/** The team's archives that are whole, newest first. */
export async function listArchives(db: D1Database, team: string): Promise<ArchiveRow[]> {
  const sql = `SELECT ${COLUMNS} FROM archives WHERE team = ?1 AND status <> 'making' ORDER BY created_at DESC, id LIMIT 500`
  return (await db.prepare(sql).bind(team).all<ArchiveRow>()).results
}

/** One of them; null: there is none of this id. */
export async function archiveById(db: D1Database, team: string, id: string): Promise<ArchiveRow | null> {
  const sql = `SELECT ${COLUMNS} FROM archives WHERE team = ?1 AND id = ?2 AND status <> 'making'`
  return db.prepare(sql).bind(team, id).first<ArchiveRow>()
}
