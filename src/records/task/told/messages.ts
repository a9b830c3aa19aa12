/** Messages to people and channels in D1: what is to be told, how often it was tried, and what came of it. */
import { type Cursor, PAGE_SIZE, type Page, page } from '../../cursor.ts'
import type { messages } from '../../schema/told.ts'
import type { NoticeKey } from './notices.ts'

export type Message = typeof messages.$inferSelect

export type NewMessage = Pick<
  Message,
  'id' | 'team' | 'channel' | 'recipient' | 'kind' | 'subject' | 'text' | 'path' | 'about'
>

type Row = Omit<Message, 'about'> & { about: string | null }

const COLUMNS = `id, team, channel, recipient, kind, subject, text, path, about, status, attempts, next_at AS nextAt,
  last_error AS lastError, created_at AS createdAt, tried_since AS triedSince, sent_at AS sentAt`

function read({ about, ...row }: Row): Message {
  return { ...row, about: about === null ? null : (JSON.parse(about) as NoticeKey) }
}

const ADD = `INSERT INTO messages (id, team, channel, recipient, kind, subject, text, path, about, status, attempts, next_at,
    created_at, tried_since)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending', 0, ?10, ?10, ?10) ON CONFLICT (id) DO NOTHING RETURNING ${COLUMNS}`

/** Keeps a message that is due now, unless it is there. */
export function addMessage(db: D1Database, message: NewMessage, now: number): D1PreparedStatement {
  const { id, team, channel, recipient, kind, subject, text, path, about } = message
  const aboutText = about === null ? null : JSON.stringify(about)
  return db.prepare(ADD).bind(id, team, channel, recipient, kind, subject, text, path, aboutText, now)
}

/** Keeps these in one batch, after `besides`; answers those that were not there before. */
export async function addMessages(
  db: D1Database,
  messages: NewMessage[],
  now: number,
  besides: D1PreparedStatement[] = [],
): Promise<Message[]> {
  if (messages.length + besides.length === 0) return []
  const added = await db.batch<Row>([...besides, ...messages.map(each => addMessage(db, each, now))])
  return added.slice(besides.length).flatMap(({ results }) => results.map(read))
}

export async function messageById(db: D1Database, team: string, id: string): Promise<Message | null> {
  const sql = `SELECT ${COLUMNS} FROM messages WHERE id = ?1 AND team = ?2`
  const row = await db.prepare(sql).bind(id, team).first<Row>()
  return row && read(row)
}

const DUE = `SELECT ${COLUMNS} FROM messages WHERE next_at IS NOT NULL AND next_at <= ?1 ORDER BY next_at LIMIT 200`

/** Those that are to be tried by now, of all teams. */
export async function dueMessages(db: D1Database, now: number): Promise<Message[]> {
  return (await db.prepare(DUE).bind(now).all<Row>()).results.map(read)
}

const TAKE = `UPDATE messages SET attempts = attempts + 1, next_at = ?4
  WHERE id = ?1 AND team = ?2 AND attempts = ?3 AND status = 'pending'`

/** Takes up the next try, unless another did; `again`: when it is tried anew if nothing is heard of this try. */
export async function takeMessage(db: D1Database, { id, team, attempts }: Message, again: number): Promise<boolean> {
  return (await db.prepare(TAKE).bind(id, team, attempts, again).run()).meta.changes > 0
}

const SETTLE = `UPDATE messages SET status = ?3, next_at = ?4, last_error = ?5, sent_at = ?6
  WHERE id = ?1 AND team = ?2 AND status = 'pending'`

/** Records what a try came to. */
export async function settleMessage(
  db: D1Database,
  { id, team }: Message,
  { status, nextAt, lastError, sentAt }: Pick<Message, 'status' | 'nextAt' | 'lastError' | 'sentAt'>,
): Promise<void> {
  await db.prepare(SETTLE).bind(id, team, status, nextAt, lastError, sentAt).run()
}

const AGAIN = `UPDATE messages SET status = 'pending', next_at = ?3, tried_since = ?3 WHERE id = ?1 AND team = ?2 AND status <> 'sent'`

/** Puts one that did not arrive back to be sent, for another day. */
export async function sendMessageAgain(db: D1Database, team: string, id: string, now: number): Promise<void> {
  await db.prepare(AGAIN).bind(id, team, now).run()
}

const LIST = `SELECT ${COLUMNS} FROM messages WHERE team = ?1 AND (?5 OR recipient = ?6)
  AND (created_at < ?2 OR (created_at = ?2 AND id < ?3)) ORDER BY created_at DESC, id DESC LIMIT ?4`

/** The team's, newest first; `person`: only what went to this address, in lower case. */
export async function listMessages(
  db: D1Database,
  team: string,
  person: string | null,
  cursor: Cursor | null,
): Promise<Page<Message>> {
  const { at, id } = cursor ?? { at: Number.MAX_SAFE_INTEGER, id: '' }
  const values = [team, at, id, PAGE_SIZE + 1, person === null ? 1 : 0, person]
  const { results } = await db
    .prepare(LIST)
    .bind(...values)
    .all<Row>()
  return page(results.map(read), row => ({ at: row.createdAt, id: row.id }))
}

const KEPT_MS = 30 * 86_400_000

/** Forgets those of more than thirty days ago. */
export async function forgetMessages(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM messages WHERE created_at < ?1 AND next_at IS NULL')
    .bind(now - KEPT_MS)
    .run()
}
