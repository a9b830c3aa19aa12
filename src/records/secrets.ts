/** A team's secrets in D1: sealed values, the hosts that each may go to, and when it was last used. */
import type { SealedSecret } from './schema.ts'

/** A secret as a call needs it. */
export interface StoredSecret {
  name: string
  sealed: SealedSecret
  hosts: string[]
}

const SECRETS_BY_NAME =
  'SELECT name, sealed, hosts FROM secrets WHERE team = ?1 AND name IN (SELECT value FROM json_each(?2))'

/** Those of these names that are there. */
export async function secretsByName(db: D1Database, team: string, names: readonly string[]): Promise<StoredSecret[]> {
  const { results } = await db
    .prepare(SECRETS_BY_NAME)
    .bind(team, JSON.stringify(names))
    .all<{ name: string; sealed: string; hosts: string }>()
  return results.map(({ name, sealed, hosts }) => ({
    name,
    sealed: JSON.parse(sealed) as SealedSecret,
    hosts: JSON.parse(hosts) as string[],
  }))
}

const TOUCH_SECRETS = `UPDATE secrets SET last_used_at = ?3 WHERE team = ?1 AND name IN (SELECT value FROM json_each(?2))
  AND (last_used_at IS NULL OR last_used_at < ?4)`

/** Notes that these were used, unless that was noted after `stale`. */
export async function touchSecrets(
  db: D1Database,
  team: string,
  names: readonly string[],
  now: number,
  stale: number,
): Promise<void> {
  await db.prepare(TOUCH_SECRETS).bind(team, JSON.stringify(names), now, stale).run()
}

const SECRET_HOSTS = 'SELECT name, hosts FROM secrets WHERE team = ?1'

/** Of all secrets of the team: name → the hosts that it may go to. */
export async function secretHosts(db: D1Database, team: string): Promise<Map<string, string[]>> {
  const { results } = await db.prepare(SECRET_HOSTS).bind(team).all<{ name: string; hosts: string }>()
  return new Map(results.map(({ name, hosts }) => [name, JSON.parse(hosts) as string[]]))
}
