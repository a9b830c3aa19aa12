/** Finds the tools that a step or an agent names: Baton's own, the team's in its pinned version. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import type { TeamTool } from '../../domain/tools/tool.ts'
import type { Env } from '../../env.ts'
import { toolVersion } from '../../records/tools.ts'
import { BUILT_IN } from './built-in/index.ts'
import { httpTool } from './http-tool.ts'
import type { Tool } from './tool.ts'

const kept = new BoundedCache<TeamTool>(500)

/** The tool of this name, or null: there is none. Throws when storage fails. */
export async function toolNamed(env: Env, team: string, name: string, version: number): Promise<Tool | null> {
  const own = BUILT_IN.find(tool => tool.spec.name === name)
  if (own !== undefined) return own.isThere?.(env) === false ? null : own
  const id = `${team}/${name}@${version}`
  const known = kept.peek(id)
  if (known !== undefined) return httpTool(known)
  const found = await toolVersion(env.DB, team, name, version)
  return found === null ? null : httpTool(kept.keep(id, found))
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
