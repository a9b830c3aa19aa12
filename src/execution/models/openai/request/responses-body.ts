/** The answers of Responses servers in one shape: what was said and asked for, without the items that nobody here reads. */
import type { Json, JsonObject } from '../../../../domain/json/json.ts'
import { isObject } from '../../../../domain/schema/subschemas.ts'
import { type AnswerBody, argumentsIn, type Ending, endingOf, textIn, uniqueIds, WHOLE } from '../answer-body.ts'

/** Reads a parsed body; null where it has no output. */
export const responsesBody = (body: JsonObject): AnswerBody | null => {
  const ended = endingIn(body)
  if (!Array.isArray(body.output))
    return ended === WHOLE ? null : { ending: ended, thought: false, body: { output: [] } }
  const items = body.output.filter(isObject)
  const messages = messagesIn(items)
  return {
    ending: ended === WHOLE && messages.some(isRefusal) ? { kind: 'filtered' } : ended,
    thought: items.some(item => item.type === 'reasoning'),
    body: { output: [...messages, ...callsIn(items)] },
  }
}

const isRefusal = ({ content }: JsonObject): boolean =>
  Array.isArray(content) && content.some(part => isObject(part) && part.type === 'refusal' && part.refusal !== '')

const endingIn = (body: JsonObject): Ending => {
  const error = body.error ?? null
  const status = textIn(body.status) ?? 'completed'
  if (error !== null || UNFINISHED.includes(status)) return { kind: 'broken', reason: status, told: error }
  const details = isObject(body.incomplete_details) ? body.incomplete_details : {}
  const ending = endingOf(details.reason)
  if (status !== 'incomplete' || ending.kind !== 'whole') return ending
  // It says that it did not finish, and not why.
  return { kind: 'broken', reason: textIn(details.reason) ?? status, told: null }
}

const UNFINISHED = ['failed', 'cancelled', 'in_progress', 'queued']

const messagesIn = (items: JsonObject[]): JsonObject[] => {
  const messages = items.filter(item => item.type === 'message' && item.role !== 'user')
  // What a model says on its way is not its answer.
  const answers = messages.filter(message => message.phase !== 'commentary')
  return (answers.length > 0 ? answers : messages).map((message, at) => ({
    type: 'message',
    role: 'assistant',
    id: `msg_${at + 1}`,
    content: partsIn(message.content),
  }))
}

const partsIn = (content: Json | undefined): JsonObject[] => {
  if (typeof content === 'string') return [spoken(content)]
  return (Array.isArray(content) ? content : []).filter(isObject).map(part => {
    const refusal = textIn(part.refusal)
    return part.type === 'refusal' && refusal !== undefined
      ? { type: 'refusal', refusal }
      : spoken(/text$/.test(textIn(part.type) ?? 'text') ? (textIn(part.text) ?? '') : '')
  })
}

const spoken = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [] })

const callsIn = (items: JsonObject[]): JsonObject[] => {
  const calls = items.filter(item => item.type === 'function_call')
  const ids = uniqueIds(calls.map(call => textIn(call.call_id) || textIn(call.id)))
  return calls.map((call, at) => ({
    type: 'function_call',
    id: `fc_${at + 1}`,
    call_id: ids[at]!,
    name: textIn(call.name) ?? '',
    arguments: argumentsIn(call.arguments),
  }))
}
