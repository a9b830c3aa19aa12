import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../../../../src/domain/json/json.ts'
import { envelopeSchema, strictSubset } from '../../../../../src/execution/models/answer/envelope.ts'
import { strictComplaint } from '../../../../support/openai-rules.ts'

const object = (properties: JsonSchema, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})
const text: JsonSchema = { type: 'string' }

const inside: Record<string, JsonSchema> = {
  'an object that requires everything': object({ a: text, b: { type: 'integer' } }),
  'an empty object': object({}),
  'objects inside objects and arrays': object({
    list: { type: 'array', items: object({ deep: text }), minItems: 1, maxItems: 5 },
  }),
  'a value or null': object({ a: { type: ['string', 'null'] } }),
  'enums and constants': object({ a: { type: 'string', enum: ['x', 'y'] }, b: { type: 'integer', const: 3 } }),
  'bounds of numbers': object({ a: { type: 'number', minimum: 0, exclusiveMaximum: 10, multipleOf: 0.5 } }),
  'known formats and patterns': object({
    a: { type: 'string', format: 'email' },
    b: { type: 'string', pattern: '^[a-z]+$' },
  }),
  'titles and descriptions': object({ a: { ...text, title: 'A', description: 'The first letter' } }),
  definitions: object({ a: { $ref: '#/$defs/a' } }, { $defs: { a: object({ b: text }) } }),
  'a definition that contains itself': object(
    { tree: { $ref: '#/$defs/tree' } },
    { $defs: { tree: object({ children: { type: 'array', items: { $ref: '#/$defs/tree' } } }) } },
  ),
  'a union told apart by a constant': object({
    a: { anyOf: [object({ kind: { type: 'string', const: 'x' } }), object({ kind: { type: 'string', const: 'y' } })] },
  }),
  'a union of a text and an object': object({ a: { anyOf: [text, object({ b: text })] } }),
  'properties that are called like keywords': object({ oneOf: text, default: text, $ref: text }),
}

const outside: Record<string, JsonSchema> = {
  'a root that is no object': text,
  'a root that is a union': { anyOf: [object({ a: text })] },
  'an optional property': { ...object({ a: text, b: text }), required: ['a'] },
  'a required property that is not declared': { ...object({ a: text }), required: ['a', 'b'] },
  'no word about further properties': { type: 'object', properties: { a: text }, required: ['a'] },
  'further properties by a schema': object({ a: text }, { additionalProperties: text }),
  'an open object inside': object({ a: { type: 'object' } }),
  oneOf: object({ a: { oneOf: [text, { type: 'null' }] } }),
  allOf: object({ a: { allOf: [text] } }),
  not: object({ a: { type: 'string', not: { const: 'x' } } }),
  conditions: object({ a: text }, { if: {}, else: {} }),
  'a default': object({ a: { type: 'string', default: 'x' } }),
  'lengths of texts': object({ a: { type: 'string', minLength: 1 } }),
  'unique items': object({ a: { type: 'array', items: text, uniqueItems: true } }),
  tuples: object({ a: { type: 'array', prefixItems: [text] } }),
  'an array of anything': object({ a: { type: 'array' } }),
  'a value of any type': object({ a: {} }),
  'an enum without a type': object({ a: { enum: ['x'] } }),
  'an empty enum': object({ a: { type: 'string', enum: [] } }),
  'an enum of another type': object({ a: { type: 'string', enum: ['x', 3] } }),
  'a format that OpenAI does not know': object({ a: { type: 'string', format: 'uri' } }),
  'a pattern that looks ahead': object({ a: { type: 'string', pattern: '^(?=a)' } }),
  'a reference with words beside it': object({ a: { $ref: '#/$defs/a', description: 'x' } }, { $defs: { a: text } }),
  'a reference to nowhere': object({ a: { $ref: '#/$defs/b' } }),
  'a reference into properties': object({ a: text, b: { $ref: '#/properties/a' } }),
  'property patterns': object({}, { patternProperties: { '^a': text } }),
  'names of properties': object({}, { propertyNames: { pattern: '^a' } }),
  'a union of objects that begin alike': object({
    a: { anyOf: [object({ b: text }), object({ b: { type: 'number' } })] },
  }),
  'a schema that is true': { type: 'object', properties: { a: true }, required: ['a'], additionalProperties: false },
  'more than ten levels': Array.from({ length: 12 }).reduce<JsonSchema>(inner => object({ a: inner }), text),
  'more than a thousand enum values': object({
    a: { type: 'integer', enum: Array.from({ length: 1001 }, (_, at) => at) },
  }),
}

describe('the subset of JSON Schema that OpenAI takes with strict', () => {
  for (const [name, schema] of Object.entries(inside)) {
    it(`takes ${name}, and so does a server with OpenAI's rule`, () => {
      expect(strictSubset(schema)).toBe(true)
      expect(strictComplaint(schema)).toBeNull()
    })
  }

  for (const [name, schema] of Object.entries(outside)) {
    it(`does not take ${name}`, () => expect(strictSubset(schema)).toBe(false))
  }

  it('never takes an envelope that a server with OpenAI’s rule refuses', () => {
    for (const schema of [...Object.values(inside), ...Object.values(outside)]) {
      const envelope = envelopeSchema({ schema, labels: ['yes', 'no'], judged: true })
      if (envelope && strictSubset(envelope)) expect(strictComplaint(envelope)).toBeNull()
    }
  })

  it('takes the envelope around every schema that it takes', () => {
    for (const schema of Object.values(inside)) {
      expect(strictSubset(envelopeSchema({ schema, labels: ['yes'], judged: true }) as JsonSchema)).toBe(true)
    }
  })

  it('takes the envelope around plain text', () => {
    expect(strictSubset(envelopeSchema({ labels: ['yes', 'no'], judged: true }) as JsonSchema)).toBe(true)
  })
})
