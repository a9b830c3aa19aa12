/** What a team has that its definitions may name: what the lint is told. */

import type { Agent } from '../domain/agent.ts'
import { namedAgent } from '../domain/handler/agent.ts'
import { usesIn } from '../domain/handler/workflow.ts'
import { knownAmong } from '../domain/models/environment.ts'
import type { Known } from '../domain/workflow/lint.ts'
import type { Env } from '../env.ts'
import { agentSkillsOf, agentTools, currentAgents } from '../records/definitions/agents.ts'
import { heldMcpTools } from '../records/definitions/mcp-tools.ts'
import { currentSkills } from '../records/definitions/skills.ts'
import { currentTools, namesWith } from '../records/definitions/tools.ts'
import { startableWorkflows } from '../records/definitions/workflow-uses.ts'
import { formerMembers } from '../records/people/former-members.ts'
import { secretHosts } from '../records/people/secrets.ts'
import { listMembers } from '../records/people/teams.ts'
import { termsOf } from '../team/limits/terms.ts'
import { listModels, type ModelEnv } from '../team/listed-models.ts'

/** What a lint needs of the environment. */
export type LintEnv = Pick<Env, 'BATON_LOCAL' | 'BATON_SEARCH_KEY'> & ModelEnv

/**
 * The team's names for this document, and its agents' versions; `more` are agents that come with the document, `moreTools` and `moreSkills` names of tools and skills;
 * `self` is the workflow's id, if it is made.
 */
export async function knownFor(
  env: LintEnv,
  team: string,
  document: unknown,
  more: Agent[] = [],
  moreTools: string[] = [],
  moreSkills: string[] = [],
  self?: string,
): Promise<{ known: Known; agents: Record<string, number> }> {
  const { DB: db } = env
  const named = namedAgents(document)
  const [agents, members, former, own, secrets, tools, skills, agentSkills, workflows, listed, heldTools, terms] =
    await Promise.all([
      currentAgents(db, team),
      listMembers(db, team),
      formerMembers(db, team),
      currentTools(db, team),
      secretHosts(db, team),
      named.length > 0 ? agentTools(db, team, named) : new Map<string, string[]>(),
      currentSkills(db, team),
      named.length > 0 ? agentSkillsOf(db, team, named) : new Map<string, string[]>(),
      startableWorkflows(db, team, namedWorkflows(document)),
      listModels(env, team),
      heldMcpTools(db, team),
      termsOf(db, team),
    ])
  // An agent that the team has already is used as it is.
  const added = more.filter(agent => !Object.hasOwn(agents, agent.key))
  for (const { key, tools: named = [], skills: own = [] } of added) {
    tools.set(key, named)
    agentSkills.set(key, own)
  }
  return {
    known: {
      agents: [...Object.keys(agents), ...added.map(agent => agent.key)],
      tools,
      members: members.map(member => member.email),
      former,
      toolNames: [...namesWith(env, own), ...moreTools],
      heldTools,
      secrets,
      skills: [...Object.keys(skills), ...moreSkills],
      agentSkills,
      workflows,
      self: { id: self, name: nameOf(document) },
      local: env.BATON_LOCAL === '1',
      models: listed.flatMap(({ models }) => models),
      providers: knownAmong(env, listed),
      priced: Object.keys(terms.prices),
    },
    agents,
  }
}

function nameOf(document: unknown): string | undefined {
  const { name } = (document ?? {}) as { name?: unknown }
  return typeof name === 'string' ? name.trim() : undefined
}

/** The workflows that steps, branches and the work on a list's items start; the document may be wrong in every part. */
function namedWorkflows(document: unknown): string[] {
  const { steps } = (document ?? {}) as { steps?: unknown }
  return Array.isArray(steps) ? [...new Set(steps.slice(0, 100).flatMap(usesIn))].slice(0, 100) : []
}

/** The agents that steps name; the document may be wrong in every part. */
function namedAgents(document: unknown): string[] {
  const { steps } = (document ?? {}) as { steps?: unknown }
  if (!Array.isArray(steps)) return []
  return [...new Set(steps.slice(0, 100).map(namedAgent))].filter(key => key !== null)
}
