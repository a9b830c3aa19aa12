/** The order `model`: finds the agent and the model, asks it, and turns the outcome into a report. */

import { crashPoint } from '../../crash-points.ts'
import type { AgentVersion } from '../../domain/agent.ts'
import { BoundedCache } from '../../domain/bounded-cache.ts'
import type { ModelOrder } from '../../domain/handler/order.ts'
import { validate } from '../../domain/schema/validate.ts'
import type { RunFailure } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { agentVersion } from '../../records/teams.ts'
import type { Report } from '../../task/rpc.ts'
import { failureIn, type ModelOutcome, type ModelRequest } from '../models/port.ts'
import { type Models, modelsFor } from '../models/registry.ts'
import type { Performer } from './performer.ts'

const KEPT_AGENTS = 200
const agents = new BoundedCache<AgentVersion>(KEPT_AGENTS)
let models: { env: Env; models: Models } | null = null

/** Tests only: the models that answer from now on; null: the environment's. */
let scripted: Models | null = null
export function scriptModels(script: Models | null): void {
  scripted = script
}

/** The models of this environment, made once per isolate. */
function modelsOf(env: Env): Models {
  if (models?.env !== env) models = { env, models: modelsFor(env, { validate }) }
  return scripted ?? models.models
}

/** Asks the model that the order names. Never throws for what a model or provider does. */
export const performModel: Performer<ModelOrder> = async (order, { team, chain }, env) => {
  const agent = order.agent === null ? null : await agentOrAway(env, team, order.agent)
  if (agent === 'away') return storageAway
  if (agent === undefined) return failed(agentMissing(order.agent!), chain)
  const available = modelsOf(env)
  const model = available.resolve(order.model, agent?.model ?? null)
  const port = available.port(model)
  if (port === null) return notConfigured(model)
  await crashPoint('C7')
  const outcome = await port.complete(requestOf(order, agent, model))
  return reportOf(outcome, chain)
}

function requestOf(order: ModelOrder, agent: AgentVersion | null, model: string): ModelRequest {
  return {
    model,
    system: agent === null ? undefined : systemOf(agent),
    messages: order.messages,
    tools: order.tools,
    schema: order.schema ?? undefined,
    labels: order.labels,
    judged: order.judged,
    timeoutMs: order.timeoutMs,
  }
}

/** An agent's description and its context texts; team material only, nothing that came with a task. */
export function systemOf(agent: AgentVersion): string {
  const context = (agent.context ?? []).map(file => `# ${file.name}\n\n${file.text}`)
  return [agent.description, ...context].join('\n\n')
}

/** Baton's own storage is away: that is no fault of the task. */
const storageAway: Report = {
  kind: 'hold',
  reason: 'storage_unavailable',
  message: 'Baton cannot read its own storage at the moment.',
  fix: 'Nothing needs doing: it goes on by itself.',
}

async function agentOrAway(...asked: Parameters<typeof agentOf>): Promise<AgentVersion | undefined | 'away'> {
  try {
    return await agentOf(...asked)
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'agent', agent: asked[2].key, error: String(error) }))
    return 'away'
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

function agentMissing({ key, version }: { key: string; version: number }): RunFailure {
  return { code: 'agent_missing', message: `The agent ${key}@${version} is not there.`, retryable: false }
}

function failed(failure: RunFailure, chain: boolean): Report {
  return { kind: 'outcome', outcome: { kind: 'failed', failure }, usage: null, chain }
}

function notConfigured(model: string): Report {
  return {
    kind: 'hold',
    reason: 'provider_not_configured',
    message: `No provider is configured for the model "${model}".`,
    fix: 'Set OPENAI_API_KEY or OPENAI_BASE_URL, or choose the model "demo"; the task goes on by itself then.',
  }
}

function reportOf(outcome: ModelOutcome, chain: boolean): Report {
  const { usage } = outcome
  if (outcome.kind === 'away') return { kind: 'hold', ...outcome.away, usage }
  if (outcome.kind !== 'completed') {
    return { kind: 'outcome', outcome: { kind: 'failed', failure: failureIn(outcome) }, usage, chain }
  }
  const { output, handoff, confidence, reasoning } = outcome.answer
  return { kind: 'outcome', outcome: { kind: 'completed', output, handoff, confidence, reasoning }, usage, chain }
}
