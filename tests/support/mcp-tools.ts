/** An MCP server of the official library with tools that can be changed; it knows nothing of how it is reached. */
import { Server } from '@modelcontextprotocol/server'

export interface ServedTool {
  name: string
  title?: string
  description?: string
  inputSchema: Record<string, unknown>
  annotations?: { readOnlyHint?: boolean }
  /** What a call answers: content and the like, or never, or a broken connection. */
  answer?: (args: Record<string, unknown>) => unknown
}

export const FIND: ServedTool = {
  name: 'find',
  description: 'Finds a contact.',
  inputSchema: { type: 'object', required: ['email'], properties: { email: { type: 'string' } } },
  annotations: { readOnlyHint: true },
  answer: ({ email }) => ({ content: [{ type: 'text', text: `Found ${email}.` }] }),
}

export const BOOK: ServedTool = {
  name: 'book',
  description: 'Books a visit.',
  inputSchema: { type: 'object', properties: { day: { type: 'string' } } },
  answer: ({ day }) => ({ content: [{ type: 'text', text: 'booked' }], structuredContent: { booked: day ?? null } }),
}

/** A server that lists and answers by what `tools` says at that moment. */
export function mcpServerOf(tools: () => ServedTool[]): Server {
  const server = new Server({ name: 'crm', version: '1' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools: tools().map(({ answer: _, ...tool }) => tool) }) as never)
  server.setRequestHandler('tools/call', async ({ params }) => {
    const tool = tools().find(({ name }) => name === params.name)
    if (tool?.answer === undefined) throw new Error(`no tool ${params.name}`)
    return (await tool.answer(params.arguments ?? {})) as never
  })
  return server
}
