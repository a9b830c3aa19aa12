/** What a provider says of an error: OpenAI's shape, its many imitations, or plain text; and how long it asks to wait. */
import type { Json, JsonObject } from '../../../domain/json/json.ts'
import { isObject } from '../../../domain/schema/subschemas.ts'
import { wellFormed } from '../../../domain/text/clean.ts'
import { shorten } from '../../../domain/text/cut.ts'

export interface ProviderError {
  message: string
  code: string
  type: string
  param: string
  /** Whether it is said to be an error at all. */
  isError: boolean
  /** How long the body asks to wait, in milliseconds; null where it does not. */
  waitMs: number | null
}

const WORDS = 500
// A body may be a page of 2 MiB; its first words tell enough.
const READ_AT_MOST = 4000

/** Reads an error's body. */
export const readErrorBody = (body: string): ProviderError => {
  try {
    return readError(JSON.parse(body) as Json)
  } catch {
    const message = body.slice(0, READ_AT_MOST).replace(/<[^>]{0,200}>/g, ' ')
    return { message, code: '', type: '', param: '', isError: false, waitMs: null }
  }
}

/** Reads an error that a body or an answer holds. */
export const readError = (given: Json): ProviderError => {
  // Gemini answers with a list of one.
  const whole = Array.isArray(given) ? given[0] : given
  const body: JsonObject = isObject(whole) ? whole : {}
  const first = Array.isArray(body.errors) ? body.errors[0] : undefined
  const error = body.error ?? first ?? null
  if (typeof error === 'string') return { ...errorOf({}), message: error, isError: true }
  return {
    ...errorOf(isObject(error) ? error : body, textOf(body.detail)),
    isError: error !== null || body.object === 'error',
  }
}

const errorOf = (error: JsonObject, detail = ''): ProviderError => ({
  message: [textOf(error.message) || detail, upstream(error)].filter(Boolean).join(': '),
  code: textOf(error.code),
  type: textOf(error.type) || textOf(error.status),
  param: textOf(error.param),
  isError: true,
  waitMs: waitIn(error),
})

/** What a router heard from the provider behind it, which is what happened. */
const upstream = ({ metadata }: JsonObject): string => {
  const raw = isObject(metadata) ? textOf(metadata.raw) : ''
  return raw.startsWith('{') || raw.startsWith('[') ? readErrorBody(raw).message : raw
}

const textOf = (value: Json | undefined): string => {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (isObject(value)) return textOf(value.detail)
  // FastAPI lists what is wrong with a request; Mistral puts that list into its message.
  const [first] = Array.isArray(value) ? value : []
  return isObject(first) ? textOf(first.msg) : ''
}

/** Google's `RetryInfo`. */
const waitIn = ({ details }: JsonObject): number | null => {
  const delays = (Array.isArray(details) ? details : []).filter(isObject).map(detail => textOf(detail.retryDelay))
  const seconds = delays.map(delay => /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(delay)?.[1]).find(Boolean)
  return seconds === undefined ? null : Math.ceil(Number(seconds) * 1000)
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
  const line = wellFormed(hidden.replace(/[\s\p{Cc}]+/gu, ' ')).trim()
  // The sentence around it ends itself.
  return shorten(line, WORDS).replace(/[.\s]+$/, '')
}
