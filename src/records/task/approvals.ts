/** Reads of the open questions in the task index, oldest first: what waits for one person, for all, or too long. */

import { factsIn } from '../../domain/proof/link.ts'
import type { AskKind } from '../../domain/task/people/ask.ts'
import type { CardAsk } from '../../domain/task/told/card.ts'
import { type Cursor, PAGE_SIZE, type Page } from '../cursor.ts'
import { LOOKED_THROUGH, walkPage } from '../walk.ts'
import { takenBack } from './reviews/undone.ts'
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
  /** Only what has waited since before this time, in ms since the epoch. */
  before?: number
  kind?: AskKind
  workflow?: string
  /** Text that the task's title holds. */
  q?: string
  /** Only what is asked of this address, or of one that holds this text. */
  person?: string
}

/** A question that was decided, or a vote for it. */
export interface DecidedRow {
  task: string
  seq: number
  title: string
  workflow: string
  workflowName: string
  step: string | null
  stepName: string
  at: number
  /** Both as JSON. */
  actor: string
  facts: string
  /** Who took it back, as JSON; null: it stands. */
  undone: string | null
}

/** The question itself stands on its task's card; a task may ask several at once, each in a run of its own. */
const QUESTION = `CROSS JOIN tasks t ON t.id = k.task AND t.team = ?1, json_each(t.card, '$.asks') q`

/** What a page's rows are called: their workflows, and the steps that they are about. */
const NAMES = `SELECT i.key AS at, w.name AS workflowName,
  (SELECT s.value->>'$.name' FROM workflow_versions v, json_each(v.pinned, '$.definition.steps') s
   WHERE v.workflow = t.workflow AND v.version = t.version AND v.team = ?1 AND s.value->>'$.key' = i.value->>1) AS stepName
  FROM json_each(?2) i CROSS JOIN tasks t ON t.id = i.value->>0 AND t.team = ?1
  LEFT JOIN workflows w ON w.id = t.workflow AND w.team = ?1`

async function withNames<Row extends { task: string; step: string | null }>(
  db: D1Database,
  team: string,
  { items, next }: Page<Row>,
): Promise<Page<Row & { workflowName: string; stepName: string }>> {
  const named = await db
    .prepare(NAMES)
    .bind(team, JSON.stringify(items.map(({ task, step }) => [task, step])))
    .all<{ at: number; workflowName: string | null; stepName: string | null }>()
  const byRow = new Map(named.results.map(each => [each.at, each]))
  const name = (row: Row, at: number) => {
    const { workflowName, stepName } = byRow.get(at) ?? {}
    return { ...row, workflowName: workflowName ?? '', stepName: stepName ?? row.step ?? '' }
  }
  return { items: items.map(name), next }
}

/**
 * The team's open questions, oldest first, those that are due by when they were due; of one task in the order of its runs.
 * `within`: how many are looked at for what no index finds.
 */
export async function listQuestions(
  db: D1Database,
  team: string,
  { of, dueBefore, before, kind, workflow, q, person }: WaitingFilter,
  cursor: Cursor | null,
  within = LOOKED_THROUGH,
): Promise<Page<WaitingRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const where = ["CAST(q.value->>'$.run' AS INTEGER) = k.run", 'k.team = ?1']
  if (of !== undefined) where.push(`k.email = ${bound(of)}`)
  if (dueBefore !== undefined) where.push(`k.due < ${bound(dueBefore)}`)
  if (before !== undefined) where.push(`k.since < ${bound(before)}`)
  // Of one person's questions only theirs are read, whatever they are looked through for.
  const by = of === undefined && dueBefore !== undefined ? 'due' : 'since'
  if (cursor !== null) {
    const [task = '', run] = cursor.id.split(':')
    where.push(`(k.${by}, k.task, k.run) > (${bound(cursor.at)}, ${bound(task)}, ${bound(Number(run) || 0)})`)
  }
  const found = values.length
  const fits: string[] = []
  if (kind !== undefined) fits.push(`ask->>'$.kind' = ${bound(kind)}`)
  if (workflow !== undefined) fits.push(`workflow = ${bound(workflow)}`)
  if (q !== undefined) fits.push(`instr(lower(title), lower(${bound(q)})) > 0`)
  if (person !== undefined) fits.push(`instr(lower(ask->>'$.assignees'), lower(${bound(person)})) > 0`)
  const walk = {
    columns: 't.id AS task, t.title, t.workflow, t.step, q.value AS ask, k.since, k.due, k.run',
    table: `${of === undefined ? 'questions' : 'question_people'} k ${QUESTION}`,
    where,
    order: `k.${by}, k.task, k.run`,
    fits,
    values,
    found,
    size: PAGE_SIZE,
    lookedThrough: within,
  }
  const page = await walkPage<StoredRow>(db, walk, row => ({ at: row[by] ?? 0, id: `${row.task}:${row.run}` }))
  return withNames(db, team, { ...page, items: page.items.map(withAsk) })
}

/** What was decided in the team, newest first; `actor`: by this address or key alone. */
export async function listDecided(
  db: D1Database,
  team: string,
  { actor, workflow, q }: { actor?: string; workflow?: string; q?: string },
  cursor: Cursor | null,
): Promise<Page<DecidedRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const where = ['a.team = ?1', "instr(' ' || a.types || ' ', ' decided ') > 0"]
  if (cursor !== null) {
    const [task = '', seq = '0'] = cursor.id.split('.')
    where.push(`(a.at, a.task, a.seq) < (${bound(cursor.at)}, ${bound(task)}, ${bound(Number(seq) || 0)})`)
  }
  const found = values.length
  const fits: string[] = []
  if (actor !== undefined) fits.push(`lower(actor->>'$.id') = ${bound(actor)}`)
  if (workflow !== undefined) fits.push(`workflow = ${bound(workflow)}`)
  if (q !== undefined) fits.push(`instr(lower(title), lower(${bound(q)})) > 0`)
  const walk = {
    columns: 'a.task, a.seq, a.workflow, a.step, t.title, a.at, a.actor, a.facts',
    // By itself SQLite would walk the table, which lies in the same order.
    table: 'audit a INDEXED BY audit_of_decisions CROSS JOIN tasks t ON t.id = a.task AND t.team = ?1',
    where,
    order: 'a.at DESC, a.task DESC, a.seq DESC',
    fits,
    values,
    found,
    size: PAGE_SIZE,
  }
  const page = await walkPage<StoredDecision>(db, walk, row => ({ at: row.at, id: `${row.task}.${row.seq}` }))
  const back = await takenBack(db, team, page.items)
  const items = page.items.map(row => ({
    ...row,
    step: stepDecided(row),
    undone: back.get(`${row.task}.${row.seq}`) ?? null,
  }))
  return withNames(db, team, { ...page, items })
}

type StoredRow = Pick<WaitingRow, 'task' | 'title' | 'workflow' | 'since'> & {
  step: string
  ask: string
  due: number | null
  run: number
}
type StoredDecision = Omit<DecidedRow, 'workflowName' | 'stepName' | 'undone'>

function withAsk({ due: _due, run: _run, ask, ...row }: StoredRow) {
  return { ...row, ask: JSON.parse(ask) as CardAsk }
}

/** The step that a decision was made in: where it led on at once, its row is of the step that it led to. */
function stepDecided({ step, facts }: StoredDecision): string | null {
  const entered = factsIn<{ type: string; from?: string | null }>(facts).find(({ type }) => type === 'entered')
  return entered?.from ?? step
}

/** A task that a limit stopped: somebody must say how it goes on. */
export interface StoppedRow extends Pick<TaskRow, 'id' | 'title'> {
  workflowName: string
  why: string
  /** In ms since the epoch. */
  since: number
}

const STOPPED = `SELECT t.id, t.title, t.card ->> '$.why' AS why, t.updated_at AS since, w.name AS workflowName
  FROM tasks t INDEXED BY tasks_by_status CROSS JOIN workflows w ON w.id = t.workflow AND w.team = ?1
  WHERE t.team = ?1 AND t.status = 'stuck' AND t.card ->> '$.act' = 'raise' AND (?2 IS NULL OR lower(w.owner) = ?2)
  ORDER BY t.created_at, t.id LIMIT 20`

/** The oldest twenty tasks that a limit stopped; `owner`: only of workflows that belong to this address, in lower case. */
export async function stoppedTasks(db: D1Database, team: string, owner: string | null): Promise<StoppedRow[]> {
  return (await db.prepare(STOPPED).bind(team, owner).all<StoppedRow>()).results
}

/** How many questions wait for this address, counted up to 100. */
export async function countQuestions(db: D1Database, team: string, address: string): Promise<number> {
  const counted = await db
    .prepare('SELECT count(*) AS n FROM (SELECT 1 FROM question_people WHERE team = ?1 AND email = ?2 LIMIT 100)')
    .bind(team, address)
    .first<number>('n')
  return counted ?? 0
}

/** How many questions wait for this address, in lower case: all of them. */
export async function countAllQuestions(db: D1Database, team: string, address: string): Promise<number> {
  const sql = 'SELECT count(*) AS n FROM question_people WHERE team = ?1 AND email = ?2'
  return (await db.prepare(sql).bind(team, address).first<number>('n')) ?? 0
}

/** A page of the tasks in which any question waits for this address, in lower case. */
export async function tasksWaitingFor(db: D1Database, team: string, address: string): Promise<string[]> {
  const { results } = await db
    .prepare(`SELECT DISTINCT task FROM question_people WHERE team = ?1 AND email = ?2 LIMIT ${PAGE_SIZE}`)
    .bind(team, address)
    .all<{ task: string }>()
  return results.map(({ task }) => task)
}
