/** A team's tools as pages and the API make them: each change is a new immutable version, linted before. */
import type { Actor } from '../domain/task/events.ts'
import { BUILT_IN_TOOLS, type BuiltIn } from '../domain/tools/built-in.ts'
import { lintTool } from '../domain/tools/lint-tool.ts'
import type { TeamTool } from '../domain/tools/tool.ts'
import type { LintItem } from '../domain/workflow/lint.ts'
import type { Env } from '../env.ts'
import type { Read } from '../http/request/body.ts'
import { insertToolVersion, toolByKey } from '../records/definitions/tools.ts'
import type { Expected } from '../records/definitions/versions.ts'
import { secretHosts } from '../records/people/secrets.ts'

type ToolEnv = Pick<Env, 'DB' | 'BATON_LOCAL'>

/** The built-in tool of this name, or null. */
export function builtInNamed(key: string): BuiltIn | null {
  return Object.values<BuiltIn>(BUILT_IN_TOOLS).find(tool => tool.name === key) ?? null
}

/** What can be said of the tool, by the team's secrets of this moment, and those that are about to be set. */
export async function lintOwnTool(
  env: ToolEnv,
  team: string,
  tool: TeamTool,
  more: [name: string, hosts: string[]][] = [],
): Promise<LintItem[]> {
  const secrets = new Map([...(await secretHosts(env.DB, team)), ...more])
  return lintTool(tool, { secrets, local: env.BATON_LOCAL === '1' })
}

/** Writes the tool as its next version and makes that current, or says what stands in the way of what was expected. */
export async function saveTool(
  db: D1Database,
  team: string,
  tool: TeamTool,
  expected: Expected,
  by: Actor,
): Promise<Read<number>> {
  if (builtInNamed(tool.key) !== null) return taken(`“${tool.key}” is a tool that every team has.`)
  const version = await insertToolVersion(db, team, tool, expected, by, Date.now())
  if (version !== null) return { ok: true, value: version }
  const there = await toolByKey(db, team, tool.key)
  if (there === null) return { ok: false, problem: { kind: 'not_found' } }
  return taken(`There is a tool “${tool.key}” already, in version ${there.version}.`, there.version)
}

function taken(message: string, version?: number): Read<never> {
  const hint = version === undefined ? 'Choose another key.' : 'PUT /api/v1/tools/:key makes a new version of it.'
  const details = version === undefined ? undefined : { version }
  return { ok: false, problem: { kind: 'conflict', code: 'tool_exists', message, hint, details } }
}
