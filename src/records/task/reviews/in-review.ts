/** What a review of a workflow reads of the audit, and which workflows are reviewed by mail. */
import type { ReviewedRow } from '../../../domain/review/review.ts'
import type { Actor } from '../../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../../acts.ts'

/** Rows of the team that are looked through, and rows of the workflow that are taken, at most; the latest. */
const LOOKED_THROUGH = 50_000
const TAKEN = 10_000

const TOLD = ['entered', 'reported', 'turned', 'booked', 'routed', 'stuck', 'failed']
const told = TOLD.map(type => `instr(types, '${type}') > 0`).join(' OR ')
const WITHIN = 'FROM audit WHERE team = ?1 AND at >= ?2 AND at < ?3 ORDER BY at DESC, task DESC, seq DESC'
const ROWS = `SELECT at, task, seq, facts FROM (SELECT * ${WITHIN} LIMIT ${LOOKED_THROUGH})
  WHERE workflow = ?4 AND task <> ?1 AND (${told}) LIMIT ${TAKEN}`
const MORE = `SELECT 1 AS one ${WITHIN} LIMIT 1 OFFSET ${LOOKED_THROUGH}`

export interface InReview {
  team: string
  workflow: string
  /** In ms since the epoch; inclusive. */
  from: number
  /** Exclusive. */
  to: number
}

/** What happened to the workflow's tasks in the period, oldest first. `whole`: false where there was more, and these are the latest. */
export async function rowsInReview(
  db: D1Database,
  { team, workflow, from, to }: InReview,
): Promise<{ rows: ReviewedRow[]; whole: boolean }> {
  const [found, more] = await db.batch<ReviewedRow>([
    db.prepare(ROWS).bind(team, from, to, workflow),
    db.prepare(MORE).bind(team, from, to),
  ])
  const rows = found!.results.toReversed()
  return { rows, whole: rows.length < TAKEN && more!.results.length === 0 }
}

export const REVIEW_HOWS = ['off', 'weekly', 'monthly'] as const
export type ReviewHow = (typeof REVIEW_HOWS)[number]

/** A workflow whose review is mailed. */
export interface ReviewMail {
  team: string
  workflow: string
  how: Exclude<ReviewHow, 'off'>
  since: number
  nextAt: number
}

/** How often the workflow's review is mailed. */
export async function reviewHow(db: D1Database, team: string, workflow: string): Promise<ReviewHow> {
  const sql = 'SELECT how FROM review_mails WHERE team = ?1 AND workflow = ?2'
  return (await db.prepare(sql).bind(team, workflow).first<ReviewHow>('how')) ?? 'off'
}

const PUT = `INSERT INTO review_mails (team, workflow, how, since, next_at) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (team, workflow) DO UPDATE SET how = excluded.how, next_at = excluded.next_at WHERE how <> excluded.how`
const OFF = 'DELETE FROM review_mails WHERE team = ?1 AND workflow = ?2'

/** Sets how often it is mailed, on record; `next`: the first slot, of what is mailed at all. What is so already is not set again. */
export async function putReviewHow(
  db: D1Database,
  { team, id, name }: { team: string; id: string; name: string },
  { how, next }: { how: ReviewHow; next: number },
  by: { actor: Actor; at: number },
): Promise<void> {
  const from = await reviewHow(db, team, id)
  const facts = { workflow: id, name, from, to: how }
  const change = how === 'off' ? db.prepare(OFF).bind(team, id) : db.prepare(PUT).bind(team, id, how, by.at, next)
  const act = { team, at: by.at, type: 'review.scheduled' as const, actor: by.actor, workflow: id, facts }
  await db.batch([change, await actStatement(db, act, LAST_CHANGED)])
}

/** Those whose slot has come, of all teams. */
export async function dueReviewMails(db: D1Database, now: number): Promise<ReviewMail[]> {
  const sql = `SELECT team, workflow, how, since, next_at AS nextAt FROM review_mails WHERE next_at <= ?1
    ORDER BY next_at LIMIT 20`
  return (await db.prepare(sql).bind(now).all<ReviewMail>()).results
}

/** The slot is told of: the next review goes on from it. Null: there is no workflow any more to review. */
export async function settleReviewMail(db: D1Database, { team, workflow, nextAt }: ReviewMail, next: number | null) {
  const sql =
    next === null
      ? 'DELETE FROM review_mails WHERE team = ?1 AND workflow = ?2 AND next_at = ?3'
      : 'UPDATE review_mails SET since = ?3, next_at = ?4 WHERE team = ?1 AND workflow = ?2 AND next_at = ?3'
  await db
    .prepare(sql)
    .bind(...[team, workflow, nextAt], ...(next === null ? [] : [next]))
    .run()
}
