/** Mail that local mode keeps instead of sending. */
import type { outbox } from '../schema/people.ts'

export type OutboxMail = typeof outbox.$inferSelect

const KEPT = 500

export async function keepMail(db: D1Database, mail: Omit<OutboxMail, 'id'>): Promise<void> {
  const { recipient, subject, text, at, replyTo } = mail
  await db.batch([
    db
      .prepare('INSERT INTO outbox (recipient, subject, text, at, reply_to) VALUES (?1, ?2, ?3, ?4, ?5)')
      .bind(recipient, subject, text, at, replyTo),
    db.prepare(`DELETE FROM outbox WHERE id <= (SELECT max(id) FROM outbox) - ${KEPT}`),
  ])
}

/** The mail before this id, newest first. */
export async function listMail(db: D1Database, before: number | null, size: number): Promise<OutboxMail[]> {
  const statement = db.prepare(
    'SELECT id, recipient, subject, text, at, reply_to AS replyTo FROM outbox WHERE id < ?1 ORDER BY id DESC LIMIT ?2',
  )
  return (await statement.bind(before ?? Number.MAX_SAFE_INTEGER, size).all<OutboxMail>()).results
}

export function mailById(db: D1Database, id: number): Promise<OutboxMail | null> {
  return db
    .prepare('SELECT id, recipient, subject, text, at, reply_to AS replyTo FROM outbox WHERE id = ?1')
    .bind(id)
    .first<OutboxMail>()
}
