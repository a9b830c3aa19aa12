import { describe, expect, it } from 'vitest'
import type { Json, JsonSchema } from '../../../../../src/domain/json/json.ts'
import { type Asked, envelopeSchema, envelopeWords } from '../../../../../src/execution/models/answer/envelope.ts'
import { validate } from '../../../../support/schema-check.ts'

const score: JsonSchema = {
  type: 'object',
  required: ['score'],
  properties: { score: { type: 'integer', minimum: 0 } },
  additionalProperties: false,
}
const keys = (asked: Asked) => Object.keys((envelopeSchema(asked)?.properties ?? {}) as object)
const everything: Asked = { schema: score, labels: ['send', 'drop'], judged: true }

describe('what is asked of a model', () => {
  it('is plain text where a step has no schema, no labels and no floor of confidence', () => {
    expect(envelopeSchema({ judged: false })).toBeNull()
    expect(envelopeSchema({ judged: false, labels: [] })).toBeNull()
  })

  it('is only what the step needs', () => {
    expect(keys({ schema: score, judged: false })).toEqual(['output'])
    expect(keys({ labels: ['a'], judged: false })).toEqual(['output', 'handoff'])
    expect(keys({ judged: true })).toEqual(['reasoning', 'output', 'confidence'])
  })

  it('lets the model reason before it decides', () => {
    expect(keys(everything)).toEqual(['reasoning', 'output', 'handoff', 'confidence'])
  })

  it('names every field in words, for servers that do not show the schema to the model', () => {
    const words = envelopeWords(everything)
    for (const key of keys(everything)) expect(words).toContain(`"${key}"`)
    expect(words).toContain('"send", "drop"')
  })

  const carried: Record<string, { schema: JsonSchema; good: Json; bad: Json }> = {
    definitions: {
      schema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $ref: '#/$defs/n',
        $defs: { n: { type: 'number' } },
      },
      good: 1,
      bad: 'one',
    },
    'definitions of the old name': {
      schema: { $ref: '#/definitions/n', definitions: { n: { type: 'number' } } },
      good: 1,
      bad: 'one',
    },
    'a schema that contains itself': {
      schema: { type: 'object', required: ['kids'], properties: { kids: { type: 'array', items: { $ref: '#' } } } },
      good: { kids: [{ kids: [] }] },
      bad: { kids: [{}] },
    },
    'a pointer into its properties': {
      schema: { type: 'object', properties: { a: { type: 'number' }, b: { $ref: '#/properties/a' } } },
      good: { b: 1 },
      bad: { b: 'one' },
    },
    'a definition called output': {
      schema: {
        properties: { a: { $ref: '#/$defs/output' }, b: { $ref: '#' } },
        $defs: { output: { type: 'number' } },
      },
      good: { b: { a: 1 } },
      bad: { b: { a: 'one' } },
    },
    'a property called $ref and a constant that looks like a reference': {
      schema: { properties: { $ref: { type: 'number' }, c: { const: { $ref: '#/$defs/x' } } } },
      good: { $ref: 1, c: { $ref: '#/$defs/x' } },
      bad: { c: { $ref: '#/$defs/y' } },
    },
    'an id of its own': {
      schema: { $id: 'https://a.test/s', properties: { a: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'number' } } },
      good: { a: 1 },
      bad: { a: 'one' },
    },
  }
  for (const [name, { schema, good, bad }] of Object.entries(carried)) {
    it(`means the same inside the envelope with ${name}`, () => {
      const envelope = envelopeSchema({ schema, judged: false }) as JsonSchema
      expect(validate(envelope, { output: good })).toEqual([])
      expect(validate(envelope, { output: bad })).not.toEqual([])
    })
  }
})
