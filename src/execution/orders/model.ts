/** The order `model`: finds the agent and the model, asks it, with what it may do besides, and turns the outcome into a report. */

import type { AgentVersion } from '../../domain/agent.ts'
import { BoundedCache } from '../../domain/bounded-cache.ts'
import type { ModelOrder } from '../../domain/handler/order.ts'
import { knownBy } from '../../domain/knowledge.ts'
import type { Prices } from '../../domain/money.ts'
import { type Skill, skillsNamed, withSkills } from '../../domain/skill.ts'
import type { RunFailure } from '../../domain/task/run/outcome.ts'
import { BUILT_IN_TOOLS } from '../../domain/tools/built-in.ts'
import type { Env } from '../../env.ts'
import { type KnowledgeRow, knowledgeOf } from '../../records/definitions/knowledge.ts'
import { skillVersion } from '../../records/definitions/skills.ts'
import { agentVersion } from '../../records/people/teams.ts'
import type { Report } from '../../task/rpc.ts'
import { pricesOf } from '../../team/limits/terms.ts'
import { inOrder } from '../models/fallback.ts'
import { failureIn, type ModelOutcome, type ModelPort, type ModelRequest } from '../models/port.ts'
import { pricedAt } from '../models/priced.ts'
import type { Models } from '../models/registry.ts'
import { teamModels } from '../models/team.ts'
import { askedOfModel, record, takeRecorded } from '../recorded.ts'
import { toolsNamed } from '../tools/known.ts'
import type { Tool } from '../tools/tool.ts'
import { filesFor, withFiles } from './given-files.ts'
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
  const { agent, models, skills, known, prices } = gathered
  const tools = performing.standIn ? gathered.tools.map(performing.standIn) : gathered.tools
  if (agent === undefined) return reportFailure(missing('agent', order.agent!), chain)
  const lost = skills.find((skill): skill is { lost: Named } => 'lost' in skill)
  if (lost !== undefined) return reportFailure(missing('skill', lost.lost), chain)
  const wanted = models.resolve(order.model, agent?.model ?? null, order.usual)
  const asked = (model: string) => {
    const port = models.port(model)
    return { model, port: performing.gate?.port(models.provider(model), port, prices) ?? port }
  }
  const files = await filesFor(env, team, order.files ?? [])
  if (files === 'away') return STORAGE_AWAY
  if ('code' in files) return reportFailure(files, chain)
  const there = skills.filter((skill): skill is Skill => !('lost' in skill))
  const request = withFiles(requestOf(order, agent, wanted, tools, there, known), files)
  const names = files.map(({ name }) => name)
  const what = await askedOfModel(order, request, tools)
  const recorded = await takeRecorded(env, team, what, Date.now())
  if (recorded !== null) return reportOutcome(recorded, null, chain)
  const port = knowing(known, names, pricedAt(inOrder([asked(wanted), ...order.fallback.map(asked)]), prices))
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
  /** What the agent knows: told whole, or by its name for it to look things up in. */
  known: Known
  prices: Prices
}

interface Known {
  told: KnowledgeRow[]
  searched: KnowledgeRow[]
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
    const [told, searched] = await Promise.all(
      (['always', 'searched'] as const).map(use => knowledgeOf(env.DB, team, knownBy(agent?.knowledge, use))),
    )
    const known = { told: told ?? [], searched: searched ?? [] }
    const prices = await pricesOf(env.DB, team)
    const models = scripted ?? (await teamModels(env, team, [model, agent?.model ?? null, usual, ...fallback]))
    return { agent, models, tools, skills, known, prices }
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
  known: Known,
): ModelRequest {
  return {
    model,
    system: withSkills(agent === null ? undefined : systemOf(agent, looksUp(tools), known), skills),
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
export function systemOf(
  { description, context = [] }: AgentVersion,
  looksUp = false,
  { told, searched }: Known = NOTHING,
): string {
  const files = looksUp ? [] : context
  const whole = [...files, ...told.map(({ knowledge }) => knowledge)].map(({ name, text }) => `# ${name}\n\n${text}`)
  const names = [
    ...(looksUp ? context : []).map(file => `- ${file.name}`),
    // With the version, so that an answer that was recorded is not taken again for another text.
    ...searched.map(({ knowledge, version }) => `- ${knowledge.name} (version ${version})`),
  ]
  const list = names.length === 0 ? [] : [`Context files, for read_context:\n${names.join('\n')}`]
  const cite = searched.length === 0 ? [] : [CITE]
  return [description, ...whole, ...list, ...cite].join('\n\n')
}

const NOTHING: Known = { told: [], searched: [] }
const CITE = 'Where your answer rests on one of these files, name it, with its page if it has one.'

/** The port of a model that has these texts and files before it: each of its calls is on record with them. */
function knowing({ told }: Known, saw: string[], port: ModelPort): ModelPort {
  if (told.length === 0 && saw.length === 0) return port
  const knew = told.map(({ key, version }) => `${key}@${version}`)
  const had = { ...(knew.length > 0 && { knew }), ...(saw.length > 0 && { saw }) }
  return {
    complete: async request => {
      const outcome = await port.complete(request)
      return { ...outcome, usage: { ...outcome.usage, ...had } }
    },
  }
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
