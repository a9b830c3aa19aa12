/** How often a wrong code was typed at a link, in D1. */

interface LinkKey {
  team: string
  /** The link's own id. */
  jti: string
}

/** As long as a link may live, and a day. */
const KEPT_MS = 8 * 86_400_000

/** Takes one of the link's tries; answers the how manieth it is, null: none is left. */
export async function takeTry(
  db: D1Database,
  { team, jti }: LinkKey,
  most: number,
  now: number,
): Promise<number | null> {
  const row = await db
    .prepare(
      `INSERT INTO code_tries (team, jti, tries, at) VALUES (?1, ?2, 1, ?4)
       ON CONFLICT (team, jti) DO UPDATE SET tries = tries + 1, at = excluded.at WHERE tries < ?3 RETURNING tries`,
    )
    .bind(team, jti, most, now)
    .first<{ tries: number }>()
  return row?.tries ?? null
}

/** The code was right: the try does not count. */
export async function giveTryBack(db: D1Database, { team, jti }: LinkKey): Promise<void> {
  await db.prepare('UPDATE code_tries SET tries = tries - 1 WHERE team = ?1 AND jti = ?2').bind(team, jti).run()
}

/** Forgets those of links that have ended. */
export async function forgetTries(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM code_tries WHERE at < ?1')
    .bind(now - KEPT_MS)
    .run()
}
