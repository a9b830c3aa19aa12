/** Reads of the task index, which the Board DO writes: lists trail a task by up to two seconds. */

import type { PartFilter } from '../../domain/metrics/part.ts'
import { isOver, STATUSES, type Status } from '../../domain/task/state.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import type { tasks } from '../schema/task.ts'
import { walkPage } from '../walk.ts'
import { hasPart } from './parts.ts'

export type TaskRow = Omit<typeof tasks.$inferSelect, 'team' | 'over' | 'seq' | 'dueAt' | 'told' | 'searched' | 'parts'>

export interface TaskFilter {
  workflow?: string
  /** `TROUBLE`: failed or stuck; `OPEN`: not over. */
  status?: string
  step?: string
  /** What it cost at least, in USD. */
  cost?: number
  /** When the task was made: from this time, and before that one. */
  from?: number
  to?: number
  /** A bit of what the audit tells of it (see schema/task.ts). */
  told?: number
  /** What it consisted of; then `told` is of that part. */
  part?: PartFilter
}

const COLUMNS = `id, workflow, version, title, status, step, visit, cost, created_at AS createdAt, updated_at AS updatedAt,
  finished_at AS finishedAt, card, key`

/** Stands for what needs a person as it went wrong. */
export const TROUBLE = 'trouble'
/** What a filter calls those that are not over. */
export const OPEN = 'open'

/** Several statuses by one name. */
const TOGETHER: Record<string, string> = { [TROUBLE]: "status IN ('failed', 'stuck')", [OPEN]: 'over = 0' }
const OVER: string[] = STATUSES.filter(isOver)
/** Those of tasks_by_status. */
const RARE = ['held', 'waiting', 'stuck', 'failed', 'cancelled'] satisfies Status[]

const keyOf = (row: TaskRow): Cursor => ({ at: row.createdAt, id: row.id })

/** The team's tasks, newest first. */
export async function listTasks(
  db: D1Database,
  team: string,
  filter: TaskFilter,
  cursor: Cursor | null,
): Promise<Page<TaskRow>> {
  const { where, fits, values, found } = conditions(team, filter, cursor)
  const rare = filter.workflow === undefined ? RARE.find(status => status === filter.status) : undefined
  const isOpen = filter.status !== undefined && !OVER.includes(filter.status)
  if (filter.workflow === undefined && (rare !== undefined || !isOpen)) {
    // The index of what is rare serves a query in which its status stands as a word.
    if (rare !== undefined) where.push(`status = '${rare}'`)
    const table = rare === undefined ? 'tasks' : 'tasks INDEXED BY tasks_by_status'
    const order = 'created_at DESC, id DESC'
    const looked = [
      ...(filter.told === undefined ? [] : ['told']),
      ...(filter.part === undefined ? [] : ['parts', 'over']),
    ]
    const columns = [COLUMNS, ...looked].join(', ')
    return walkPage(db, { columns, table, where, order, fits, values, found, size: PAGE_SIZE }, keyOf)
  }
  // Walks of (team, workflow, over, created_at), each of at most a page, instead of a sort of the whole workflow; of all
  // workflows only the open tasks are looked at.
  const order = `ORDER BY created_at DESC, id DESC LIMIT ${PAGE_SIZE + 1}`
  const all = [...where, ...fits].join(' AND ')
  const mine = filter.workflow === undefined ? `${all} AND workflow IN (SELECT id FROM workflows WHERE team = ?1)` : all
  const walk = (over: 0 | 1) =>
    `SELECT * FROM (SELECT ${COLUMNS} FROM tasks INDEXED BY tasks_by_workflow WHERE ${mine} AND over = ${over} ${order})`
  const text = isOpen
    ? walk(0)
    : `${walk(0)} UNION ALL ${walk(1)} ORDER BY createdAt DESC, id DESC LIMIT ${PAGE_SIZE + 1}`
  const { results } = await db
    .prepare(text)
    .bind(...values)
    .all<TaskRow>()
  return page(results, keyOf)
}

function conditions(team: string, filter: TaskFilter, cursor: Cursor | null) {
  const values: (string | number)[] = [team]
  const is = (column: string, value: string) => `${column} = ?${values.push(value)}`
  const where = ['team = ?1']
  if (filter.workflow !== undefined) where.push(is('workflow', filter.workflow))
  if (filter.from !== undefined) where.push(`created_at >= ?${values.push(filter.from)}`)
  if (filter.to !== undefined) where.push(`created_at < ?${values.push(filter.to)}`)
  if (cursor) where.push(`(created_at, id) < (?${values.push(cursor.at)}, ?${values.push(cursor.id)})`)
  const found = values.length
  const fits: string[] = []
  // A word for a status that has an index is put in by itself.
  if (filter.status !== undefined && (filter.workflow !== undefined || !RARE.some(rare => rare === filter.status)))
    fits.push(TOGETHER[filter.status] ?? is('status', filter.status))
  if (filter.step !== undefined) fits.push(is('step', filter.step))
  if (filter.cost !== undefined) fits.push(`cost >= ?${values.push(filter.cost)}`)
  if (filter.part !== undefined) fits.push(hasPart(filter.part, filter.told, value => `?${values.push(value)}`))
  else if (filter.told !== undefined) fits.push(`told & ?${values.push(filter.told)} > 0`)
  return { where, fits, values, found }
}

/** The team's tasks that wait for someone, newest first; of one workflow among its open ones. */
export async function listWaiting(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  cursor: Cursor | null,
): Promise<Page<TaskRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const most = `LIMIT ${PAGE_SIZE + 1}`
  const after = (columns: string) => (cursor ? `AND (${columns}) < (${bound(cursor.at)}, ${bound(cursor.id)})` : '')
  const text =
    workflow === undefined
      ? `SELECT ${COLUMNS} FROM (SELECT DISTINCT created_at AS made, task FROM questions WHERE team = ?1 ${after('created_at, task')}
           ORDER BY created_at DESC, task DESC ${most}) k CROSS JOIN tasks ON id = k.task AND team = ?1 ORDER BY k.made DESC, k.task DESC`
      : `SELECT ${COLUMNS} FROM tasks WHERE team = ?1 AND workflow = ${bound(workflow)} AND over = 0 AND status IN ('waiting', 'stuck')
           AND json_array_length(card, '$.asks') > 0 ${after('created_at, id')} ORDER BY created_at DESC, id DESC ${most}`
  const { results } = await db
    .prepare(text)
    .bind(...values)
    .all<TaskRow>()
  return page(results, row => ({ at: row.createdAt, id: row.id }))
}

/** A task that has to do with another, as that one's page shows it. */
export type RelatedTask = Pick<TaskRow, 'id' | 'title' | 'status' | 'key'> & { why: string }

const RELATED = `SELECT t.id, t.title, t.status, t.key, t.card ->> '$.why' AS why FROM json_each(?2) j CROSS JOIN tasks t ON t.id = j.value AND t.team = ?1`

/** Those of the team's tasks that have these ids, by id. */
export async function tasksById(db: D1Database, team: string, ids: string[]): Promise<Map<string, RelatedTask>> {
  if (ids.length === 0) return new Map()
  const { results } = await db.prepare(RELATED).bind(team, JSON.stringify(ids)).all<RelatedTask>()
  return new Map(results.map(row => [row.id, row]))
}

// Rides tasks_by_workflow over the open tasks only: a scan of all tasks would cost more each month. Left to itself, SQLite
// takes the primary key for the order's sake, and with it every task that there ever was.
// One that is over is due only while it has to tell another task something: few are, and have an index.
const PAST_DUE = `SELECT team, id FROM (
    SELECT t.team, t.id FROM workflows w CROSS JOIN tasks t ON t.team = w.team AND t.workflow = w.id AND t.over = 0
      WHERE t.due_at < ?1 AND +t.id > ?2
    UNION ALL SELECT team, id FROM tasks INDEXED BY tasks_over_due WHERE over = 1 AND due_at IS NOT NULL AND due_at < ?1 AND +id > ?2
  ) ORDER BY id LIMIT ?3`

/** A page of the tasks of all teams, by id, whose time to be woken lies before `before`: the one query that asks for no team. */
export async function pastDue(
  db: D1Database,
  before: number,
  after: string,
  most: number,
): Promise<{ team: string; id: string }[]> {
  const { results } = await db.prepare(PAST_DUE).bind(before, after, most).all<{ team: string; id: string }>()
  return results
}

/** These of the team's tasks, in this order; one that is gone is left out. */
export async function tasksOf(db: D1Database, team: string, ids: string[]): Promise<TaskRow[]> {
  if (ids.length === 0) return []
  const text = `SELECT ${COLUMNS} FROM (SELECT key AS nth, value AS found FROM json_each(?2)) CROSS JOIN tasks ON id = found AND team = ?1 ORDER BY nth`
  return (await db.prepare(text).bind(team, JSON.stringify(ids)).all<TaskRow>()).results
}

/** How many tasks the team has in the index. */
export async function countTasks(db: D1Database, team: string): Promise<number> {
  return (await db.prepare('SELECT count(*) AS n FROM tasks WHERE team = ?1').bind(team).first<number>('n')) ?? 0
}
