/** Which live workflows and agents name which tools: read from their definitions. */
import { namedBy, toolsOf } from '../../domain/handler/of-step.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { agentTools, currentAgents } from './agents.ts'

/** Where a tool is named. */
export interface ToolUse {
  /** Live workflows, with the steps that call it themselves. */
  workflows: { id: string; name: string; steps: string[] }[]
  /** Keys of agents. */
  agents: string[]
}

const PAGE = 50
const LIVE = `SELECT w.id, w.name, w.created_at AS at, v.pinned FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND w.deleted_at IS NULL AND (w.created_at, w.id) > (?2, ?3)
  ORDER BY w.created_at, w.id LIMIT ${PAGE}`

/** Tool's name → where it is named. */
export async function toolUses(db: D1Database, team: string): Promise<Map<string, ToolUse>> {
  const uses = new Map<string, ToolUse>()
  const useOf = (tool: string): ToolUse => {
    const known = uses.get(tool) ?? { workflows: [], agents: [] }
    uses.set(tool, known)
    return known
  }
  let after = { at: -1, id: '' }
  for (;;) {
    const { results } = await db
      .prepare(LIVE)
      .bind(team, after.at, after.id)
      .all<{ id: string; name: string; at: number; pinned: string }>()
    for (const { id, name, pinned } of results) {
      const { definition } = JSON.parse(pinned) as { definition: Definition }
      for (const [tool, steps] of namedBy(definition.steps, toolsOf)) useOf(tool).workflows.push({ id, name, steps })
    }
    if (results.length < PAGE) break
    after = results.at(-1)!
  }
  const agents = await agentTools(db, team, Object.keys(await currentAgents(db, team)))
  for (const [agent, tools] of agents) for (const tool of new Set(tools)) useOf(tool).agents.push(agent)
  return uses
}
