/** What the body of an answer tells, apart from how its protocol writes it. */
import { parseExact } from '../../../domain/json/exact-number.ts'
import type { Json, JsonObject } from '../../../domain/json/json.ts'

/** How an answer ended; `told` is what the server says of an end that should not be. */
export type Ending = { kind: 'whole' | 'cut' | 'filtered' } | { kind: 'broken'; reason: string; told: Json }

export const WHOLE: Ending = { kind: 'whole' }

/** An answer's body in its protocol's exact shape, how it ended, and whether it has text of the model's thinking. */
export interface AnswerBody {
  body: JsonObject
  ending: Ending
  thought: boolean
}

const CUT =
  /^(?:length|max_?(?:output_?|new_?)?(?:tokens|length)|model_length|token_limit|model_context_window_exceeded)$/i
const FILTERED = /content_?(?:filter|policy)|safety|recitation|blocklist|prohibited|spii|sensitive|moderation|refusal/i
const BROKEN =
  /error|abort|cancel|interrupt|insufficient|time_?d?_?out|fail|incomplete|malformed|unavailable|overload|disconnect/i

/** What a reason to finish means. One that nobody knows is taken for a good end, as most are. */
export const endingOf = (reason: Json | undefined, told: Json = null): Ending => {
  if (typeof reason !== 'string') return WHOLE
  if (CUT.test(reason)) return { kind: 'cut' }
  if (FILTERED.test(reason)) return { kind: 'filtered' }
  return BROKEN.test(reason) ? { kind: 'broken', reason, told } : WHOLE
}

/** A text in a body, or undefined. */
export const textIn = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** A call's arguments as JSON text, which some servers hand over already parsed; the SDK reads it, and would round numbers. */
export const argumentsIn = (args: Json | undefined): string =>
  typeof args === 'string' ? exactText(args) : args === null || args === undefined ? '{}' : JSON.stringify(args)

/** The same JSON with numbers that a double would change as texts of their digits. What is no JSON is left as it is. */
const exactText = (text: string): string => {
  try {
    return JSON.stringify(parseExact(text))
  } catch {
    return text
  }
}

/**
 * Ids by which results find their calls: each one another, also where a server gives none or the same to all. Ours are as
 * Mistral's models want them: nine letters and digits.
 */
export const uniqueIds = (ids: (string | undefined)[]): string[] => {
  const taken = new Set<string>()
  return ids.map((given, at) => {
    const id = given && !taken.has(given) ? given : `call${String(at + 1).padStart(5, '0')}`
    taken.add(id)
    return id
  })
}
