/** Who was told of which question, so that nobody is told twice. */
import type { notices } from '../../schema/told.ts'

export type NoticeKey = Pick<typeof notices.$inferSelect, 'task' | 'visit' | 'run' | 'digest'>

/** Those who were told of this content already. */
export async function noticed(db: D1Database, { task, visit, run, digest }: NoticeKey): Promise<Set<string>> {
  const { results } = await db
    .prepare('SELECT recipient FROM notices WHERE task = ?1 AND visit = ?2 AND run = ?3 AND digest = ?4')
    .bind(task, visit, run, digest)
    .all<{ recipient: string }>()
  return new Set(results.map(row => row.recipient))
}

/** Notes that these were told; answers those of whom it was not noted before. */
export async function noteNotices(db: D1Database, key: NoticeKey, recipients: string[], at: number): Promise<string[]> {
  if (recipients.length === 0) return []
  const { task, visit, run, digest } = key
  const insert = db.prepare(
    'INSERT INTO notices (task, visit, run, digest, recipient, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING RETURNING recipient',
  )
  const rows = recipients.map(recipient => insert.bind(task, visit, run, digest, recipient, at))
  const answers = await db.batch<{ recipient: string }>(rows)
  return answers.flatMap(answer => answer.results.map(row => row.recipient))
}

/** Takes a note back: what it stands for did not happen after all. */
export async function forgetNotice(db: D1Database, key: NoticeKey, recipient: string): Promise<void> {
  const { task, visit, run, digest } = key
  await db
    .prepare('DELETE FROM notices WHERE task = ?1 AND visit = ?2 AND run = ?3 AND digest = ?4 AND recipient = ?5')
    .bind(task, visit, run, digest, recipient)
    .run()
}
