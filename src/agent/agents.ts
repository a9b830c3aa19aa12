/** Agents as the API and the seed make them: each edit is a new immutable version. */
import type { Agent } from '../domain/agent.ts'
import { knownAmong, modelNames } from '../domain/models/environment.ts'
import type { KnownProviders } from '../domain/models/provider.ts'
import type { Actor } from '../domain/task/events.ts'
import type { Env } from '../env.ts'
import { usualModel } from '../execution/models/usual.ts'
import type { Read } from '../http/request/body.ts'
import { agentByKey, insertAgentVersion } from '../records/definitions/agents.ts'
import { knowledgeNames } from '../records/definitions/knowledge.ts'
import { currentSkills } from '../records/definitions/skills.ts'
import { knownTools } from '../records/definitions/tools.ts'
import type { Expected } from '../records/definitions/versions.ts'
import { listModels } from '../team/listed-models.ts'

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

export interface AgentNames {
  tools: string[]
  skills: string[]
  /** Keys of texts, and what they are called. */
  knowledge: string[]
  knownNames: Map<string, string>
  providers: KnownProviders
  models: string[]
  usual: string
}

/** What the team's agents may name, and the model that answers for those that name none. */
export async function namesFor(env: Env, team: string): Promise<AgentNames> {
  const [tools, skills, known, listed, usual] = await Promise.all([
    knownTools(env, team),
    currentSkills(env.DB, team),
    knowledgeNames(env.DB, team),
    listModels(env, team),
    usualModel(env, team),
  ])
  const names = { tools, skills: Object.keys(skills), models: modelNames(listed), usual }
  return { ...names, knowledge: [...known.keys()], knownNames: known, providers: knownAmong(env, listed) }
}

/** Writes the agent as its next version and makes that current, on record, or says what stands in the way of what was expected. */
export async function saveAgent(
  db: D1Database,
  team: string,
  agent: Agent,
  expected: Expected,
  actor: Actor,
  at: number,
): Promise<Read<number>> {
  const version = await insertAgentVersion(db, team, agent, expected, actor, at)
  return version === null ? conflict(db, team, agent.key) : { ok: true, value: version }
}

async function conflict(db: D1Database, team: string, key: string): Promise<Read<never>> {
  const row = await agentByKey(db, team, key)
  if (row === null || row.deletedAt !== null) return { ok: false, problem: { kind: 'not_found' } }
  const message = `There is an agent "${key}" already, in version ${row.version}.`
  const hint = 'PUT /api/v1/agents/:key makes a new version of it.'
  const details = { version: row.version }
  return { ok: false, problem: { kind: 'conflict', code: 'agent_exists', message, hint, details } }
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
