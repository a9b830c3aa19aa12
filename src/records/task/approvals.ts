/** Reads of the open questions in the task index, oldest first: what waits for one person, for all, or too long. */
import type { CardAsk } from '../../domain/task/told/card.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import type { TaskRow } from './tasks.ts'

export interface WaitingRow extends Pick<TaskRow, 'title' | 'workflow'> {
  task: string
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

/** The question itself stands on its task's card; a task may ask several at once, each in a run of its own. */
const QUESTION = `CROSS JOIN tasks t ON t.id = k.task AND t.team = ?1, json_each(t.card, '$.asks') q
  WHERE CAST(q.value->>'$.run' AS INTEGER) = k.run AND k.team = ?1`

/** The team's open questions, oldest first, those that are due by when they were due; of one task in the order of its runs. */
export async function listQuestions(
  db: D1Database,
  team: string,
  { of, dueBefore }: WaitingFilter,
  cursor: Cursor | null,
): Promise<Page<WaitingRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const where: string[] = []
  if (of !== undefined) where.push(`AND k.email = ${bound(of)}`)
  if (dueBefore !== undefined) where.push(`AND k.due < ${bound(dueBefore)}`)
  // Of one person's questions only theirs are read, whatever they are looked through for.
  const place = `k.${of === undefined && dueBefore !== undefined ? 'due' : 'since'}, k.task, k.run`
  if (cursor !== null) {
    const [task = '', run] = cursor.id.split(':')
    where.push(`AND (${place}) > (${bound(cursor.at)}, ${bound(task)}, ${bound(Number(run) || 0)})`)
  }
  const { results } = await db
    .prepare(
      `SELECT t.id AS task, t.title, t.workflow, q.value AS ask, k.since, k.due,
         (SELECT name FROM workflows w WHERE w.id = t.workflow AND w.team = ?1) AS workflowName,
         (SELECT s.value->>'$.name' FROM workflow_versions v, json_each(v.pinned, '$.definition.steps') s
          WHERE v.workflow = t.workflow AND v.version = t.version AND v.team = ?1 AND s.value->>'$.key' = t.step) AS stepName
       FROM ${of === undefined ? 'questions' : 'question_people'} k ${QUESTION} ${where.join(' ')} ORDER BY ${place} LIMIT ${PAGE_SIZE + 1}`,
    )
    .bind(...values)
    .all<StoredRow>()
  const found = page(results, row => ({ at: place.startsWith('k.due') ? row.due! : row.since, id: idOf(row) }))
  return { ...found, items: found.items.map(withAsk) }
}

type StoredRow = Omit<WaitingRow, 'ask'> & { ask: string; due: number | null }

function idOf({ task, ask }: StoredRow): string {
  return `${task}:${(JSON.parse(ask) as CardAsk).run}`
}

function withAsk({ due: _due, ...row }: StoredRow): WaitingRow {
  const ask = JSON.parse(row.ask) as CardAsk
  return { ...row, ask, stepName: row.stepName ?? ask.step }
}

/** How many questions wait for this address, counted up to 100. */
export async function countQuestions(db: D1Database, team: string, address: string): Promise<number> {
  const counted = await db
    .prepare('SELECT count(*) AS n FROM (SELECT 1 FROM question_people WHERE team = ?1 AND email = ?2 LIMIT 100)')
    .bind(team, address)
    .first<number>('n')
  return counted ?? 0
}

/** A page of the tasks in which any question waits for this address, in lower case. */
export async function tasksWaitingFor(db: D1Database, team: string, address: string): Promise<string[]> {
  const { results } = await db
    .prepare(`SELECT DISTINCT task FROM question_people WHERE team = ?1 AND email = ?2 LIMIT ${PAGE_SIZE}`)
    .bind(team, address)
    .all<{ task: string }>()
  return results.map(({ task }) => task)
}
