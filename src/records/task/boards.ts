/** What boards and the workflows page read of the task index: the cards of each column, counts, and who may still watch. */

import type { WorkflowStatus } from '../../domain/workflow/live.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import type { WorkflowRow } from '../definitions/workflows.ts'
import type { tasks } from '../schema/task.ts'
import type { TaskRow } from './tasks.ts'

/** Cards that a column shows; the rest is behind "N more". */
export const COLUMN_SIZE = 50
/** "Recently completed". */
export const RECENT_SIZE = 20
/** Stands for the steps that the live version does not have; no step's key can look like it. */
export const OTHER_STEPS = '-'

export type CardRow = Omit<TaskRow, 'workflow' | 'version' | 'updatedAt'> & Pick<typeof tasks.$inferSelect, 'seq'>

export interface BoardFilter {
  /** Part of the title. */
  q?: string
  status?: string
  /** An address that a decision is awaited from. */
  assignee?: string
  /** Only what is stuck or failed. */
  stuck?: boolean
}

export type StepCount = Pick<TaskRow, 'step' | 'status'> & { n: number }

export interface BoardRows {
  cards: CardRow[]
  counts: StepCount[]
  recent: CardRow[]
}

const CARD = `id, title, status, step, visit, seq, cost, created_at AS createdAt, finished_at AS finishedAt, card`
const OPEN = 'team = ?1 AND workflow = ?2 AND over = 0'
const KNOWN = 'step IN (SELECT value FROM json_each(?3))'
// What a person must see to comes first, then what was handed over last: a card that arrives is never hidden.
const ORDER = `status IN ('stuck', 'failed') DESC, card->>'$.enteredAt' DESC, id`

/** The board: at most a page of cards for each of `steps` and for all other steps together, counts, and what was done last. */
export async function boardRows(
  db: D1Database,
  team: string,
  workflow: string,
  steps: string[],
  filter: BoardFilter,
): Promise<BoardRows> {
  const { where, values } = filtered(filter, [team, workflow, JSON.stringify(steps)])
  const placed = `row_number() OVER (PARTITION BY CASE WHEN ${KNOWN} THEN step END ORDER BY ${ORDER}) AS place`
  const [cards, counts, recent] = await db.batch<unknown>([
    db
      .prepare(
        `SELECT * FROM (SELECT ${CARD}, ${placed} FROM tasks WHERE ${OPEN}${where}) WHERE place <= ${COLUMN_SIZE} ORDER BY place`,
      )
      .bind(...values),
    db
      .prepare(`SELECT step, status, count(*) AS n FROM tasks WHERE ${OPEN} AND ?3 != ''${where} GROUP BY step, status`)
      .bind(...values),
    // Only the last index over finished tasks gives these without reading every task that ever was.
    db
      .prepare(
        `SELECT ${CARD} FROM tasks WHERE team = ?1 AND workflow = ?2 AND over = 1 AND status = 'done'
         ORDER BY finished_at DESC LIMIT ${RECENT_SIZE}`,
      )
      .bind(team, workflow),
  ])
  return {
    cards: (cards?.results ?? []) as CardRow[],
    counts: (counts?.results ?? []) as StepCount[],
    recent: (recent?.results ?? []) as CardRow[],
  }
}

/** One column in full, a page at a time; `step` is a key or `OTHER_STEPS`. */
export async function columnRows(
  db: D1Database,
  team: string,
  workflow: string,
  steps: string[],
  column: { step: string; page: number },
  filter: BoardFilter,
): Promise<{ cards: CardRow[]; total: number }> {
  const { where, values } = filtered(filter, [team, workflow, JSON.stringify(steps)])
  const other = column.step === OTHER_STEPS
  const within = other ? `AND (step IS NULL OR NOT ${KNOWN})` : `AND ?3 != '' AND step = ?${values.push(column.step)}`
  const from = `FROM tasks WHERE ${OPEN} ${within}${where}`
  const [cards, total] = await db.batch<unknown>([
    db
      .prepare(
        `SELECT ${CARD} ${from} ORDER BY ${ORDER} LIMIT ${COLUMN_SIZE} OFFSET ${(column.page - 1) * COLUMN_SIZE}`,
      )
      .bind(...values),
    db.prepare(`SELECT count(*) AS n ${from}`).bind(...values),
  ])
  return {
    cards: (cards?.results ?? []) as CardRow[],
    total: (total?.results[0] as { n: number } | undefined)?.n ?? 0,
  }
}

/** A card of the team by its task's id. */
export async function cardRow(db: D1Database, team: string, workflow: string, task: string): Promise<CardRow | null> {
  const text = `SELECT ${CARD} FROM tasks WHERE id = ?1 AND team = ?2 AND workflow = ?3`
  return db.prepare(text).bind(task, team, workflow).first<CardRow>()
}

/** Every open task of a workflow, as far as counting needs it. */
export async function openTasks(
  db: D1Database,
  team: string,
  workflow: string,
): Promise<{ id: string; seq: number; step: string | null; status: string }[]> {
  const text = `SELECT id, seq, step, status FROM tasks WHERE ${OPEN}`
  return (await db.prepare(text).bind(team, workflow).all<{ id: string; seq: number; step: string; status: string }>())
    .results
}

function filtered(filter: BoardFilter, values: (string | number)[]): { where: string; values: (string | number)[] } {
  const parts: string[] = []
  const bind = (value: string) => `?${values.push(value)}`
  if (filter.q) parts.push(`instr(lower(title), lower(${bind(filter.q)})) > 0`)
  if (filter.status) parts.push(`status = ${bind(filter.status)}`)
  if (filter.stuck) parts.push("status IN ('stuck', 'failed')")
  if (filter.assignee) {
    const asked = "json_each(card, '$.asks') AS ask, json_each(ask.value, '$.assignees') AS one"
    parts.push(`EXISTS (SELECT 1 FROM ${asked} WHERE one.value->>'$.email' = ${bind(filter.assignee)})`)
  }
  return { where: parts.map(part => ` AND ${part}`).join(''), values }
}

/** A workflow as lists show it; its tags are JSON. */
export type WorkflowItem = Pick<
  WorkflowRow,
  'id' | 'name' | 'description' | 'owner' | 'status' | 'live' | 'createdAt' | 'updatedAt'
> & { tags: string }

const ITEM = `id, name, description, owner, tags, status, live, created_at AS createdAt, updated_at AS updatedAt`

export interface WorkflowFilter {
  q?: string
  status?: WorkflowStatus
  tag?: string
  /** An address. */
  owner?: string
  template?: boolean
}

/** The team's workflows whose name or description holds `q`, newest first; archived ones only when asked for. */
export async function findWorkflows(
  db: D1Database,
  team: string,
  filter: WorkflowFilter,
  cursor: Cursor | null,
): Promise<Page<WorkflowItem>> {
  const values: (string | number)[] = [team]
  const bind = (value: string | number) => `?${values.push(value)}`
  const where = ['team = ?1', 'deleted_at IS NULL']
  where.push(filter.status ? `status = ${bind(filter.status)}` : "status != 'archived'")
  if (filter.q) where.push(`instr(lower(name || ' ' || coalesce(description, '')), lower(${bind(filter.q)})) > 0`)
  if (filter.tag) where.push(`EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ${bind(filter.tag)})`)
  if (filter.owner) where.push(`lower(owner) = lower(${bind(filter.owner)})`)
  if (filter.template) where.push('template = 1')
  if (cursor) where.push(`(created_at, id) < (${bind(cursor.at)}, ${bind(cursor.id)})`)
  const text = `SELECT ${ITEM} FROM workflows WHERE ${where.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ${PAGE_SIZE + 1}`
  const { results } = await db
    .prepare(text)
    .bind(...values)
    .all<WorkflowItem>()
  return page(results, row => ({ at: row.createdAt, id: row.id }))
}

/** How many open tasks each of these workflows has in each status. */
export async function countOpen(
  db: D1Database,
  team: string,
  workflows: string[],
): Promise<{ workflow: string; status: string; n: number }[]> {
  const text = `SELECT workflow, status, count(*) AS n FROM tasks
    WHERE team = ?1 AND workflow IN (SELECT value FROM json_each(?2)) AND over = 0 GROUP BY workflow, status`
  return (
    await db.prepare(text).bind(team, JSON.stringify(workflows)).all<{ workflow: string; status: string; n: number }>()
  ).results
}

/** The ids of all workflows of the team, deleted ones too: their boards may still be open somewhere. */
export async function workflowIds(db: D1Database, team: string): Promise<string[]> {
  const { results } = await db.prepare('SELECT id FROM workflows WHERE team = ?1').bind(team).all<{ id: string }>()
  return results.map(row => row.id)
}
