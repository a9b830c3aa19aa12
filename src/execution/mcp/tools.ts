/** A server's tools as they are read and called: its list, page by page, and one call of one of them. */
import type { Json } from '../../domain/json/json.ts'
import { readToolList, type ToldTool, type ToolList } from '../../domain/tools/mcp/listed.ts'
import { readCallAnswer } from '../../domain/tools/mcp/result.ts'
import { MAX_TOOLS, type McpAddress } from '../../domain/tools/mcp/server.ts'
import type { Begin, Exchange } from '../egress/exchange.ts'
import { type Acted, inSession, type Session } from './client.ts'
import type { Failure } from './failure.ts'

/** Pages of a list that are read; a server that goes on is left. */
const MAX_PAGES = 20

/** Reads the server's whole list, within bounds. Nothing throws. */
export function readTools(begin: Begin, server: McpAddress, timeoutMs: number): Promise<Acted<ToolList>> {
  return inSession(begin, server.url, timeoutMs, (session, exchange) => toolsIn(session, exchange, server.key))
}

async function toolsIn({ client, left }: Session, exchange: Exchange, server: string): Promise<ToolList> {
  if (client.getServerCapabilities()?.tools === undefined) return { tools: [], leftOut: [] }
  const listed: unknown[] = []
  let cursor: string | undefined
  let pages = 0
  do {
    const params = cursor === undefined ? {} : { cursor }
    const page = await client.request({ method: 'tools/list', params }, { timeout: left() })
    listed.push(...page.tools)
    cursor = page.nextCursor
    pages += 1
  } while (cursor !== undefined && pages < MAX_PAGES && listed.length <= MAX_TOOLS)
  return readToolList(server, exchange.mask(listed as Json[]), cursor !== undefined)
}

export type Called =
  | { kind: 'done'; result: Json }
  /** `called`: whether the tool may have been called when it failed. */
  | { kind: 'failed'; failure: Failure; called: boolean }

/** Calls a tool once. Nothing throws. */
export async function callMcpTool(
  begin: Begin,
  url: string,
  { name, parameters }: ToldTool,
  args: Json,
  timeoutMs: number,
): Promise<Called> {
  let called = false
  const acted = await inSession<Called>(begin, url, timeoutMs, async ({ client, left }, exchange) => {
    called = true
    const answer = await client.callTool(
      { name, arguments: args as Record<string, Json> },
      // Its own definition: no schema of the server's is looked up, or compiled.
      { timeout: left(), toolDefinition: { name, inputSchema: parameters as { type: 'object' } } },
    )
    const read = readCallAnswer(answer)
    if (read.kind === 'done') return { kind: 'done', result: exchange.mask(read.result) }
    const code = read.kind === 'failed' ? 'tool_failed' : 'unreadable_body'
    const failure: Failure = { code, message: exchange.mask(read.message), reached: true }
    return { kind: 'failed', failure, called }
  })
  return acted.ok ? acted.value : { kind: 'failed', failure: acted.failure, called }
}
