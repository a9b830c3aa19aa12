/**
 * The envelope of a model's answer, `{reasoning?, output, handoff?, confidence?}`: what is asked for, and what an answer
 * comes to. Pure: no provider, no clock.
 */
import type { Json, JsonObject, JsonSchema } from '../../../domain/json.ts'
import { isNumber, isObject, mapSubschemas } from '../../../domain/schema/subschemas.ts'
import { cut, shorten } from '../../../domain/text/cut.ts'
import type { ModelAnswer, ModelRequest } from '../port.ts'

export { strictSubset } from './strict.ts'

export interface Problem {
  path: string
  message: string
}

/** Says what is wrong with a value; an empty list when nothing is. */
export type Validate = (schema: JsonSchema, value: Json) => Problem[]

/** What a step asks for beyond plain text. */
export type Asked = Pick<ModelRequest, 'schema' | 'labels' | 'judged'>

/** What an answer came to: the answer, or what is wrong with it in words that the model can act on. */
export type Reading = { ok: true; answer: ModelAnswer } | { ok: false; problems: Problem[] }

/** The most bytes of a step's output. */
export const OUTPUT_BYTES = 256 * 1024
const DEEPEST = 32
const REASONING_LENGTH = 4000

/** The schema of the envelope, or null when plain text is all that is asked for. */
export const envelopeSchema = (asked: Asked): JsonSchema | null => {
  const labels = asked.labels ?? []
  if (!asked.schema && labels.length === 0 && !asked.judged) return null
  const { output, $defs } = asked.schema ? embedded(asked.schema) : { output: PLAIN, $defs: {} }
  // A model writes properties in this order: reasoning comes first so that the decision follows from it.
  const properties: JsonObject = {
    ...(asked.judged && { reasoning: REASONING }),
    output,
    ...(labels.length > 0 && { handoff: { ...HANDOFF, enum: [...new Set(labels)] } }),
    ...(asked.judged && { confidence: CONFIDENCE }),
  }
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...(Object.keys($defs).length > 0 && { $defs }),
  }
}

const PLAIN: JsonSchema = { type: 'string', description: 'The answer itself, as text.' }
const REASONING: JsonSchema = {
  type: 'string',
  description: 'In one to three sentences, why the answer is what it is.',
}
const HANDOFF: JsonSchema = { type: 'string', description: 'The one label that fits the outcome best.' }
const CONFIDENCE: JsonSchema = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  description: 'How likely the answer is right, from 0 (a guess) to 1 (certain).',
}

/** What is said to the model beside the schema, for servers that do not show it the schema's own words. */
export const envelopeWords = (asked: Asked): string => {
  const labels = asked.labels ?? []
  const fields = [
    ...(asked.judged ? ['"reasoning" (one to three sentences, written before you decide)'] : []),
    asked.schema ? '"output" (the answer, in the shape of the schema)' : '"output" (the answer itself, as text)',
    ...(labels.length > 0
      ? [`"handoff" (exactly one of ${labels.map(label => JSON.stringify(label)).join(', ')})`]
      : []),
    ...(asked.judged ? ['"confidence" (from 0 to 1, how likely the answer is right)'] : []),
  ]
  return `Answer with one JSON object and nothing else, with the fields ${fields.join(', ')}.`
}

/**
 * People's schema as a part of the envelope. References that start at the root would point at the envelope, so
 * definitions move up and a schema that contains itself becomes a definition.
 */
const embedded = (schema: JsonSchema): { output: JsonSchema; $defs: JsonObject } => {
  const { $schema: _, $id, $defs, definitions, ...own } = schema
  // With an id of its own the schema is its own root, and its references already point into it.
  if ($id !== undefined) return { output: schema, $defs: {} }
  const shared: JsonObject = { ...(isObject(definitions) && definitions), ...(isObject($defs) && $defs) }
  const self = freeName('output', shared)
  let contained = false
  const repoint = (inner: Json): Json => {
    if (!isObject(inner) || inner.$id !== undefined) return inner
    // OpenAI has no `propertyNames` and the SDK throws at some of them; our validator still checks them.
    const { propertyNames: _names, ...sendable } = inner
    const mapped = mapSubschemas(sendable, repoint)
    if (typeof mapped.$ref !== 'string' || !/^#(?:\/|$)/.test(mapped.$ref)) return mapped
    const definition = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(mapped.$ref)?.[1]
    if (definition !== undefined) return { ...mapped, $ref: `#/$defs/${definition}` }
    contained = true
    return { ...mapped, $ref: `#/$defs/${self}${mapped.$ref.slice(1)}` }
  }
  const output = repoint(own) as JsonSchema
  const moved = Object.fromEntries(Object.entries(shared).map(([name, inner]) => [name, repoint(inner)]))
  if (!contained) return { output, $defs: moved }
  return { output: { $ref: `#/$defs/${self}` }, $defs: { ...moved, [self]: output } }
}

const freeName = (wish: string, taken: JsonObject): string =>
  Object.hasOwn(taken, wish) ? freeName(`${wish}_`, taken) : wish

/** Reads an answer's text: plain text as it is, an envelope parsed and checked against what was asked. */
export const readAnswer = (text: string, asked: Asked, validate: Validate): Reading => {
  if (envelopeSchema(asked) === null) return { ok: true, answer: { output: text.trim() } }
  const parsed = parse(text)
  if (!parsed.ok) return parsed
  const unsafe = unsafeIn(parsed.value)
  if (unsafe) return wrong('', unsafe)
  return readEnvelope(parsed.value, asked, validate)
}

type Parsed = { ok: true; value: Json } | { ok: false; problems: Problem[] }

const parse = (text: string): Parsed => {
  try {
    return { ok: true, value: JSON.parse(unfenced(text.trim())) as Json }
  } catch (problem) {
    return wrong(
      '',
      `the answer is not JSON: ${problem instanceof Error ? shorten(problem.message, 200) : 'unreadable'}`,
    )
  }
}

/** Servers without structured output often put a fence around their JSON. No pattern: the text can be long and hostile. */
const unfenced = (text: string): string => {
  if (!text.startsWith('```') || !text.endsWith('```') || text.length < 6) return text
  const inner = text.slice(3, -3)
  return /^json\b/i.test(inner) ? inner.slice(4) : inner
}

const readEnvelope = (value: Json, asked: Asked, validate: Validate): Reading => {
  const labels = asked.labels ?? []
  const bare = bareOutput(value, asked, validate)
  if (bare) return bare
  if (!isObject(value)) return wrong('', 'the answer must be a JSON object with the field "output"')
  const problems = [
    ...outputProblems(value, asked, validate),
    ...(labels.length > 0 ? handoffProblems(value.handoff, labels) : []),
    ...(asked.judged ? judgementProblems(value) : []),
  ]
  if (problems.length > 0) return { ok: false, problems }
  const answer: ModelAnswer = { output: value.output as Json }
  if (labels.length > 0) answer.handoff = value.handoff as string
  if (asked.judged) {
    answer.confidence = value.confidence as number
    answer.reasoning = cut(value.reasoning as string, REASONING_LENGTH)
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

/** Why a parsed value must not go on: too deep for what reads it later, or a key that could reach a prototype. */
const unsafeIn = (value: Json, depth = 0): string | null => {
  if (typeof value !== 'object' || value === null) return null
  // The envelope is one level of its own.
  if (depth > DEEPEST) return `is nested deeper than ${DEEPEST} levels`
  if (Object.hasOwn(value, '__proto__')) return 'has a key "__proto__", which is not allowed'
  for (const inner of Object.values(value)) {
    const found = unsafeIn(inner, depth + 1)
    if (found) return found
  }
  return null
}

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
