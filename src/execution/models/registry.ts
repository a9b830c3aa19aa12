/** Which model a step runs on, and the port that runs it: decided by the environment alone. */
import type { Env } from '../../env.ts'
import type { Validate } from './answer/envelope.ts'
import { demoModels, isDemo } from './demo/model.ts'
import { openaiModels } from './openai/model.ts'
import type { ModelPort } from './port.ts'

/** Used where a provider is configured and nothing names a model. */
export const USUAL_MODEL = 'gpt-5-mini'

export interface Models {
  /** The model's id: the step's, else the agent's, the team's, the environment's, or the usual one. `default` names none. */
  resolve(step: string | null, agent: string | null, team?: string | null): string
  /** Who answers for a model; null when its provider is not configured. */
  port(model: string): ModelPort | null
}

/** The models of an environment. Ports are made once and kept. */
export const modelsFor = (
  env: Pick<Env, 'OPENAI_API_KEY' | 'OPENAI_BASE_URL' | 'BATON_MODEL'>,
  { validate, fetch }: { validate: Validate; fetch?: typeof globalThis.fetch },
): Models => {
  const apiKey = env.OPENAI_API_KEY?.trim() || undefined
  const baseUrl = env.OPENAI_BASE_URL?.trim() || undefined
  const configured = apiKey !== undefined || baseUrl !== undefined
  const demo = demoModels({ validate })
  const openai = configured ? openaiModels({ apiKey, baseUrl, fetch, validate }) : null
  const fallback = configured ? USUAL_MODEL : 'demo'
  return {
    resolve: (step, agent, team) => named(step) ?? named(agent) ?? named(team) ?? named(env.BATON_MODEL) ?? fallback,
    port: model => (isDemo(model) ? demo : openai),
  }
}

const named = (model: string | null | undefined): string | undefined => {
  const id = model?.trim()
  return id && id !== 'default' ? id : undefined
}
