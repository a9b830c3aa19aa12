/** The envelope of a model's answer, `{reasoning?, output, handoff?, confidence?}`, as it is asked for. */
import type { Json, JsonObject, JsonSchema } from '../../../domain/json/json.ts'
import { isObject, mapSubschemas } from '../../../domain/schema/subschemas.ts'
import type { ModelRequest } from '../port.ts'

export { strictSubset } from './strict.ts'

export interface Problem {
  path: string
  message: string
}

/** Says what is wrong with a value; an empty list when nothing is. */
export type Validate = (schema: JsonSchema, value: Json) => Problem[]

/** What a step asks for beyond plain text. */
export type Asked = Pick<ModelRequest, 'schema' | 'labels' | 'judged'>

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
