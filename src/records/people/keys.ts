/** Team keys in D1: their hashes, scopes and ends; never a key itself. */
import { and, desc, eq, gt, isNull, or } from 'drizzle-orm'
import type { Actor } from '../../domain/task/events.ts'
import type { LiveVersion } from '../../domain/workflow/live.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import { after, type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import { orm, prepared } from '../database.ts'
import { statusOf } from '../definitions/standing.ts'
import { keys } from '../schema/people.ts'

export type KeyRow = typeof keys.$inferSelect

/** A key as a request's check needs it. */
export type StoredKey = Omit<KeyRow, 'last4' | 'createdAt' | 'createdBy'>

// The hot path's statements are constant texts: a query builder's work on every request would cost more than the query.
const KEY = `id, team, name, hash, scopes, expires_at AS expiresAt, revoked_at AS revokedAt, last_used_at AS lastUsedAt`
export const FIND_KEY = `SELECT ${KEY} FROM keys WHERE id = ?1`
const LIVE = `SELECT w.id AS workflow, w.team, ${statusOf('w')}, v.version, v.digest FROM workflows w
  LEFT JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live`
const FIND_LIVE_BY_KEY = `${LIVE} WHERE w.id = ?1 AND w.team = (SELECT team FROM keys WHERE id = ?2) AND w.deleted_at IS NULL`
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

/** The keys of this person's making that still open something, or will. */
export function keysMadeBy(db: D1Database, team: string, email: string, now: number): Promise<KeyRow[]> {
  return orm(db)
    .select()
    .from(keys)
    .where(
      and(
        eq(keys.team, team),
        eq(keys.createdBy, email),
        isNull(keys.revokedAt),
        or(isNull(keys.expiresAt), gt(keys.expiresAt, now)),
      ),
    )
    .orderBy(desc(keys.createdAt))
    .limit(PAGE_SIZE)
}

/** Makes the key of the seed, and nothing else's: people and keys make theirs by `makeKey`. */
export async function insertKey(db: D1Database, row: KeyRow): Promise<void> {
  await orm(db).insert(keys).values(row).onConflictDoNothing({ target: keys.id })
}

/** Makes the key, on record. */
export async function makeKey(db: D1Database, row: KeyRow, by: Actor): Promise<void> {
  await db.batch([
    inserted(db, row),
    await keyAct(db, 'key.made', row, by, row.createdAt, undefined, { from: null, to: 'active' }),
  ])
}

/** Revokes the key, on record; the time of an earlier revocation stays. */
export async function revokeKey(db: D1Database, row: KeyRow, by: Actor, now: number): Promise<void> {
  const change = orm(db)
    .update(keys)
    .set({ revokedAt: now })
    .where(and(eq(keys.team, row.team), eq(keys.id, row.id), isNull(keys.revokedAt)))
  await db.batch([
    prepared(db, change),
    await keyAct(db, 'key.revoked', row, by, now, LAST_CHANGED, { from: 'active', to: 'revoked' }),
  ])
}

const ROLL = `UPDATE keys SET successor = ?4, expires_at = CASE WHEN expires_at < ?3 THEN expires_at ELSE ?3 END
  WHERE team = ?1 AND id = ?2 AND revoked_at IS NULL AND successor IS NULL`
const ADD_SUCCESSOR = `INSERT INTO keys (id, team, name, hash, last4, scopes, created_at, created_by, expires_at)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE changes() > 0`

/**
 * Lets the key end no later than `endsAt` and makes its one successor, together or not at all, on record; false when it
 * has one, or was revoked since it was read.
 */
export async function rollKey(
  db: D1Database,
  old: KeyRow,
  successor: KeyRow,
  endsAt: number,
  by: Actor,
): Promise<boolean> {
  const { id, team, name, hash, last4, scopes, createdAt, createdBy, expiresAt } = successor
  const [, made] = await db.batch([
    db.prepare(ROLL).bind(old.team, old.id, endsAt, id),
    db.prepare(ADD_SUCCESSOR).bind(id, team, name, hash, last4, scopes, createdAt, createdBy, expiresAt),
    await keyAct(db, 'key.rolled', old, by, createdAt, LAST_CHANGED, { successor: id, from: old.id, to: id }),
  ])
  return (made?.meta.changes ?? 0) > 0
}

function inserted(db: D1Database, row: KeyRow): D1PreparedStatement {
  return prepared(db, orm(db).insert(keys).values(row))
}

function keyAct(
  db: D1Database,
  type: 'key.made' | 'key.rolled' | 'key.revoked',
  { id, team, name, scopes, last4 }: KeyRow,
  actor: Actor,
  at: number,
  onlyIf: typeof LAST_CHANGED | undefined,
  more: Record<string, string | null>,
): Promise<D1PreparedStatement> {
  return actStatement(db, { team, at, type, actor, facts: { key: id, name, scopes, last4, ...more } }, onlyIf)
}

const TOUCH = 'UPDATE keys SET last_used_at = ?1 WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)'
/** Notes that the key was used, unless that was noted after `stale`. */
export async function touchKey(db: D1Database, id: string, now: number, stale: number): Promise<void> {
  await db.prepare(TOUCH).bind(now, id, stale).run()
}
