/**
 * An MCP server of a team's: its shape, what may stand in its headers, and how its tools are named.
 */
import { z } from 'zod'
import { httpSchema } from '../../call/http-call.ts'
import { lintCall } from '../../call/lint-call.ts'
import { hasOtherTemplates } from '../../call/secret-marks.ts'
import { type LintItem, Report } from '../../workflow/lint/item.ts'
import type { Known } from '../../workflow/lint/known.ts'
import { KEY_PATTERN } from '../../workflow/parts.ts'

/** Tools of one server that are kept; what it lists beyond is left out, and said. */
export const MAX_TOOLS = 200
/** Characters of a tool's whole name, its server's key included. */
const MAX_NAME = 100

export const mcpServerSchema = z.strictObject({
  key: z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most'),
  url: z.string().trim().min(1).max(2000),
  headers: httpSchema.shape.headers,
  /** Names of the tools that steps and agents may use, as the server lists them. */
  tools: z.array(z.string().min(1).max(MAX_NAME)).max(MAX_TOOLS).optional(),
})
export type McpServer = z.infer<typeof mcpServerSchema>

/** What a call to a server needs to know of it. */
export type McpAddress = Pick<McpServer, 'key' | 'url' | 'headers'>

/** Headers that the protocol itself sets. */
const OWN_HEADERS = /^(?:mcp-.*|accept|content-type|content-length|last-event-id|host|connection|transfer-encoding)$/i

/** Everything that can be said of the server before it is called; errors stand in the way of keeping it. */
export function lintServer({ url, headers = {} }: McpAddress, known: Pick<Known, 'secrets' | 'local'>): LintItem[] {
  const report = new Report()
  if (/\{[{%]/.test(url)) {
    report.error(['url'], 'templated_host', 'The address of a server is written out.', 'Write it without `{{ }}`.')
    return report.items
  }
  lintCall({ url, headers }, [], known, report)
  for (const [name, value] of Object.entries(headers)) {
    if (OWN_HEADERS.test(name)) {
      const fix = 'Leave it out: it is set by itself.'
      report.error(['headers', name], 'bad_value', `The header \`${name}\` belongs to the protocol.`, fix)
    }
    if (/[\r\n\0]/.test(value)) {
      report.error(['headers', name], 'bad_value', 'A header holds no line break.', 'Write it in one line.')
    }
    if (hasOtherTemplates(value)) {
      const fix = 'Write it out, or name a secret as `{{ secrets.name }}`.'
      report.error(['headers', name], 'unknown_variable', 'A server’s headers can name secrets and nothing else.', fix)
    }
  }
  return report.items
}

/** How steps and agents name a server's tool. */
export function fullName(server: string, tool: string): string {
  return `${server}.${tool}`
}

/** The server and its tool that a name means, or null: it is no tool of a server. Keys hold no dot; tools' names may. */
export function serverTool(name: string): { server: string; tool: string } | null {
  const at = name.indexOf('.')
  const [server, tool] = [name.slice(0, at), name.slice(at + 1)]
  return at > 0 && KEY_PATTERN.test(server) && isToolName(server, tool) ? { server, tool } : null
}

/** Whether steps can name a tool that is called so: letters, digits, `_`, `-`, `.` and `/`. */
export function isToolName(server: string, tool: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(tool) && fullName(server, tool).length <= MAX_NAME
}
