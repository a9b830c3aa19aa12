/** A team's models: those of the environment, and of the providers that it names itself, asked with the secret of each. */
import { readAddress } from '../../domain/call/address.ts'
import { masked } from '../../domain/call/secret-marks.ts'
import { PROVIDER_KEY, RESERVED_PROVIDERS } from '../../domain/models/provider.ts'
import { validate } from '../../domain/schema/validate.ts'
import type { Env } from '../../env.ts'
import { type ProviderRow, providersByKey } from '../../records/definitions/providers.ts'
import { openSecrets } from '../egress/open-secrets.ts'
import { openaiModels } from './openai/model.ts'
import type { Away, ModelOutcome, ModelPort } from './port.ts'
import { type Models, modelsFor } from './registry.ts'

/** The models that these names may stand for. Throws only when Baton's own storage fails. */
export async function teamModels(env: Env, team: string, names: readonly (string | null)[]): Promise<Models> {
  const keys = [...names, env.BATON_MODEL ?? null].flatMap(name => prefixOf(name) ?? [])
  const rows = await providersByKey(env.DB, team, [...new Set(keys)])
  const ports = rows.map(async row => [row.key, await providerPort(env, team, row)] as const)
  return modelsFor(env, { validate, providers: new Map(await Promise.all(ports)) })
}

/** What stands before the name, where it may be one of the team's providers; most names have nothing there. */
function prefixOf(name: string | null): string | null {
  const key = name?.includes('/') ? name.slice(0, name.indexOf('/')) : ''
  return PROVIDER_KEY.test(key) && !RESERVED_PROVIDERS.includes(key) ? key : null
}

const PROTOCOLS = { 'openai-responses': 'responses', 'openai-chat': 'chat' } as const

/**
 * The port of this provider. Its secret is opened for its host alone, and masked in whatever comes back; where it does not
 * open, whoever asks must wait. Throws only when Baton's own storage fails.
 */
async function providerPort(
  env: Env,
  team: string,
  { key, kind, baseUrl, secret }: Pick<ProviderRow, 'key' | 'kind' | 'baseUrl' | 'secret'>,
): Promise<ModelPort> {
  const about = `the provider “${key}”`
  const address = readAddress(baseUrl, env.BATON_LOCAL === '1')
  if (!address.ok) return notReady(about, address.refusal.message)
  const opened = await openSecrets(env, team, secret === null ? [] : [secret], address.host)
  if (!opened.ok) return notReady(about, opened.message)
  const { values } = opened
  const apiKey = secret === null ? undefined : values[secret]
  const settings = {
    address: `the address of ${about}`,
    key: secret === null ? `the secret of ${about} (it has none)` : `the secret “${secret}” of ${about}`,
  }
  const port = openaiModels({ apiKey, baseUrl, protocol: PROTOCOLS[kind], settings, validate })
  return { complete: async request => withoutSecrets(await port.complete(request), values) }
}

/** It is there, and cannot be asked as it is set. */
function notReady(about: string, why: string): ModelPort {
  const fix = `Put it right under Settings, Models, or under Secrets; the task goes on by itself then.`
  const away: Away = { reason: 'provider_not_configured', message: `Of ${about}: ${why}`, fix }
  return {
    complete: async ({ model }) => ({
      kind: 'away',
      away,
      usage: { model, inputTokens: 0, outputTokens: 0, calls: 0, durationMs: 0 },
    }),
  }
}

/** No value of a secret comes back into the log, whatever a provider echoes. */
function withoutSecrets(outcome: ModelOutcome, values: Record<string, string>): ModelOutcome {
  switch (outcome.kind) {
    case 'completed': {
      const { output, reasoning } = outcome.answer
      return {
        ...outcome,
        answer: {
          ...outcome.answer,
          output: masked(output, values),
          ...(reasoning && { reasoning: masked(reasoning, values) }),
        },
      }
    }
    case 'calls': {
      const calls = outcome.calls.map(call => ({ ...call, args: masked(call.args, values) }))
      return { ...outcome, calls, text: outcome.text && masked(outcome.text, values) }
    }
    case 'failed':
      return { ...outcome, failure: { ...outcome.failure, message: masked(outcome.failure.message, values) } }
    case 'away':
      return { ...outcome, away: { ...outcome.away, message: masked(outcome.away.message, values) } }
  }
}
