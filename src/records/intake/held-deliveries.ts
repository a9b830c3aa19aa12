/** What intakes accepted while their workflow was paused, in D1: kept until somebody starts or discards it, and decided once. */

import { and, asc, eq, sql } from 'drizzle-orm'
import type { Actor } from '../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import { orm } from '../database.ts'
import { held } from '../schema/intake.ts'
import { type DeliveryRow, insertHeldDelivery } from './deliveries.ts'

export type HeldRow = typeof held.$inferSelect

const HOLD = `INSERT INTO held (id, team, workflow, intake, actor, idempotency, hash, input, at, source)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE EXISTS (SELECT 1 FROM workflows WHERE id = ?3 AND team = ?2 AND status = 'paused' AND deleted_at IS NULL)
  ON CONFLICT (id) DO NOTHING`
const HELD_HASH = 'SELECT hash FROM held WHERE id = ?1 AND team = ?2'

/**
 * Keeps a delivery while the workflow is paused. `gone`: it is paused no longer, so nothing was kept; checked in the
 * insert itself, so that no delivery slips in after an activation has counted what is held.
 */
export async function holdDelivery(
  db: D1Database,
  row: Omit<HeldRow, 'claimedAt' | 'refusedAt'>,
  delivery: DeliveryRow | null = null,
): Promise<'held' | 'again' | 'mismatch' | 'gone'> {
  const { id, team, workflow, intake, actor, idempotency, hash: given, input, at, source } = row
  const [written, found] = await db.batch<{ hash: string }>([
    db.prepare(HOLD).bind(id, team, workflow, intake, actor, idempotency, given, input, at, source),
    db.prepare(HELD_HASH).bind(id, team),
    ...(delivery ? [insertHeldDelivery(db, delivery)] : []),
  ])
  if ((written?.meta.changes ?? 0) > 0) return 'held'
  const hash = found?.results[0]?.hash
  if (hash === undefined) return 'gone'
  return hash === row.hash ? 'again' : 'mismatch'
}

export async function countHeld(db: D1Database, team: string, workflow: string): Promise<number> {
  const row = await orm(db)
    .select({ n: sql<number>`count(*)` })
    .from(held)
    .where(and(eq(held.team, team), eq(held.workflow, workflow)))
    .get()
  return row?.n ?? 0
}

/** What is held, oldest first: the order in which it is shown. */
export async function listHeld(db: D1Database, team: string, workflow: string, limit: number): Promise<HeldRow[]> {
  return orm(db)
    .select()
    .from(held)
    .where(and(eq(held.team, team), eq(held.workflow, workflow)))
    .orderBy(asc(held.at), asc(held.id))
    .limit(limit)
}

const COLUMNS = `id, team, workflow, intake, actor, idempotency, hash, input, at, source,
  claimed_at AS claimedAt, refused_at AS refusedAt`
/** After so long a start that says nothing more has died. */
const CLAIM_MS = 120_000
const FREE = '(claimed_at IS NULL OR claimed_at <= ?3)'

// One statement each, so that of a start and a discard at the same time one takes a row, and the other does not.
const CLAIM = `UPDATE held SET claimed_at = ?4 WHERE id IN (SELECT id FROM held WHERE team = ?1 AND workflow = ?2 AND ${FREE}
  AND (refused_at IS NULL OR refused_at < ?5) ORDER BY refused_at IS NOT NULL, at, id LIMIT ?6) RETURNING ${COLUMNS}`
const DISCARD = `DELETE FROM held WHERE id IN (SELECT id FROM held WHERE team = ?1 AND workflow = ?2 AND ${FREE}
  ORDER BY at, id LIMIT ?4) RETURNING ${COLUMNS}`

/** Takes up what is to be started, those that never failed to fit first; none that did not fit since `began`. On record, where `actor` is told. */
export async function claimToStart(
  db: D1Database,
  team: string,
  workflow: string,
  { now, began }: { now: number; began: number },
  limit: number,
  actor: Actor | null,
): Promise<HeldRow[]> {
  const claim = db.prepare(CLAIM).bind(team, workflow, now - CLAIM_MS, now, began, limit)
  const act = actor && { team, at: now, type: 'held.started' as const, actor, workflow, facts: { workflow } }
  const [claimed] = await db.batch<HeldRow>([claim, ...(act ? [await actStatement(db, act, LAST_CHANGED)] : [])])
  return claimed!.results.sort((a, b) => a.at - b.at)
}

/** Takes away, on record, what nobody has taken up; `claimedAt` tells of a start that died, which may have made the task. */
export async function takeToDiscard(
  db: D1Database,
  team: string,
  workflow: string,
  now: number,
  limit: number,
  actor: Actor,
): Promise<HeldRow[]> {
  const before = await countHeld(db, team, workflow)
  const facts = { workflow, from: `${before} held`, to: `${Math.max(0, before - limit)} held` }
  const act = { team, at: now, type: 'held.discarded' as const, actor, workflow, facts }
  const [taken] = await db.batch<HeldRow>([
    db.prepare(DISCARD).bind(team, workflow, now - CLAIM_MS, limit),
    await actStatement(db, act, LAST_CHANGED),
  ])
  return taken!.results
}

/** Gives back those that do not fit: anyone may decide on them. */
export async function noteUnfit(db: D1Database, team: string, ids: string[], now: number): Promise<void> {
  if (ids.length === 0) return
  await orm(db)
    .update(held)
    .set({ claimedAt: null, refusedAt: now })
    .where(and(eq(held.team, team), inList(ids)))
}

export async function removeHeld(db: D1Database, team: string, ids: string[]): Promise<void> {
  await orm(db)
    .delete(held)
    .where(and(sql`+${held.team} = ${team}`, inList(ids)))
}

/** As one JSON parameter: a list of parameters ends at 100. */
function inList(ids: string[]) {
  return sql`${held.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`
}
