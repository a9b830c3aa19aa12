/** A team's providers of models as page and API keep them: checked, kept, tried, and never deleted under what names them. */

import type { Json } from '../../domain/json/json.ts'
import { type Provider, providerProblem, readModelName } from '../../domain/models/provider.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Usage } from '../../domain/task/run/outcome.ts'
import type { Env } from '../../env.ts'
import type { Read } from '../../http/request/body.ts'
import {
  deleteProvider,
  listProviders,
  MAX_PROVIDERS,
  noteTriedProvider,
  type ProviderRow,
  providersByKey,
  putProvider,
} from '../../records/definitions/providers.ts'
import { modelUses, type ToolUse } from '../../records/definitions/tool-uses.ts'
import { secretHosts } from '../../records/people/secrets.ts'
import { termsOf } from '../../team/limits/terms.ts'
import { knownProviders } from '../../team/listed-models.ts'
import { tryModel } from '../gate/tried.ts'
import { problemIn } from '../models/port.ts'
import { teamModels } from '../models/team.ts'

type By = { actor: Actor; name: string }

/** A provider with where its models are named. */
export interface WholeProvider {
  provider: ProviderRow
  uses: ToolUse
}

/** All providers of the team by key, each with where its models are named. */
export async function wholeProviders(env: Env, team: string): Promise<WholeProvider[]> {
  const [rows, uses] = await Promise.all([listProviders(env.DB, team), providerUses(env, team)])
  return rows.map(provider => ({ provider, uses: uses.get(provider.key) ?? { workflows: [], agents: [] } }))
}

/** Provider's key → the live workflows, with their steps, and the agents that name a model of it. */
async function providerUses(env: Env, team: string): Promise<Map<string, ToolUse>> {
  const [named, known] = await Promise.all([modelUses(env.DB, team), knownProviders(env, team)])
  const uses = new Map<string, ToolUse>()
  for (const [name, use] of named) {
    const { provider } = readModelName(name, known)
    const one = uses.get(provider) ?? { workflows: [], agents: [] }
    for (const { id, name, steps } of use.workflows) {
      const there = one.workflows.find(each => each.id === id)
      if (there === undefined) one.workflows.push({ id, name, steps: [...steps] })
      else there.steps = [...new Set([...there.steps, ...steps])]
    }
    one.agents = [...new Set([...one.agents, ...use.agents])]
    uses.set(provider, one)
  }
  return uses
}

/** Keeps the provider in the place of an earlier one of its key, or says what is wrong with it and where. */
export async function keepProvider(env: Env, team: string, provider: Provider, by: By): Promise<Read<WholeProvider>> {
  const secrets = await secretHosts(env.DB, team)
  const wrong = providerProblem(provider, { secrets, local: env.BATON_LOCAL === '1' })
  if (wrong !== null) {
    const { field: path, message } = wrong
    return { ok: false, problem: { kind: 'invalid', code: 'invalid_provider', message: `${path}: ${message}`, path } }
  }
  if (!(await putProvider(env.DB, team, provider, by, Date.now()))) {
    const message = `The team has ${MAX_PROVIDERS} providers, as many as it may.`
    const hint = 'Delete one that nothing names.'
    return { ok: false, problem: { kind: 'conflict', code: 'too_many_providers', message, hint } }
  }
  const kept = (await wholeProviders(env, team)).find(each => each.provider.key === provider.key)
  return kept === undefined ? { ok: false, problem: { kind: 'not_found' } } : { ok: true, value: kept }
}

/** Deletes the provider, unless something names a model of it. */
export async function removeProvider(env: Env, team: string, key: string, actor: Actor): Promise<Read<null>> {
  const found = (await wholeProviders(env, team)).find(each => each.provider.key === key)
  if (found === undefined) return { ok: false, problem: { kind: 'not_found' } }
  const { model: usual } = await termsOf(env.DB, team)
  const isUsual = usual !== null && readModelName(usual, await knownProviders(env, team)).provider === key
  const where = usesInWords(found.uses) ?? (isUsual ? 'the settings as the team’s default' : null)
  if (where !== null) {
    const message = `Models of “${key}” are named in ${where}. Nothing was deleted.`
    const hint = 'Name other models there first, and publish.'
    return { ok: false, problem: { kind: 'conflict', code: 'provider_in_use', message, hint } }
  }
  const gone = await deleteProvider(env.DB, team, key, actor, Date.now())
  return gone ? { ok: true, value: null } : { ok: false, problem: { kind: 'not_found' } }
}

const MOST_TOLD = 5

/** “Research” (steps draft, check), agent writer; null: nowhere. */
function usesInWords({ workflows, agents }: ToolUse): string | null {
  const told = [
    ...workflows.map(({ name, steps }) => `“${name}” (${steps.join(', ')})`),
    ...agents.map(agent => `the agent ${agent}`),
  ]
  if (told.length === 0) return null
  const rest = told.length - MOST_TOLD
  return rest > 0 ? `${told.slice(0, MOST_TOLD).join(', ')} and ${rest} more` : told.join(', ')
}

/** What came back of a model that was tried. */
export interface Tried {
  model: string
  ok: boolean
  /** What it said, or why it did not. */
  said: Json
  usage: Pick<Usage, 'inputTokens' | 'outputTokens' | 'durationMs'>
}

/** A try ends by itself after this. */
const TRY_MS = 20_000
const TRY_TOKENS = 500

/**
 * Asks a model of the provider for one word, on record; `model` is its name at the provider, unless given the first that
 * the provider lists.
 */
export async function tryProvider(
  env: Env,
  team: string,
  { key, model: asked }: { key: string; model?: string },
  actor: Actor,
): Promise<Read<Tried>> {
  const [provider] = await providersByKey(env.DB, team, [key])
  if (provider === undefined) return { ok: false, problem: { kind: 'not_found' } }
  const model = asked ?? provider.models[0]
  if (model === undefined) {
    const message = 'model: say which model is tried, as the provider lists none.'
    return { ok: false, problem: { kind: 'invalid', message, path: 'model' } }
  }
  const name = `${key}/${model}`
  await noteTriedProvider(env.DB, { team, name: key, model }, actor, Date.now())
  const models = await teamModels(env, team, [name])
  const messages = [{ role: 'user' as const, text: 'Answer with the one word OK.' }]
  const request = { model: name, messages, judged: false, timeoutMs: TRY_MS, params: { maxOutputTokens: TRY_TOKENS } }
  const outcome = await tryModel(env, team, models.port(name), request)
  const { inputTokens, outputTokens, durationMs } = outcome.usage
  const isAnswer = outcome.kind === 'completed'
  const said = isAnswer ? outcome.answer.output : problemIn(outcome)
  return { ok: true, value: { model: name, ok: isAnswer, said, usage: { inputTokens, outputTokens, durationMs } } }
}
