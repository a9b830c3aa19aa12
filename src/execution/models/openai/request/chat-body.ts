/** The answers of Chat Completions servers in one shape, however each of them writes content, calls and endings. */
import type { Json, JsonObject } from '../../../../domain/json/json.ts'
import { isObject } from '../../../../domain/schema/subschemas.ts'
import { type AnswerBody, argumentsIn, type Ending, endingOf, textIn, uniqueIds, WHOLE } from '../answer-body.ts'

/** Reads a parsed body; null where it has no choice with a message. */
export const chatBody = (body: JsonObject): AnswerBody | null => {
  const choice = Array.isArray(body.choices) ? body.choices[0] : undefined
  if (!isObject(choice)) return null
  const message = isObject(choice.message) ? choice.message : null
  const content = contentIn(message?.content)
  const ended = endingIn(body, choice)
  // Without a message it may still say how it ended.
  if (message === null || content === null) return ended === WHOLE ? null : nothing(ended)
  const refusal = (textIn(message.refusal) ?? '') + content.refusal
  return {
    ending: refusal && ended === WHOLE ? { kind: 'filtered' } : ended,
    thought: content.thought || THINKING.some(field => isThought(message[field])),
    body: withMessage({ content: content.text, ...(refusal && { refusal }), ...callsIn(message) }),
  }
}

const nothing = (ending: Ending): AnswerBody => ({ ending, thought: false, body: withMessage({ content: null }) })

const withMessage = (message: JsonObject): JsonObject => ({
  object: 'chat.completion',
  choices: [{ index: 0, finish_reason: null, message: { role: 'assistant', ...message } }],
})

const THINKING = ['reasoning_content', 'reasoning', 'thinking', 'reasoning_details']

const isThought = (value: Json | undefined): boolean =>
  Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value.trim() !== ''

/** Routers put what broke off beside the choice, or beside all of them. */
const endingIn = (body: JsonObject, choice: JsonObject): Ending => {
  const error = choice.error ?? body.error ?? null
  if (error !== null) return { kind: 'broken', reason: textIn(choice.finish_reason) ?? 'error', told: error }
  return endingOf(choice.finish_reason)
}

interface Content {
  text: string | null
  refusal: string
  thought: boolean
}

/** Text, or its parts, or data where the server parsed the JSON itself; null where it is none of them. */
const contentIn = (content: Json | undefined): Content | null => {
  if (content === null || content === undefined) return { text: null, refusal: '', thought: false }
  if (typeof content === 'string') return { text: content, refusal: '', thought: false }
  if (Array.isArray(content)) return partsIn(content)
  if (!isObject(content)) return null
  return typeof content.type === 'string' && typeof content.text === 'string'
    ? partsIn([content])
    : { text: JSON.stringify(content), refusal: '', thought: false }
}

const partsIn = (parts: Json[]): Content => {
  const content: Content = { text: '', refusal: '', thought: false }
  for (const part of parts) {
    if (typeof part === 'string') content.text += part
    if (!isObject(part)) continue
    const kind = textIn(part.type) ?? 'text'
    if (kind === 'refusal') content.refusal += textIn(part.refusal) ?? ''
    else if (/think|reason/i.test(kind)) content.thought = true
    else if (/text$/.test(kind)) content.text += textIn(part.text) ?? ''
  }
  return content
}

/** Calls in today's shape, in the one before it (`function_call`), or without the envelope of their kind. */
const callsIn = (message: JsonObject): JsonObject => {
  const given = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : []
  const calls = given.length === 0 && isObject(message.function_call) ? [message.function_call] : given
  const ids = uniqueIds(calls.map(call => textIn(call.id)))
  const asked = calls.map((call, at) => {
    const { name, arguments: args } = isObject(call.function) ? call.function : call
    return { id: ids[at]!, type: 'function', function: { name: textIn(name) ?? '', arguments: argumentsIn(args) } }
  })
  return asked.length > 0 ? { tool_calls: asked } : {}
}
