/** Signed messages that came lately, in D1: they tell a repeated delivery where the sender's id is not signed and so proves nothing. */

/** So long the same signed message is the same delivery, whatever id it says. */
const WINDOW_MS = 10 * 60_000

const CLAIM = `INSERT INTO signed_bodies (intake, digest, task, idempotency, at) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (intake, digest) DO UPDATE SET task = excluded.task, idempotency = excluded.idempotency, at = excluded.at
  WHERE signed_bodies.at <= ?6`
const OWNER = 'SELECT task, idempotency FROM signed_bodies WHERE intake = ?1 AND digest = ?2'

/** The task that a signed message makes, and the Idempotency-Key that it is made with; null: none. */
export interface MessageTask {
  task: string
  idempotency: string | null
}

/** What a signed message stands for: what the first within the window made of it, else what is given. */
export async function taskOfMessage(
  db: D1Database,
  { intake, digest }: { intake: string; digest: string },
  made: MessageTask,
  now: number,
): Promise<MessageTask> {
  const [, owner] = await db.batch<MessageTask>([
    db.prepare(CLAIM).bind(intake, digest, made.task, made.idempotency, now, now - WINDOW_MS),
    db.prepare(OWNER).bind(intake, digest),
  ])
  return owner?.results[0] ?? made
}

/** Forgets those that are older than the window. */
export async function forgetSignedBodies(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM signed_bodies WHERE at <= ?1')
    .bind(now - WINDOW_MS)
    .run()
}
