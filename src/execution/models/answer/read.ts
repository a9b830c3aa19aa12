/** What a model's answer comes to: read tolerantly, then checked strictly against what was asked. Pure: no provider, no clock. */
import type { Json, JsonObject } from '../../../domain/json/json.ts'
import { isNumber, isObject } from '../../../domain/schema/subschemas.ts'
import { wellFormed } from '../../../domain/text/clean.ts'
import { cut, shorten } from '../../../domain/text/cut.ts'
import { harmless } from '../../../domain/text/harmless.ts'
import type { ModelAnswer } from '../port.ts'
import { type Asked, envelopeSchema, type Problem, type Validate } from './envelope.ts'
import { findJson } from './find-json.ts'
import { withoutThinking } from './thinking.ts'
import { tolerantly } from './tolerant.ts'
import { unsafeIn } from './unsafe.ts'

/** What an answer came to: the answer, or what is wrong with it in words that the model can act on. */
export type Reading = { ok: true; answer: ModelAnswer } | { ok: false; problems: Problem[] }

/** The most bytes of a step's output. */
export const OUTPUT_BYTES = 256 * 1024
const REASONING_LENGTH = 4000

/** Reads an answer's text: plain text as it is, an envelope found in it and checked against what was asked. */
export const readAnswer = (answer: string, asked: Asked, validate: Validate): Reading => {
  const { text } = withoutThinking(wellFormed(answer))
  if (envelopeSchema(asked) === null) return { ok: true, answer: { output: text } }
  const found = findJson(text)
  const readings = found.map(value => readOne(value, asked, validate))
  const fitting = distinct(readings.filter(reading => reading.ok))
  if (fitting.length > 1) return wrong('', 'the answer holds several JSON values that would fit; give exactly one')
  return fitting[0] ?? (readings.length === 1 ? readings[0]! : misfit(text, found.length))
}

const readOne = (value: Json, asked: Asked, validate: Validate): Reading => {
  const unsafe = unsafeIn(value)
  if (unsafe) return wrong('', unsafe)
  const clean = harmless(value)
  const hidden = unsafeIn(clean)
  return hidden ? wrong('', hidden) : readEnvelope(clean, asked, validate)
}

/** The same answer twice is one. */
const distinct = (readings: Reading[]): Reading[] => [
  ...new Map(readings.map(reading => [JSON.stringify(reading), reading])).values(),
]

const misfit = (text: string, found: number): Reading => {
  if (found > 1) return wrong('', `the answer holds ${found} JSON values and none of them fits; give exactly one`)
  try {
    JSON.parse(text)
  } catch (problem) {
    const why = problem instanceof Error ? shorten(problem.message, 200) : 'unreadable'
    return wrong('', `the answer is not JSON: ${why}`)
  }
  return wrong('', 'the answer is not JSON')
}

const readEnvelope = (value: Json, asked: Asked, validate: Validate): Reading => {
  const labels = asked.labels ?? []
  const bare = bareOutput(value, asked, validate)
  if (bare) return bare
  if (!isObject(value)) return wrong('', 'the answer must be a JSON object with the field "output"')
  const envelope = { ...value, ...tolerantly(value, asked, validate) }
  const problems = [
    ...outputProblems(envelope, asked, validate),
    ...(labels.length > 0 ? handoffProblems(envelope.handoff, labels) : []),
    ...(asked.judged ? judgementProblems(envelope) : []),
  ]
  if (problems.length > 0) return { ok: false, problems }
  const answer: ModelAnswer = { output: envelope.output as Json }
  if (labels.length > 0) answer.handoff = envelope.handoff as string
  if (asked.judged) {
    answer.confidence = envelope.confidence as number
    answer.reasoning = cut(envelope.reasoning as string, REASONING_LENGTH)
  }
  return { ok: true, answer }
}

/** Where only data was asked for, servers without structured output tend to leave the envelope away: taken when it fits. */
const bareOutput = (value: Json, asked: Asked, validate: Validate): Reading | null => {
  const enveloped = isObject(value) && Object.hasOwn(value, 'output')
  if (enveloped || !asked.schema || asked.judged || (asked.labels ?? []).length > 0) return null
  return validate(asked.schema, value).length === 0 ? { ok: true, answer: { output: value } } : null
}

const outputProblems = (value: JsonObject, asked: Asked, validate: Validate): Problem[] => {
  if (!Object.hasOwn(value, 'output')) return [{ path: '/output', message: 'is missing' }]
  const output = value.output as Json
  if (!asked.schema)
    return typeof output === 'string' ? [] : [{ path: '/output', message: 'must be text (a JSON string)' }]
  return validate(asked.schema, output).map(({ path, message }) => ({ path: `/output${pointer(path)}`, message }))
}

const pointer = (path: string): string => (path === '' || path.startsWith('/') ? path : `/${path}`)

const handoffProblems = (handoff: Json | undefined, labels: string[]): Problem[] =>
  typeof handoff === 'string' && labels.includes(handoff)
    ? []
    : [{ path: '/handoff', message: `must be one of ${labels.map(label => JSON.stringify(label)).join(', ')}` }]

const judgementProblems = ({ confidence, reasoning }: JsonObject): Problem[] => [
  ...(isNumber(confidence) && confidence >= 0 && confidence <= 1
    ? []
    : [{ path: '/confidence', message: 'must be a number from 0 to 1' }]),
  ...(typeof reasoning === 'string' ? [] : [{ path: '/reasoning', message: 'must be text (a JSON string)' }]),
]

const wrong = (path: string, message: string): { ok: false; problems: Problem[] } => ({
  ok: false,
  problems: [{ path, message }],
})

/** A problem list as one text, cut to a length that a person or a model still reads. */
export const problemWords = (problems: Problem[]): string => {
  const lines = problems
    .slice(0, 12)
    .map(({ path, message }) => `${path ? `${path} ` : ''}${message}`.replace(/\.$/, ''))
    .map(line => shorten(line, 300))
  return cut([...lines, ...(problems.length > 12 ? [`and ${problems.length - 12} more`] : [])].join('; '), 2000)
}

/** Bytes of a value as it is stored. */
export const outputBytes = (output: Json): number =>
  new TextEncoder().encode(typeof output === 'string' ? output : JSON.stringify(output)).length
