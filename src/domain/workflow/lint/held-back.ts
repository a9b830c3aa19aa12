/** Tools of MCP servers that are chosen and cannot be called now: their server says something else of them, or no longer lists them. */
import { serverTool } from '../../tools/mcp/server.ts'
import type { LintPath, Report } from './item.ts'
import type { Known } from './known.ts'

/** Warns where a tool that is named at `path` is held back, and says where that is settled. */
export function warnHeldBack(tool: string, path: LintPath, { heldTools }: Known, report: Report): void {
  const why = heldTools?.get(tool)
  if (why === undefined) return
  const { server = tool } = serverTool(tool) ?? {}
  const at = `the page of the MCP server \`${server}\` (/mcp-servers/${server})`
  if (why === 'changed') {
    const message = `The tool \`${tool}\` is held back: its server changed it since somebody accepted it. Calls of it fail.`
    report.warn(path, 'tool_held_back', message, `Look at the change and accept it on ${at}.`)
  } else {
    const message = `The tool \`${tool}\` is not listed by its server any more. Calls of it fail.`
    report.warn(path, 'tool_held_back', message, `Choose another tool, or have the list read again on ${at}.`)
  }
}
