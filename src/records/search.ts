/** Finding things of a team by name: its workflows, its agents, its tasks. A few of each; lists have pages of their own. */
import type { WorkflowRow } from './definitions/workflows.ts'
import type { FoundTask } from './task/searched.ts'

/** The words of what somebody looks for, as they are compared: in lower case, eight at most. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
}

/** How far back titles are looked through for a part of a word. */
const TITLES_LOOKED_THROUGH = 2000

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

/** Tasks whose title holds all the texts, newest first: parts of words, too, which the index of words does not know. */
export async function tasksTitled(db: D1Database, team: string, texts: string[], limit: number): Promise<FoundTask[]> {
  if (texts.length === 0) return []
  const { where, values } = holds('title', texts, [team, limit, TITLES_LOOKED_THROUGH])
  const text = `SELECT t.id, t.title, t.status, t.step, t.key, t.workflow, t.created_at AS createdAt, w.name AS workflowName
    FROM (SELECT * FROM tasks WHERE team = ?1 ORDER BY created_at DESC LIMIT ?3) t JOIN workflows w ON w.id = t.workflow AND w.team = ?1
    WHERE true ${where} ORDER BY t.created_at DESC LIMIT ?2`
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
