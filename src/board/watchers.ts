/** Who may watch boards: asked again while sockets are open. */
import { LONGEST_MS } from '../team/auth.ts'
import type { Watcher } from './rpc.ts'

const ADMITTED = `SELECT s.id, m.role FROM session s JOIN user u ON u.id = s.userId
  JOIN member m ON m.userId = u.id AND m.organizationId = ?1
  WHERE s.id IN (SELECT value FROM json_each(?2)) AND s.expiresAt > ?3 AND s.createdAt > ?4`

/** Those of the watchers of one board whose session lives and who are of the team still, in the same role. */
export async function admittedWatchers(db: D1Database, watchers: Watcher[]): Promise<Set<Watcher>> {
  const [first] = watchers
  if (first === undefined) return new Set()
  const now = Date.now()
  const sessions = JSON.stringify([...new Set(watchers.map(watcher => watcher.session))])
  const { results } = await db
    .prepare(ADMITTED)
    .bind(first.team, sessions, new Date(now).toISOString(), new Date(now - LONGEST_MS).toISOString())
    .all<{ id: string; role: string }>()
  const roles = new Map(results.map(row => [row.id, row.role]))
  return new Set(watchers.filter(watcher => roles.get(watcher.session) === watcher.role))
}
