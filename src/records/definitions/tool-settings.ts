/** What a team sets of built-in tools, in D1. */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import type { ToolSettings } from '../../domain/tools/settings.ts'
import { actStatement } from '../acts.ts'

const ONE = 'SELECT settings FROM tool_settings WHERE team = ?1 AND key = ?2'

/** What the team has set of this tool; {}: nothing. */
export async function toolSettings(db: D1Database, team: string, key: string): Promise<ToolSettings> {
  const row = await db.prepare(ONE).bind(team, key).first<{ settings: string }>()
  return row === null ? {} : (JSON.parse(row.settings) as ToolSettings)
}

const ALL = 'SELECT key, settings FROM tool_settings WHERE team = ?1'

/** Tool's name → what the team has set of it. */
export async function allToolSettings(db: D1Database, team: string): Promise<Map<string, ToolSettings>> {
  const { results } = await db.prepare(ALL).bind(team).all<{ key: string; settings: string }>()
  return new Map(results.map(({ key, settings }) => [key, JSON.parse(settings) as ToolSettings]))
}

const PUT = `INSERT INTO tool_settings (team, key, settings, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (team, key) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

/** Sets them, in the place of earlier ones, on record. */
export async function putToolSettings(
  db: D1Database,
  team: string,
  key: string,
  settings: ToolSettings,
  by: { actor: Actor; name: string },
  at: number,
): Promise<void> {
  const facts = { name: key, changes: briefChange(await toolSettings(db, team, key), settings) }
  await db.batch([
    db.prepare(PUT).bind(team, key, JSON.stringify(settings), at, by.name),
    await actStatement(db, { team, at, type: 'tool.changed', actor: by.actor, facts }),
  ])
}
