/** Reads a server's list and keeps it, or keeps why it could not be read. */
import type { ToolList } from '../../domain/tools/mcp/listed.ts'
import type { McpAddress } from '../../domain/tools/mcp/server.ts'
import type { Env } from '../../env.ts'
import { noteMcpError } from '../../records/definitions/mcp-servers.ts'
import { keepMcpTools } from '../../records/definitions/mcp-tools.ts'
import { readyExchange } from '../egress/exchange.ts'
import type { Acted } from './client.ts'
import { readTools } from './tools.ts'

const TIMEOUT_MS = 30_000

/** Reads the list of a server that need not be kept yet. Throws only when Baton's own storage fails. */
export async function fetchTools(
  env: Env,
  team: string,
  server: McpAddress,
  timeoutMs = TIMEOUT_MS,
): Promise<Acted<ToolList>> {
  const begin = await readyExchange(env, team, server)
  return typeof begin === 'function' ? readTools(begin, server, timeoutMs) : { ok: false, failure: begin }
}

/** Reads the list of one of the team's servers again, and keeps what came of it. Throws only when Baton's own storage fails. */
export async function refreshTools(
  env: Env,
  team: string,
  server: McpAddress,
  timeoutMs?: number,
): Promise<Acted<ToolList>> {
  const fetched = await fetchTools(env, team, server, timeoutMs)
  if (fetched.ok) await keepMcpTools(env.DB, team, server.key, fetched.value, Date.now())
  else await noteMcpError(env.DB, team, server.key, fetched.failure.message, Date.now())
  return fetched
}
