/** Who once belonged to a team. Such an address is nobody there until it is invited again, or named as a guest. */

/** Written with the removal of this membership, in one batch; nothing, where the member stays. */
export function rememberFormer(
  db: D1Database,
  { team, email, membership, at }: { team: string; email: string; membership: string; at: number },
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO former_members (team, email, at, guest, look_at)
       SELECT ?1, ?2, ?3, 0, ?3 WHERE NOT EXISTS (SELECT 1 FROM member WHERE id = ?4)
       ON CONFLICT (team, email) DO UPDATE SET at = ?3, guest = 0, look_at = ?3`,
    )
    .bind(team, email.toLowerCase(), at, membership)
}

const GONE = `SELECT f.email FROM former_members f WHERE f.team = ?1 AND f.guest = 0
  AND (?2 IS NULL OR f.email IN (SELECT value FROM json_each(?2)))
  AND NOT EXISTS (SELECT 1 FROM member m JOIN user u ON u.id = m.userId WHERE m.organizationId = ?1 AND lower(u.email) = f.email)
  AND NOT EXISTS (SELECT 1 FROM invitation i WHERE i.organizationId = ?1 AND i.email = f.email
    AND i.status = 'pending' AND i.expiresAt > ?3)`

/** Those of the addresses that are nobody in this team any more. */
export async function goneFrom(db: D1Database, team: string, addresses: string[]): Promise<Set<string>> {
  if (addresses.length === 0) return new Set()
  const wanted = JSON.stringify(addresses.map(address => address.toLowerCase()))
  const find = db.prepare(GONE).bind(team, wanted, new Date().toISOString())
  return new Set((await find.all<{ email: string }>()).results.map(({ email }) => email))
}

/** All of them: what the lint is told. */
export async function formerMembers(db: D1Database, team: string): Promise<string[]> {
  const find = db.prepare(GONE).bind(team, null, new Date().toISOString())
  return (await find.all<{ email: string }>()).results.map(({ email }) => email)
}

export async function isGone(db: D1Database, team: string, address: string): Promise<boolean> {
  return (await goneFrom(db, team, [address])).size > 0
}

/**
 * What a command of a person rests on is no older than this when it is written, and a removal is confirmed no sooner than
 * this after it was written. So nothing of theirs is written once their removal was confirmed: what still is, was on its way
 * while the removal was, and counts as before it. Each measures its own time, so no two clocks need to agree.
 */
export const STANDING_MS = 500
/** D1 answers in a few ms; one that is this slow this often is away. */
const LOOKS = 10

/** Whether whoever is about to act is gone, as of at most `STANDING_MS` ago; throws when D1 cannot tell that soon. */
export async function hasLeft(db: D1Database, team: string, address: string): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    const began = Date.now()
    const gone = await isGone(db, team, address)
    if (gone || Date.now() - began < STANDING_MS) return gone
  }
  throw new Error('D1 takes too long to tell who belongs to the team')
}

/** From now on these are guests, whatever they were: somebody of the team has named them so. */
export async function welcomeGuests(db: D1Database, team: string, addresses: string[]): Promise<void> {
  if (addresses.length === 0) return
  await db
    .prepare('UPDATE former_members SET guest = 1 WHERE team = ?1 AND email IN (SELECT value FROM json_each(?2))')
    .bind(team, JSON.stringify(addresses.map(address => address.toLowerCase())))
    .run()
}

/** A removal whose open questions may not all have been handed over. */
export interface OpenRemoval {
  team: string
  email: string
  at: number
}

export async function removalsToLookAt(db: D1Database, now: number, most: number): Promise<OpenRemoval[]> {
  const text = 'SELECT team, email, at FROM former_members WHERE look_at <= ?1 ORDER BY look_at LIMIT ?2'
  return (await db.prepare(text).bind(now, most).all<OpenRemoval>()).results
}

/** When it is looked at next; null: nothing is left of it. A newer removal of the same address is not touched. */
export async function lookAgain(db: D1Database, { team, email, at }: OpenRemoval, next: number | null): Promise<void> {
  await db
    .prepare('UPDATE former_members SET look_at = ?4 WHERE team = ?1 AND email = ?2 AND at = ?3')
    .bind(team, email, at, next)
    .run()
}

/** What stands before an address that is meant as a guest's, whatever it was. */
export const GUEST = 'guest:'

/** The addresses alone; whoever is named as `guest:address` is a guest from now on. */
export async function welcomed(db: D1Database, team: string, names: string[]): Promise<string[]> {
  const guests = names.filter(name => name.startsWith(GUEST)).map(name => name.slice(GUEST.length))
  await welcomeGuests(db, team, guests)
  return names.map(name => (name.startsWith(GUEST) ? name.slice(GUEST.length) : name))
}
