/** Deliveries in D1: what came to an intake, whatever became of it, for 30 days. */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { cut } from '../../domain/text/cut.ts'
import { type Cursor, PAGE_SIZE, type Page } from '../cursor.ts'
import { orm } from '../database.ts'
import { base32 } from '../ids.ts'
import { deliveries, type Verdict } from '../schema/intake.ts'
import { walkPage } from '../walk.ts'

export type DeliveryRow = typeof deliveries.$inferSelect
export type { Verdict }

/** A delivery as its row shows it; headers and query without secrets. */
export interface DeliveryRequest {
  headers: Record<string, string>
  query: Record<string, string>
  /** The body's media type; null: it never came to reading one. */
  type: string | null
  /** The body as text, or the beginning of a long one. */
  body: string
  /** The length of all of it, in UTF-16 units; of one that was not read, in bytes. */
  length: number
  /** All of it is kept beside the row: the bytes as they came, or its text. */
  kept?: 'bytes' | 'text'
  /** What was repaired of it; absent: nothing. */
  repaired?: string[]
}

/** Of accepted ones a row holds the beginning: the task's own log holds the whole. */
export const SHOWN_CHARS = 2048
/** Of others the row holds more; longer ones are kept beside it. */
export const KEPT_CHARS = 64 * 1024
export const KEPT_MS = 30 * 24 * 3_600_000

const MINUTE_MS = 60_000
/** Rows that the Worker writes for an intake in a minute, by verdict: a flood must not fill the database. Accepted are events. */
export const PER_MINUTE: Record<Verdict, number> = {
  accepted: 600,
  unmatched: 120,
  refused: 30,
  skipped: 120,
  duplicate: 30,
  held: 120,
}

const ID = /^dlv_([a-z2-7]{20})([\da-f]{11})[a-z2-7]{8}$/

/** A new id: it tells its intake and its time. */
export function newDeliveryId(intake: string, at: number): string {
  const random = base32(crypto.getRandomValues(new Uint8Array(5)), 8)
  return `${prefixOf(intake)}${hexTime(at)}${random}`
}

function isDeliveryId(text: string): boolean {
  return ID.test(text)
}

/** When it came, in ms since the epoch. */
export function deliveryTime(id: string): number {
  return Number.parseInt(ID.exec(id)?.[2] ?? '0', 16)
}

/** The intake that it came to. */
export function intakeOfDelivery(id: string): string {
  return `int_${ID.exec(id)?.[1] ?? ''}`
}

/** The request as a row holds it, its body cut to `chars`. */
export function shownRequest(request: DeliveryRequest, chars = SHOWN_CHARS): string {
  return JSON.stringify({ ...request, body: cut(request.body, chars) })
}

const COLUMNS = 'id, team, verdict, status, reason, task, at, ms, request'
// The count looks at the last minute's rows of this intake alone: they lie together.
const INSERT_CAPPED = `INSERT INTO deliveries (${COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
  WHERE (SELECT count(*) FROM deliveries WHERE id > ?10 AND id < substr(?1, 1, 24) || 'g' AND verdict = ?3) < ?11 ON CONFLICT (id) DO NOTHING`

/** Writes a row unless this intake had its share of such rows within the last minute; `then`: what goes with it. */
export async function insertCapped(
  db: D1Database,
  row: DeliveryRow,
  cap: number,
  then: D1PreparedStatement[] = [],
): Promise<void> {
  const since = `${row.id.slice(0, 24)}${hexTime(row.at - MINUTE_MS)}`
  const insert = db.prepare(INSERT_CAPPED).bind(...valuesOf(row), since, cap)
  await db.batch([insert, ...then])
}

const INSERT_HELD = `INSERT INTO deliveries (${COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
  WHERE EXISTS (SELECT 1 FROM held WHERE id = ?6 AND team = ?2 AND source->>'$.delivery' = ?1)`

/** The statement that writes the row of a delivery if that very one is held. */
export function insertHeldDelivery(db: D1Database, row: DeliveryRow): D1PreparedStatement {
  return db.prepare(INSERT_HELD).bind(...valuesOf(row))
}

function valuesOf({ id, team, verdict, status, reason, task, at, ms, request }: DeliveryRow) {
  return [id, team, verdict, status, reason, task, at, ms, request]
}

/** Notes that held deliveries will never start, by the tasks that they would have made. */
export async function noteDiscarded(db: D1Database, team: string, ids: string[]): Promise<void> {
  await orm(db)
    .update(deliveries)
    .set({ verdict: 'skipped', reason: 'discarded: Discarded after the pause.' })
    .where(and(eq(deliveries.team, team), eq(deliveries.verdict, 'held'), inList(ids)))
}

function inList(ids: string[]): SQL {
  return sql`${deliveries.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`
}

export interface DeliveryFilter {
  verdict?: Verdict
  /** Found in the body's beginning, headers, query, reason, or as the task. */
  q?: string
  /** In ms since the epoch; `to` is exclusive. */
  from?: number
  to?: number
}

/** An intake's deliveries, newest first. */
export async function listDeliveries(
  db: D1Database,
  team: string,
  intake: string,
  filter: DeliveryFilter,
  cursor: Cursor | null,
  size = PAGE_SIZE,
): Promise<Page<DeliveryRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const prefix = prefixOf(intake)
  const where = [
    `id >= ${bound(`${prefix}${filter.from === undefined ? '' : hexTime(filter.from)}`)}`,
    `id < ${bound(filter.to === undefined ? `${prefix}g` : `${prefix}${hexTime(filter.to)}`)}`,
    'team = ?1',
  ]
  if (cursor) where.push(`id < ${bound(cursor.id)}`)
  const found = values.length
  const fits: string[] = []
  if (filter.verdict) fits.push(`verdict = ${bound(filter.verdict)}`)
  if (filter.q) fits.push(holds(bound(filter.q), bound(JSON.stringify(filter.q).slice(1, -1))))
  const walk = { columns: COLUMNS, table: 'deliveries', where, order: 'id DESC', fits, values, found, size }
  return walkPage<DeliveryRow>(db, walk, row => ({ at: row.at, id: row.id }))
}

/** In a row the body stands as JSON: what is looked for is written the same way. Never LIKE: D1 refuses patterns of over 50 bytes. */
function holds(q: string, inJson: string): string {
  return `(instr(lower(request), lower(${inJson})) > 0 OR instr(lower(reason), lower(${q})) > 0 OR task = ${q} OR id = ${q})`
}

export async function deliveryById(db: D1Database, team: string, id: string): Promise<DeliveryRow | null> {
  if (!isDeliveryId(id)) return null
  const row = await orm(db)
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.id, id), eq(deliveries.team, team)))
    .get()
  return row ?? null
}

const PASSED = `SELECT at FROM deliveries WHERE id >= ?1 AND id < ?2 AND verdict IN ('accepted', 'held') ORDER BY id DESC LIMIT ?3`

/** When the intake's last deliveries that passed came, oldest first, at most `most`. An intake's id belongs to one team. */
export async function passedSince(db: D1Database, intake: string, since: number, most: number): Promise<number[]> {
  const prefix = prefixOf(intake)
  const { results } = await db
    .prepare(PASSED)
    .bind(prefix + hexTime(since), `${prefix}g`, most)
    .all<{ at: number }>()
  return results.map(row => row.at).reverse()
}

/** What the tasks of these deliveries are called, by id. */
export async function titlesOf(
  db: D1Database,
  team: string,
  rows: { task: string | null }[],
): Promise<Map<string, string>> {
  const ids = rows.flatMap(row => row.task ?? [])
  const { results } = await db
    .prepare('SELECT id, title FROM tasks WHERE +team = ?1 AND id IN (SELECT value FROM json_each(?2))')
    .bind(team, JSON.stringify(ids))
    .all<{ id: string; title: string }>()
  return new Map(results.map(({ id, title }) => [id, title]))
}

const FORGET = `DELETE FROM deliveries WHERE id IN (SELECT d.id FROM intakes i
  JOIN deliveries d ON d.id > 'dlv_' || substr(i.id, 5) AND d.id < 'dlv_' || substr(i.id, 5) || ?1 LIMIT ?2)`
const AT_ONCE = 1000
const ROUNDS = 20

/** Deletes deliveries older than 30 days, a bounded number a call; answers how many. */
export async function forgetDeliveries(db: D1Database, now: number): Promise<number> {
  let gone = 0
  for (let round = 0; round < ROUNDS; round++) {
    const { meta } = await db
      .prepare(FORGET)
      .bind(hexTime(now - KEPT_MS), AT_ONCE)
      .run()
    gone += meta.changes
    if (meta.changes < AT_ONCE) break
  }
  return gone
}

function prefixOf(intake: string): string {
  return `dlv_${intake.slice(4)}`
}

/** Eleven digits reach to the year 2527. */
export function hexTime(at: number): string {
  return Math.max(0, Math.floor(at)).toString(16).padStart(11, '0')
}
