/** What a team has that its definitions may name: what the lint is told. */

import type { Agent } from '../domain/agent.ts'
import { narrowedAgent } from '../domain/handler/agent.ts'
import { builtInsOf } from '../domain/tools/built-in.ts'
import type { Known } from '../domain/workflow/lint.ts'
import type { Env } from '../env.ts'
import { agentTools, currentAgents } from '../records/agents.ts'
import { formerMembers } from '../records/former-members.ts'
import { secretHosts } from '../records/secrets.ts'
import { listMembers } from '../records/teams.ts'
import { currentTools } from '../records/tools.ts'

/** What a lint needs of the environment. */
export type LintEnv = Pick<Env, 'DB' | 'BATON_LOCAL' | 'BATON_SEARCH_KEY'>

/** The team's names for this document, and its agents' versions; `more` are agents that come with the document, `moreTools` names of tools. */
export async function knownFor(
  env: LintEnv,
  team: string,
  document: unknown,
  more: Agent[] = [],
  moreTools: string[] = [],
): Promise<{ known: Known; agents: Record<string, number> }> {
  const { DB: db } = env
  const narrowed = narrowedAgents(document)
  const [agents, members, former, own, secrets, tools] = await Promise.all([
    currentAgents(db, team),
    listMembers(db, team),
    formerMembers(db, team),
    currentTools(db, team),
    secretHosts(db, team),
    // Few steps narrow their agent's tools; a lint of the others reads no agent.
    narrowed.length > 0 ? agentTools(db, team, narrowed) : new Map<string, string[]>(),
  ])
  // An agent that the team has already is used as it is.
  const added = more.filter(agent => !Object.hasOwn(agents, agent.key))
  for (const { key, tools: named = [] } of added) tools.set(key, named)
  return {
    known: {
      agents: [...Object.keys(agents), ...added.map(agent => agent.key)],
      tools,
      members: members.map(member => member.email),
      former,
      toolNames: [...builtInsOf(env).map(tool => tool.name), ...Object.keys(own), ...moreTools],
      secrets,
      local: env.BATON_LOCAL === '1',
      models: [],
    },
    agents,
  }
}

/** The agents of steps that say which tools they use; the document may be wrong in every part. */
function narrowedAgents(document: unknown): string[] {
  const { steps } = (document ?? {}) as { steps?: unknown }
  if (!Array.isArray(steps)) return []
  return [...new Set(steps.slice(0, 100).map(narrowedAgent))].filter(key => key !== null)
}
