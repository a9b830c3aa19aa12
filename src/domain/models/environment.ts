/** Which providers a team has, and whether they are set up: those of the environment, and those that it names itself. */
import { parseAddress } from '../web.ts'
import { DEMO, type KnownProviders, OPENAI, readModelName, unknownProvider, WORKERS_AI } from './provider.ts'

/** Used where a provider is configured and nothing names a model. */
export const USUAL_MODEL = 'gpt-5-mini'

export const OPENAI_HOST = 'api.openai.com'

/** What the environment says of models. `AI`: the binding of Workers AI; absent: it is not bound. */
export interface ModelSettings {
  OPENAI_API_KEY?: string
  OPENAI_BASE_URL?: string
  BATON_MODEL?: string
  AI?: unknown
}

/** The environment's own provider; null: none is configured. `router`: its models' own names may hold `/`. */
export function environmentProvider({
  OPENAI_API_KEY,
  OPENAI_BASE_URL,
}: ModelSettings): { apiKey?: string; baseUrl?: string; host: string; router: boolean } | null {
  const apiKey = OPENAI_API_KEY?.trim() || undefined
  const baseUrl = OPENAI_BASE_URL?.trim() || undefined
  if (apiKey === undefined && baseUrl === undefined) return null
  if (baseUrl === undefined) return { apiKey, host: OPENAI_HOST, router: false }
  const host = parseAddress(baseUrl)?.host ?? 'an address that does not parse'
  return { apiKey, baseUrl, host, router: host !== OPENAI_HOST }
}

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

/** All providers, ready or not: those of the environment first, then the team's `own` as they are given. */
export function providersWith(
  settings: ModelSettings,
  own: readonly { key: string; baseUrl: string; models: string[] }[],
): ListedProvider[] {
  const environment = environmentProvider(settings)
  const usual = settings.BATON_MODEL?.trim()
  const plain = usual === undefined || /^(?:|default|demo|demo:.*|.*\/.*)$/.test(usual) ? [] : [usual]
  const offered = environment === null || environment.router ? [] : OPENAI_MODELS
  const host = environment?.host ?? null
  const openai = { name: OPENAI, ready: environment !== null, host, models: [...new Set([...plain, ...offered])] }
  const cloudflare = WORKERS_AI_MODELS.map(model => `${WORKERS_AI}/${model}`)
  const named = own.map(({ key, baseUrl, models }) => ({
    name: key,
    ready: true,
    host: parseAddress(baseUrl)?.host ?? null,
    models: models.map(model => `${key}/${model}`),
  }))
  return [
    openai,
    { name: WORKERS_AI, ready: settings.AI !== undefined, host: null, models: cloudflare },
    { name: DEMO, ready: true, host: null, models: [DEMO] },
    ...named,
  ]
}

/** What names of models are judged by, of providers that were listed. */
export function knownAmong(settings: ModelSettings, listed: readonly ListedProvider[]): KnownProviders {
  const own = listed.map(({ name }) => name).filter(name => ![OPENAI, WORKERS_AI, DEMO].includes(name))
  const router = environmentProvider(settings)?.router ?? false
  return { keys: own, router, workersAi: settings.AI !== undefined }
}

/** Names of all models that can be asked, in the order of their providers. */
export function modelNames(listed: readonly ListedProvider[]): string[] {
  return listed.filter(({ ready }) => ready).flatMap(({ models }) => models)
}

/** Why nobody would answer for a model of this name now; null: its provider is set up. */
export function notSetUp(
  name: string,
  settings: ModelSettings,
  listed: readonly ListedProvider[],
): { code: string; message: string; fix: string } | null {
  const known = knownAmong(settings, listed)
  const nobody = unknownProvider(name, known)
  const { provider } = readModelName(name, known)
  if (nobody !== null || listed.some(each => each.name === provider && each.ready)) return nobody
  const message = `The model \`${name}\` is OpenAI’s, and no provider is set up for it here.`
  return {
    code: 'provider_not_configured',
    message,
    fix: 'Set OPENAI_API_KEY or OPENAI_BASE_URL on the server, or choose another model.',
  }
}
