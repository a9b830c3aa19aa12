/** What the API's registries (agents, tools, skills) and versions of workflows have in common: pages of what a thing has, its key, its versions' numbers. */
import type { Cursor, Page } from '../records/cursor.ts'
import type { ApiContext } from './context.ts'
import { cursorOf, isoTime } from './describe.ts'
import { type ApiProblem, problem } from './errors.ts'

/** Answers with a page of what `owner` has, its times as the API writes them; 404 without an owner. */
export async function listOf<O, I extends { createdAt: number }, More extends object>(
  c: ApiContext,
  query: { cursor?: string },
  owner: () => Promise<O | null>,
  list: (owner: O, cursor: Cursor | null) => Promise<Page<I>>,
  more: (item: I, owner: O) => More,
): Promise<Response> {
  const cursor = cursorOf(query)
  if (!cursor.ok) return problem(c, cursor.problem)
  const row = await owner()
  if (!row) return problem(c, { kind: 'not_found' })
  const { items, next } = await list(row, cursor.value)
  return c.json({
    items: items.map(item => ({ ...item, ...more(item, row), createdAt: isoTime(item.createdAt) })),
    next,
  })
}

/** The number of a version as an address names it; null: it is none. */
export function versionNumber(text: string): number | null {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null
}

/** What is wrong with a body that names another key than the thing has; null: nothing. `what`: `agent`, `tool`, `skill`. */
export function otherKey(what: string, key: string, given: string | undefined): ApiProblem | null {
  if (given === undefined || given === key) return null
  const message = `key: the ${what}'s key is "${key}" and stays so.`
  return { kind: 'invalid', message, hint: `Leave \`key\` out, or make another ${what}.`, path: 'key' }
}
