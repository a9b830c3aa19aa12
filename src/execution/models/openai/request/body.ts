/** Reads the body of an answer in whatever way its server writes it, and writes it as the SDK's strict check wants it. */
import { parseExact } from '../../../../domain/json/exact-number.ts'
import type { Json, JsonObject } from '../../../../domain/json/json.ts'
import { isObject } from '../../../../domain/schema/subschemas.ts'
import type { AnswerBody } from '../answer-body.ts'
import { bodyOfStream } from '../event-stream.ts'
import { chatBody } from './chat-body.ts'
import { responsesBody } from './responses-body.ts'

export type Protocol = 'responses' | 'chat'

/** Tokens as the server counted them; null: it does not say. */
export interface Counted {
  input: number | null
  output: number | null
  /** Of the input, what the provider had at hand; absent: none, or it does not say. */
  cached?: number
}

/** What an answer's body tells; `told` is null where it is no answer, which is then for the SDK to refuse. */
export const readBody = (protocol: Protocol, text: string): { told: AnswerBody | null; counted: Counted } => {
  const body = objectIn(text) ?? bodyOfStream(protocol, text)
  if (body === null) return { told: null, counted: UNCOUNTED }
  const counted = countedIn(body.usage ?? (isObject(body.x_groq) ? body.x_groq.usage : undefined))
  return { told: protocol === 'chat' ? chatBody(body) : responsesBody(body), counted }
}

const UNCOUNTED: Counted = { input: null, output: null }

const objectIn = (body: string): JsonObject | null => {
  try {
    const parsed = parseExact(body)
    return isObject(parsed) ? parsed : null
  } catch {
    return null
  }
}

/** Servers name the counts in two ways, leave one of them to be worked out, and some count in fractions or in text. */
const countedIn = (usage: Json | undefined): Counted => {
  if (!isObject(usage)) return UNCOUNTED
  const total = tokensIn(usage.total_tokens)
  const input = tokensIn(usage.prompt_tokens) ?? tokensIn(usage.input_tokens)
  const output = tokensIn(usage.completion_tokens) ?? tokensIn(usage.output_tokens)
  // A prompt has tokens: nothing but zeros is a server that does not count.
  if (!input && !output && !total) return UNCOUNTED
  const details = [usage.prompt_tokens_details, usage.input_tokens_details].find(isObject)
  const cached = tokensIn(details?.cached_tokens) ?? 0
  const counted = { input: input ?? rest(total, output), output: output ?? rest(total, input) }
  return cached > 0 ? { ...counted, cached } : counted
}

const rest = (total: number | null, known: number | null): number | null =>
  total === null || known === null ? null : Math.max(0, total - known)

/** A count of tokens: whole, as there are no parts of one. */
const tokensIn = (count: Json | undefined): number | null => {
  const number = typeof count === 'string' && /^\d{1,15}(?:\.\d{1,15})?$/.test(count) ? Number(count) : count
  return typeof number === 'number' && number >= 0 && number <= Number.MAX_SAFE_INTEGER ? Math.ceil(number) : null
}
