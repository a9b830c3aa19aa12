/** The sessions of a person: which browsers they are signed in with, and the end of one or all. */

import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { session } from '../schema/people.ts'
import type { By, MemberRow } from './members.ts'

export type OwnSession = Pick<typeof session.$inferSelect, 'id' | 'createdAt' | 'updatedAt' | 'expiresAt' | 'userAgent'>

/** Those that live, the one used last first. */
export async function sessionsOf(db: D1Database, user: string, now: Date): Promise<OwnSession[]> {
  const text = `SELECT id, createdAt, updatedAt, expiresAt, userAgent FROM session
    WHERE userId = ?1 AND expiresAt > ?2 ORDER BY updatedAt DESC, id LIMIT 100`
  return (await db.prepare(text).bind(user, now.toISOString()).all<OwnSession>()).results
}

/** Ends one of them; false: it is over, or somebody else's. */
export async function endSession(db: D1Database, user: string, id: string): Promise<boolean> {
  const done = await db.prepare('DELETE FROM session WHERE userId = ?1 AND id = ?2').bind(user, id).run()
  return done.meta.changes > 0
}

/** Ends all but this one; answers their ids. */
export async function endOtherSessions(db: D1Database, user: string, kept: string): Promise<string[]> {
  const text = 'DELETE FROM session WHERE userId = ?1 AND id != ?2 RETURNING id'
  return (await db.prepare(text).bind(user, kept).all<{ id: string }>()).results.map(({ id }) => id)
}

/** Ends all of a member's, on record. */
export async function endSessionsOf(db: D1Database, member: MemberRow, by: By): Promise<void> {
  const open = await sessionsOf(db, member.user, new Date(by.at))
  const facts = { email: member.email, from: `${open.length} open`, to: 'none open' }
  await db.batch([
    db.prepare('DELETE FROM session WHERE userId = ?1').bind(member.user),
    await actStatement(db, { ...by, type: 'sessions.ended', facts }, LAST_CHANGED),
  ])
}
