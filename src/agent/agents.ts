/** Agents as the API and the seed make them: each edit is a new immutable version. */
import type { Agent } from '../domain/agent.ts'
import { agentByKey, insertAgentVersion } from '../records/agents.ts'

/** How often an edit tries again when another took the next number. */
const TRIES = 8
/** Beyond it a description is read less and less faithfully. */
const MANY_WORDS = 8000
/** As many as an agent may have. */
const MANY_TOOLS = 15

export interface AgentWarning {
  path: string
  level: 'warning'
  code: string
  message: string
  fix: string
}

/** Writes the agent as its next version and makes that current. Two at once get two numbers. */
export async function saveAgent(db: D1Database, team: string, agent: Agent, by: string, at: number): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const version = ((await agentByKey(db, team, agent.key))?.version ?? 0) + 1
    if (await insertAgentVersion(db, team, agent, version, by, at)) return version
  }
  throw new Error(`agent ${agent.key}: no free version number after ${TRIES} tries`)
}

/** What will make the agent work worse than it could. */
export function warningsFor(agent: Agent): AgentWarning[] {
  const words = [agent.description, ...(agent.context ?? []).map(one => one.text)].join(' ').split(/\s+/).length
  const tools = agent.tools?.length ?? 0
  const warnings: AgentWarning[] = []
  if (words > MANY_WORDS) {
    const message = `Description and context come to ${words} words; beyond ${MANY_WORDS} models follow them less and less.`
    const fix = 'Shorten it, or split the agent in two.'
    warnings.push({ path: 'description', level: 'warning', code: 'too_many_words', message, fix })
  }
  if (tools >= MANY_TOOLS) {
    const message = `It has ${tools} tools; with that many, models choose the wrong one more often.`
    const fix = 'Take away those it rarely needs, or split the agent in two.'
    warnings.push({ path: 'tools', level: 'warning', code: 'too_many_tools', message, fix })
  }
  return warnings
}
