/** A provider's failure as one of the documented codes: what happened, and what to do about it, without the key. */
import type { FailureCode, RunFailure } from '../../../domain/task/run/outcome.ts'
import { cut, shorten } from '../../../domain/text/cut.ts'
import type { Away } from '../port.ts'
import type { Ending } from './answer-body.ts'
import { awayFor } from './away.ts'
import { clean, type ProviderError, readError, readErrorBody, retryAfterMs } from './error-body.ts'
import { type Wire, wordsFor } from './wire.ts'

/** What a message may name: the model, where it was asked, where that is set, and the key that must not appear. */
export interface Asking {
  model: string
  host: string
  settings: Settings
  apiKey?: string
}

/** Where people set a provider's address and key, in words that stand in a sentence. */
export interface Settings {
  address: string
  key: string
}

/** Why a call gave no answer: it failed, or it must wait until the provider can take it. */
export type Trouble = { failure: RunFailure } | { away: Away }

/** The trouble of a call that the SDK threw on. */
export const troubleOf = (wire: Wire, thrown: unknown, asking: Asking): Trouble => {
  const words = (text: string) => clean(text, asking.apiKey)
  if (wire.trouble) return { failure: onTheWire(wire.trouble, asking, words) }
  if (wire.status === undefined) return { failure: unsent(thrown, asking, words) }
  const said = readErrorBody(wire.body ?? '')
  if (wire.status >= 300) return byStatus(wire.status, said, wire, asking)
  // Some providers answer 200 and put the error in the body.
  if (said.isError) return byStatus(statusFor(said, 400), said, wire, asking)
  return { failure: unreadable(wire.body ?? '', thrown, asking, words) }
}

/** The trouble of an answer that says of itself that it broke off. */
export const brokenOff = (ending: Extract<Ending, { kind: 'broken' }>, wire: Wire, asking: Asking): Trouble => {
  const said = readError(ending.told)
  if (said.message || said.code) return byStatus(statusFor(said, 500), said, wire, asking)
  const message = `The provider broke off its answer (“${shorten(clean(ending.reason), 60)}”). Another try may help.`
  return { failure: { code: 'provider_error', message, retryable: true } }
}

type Cleaner = (text: string) => string

const onTheWire = (trouble: NonNullable<Wire['trouble']>, asking: Asking, words: Cleaner): RunFailure => {
  if (trouble.kind === 'unreachable') {
    const message = `The connection to ${asking.host} was lost before an answer came: ${words(trouble.detail)}. Another try may help.`
    return { code: 'unreachable', message, retryable: true }
  }
  const what = trouble.kind === 'too_big' ? `was ${trouble.detail} and was cut` : `broke off: ${words(trouble.detail)}`
  return { code: 'malformed_answer', message: `The provider's answer ${what}. Another try may help.`, retryable: true }
}

/** Answered, and not in the protocol's shape. */
const unreadable = (body: string, thrown: unknown, asking: Asking, words: Cleaner): RunFailure => {
  // The SDK's words repeat the whole answer; its beginning tells what it was.
  const begins = body.trim() === '' ? 'it is empty' : `it begins “${words(cut(body, 80))}”`
  const why = thrown instanceof Error && /choices|no output/i.test(thrown.message) ? words(thrown.message) : begins
  return {
    code: 'malformed_answer',
    message: `The provider's answer could not be read: ${why}. Another try may help; if not, check that ${asking.host} speaks OpenAI's protocol.`,
    retryable: true,
  }
}

/** The SDK refused to send it at all. */
const unsent = (thrown: unknown, { settings }: Asking, words: Cleaner): RunFailure => {
  const schema = thrown instanceof Error && thrown.name === 'AI_UnsupportedFunctionalityError'
  return schema
    ? refusedSchema(words(wordsFor(thrown)))
    : {
        code: 'bad_request',
        message: `The request could not be sent: ${words(wordsFor(thrown))}. Check ${settings.address} and ${settings.key}.`,
        retryable: false,
      }
}

const statusFor = ({ code, type }: ProviderError, otherwise: number): number => {
  const kind = `${code} ${type}`
  if (/^[45]\d\d$/.test(code)) return Number(code)
  if (/rate_limit|quota|resource_exhausted/i.test(kind)) return 429
  if (/overloaded|unavailable/i.test(kind)) return 503
  return /server_error|internal/i.test(kind) ? 500 : otherwise
}

const byStatus = (status: number, told: ProviderError, wire: Wire, asking: Asking): Trouble => {
  const said = clean(told.message, asking.apiKey) || 'no explanation was given'
  const away = awayFor(status, told, said, waitOf(wire, told))
  return away ? { away } : { failure: failureFor(status, told, wire, asking, said) }
}

const failureFor = (status: number, told: ProviderError, wire: Wire, asking: Asking, said: string): RunFailure => {
  if (status === 408) {
    return {
      code: 'timeout',
      message: `The provider gave up waiting (408): ${said}. Another try may help.`,
      retryable: true,
    }
  }
  if (status >= 500 || status === 409 || status === 425) {
    const message = `The provider failed (${status}): ${said}. Another try may help.`
    return { code: 'provider_error', message, retryable: true, ...pauseIn(wire, told) }
  }
  if (status === 401 || status === 403) {
    const message = `The provider refused the key (${status}): ${said}. Check ${asking.settings.key} and what the key may use.`
    return { code: 'provider_auth', message, retryable: false }
  }
  // Groq checks the answer itself, and refuses the request for what its model wrote.
  if (/^(?:json_validate_failed|tool_use_failed)$/.test(told.code)) {
    const message = `The provider could not use what ${asking.model} answered (${status}): ${said}. Another try may help.`
    return { code: 'invalid_output', message, retryable: true }
  }
  return refusedRequest(status, told, asking, said)
}

const refusedRequest = (status: number, told: ProviderError, asking: Asking, said: string): RunFailure => {
  const lasting = (code: FailureCode, message: string): RunFailure => ({ code, message, retryable: false })
  if (status < 400) {
    return lasting(
      'bad_request',
      `${asking.host} answered with a redirect (${status}), which is not followed. Set ${asking.settings.address} to the final address.`,
    )
  }
  if ((status === 400 || status === 422) && isAboutSchema(told)) return refusedSchema(said)
  if (/content_filter|content_policy|responsible_ai/.test(told.code + told.type)) {
    return lasting(
      'refused',
      `The provider's content filter refused the request: ${said}. Change the prompt or the task's input.`,
    )
  }
  if (told.code === 'model_not_found' || status === 404) {
    return lasting(
      'bad_request',
      `The provider does not know the model “${asking.model}” or the address (${status}): ${said}. Choose another model, or check ${asking.settings.address}.`,
    )
  }
  if (told.code === 'context_length_exceeded' || status === 413 || status === 429) {
    return lasting(
      'bad_request',
      `The prompt is too long for ${asking.model} (${status}): ${said}. Shorten the prompt or its input, or choose a model with a larger context.`,
    )
  }
  return lasting(
    'bad_request',
    `The provider refused the request (${status}): ${said}. Check the step's model and prompt.`,
  )
}

const isAboutSchema = ({ code, param, message }: ProviderError): boolean =>
  code === 'invalid_json_schema' ||
  /^(?:response_format|text\.format)/.test(param) ||
  /response[_ ]format|json_schema|text\.format|response mime type/i.test(message)

/** Whether a refused schema was refused as such, because the provider or its model takes none. */
export const takesNoSchema = ({ code, message }: RunFailure): boolean =>
  code === 'schema_refused' && NO_SCHEMA.test(message)

const NO_SCHEMA =
  /response[_ ](?:format|mime type).{0,80}(?:unavailable|unsupported|not supported|not one of|only supports)|(?:not support|only supports) (?:this )?response[_ ]format/i

const refusedSchema = (said: string): RunFailure => ({
  code: 'schema_refused',
  message: `The provider refused the step's output schema: ${said}. Simplify the schema, or choose a model that supports structured output.`,
  retryable: false,
})

const pauseIn = (wire: Wire, said: ProviderError): { retryAfterMs?: number } => {
  const ms = waitOf(wire, said)
  return ms === null ? {} : { retryAfterMs: ms }
}

const waitOf = (wire: Wire, said: ProviderError): number | null =>
  (wire.headers ? retryAfterMs(wire.headers, Date.now()) : null) ?? said.waitMs
