/**
 * Finds the tools that a step or an agent names: Baton's own and those of MCP servers as the team has set them, the team's
 * in its pinned version.
 */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import { serverTool } from '../../domain/tools/mcp/server.ts'
import type { ToolSettings } from '../../domain/tools/settings.ts'
import { type TeamTool, whyAsk } from '../../domain/tools/tool.ts'
import type { Env } from '../../env.ts'
import { toolSettings } from '../../records/definitions/tool-settings.ts'
import { toolVersion } from '../../records/definitions/tools.ts'
import { BUILT_IN } from './built-in/index.ts'
import { httpTool } from './http-tool.ts'
import { chosenMcpTool } from './mcp-tool.ts'
import type { Tool } from './tool.ts'

const kept = new BoundedCache<TeamTool>(500)

/** The tool of this name, or null: there is none. Throws when storage fails. */
export async function toolNamed(env: Env, team: string, name: string, version: number): Promise<Tool | null> {
  const own = BUILT_IN.find(tool => tool.spec.name === name)
  if (own !== undefined) {
    return own.isThere?.(env) === false ? null : asSet(own, await toolSettings(env.DB, team, name))
  }
  const named = serverTool(name)
  if (named !== null) {
    // What was published before it was chosen does not know it; what was accepted since holds at once.
    if (version === 0) return null
    const settings = await toolSettings(env.DB, team, name)
    const tool = await chosenMcpTool(env, team, named, settings.effect)
    return tool && asSet(tool, settings)
  }
  const id = `${team}/${name}@${version}`
  const known = kept.peek(id)
  if (known !== undefined) return httpTool(known)
  const found = await toolVersion(env.DB, team, name, version)
  return found === null ? null : httpTool(kept.keep(id, found.tool))
}

/** A tool that was not made by the team, by the rules that it has set for it. */
function asSet(tool: Tool, settings: ToolSettings): Tool {
  const { effect = tool.effect, recipients } = settings
  return {
    ...tool,
    effect,
    asks: (args, facts) => {
      const own = tool.asks(args, facts)
      if (own !== null) return own
      const why = whyAsk(settings, args, facts)
      return why === null ? null : { kind: 'call', why }
    },
    ready: (args, use) => tool.ready(args, { ...use, recipients }),
  }
}

/** Those of these names that there are, in their order. */
export async function toolsNamed(
  env: Env,
  team: string,
  names: readonly string[],
  versions: Record<string, number>,
): Promise<Tool[]> {
  const found = await Promise.all(names.map(name => toolNamed(env, team, name, versions[name] ?? 0)))
  return found.filter(tool => tool !== null)
}
