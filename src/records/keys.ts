/** Team keys in D1: their hashes, scopes and ends; never a key itself. */
import { and, desc, eq, gt, isNull, or } from 'drizzle-orm'
import { after, type Cursor, PAGE_SIZE, type Page, page } from './cursor.ts'
import { orm } from './database.ts'
import { keys, type WorkflowStatus } from './schema.ts'

export type KeyRow = typeof keys.$inferSelect

/** A key as a request's check needs it. */
export interface StoredKey {
  id: string
  team: string
  name: string
  hash: string
  scopes: string
  expiresAt: number | null
  revokedAt: number | null
  lastUsedAt: number | null
}

/** A workflow as a new task needs it: whether it takes one, and which pinned version it gets. */
export interface LiveVersion {
  workflow: string
  team: string
  status: WorkflowStatus
  version: number | null
  digest: string | null
}

// The hot path's statements are constant texts: a query builder's work on every request would cost more than the query.
const KEY = `id, team, name, hash, scopes, expires_at AS expiresAt, revoked_at AS revokedAt, last_used_at AS lastUsedAt`
export const FIND_KEY = `SELECT ${KEY} FROM keys WHERE id = ?1`
const LIVE = `SELECT w.id AS workflow, w.team, w.status, v.version, v.digest FROM workflows w
  LEFT JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live`
export const FIND_LIVE_BY_KEY = `${LIVE} WHERE w.id = ?1 AND w.team = (SELECT team FROM keys WHERE id = ?2) AND w.deleted_at IS NULL`
export const FIND_LIVE = `${LIVE} WHERE w.id = ?1 AND w.team = ?2 AND w.deleted_at IS NULL`

/** The key, and the workflow of its team that a task is to be started in: one round trip. */
export async function findKey(
  db: D1Database,
  id: string,
  workflow: string | null,
): Promise<{ key: StoredKey | null; live: LiveVersion | null }> {
  if (workflow === null) return { key: await db.prepare(FIND_KEY).bind(id).first<StoredKey>(), live: null }
  const [key, live] = await db.batch<unknown>([
    db.prepare(FIND_KEY).bind(id),
    db.prepare(FIND_LIVE_BY_KEY).bind(workflow, id),
  ])
  return { key: (key?.results[0] as StoredKey) ?? null, live: (live?.results[0] as LiveVersion) ?? null }
}

export async function listKeys(db: D1Database, team: string, cursor: Cursor | null): Promise<Page<KeyRow>> {
  const rows = await orm(db)
    .select()
    .from(keys)
    .where(and(eq(keys.team, team), after(keys.createdAt, keys.id, cursor)))
    .orderBy(desc(keys.createdAt), desc(keys.id))
    .limit(PAGE_SIZE + 1)
  return page(rows, row => ({ at: row.createdAt, id: row.id }))
}

export async function keyById(db: D1Database, team: string, id: string): Promise<KeyRow | null> {
  const row = await orm(db)
    .select()
    .from(keys)
    .where(and(eq(keys.team, team), eq(keys.id, id)))
    .get()
  return row ?? null
}

export async function insertKey(db: D1Database, row: KeyRow): Promise<void> {
  await orm(db).insert(keys).values(row).onConflictDoNothing({ target: keys.id })
}

/** Revokes the key; the time of an earlier revocation stays. */
export async function revokeKey(db: D1Database, team: string, id: string, now: number): Promise<void> {
  await orm(db)
    .update(keys)
    .set({ revokedAt: now })
    .where(and(eq(keys.team, team), eq(keys.id, id), isNull(keys.revokedAt)))
}

/** Makes its successor and lets the key end no later than `endsAt`, together or not at all. */
export async function rollKey(db: D1Database, old: KeyRow, successor: KeyRow, endsAt: number): Promise<void> {
  const d = orm(db)
  await d.batch([
    d.insert(keys).values(successor),
    d
      .update(keys)
      .set({ expiresAt: endsAt })
      .where(and(eq(keys.team, old.team), eq(keys.id, old.id), or(isNull(keys.expiresAt), gt(keys.expiresAt, endsAt)))),
  ])
}

const TOUCH = 'UPDATE keys SET last_used_at = ?1 WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)'
/** Notes that the key was used, unless that was noted after `stale`. */
export async function touchKey(db: D1Database, id: string, now: number, stale: number): Promise<void> {
  await db.prepare(TOUCH).bind(now, id, stale).run()
}
