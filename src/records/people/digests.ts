/** Digests in D1: who is told together instead of at once, and what the next of them is for. */
import { addMessage, type NewMessage } from '../task/told/messages.ts'

export const DIGEST_HOWS = ['now', 'hourly', 'daily'] as const

/** How somebody wants to hear of what waits for them. */
export interface DigestWish {
  how: (typeof DIGEST_HOWS)[number]
  /** Of the day, by the clock of `timezone`; for `daily` alone. */
  hour: number
  timezone: string
}

export interface DueDigest extends DigestWish {
  team: string
  email: string
  /** The slot that is due. */
  nextAt: number
}

const AT_ONCE: DigestWish = { how: 'now', hour: 9, timezone: 'UTC' }

/** What this person, in lower case, has chosen; at once, if nothing. */
export async function digestWish(db: D1Database, team: string, email: string): Promise<DigestWish> {
  const sql = 'SELECT how, hour, timezone FROM digests WHERE team = ?1 AND email = ?2'
  return (await db.prepare(sql).bind(team, email).first<DigestWish>()) ?? AT_ONCE
}

/** Those of these people, in lower case, who are told by digest. */
export async function byDigest(db: D1Database, team: string, emails: string[]): Promise<Set<string>> {
  const sql = `SELECT d.email FROM json_each(?2) e CROSS JOIN digests d ON d.team = ?1 AND d.email = e.value
    WHERE d.how <> 'now'`
  const { results } = await db.prepare(sql).bind(team, JSON.stringify(emails)).all<{ email: string }>()
  return new Set(results.map(({ email }) => email))
}

const PUT = `INSERT INTO digests (team, email, how, hour, timezone, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (team, email) DO UPDATE SET how = excluded.how, hour = excluded.hour, timezone = excluded.timezone,
    next_at = excluded.next_at`

/** Sets what they chose; `nextAt`: their next slot. */
export async function putDigestWish(
  db: D1Database,
  { team, email, how, hour, timezone, nextAt }: DueDigest,
): Promise<void> {
  await db.prepare(PUT).bind(team, email, how, hour, timezone, nextAt).run()
}

/** Notes what their next digest is for; twice is once. */
export async function addDigestItem(db: D1Database, team: string, email: string, item: string, at: number) {
  const sql = 'INSERT INTO digest_items (team, email, item, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING'
  await db.prepare(sql).bind(team, email, item, at).run()
}

/** Whether anything came by `until` that they were not told of. */
export async function hasDigestItem(db: D1Database, team: string, email: string, until: number): Promise<boolean> {
  const sql = 'SELECT 1 AS one FROM digest_items WHERE team = ?1 AND email = ?2 AND at <= ?3 LIMIT 1'
  return (await db.prepare(sql).bind(team, email, until).first()) !== null
}

/** Those whose slot has come, of all teams. */
export async function dueDigests(db: D1Database, now: number): Promise<DueDigest[]> {
  const sql = `SELECT team, email, how, hour, timezone, next_at AS nextAt FROM digests
    WHERE next_at IS NOT NULL AND next_at <= ?1 ORDER BY next_at LIMIT 200`
  return (await db.prepare(sql).bind(now).all<DueDigest>()).results
}

/**
 * Settles a slot in one batch: the message, if there is one, is kept, what it tells of (all up to `until`) is let go, and the
 * next slot stands. Whoever comes second with the same slot changes nothing that matters: the message's id is the slot's.
 */
export async function settleDigest(
  db: D1Database,
  { team, email, nextAt }: DueDigest,
  { message, until, next, now }: { message: NewMessage | null; until: number; next: number | null; now: number },
): Promise<void> {
  await db.batch([
    ...(message === null ? [] : [addMessage(db, message, now)]),
    db.prepare('DELETE FROM digest_items WHERE team = ?1 AND email = ?2 AND at <= ?3').bind(team, email, until),
    db
      .prepare('UPDATE digests SET next_at = ?4 WHERE team = ?1 AND email = ?2 AND next_at = ?3')
      .bind(team, email, nextAt, next),
  ])
}
