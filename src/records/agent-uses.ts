/** Which workflows name which agents, in what is live. */

export interface AgentUse {
  id: string
  name: string
  /** Agent's key → the keys of the steps that name it. */
  agents: Map<string, string[]>
}

/** The team's workflows whose live version names an agent. */
export async function agentUses(db: D1Database, team: string): Promise<AgentUse[]> {
  const { results } = await db
    .prepare(
      `SELECT w.id, w.name, s.value->>'$.agent' AS agent, s.value->>'$.key' AS step
       FROM workflows w JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team,
         json_each(v.pinned, '$.definition.steps') s
       WHERE w.team = ?1 AND w.deleted_at IS NULL AND s.value->>'$.agent' IS NOT NULL ORDER BY w.name, w.id LIMIT 2000`,
    )
    .bind(team)
    .all<{ id: string; name: string; agent: string; step: string }>()
  const uses = new Map<string, AgentUse>()
  for (const { id, name, agent, step } of results) {
    const use = uses.get(id) ?? { id, name, agents: new Map() }
    use.agents.set(agent, [...(use.agents.get(agent) ?? []), step])
    uses.set(id, use)
  }
  return [...uses.values()]
}
