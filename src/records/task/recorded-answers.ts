/** Answers that steps may take again within a time, in D1: by team and by the digest of what was asked, the newest of each. */

/** Answers that a team may have; the oldest go first. */
export const MAX_ANSWERS = 1000

export interface RecordedAnswer {
  /** As JSON text. */
  answer: string
  /** The task that it was given to, and when. */
  task: string
  at: number
}

const FIND = 'SELECT answer, task, at FROM recorded_answers WHERE team = ?1 AND digest = ?2 AND at > ?3'

/** The answer to what has this digest, if it was recorded after `after`; else null. */
export async function recordedAnswer(
  db: D1Database,
  team: string,
  digest: string,
  after: number,
): Promise<RecordedAnswer | null> {
  return db.prepare(FIND).bind(team, digest, after).first<RecordedAnswer>()
}

const KEEP = `INSERT INTO recorded_answers (team, digest, answer, task, at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (team, digest) DO UPDATE SET answer = excluded.answer, task = excluded.task, at = excluded.at,
    expires_at = excluded.expires_at`
const FORGET_OLDEST = `DELETE FROM recorded_answers WHERE team = ?1
  AND at <= (SELECT at FROM recorded_answers WHERE team = ?1 ORDER BY at DESC LIMIT 1 OFFSET ${MAX_ANSWERS})`

/** Keeps the answer in the place of an earlier one, and no more of the team's than there may be. */
export async function keepRecordedAnswer(
  db: D1Database,
  team: string,
  digest: string,
  { answer, task, at }: RecordedAnswer,
  expiresAt: number,
): Promise<void> {
  await db.batch([
    db.prepare(KEEP).bind(team, digest, answer, task, at, expiresAt),
    db.prepare(FORGET_OLDEST).bind(team),
  ])
}

/** Forgets all that nobody may take any more. */
export async function forgetAnswers(db: D1Database, now: number): Promise<void> {
  await db.prepare('DELETE FROM recorded_answers WHERE expires_at < ?1').bind(now).run()
}
