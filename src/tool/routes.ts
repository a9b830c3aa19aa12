/** `/tools`: a team's tools and their versions, those that it did not make as it has set them, and a call to try one. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../domain/caller.ts'
import type { Json } from '../domain/json/json.ts'
import { lintSettings } from '../domain/tools/lint-tool.ts'
import { settingsSchema, type ToolSettings } from '../domain/tools/settings.ts'
import { type TeamTool, toolSchema } from '../domain/tools/tool.ts'
import type { LintItem } from '../domain/workflow/lint.ts'
import { KEY_PATTERN } from '../domain/workflow/parts.ts'
import { tryTool } from '../execution/tools/try.ts'
import type { ApiContext, ApiEnv } from '../http/context.ts'
import { anyJson, cursorOf, cursorQuery, isoTime, lintDocument, pageOf, versionEntry } from '../http/describe.ts'
import { type ApiProblem, problem } from '../http/errors.ts'
import { otherKey, routeVersions } from '../http/own-list.ts'
import { fits, type Routes, route } from '../http/route.ts'
import { allToolSettings, putToolSettings, toolSettings } from '../records/definitions/tool-settings.ts'
import {
  deleteTool,
  listTools,
  listToolVersions,
  type ToolRow,
  toolByKey,
  toolVersion,
} from '../records/definitions/tools.ts'
import { givenEntry, ownEntry, toolDocument, toolEntry } from './entry.ts'
import { type GivenTool, givenTool, givenTools } from './given.ts'
import { lintOwnTool, saveTool } from './tools.ts'

export const toolRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Tools'

const saved = z
  .object({ key: z.string(), version: z.int().nullable(), lint: z.array(lintDocument) })
  .openapi('SavedTool')

route(
  toolRoutes,
  {
    method: 'get',
    path: '/tools',
    tag: TAG,
    summary: 'List tools',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: {
      200: {
        schema: pageOf(toolEntry),
        description: 'Newest first; the first page ends with those of MCP servers and the built-in ones.',
      },
    },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const { team } = c.get('key')
    const isFirst = cursor.value === null
    const [found, settings, given] = await Promise.all([
      listTools(c.env.DB, team, cursor.value),
      isFirst ? allToolSettings(c.env.DB, team) : new Map<string, ToolSettings>(),
      isFirst ? givenTools(c.env, team) : [],
    ])
    const items = [...found.items.map(ownEntry), ...given.map(tool => givenEntry(tool, settings.get(tool.name)))]
    return c.json({ items, next: found.next })
  },
)

route(
  toolRoutes,
  {
    method: 'post',
    path: '/tools',
    tag: TAG,
    summary: 'Make a tool',
    scope: 'workflows:write',
    body: toolSchema,
    bodyDocument: toolDocument,
    answers: { 201: { schema: saved, description: 'Made, as version 1 (or the next one, if the key was in use).' } },
    errors: [409],
  },
  (c, { body }) => keep(c, body, 'new', 201),
)

route(
  toolRoutes,
  {
    method: 'get',
    path: '/tools/{key}',
    tag: TAG,
    summary: 'Read a tool',
    scope: 'workflows:read',
    answers: {
      200: {
        schema: toolEntry,
        description: 'Its current version, or one that the team did not make as it has set it.',
      },
    },
  },
  async (c, { params }) => {
    const { team } = c.get('key')
    const given = await givenTool(c.env.DB, team, params.key)
    if (given !== null) return c.json(givenEntry(given, await toolSettings(c.env.DB, team, params.key)))
    const row = await own(c, params.key)
    return row ? c.json(ownEntry(row)) : problem(c, { kind: 'not_found' })
  },
)

route(
  toolRoutes,
  {
    method: 'put',
    path: '/tools/{key}',
    tag: TAG,
    summary: 'Make a new version of a tool',
    description:
      'Workflows that are published keep the version that they named; publish them again to take up this one. Of a built-in tool, and of one of an MCP server, `effect`, `ask`, `undoCost` and `recipients` can be set; they hold at once.',
    scope: 'workflows:write',
    body: z.record(z.string(), z.unknown()),
    bodyDocument: z.union([toolDocument.extend({ key: toolSchema.shape.key.optional() }), settingsSchema]),
    answers: {
      200: { schema: saved, description: 'Saved as the next version; of a tool that the team did not make: set.' },
    },
    errors: [409],
  },
  async (c, { params, body }) => {
    const given = await givenTool(c.env.DB, c.get('key').team, params.key)
    if (given !== null) return set(c, given, body)
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    const tool = fits(toolSchema, { key: row.key, ...body })
    if (!tool.ok) return problem(c, tool.problem)
    const fault = otherKey('tool', row.key, tool.value.key)
    if (fault) return problem(c, fault)
    return keep(c, tool.value, 'there', 200)
  },
)

route(
  toolRoutes,
  {
    method: 'delete',
    path: '/tools/{key}',
    tag: TAG,
    summary: 'Delete a tool',
    description: 'Its versions stay for the published workflows and tasks that name them.',
    scope: 'workflows:write',
    answers: { 204: { description: 'Deleted.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const given = await givenTool(c.env.DB, c.get('key').team, params.key)
    if (given !== null) return problem(c, notMade(given))
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    await deleteTool(c.env.DB, c.get('key').team, row.key, keyActor(c.get('key')), Date.now())
    return c.body(null, 204)
  },
)

const tried = z
  .object({
    request: anyJson.openapi({ description: 'What was sent; secrets by their names.' }),
    result: anyJson.openapi({ description: 'What a step or an agent would get.' }),
    ok: z.boolean(),
    status: z.int().nullable().openapi({ description: 'What the service answered.' }),
    ms: z.int(),
  })
  .openapi('TriedTool')

route(
  toolRoutes,
  {
    method: 'post',
    path: '/tools/{key}/try',
    tag: TAG,
    summary: 'Try a tool',
    description: 'Calls it once, for no task, and asks nobody.',
    scope: 'admin',
    body: z.strictObject({ args: z.record(z.string(), z.unknown()).optional() }),
    answers: { 200: { schema: tried, description: 'What was sent, and what came of it.' } },
  },
  async (c, { params, body }) => {
    const key = c.get('key')
    const given = await givenTool(c.env.DB, key.team, params.key)
    const row = given === null ? await own(c, params.key) : null
    const trial = given ?? row
    if (trial === null) return problem(c, { kind: 'not_found' })
    const result = await tryTool(c.env, key.team, trial, (body.args ?? {}) as Json, { by: keyActor(key) })
    if ('problem' in result) return problem(c, { kind: 'invalid', message: `args: ${result.problem}`, path: 'args' })
    return c.json(result)
  },
)

routeVersions(toolRoutes, {
  path: '/tools',
  tag: TAG,
  one: 'a tool',
  schema: toolDocument.extend({ ...versionEntry.shape }).openapi('ToolVersion'),
  own,
  list: (c, row, cursor) => listToolVersions(c.env.DB, c.get('key').team, row.key, cursor),
  read: async (c, row, number) => {
    const found = await toolVersion(c.env.DB, c.get('key').team, row.key, number)
    if (!found) return problem(c, { kind: 'not_found' })
    const { tool, version, createdAt, createdBy } = found
    return c.json({ ...tool, version, createdAt: isoTime(createdAt), createdBy })
  },
})

/** The team's tool of this key, unless it was deleted. */
async function own(c: ApiContext, key: string): Promise<ToolRow | null> {
  return KEY_PATTERN.test(key) ? toolByKey(c.env.DB, c.get('key').team, key) : null
}

async function keep(c: ApiContext, tool: TeamTool, expected: 'new' | 'there', status: 200 | 201): Promise<Response> {
  const key = c.get('key')
  const lint = await lintOwnTool(c.env, key.team, tool)
  const refused = refusal(c, lint)
  if (refused !== null) return refused
  const version = await saveTool(c.env.DB, key.team, tool, expected, keyActor(key))
  if (!version.ok) return problem(c, version.problem)
  return c.json({ key: tool.key, version: version.value, lint }, status)
}

async function set(c: ApiContext, { name, parameters, version }: GivenTool, body: unknown): Promise<Response> {
  const settings = fits(settingsSchema, body)
  if (!settings.ok) return problem(c, settings.problem)
  if (settings.value.recipients !== undefined && name !== 'send_email') {
    const message = `recipients: “${name}” sends no mail.`
    return problem(c, { kind: 'invalid', message, hint: 'Leave it out.', path: 'recipients' })
  }
  const lint = lintSettings(settings.value, parameters)
  const refused = refusal(c, lint)
  if (refused !== null) return refused
  const key = c.get('key')
  const by = { actor: keyActor(key), name: key.id }
  await putToolSettings(c.env.DB, key.team, name, settings.value, by, Date.now())
  return c.json({ key: name, version, lint })
}

/** What is wrong enough to stand in the way. */
function refusal(c: ApiContext, lint: LintItem[]): Response | null {
  const wrong = lint.find(item => item.level === 'error')
  if (wrong === undefined) return null
  const { message, fix: hint, path } = wrong
  return problem(c, { kind: 'invalid', code: 'invalid_tool', message, hint, path }, { lint })
}

function notMade({ name, server }: GivenTool): ApiProblem {
  if (server === null) {
    const message = `“${name}” is a tool that every team has.`
    return { kind: 'conflict', code: 'builtin_tool', message, hint: 'PUT {} takes back what was set of it.' }
  }
  const message = `“${name}” is a tool of the MCP server “${server}”.`
  const hint = 'PUT /api/v1/mcp-servers/:key without its name in `tools` takes it away.'
  return { kind: 'conflict', code: 'mcp_tool', message, hint }
}
