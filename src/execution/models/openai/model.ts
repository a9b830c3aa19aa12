/** Models of OpenAI, and of any server that speaks its protocol, behind the port: a call, its repair, and the time they may take. */
import { type Message, withFilesAsText } from '../../../domain/messages.ts'
import { OPENAI_HOST } from '../../../domain/models/environment.ts'
import type { RunFailure, Usage } from '../../../domain/task/run/outcome.ts'
import { cut } from '../../../domain/text/cut.ts'
import { envelopeSchema, envelopeWords, type Problem, strictSubset, type Validate } from '../answer/envelope.ts'
import { OUTPUT_BYTES, outputBytes, type Reading, readAnswer } from '../answer/read.ts'
import type { ModelAnswer, ModelPort, ModelRequest } from '../port.ts'
import { unreached } from './away.ts'
import { type Asks, callModel, type Failed, type Provider, type Said } from './call.ts'
import { type Settings, takesNoSchema } from './failures.ts'
import type { Protocol } from './request/body.ts'
import { isGateway, isThere, type Wire } from './wire.ts'
import { cutOff, noAddress, repairWords, TOO_LARGE, tooLate, unusable } from './words.ts'

export interface OpenaiConfig {
  apiKey?: string
  baseUrl?: string
  /** How its server is spoken to; unless set, by whose it is. */
  protocol?: Protocol
  /** What people set of it; unless set, in the environment. */
  settings?: Settings
  /** What it is called in messages; unless set, by its host. */
  host?: string
  fetch?: typeof fetch
  /** Whether its models are given pictures and PDFs as they are; unless set, they are. */
  sees?: boolean
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
    const talk = new Talk(config, config.sees === false ? blind(request) : request)
    const outcome = await talk.outcome()
    const usage: Usage = { ...talk.used, durationMs: Date.now() - started }
    if (!outcome.ok) {
      return 'away' in outcome
        ? { kind: 'away', away: outcome.away, usage }
        : { kind: 'failed', failure: outcome.failure, usage }
    }
    return 'calls' in outcome
      ? { kind: 'calls', calls: outcome.calls, text: outcome.text, usage }
      : { kind: 'completed', answer: outcome.answer, usage }
  },
})

/** The request with the texts of its files alone. */
const blind = (request: ModelRequest): ModelRequest => ({
  ...request,
  messages: request.messages.map(said => (said.role === 'user' ? { role: 'user', text: withFilesAsText(said) } : said)),
})

type Outcome = { ok: true; answer: ModelAnswer } | Asks | Failed

const OPENAI_URL = `https://${OPENAI_HOST}/v1`
// A wrong answer is shown back to the model, at most this much of it.
const ECHO_LENGTH = 32_000

/** How the schema is sent: for the provider to hold the model to, for it to know, or only told in words. */
type Form = 'strict' | 'loose' | 'words'

/** The form to try next: a provider's strict subset may be smaller than OpenAI's, and some take no schema at all. */
const plainerForm = (form: Form, failure: RunFailure): Form | null => {
  if (failure.code !== 'schema_refused' || form === 'words') return null
  if (takesNoSchema(failure)) return 'words'
  return form === 'strict' ? 'loose' : null
}

/** One request: its first call, and the repair where one is needed. */
class Talk {
  readonly used: Omit<Usage, 'durationMs'>
  private readonly provider: Provider
  private readonly request: ModelRequest
  private readonly validate: Validate
  private readonly schema: ReturnType<typeof envelopeSchema>
  private readonly aborter = new AbortController()
  private form: Form
  /** What happened on the way of the latest call. */
  private wire: Wire = {}

  constructor(config: OpenaiConfig, request: ModelRequest) {
    this.request = request
    this.validate = config.validate
    this.provider = providerFor(config, request.model)
    this.schema = envelopeSchema(request)
    this.form = this.schema !== null && strictSubset(this.schema) ? 'strict' : 'loose'
    this.used = { model: this.provider.model, inputTokens: 0, outputTokens: 0, calls: 0 }
  }

  /** The outcome, at the latest when the time is up; what is still on its way then is dropped. */
  async outcome(): Promise<Outcome> {
    if (!isWebAddress(this.provider.baseUrl)) return { ok: false, failure: noAddress(this.provider.settings.address) }
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<Outcome>(resolve => {
      timer = setTimeout(() => {
        resolve({ ok: false, failure: tooLate(this.provider.model, this.request.timeoutMs) })
        this.aborter.abort()
      }, this.request.timeoutMs)
    })
    try {
      return await this.unlessAway(await Promise.race([this.answered(), late]))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Where nothing came back, a look at the provider tells whether it is away or this one request went wrong. */
  private async unlessAway(outcome: Outcome): Promise<Outcome> {
    if (!('failure' in outcome) || !mayBeAway(outcome.failure, this.wire)) return outcome
    const { baseUrl, host, fetch, settings } = this.provider
    if (await isThere(fetch, baseUrl, this.request.timeoutMs)) return outcome
    return { ok: false, away: unreached(host, outcome.failure.message, settings.address) }
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
      { role: 'assistant', text: cut(text, ECHO_LENGTH), calls: [] },
      { role: 'user', text: repairWords(problems) },
    ])
    if (!said.ok || 'calls' in said) return said
    const reading = this.read(said)
    if ('failure' in reading || reading.ok) return reading
    return { ok: false, failure: unusable(reading.problems) }
  }

  /** What the answer comes to. Cut off, it is not repaired: a second one would be cut off at the same place. */
  private read({ text, cut }: Extract<Said, { cut: boolean }>): Reading | { ok: false; failure: RunFailure } {
    const reading = readAnswer(text, this.request, this.validate)
    if (cut && (!reading.ok || !this.schema)) return { ok: false, failure: cutOff(this.provider.model, false) }
    const tooLarge = reading.ok ? outputBytes(reading.answer.output) > OUTPUT_BYTES : text.length > OUTPUT_BYTES
    return tooLarge ? { ok: false, failure: TOO_LARGE } : reading
  }

  /** Asks, and again in a plainer form where the provider refuses the schema, or takes none. */
  private async askLeniently(messages: Message[]): Promise<Said> {
    for (;;) {
      const said = await this.ask(messages)
      const next = 'failure' in said ? plainerForm(this.form, said.failure) : null
      if (next === null) return said
      this.form = next
    }
  }

  private async ask(messages: Message[]): Promise<Said> {
    this.wire = {}
    this.used.calls += 1
    const schema = this.form === 'words' ? null : this.schema
    const { tools = [], params = {} } = this.request
    const call = { messages, tools, params, schema, strict: this.form === 'strict' }
    const { said, used } = await callModel(
      this.provider,
      { ...call, instructions: this.instructions(), signal: this.aborter.signal },
      this.wire,
    )
    this.used.inputTokens += used.input
    this.used.outputTokens += used.output
    if (used.cached !== undefined) this.used.cachedTokens = (this.used.cachedTokens ?? 0) + used.cached
    return said
  }

  /** The agent's words and the envelope's; what came from outside is in the user's message only. */
  private instructions(): string | undefined {
    const parts = [this.request.system, this.schema ? envelopeWords(this.request) : undefined]
    if (this.form === 'words') parts.push(`It must fit this JSON Schema: ${JSON.stringify(this.schema)}`)
    return parts.filter(Boolean).join('\n\n') || undefined
  }
}

/** Whether it is open what failed: nothing came back, or what stands in front of the provider answered for it. */
const mayBeAway = ({ code }: RunFailure, { status }: Wire): boolean =>
  status === undefined ? code === 'unreachable' || code === 'timeout' : isGateway(status)

/** How a model is asked: by its prefix, else by whose server it is. */
const providerFor = (
  {
    baseUrl = OPENAI_URL,
    apiKey,
    fetch = globalThis.fetch,
    protocol,
    settings = ENVIRONMENT,
    host: known,
  }: OpenaiConfig,
  named: string,
): Provider => {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : settings.address
  const [, prefix, id] = /^(responses|chat):(.+)$/.exec(named) ?? []
  const usual: Protocol = protocol ?? (host === OPENAI_HOST ? 'responses' : 'chat')
  const asked = { model: id ?? named, protocol: (prefix as Protocol | undefined) ?? usual }
  return { ...asked, baseUrl, host: known ?? host, settings, apiKey, fetch }
}

const ENVIRONMENT: Settings = { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY' }

const isWebAddress = (url: string): boolean => /^https?:\/\//i.test(url) && URL.canParse(url)
