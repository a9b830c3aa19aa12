/** Signed bodies that came lately, in D1: what a sender's own id cannot tell where it is not signed. */

/** So long the same signed body is the same delivery, whatever id it says. */
const WINDOW_MS = 10 * 60_000

const CLAIM = `INSERT INTO signed_bodies (intake, digest, task, at) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (intake, digest) DO UPDATE SET task = excluded.task, at = excluded.at WHERE signed_bodies.at <= ?5`
const OWNER = 'SELECT task FROM signed_bodies WHERE intake = ?1 AND digest = ?2'

/** The task that a signed body stands for: that of the first within the window, else the one that is given. */
export async function taskOfSignedBody(
  db: D1Database,
  { intake, digest, task }: { intake: string; digest: string; task: string },
  now: number,
): Promise<string> {
  const [, owner] = await db.batch<{ task: string }>([
    db.prepare(CLAIM).bind(intake, digest, task, now, now - WINDOW_MS),
    db.prepare(OWNER).bind(intake, digest),
  ])
  return owner?.results[0]?.task ?? task
}

/** Forgets those that are older than the window. */
export async function forgetSignedBodies(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM signed_bodies WHERE at <= ?1')
    .bind(now - WINDOW_MS)
    .run()
}
