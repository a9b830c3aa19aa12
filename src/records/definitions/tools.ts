/** A team's tools and their immutable versions in D1. */
import type { Actor } from '../../domain/task/events.ts'
import { builtInsOf } from '../../domain/tools/built-in.ts'
import type { TeamTool } from '../../domain/tools/tool.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import type { tools, toolVersions } from '../schema/definitions.ts'
import { deleteVersioned, versionWriter } from './versions.ts'

/** A tool that is there, in its current version. */
export type ToolRow = Omit<typeof tools.$inferSelect, 'team' | 'deletedAt'> & Pick<ToolVersionRow, 'tool'>

/** One version of a tool. */
export type ToolVersionRow = Omit<typeof toolVersions.$inferSelect, 'team' | 'key'>

type Text<R extends { tool: TeamTool }> = Omit<R, 'tool'> & { tool: string }

function parsed<R extends { tool: TeamTool }>(row: Text<R>): R {
  return { ...row, tool: JSON.parse(row.tool) as TeamTool } as R
}

const TOOL_VERSION = `SELECT version, tool, created_at AS createdAt, created_by AS createdBy FROM tool_versions
  WHERE team = ?1 AND key = ?2 AND version = ?3`

/** The tool in this version, or null. */
export async function toolVersion(
  db: D1Database,
  team: string,
  key: string,
  version: number,
): Promise<ToolVersionRow | null> {
  const row = await db.prepare(TOOL_VERSION).bind(team, key, version).first<Text<ToolVersionRow>>()
  return row === null ? null : parsed(row)
}

/** The names of all tools that the team's steps and agents may use: Baton's own that are set up, and the team's. */
export async function knownTools(env: { DB: D1Database; BATON_SEARCH_KEY?: string }, team: string): Promise<string[]> {
  return namesWith(env, await currentTools(env.DB, team))
}

/** The same, of tools that were read already. */
export function namesWith(env: { BATON_SEARCH_KEY?: string }, own: Record<string, number>): string[] {
  return [...builtInsOf(env).map(tool => tool.name), ...Object.keys(own)]
}

const CURRENT_TOOLS = `SELECT key, version FROM tools WHERE team = ?1 AND deleted_at IS NULL
  UNION ALL SELECT server || '.' || name, version FROM mcp_tools WHERE team = ?1 AND chosen = 1`

/** Tool's name → current version, of all tools that are there; of a server's tools: what was accepted of it. */
export async function currentTools(db: D1Database, team: string): Promise<Record<string, number>> {
  const { results } = await db.prepare(CURRENT_TOOLS).bind(team).all<{ key: string; version: number }>()
  return Object.fromEntries(results.map(row => [row.key, row.version]))
}

const CURRENT = `SELECT t.key, t.version, v.tool, t.created_at AS createdAt, t.updated_at AS updatedAt
  FROM tools t JOIN tool_versions v ON v.team = t.team AND v.key = t.key AND v.version = t.version
  WHERE t.team = ?1 AND t.deleted_at IS NULL`
const ONE_TOOL = `${CURRENT} AND t.key = ?2`
const LIST_TOOLS = `${CURRENT} AND (?2 IS NULL OR t.created_at < ?2 OR (t.created_at = ?2 AND t.key < ?3))
  ORDER BY t.created_at DESC, t.key DESC LIMIT ?4`

/** A page of the tools, newest first. */
export async function listTools(db: D1Database, team: string, cursor: Cursor | null): Promise<Page<ToolRow>> {
  const { results } = await db
    .prepare(LIST_TOOLS)
    .bind(team, cursor?.at ?? null, cursor?.id ?? '', PAGE_SIZE + 1)
    .all<Text<ToolRow>>()
  return page(results.map(parsed<ToolRow>), row => ({ at: row.createdAt, id: row.key }))
}

/** The tool, or null: there is none, or it was deleted. */
export async function toolByKey(db: D1Database, team: string, key: string): Promise<ToolRow | null> {
  const row = await db.prepare(ONE_TOOL).bind(team, key).first<Text<ToolRow>>()
  return row === null ? null : parsed(row)
}

const LIST_VERSIONS = `SELECT version, created_at AS createdAt, created_by AS createdBy FROM tool_versions
  WHERE team = ?1 AND key = ?2 AND version < ?3 ORDER BY version DESC LIMIT ?4`

/** The versions of a tool, newest first. */
export async function listToolVersions(
  db: D1Database,
  team: string,
  key: string,
  cursor: Cursor | null,
): Promise<Page<Omit<ToolVersionRow, 'tool'>>> {
  const { results } = await db
    .prepare(LIST_VERSIONS)
    .bind(team, key, cursor?.at ?? Number.MAX_SAFE_INTEGER, PAGE_SIZE + 1)
    .all<Omit<ToolVersionRow, 'tool'>>()
  return page(results, row => ({ at: row.version, id: 'v' }))
}

/** Writes the tool as its next version and makes that current, on record; null when it is not as expected. */
export const insertToolVersion = versionWriter<TeamTool>({
  table: 'tools',
  value: 'tool',
  act: 'tool.changed',
  current: async (db, team, key) => {
    const row = await toolByKey(db, team, key)
    return row && { version: row.version, value: row.tool }
  },
})

/** Takes the tool out of the lists, on record; its versions stay for the workflows that name them. */
export async function deleteTool(db: D1Database, team: string, key: string, actor: Actor, at: number): Promise<void> {
  await deleteVersioned(db, { table: 'tools', act: 'tool.deleted' }, { team, key, actor, at })
}
