/** Tools that a team has without having made them: the built-in ones, and those chosen of MCP servers. They can be set, not changed. */
import { type BuiltIn, builtInsOf } from '../domain/tools/built-in.ts'
import { fullName, serverTool } from '../domain/tools/mcp/server.ts'
import type { Env } from '../env.ts'
import { chosenMcpTools, type McpToolRow, mcpTool } from '../records/definitions/mcp-tools.ts'
import { builtInNamed } from './tools.ts'

export interface GivenTool extends BuiltIn {
  /** The MCP server that it is of; null: it is built in. */
  server: string | null
  /** Counts what was accepted of a server's tool; null: it is built in. */
  version: number | null
  /** Whether it is held back until somebody accepts what changed in it. */
  changed: boolean
}

/** The tool of this name, as it was accepted; null: there is none, or the team made it. */
export async function givenTool(db: D1Database, team: string, name: string): Promise<GivenTool | null> {
  const builtIn = builtInNamed(name)
  if (builtIn !== null) return given(builtIn)
  const named = serverTool(name)
  const row = named && (await mcpTool(db, team, named.server, named.tool))
  return row?.chosen ? ofServer(row) : null
}

/** All of them: those of servers by name, then the built-in ones. */
export async function givenTools(env: Pick<Env, 'DB' | 'BATON_SEARCH_KEY'>, team: string): Promise<GivenTool[]> {
  return [...(await chosenMcpTools(env.DB, team)).map(ofServer), ...builtInsOf(env).map(given)]
}

function given(tool: BuiltIn): GivenTool {
  return { ...tool, server: null, version: null, changed: false }
}

function ofServer({ server, name, accepted, version, digest, acceptedDigest }: McpToolRow): GivenTool {
  const { description, parameters, effect } = accepted!
  const changed = digest !== acceptedDigest
  return { name: fullName(server, name), description, parameters, effect, server, version, changed }
}
