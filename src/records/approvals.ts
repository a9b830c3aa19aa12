/** Reads of the open questions in the task index, oldest first: what waits for one person, for all, or too long. */
import type { CardAsk } from '../domain/task/card.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from './cursor.ts'

export interface WaitingRow {
  task: string
  title: string
  workflow: string
  workflowName: string
  stepName: string
  /** When the task came to the step, in ms since the epoch. */
  since: number
  ask: CardAsk
}

export interface WaitingFilter {
  /** Only what waits for this address, in lower case. */
  of?: string
  /** Only what was due before this time, in ms since the epoch. */
  dueBefore?: number
}

const SINCE = "CAST(t.card->>'$.enteredAt' AS INTEGER)"
const ASKED = `t.team = ?1 AND t.workflow IN (SELECT id FROM workflows WHERE team = ?1) AND t.over = 0
  AND t.status IN ('waiting', 'stuck') AND json_array_length(t.card, '$.asks') > 0`
/** A task may ask several at once: each is a row. */
const QUESTIONS = "tasks t, json_each(t.card, '$.asks') q"
const RUN = "CAST(q.value->>'$.run' AS INTEGER)"
const OF_PERSON = (address: string) => `EXISTS (SELECT 1 FROM json_each(q.value, '$.assignees') p
  WHERE p.value->>'$.email' = ${address} AND NOT p.value->>'$.decided')`

/** The team's open questions, oldest first; of one task in the order of its runs. */
export async function listQuestions(
  db: D1Database,
  team: string,
  filter: WaitingFilter,
  cursor: Cursor | null,
): Promise<Page<WaitingRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const where = [ASKED]
  if (filter.of !== undefined) where.push(OF_PERSON(bound(filter.of)))
  if (filter.dueBefore !== undefined) where.push(`q.value->>'$.due' < ${bound(filter.dueBefore)}`)
  if (cursor !== null) {
    const [task = '', run] = cursor.id.split(':')
    where.push(`(${SINCE}, t.id, ${RUN}) > (${bound(cursor.at)}, ${bound(task)}, ${bound(Number(run) || 0)})`)
  }
  const { results } = await db
    .prepare(
      `SELECT t.id AS task, t.title, t.workflow, q.value AS ask, ${SINCE} AS since,
         (SELECT name FROM workflows w WHERE w.id = t.workflow AND w.team = ?1) AS workflowName,
         (SELECT s.value->>'$.name' FROM workflow_versions v, json_each(v.pinned, '$.definition.steps') s
          WHERE v.workflow = t.workflow AND v.version = t.version AND v.team = ?1 AND s.value->>'$.key' = t.step) AS stepName
       FROM ${QUESTIONS} WHERE ${where.join(' AND ')} ORDER BY ${SINCE}, t.id, ${RUN} LIMIT ${PAGE_SIZE + 1}`,
    )
    .bind(...values)
    .all<Omit<WaitingRow, 'ask'> & { ask: string }>()
  return page(results.map(withAsk), ({ since, task, ask }) => ({ at: since, id: `${task}:${ask.run}` }))
}

function withAsk(row: Omit<WaitingRow, 'ask'> & { ask: string }): WaitingRow {
  const ask = JSON.parse(row.ask) as CardAsk
  return { ...row, ask, stepName: row.stepName ?? ask.step }
}

/** How many questions wait for this address, counted up to 100. */
export async function countQuestions(db: D1Database, team: string, address: string): Promise<number> {
  const counted = await db
    .prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${QUESTIONS} WHERE ${ASKED} AND ${OF_PERSON('?2')} LIMIT 100)`)
    .bind(team, address)
    .first<number>('n')
  return counted ?? 0
}

/** A page of the tasks in which any question waits for this address, in lower case. */
export async function tasksWaitingFor(db: D1Database, team: string, address: string): Promise<string[]> {
  const waits = `EXISTS (SELECT 1 FROM json_each(t.card, '$.asks') a, json_each(a.value, '$.assignees') p
    WHERE p.value->>'$.email' = ?2 AND NOT p.value->>'$.decided')`
  const { results } = await db
    .prepare(`SELECT t.id FROM tasks t WHERE ${ASKED} AND ${waits} LIMIT ${PAGE_SIZE}`)
    .bind(team, address)
    .all<{ id: string }>()
  return results.map(({ id }) => id)
}
