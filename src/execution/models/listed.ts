/** A team's providers and models, for whoever offers, prices, limits or judges them. */
import { DEMO, type KnownProviders, OPENAI, WORKERS_AI } from '../../domain/models/provider.ts'
import type { Env } from '../../env.ts'
import { listProviders } from '../../records/definitions/providers.ts'
import { environmentProvider, type ModelEnv, USUAL_MODEL } from './registry.ts'

/** A provider, by the name that limits, prices and holds know it by. */
export interface ListedProvider {
  name: string
  /** Whether it can be asked, as far as can be seen from here. */
  ready: boolean
  /** Where it is asked; null: not over the network, or not at all. */
  host: string | null
  /** Models that are offered, by their whole names, as steps name them; any other can be named, too. */
  models: string[]
}

/** What is offered of OpenAI itself. */
const OPENAI_MODELS = [USUAL_MODEL, 'gpt-5-nano', 'gpt-5', 'gpt-5.1', 'gpt-5.2', 'gpt-4.1', 'gpt-4.1-mini']
const WORKERS_AI_MODELS = [
  '@cf/meta/llama-3.3-70b-instruct-fp8-fast',
  '@cf/meta/llama-3.1-8b-instruct',
  '@cf/openai/gpt-oss-120b',
]

/** All providers of the team, ready or not: those of the environment first, then its own by name. */
export async function listModels(env: Pick<Env, 'DB'> & ModelEnv, team: string): Promise<ListedProvider[]> {
  const own = await listProviders(env.DB, team)
  const environment = environmentProvider(env)
  const usual = env.BATON_MODEL?.trim()
  const plain = usual === undefined || /^(?:|default|demo|demo:.*|.*\/.*)$/.test(usual) ? [] : [usual]
  const offered = environment === null || environment.router ? [] : OPENAI_MODELS
  const host = environment?.host ?? null
  const openai = { name: OPENAI, ready: environment !== null, host, models: [...new Set([...plain, ...offered])] }
  const cloudflare = WORKERS_AI_MODELS.map(model => `${WORKERS_AI}/${model}`)
  const named = own.map(({ key, baseUrl, models }) => {
    const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : null
    return { name: key, ready: true, host, models: models.map(model => `${key}/${model}`) }
  })
  return [
    openai,
    { name: WORKERS_AI, ready: env.AI !== undefined, host: null, models: cloudflare },
    { name: DEMO, ready: true, host: null, models: [DEMO] },
    ...named,
  ]
}

/** What names of models are judged by. */
export async function knownProviders(env: Pick<Env, 'DB'> & ModelEnv, team: string): Promise<KnownProviders> {
  return knownAmong(env, await listModels(env, team))
}

/** The same, of providers that were listed already. */
export function knownAmong(env: ModelEnv, listed: readonly ListedProvider[]): KnownProviders {
  const own = listed.map(({ name }) => name).filter(name => ![OPENAI, WORKERS_AI, DEMO].includes(name))
  return { keys: own, router: environmentProvider(env)?.router ?? false, workersAi: env.AI !== undefined }
}

/** Names of all models that can be asked, in the order of their providers. */
export function modelNames(listed: readonly ListedProvider[]): string[] {
  return listed.filter(({ ready }) => ready).flatMap(({ models }) => models)
}
