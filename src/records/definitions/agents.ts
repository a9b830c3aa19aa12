/** Agents and their immutable versions in D1. */
import { and, desc, eq, isNull, lt } from 'drizzle-orm'
import type { Agent } from '../../domain/agent.ts'
import type { Actor } from '../../domain/task/events.ts'
import { after, type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import { orm } from '../database.ts'
import { agents, agentVersions } from '../schema/definitions.ts'
import { deleteVersioned, versionWriter } from './versions.ts'

export type AgentRow = typeof agents.$inferSelect
export type AgentVersionRow = Omit<typeof agentVersions.$inferSelect, 'agent'> & { agent: Agent }

export async function listAgents(db: D1Database, team: string, cursor: Cursor | null): Promise<Page<AgentRow>> {
  const rows = await orm(db)
    .select()
    .from(agents)
    .where(and(eq(agents.team, team), isNull(agents.deletedAt), after(agents.createdAt, agents.key, cursor)))
    .orderBy(desc(agents.createdAt), desc(agents.key))
    .limit(PAGE_SIZE + 1)
  return page(rows, row => ({ at: row.createdAt, id: row.key }))
}

/** Agent key → current version, of all agents that are there. */
export async function currentAgents(db: D1Database, team: string): Promise<Record<string, number>> {
  const rows = await orm(db)
    .select({ key: agents.key, version: agents.version })
    .from(agents)
    .where(and(eq(agents.team, team), isNull(agents.deletedAt)))
  return Object.fromEntries(rows.map(row => [row.key, row.version]))
}

/** Of these agents that are there: key → the tools of the current version. */
export function agentTools(db: D1Database, team: string, keys: string[]): Promise<Map<string, string[]>> {
  return namesOf(db, team, keys, 'tools')
}

/** The same of the skills that they name. */
export function agentSkillsOf(db: D1Database, team: string, keys: string[]): Promise<Map<string, string[]>> {
  return namesOf(db, team, keys, 'skills')
}

/** The keys of the agents that have this text before them or look things up in it. */
export async function agentsThatKnow(db: D1Database, team: string, file: string): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT a.key FROM agents a JOIN agent_versions v ON v.team = a.team AND v.key = a.key AND v.version = a.version
       WHERE a.team = ?1 AND a.deleted_at IS NULL
         AND EXISTS (SELECT 1 FROM json_each(v.agent, '$.knowledge') k WHERE k.value->>'$.file' = ?2) ORDER BY a.key`,
    )
    .bind(team, file)
    .all<{ key: string }>()
  return results.map(({ key }) => key)
}

async function namesOf(db: D1Database, team: string, keys: string[], what: 'tools' | 'skills') {
  const { results } = await db
    .prepare(
      `SELECT a.key, v.agent->'$.${what}' AS names
       FROM agents a JOIN agent_versions v ON v.team = a.team AND v.key = a.key AND v.version = a.version
       WHERE a.team = ?1 AND a.deleted_at IS NULL AND a.key IN (SELECT value FROM json_each(?2))`,
    )
    .bind(team, JSON.stringify(keys))
    .all<{ key: string; names: string | null }>()
  return new Map(results.map(({ key, names }) => [key, names === null ? [] : (JSON.parse(names) as string[])]))
}

/** Agent's key → the model that it names, in a list; empty: it names none. */
export async function agentModels(db: D1Database, team: string, keys: string[]): Promise<Map<string, string[]>> {
  const { results } = await db
    .prepare(
      `SELECT a.key, v.agent->>'$.model' AS model
       FROM agents a JOIN agent_versions v ON v.team = a.team AND v.key = a.key AND v.version = a.version
       WHERE a.team = ?1 AND a.deleted_at IS NULL AND a.key IN (SELECT value FROM json_each(?2))`,
    )
    .bind(team, JSON.stringify(keys))
    .all<{ key: string; model: string | null }>()
  return new Map(results.map(({ key, model }) => [key, model === null ? [] : [model]]))
}

/** The agent's row, a deleted one's too: its versions go on from there. */
export async function agentByKey(db: D1Database, team: string, key: string): Promise<AgentRow | null> {
  const row = await orm(db)
    .select()
    .from(agents)
    .where(and(eq(agents.team, team), eq(agents.key, key)))
    .get()
  return row ?? null
}

export async function agentVersionRow(
  db: D1Database,
  team: string,
  key: string,
  version: number,
): Promise<AgentVersionRow | null> {
  const row = await orm(db)
    .select()
    .from(agentVersions)
    .where(and(eq(agentVersions.team, team), eq(agentVersions.key, key), eq(agentVersions.version, version)))
    .get()
  return row ? { ...row, agent: JSON.parse(row.agent) as Agent } : null
}

/** The versions of an agent, newest first. */
export async function listAgentVersions(
  db: D1Database,
  team: string,
  key: string,
  cursor: Cursor | null,
): Promise<Page<{ version: number; createdAt: number; createdBy: string }>> {
  const { version, createdAt, createdBy } = agentVersions
  const older = cursor ? lt(version, cursor.at) : undefined
  const rows = await orm(db)
    .select({ version, createdAt, createdBy })
    .from(agentVersions)
    .where(and(eq(agentVersions.team, team), eq(agentVersions.key, key), older))
    .orderBy(desc(version))
    .limit(PAGE_SIZE + 1)
  return page(rows, row => ({ at: row.version, id: 'v' }))
}

/** Writes the agent as its next version and makes that current, on record; null when it is not as expected. */
export const insertAgentVersion = versionWriter<Agent>({
  table: 'agents',
  value: 'agent',
  act: 'agent.changed',
  repeats: { column: 'name', of: agent => agent.name },
  current: async (db, team, key) => {
    const row = await agentByKey(db, team, key)
    const found = row && row.deletedAt === null ? await agentVersionRow(db, team, key, row.version) : null
    return found && { version: found.version, value: found.agent }
  },
})

/** Takes the agent out of the lists, on record; its versions stay for the workflows that name them. */
export async function deleteAgent(db: D1Database, team: string, key: string, actor: Actor, at: number): Promise<void> {
  await deleteVersioned(db, { table: 'agents', act: 'agent.deleted' }, { team, key, actor, at })
}
