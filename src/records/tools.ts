/** A team's tools and their immutable versions in D1. */
import type { TeamTool } from '../domain/tools/tool.ts'

const TOOL_VERSION = 'SELECT tool FROM tool_versions WHERE team = ?1 AND key = ?2 AND version = ?3'

/** The tool in this version, or null. */
export async function toolVersion(
  db: D1Database,
  team: string,
  key: string,
  version: number,
): Promise<TeamTool | null> {
  const row = await db.prepare(TOOL_VERSION).bind(team, key, version).first<{ tool: string }>()
  return row === null ? null : (JSON.parse(row.tool) as TeamTool)
}

const CURRENT_TOOLS = 'SELECT key, version FROM tools WHERE team = ?1 AND deleted_at IS NULL'

/** Tool key → current version, of all tools that are there. */
export async function currentTools(db: D1Database, team: string): Promise<Record<string, number>> {
  const { results } = await db.prepare(CURRENT_TOOLS).bind(team).all<{ key: string; version: number }>()
  return Object.fromEntries(results.map(row => [row.key, row.version]))
}
