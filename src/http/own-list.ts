/** The API's answer with a page of what one thing of the team's has, such as an agent's versions. */
import type { Cursor, Page } from '../records/cursor.ts'
import type { ApiContext } from './context.ts'
import { cursorOf, isoTime } from './describe.ts'
import { problem } from './errors.ts'

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
