/** `/mcp-servers`: MCP servers as sources of tools, which of their tools may be used, and what changed in them. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { fullName, type McpServer, mcpServerSchema } from '../../domain/tools/mcp/server.ts'
import { KEY_PATTERN } from '../../domain/workflow/parts.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { iso, isoOrNull, isoTime, lintDocument } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import type { Read } from '../../http/request/body.ts'
import { fits, type Routes, route } from '../../http/route.ts'
import {
  deleteMcpServer,
  listMcpServers,
  type McpServerRow,
  mcpServerByKey,
} from '../../records/definitions/mcp-servers.ts'
import type { McpToolRow } from '../../records/definitions/mcp-tools.ts'
import {
  acceptTool,
  addServer,
  changeServer,
  isChanged,
  lintOwnServer,
  refreshServer,
  shownTool,
  type WholeServer,
  wholeServer,
} from './servers.ts'

export const mcpServerRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'MCP servers'

const told = {
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()).openapi({ description: 'A JSON Schema of an object.' }),
  effect: z.enum(['read', 'write']).openapi({ description: '`read` where the server says `readOnlyHint`.' }),
}
const toolEntry = z
  .object({
    name: z.string().openapi({ description: 'As the server calls it; steps and agents name it `server.tool`.' }),
    tool: z.string().openapi({ description: 'What steps and agents name it.' }),
    ...told,
    chosen: z.boolean(),
    changed: z.boolean().openapi({ description: 'Held back: it is not what was accepted.' }),
    listed: z.boolean().openapi({ description: 'false: the server offers it no more.' }),
    digest: z.string().nullable().openapi({ description: 'Of what the server says of it now.' }),
    version: z.int().openapi({ description: 'Counts what was accepted of it; publishing names it.' }),
    accepted: z.object(told).nullable().openapi({ description: 'Of one that changed: what was accepted.' }),
  })
  .openapi('McpTool')
const facts = {
  key: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).openapi({ description: 'Secrets stand in them by their names.' }),
  checkedAt: iso.nullable().openapi({ description: 'When its list was last read.' }),
  error: z.string().nullable().openapi({ description: 'What stood in the way of reading it last.' }),
  createdAt: iso,
  updatedAt: iso,
  updatedBy: z.string(),
}
const line = z
  .object({ ...facts, tools: z.int(), chosen: z.int(), changed: z.int().openapi({ description: 'Held back.' }) })
  .openapi('McpServerLine')
const leftOut = z
  .array(z.object({ name: z.string(), why: z.string() }))
  .openapi({ description: 'What it lists besides and cannot be used.' })
const whole = z.object({ ...facts, tools: z.array(toolEntry), leftOut }).openapi('McpServer')
const saved = z.object({ ...whole.shape, lint: z.array(lintDocument) }).openapi('SavedMcpServer')

route(
  mcpServerRoutes,
  {
    method: 'get',
    path: '/mcp-servers',
    tag: TAG,
    summary: 'List MCP servers',
    scope: 'workflows:read',
    answers: {
      200: { schema: z.object({ items: z.array(line), next: z.null() }), description: 'All of them, newest first.' },
    },
  },
  async c => {
    const rows = await listMcpServers(c.env.DB, c.get('key').team)
    const items = rows.map(({ tools, chosen, changed, ...row }) => ({ ...factsOf(row), tools, chosen, changed }))
    return c.json({ items, next: null })
  },
)

route(
  mcpServerRoutes,
  {
    method: 'post',
    path: '/mcp-servers',
    tag: TAG,
    summary: 'Add an MCP server',
    description:
      'Reads its list of tools first; a server that cannot be read is not kept. `tools` names those that may be used; none unless set.',
    scope: 'workflows:write',
    body: mcpServerSchema,
    answers: { 201: { schema: saved, description: 'Added, with its tools.' } },
    errors: [409],
  },
  (c, { body }) => keep(c, body, addServer, 201),
)

route(
  mcpServerRoutes,
  {
    method: 'get',
    path: '/mcp-servers/{key}',
    tag: TAG,
    summary: 'Read an MCP server',
    scope: 'workflows:read',
    answers: { 200: { schema: whole, description: 'The server, with its tools as its list was last read.' } },
  },
  async (c, { params }) => {
    const found = await wholeServer(c.env.DB, c.get('key').team, params.key)
    return found ? c.json(entryOf(found)) : problem(c, { kind: 'not_found' })
  },
)

route(
  mcpServerRoutes,
  {
    method: 'put',
    path: '/mcp-servers/{key}',
    tag: TAG,
    summary: 'Change an MCP server',
    description:
      '`tools` names all that may be used from now on; left out, they stay. One that is chosen anew is accepted as it is now. Where address or headers change, its list is read again first.',
    scope: 'workflows:write',
    body: z.record(z.string(), z.unknown()),
    bodyDocument: mcpServerSchema.extend({ key: mcpServerSchema.shape.key.optional() }),
    answers: { 200: { schema: saved, description: 'Changed, with its tools.' } },
    errors: [409],
  },
  async (c, { params, body }) => {
    const found = await own(c, params.key)
    if (!found) return problem(c, { kind: 'not_found' })
    const server = fits(mcpServerSchema, { key: found.key, ...body })
    if (!server.ok) return problem(c, server.problem)
    if (server.value.key === found.key) return keep(c, server.value, changeServer, 200)
    const message = `key: the server's key is "${found.key}" and stays so.`
    return problem(c, { kind: 'invalid', message, hint: 'Leave `key` out, or add another server.', path: 'key' })
  },
)

route(
  mcpServerRoutes,
  {
    method: 'delete',
    path: '/mcp-servers/{key}',
    tag: TAG,
    summary: 'Delete an MCP server',
    description: 'Steps and agents that name its tools fail from now on, as `tool_missing`.',
    scope: 'workflows:write',
    answers: { 204: { description: 'Deleted.' } },
  },
  async (c, { params }) => {
    const key = c.get('key')
    const gone = await deleteMcpServer(c.env.DB, key.team, params.key, keyActor(key), Date.now())
    return gone ? c.body(null, 204) : problem(c, { kind: 'not_found' })
  },
)

route(
  mcpServerRoutes,
  {
    method: 'post',
    path: '/mcp-servers/{key}/refresh',
    tag: TAG,
    summary: "Read an MCP server's list again",
    description: 'Chosen tools that changed are held back until each is accepted.',
    scope: 'workflows:write',
    answers: { 200: { schema: whole, description: 'The server, with its tools as they are now.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const read = await refreshServer(c.env, c.get('key').team, params.key)
    return read.ok ? c.json(entryOf(read.value)) : problem(c, read.problem)
  },
)

route(
  mcpServerRoutes,
  {
    method: 'post',
    path: '/mcp-servers/{key}/accept',
    tag: TAG,
    summary: 'Accept a tool that changed',
    description: 'What is published goes on with the tool as it is now.',
    scope: 'workflows:write',
    body: z.strictObject({
      tool: z.string().min(1).max(100).openapi({ description: 'As the server calls it.' }),
      digest: z.string().max(64).optional().openapi({ description: 'Only if it is still what was looked at.' }),
    }),
    answers: { 200: { schema: toolEntry, description: 'Accepted.' } },
    errors: [409],
  },
  async (c, { params, body }) => {
    const { tool: name, digest } = body
    const accepted = await acceptTool(c.env.DB, c.get('key').team, { server: params.key, name, digest }, byOf(c))
    return accepted.ok ? c.json(toolOf(accepted.value)) : problem(c, accepted.problem)
  },
)

async function own(c: ApiContext, key: string): Promise<McpServerRow | null> {
  return KEY_PATTERN.test(key) ? mcpServerByKey(c.env.DB, c.get('key').team, key) : null
}

async function keep(
  c: ApiContext,
  server: McpServer,
  save: (
    env: ApiContext['env'],
    team: string,
    server: McpServer,
    by: ReturnType<typeof byOf>,
  ) => Promise<Read<WholeServer>>,
  status: 200 | 201,
): Promise<Response> {
  const { team } = c.get('key')
  const lint = await lintOwnServer(c.env, team, server)
  const wrong = lint.find(item => item.level === 'error')
  if (wrong !== undefined) {
    const { message, fix: hint, path } = wrong
    return problem(c, { kind: 'invalid', code: 'invalid_mcp_server', message, hint, path }, { lint })
  }
  const kept = await save(c.env, team, server, byOf(c))
  return kept.ok ? c.json({ ...entryOf(kept.value), lint }, status) : problem(c, kept.problem)
}

function byOf(c: ApiContext) {
  const key = c.get('key')
  return { actor: keyActor(key), name: key.id }
}

function factsOf({ key, url, headers, checkedAt, error, createdAt, updatedAt, updatedBy }: McpServerRow) {
  const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt), checkedAt: isoOrNull(checkedAt) }
  return { key, url, headers, error, updatedBy, ...times }
}

function entryOf({ server, tools }: WholeServer) {
  return { ...factsOf(server), tools: tools.map(toolOf), leftOut: server.leftOut }
}

function toolOf(row: McpToolRow) {
  const { server, name, chosen, digest, version, told: now, accepted } = row
  const { description, parameters, effect } = shownTool(row)
  const changed = isChanged(row)
  const before = changed && accepted !== null && now !== null ? without(accepted) : null
  return {
    ...{ name, tool: fullName(server, name), description, parameters, effect, chosen, changed },
    ...{ listed: now !== null, digest, version, accepted: before },
  }
}

function without({ description, parameters, effect }: NonNullable<McpToolRow['accepted']>) {
  return { description, parameters, effect }
}
