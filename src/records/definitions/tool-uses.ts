/** Which live workflows and agents name which tools, skills and models: read from their definitions. */
import { modelsOf, namedBy, skillsOf, toolsOf } from '../../domain/handler/of-step.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { agentModels, agentSkillsOf, agentTools, currentAgents } from './agents.ts'

/** Where a tool, a skill or a model is named. */
export interface ToolUse {
  /** Live workflows, with the steps that name it themselves; `defaults`: all that name none. */
  workflows: { id: string; name: string; steps: string[] }[]
  /** Keys of agents. */
  agents: string[]
}

const PAGE = 50
const LIVE = `SELECT w.id, w.name, w.created_at AS at, v.pinned FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND w.deleted_at IS NULL AND (w.created_at, w.id) > (?2, ?3)
  ORDER BY w.created_at, w.id LIMIT ${PAGE}`

type Uses = Map<string, ToolUse>

/** Tool's name → where it is named. */
export async function toolUses(db: D1Database, team: string): Promise<Uses> {
  return usesIn(db, team, ({ steps }) => namedBy(steps, toolsOf), agentTools)
}

/** The same of skills, by their keys. */
export async function skillUses(db: D1Database, team: string): Promise<Uses> {
  return usesIn(db, team, ({ steps }) => namedBy(steps, skillsOf), agentSkillsOf)
}

/** The same of models, by their names as they are written. */
export async function modelUses(db: D1Database, team: string): Promise<Uses> {
  const named = ({ steps, defaults }: Definition) => {
    const names = namedBy(steps, modelsOf)
    const usual = defaults?.model
    return usual === undefined ? names : names.set(usual, ['defaults', ...(names.get(usual) ?? [])])
  }
  return usesIn(db, team, named, agentModels)
}

async function usesIn(
  db: D1Database,
  team: string,
  of: (definition: Definition) => Map<string, string[]>,
  ofAgents: typeof agentTools,
): Promise<Uses> {
  const uses: Uses = new Map()
  const useOf = (name: string): ToolUse => {
    const known = uses.get(name) ?? { workflows: [], agents: [] }
    uses.set(name, known)
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
      for (const [one, steps] of of(definition)) useOf(one).workflows.push({ id, name, steps })
    }
    if (results.length < PAGE) break
    after = results.at(-1)!
  }
  const agents = await ofAgents(db, team, Object.keys(await currentAgents(db, team)))
  for (const [agent, names] of agents) for (const name of new Set(names)) useOf(name).agents.push(agent)
  return uses
}
