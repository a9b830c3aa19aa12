/** Whole bodies of deliveries in D1, for those whose row holds but the beginning; kept as long as the row. */
import { hexTime, KEPT_MS } from './deliveries.ts'

const DAY_MS = 24 * 3_600_000
/** What an intake may fill within a day: strangers may send what is refused. */
export const DAILY_BYTES = 32 * 1024 * 1024
/** D1 takes no larger value. */
const MAX_BYTES = 1_900_000

// Only with its row, and within the day's share of its intake: an intake's bodies lie together, in order of time.
const INSERT = `INSERT INTO delivery_bodies (delivery, team, bytes, body) SELECT ?1, ?2, ?3, ?4
  WHERE EXISTS (SELECT 1 FROM deliveries WHERE id = ?1 AND team = ?2)
  AND (SELECT coalesce(sum(bytes), 0) FROM delivery_bodies WHERE delivery > ?5 AND delivery < substr(?1, 1, 24) || 'g') + ?3 <= ?6
  ON CONFLICT (delivery) DO NOTHING`

/** The statement that keeps the body of a delivery whose row was just written; null: it is too long. */
export function insertBody(
  db: D1Database,
  { id, team, at }: { id: string; team: string; at: number },
  body: Uint8Array,
): D1PreparedStatement | null {
  if (body.byteLength > MAX_BYTES) return null
  const since = `${id.slice(0, 24)}${hexTime(at - DAY_MS)}`
  return db.prepare(INSERT).bind(id, team, body.byteLength, body, since, DAILY_BYTES)
}

/** All of a delivery's body; null: it was not kept. */
export async function bodyOfDelivery(db: D1Database, team: string, delivery: string): Promise<Uint8Array | null> {
  const find = db.prepare('SELECT body FROM delivery_bodies WHERE delivery = ?1 AND team = ?2').bind(delivery, team)
  const body = await find.first<ArrayBuffer | number[]>('body')
  return body && new Uint8Array(body)
}

const FORGET = `DELETE FROM delivery_bodies WHERE delivery IN (SELECT b.delivery FROM intakes i
  JOIN delivery_bodies b ON b.delivery > 'dlv_' || substr(i.id, 5) AND b.delivery < 'dlv_' || substr(i.id, 5) || ?1 LIMIT ?2)`

/** Deletes bodies as old as the deliveries that are forgotten, a bounded number a call. */
export async function forgetBodies(db: D1Database, now: number): Promise<void> {
  await db
    .prepare(FORGET)
    .bind(hexTime(now - KEPT_MS), 1000)
    .run()
}
