/**
 * A tool of an MCP server's, as a team has chosen it. What models are told and arguments are checked by is what a person
 * accepted; a tool that its server describes otherwise now is held back.
 */
import type { Json } from '../../domain/json/json.ts'
import type { ToldTool } from '../../domain/tools/mcp/listed.ts'
import { fullName } from '../../domain/tools/mcp/server.ts'
import type { Effect } from '../../domain/tools/tool.ts'
import type { Env } from '../../env.ts'
import { mcpServerByKey } from '../../records/definitions/mcp-servers.ts'
import { type McpToolRow, mcpTool } from '../../records/definitions/mcp-tools.ts'
import { readyExchange } from '../egress/exchange.ts'
import type { Failure } from '../mcp/failure.ts'
import { refreshTools } from '../mcp/refresh.ts'
import { callMcpTool } from '../mcp/tools.ts'
import { RETRIED } from './outcome.ts'
import { type Failed, failed, type Send, type Tool, type Use } from './tool.ts'

/** A list that was read this long ago still counts as what the server says. */
const FRESH_MS = 60_000

/**
 * The tool as it was accepted, or null: it is not chosen. `effect`: what the team says that it is, whatever its server
 * says; whoever says that it only reads says that it can be called again. Throws when storage fails.
 */
export async function chosenMcpTool(
  env: Env,
  team: string,
  named: { server: string; tool: string },
  set: Effect | undefined,
): Promise<Tool | null> {
  const row = await mcpTool(env.DB, team, named.server, named.tool)
  if (row === null || !row.chosen || row.accepted === null) return null
  const { accepted } = row
  const name = fullName(row.server, row.name)
  const effect = set ?? accepted.effect
  const safe = effect === 'read'
  return {
    spec: { name, description: accepted.description, parameters: accepted.parameters },
    effect,
    safe,
    asks: () => null,
    ready: (args, use) => ready(row, accepted, safe, args, use),
  }
}

/** Looks whether the tool is still what was accepted, at its server where that was not asked of late. */
async function ready(
  row: McpToolRow,
  accepted: ToldTool,
  safe: boolean,
  args: Json,
  { env, team, timeoutMs }: Use,
): Promise<Send | Failed> {
  const server = await mcpServerByKey(env.DB, team, row.server)
  if (server === null) return failed('tool_missing', `There is no MCP server “${row.server}” in this team any more.`)
  const isFresh = server.checkedAt !== null && Date.now() - server.checkedAt < FRESH_MS
  const read = isFresh ? null : await refreshTools(env, team, server, timeoutMs)
  if (read?.ok === false) return failureOf(read.failure, true)
  const now = read === null ? row : ((await mcpTool(env.DB, team, row.server, row.name)) ?? row)
  if (now.digest !== now.acceptedDigest) return heldBack(now)
  const begin = await readyExchange(env, team, server)
  if (typeof begin !== 'function') return failureOf(begin, true)
  return async () => {
    const answer = await callMcpTool(begin, server.url, accepted, args, timeoutMs)
    // Before the call itself nothing was done that could be done twice.
    return answer.kind === 'done' ? answer : failureOf(answer.failure, safe || !answer.called)
  }
}

/** Until a person has looked at what the server says of it now. */
function heldBack({ server, name, digest }: McpToolRow): Failed {
  const whole = fullName(server, name)
  if (digest === null) return failed('tool_missing', `The server “${server}” offers no tool “${name}” any more.`)
  const message = `The tool “${whole}” is described otherwise than when it was chosen, so it was not called. Somebody of the team must look at it, under Tools, ${server}, and accept it.`
  return failed('tool_changed', message)
}

function failureOf({ code, message, reached, status, retryAfterMs }: Failure, safe: boolean): Failed {
  const isLost = reached && (code === 'timeout' || code === 'unreachable')
  const mayGoBetter = isLost || (status !== undefined && RETRIED.includes(status))
  return {
    kind: 'failed',
    failure: { code, message, retryable: safe && mayGoBetter, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    ...(status !== undefined && { status }),
    lost: isLost && !safe,
  }
}
