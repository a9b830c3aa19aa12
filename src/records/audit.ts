/** Reads of the audit log, which the Board DO writes: one row for each log row of a task, newest first. */

import { namesOfType, underTodaysName } from './acts.ts'
import { type Cursor, PAGE_SIZE, type Page } from './cursor.ts'
import { workflowNames } from './definitions/workflows.ts'
import type { audit } from './schema/task.ts'
import { LOOKED_THROUGH, walkPage } from './walk.ts'

export interface AuditFilter {
  task?: string
  workflow?: string
  /** A key's id, an address, or `system`. */
  actor?: string
  /** An event's type. */
  type?: string
  /** In ms since the epoch; inclusive. */
  from?: number
  /** Exclusive. */
  to?: number
}

export type AuditRow = Omit<typeof audit.$inferSelect, 'team' | 'logDigest' | 'arrived'>

const COLUMNS = 'task, seq, workflow, at, types, actor, step, facts, digest'

/** The team's audit rows, newest first; `within`: how many are looked at for what no index finds. */
export async function listAudit(
  db: D1Database,
  team: string,
  filter: AuditFilter,
  cursor: Cursor | null,
  size = PAGE_SIZE,
  within = LOOKED_THROUGH,
): Promise<Page<AuditRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const where = ['team = ?1']
  if (filter.task !== undefined) where.push(ofTask(bound(filter.task)))
  if (filter.from !== undefined) where.push(`at >= ${bound(filter.from)}`)
  if (filter.to !== undefined) where.push(`at < ${bound(filter.to)}`)
  if (cursor) where.push(laterThan(cursor, bound))
  const narrow = values.length
  const fits: string[] = []
  if (filter.workflow !== undefined) fits.push(`workflow = ${bound(filter.workflow)}`)
  if (filter.actor !== undefined) {
    const actor = bound(filter.actor)
    fits.push(`(actor->>'$.id' = ${actor} OR actor->>'$.name' = ${actor} OR actor->>'$.kind' = ${actor})`)
  }
  if (filter.type !== undefined) {
    // Types are words with spaces between.
    const holds = namesOfType(filter.type).map(name => `instr(' ' || types || ' ', ' ' || ${bound(name)} || ' ') > 0`)
    fits.push(`(${holds.join(' OR ')})`)
  }
  const order = 'at DESC, task DESC, seq DESC'
  const lookedThrough = filter.task === undefined ? within : Number.POSITIVE_INFINITY
  const walk = { columns: COLUMNS, table: 'audit', where, order, fits, values, found: narrow, size, lookedThrough }
  const found = await walkPage<AuditRow>(db, walk, cursorOfAudit)
  return { ...found, items: found.items.map(underTodaysName) }
}

/** Where a list goes on after the row; a millisecond may hold several rows of a task. */
export function cursorOfAudit({ at, task, seq }: AuditRow): Cursor {
  return { at, id: `${task}.${seq}` }
}

/** A task's clock may step back a little. */
const CLOCK_SLACK_MS = 600_000

/** The table lies in order of time: the index of tasks tells from when to when a task's rows are, of deleted ones their mark. */
function ofTask(task: string): string {
  const time = (column: string) =>
    `coalesce((SELECT ${column} FROM tasks WHERE id = ${task} AND team = ?1), (SELECT ${column} FROM gone_tasks WHERE team = ?1 AND task = ${task}))`
  return `task = ${task} AND at >= ${time('created_at')} - ${CLOCK_SLACK_MS} AND at <= ${time('updated_at')} + ${CLOCK_SLACK_MS}`
}

/** What the rows' tasks and workflows are called, and all workflows to choose from, deleted ones last. */
export async function namesOf(db: D1Database, team: string, rows: Pick<AuditRow, 'task'>[]) {
  const tasks = [...new Set(rows.map(row => row.task))]
  // The plus: SQLite would take the team's index, and with it every task of the team.
  const [titled, all] = await db.batch<{ id: string; name: string }>([
    db
      .prepare('SELECT id, title AS name FROM tasks WHERE +team = ?1 AND id IN (SELECT value FROM json_each(?2))')
      .bind(team, JSON.stringify(tasks)),
    workflowNames(db, team),
  ])
  const named = (found: { id: string; name: string }[]) => new Map(found.map(({ id, name }) => [id, name]))
  return { tasks: named(titled!.results), workflows: named(all!.results), all: all!.results }
}

function laterThan(cursor: Cursor, bound: (value: string | number) => string): string {
  const [task = '', seq = '0'] = cursor.id.split('.')
  return `(at, task, seq) < (${bound(cursor.at)}, ${bound(task)}, ${bound(Number(seq) || 0)})`
}
