/**
 * The tools of MCP servers in D1: what each server says of them now, which of them a team has chosen, and what a person
 * has accepted of each. One that says something else than was accepted is held back.
 */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { shorten } from '../../domain/text/cut.ts'
import { type LeftOut, type ToldTool, toldText } from '../../domain/tools/mcp/listed.ts'
import { fullName } from '../../domain/tools/mcp/server.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import { sha256Hex } from '../ids.ts'
import type { mcpTools } from '../schema/outside.ts'

export type McpToolRow = Omit<typeof mcpTools.$inferSelect, 'team'>

type Text = Omit<McpToolRow, 'told' | 'accepted' | 'chosen'> & {
  told: string | null
  accepted: string | null
  chosen: 0 | 1
}

function parsed(row: Text): McpToolRow {
  const read = (text: string | null) => (text === null ? null : (JSON.parse(text) as ToldTool))
  return { ...row, told: read(row.told), accepted: read(row.accepted), chosen: row.chosen === 1 }
}

const COLUMNS = `server, name, told, digest, chosen, version, accepted, accepted_digest AS acceptedDigest,
  accepted_at AS acceptedAt, accepted_by AS acceptedBy`
const OF_SERVER = `SELECT ${COLUMNS} FROM mcp_tools WHERE team = ?1 AND server = ?2 ORDER BY name`
const ONE = `SELECT ${COLUMNS} FROM mcp_tools WHERE team = ?1 AND server = ?2 AND name = ?3`
const CHOSEN = `SELECT ${COLUMNS} FROM mcp_tools WHERE team = ?1 AND chosen = 1 ORDER BY server, name`

const HELD = `SELECT server || '.' || name AS name, digest IS NULL AS gone FROM mcp_tools
  WHERE team = ?1 AND chosen = 1 AND digest IS NOT accepted_digest`

/** Of the tools that the team has chosen those that are held back: changed since they were accepted, or listed no more. */
export async function heldMcpTools(db: D1Database, team: string): Promise<Map<string, 'changed' | 'gone'>> {
  const { results } = await db.prepare(HELD).bind(team).all<{ name: string; gone: 0 | 1 }>()
  return new Map(results.map(({ name, gone }) => [name, gone === 1 ? 'gone' : 'changed']))
}

/** All tools of a server, by name. */
export async function mcpToolsOf(db: D1Database, team: string, server: string): Promise<McpToolRow[]> {
  const { results } = await db.prepare(OF_SERVER).bind(team, server).all<Text>()
  return results.map(parsed)
}

/** One tool of a server, or null. */
export async function mcpTool(db: D1Database, team: string, server: string, name: string): Promise<McpToolRow | null> {
  const row = await db.prepare(ONE).bind(team, server, name).first<Text>()
  return row === null ? null : parsed(row)
}

/** All tools that the team has chosen, of all its servers. */
export async function chosenMcpTools(db: D1Database, team: string): Promise<McpToolRow[]> {
  const { results } = await db.prepare(CHOSEN).bind(team).all<Text>()
  return results.map(parsed)
}

const KEEP = `INSERT INTO mcp_tools (team, server, name, told, digest)
  SELECT ?1, ?2, value->>'$.name', value->>'$.told', value->>'$.digest' FROM json_each(?3)
  WHERE EXISTS (SELECT 1 FROM mcp_servers WHERE team = ?1 AND key = ?2)
  ON CONFLICT (team, server, name) DO UPDATE SET told = excluded.told, digest = excluded.digest`
const NOT_LISTED = "name NOT IN (SELECT value->>'$.name' FROM json_each(?3))"
const GONE = `UPDATE mcp_tools SET told = NULL, digest = NULL WHERE team = ?1 AND server = ?2 AND ${NOT_LISTED}`
const FORGET = 'DELETE FROM mcp_tools WHERE team = ?1 AND server = ?2 AND digest IS NULL AND version = 0'
const CHECKED = `UPDATE mcp_servers SET checked_at = ?3, error = NULL, failed_at = NULL, left_out = ?4
  WHERE team = ?1 AND key = ?2`

/** Keeps a list that was read in full; what was accepted stays as it is. */
export async function keepMcpTools(
  db: D1Database,
  team: string,
  server: string,
  { tools, leftOut }: { tools: ToldTool[]; leftOut: LeftOut[] },
  at: number,
): Promise<void> {
  const rows = await Promise.all(
    tools.map(async tool => ({
      name: tool.name,
      told: JSON.stringify(tool),
      digest: await sha256Hex(toldText(tool)),
    })),
  )
  const list = JSON.stringify(rows)
  await db.batch([
    db.prepare(KEEP).bind(team, server, list),
    db.prepare(GONE).bind(team, server, list),
    db.prepare(FORGET).bind(team, server),
    db.prepare(CHECKED).bind(team, server, at, JSON.stringify(leftOut)),
  ])
}

const ACCEPTED = `accepted = told, accepted_digest = digest, version = version + 1, accepted_at = ?4, accepted_by = ?5`
const CHOOSE = `UPDATE mcp_tools SET chosen = 1, ${ACCEPTED}
  WHERE team = ?1 AND server = ?2 AND chosen = 0 AND digest IS NOT NULL AND name IN (SELECT value FROM json_each(?3))`
const DROP = `UPDATE mcp_tools SET chosen = 0
  WHERE team = ?1 AND server = ?2 AND chosen = 1 AND name NOT IN (SELECT value FROM json_each(?3))`

/** Makes these the tools that may be used, on record: new ones as the server tells of them now, others as they were accepted. */
export async function chooseMcpTools(
  db: D1Database,
  team: string,
  server: string,
  names: readonly string[],
  by: { actor: Actor; name: string },
  at: number,
): Promise<void> {
  const list = JSON.stringify(names)
  const before = (await mcpToolsOf(db, team, server)).filter(({ chosen }) => chosen).map(({ name }) => name)
  const said = (tools: readonly string[]) => shorten(tools.toSorted().join(', ') || 'none', 300)
  const facts = { name: server, chosen: names.length, from: said(before), to: said(names) }
  await db.batch([
    db.prepare(CHOOSE).bind(team, server, list, at, by.name),
    db.prepare(DROP).bind(team, server, list),
    await actStatement(db, { team, at, type: 'mcp_tools.chosen', actor: by.actor, facts }),
  ])
}

const ACCEPT = `UPDATE mcp_tools SET ${ACCEPTED}
  WHERE team = ?1 AND server = ?2 AND name = ?3 AND chosen = 1 AND digest = ?6 AND digest IS NOT accepted_digest`

/** Accepts what the server says of the tool now, on record; false: it says something else than `digest`, or nothing is to be accepted. */
export async function acceptMcpTool(
  db: D1Database,
  team: string,
  { server, name, digest }: { server: string; name: string; digest: string },
  by: { actor: Actor; name: string },
  at: number,
): Promise<boolean> {
  const before = await mcpTool(db, team, server, name)
  const changes = briefChange(before?.accepted ?? {}, before?.told ?? {})
  const versions = { from: before?.version ?? null, to: (before?.version ?? 0) + 1 }
  const facts = { name: fullName(server, name), digest, ...versions, changes }
  const [written] = await db.batch([
    db.prepare(ACCEPT).bind(team, server, name, at, by.name, digest),
    await actStatement(db, { team, at, type: 'mcp_tool.accepted', actor: by.actor, facts }, LAST_CHANGED),
  ])
  return (written?.meta.changes ?? 0) > 0
}
