/** The pass that adds up tasks that are over, day by day, and those that ended after their day was. */
import { addedUpTo, DAY_MS } from './added.ts'
import { ADD_UP_FIGURES } from './figures.ts'
import { ADD_UP_LATE, ADD_UP_PARTS } from './parts.ts'

const HOUR_MS = 3_600_000
const FIRST_MADE = `SELECT min((SELECT min(created_at) FROM tasks WHERE team = o.id AND created_at >= ?1)) AS at FROM organization o`
/** Days that one pass adds up, at most: a Baton that comes to this with years of tasks takes a few passes. */
const MOST_DAYS = 100
/** Rounds in which what came late is added up, at most; the rest is counted one by one until the next pass. */
const MOST_ROUNDS = 20

/** Adds up what was made before this hour and is over, day by day; answers up to when all is added up. */
export async function addUpFigures(db: D1Database, now: number): Promise<number> {
  await addUpLate(db)
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS
  for (let day = 0; day < MOST_DAYS; day++) {
    const until = await addedUpTo(db)
    if (until >= hour) return until
    const first = (await db.prepare(FIRST_MADE).bind(until).first<number>('at')) ?? hour
    const from = Math.min(first, hour)
    const to = Math.min(hour, (Math.floor(from / DAY_MS) + 1) * DAY_MS)
    await db.batch([
      ...[ADD_UP_FIGURES, ...ADD_UP_PARTS].map(sql => db.prepare(sql).bind(until, to, until)),
      db.prepare('UPDATE figures_until SET at = ?1 WHERE one = 1 AND at = ?2').bind(to, until),
    ])
  }
  return addedUpTo(db)
}

/** Each round is one transaction: what is added and what is no longer late are the same tasks. */
async function addUpLate(db: D1Database): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const answers = await db.batch(ADD_UP_LATE.map(sql => db.prepare(sql)))
    if ((answers.at(-1)?.meta.changes ?? 0) === 0) return
  }
}
