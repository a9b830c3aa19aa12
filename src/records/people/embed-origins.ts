/** Sites that may show a team's tasks within their own pages: set as a whole, on record. */
import type { Actor } from '../../domain/task/events.ts'
import { actorId, actStatement } from '../acts.ts'

/** In order. */
export async function embedOriginsOf(db: D1Database, team: string): Promise<string[]> {
  const { results } = await db
    .prepare('SELECT origin FROM embed_origins WHERE team = ?1 ORDER BY origin')
    .bind(team)
    .all<{ origin: string }>()
  return results.map(({ origin }) => origin)
}

const KEEP = 'DELETE FROM embed_origins WHERE team = ?1 AND origin NOT IN (SELECT value FROM json_each(?2))'
const ADD = `INSERT INTO embed_origins (team, origin, created_at, created_by) SELECT ?1, value, ?3, ?4 FROM json_each(?2) WHERE true
  ON CONFLICT DO NOTHING`

/** Sets them, on record; what is so already is not set again. */
export async function putEmbedOrigins(
  db: D1Database,
  team: string,
  origins: string[],
  by: { actor: Actor; at: number },
): Promise<void> {
  const before = await embedOriginsOf(db, team)
  if (before.join() === origins.join()) return
  const list = JSON.stringify(origins)
  const facts = { from: before.join(' ') || 'none', to: origins.join(' ') || 'none' }
  await db.batch([
    db.prepare(KEEP).bind(team, list),
    db.prepare(ADD).bind(team, list, by.at, actorId(by.actor)),
    await actStatement(db, { team, at: by.at, type: 'embedding.changed', actor: by.actor, facts }),
  ])
}
