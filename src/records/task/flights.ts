/** The open tasks of a workflow as a publish looks at them: on which version, and at which step. */
import type { TaskRow } from './tasks.ts'

export type OpenTask = Pick<TaskRow, 'id' | 'title' | 'version' | 'status' | 'step' | 'visit' | 'createdAt'>

/** Where a walk through open tasks stands: the task that was looked at last. */
export interface FlightMark {
  at: number
  id: string
}

const COLUMNS = 'id, title, version, status, step, visit, created_at AS createdAt'
const OPEN = 'FROM tasks WHERE team = ?1 AND workflow = ?2 AND over = 0'

/** The oldest open tasks, at most `limit`, and how many there are in all. */
export async function openTasksOf(
  db: D1Database,
  team: string,
  workflow: string,
  limit: number,
): Promise<{ tasks: OpenTask[]; total: number }> {
  const [tasks, total] = await db.batch<unknown>([
    db.prepare(`SELECT ${COLUMNS} ${OPEN} ORDER BY created_at, id LIMIT ?3`).bind(team, workflow, limit),
    db.prepare(`SELECT count(*) AS n ${OPEN}`).bind(team, workflow),
  ])
  return {
    tasks: (tasks?.results ?? []) as OpenTask[],
    total: (total?.results[0] as { n: number } | undefined)?.n ?? 0,
  }
}

/** Open tasks of versions before this one, oldest first, from behind `after` on; and how many there are from there on. */
export async function tasksBefore(
  db: D1Database,
  team: string,
  workflow: string,
  version: number,
  { after, limit }: { after: FlightMark | null; limit: number },
): Promise<{ tasks: OpenTask[]; total: number }> {
  const where = `${OPEN} AND version < ?3 AND (created_at, id) > (?4, ?5)`
  const values = [team, workflow, version, after?.at ?? 0, after?.id ?? '']
  const [tasks, total] = await db.batch<unknown>([
    db.prepare(`SELECT ${COLUMNS} ${where} ORDER BY created_at, id LIMIT ?6`).bind(...values, limit),
    db.prepare(`SELECT count(*) AS n ${where}`).bind(...values),
  ])
  return {
    tasks: (tasks?.results ?? []) as OpenTask[],
    total: (total?.results[0] as { n: number } | undefined)?.n ?? 0,
  }
}

/** How many open tasks each version has. */
export async function openByVersion(db: D1Database, team: string, workflow: string): Promise<Map<number, number>> {
  const { results } = await db
    .prepare(`SELECT version, count(*) AS n ${OPEN} GROUP BY version`)
    .bind(team, workflow)
    .all<{ version: number; n: number }>()
  return new Map(results.map(({ version, n }) => [version, n]))
}

/** How many open tasks stand at each step; where `before` is given, of versions before that one. */
export async function openByStep(
  db: D1Database,
  team: string,
  workflow: string,
  before = Number.MAX_SAFE_INTEGER,
): Promise<Map<string, number>> {
  const { results } = await db
    .prepare(`SELECT step, count(*) AS n ${OPEN} AND version < ?3 GROUP BY step`)
    .bind(team, workflow, before)
    .all<{ step: string | null; n: number }>()
  return new Map(results.flatMap(({ step, n }) => (step === null ? [] : [[step, n] as const])))
}
