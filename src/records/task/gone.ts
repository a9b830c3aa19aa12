/** Tasks that are deleted: what D1 holds of one goes in one transaction, and its mark stays, so that nothing late brings it back. */
import { erasedFacts, wereErased } from '../../domain/proof/link.ts'
import type { Actor } from '../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import { sha256Hex } from '../ids.ts'
import type { goneTasks } from '../schema/gone.ts'

/** What is known of a task that is to go. */
export type Leaver = Pick<typeof goneTasks.$inferSelect, 'team' | 'task' | 'createdAt' | 'updatedAt'> & {
  workflow: string
  /** The delivery that it came from. */
  delivery: string | null
  /** What the audit quotes of it was erased first. */
  erased?: boolean
}

const MARK = `INSERT INTO gone_tasks (team, task, created_at, updated_at, at, empty_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
  ON CONFLICT (team, task) DO NOTHING`
const FREE = `UPDATE file_objects SET free_at = ?3 WHERE key IN (SELECT object FROM files WHERE team = ?1 AND task = ?2)
  AND NOT EXISTS (SELECT 1 FROM files WHERE object = key AND NOT (team = ?1 AND task = ?2)) RETURNING key`
const KEY = `DELETE FROM task_keys WHERE team = ?1 AND task = ?2
  AND (key, workflow) = (SELECT key, workflow FROM tasks WHERE id = ?2 AND team = ?1)`
/** What people were told of the task. */
export const MESSAGES = `DELETE FROM messages WHERE team = ?1 AND about ->> '$.task' = ?2`
// Its questions and its words go with its row. What people made of its drafts stays, as that holds no text.
const OF_TASK = ['files', 'callbacks', 'drafts', 'shares', 'corrections', 'recorded_answers', 'offered_answers'].map(
  table => `DELETE FROM ${table} WHERE team = ?1 AND task = ?2`,
)
const OWN = 'SELECT task FROM gone_tasks WHERE team = ?1 AND task = ?2'

/**
 * Takes a task out of D1, on record; answers the objects in storage that nothing refers to any more. Said again it does the
 * same, and is on record once. `actor`: who deletes it; null: it is on record elsewhere.
 */
export async function removeTask(db: D1Database, leaver: Leaver, actor: Actor | null, at: number): Promise<string[]> {
  const { team, task, workflow, createdAt, updatedAt, delivery, erased } = leaver
  const of = (sql: string, ...more: (string | number)[]) => db.prepare(sql).bind(team, task, ...more)
  const facts = { task, from: 'kept', to: erased ? 'deleted, and what the audit log quotes of it erased' : 'deleted' }
  const act =
    actor && (await actStatement(db, { team, at, type: 'task.deleted', actor, workflow, facts }, LAST_CHANGED))
  const [freed] = await db.batch<{ key: string }>([
    of(FREE, at),
    of(MARK, createdAt, updatedAt, at),
    ...(act === null ? [] : [act]),
    ...OF_TASK.map(sql => of(sql)),
    of(`DELETE FROM notices WHERE task IN (${OWN})`),
    of(MESSAGES),
    of(KEY),
    ...withoutDelivery(db, team, delivery),
    of('DELETE FROM tasks WHERE team = ?1 AND id = ?2'),
  ])
  return (freed?.results ?? []).map(({ key }) => key)
}

/** The task's clock may step back a little. */
const SLACK_MS = 600_000
const QUOTES = `SELECT at, seq, facts FROM audit WHERE team = ?1 AND task = ?2 AND at >= ?3 AND at <= ?4 AND facts <> '[]'`
const ERASE = `UPDATE audit SET facts = value->>2 FROM json_each(?3) WHERE team = ?1 AND task = ?2 AND at = value->>0 AND seq = value->>1`

/** Erases what the audit quotes of the task: its title, notes, names. The rows stay, and their chain holds by the digests that are left. */
export async function eraseQuotes(db: D1Database, quoted: Quoted): Promise<void> {
  for (const statement of await withoutQuotes(db, quoted)) await statement.run()
}

type Quoted = Pick<Leaver, 'team' | 'task' | 'createdAt' | 'updatedAt'>

/** What leaves the digest alone of the facts that the audit has of the task, where they tell of what they may not. */
export async function withoutQuotes(
  db: D1Database,
  { team, task, createdAt, updatedAt }: Quoted,
  tells: (facts: string) => boolean = () => true,
): Promise<D1PreparedStatement[]> {
  const { results } = await db
    .prepare(QUOTES)
    .bind(team, task, createdAt - SLACK_MS, updatedAt + SLACK_MS)
    .all<{ at: number; seq: number; facts: string }>()
  const telling = results.filter(({ facts }) => !wereErased(facts) && tells(facts))
  const left = await Promise.all(
    telling.map(async ({ at, seq, facts }) => [at, seq, erasedFacts(await sha256Hex(facts))]),
  )
  return left.length === 0 ? [] : [db.prepare(ERASE).bind(team, task, JSON.stringify(left))]
}

/** Takes away what came in, which is the task's input; null: it came otherwise. */
export function withoutDelivery(db: D1Database, team: string, delivery: string | null): D1PreparedStatement[] {
  if (delivery === null) return []
  return [
    db.prepare('DELETE FROM delivery_bodies WHERE delivery = ?1 AND team = ?2').bind(delivery, team),
    db.prepare('DELETE FROM deliveries WHERE id = ?1 AND team = ?2').bind(delivery, team),
  ]
}

/** What lies outside of D1 is gone, too. */
export async function noteEmptied(db: D1Database, team: string, task: string): Promise<void> {
  await db.prepare('UPDATE gone_tasks SET empty_at = NULL WHERE team = ?1 AND task = ?2').bind(team, task).run()
}

const AGAIN_MS = 60_000
const LEFT = `UPDATE gone_tasks SET empty_at = ?1 + ${AGAIN_MS} WHERE (team, task) IN
  (SELECT team, task FROM gone_tasks WHERE empty_at <= ?1 ORDER BY empty_at LIMIT 100) RETURNING team, task`

/** Tasks of all teams that were deleted and whose objects may not be empty yet; they come again in a minute. */
export async function leftToEmpty(db: D1Database, now: number): Promise<{ team: string; task: string }[]> {
  return (await db.prepare(LEFT).bind(now).all<{ team: string; task: string }>()).results
}
