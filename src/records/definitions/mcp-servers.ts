/** A team's MCP servers in D1: where each is, and how its list was last read. Its tools are in mcp-tools.ts. */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import type { McpAddress } from '../../domain/tools/mcp/server.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { mcpServers } from '../schema/outside.ts'

/** Servers that a team may have. */
export const MAX_SERVERS = 50

export type McpServerRow = Omit<typeof mcpServers.$inferSelect, 'team'>

/** A server with how many of its tools there are, are chosen, and wait for somebody to look at them. */
export type McpServerLine = McpServerRow & { tools: number; chosen: number; changed: number }

type Text<R extends McpServerRow> = Omit<R, 'headers' | 'leftOut'> & { headers: string; leftOut: string }

function parsed<R extends McpServerRow>(row: Text<R>): R {
  return { ...row, headers: JSON.parse(row.headers), leftOut: JSON.parse(row.leftOut) } as unknown as R
}

const COLUMNS = `s.key, s.url, s.headers, s.created_at AS createdAt, s.updated_at AS updatedAt, s.updated_by AS updatedBy,
  s.checked_at AS checkedAt, s.error, s.failed_at AS failedAt, s.left_out AS leftOut`
const ONE = `SELECT ${COLUMNS} FROM mcp_servers s WHERE s.team = ?1 AND s.key = ?2`
const LIST = `SELECT ${COLUMNS}, count(t.digest) AS tools, coalesce(sum(t.chosen), 0) AS chosen,
    coalesce(sum(t.chosen AND t.digest IS NOT t.accepted_digest), 0) AS changed
  FROM mcp_servers s LEFT JOIN mcp_tools t ON t.team = s.team AND t.server = s.key
  WHERE s.team = ?1 GROUP BY s.team, s.key ORDER BY s.created_at DESC, s.key DESC`

/** The server, or null. */
export async function mcpServerByKey(db: D1Database, team: string, key: string): Promise<McpServerRow | null> {
  const row = await db.prepare(ONE).bind(team, key).first<Text<McpServerRow>>()
  return row === null ? null : parsed(row)
}

/** All servers of the team, newest first: there are fifty at most. */
export async function listMcpServers(db: D1Database, team: string): Promise<McpServerLine[]> {
  const { results } = await db.prepare(LIST).bind(team).all<Text<McpServerLine>>()
  return results.map(parsed<McpServerLine>)
}

const ADD = `INSERT INTO mcp_servers (team, key, url, headers, created_at, updated_at, updated_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?5, ?6 WHERE (SELECT count(*) FROM mcp_servers WHERE team = ?1) < ${MAX_SERVERS}
  ON CONFLICT (team, key) DO NOTHING`
const CHANGE = `UPDATE mcp_servers SET url = ?3, headers = ?4, updated_at = ?5, updated_by = ?6,
    checked_at = CASE WHEN url = ?3 THEN checked_at END
  WHERE team = ?1 AND key = ?2`

/** Adds the server (`new`), or puts this in its place, on record; false: it is there already, is not there, or there are too many. */
export async function putMcpServer(
  db: D1Database,
  team: string,
  { key, url, headers = {} }: McpAddress,
  expected: 'new' | 'there',
  by: { actor: Actor; name: string },
  at: number,
): Promise<boolean> {
  const before = await mcpServerByKey(db, team, key)
  const changes = briefChange(before === null ? {} : saidOf(before), saidOf({ url, headers }))
  const facts = { name: key, url, changes }
  const act = { team, at, type: 'mcp_server.changed' as const, actor: by.actor, facts }
  const [written] = await db.batch([
    db.prepare(expected === 'new' ? ADD : CHANGE).bind(team, key, url, JSON.stringify(headers), at, by.name),
    await actStatement(db, act, LAST_CHANGED),
  ])
  return (written?.meta.changes ?? 0) > 0
}

/** What the log says of one: of headers their names, as some say in them what nobody should read. */
function saidOf({ url, headers }: { url: string; headers: Record<string, string> }) {
  return { url, headers: Object.keys(headers) }
}

const NOTE_ERROR = 'UPDATE mcp_servers SET error = ?3, failed_at = ?4 WHERE team = ?1 AND key = ?2'

/** Notes that its list could not be read, and why. What is known of it stays. */
export async function noteMcpError(
  db: D1Database,
  team: string,
  key: string,
  error: string,
  at: number,
): Promise<void> {
  await db.prepare(NOTE_ERROR).bind(team, key, error, at).run()
}

const UNLIST = 'UPDATE mcp_tools SET chosen = 0, told = NULL, digest = NULL WHERE team = ?1 AND server = ?2'

/** Deletes the server, on record; false: there is none. Of its tools the numbers stay: one that comes back goes on counting. */
export async function deleteMcpServer(
  db: D1Database,
  team: string,
  key: string,
  actor: Actor,
  at: number,
): Promise<boolean> {
  const before = await mcpServerByKey(db, team, key)
  const facts = { name: key, changes: briefChange(before === null ? {} : saidOf(before), {}) }
  const [gone] = await db.batch([
    db.prepare('DELETE FROM mcp_servers WHERE team = ?1 AND key = ?2').bind(team, key),
    await actStatement(db, { team, at, type: 'mcp_server.deleted', actor, facts }, LAST_CHANGED),
    db.prepare(UNLIST).bind(team, key),
  ])
  return (gone?.meta.changes ?? 0) > 0
}
