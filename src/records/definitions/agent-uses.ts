/** Which workflows name which agents, in what is live. */

export interface AgentUse {
  id: string
  name: string
  /** The keys of the steps that name it. */
  steps: string[]
}

/** Workflows that are told or counted of one agent; with one more than these the page says that there are more. */
export const MOST_USES = 50

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
