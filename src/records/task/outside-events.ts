/** What was told to tasks by their business key: that the same event counts once, and what is left to tell of it. */

/** An event as its row holds it. */
export interface ToldEvent {
  team: string
  /** Its idempotency key, or one of its own. */
  id: string
  hash: string
  at: number
  /** How many tasks it is for. */
  tasks: number
  /** What is left to tell, as JSON; null: all of them were told. */
  left: string | null
}

/** An event that has a row may be told again after this long. */
const KEPT_MS = 30 * 86_400_000
const COLUMNS = 'team, id, hash, at, tasks, left_to_tell AS "left"'

export async function toldEvent(db: D1Database, team: string, id: string): Promise<ToldEvent | null> {
  return db
    .prepare(`SELECT ${COLUMNS} FROM outside_events WHERE team = ?1 AND id = ?2`)
    .bind(team, id)
    .first<ToldEvent>()
}

/** Keeps it; one that is kept under this id already stays. `nextAt`: when it is looked at again, should telling it stop. */
export async function keepEvent(db: D1Database, event: ToldEvent, nextAt: number | null): Promise<void> {
  const { team, id, hash, at, tasks, left } = event
  await db
    .prepare(
      `INSERT INTO outside_events (team, id, hash, at, tasks, left_to_tell, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
       ON CONFLICT (team, id) DO NOTHING`,
    )
    .bind(team, id, hash, at, tasks, left, nextAt)
    .run()
}

/** Some were told: `left` as it is now, unless another has come further. */
export async function moveEvent(
  db: D1Database,
  { team, id, left: before }: ToldEvent,
  left: string | null,
  nextAt: number | null,
): Promise<void> {
  await db
    .prepare(
      'UPDATE outside_events SET left_to_tell = ?4, next_at = ?5 WHERE team = ?1 AND id = ?2 AND left_to_tell = ?3',
    )
    .bind(team, id, before, left, nextAt)
    .run()
}

/** Events whose telling has stopped: of all teams, as the sweep is. */
export async function stoppedEvents(db: D1Database, now: number): Promise<{ team: string; id: string }[]> {
  const text = 'SELECT team, id FROM outside_events WHERE next_at <= ?1 ORDER BY next_at LIMIT 100'
  return (await db.prepare(text).bind(now).all<{ team: string; id: string }>()).results
}

/** Forgets those that nobody sends again. */
export async function forgetEvents(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM outside_events WHERE at < ?1')
    .bind(now - KEPT_MS)
    .run()
}
