/** Finding things of a team by name: its workflows, its agents, its tasks. A few of each; lists have pages of their own. */
import type { Status } from '../domain/task/state.ts'
import type { WorkflowRow } from './definitions/workflows.ts'
import type { TaskRow } from './task/tasks.ts'

/** The words of what somebody looks for, as they are compared: in lower case, eight at most. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
}

/** How far back tasks are looked through; an older task is found by its id. */
const TASKS_LOOKED_THROUGH = 5000

export type FoundWorkflow = Pick<WorkflowRow, 'id' | 'name' | 'status' | 'live'>

/** Workflows whose name holds all the words, those changed last first; archived ones only when something was asked for. */
export async function workflowsNamed(
  db: D1Database,
  team: string,
  words: string[],
  limit: number,
): Promise<FoundWorkflow[]> {
  const { where, values } = holds('name', words, [team, limit])
  const unasked = words.length === 0 ? "AND status != 'archived'" : ''
  const text = `SELECT id, name, status, live FROM workflows INDEXED BY workflows_by_change WHERE team = ?1 AND deleted_at IS NULL ${unasked} ${where}
    ORDER BY updated_at DESC, id LIMIT ?2`
  return (
    await db
      .prepare(text)
      .bind(...values)
      .all<FoundWorkflow>()
  ).results
}

/** Agents whose name or key holds all the words. */
export async function agentsNamed(
  db: D1Database,
  team: string,
  words: string[],
  limit: number,
): Promise<{ key: string; name: string }[]> {
  const { where, values } = holds("name || ' ' || key", words, [team, limit])
  const text = `SELECT key, name FROM agents INDEXED BY agents_by_change WHERE team = ?1 AND deleted_at IS NULL ${where} ORDER BY updated_at DESC, key LIMIT ?2`
  return (
    await db
      .prepare(text)
      .bind(...values)
      .all<{ key: string; name: string }>()
  ).results
}

export interface FoundTask extends Pick<TaskRow, 'id' | 'title' | 'step' | 'createdAt'> {
  status: Status
  workflowName: string
}

/** Tasks whose title or input holds all the words, newest first, or the one with this id. */
export async function tasksTitled(db: D1Database, team: string, words: string[], limit: number): Promise<FoundTask[]> {
  if (words.length === 0) return []
  const { where, values } = holds("title || ' ' || searched", words, [team, limit, TASKS_LOOKED_THROUGH])
  const id = `?${values.push(words[0]!)}`
  const text = `SELECT t.id, t.title, t.status, t.step, t.created_at AS createdAt, w.name AS workflowName FROM (
      SELECT id, title, status, step, workflow, created_at FROM tasks WHERE id = ${id} AND team = ?1
      UNION SELECT * FROM (SELECT id, title, status, step, workflow, created_at FROM
        (SELECT * FROM tasks WHERE team = ?1 ORDER BY created_at DESC LIMIT ?3) WHERE 1 ${where} ORDER BY created_at DESC LIMIT ?2)
    ) t JOIN workflows w ON w.id = t.workflow ORDER BY t.created_at DESC LIMIT ?2`
  return (
    await db
      .prepare(text)
      .bind(...values)
      .all<FoundTask>()
  ).results
}

function holds(column: string, words: string[], values: (string | number)[]) {
  const where = words.map(word => `AND instr(lower(${column}), ?${values.push(word)}) > 0`)
  return { where: where.join(' '), values }
}
