/** An answer that came as a stream of events though none was asked for: its pieces put together into the body that was asked for. */
import { parseExact } from '../../../domain/json/exact-number.ts'
import type { Json, JsonObject } from '../../../domain/json/json.ts'
import { isObject } from '../../../domain/schema/subschemas.ts'

import { textIn } from './answer-body.ts'

/** The body that the events of a stream come to; null: it is no such stream. */
export const bodyOfStream = (protocol: 'chat' | 'responses', text: string): JsonObject | null => {
  if (!/^\uFEFF?\s*(?:data|event|id|retry)?:/.test(text)) return null
  const lines = text.split(/\r\n|\r|\n/).flatMap(line => /^\uFEFF?data: ?(.*)$/.exec(line)?.[1] ?? [])
  const events = lines.flatMap(objectIn)
  if (events.length === 0) return null
  const ends = lines.some(line => line.trim() === '[DONE]')
  return protocol === 'chat' ? chatOf(events, ends) : responseOf(events)
}

const objectIn = (line: string): JsonObject[] => {
  try {
    const parsed = parseExact(line)
    return isObject(parsed) ? [parsed] : []
  } catch {
    return []
  }
}

// Read by `endingOf` as an answer that broke off: half of one must not pass for the whole.
const BROKEN_OFF = 'incomplete'

/** The pieces of the first choice, one after another; some servers send the whole message as one piece. */
const chatOf = (events: JsonObject[], ends: boolean): JsonObject => {
  const parts: Json[] = []
  const calls = new Map<string, JsonObject>()
  const message: JsonObject = { role: 'assistant' }
  let finish: Json = ends ? null : BROKEN_OFF
  for (const event of events) {
    const choice = Array.isArray(event.choices) ? event.choices.filter(isObject).find(isFirst) : undefined
    if (choice === undefined) continue
    finish = choice.finish_reason ?? finish
    const piece = isObject(choice.delta) ? choice.delta : isObject(choice.message) ? choice.message : {}
    parts.push(...(Array.isArray(piece.content) ? piece.content : (textIn(piece.content) ?? [])))
    for (const field of TEXTS) {
      const more = textIn(piece[field])
      if (more) message[field] = (textIn(message[field]) ?? '') + more
    }
    const asked = Array.isArray(piece.tool_calls) ? piece.tool_calls.filter(isObject) : []
    for (const call of isObject(piece.function_call) ? [...asked, piece.function_call] : asked) addTo(calls, call)
  }
  const error = events.find(event => isObject(event.error))?.error ?? null
  const usage = events.findLast(event => isObject(event.usage))?.usage ?? null
  const content = parts.length > 0 ? parts : null
  const said = { ...message, content, ...(calls.size > 0 && { tool_calls: [...calls.values()] }) }
  return { choices: [{ index: 0, finish_reason: finish, message: said }], usage, error }
}

const isFirst = ({ index }: JsonObject): boolean => Number(index ?? 0) === 0

const TEXTS = ['refusal', 'reasoning_content', 'reasoning', 'thinking']

/** A piece of a call belongs to the one with its index, or its id; without either to the last one. */
const addTo = (calls: Map<string, JsonObject>, piece: JsonObject): void => {
  const given = isObject(piece.function) ? piece.function : piece
  const key = String(piece.index ?? piece.id ?? [...calls.keys()].at(-1) ?? 0)
  const known = calls.get(key) ?? { id: null, name: '', arguments: null }
  const { arguments: before } = known
  const more = given.arguments ?? null
  calls.set(key, {
    id: known.id ?? textIn(piece.id) ?? null,
    name: textIn(known.name) || (textIn(given.name) ?? ''),
    arguments: typeof before === 'string' && typeof more === 'string' ? before + more : (more ?? before ?? null),
  })
}

/** The response that its last event holds; one that tells of no end broke off. */
const responseOf = (events: JsonObject[]): JsonObject => {
  const failed = events.find(({ type }) => type === 'error')
  if (failed) return { status: 'failed', error: isObject(failed.error) ? failed.error : failed }
  const last = events.findLast(event => isObject(event.response))?.response
  return isObject(last) ? last : { status: BROKEN_OFF }
}
