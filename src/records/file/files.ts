/**
 * Files of tasks, and what lies in object storage for them. An object has a row before it is there and after it is gone; which
 * of its rows refers to what is changed in one transaction each, so that an upload and a sweep can meet anywhere.
 */
import type { files } from '../schema/file.ts'

export type FileRow = typeof files.$inferSelect

/** From when on an upload that nobody finished may be swept, after the time in which a task may take it. */
export const GRACE_MS = 3_600_000
const DAY_MS = 86_400_000

const COLUMNS = 'team, id, task, object, name, type, declared, bytes, sha256, source, at, actor, until'

/** Notes a key under which content is about to be stored. */
export async function reserveObject(
  db: D1Database,
  { key, team, at, until }: { key: string; team: string; at: number; until: number },
): Promise<void> {
  await db
    .prepare('INSERT INTO file_objects (key, team, at, free_at) VALUES (?1, ?2, ?3, ?4)')
    .bind(key, team, at, until + GRACE_MS)
    .run()
}

/**
 * What was stored under `object` is this file. Where the team has its content already, the file refers to that, and the
 * object is free. Answers the key that it refers to; null: the object was swept, as it took too long.
 */
export async function keepFile(db: D1Database, row: FileRow): Promise<string | null> {
  const { team, id, task, object, name, type, declared, bytes, sha256, source, at, actor, until } = row
  const [, kept] = await db.batch([
    db
      .prepare(
        `UPDATE file_objects SET sha256 = ?2, bytes = ?3 WHERE key = ?1 AND team = ?4 AND sha256 IS NULL AND doomed = 0
           AND NOT EXISTS (SELECT 1 FROM file_objects WHERE team = ?4 AND sha256 = ?2)`,
      )
      .bind(object, sha256, bytes, team),
    db
      .prepare(
        `INSERT INTO files (${COLUMNS})
           SELECT ?1, ?2, ?3, key, ?5, ?6, ?7, ?8, ?4, ?9, ?10, ?11, ?12 FROM file_objects WHERE team = ?1 AND sha256 = ?4`,
      )
      .bind(team, id, task, sha256, name, type, declared, bytes, source, at, actor, until),
    db.prepare('UPDATE file_objects SET free_at = NULL WHERE team = ?1 AND sha256 = ?2').bind(team, sha256),
    // One that the sweep has begun to take keeps its day: its uploader may die before it deletes what it put there.
    db
      .prepare('UPDATE file_objects SET free_at = ?2, doomed = 1 WHERE key = ?1 AND sha256 IS NULL AND doomed = 0')
      .bind(object, at),
  ])
  if (kept?.meta.changes !== 1) return null
  return objectOfFile(db, team, id)
}

/** Another file with the content of one of the team's. null: there is no such file, or no task has it yet. */
export async function copyFile(
  db: D1Database,
  team: string,
  from: string,
  { id, task, source, at, actor, until }: Pick<FileRow, 'id' | 'task' | 'source' | 'at' | 'actor' | 'until'>,
): Promise<FileRow | null> {
  return db
    .prepare(
      `INSERT INTO files (${COLUMNS})
         SELECT team, ?3, ?4, object, name, type, declared, bytes, sha256, ?5, ?6, ?7, ?8 FROM files
         WHERE team = ?1 AND id = ?2 AND until IS NULL RETURNING ${COLUMNS}`,
    )
    .bind(team, from, id, task, source, at, actor, until)
    .first<FileRow>()
}

/** The file that an answer to a call of this task became, or is about to become in time; null: none of this name and content. */
export async function sameAnswer(
  db: D1Database,
  { team, task, sha256, name }: Pick<FileRow, 'team' | 'task' | 'sha256' | 'name'>,
  now: number,
): Promise<FileRow | null> {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM files
         WHERE team = ?1 AND task = ?2 AND sha256 = ?3 AND name = ?4 AND source = 'call' AND (until IS NULL OR until > ?5)
         ORDER BY at LIMIT 1`,
    )
    .bind(team, task, sha256, name, now)
    .first<FileRow>()
}

/** Their task has them. */
export async function confirmFiles(db: D1Database, team: string, ids: readonly string[]): Promise<void> {
  await db
    .prepare('UPDATE files SET until = NULL WHERE team = ?1 AND id IN (SELECT value FROM json_each(?2))')
    .bind(team, JSON.stringify(ids))
    .run()
}

/** The task that they are for is known. */
export async function assignFiles(db: D1Database, team: string, ids: readonly string[], task: string): Promise<void> {
  await db
    .prepare(
      'UPDATE files SET task = ?3 WHERE team = ?1 AND id IN (SELECT value FROM json_each(?2)) AND until IS NOT NULL',
    )
    .bind(team, JSON.stringify(ids), task)
    .run()
}

/** Their task may take them until later. */
export async function awaitFiles(db: D1Database, team: string, ids: readonly string[], until: number): Promise<void> {
  await db
    .prepare(
      'UPDATE files SET until = ?3 WHERE team = ?1 AND id IN (SELECT value FROM json_each(?2)) AND until IS NOT NULL',
    )
    .bind(team, JSON.stringify(ids), until)
    .run()
}

/** Takes files off the list; answers the objects that nothing refers to any more. */
export async function dropFiles(db: D1Database, team: string, ids: readonly string[], now: number): Promise<string[]> {
  const given = JSON.stringify(ids)
  const [freed] = await db.batch<{ key: string }>([
    db
      .prepare(
        `UPDATE file_objects SET free_at = ?3
           WHERE key IN (SELECT object FROM files WHERE team = ?1 AND id IN (SELECT value FROM json_each(?2)))
             AND NOT EXISTS (SELECT 1 FROM files WHERE object = key AND id NOT IN (SELECT value FROM json_each(?2)))
           RETURNING key`,
      )
      .bind(team, given, now),
    db.prepare('DELETE FROM files WHERE team = ?1 AND id IN (SELECT value FROM json_each(?2))').bind(team, given),
  ])
  return (freed?.results ?? []).map(({ key }) => key)
}

/** An upload that its own uploader gives up: nothing more will come under its key. */
export async function freeObject(db: D1Database, key: string, now: number): Promise<void> {
  await db
    .prepare('UPDATE file_objects SET free_at = ?2, doomed = 1 WHERE key = ?1 AND sha256 IS NULL AND doomed = 0')
    .bind(key, now)
    .run()
}

/** The files that a task has. */
export async function filesOfTask(db: D1Database, team: string, task: string): Promise<FileRow[]> {
  const sql = `SELECT ${COLUMNS} FROM files WHERE team = ?1 AND task = ?2 AND until IS NULL`
  return (await db.prepare(sql).bind(team, task).all<FileRow>()).results
}

/** The team's file; null: there is none of this id, or no task has it yet. */
export async function fileById(db: D1Database, team: string, id: string): Promise<FileRow | null> {
  return db
    .prepare(`SELECT ${COLUMNS} FROM files WHERE team = ?1 AND id = ?2 AND until IS NULL`)
    .bind(team, id)
    .first<FileRow>()
}

/** Where the content of a team's file lies, whether or not its task has taken it yet; null: there is no such file. */
export async function objectOfFile(db: D1Database, team: string, id: string): Promise<string | null> {
  return db.prepare('SELECT object FROM files WHERE team = ?1 AND id = ?2').bind(team, id).first<string>('object')
}

/** Files whose task did not take them in time, of all teams, as the sweep is. */
export async function overdueFiles(db: D1Database, now: number): Promise<{ team: string; id: string; task: string }[]> {
  const text = 'SELECT team, id, task FROM files WHERE until <= ?1 ORDER BY until LIMIT 100'
  return (
    await db
      .prepare(text)
      .bind(now - GRACE_MS)
      .all<{ team: string; id: string; task: string }>()
  ).results
}

/** Objects that may be swept now, of all teams. */
export async function freeObjects(db: D1Database, now: number): Promise<string[]> {
  const text = 'SELECT key FROM file_objects WHERE free_at <= ?1 ORDER BY free_at LIMIT 100'
  return (await db.prepare(text).bind(now).all<{ key: string }>()).results.map(({ key }) => key)
}

/**
 * Whether this object is now nobody's for good, so that its content may be deleted: no file can refer to it from here on. Of
 * an upload that was never heard of again the row stays another day, as content may still come; so does a row whose
 * content somebody is reading, as the text may.
 */
export async function doomObject(db: D1Database, key: string, now: number): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE file_objects SET doomed = 1, sha256 = NULL, text = NULLIF(text, 'reading'),
           free_at = CASE WHEN (sha256 IS NULL AND doomed = 0) OR text = 'reading' THEN ?2 + ${DAY_MS} ELSE ?2 END
         WHERE key = ?1 AND free_at <= ?2 AND NOT EXISTS (SELECT 1 FROM files WHERE object = key)`,
    )
    .bind(key, now)
    .run()
  return meta.changes === 1
}

/** Its content is gone. */
export async function forgetObject(db: D1Database, key: string, now: number): Promise<void> {
  await db.prepare('DELETE FROM file_objects WHERE key = ?1 AND doomed = 1 AND free_at <= ?2').bind(key, now).run()
}
