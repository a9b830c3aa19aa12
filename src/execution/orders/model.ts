/** The order `model`: finds the agent and the model, asks it, with what it may do besides, and turns the outcome into a report. */

import type { AgentVersion } from '../../domain/agent.ts'
import { BoundedCache } from '../../domain/bounded-cache.ts'
import type { ModelOrder } from '../../domain/handler/order.ts'
import type { Prices } from '../../domain/money.ts'
import { type Skill, skillsNamed, withSkills } from '../../domain/skill.ts'
import type { RunFailure } from '../../domain/task/run/outcome.ts'
import { BUILT_IN_TOOLS } from '../../domain/tools/built-in.ts'
import type { Env } from '../../env.ts'
import { skillVersion } from '../../records/definitions/skills.ts'
import { agentVersion } from '../../records/people/teams.ts'
import type { Report } from '../../task/rpc.ts'
import { pricesOf } from '../../team/limits/terms.ts'
import { inOrder } from '../models/fallback.ts'
import { failureIn, type ModelOutcome, type ModelRequest } from '../models/port.ts'
import { pricedAt } from '../models/priced.ts'
import type { Models } from '../models/registry.ts'
import { teamModels } from '../models/team.ts'
import { askedOfModel, record, takeRecorded } from '../recorded.ts'
import { toolsNamed } from '../tools/known.ts'
import type { Tool } from '../tools/tool.ts'
import { converse } from './loop.ts'
import type { Performer } from './performer.ts'
import { reportFailure, reportOutcome, STORAGE_AWAY } from './report.ts'

const KEPT_AGENTS = 200
const agents = new BoundedCache<AgentVersion>(KEPT_AGENTS)
const skillsKept = new BoundedCache<Skill>(KEPT_AGENTS)
/** Tests only: the models that answer from now on; null: the environment's. */
let scripted: Models | null = null
export function scriptModels(script: Models | null): void {
  scripted = script
}

/** Asks the model that the order names. Never throws for what a model, a tool or a provider does. */
export const performModel: Performer<ModelOrder> = async (order, performing, env) => {
  const { team, task, chain } = performing
  const gathered = await gather(order, env, team)
  if (gathered === 'away') return STORAGE_AWAY
  const { agent, models, tools, skills, prices } = gathered
  if (agent === undefined) return reportFailure(missing('agent', order.agent!), chain)
  const lost = skills.find((skill): skill is { lost: Named } => 'lost' in skill)
  if (lost !== undefined) return reportFailure(missing('skill', lost.lost), chain)
  const wanted = models.resolve(order.model, agent?.model ?? null, order.usual)
  const asked = (model: string) => {
    const port = models.port(model)
    return { model, port: performing.gate?.port(models.provider(model), port, prices) ?? port }
  }
  const there = skills.filter((skill): skill is Skill => !('lost' in skill))
  const request = requestOf(order, agent, wanted, tools, there)
  const what = await askedOfModel(order, request, tools)
  const recorded = await takeRecorded(env, team, what, Date.now())
  if (recorded !== null) return reportOutcome(recorded, null, chain)
  const port = pricedAt(inOrder([asked(wanted), ...order.fallback.map(asked)]), prices)
  const ended = await converse(port, request, {
    loop: order.loop,
    tools,
    agent,
    performing,
    env,
  })
  if (ended.kind === 'void') return null
  if (ended.kind === 'away') return STORAGE_AWAY
  if (ended.kind === 'given_up') return reportFailure(ended.failure, chain, ended.usage)
  const report = reportOf(ended.outcome, chain)
  // What another model answered, or what was done on the way, is no answer to this again.
  const isAnswer = !ended.wrote && ended.outcome.usage.insteadOf === undefined
  if (what !== null && isAnswer && report.kind === 'outcome' && report.outcome.kind === 'completed') {
    await record(env, team, what, { answer: report.outcome, task }, Date.now())
  }
  return report
}

interface Gathered {
  models: Models
  /** null: the order names none; undefined: it is not there. */
  agent: AgentVersion | null | undefined
  tools: Tool[]
  /** Those that the agent and the step name; one that is not there is told. */
  skills: (Skill | { lost: Named })[]
  prices: Prices
}

interface Named {
  key: string
  version: number
}

/** What the order needs of Baton's own storage. */
async function gather(
  { agent: named, loop, skills: wantedSkills, model, usual, fallback }: ModelOrder,
  env: Env,
  team: string,
): Promise<Gathered | 'away'> {
  try {
    const agent = named === null ? null : await agentOf(env, team, named)
    const own = agent?.tools ?? []
    const wanted =
      loop?.tools === undefined || loop.tools === null ? own : own.filter(name => loop.tools!.includes(name))
    const tools = loop === null ? [] : await toolsNamed(env, team, wanted, loop.versions)
    const { names, versions } = wantedSkills
    const skills = await Promise.all(
      skillsNamed(agent?.skills, names).map(key => skillOf(env, team, { key, version: versions[key] ?? 0 })),
    )
    const prices = await pricesOf(env.DB, team)
    const models = scripted ?? (await teamModels(env, team, [model, agent?.model ?? null, usual, ...fallback]))
    return { agent, models, tools, skills, prices }
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'agent', agent: named?.key, error: String(error) }))
    return 'away'
  }
}

function requestOf(
  order: ModelOrder,
  agent: AgentVersion | null,
  model: string,
  tools: Tool[],
  skills: Skill[],
): ModelRequest {
  return {
    model,
    system: withSkills(agent === null ? undefined : systemOf(agent, looksUp(tools)), skills),
    params: order.params,
    messages: order.messages,
    schema: order.schema ?? undefined,
    labels: order.labels,
    judged: order.judged,
    timeoutMs: order.timeoutMs,
  }
}

/** Whether it reads its context as it needs it, instead of having it before it. */
function looksUp(tools: Tool[]): boolean {
  return tools.some(tool => tool.spec.name === BUILT_IN_TOOLS.read_context.name)
}

/**
 * An agent's description and its context texts, or only their names where a tool reads them; team material only, nothing
 * that came with a task.
 */
export function systemOf({ description, context = [] }: AgentVersion, looksUp = false): string {
  if (context.length === 0) return description
  const names = context.map(file => `- ${file.name}`).join('\n')
  if (looksUp) return `${description}\n\nContext files, for read_context:\n${names}`
  return [description, ...context.map(file => `# ${file.name}\n\n${file.text}`)].join('\n\n')
}

/** The agent version that the task pinned; undefined when there is none. Versions never change, so they are kept. */
async function agentOf(
  env: Env,
  team: string,
  agent: { key: string; version: number },
): Promise<AgentVersion | undefined> {
  const id = `${team}/${agent.key}@${agent.version}`
  const known = agents.peek(id)
  if (known !== undefined) return known
  const found = await agentVersion(env.DB, team, agent.key, agent.version)
  return found === null ? undefined : agents.keep(id, found)
}

/** The skill's version that the task pinned, or that it is not there. */
async function skillOf(env: Env, team: string, named: Named): Promise<Skill | { lost: Named }> {
  const id = `${team}/${named.key}@${named.version}`
  const known = skillsKept.peek(id)
  if (known !== undefined) return known
  const found = await skillVersion(env.DB, team, named.key, named.version)
  return found === null ? { lost: named } : skillsKept.keep(id, found.skill)
}

function missing(what: 'agent' | 'skill', { key, version }: Named): RunFailure {
  return { code: `${what}_missing`, message: `The ${what} ${key}@${version} is not there.`, retryable: false }
}

function reportOf(outcome: ModelOutcome, chain: boolean): Report {
  const { usage } = outcome
  if (outcome.kind === 'away') return { kind: 'hold', ...outcome.away, usage }
  if (outcome.kind !== 'completed') return reportFailure(failureIn(outcome), chain, usage)
  const { output, handoff, confidence, reasoning } = outcome.answer
  return reportOutcome({ kind: 'completed', output, handoff, confidence, reasoning }, usage, chain)
}
