/** The tasks of a team by their business key: who had it first, and whom an event from outside is for. */

/** A task that is about to begin with a key. */
export interface KeyTaker {
  team: string
  key: string
  workflow: string
  task: string
  at: number
}

const OF_KEY = 'team = ?1 AND key = ?2 AND workflow = ?3'
// Every later one names the first: any other row tells who that is, so that none must be sorted.
const FIRST = `SELECT coalesce(duplicate_of, task) FROM task_keys WHERE ${OF_KEY} AND task <> ?4 LIMIT 1`
const TAKE = `INSERT INTO task_keys (team, key, workflow, task, at, duplicate_of)
  SELECT ?1, ?2, ?3, ?4, ?5, (${FIRST}) WHERE ?6 = 0 OR NOT EXISTS (SELECT 1 FROM task_keys WHERE ${OF_KEY} AND task <> ?4)
  ON CONFLICT (team, key, workflow, task) DO NOTHING`
const TAKEN = `SELECT duplicate_of AS first FROM task_keys WHERE ${OF_KEY} AND task = ?4`
const OTHER = `SELECT coalesce(duplicate_of, task) AS first FROM task_keys WHERE ${OF_KEY} AND task <> ?4 LIMIT 1`

/**
 * Notes that the task has its key; `alone`: only if no other task of its workflow has it. Answers whether it was noted, and
 * the task that had it before, if there is one. One transaction: of two at the same moment one is first. Again, the same.
 */
export async function takeKey(
  db: D1Database,
  { team, key, workflow, task, at }: KeyTaker,
  alone: boolean,
): Promise<{ taken: boolean; first: string | null }> {
  const own = [team, key, workflow, task]
  const [, taken, other] = await db.batch<{ first: string | null }>([
    db.prepare(TAKE).bind(...own, at, alone ? 1 : 0),
    db.prepare(TAKEN).bind(...own),
    db.prepare(OTHER).bind(...own),
  ])
  const row = taken?.results[0]
  return row ? { taken: true, first: row.first } : { taken: false, first: other?.results[0]?.first ?? null }
}

/** Gives back the key of a task that never began, noted before `before`. Answers whether it was there. */
export async function freeKey(
  db: D1Database,
  { team, key, workflow, task }: Omit<KeyTaker, 'at'>,
  before: number,
): Promise<boolean> {
  const own = [team, key, workflow, task]
  const [freed] = await db.batch([
    db.prepare(`DELETE FROM task_keys WHERE ${OF_KEY} AND task = ?4 AND at < ?5`).bind(...own, before),
    db
      .prepare(
        `UPDATE task_keys SET duplicate_of = NULL WHERE ${OF_KEY} AND duplicate_of = ?4
           AND NOT EXISTS (SELECT 1 FROM task_keys WHERE ${OF_KEY} AND task = ?4)`,
      )
      .bind(...own),
  ])
  return (freed?.meta.changes ?? 0) > 0
}

// The index trails: a task that it does not know is open.
const OPEN = `FROM task_keys k LEFT JOIN tasks t ON t.id = k.task AND t.team = k.team
  WHERE k.team = ?1 AND k.key = ?2 AND k.at <= ?3 AND coalesce(t.over, 0) = 0`

/** Where a page of them begins: behind this task; null: with the first. */
export type KeyedMark = { workflow: string; task: string } | null

/** The team's open tasks that had this key at `at`, `most` of them, in one lasting order. */
export async function openWithKey(
  db: D1Database,
  { team, key, at }: { team: string; key: string; at: number },
  after: KeyedMark,
  most: number,
): Promise<{ workflow: string; task: string }[]> {
  const text = `SELECT k.workflow, k.task ${OPEN} AND (k.workflow, k.task) > (?4, ?5) ORDER BY k.workflow, k.task LIMIT ?6`
  const find = db.prepare(text).bind(team, key, at, after?.workflow ?? '', after?.task ?? '', most)
  return (await find.all<{ workflow: string; task: string }>()).results
}

/** How many there are. */
export async function countWithKey(
  db: D1Database,
  { team, key, at }: { team: string; key: string; at: number },
): Promise<number> {
  return (await db.prepare(`SELECT count(*) AS n ${OPEN}`).bind(team, key, at).first<number>('n')) ?? 0
}
