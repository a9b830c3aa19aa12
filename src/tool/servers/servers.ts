/** A team's MCP servers as pages and the API keep them: linted, read before they are kept, their tools chosen and accepted. */
import type { Actor } from '../../domain/task/events.ts'
import type { ToldTool } from '../../domain/tools/mcp/listed.ts'
import { lintServer, type McpAddress, type McpServer } from '../../domain/tools/mcp/server.ts'
import type { LintItem } from '../../domain/workflow/lint.ts'
import type { Env } from '../../env.ts'
import { fetchTools, refreshTools } from '../../execution/mcp/refresh.ts'
import type { ApiProblem } from '../../http/errors.ts'
import type { Read } from '../../http/request/body.ts'
import { MAX_SERVERS, type McpServerRow, mcpServerByKey, putMcpServer } from '../../records/definitions/mcp-servers.ts'
import {
  acceptMcpTool,
  chooseMcpTools,
  keepMcpTools,
  type McpToolRow,
  mcpTool,
  mcpToolsOf,
} from '../../records/definitions/mcp-tools.ts'
import { secretHosts } from '../../records/people/secrets.ts'

type By = { actor: Actor; name: string }

/** A server with all of its tools. */
export interface WholeServer {
  server: McpServerRow
  tools: McpToolRow[]
}

/** The server of this key with its tools, or null. What is neither listed nor chosen is left out. */
export async function wholeServer(db: D1Database, team: string, key: string): Promise<WholeServer | null> {
  const [server, tools] = await Promise.all([mcpServerByKey(db, team, key), mcpToolsOf(db, team, key)])
  return server && { server, tools: tools.filter(({ chosen, told }) => chosen || told !== null) }
}

/** Whether the tool waits for a person, as its server says something else of it than was accepted. */
export function isChanged({ chosen, digest, acceptedDigest }: McpToolRow): boolean {
  return chosen && digest !== acceptedDigest
}

/** What is shown of a tool: what its server says now, or what it said last. */
export function shownTool({ told, accepted }: McpToolRow): ToldTool {
  return (told ?? accepted)!
}

/** What can be said of the server, by the team's secrets of this moment, and those that are about to be set. */
export async function lintOwnServer(
  env: Pick<Env, 'DB' | 'BATON_LOCAL'>,
  team: string,
  server: McpAddress,
  more: [name: string, hosts: string[]][] = [],
): Promise<LintItem[]> {
  const secrets = new Map([...(await secretHosts(env.DB, team)), ...more])
  return lintServer(server, { secrets, local: env.BATON_LOCAL === '1' })
}

/** Adds a server, once its list could be read. */
export async function addServer(env: Env, team: string, server: McpServer, by: By): Promise<Read<WholeServer>> {
  const { key } = server
  if ((await mcpServerByKey(env.DB, team, key)) !== null) return refused(exists(key))
  const fetched = await fetchTools(env, team, server)
  if (!fetched.ok) return refused(unread(fetched.failure.message))
  const wrong = unknownTool(
    server,
    fetched.value.tools.map(({ name }) => name),
  )
  if (wrong !== null) return refused(wrong)
  if (!(await putMcpServer(env.DB, team, server, 'new', by, Date.now()))) {
    return refused((await mcpServerByKey(env.DB, team, key)) === null ? TOO_MANY : exists(key))
  }
  await keepMcpTools(env.DB, team, key, fetched.value, Date.now())
  if (server.tools !== undefined) await chooseMcpTools(env.DB, team, key, server.tools, by, Date.now())
  return kept(env.DB, team, key)
}

/** Puts this in the place of a server: where it is, its headers, and its chosen tools where `tools` names them. */
export async function changeServer(env: Env, team: string, server: McpServer, by: By): Promise<Read<WholeServer>> {
  const { key, url, headers = {} } = server
  const found = await mcpServerByKey(env.DB, team, key)
  if (found === null) return refused({ kind: 'not_found' })
  const isMoved = found.url !== url || JSON.stringify(found.headers) !== JSON.stringify(headers)
  const fetched = isMoved ? await fetchTools(env, team, server) : null
  if (fetched?.ok === false) return refused(unread(fetched.failure.message))
  const rows = await mcpToolsOf(env.DB, team, key)
  const listed = fetched?.value.tools ?? rows.filter(({ told }) => told !== null)
  const wrong = unknownTool(
    server,
    [...listed, ...rows.filter(({ chosen }) => chosen)].map(({ name }) => name),
  )
  if (wrong !== null) return refused(wrong)
  if (fetched !== null) {
    await putMcpServer(env.DB, team, server, 'there', by, Date.now())
    await keepMcpTools(env.DB, team, key, fetched.value, Date.now())
  }
  if (server.tools !== undefined) await chooseMcpTools(env.DB, team, key, server.tools, by, Date.now())
  return kept(env.DB, team, key)
}

/** Reads the server's list again. */
export async function refreshServer(env: Env, team: string, key: string): Promise<Read<WholeServer>> {
  const found = await mcpServerByKey(env.DB, team, key)
  if (found === null) return refused({ kind: 'not_found' })
  const fetched = await refreshTools(env, team, found)
  return fetched.ok ? kept(env.DB, team, key) : refused(unread(fetched.failure.message))
}

/** Accepts what the server says of a chosen tool now; `digest`: only if it is what was looked at. */
export async function acceptTool(
  db: D1Database,
  team: string,
  { server, name, digest }: { server: string; name: string; digest?: string },
  by: By,
): Promise<Read<McpToolRow>> {
  const row = await mcpTool(db, team, server, name)
  if (row === null || !row.chosen) return refused({ kind: 'not_found' })
  if (row.digest === null) {
    const message = `“${server}” does not list the tool “${name}” any more.`
    const hint = 'Choose another tool, or read the list again.'
    return refused({ kind: 'conflict', code: 'tool_missing', message, hint })
  }
  if (!isChanged(row)) {
    const message = `“${name}” is what was accepted: there is nothing to accept.`
    return refused({ kind: 'conflict', code: 'tool_unchanged', message, hint: 'It can be used as it is.' })
  }
  const seen = digest ?? row.digest
  if (await acceptMcpTool(db, team, { server, name, digest: seen }, by, Date.now())) {
    return { ok: true, value: (await mcpTool(db, team, server, name)) ?? row }
  }
  const message = `“${name}” has changed once more since you looked at it.`
  return refused({ kind: 'conflict', code: 'content_changed', message, hint: 'Look at it again, then accept it.' })
}

async function kept(db: D1Database, team: string, key: string): Promise<Read<WholeServer>> {
  const whole = await wholeServer(db, team, key)
  return whole === null ? refused({ kind: 'not_found' }) : { ok: true, value: whole }
}

function refused(problem: ApiProblem): { ok: false; problem: ApiProblem } {
  return { ok: false, problem }
}

const TOO_MANY: ApiProblem = {
  kind: 'conflict',
  code: 'too_many_servers',
  message: `The team has ${MAX_SERVERS} MCP servers, as many as it may.`,
  hint: 'Delete one that nothing uses.',
}

function exists(key: string): ApiProblem {
  const message = `There is an MCP server “${key}” already.`
  return { kind: 'conflict', code: 'mcp_server_exists', message, hint: 'Choose another key, or PUT to change it.' }
}

function unread(why: string): ApiProblem {
  const hint = 'Check its address and sign-in, then try again. Nothing was changed.'
  return { kind: 'conflict', code: 'mcp_server_failed', message: why, hint }
}

function unknownTool({ key, tools = [] }: McpServer, there: string[]): ApiProblem | null {
  const at = tools.findIndex(tool => !there.includes(tool))
  if (at < 0) return null
  const message = `tools[${at}]: “${key}” lists no tool of this name.`
  return {
    kind: 'invalid',
    code: 'unknown_tool',
    message,
    hint: `It lists: ${there.slice(0, 20).join(', ')}.`,
    path: `tools[${at}]`,
  }
}
