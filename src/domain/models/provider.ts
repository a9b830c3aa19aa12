/** Who answers for models: the providers of the environment, and those that a team names; what may be one. */
import { z } from 'zod'
import { readAddress } from '../call/address.ts'
import { SECRET_NAME } from '../call/secret-marks.ts'
import { nearest } from '../nearest.ts'

/** The environment's own provider (`OPENAI_*`): a model without a provider before it is its. */
export const OPENAI = 'openai'
/** Cloudflare's models, by the Worker's binding. */
export const WORKERS_AI = 'workers-ai'
/** The embedded demo model. */
export const DEMO = 'demo'

/** What a team's provider is called, in `provider/model`. */
export const PROVIDER_KEY = /^[a-z][a-z0-9_-]{0,39}$/
/** Names that mean something already. */
export const RESERVED_PROVIDERS: readonly string[] = [OPENAI, WORKERS_AI, DEMO, 'default', 'chat', 'responses']

/** How its server is spoken to. */
export const PROVIDER_KINDS = ['openai-responses', 'openai-chat'] as const

/** Longest name of a model, with its provider before it. */
const MAX_MODEL_NAME = 120
/** Models that a provider may list. */
const MAX_MODELS = 50

export const providerSchema = z.strictObject({
  key: z.string().regex(PROVIDER_KEY, 'must start with a letter and hold only a–z, 0–9, _ and -, 40 at most'),
  kind: z.enum(PROVIDER_KINDS),
  baseUrl: z.string().trim().min(1).max(500),
  /** A team's secret by its name; absent: its server wants no key. */
  secret: z.string().regex(SECRET_NAME, 'must be the name of a secret').optional(),
  /** What is offered where one chooses; any other model of it can be named, too. */
  models: z
    .array(
      z
        .string()
        .trim()
        .min(1)
        .max(MAX_MODEL_NAME - 41),
    )
    .max(MAX_MODELS)
    .optional(),
})
export type Provider = z.infer<typeof providerSchema>

/** What is wrong with a provider, and in which of its fields. */
export interface ProviderProblem {
  field: keyof Provider
  message: string
}

/** Why this cannot be a team's provider, or null. `secrets`: the hosts that each of the team's may go to. */
export function providerProblem(
  { key, baseUrl, secret, models = [] }: Provider,
  { secrets, local }: { secrets: ReadonlyMap<string, readonly string[]>; local: boolean },
): ProviderProblem | null {
  if (RESERVED_PROVIDERS.includes(key)) return wrong('key', `“${key}” means something already. Choose another name.`)
  const address = readAddress(baseUrl, local)
  if (!address.ok) return wrong('baseUrl', address.refusal.message)
  if (/[?#]/.test(baseUrl))
    return wrong('baseUrl', 'Write the address without ? and #, such as https://models.example/v1.')
  const twice = models.find((model, at) => models.indexOf(model) !== at)
  if (twice !== undefined) return wrong('models', `“${twice}” is named twice.`)
  if (secret === undefined) return null
  const hosts = secrets.get(secret)
  if (hosts === undefined)
    return wrong('secret', `There is no secret “${secret}” in this team. Set it under Secrets first.`)
  if (hosts.includes(address.host)) return null
  return wrong('secret', `The secret “${secret}” may not go to ${address.host}. Add the host to it under Secrets.`)
}

function wrong(field: ProviderProblem['field'], message: string): ProviderProblem {
  return { field, message }
}

/** Where names of models are read: the team's providers, and whether `OPENAI_BASE_URL` is a server whose own names may hold `/`. */
export interface Around {
  keys: readonly string[]
  router: boolean
}

/** A model's name as it is read. */
export interface NamedModel {
  /** `openai`, `workers-ai`, `demo` or a team's provider, whether or not it is there. */
  provider: string
  /** As its provider calls it. */
  model: string
}

/**
 * Reads a model's name: `provider/model`, and plain names for the environment's provider. Cloudflare's own names begin
 * with `@cf/` or `@hf/`. Where the environment's provider is a router, a prefix that is nobody's belongs to its name.
 */
export function readModelName(name: string, { keys, router }: Around): NamedModel {
  if (name === DEMO || name.startsWith(`${DEMO}:`)) return { provider: DEMO, model: name }
  if (/^@(?:cf|hf)\//.test(name)) return { provider: WORKERS_AI, model: name }
  const at = name.indexOf('/')
  const provider = name.slice(0, Math.max(at, 0))
  const isOurs = keys.includes(provider) || provider === WORKERS_AI
  if (!isOurs && (router || !PROVIDER_KEY.test(provider))) return { provider: OPENAI, model: name }
  return { provider, model: name.slice(at + 1) }
}

/** Where names of models are judged. */
export interface KnownProviders extends Around {
  /** Whether Cloudflare's models are bound. */
  workersAi: boolean
}

/** What is wrong with whoever would answer for a model of this name; null: nothing that can be seen from here. */
export function unknownProvider(
  name: string,
  known: KnownProviders,
): { code: 'unknown_provider' | 'provider_not_bound'; message: string; fix: string } | null {
  const { provider } = readModelName(name, known)
  if (provider === OPENAI || provider === DEMO || known.keys.includes(provider)) return null
  if (provider === WORKERS_AI) {
    if (known.workersAi) return null
    const message = `The model \`${name}\` is Cloudflare’s, and Workers AI is not bound here.`
    const fix = 'Take the comment off `[ai]` in wrangler.toml and deploy, or choose another model.'
    return { code: 'provider_not_bound', message, fix }
  }
  const message = `The model \`${name}\` names the provider \`${provider}\`, which this team does not have.`
  const near = nearest(provider, known.keys)
  const fix =
    near === null ? 'Add the provider under Settings, Models, or choose another model.' : `Did you mean \`${near}/…\`?`
  return { code: 'unknown_provider', message, fix }
}

/** The name by which its cost, its limits and its usage are kept: plain for the environment's provider. */
export function modelName({ provider, model }: NamedModel): string {
  return provider === OPENAI || provider === DEMO ? model : `${provider}/${model}`
}
