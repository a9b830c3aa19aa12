/** One call of a model by its provider's protocol: what is sent, and what the answer says; the only file that runs the `ai` package. */
import type { JsonSchema } from '../../../domain/json/json.ts'
import type { Message, ToolCall, ToolSpec } from '../../../domain/messages.ts'
import { OPENAI_HOST } from '../../../domain/models/environment.ts'
import { wellFormed } from '../../../domain/text/clean.ts'
import { estimateTokens } from '../../../domain/text/tokens.ts'
import type { ModelParams } from '../../../domain/workflow/parts.ts'
import { withoutThinking } from '../answer/thinking.ts'
import { WHOLE } from './answer-body.ts'
import { brokenOff, type Settings, type Trouble, troubleOf } from './failures.ts'
import type { Protocol } from './request/body.ts'
import { sendable } from './request/messages.ts'
import { recordingFetch, type Wire } from './wire.ts'
import { cutOff, empty, refused } from './words.ts'

/** Where a model is asked, and how. */
export interface Provider {
  model: string
  protocol: Protocol
  baseUrl: string
  host: string
  settings: Settings
  apiKey?: string
  fetch: typeof fetch
}

export interface Call {
  instructions?: string
  params: ModelParams
  messages: Message[]
  tools: ToolSpec[]
  /** The shape that the answer must have; null: text. */
  schema: JsonSchema | null
  strict: boolean
  signal: AbortSignal
}

export type Failed = { ok: false } & Trouble
export type Asks = { ok: true; calls: ToolCall[]; text: string | null }
/** What the model said, or the calls it asks for; `cut`: it had no room to finish. */
export type Said = { ok: true; text: string; cut: boolean } | Asks | Failed

/** What came of a call, and the tokens it used. */
export interface Called {
  said: Said
  used: { input: number; output: number; cached?: number }
}

// Loaded at the first call: both packages take some 40 ms to start, which an isolate that only takes intakes need not pay.
const loadSdk = () => {
  // One of them reads this as it starts, for a use that we do not make, and throws where it is set and empty.
  if (process.env.OPENAI_BASE_URL?.trim() === '') delete process.env.OPENAI_BASE_URL
  return Promise.all([import('ai'), import('@ai-sdk/openai')])
}

/** Makes the call; `wire` tells, also while it goes on, what happened on the way. */
export const callModel = async (provider: Provider, call: Call, wire: Wire): Promise<Called> => {
  try {
    const { text, calls } = await generate(provider, call, wire)
    const said = heard(provider, text, calls, wire)
    if (wire.told?.ending.kind === 'broken' && text === '') return { said, used: counted(wire) }
    const { input, output, cached } = wire.counted ?? {}
    // Some servers report no usage; an estimate keeps limits of cost working.
    const used = { input: input ?? estimateTokens(wordsOf(call)), output: output ?? estimateTokens(text), cached }
    return { said, used }
  } catch (problem) {
    return { said: { ok: false, ...troubleOf(wire, problem, provider) }, used: counted(wire) }
  }
}

/** What the server counted is paid, whatever became of its answer. */
const counted = ({ counted }: Wire): Called['used'] => ({
  input: counted?.input ?? 0,
  output: counted?.output ?? 0,
  cached: counted?.cached,
})

const generate = async (provider: Provider, call: Call, wire: Wire): Promise<{ text: string; calls: ToolCall[] }> => {
  const [{ generateText, jsonSchema, Output }, { createOpenAI }] = await loadSdk()
  const { protocol, model, baseUrl, apiKey } = provider
  const openai = createOpenAI({
    // Always given: the SDK would look into the process's environment otherwise.
    baseURL: baseUrl,
    apiKey: apiKey ?? 'none',
    fetch: recordingFetch(provider.fetch, wire, { keyless: apiKey === undefined, protocol }),
  })
  const sent = sendable(call.messages, call.tools, jsonSchema)
  const { schema } = call
  const responseFormat = async () => ({ type: 'json' as const, name: 'answer', schema: schema ?? {} })
  const result = await generateText({
    model: protocol === 'chat' ? openai.chat(model) : openai.responses(model),
    instructions: call.instructions,
    messages: sent.messages,
    tools: sent.tools,
    output: schema ? { ...Output.text(), responseFormat: responseFormat() } : Output.text(),
    ...settingsOf(call.params),
    providerOptions: { openai: optionsFor(provider, call) },
    maxRetries: 0,
    abortSignal: call.signal,
  })
  return { text: result.text, calls: sent.callsOf(result.toolCalls) }
}

/** What the SDK passes on by itself: it leaves out what it knows a model not to take. */
const settingsOf = ({ temperature, topP, maxOutputTokens, seed }: ModelParams) => ({
  temperature,
  topP,
  maxOutputTokens,
  seed,
})

const optionsFor = ({ protocol, host }: Provider, { strict, params: { reasoningEffort } }: Call) => {
  const options = { strictJsonSchema: strict, ...(reasoningEffort && { reasoningEffort }) }
  // Not kept by OpenAI; other servers may refuse the field, and know only the role `system`.
  if (protocol === 'responses') return { ...options, store: false }
  return host === OPENAI_HOST ? options : { ...options, systemMessageMode: 'system' as const }
}

const wordsOf = ({ instructions = '', messages }: Call): string =>
  instructions +
  messages.map(message => (message.role === 'tool' ? JSON.stringify(message.result) : (message.text ?? ''))).join('')

const heard = (provider: Provider, written: string, calls: ToolCall[], wire: Wire): Said => {
  const { model } = provider
  const ending = wire.told?.ending ?? WHOLE
  const bare = withoutThinking(wellFormed(written))
  const thought = bare.thought || wire.told?.thought === true
  if (ending.kind === 'broken') return { ok: false, ...brokenOff(ending, wire, provider) }
  if (ending.kind === 'filtered') return { ok: false, failure: refused(model, bare.text) }
  const cut = ending.kind === 'cut'
  if (cut && (calls.length > 0 || bare.text === '')) return { ok: false, failure: cutOff(model, thought) }
  if (calls.length > 0) return { ok: true, calls, text: bare.text || null }
  return bare.text === '' ? { ok: false, failure: empty(model, thought) } : { ok: true, text: bare.text, cut }
}
