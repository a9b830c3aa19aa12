/** A provider's failure as one of the documented codes: what happened, and what to do about it, without the key. */
import type { FailureCode, RunFailure } from '../../../domain/task/events.ts'
import { cut, shorten } from '../../../domain/text/cut.ts'
import { type Wire, wordsFor } from './wire.ts'

/** What a message may name: the model, where it was asked, and the key that must not appear. */
export interface Asking {
  model: string
  host: string
  apiKey?: string
}

const WORDS = 500
// A body may be a page of 2 MiB; its first words tell enough.
const READ_AT_MOST = 4000

/** The failure of a call that the SDK threw on. */
export const failureOf = (wire: Wire, thrown: unknown, asking: Asking): RunFailure => {
  const words = (text: string) => clean(text, asking.apiKey)
  if (wire.trouble) return troubleOf(wire.trouble, asking, words)
  if (wire.status === undefined) return unsent(thrown, words)
  const told = toldBy(wire.body ?? '')
  if (wire.status >= 300) return byStatus(wire.status, told, wire, asking, words)
  // Some providers answer 200 and put the error in the body.
  if (told.code !== '' || told.isError) return byStatus(statusFor(told), told, wire, asking, words)
  return unreadable(wire.body ?? '', thrown, asking, words)
}

type Cleaner = (text: string) => string

const troubleOf = (trouble: NonNullable<Wire['trouble']>, asking: Asking, words: Cleaner): RunFailure => {
  if (trouble.kind === 'unreachable') {
    const message = `The provider at ${asking.host} could not be reached: ${words(trouble.detail)}. Check that it runs and that OPENAI_BASE_URL is right.`
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
const unsent = (thrown: unknown, words: Cleaner): RunFailure => {
  const schema = thrown instanceof Error && thrown.name === 'AI_UnsupportedFunctionalityError'
  return schema
    ? refusedSchema(words(wordsFor(thrown)))
    : {
        code: 'bad_request',
        message: `The request could not be sent: ${words(wordsFor(thrown))}. Check OPENAI_BASE_URL and OPENAI_API_KEY.`,
        retryable: false,
      }
}

interface Told {
  message: string
  code: string
  type: string
  param: string
  isError: boolean
}

/** What an error's body says: OpenAI's shape, its imitations, or plain text. */
const toldBy = (body: string): Told => {
  const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
  try {
    const parsed = JSON.parse(body) as { error?: unknown; message?: unknown; detail?: unknown } | null
    const error = parsed?.error ?? null
    if (typeof error === 'string') return { message: error, code: '', type: '', param: '', isError: true }
    const { message, code, type, param } = (error ?? parsed ?? {}) as Record<string, unknown>
    const said = text(message) || text(parsed?.detail)
    return {
      message: said,
      code: error ? text(code) : '',
      type: text(type),
      param: text(param),
      isError: error !== null,
    }
  } catch {
    return {
      message: body.slice(0, READ_AT_MOST).replace(/<[^>]{0,200}>/g, ' '),
      code: '',
      type: '',
      param: '',
      isError: false,
    }
  }
}

const statusFor = ({ code, type }: Told): number => {
  if (/^[45]\d\d$/.test(code)) return Number(code)
  if (/rate_limit|insufficient_quota/.test(code + type)) return 429
  return /server_error|overloaded|unavailable|internal/.test(code + type) ? 500 : 400
}

const byStatus = (status: number, told: Told, wire: Wire, asking: Asking, words: Cleaner): RunFailure => {
  const said = words(told.message) || 'no explanation was given'
  if (status === 429) return limited(told, wire, said)
  if (status === 408) {
    return {
      code: 'timeout',
      message: `The provider gave up waiting (408): ${said}. Another try may help.`,
      retryable: true,
    }
  }
  if (status >= 500 || status === 409 || status === 425) {
    const message = `The provider failed (${status}): ${said}. Another try may help.`
    return { code: 'provider_error', message, retryable: true, ...pauseIn(wire) }
  }
  if (status === 401 || status === 403) {
    const message = `The provider refused the key (${status}): ${said}. Check OPENAI_API_KEY and what the key may use.`
    return { code: 'provider_auth', message, retryable: false }
  }
  return refusedRequest(status, told, asking, said)
}

const limited = (told: Told, wire: Wire, said: string): RunFailure => {
  const quota = /insufficient_quota|quota_exceeded|billing/.test(told.code + told.type)
  const message = quota
    ? `The provider's quota is used up (429): ${said}. Raise the quota or check the billing of the provider's account.`
    : `The provider's rate limit was hit (429): ${said}. Wait, or let fewer tasks run at once.`
  return { code: 'rate_limited', message, retryable: true, ...pauseIn(wire) }
}

const refusedRequest = (status: number, told: Told, asking: Asking, said: string): RunFailure => {
  const lasting = (code: FailureCode, message: string): RunFailure => ({ code, message, retryable: false })
  if (status < 400) {
    return lasting(
      'bad_request',
      `${asking.host} answered with a redirect (${status}), which is not followed. Set OPENAI_BASE_URL to the final address.`,
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
      `The provider does not know the model “${asking.model}” or the address (${status}): ${said}. Choose another model, or check OPENAI_BASE_URL.`,
    )
  }
  if (told.code === 'context_length_exceeded' || status === 413) {
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

const isAboutSchema = ({ code, param, message }: Told): boolean =>
  code === 'invalid_json_schema' ||
  /^(?:response_format|text\.format)/.test(param) ||
  /response_format|json_schema|text\.format/i.test(message)

const refusedSchema = (said: string): RunFailure => ({
  code: 'schema_refused',
  message: `The provider refused the step's output schema: ${said}. Simplify the schema, or choose a model that supports structured output.`,
  retryable: false,
})

const pauseIn = (wire: Wire): { retryAfterMs?: number } => {
  const ms = wire.headers ? retryAfterMs(wire.headers, Date.now()) : null
  return ms === null ? {} : { retryAfterMs: ms }
}

/** How long a provider asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date; null when it does not. */
export const retryAfterMs = (headers: Headers, now: number): number | null => {
  const exact = headers.get('retry-after-ms')?.trim()
  if (exact && /^\d+(?:\.\d+)?$/.test(exact)) return Math.ceil(Number(exact))
  const given = headers.get('retry-after')?.trim()
  if (!given) return null
  if (/^\d+(?:\.\d+)?$/.test(given)) return Math.ceil(Number(given) * 1000)
  const date = Date.parse(given)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

/** A provider's words, fit to be stored and shown: one line, at most 500 characters, no key. */
export const clean = (text: string, apiKey?: string): string => {
  const hidden = (apiKey ? text.replaceAll(apiKey, '[key]') : text)
    .slice(0, READ_AT_MOST)
    .replace(/\b(?:sk|pk)-[\w*.-]{4,}/g, '[key]')
    .replace(/\bBearer\s+[\w*.~+/=-]+/gi, 'Bearer [key]')
    .replace(/\/\/[^@/\s]+@/g, '//[key]@')
  const line = hidden.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  // The sentence around it ends itself.
  return shorten(line, WORDS).replace(/[.\s]+$/, '')
}
