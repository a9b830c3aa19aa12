/** Answers that people approved unchanged and somebody offered as knowledge, in D1, until an owner or admin takes them or turns them down. */
import type { Actor } from '../../domain/task/events.ts'
import { type Act, type ActType, actorId, actStatement, LAST_CHANGED } from '../acts.ts'
import type { offeredAnswers } from '../schema/definitions.ts'
import type { reviews } from '../schema/task.ts'

/** Where in a task an answer was approved. */
export interface AnswerPlace {
  task: string
  visit: number
  run: number
}

export type OfferedAnswer = Omit<typeof offeredAnswers.$inferSelect, 'team' | 'status' | 'settledAt'>

/** An answer that was approved as it was drafted; `status`: what became of its offer, null: nobody offered it. */
export type ApprovedAnswer = AnswerPlace &
  Pick<typeof reviews.$inferSelect, 'at' | 'step' | 'agent' | 'person'> & {
    status: typeof offeredAnswers.$inferSelect.status | null
  }

const APPROVED = `SELECT r.task, r.visit, r.run, r.at, r.step, r.agent, r.person, o.status FROM reviews r
  LEFT JOIN offered_answers o ON o.team = r.team AND o.task = r.task AND o.visit = r.visit AND o.run = r.run`
const UNCHANGED = "r.kind = 'decide' AND r.call = '' AND r.verdict = 'approved' AND r.edited = 0"

/** The answer that people approved there as it was drafted; null: they did not, or D1 has not heard of it yet. */
export async function approvedAnswer(
  db: D1Database,
  team: string,
  { task, visit, run }: AnswerPlace,
): Promise<ApprovedAnswer | null> {
  const sql = `${APPROVED} WHERE r.team = ?1 AND r.task = ?2 AND r.visit = ?3 AND r.run = ?4 AND ${UNCHANGED}`
  return db.prepare(sql).bind(team, task, visit, run).first<ApprovedAnswer>()
}

/** Reviews that are looked through for those of one workflow. */
const WITHIN = 5000
const LATEST = `SELECT * FROM (SELECT * FROM reviews WHERE team = ?1 AND at >= ?3 AND at < ?4 ORDER BY at DESC LIMIT ${WITHIN}) r`

/** The latest answers of a workflow's period that were approved as they were drafted, newest first. */
export async function latestApproved(
  db: D1Database,
  { team, workflow, from, to }: { team: string; workflow: string; from: number; to: number },
  most: number,
): Promise<ApprovedAnswer[]> {
  const sql = APPROVED.replace('FROM reviews r', `FROM (${LATEST}) r`)
  const { results } = await db
    .prepare(`${sql} WHERE r.workflow = ?2 AND ${UNCHANGED} ORDER BY r.at DESC LIMIT ?5`)
    .bind(team, workflow, from, to, most)
    .all<ApprovedAnswer>()
  return results
}

const OFFER = `INSERT INTO offered_answers (team, task, visit, run, key, title, text, at, offered_by, status)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'offered') ON CONFLICT (team, task, visit, run) DO NOTHING`

/** Offers it, on record; false: somebody has, whatever became of it. */
export async function offerAnswer(
  db: D1Database,
  team: string,
  answer: Omit<OfferedAnswer, 'at' | 'offeredBy'>,
  by: { actor: Actor; at: number },
): Promise<boolean> {
  const { task, visit, run, key, title, text } = answer
  const [offered] = await db.batch([
    db.prepare(OFFER).bind(team, task, visit, run, key, title, text, by.at, actorId(by.actor)),
    await act(db, team, 'answer.offered', answer, { from: null, to: 'offered' }, by),
  ])
  return (offered?.meta.changes ?? 0) > 0
}

const COLUMNS = 'task, visit, run, key, title, text, at, offered_by AS offeredBy'
const OPEN = `SELECT ${COLUMNS} FROM offered_answers WHERE team = ?1 AND status = 'offered' ORDER BY at LIMIT 50`

/** Those that wait for somebody to look, oldest first; fifty at most. */
export async function offeredAnswersOf(db: D1Database, team: string): Promise<OfferedAnswer[]> {
  return (await db.prepare(OPEN).bind(team).all<OfferedAnswer>()).results
}

const ONE = `SELECT ${COLUMNS} FROM offered_answers WHERE team = ?1 AND task = ?2 AND visit = ?3 AND run = ?4 AND status = 'offered'`

/** One that waits; null: there is none. */
export async function offeredAnswer(db: D1Database, team: string, place: AnswerPlace): Promise<OfferedAnswer | null> {
  return db.prepare(ONE).bind(team, place.task, place.visit, place.run).first<OfferedAnswer>()
}

const SETTLE = `UPDATE offered_answers SET status = ?5, settled_at = ?6
  WHERE team = ?1 AND task = ?2 AND visit = ?3 AND run = ?4 AND status = 'offered'`

/** It is taken or turned down, on record; false: it was before. */
export async function settleAnswer(
  db: D1Database,
  team: string,
  answer: OfferedAnswer,
  to: 'taken' | 'turned_down',
  by: { actor: Actor; at: number },
): Promise<boolean> {
  const { task, visit, run } = answer
  const [settled] = await db.batch([
    db.prepare(SETTLE).bind(team, task, visit, run, to, by.at),
    await act(db, team, `answer.${to}`, answer, { from: 'offered', to }, by),
  ])
  return (settled?.meta.changes ?? 0) > 0
}

function act(
  db: D1Database,
  team: string,
  type: Extract<ActType, `answer.${string}`>,
  { task, key, title }: Pick<OfferedAnswer, 'task' | 'key' | 'title'>,
  change: { from: string | null; to: string },
  { actor, at }: { actor: Actor; at: number },
): Promise<D1PreparedStatement> {
  const facts: Act['facts'] = { name: title, knowledge: key, of: task, ...change }
  return actStatement(db, { team, at, type, actor, facts }, LAST_CHANGED)
}
