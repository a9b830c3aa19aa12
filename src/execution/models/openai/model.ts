/** Models of OpenAI, and of any server that speaks its protocol, behind the port; the only file that knows the `ai` package. */
import type { JsonSchema } from '../../../domain/json.ts'
import type { Message, ToolCall } from '../../../domain/messages.ts'
import type { RunFailure, Usage } from '../../../domain/task/events.ts'
import { shorten } from '../../../domain/text/cut.ts'
import { estimateTokens } from '../../../domain/text/tokens.ts'
import {
  envelopeSchema,
  envelopeWords,
  OUTPUT_BYTES,
  outputBytes,
  type Problem,
  problemWords,
  type Reading,
  readAnswer,
  strictSubset,
  type Validate,
} from '../answer/envelope.ts'
import type { ModelAnswer, ModelPort, ModelRequest } from '../port.ts'
import { type Asking, clean, failureOf } from './failures.ts'
import { sendable } from './messages.ts'
import { recordingFetch, type Wire } from './wire.ts'

export interface OpenaiConfig {
  apiKey?: string
  baseUrl?: string
  fetch?: typeof fetch
  /** Decides whether data fits a step's schema, whatever the provider promised. */
  validate: Validate
}

/**
 * OpenAI's models, or those of the server at `baseUrl`. OpenAI is asked by its Responses API, other servers by Chat
 * Completions, which they all have; a model written `responses:id` or `chat:id` forces one. One request is one call,
 * and one more when the answer must be repaired; further tries are the engine's.
 */
export const openaiModels = (config: OpenaiConfig): ModelPort => ({
  async complete(request) {
    const started = Date.now()
    const talk = new Talk(config, request)
    const outcome = await talk.outcome()
    const usage: Usage = { ...talk.used, durationMs: Date.now() - started }
    if (!outcome.ok) return { kind: 'failed', failure: outcome.failure, usage }
    return 'calls' in outcome
      ? { kind: 'calls', calls: outcome.calls, text: outcome.text, usage }
      : { kind: 'completed', answer: outcome.answer, usage }
  },
})

type Protocol = 'responses' | 'chat'
type Failed = { ok: false; failure: RunFailure }
type Asks = { ok: true; calls: ToolCall[]; text: string | null }
type Outcome = { ok: true; answer: ModelAnswer } | Asks | Failed
/** What the model said, or the calls it asks for; `cut`: it had no room to finish. */
type Said = { ok: true; text: string; cut: boolean } | Asks | Failed

// Loaded at the first call: both packages take some 40 ms to start, which an isolate that only takes intakes need not pay.
const loadSdk = () => Promise.all([import('ai'), import('@ai-sdk/openai')])

const OPENAI_URL = 'https://api.openai.com/v1'
// A wrong answer is shown back to the model, at most this much of it.
const ECHO_LENGTH = 32_000

/** One request: its first call, and the repair where one is needed. */
class Talk {
  readonly used: Omit<Usage, 'durationMs'>
  private readonly config: OpenaiConfig
  private readonly request: ModelRequest
  private readonly id: string
  private readonly protocol: Protocol
  private readonly baseUrl: string
  private readonly envelope: JsonSchema | null
  private readonly aborter = new AbortController()
  private strict: boolean

  constructor(config: OpenaiConfig, request: ModelRequest) {
    this.config = config
    this.request = request
    this.baseUrl = config.baseUrl || OPENAI_URL
    const { protocol, id } = addressOf(request.model, this.baseUrl)
    this.id = id
    this.protocol = protocol
    this.envelope = envelopeSchema(request)
    this.strict = this.envelope !== null && strictSubset(this.envelope)
    this.used = { model: id, inputTokens: 0, outputTokens: 0, calls: 0 }
  }

  /** The outcome, at the latest when the time is up; what is still on its way then is dropped. */
  async outcome(): Promise<Outcome> {
    if (!isWebAddress(this.baseUrl)) return { ok: false, failure: NO_ADDRESS }
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<Outcome>(resolve => {
      timer = setTimeout(() => {
        resolve({ ok: false, failure: tooLate(this.id, this.request.timeoutMs) })
        this.aborter.abort()
      }, this.request.timeoutMs)
    })
    try {
      return await Promise.race([this.answered(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  private async answered(): Promise<Outcome> {
    const said = await this.askLeniently(this.request.messages)
    if (!said.ok || 'calls' in said) return said
    const reading = this.read(said)
    if ('failure' in reading || reading.ok) return reading
    return this.repaired(said.text, reading.problems)
  }

  private async repaired(text: string, problems: Problem[]): Promise<Outcome> {
    const said = await this.ask([
      ...this.request.messages,
      { role: 'assistant', text: text.slice(0, ECHO_LENGTH), calls: [] },
      { role: 'user', text: repairWords(problems) },
    ])
    if (!said.ok || 'calls' in said) return said
    const reading = this.read(said)
    if ('failure' in reading || reading.ok) return reading
    return { ok: false, failure: unusable(reading.problems) }
  }

  /** What the answer comes to. Cut off, it is not repaired: a second one would be cut off at the same place. */
  private read({ text, cut }: { text: string; cut: boolean }): Reading | Failed {
    const reading = readAnswer(text, this.request, this.config.validate)
    if (cut && (!reading.ok || !this.envelope)) return { ok: false, failure: cutOff(this.id) }
    const tooLarge = reading.ok ? outputBytes(reading.answer.output) > OUTPUT_BYTES : text.length > OUTPUT_BYTES
    return tooLarge ? { ok: false, failure: TOO_LARGE } : reading
  }

  /** Asks, and once more without `strict` where a provider's subset turns out smaller than OpenAI's documented one. */
  private async askLeniently(messages: Message[]): Promise<Said> {
    const said = await this.ask(messages)
    if (said.ok || said.failure.code !== 'schema_refused' || !this.strict) return said
    this.strict = false
    return this.ask(messages)
  }

  private async ask(messages: Message[]): Promise<Said> {
    const wire: Wire = {}
    this.used.calls += 1
    try {
      return await this.generate(messages, wire)
    } catch (problem) {
      return { ok: false, failure: failureOf(wire, problem, this.asking()) }
    }
  }

  private async generate(messages: Message[], wire: Wire): Promise<Said> {
    const [{ generateText, jsonSchema, Output }, { createOpenAI }] = await loadSdk()
    const sent = sendable(messages, this.request.tools ?? [], jsonSchema)
    const provider = createOpenAI({
      // Always given: the SDK would look into the process's environment otherwise.
      baseURL: this.baseUrl,
      apiKey: this.config.apiKey ?? 'none',
      fetch: recordingFetch(this.config.fetch ?? globalThis.fetch, wire, this.config.apiKey === undefined),
    })
    const result = await generateText({
      model: this.protocol === 'chat' ? provider.chat(this.id) : provider.responses(this.id),
      instructions: this.instructions(),
      messages: sent.messages,
      tools: sent.tools,
      output: this.envelope ? { ...Output.text(), responseFormat: this.responseFormat(this.envelope) } : Output.text(),
      providerOptions: { openai: this.options() },
      maxRetries: 0,
      abortSignal: this.aborter.signal,
    })
    const text = result.text.trim() === '' ? '' : result.text
    this.book(result.usage, messages, text)
    return heard(text, sent.callsOf(result.toolCalls), result.finishReason, this.id)
  }

  /** The agent's words and the envelope's; what came from outside is in the user's message only. */
  private instructions(): string | undefined {
    const parts = [this.request.system, this.envelope ? envelopeWords(this.request) : undefined]
    return parts.filter(Boolean).join('\n\n') || undefined
  }

  private async responseFormat(schema: JsonSchema) {
    return { type: 'json' as const, name: 'answer', schema }
  }

  private options() {
    const strictJsonSchema = this.strict
    // Not kept by OpenAI; other servers may refuse the field, and know only the role `system`.
    if (this.protocol === 'responses') return { strictJsonSchema, store: false }
    return isOpenai(this.baseUrl) ? { strictJsonSchema } : { strictJsonSchema, systemMessageMode: 'system' }
  }

  private book(usage: { inputTokens?: number; outputTokens?: number }, messages: Message[], text: string): void {
    // Some servers report no usage; an estimate keeps limits of cost working.
    const asked = (this.request.system ?? '') + messages.map(wordsIn).join('')
    this.used.inputTokens += usage.inputTokens ?? estimateTokens(asked)
    this.used.outputTokens += usage.outputTokens ?? estimateTokens(text)
  }

  private asking(): Asking {
    return { model: this.id, host: hostOf(this.baseUrl), apiKey: this.config.apiKey }
  }
}

/** How a model is asked: by its prefix, else by whose server it is. */
const addressOf = (model: string, baseUrl: string): { protocol: Protocol; id: string } => {
  const [, prefix, id] = /^(responses|chat):(.+)$/.exec(model) ?? []
  if (prefix && id) return { protocol: prefix as Protocol, id }
  return { protocol: isOpenai(baseUrl) ? 'responses' : 'chat', id: model }
}

const isOpenai = (baseUrl: string): boolean => hostOf(baseUrl) === 'api.openai.com'

const isWebAddress = (url: string): boolean => /^https?:\/\//i.test(url) && URL.canParse(url)

const hostOf = (baseUrl: string): string => (URL.canParse(baseUrl) ? new URL(baseUrl).host : 'OPENAI_BASE_URL')

const wordsIn = (message: Message): string =>
  message.role === 'tool' ? JSON.stringify(message.result) : (message.text ?? '')

const heard = (text: string, calls: ToolCall[], finish: string, model: string): Said => {
  if (finish === 'content-filter') return { ok: false, failure: refused(model, text) }
  const cut = finish === 'length'
  if (calls.length > 0) return cut ? { ok: false, failure: cutOff(model) } : { ok: true, calls, text: text || null }
  if (text === '') return { ok: false, failure: cut ? cutOff(model) : empty(model) }
  return { ok: true, text, cut }
}

const repairWords = (problems: Problem[]): string =>
  `That answer cannot be used: ${problemWords(problems)}. Answer again with the whole corrected JSON object and nothing else.`

const tooLate = (model: string, timeoutMs: number): RunFailure => ({
  code: 'timeout',
  message: `${model} did not answer within ${timeoutMs / 1000} s. Another try may help; raise the step's timeout if it needs longer.`,
  retryable: true,
})

const cutOff = (model: string): RunFailure => ({
  code: 'invalid_output',
  message: `The answer of ${model} was cut off at the model's output limit. Ask for a shorter answer, or choose a model with more room.`,
  retryable: true,
})

const unusable = (problems: Problem[]): RunFailure => ({
  code: 'invalid_output',
  message: `The answer does not fit the step, also after one repair: ${problemWords(problems)}. Check the prompt against the output schema.`,
  retryable: true,
})

const refused = (model: string, text: string): RunFailure => ({
  code: 'refused',
  message: `${model} refused to answer${text ? `: “${shorten(clean(text), 300)}”` : ' (content filter)'}. Change the prompt or the task's input.`,
  retryable: false,
})

const empty = (model: string): RunFailure => ({
  code: 'empty_answer',
  message: `${model} gave an empty answer. Another try may help; if not, make the prompt say what to answer.`,
  retryable: true,
})

const NO_ADDRESS: RunFailure = {
  code: 'bad_request',
  message: 'OPENAI_BASE_URL is not a web address. Set it to one like https://models.example/v1, or leave it out.',
  retryable: false,
}

const TOO_LARGE: RunFailure = {
  code: 'output_too_large',
  message: `The output is larger than ${OUTPUT_BYTES / 1024} KiB. Ask for less at once, or split the step.`,
  retryable: false,
}
