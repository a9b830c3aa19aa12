/** MCP servers of the official server library, without sockets: they stand for the network of tests in workerd. */
import { createMcpHandler, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { setNetwork } from '../../src/execution/egress/call-out.ts'
import { mcpServerOf, type ServedTool } from './mcp-tools.ts'

export const MCP_URL = 'https://mcp.crm.example/mcp'

export interface ServedMcp {
  /** Change it, and the server lists and does something else. */
  tools: ServedTool[]
  /** What was asked of it, in order: the method, and a tool's name. */
  asked: string[]
  /** The headers of each request. */
  headers: Record<string, string>[]
  /** Sessions that it forgets: the next request in one is answered 404. */
  forget(): void
}

interface Serving {
  /** The value of `authorization` that it asks for. */
  token?: string
  /** Keeps sessions and speaks 2025-11-25 alone; else it speaks both and keeps none. */
  sessions?: boolean
  /** Answers in place of the server, by the request's message; undefined: the server does. */
  instead?: (message: { method?: string; id?: number }, request: Request) => Response | Promise<Response> | undefined
}

/** A server that answers every call to the outside from now on. */
export function mcpServes(tools: ServedTool[], { token, sessions = false, instead }: Serving = {}): ServedMcp {
  const served: ServedMcp = { tools, asked: [], headers: [], forget: () => kept.clear() }
  const kept = new Map<string, WebStandardStreamableHTTPServerTransport>()
  const make = () => mcpServerOf(() => served.tools)
  const stateless = createMcpHandler(make)
  const answer = async (request: Request): Promise<Response> => {
    if (!sessions) return stateless.fetch(request)
    const session = request.headers.get('mcp-session-id')
    const known = session === null ? undefined : kept.get(session)
    if (known !== undefined) return known.handleRequest(request)
    if (session !== null) return new Response('unknown session', { status: 404 })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: id => void kept.set(id, transport),
    })
    await make().connect(transport)
    return transport.handleRequest(request)
  }
  setNetwork((async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input as string, init)
    served.headers.push(Object.fromEntries(request.headers))
    const text = await request.clone().text()
    const message = text === '' ? {} : JSON.parse(text)
    served.asked.push([message.method ?? request.method, message.params?.name].filter(Boolean).join(' '))
    if (token !== undefined && request.headers.get('authorization') !== token) {
      return new Response('sign in', { status: 401 })
    }
    return (await instead?.(message, request)) ?? answer(request)
  }) as typeof fetch)
  return served
}
