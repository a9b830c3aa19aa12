/** Which workflows name which agents, in what is live. */
import type { workflowVersions } from '../schema/definitions.ts'

type Version = typeof workflowVersions.$inferSelect

export interface AgentUse {
  id: string
  name: string
  /** The keys of the steps that name it. */
  steps: string[]
}

/** Workflows that are told or counted of one agent; with one more than these the page says that there are more. */
export const MOST_USES = 50

const IS_LIVE = `EXISTS (SELECT 1 FROM workflows w JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live
  WHERE w.id = ?1 AND w.team = ?2 AND w.deleted_at IS NULL AND w.live = ?3 AND v.digest = ?4)`
const FORGET = `DELETE FROM agent_uses WHERE workflow = ?1 AND ${IS_LIVE}`
const KEEP = `INSERT INTO agent_uses (team, agent, workflow, steps)
  SELECT ?2, j.key, ?1, j.value FROM json_each(?5) j WHERE ${IS_LIVE}`

/** Notes which steps of this version name which agents, if it is the live one; in one batch with what makes it live. */
export function noteAgentUses(
  db: D1Database,
  { workflow, team, version, digest }: Pick<Version, 'workflow' | 'team' | 'version' | 'digest'>,
  agents: Record<string, string[]>,
): D1PreparedStatement[] {
  const values = [workflow, team, version, digest]
  return [db.prepare(FORGET).bind(...values), db.prepare(KEEP).bind(...values, JSON.stringify(agents))]
}

/** How many of the team's workflows name each of these agents in their live version, counted up to one more than `MOST_USES`. */
export async function countAgentUses(db: D1Database, team: string, agents: string[]): Promise<Map<string, number>> {
  const counted = `SELECT count(*) FROM (SELECT 1 FROM agent_uses u WHERE u.team = ?1 AND u.agent = a.value LIMIT ${MOST_USES + 1})`
  const { results } = await db
    .prepare(`SELECT a.value AS agent, (${counted}) AS n FROM json_each(?2) a`)
    .bind(team, JSON.stringify(agents))
    .all<{ agent: string; n: number }>()
  return new Map(results.map(({ agent, n }) => [agent, n]))
}

/** The team's workflows whose live version names the agent, at most one more than `MOST_USES`. */
export async function usesOfAgent(db: D1Database, team: string, agent: string): Promise<AgentUse[]> {
  const { results } = await db
    .prepare(
      `SELECT w.id, w.name, u.steps FROM agent_uses u CROSS JOIN workflows w ON w.id = u.workflow AND w.team = ?1
       WHERE u.team = ?1 AND u.agent = ?2 ORDER BY u.workflow LIMIT ${MOST_USES + 1}`,
    )
    .bind(team, agent)
    .all<{ id: string; name: string; steps: string }>()
  const uses = results.map(({ id, name, steps }) => ({ id, name, steps: JSON.parse(steps) as string[] }))
  return uses.sort((a, b) => a.name.localeCompare(b.name))
}
