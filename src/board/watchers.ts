/** Who may watch boards: asked again while sockets are open, and their sockets' end when somebody may no longer. */

import type { Env } from '../env.ts'
import { workflowIds } from '../records/boards.ts'
import { LONGEST_MS } from '../team/auth.ts'
import { boardStub, type Watcher } from './rpc.ts'

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

/** An invocation has six outgoing connections. */
const SIDE_BY_SIDE = 6

/** Closes the sockets of a person, or of one session, on every board of the team. */
export async function closeSockets(
  env: Pick<Env, 'DB' | 'BOARDS'>,
  team: string,
  whose: { person: string } | { session: string },
): Promise<void> {
  const workflows = await workflowIds(env.DB, team)
  for (let at = 0; at < workflows.length; at += SIDE_BY_SIDE) {
    const some = workflows.slice(at, at + SIDE_BY_SIDE)
    await Promise.all(some.map(workflow => boardStub(env, team, workflow).closeSockets(whose)))
  }
}
