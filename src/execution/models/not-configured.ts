/** A model whose provider is not set up: whoever asks it waits, or goes on to the next. */
import { type NamedModel, OPENAI, WORKERS_AI } from '../../domain/models/provider.ts'
import type { Away, ModelPort } from './port.ts'

/** The port of such a model; `read`: its name as it was read. */
export function notConfigured(name: string, read: NamedModel): ModelPort {
  const usage = { model: name, inputTokens: 0, outputTokens: 0, calls: 0, durationMs: 0 }
  return { complete: async () => ({ kind: 'away', away: awayFor(name, read.provider), usage }) }
}

function awayFor(name: string, provider: string): Away {
  const message = `No provider is configured for the model "${name}".`
  return { reason: 'provider_not_configured', message, fix: `${howTo(provider)}; the task goes on by itself then.` }
}

/** What sets a provider up. */
function howTo(provider: string): string {
  if (provider === OPENAI) return 'Set OPENAI_API_KEY or OPENAI_BASE_URL, or choose the model "demo"'
  if (provider === WORKERS_AI) return 'Bind Workers AI as AI in wrangler.toml and deploy, or choose another model'
  return `Add the provider "${provider}" under Settings, Models, or choose another model`
}
