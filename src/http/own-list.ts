/** What the API's registries (agents, tools, skills) and versions of workflows have in common: pages of what a thing has, its key, its versions' numbers. */
import type { z } from '@hono/zod-openapi'
import type { Cursor, Page } from '../records/cursor.ts'
import type { ApiContext } from './context.ts'
import { cursorOf, cursorQuery, isoTime, pageOf, versionEntry } from './describe.ts'
import { type ApiProblem, problem } from './errors.ts'
import { type Routes, route } from './route.ts'

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

/** A registry whose things are kept in versions. */
interface Versioned<Row extends { key: string }> {
  path: `/${string}`
  tag: string
  /** One of its things, with the article: “an agent”. */
  one: string
  /** A version as it is answered. */
  schema: z.ZodType
  own(c: ApiContext, key: string): Promise<Row | null>
  list(c: ApiContext, row: Row, cursor: Cursor | null): Promise<Page<{ version: number; createdAt: number }>>
  read(c: ApiContext, row: Row, version: number): Promise<Response>
}

/** Adds the routes of the versions of a thing: their list, newest first, and one of them. */
export function routeVersions<Row extends { key: string }>(routes: Routes, kept: Versioned<Row>): void {
  const { tag, one, own } = kept
  const common = { method: 'get', tag, scope: 'workflows:read' } as const
  // The registry's own path, whose parameters are the same whatever it is called.
  const path = `${kept.path}/{key}/versions` as '/registry/{key}/versions'
  route(
    routes,
    {
      ...common,
      path,
      summary: `List ${one}'s versions`,
      query: cursorQuery,
      answers: { 200: { schema: pageOf(versionEntry), description: 'A page of versions, newest first.' } },
    },
    (c, { params, query }) =>
      listOf(
        c,
        query,
        () => own(c, params.key),
        (row, cursor) => kept.list(c, row, cursor),
        () => ({}),
      ),
  )
  route(
    routes,
    {
      ...common,
      path: `${path}/{version}` as const,
      summary: `Read one version of ${one}`,
      answers: { 200: { schema: kept.schema, description: 'That version.' } },
    },
    async (c, { params }) => {
      const row = await own(c, params.key)
      const version = versionNumber(params.version)
      return row && version ? kept.read(c, row, version) : problem(c, { kind: 'not_found' })
    },
  )
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
