/** Who may watch boards: asked again while sockets are open. */
import { rolesOfSessions } from '../../records/people/people.ts'
import { LONGEST_MS } from '../../team/sign-in/auth.ts'
import type { Watcher } from '../rpc.ts'

/** Those of the watchers of one board whose session lives and who are of the team still, in the same role. */
export async function admittedWatchers(db: D1Database, watchers: Watcher[]): Promise<Set<Watcher>> {
  const [first] = watchers
  if (first === undefined) return new Set()
  const now = Date.now()
  const sessions = [...new Set(watchers.map(watcher => watcher.session))]
  const roles = await rolesOfSessions(db, first.team, sessions, new Date(now), new Date(now - LONGEST_MS))
  return new Set(watchers.filter(watcher => roles.get(watcher.session) === watcher.role))
}
