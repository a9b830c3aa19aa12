/** Which model a step runs on, and the port that runs it: by the environment, and by what the team has named besides. */
import { environmentProvider, USUAL_MODEL } from '../../domain/models/environment.ts'
import { DEMO, modelName, OPENAI, readModelName, WORKERS_AI } from '../../domain/models/provider.ts'
import type { Env } from '../../env.ts'
import type { Validate } from './answer/envelope.ts'
import { demoModels } from './demo/model.ts'
import { notConfigured } from './not-configured.ts'
import { openaiModels } from './openai/model.ts'
import type { ModelPort } from './port.ts'
import { workersAi } from './workers-ai.ts'

export interface Models {
  /** The model's id: the step's, else the agent's, the team's, the environment's, or the usual one. `default` names none. */
  resolve(step: string | null, agent: string | null, team?: string | null): string
  /** The name of its provider, as the team's limits say it. */
  provider(model: string): string
  /** Who answers for a model; where its provider is not set up, whoever asks must wait. */
  port(model: string): ModelPort
}

/** What the environment says of models. */
type ModelEnv = Pick<Env, 'OPENAI_API_KEY' | 'OPENAI_BASE_URL' | 'BATON_MODEL' | 'AI'>

/** The models of an environment, and of the providers that are given by their names. */
export const modelsFor = (
  env: ModelEnv,
  {
    validate,
    fetch,
    providers = new Map(),
  }: { validate: Validate; fetch?: typeof globalThis.fetch; providers?: ReadonlyMap<string, ModelPort> },
): Models => {
  const own = environmentProvider(env)
  const ports = new Map(providers)
  ports.set(DEMO, demoModels({ validate }))
  if (own !== null) ports.set(OPENAI, openaiModels({ ...own, host: undefined, fetch, validate }))
  if (env.AI !== undefined) ports.set(WORKERS_AI, workersAi(env.AI, validate))
  const around = { keys: [...providers.keys()], router: own?.router ?? false }
  return {
    resolve: (step, agent, team) =>
      named(step) ?? named(agent) ?? named(team) ?? named(env.BATON_MODEL) ?? (own === null ? DEMO : USUAL_MODEL),
    provider: name => readModelName(name, around).provider,
    port: name => {
      const read = readModelName(name, around)
      const port = ports.get(read.provider)
      return port === undefined ? notConfigured(name, read) : underItsName(port, read)
    },
  }
}

/** Asks by the name that the provider knows, and tells of it by the whole one. */
function underItsName(port: ModelPort, read: { provider: string; model: string }): ModelPort {
  return {
    complete: async request => {
      const outcome = await port.complete({ ...request, model: read.model })
      const { usage } = outcome
      return { ...outcome, usage: { ...usage, model: modelName({ ...read, model: usage.model }) } }
    },
  }
}

const named = (model: string | null | undefined): string | undefined => {
  const id = model?.trim()
  return id && id !== 'default' ? id : undefined
}
