import { describe, expect, it } from 'vitest'
import type { Json, JsonSchema } from '../../../../../src/domain/json.ts'
import {
  type Asked,
  envelopeSchema,
  envelopeWords,
  problemWords,
  readAnswer,
} from '../../../../../src/execution/models/answer/envelope.ts'
import { validate } from '../../../../support/schema-check.ts'

const score: JsonSchema = {
  type: 'object',
  required: ['score'],
  properties: { score: { type: 'integer', minimum: 0 } },
  additionalProperties: false,
}
const keys = (asked: Asked) => Object.keys((envelopeSchema(asked)?.properties ?? {}) as object)
const read = (text: string, asked: Asked) => readAnswer(text, asked, validate)
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

describe('what an answer comes to', () => {
  it('is the text itself where text was asked for', () => {
    expect(read(' {"not": "parsed"} \n', { judged: false })).toEqual({
      ok: true,
      answer: { output: '{"not": "parsed"}' },
    })
  })

  it('is output, label, confidence and reasoning where all were asked for', () => {
    const said = { reasoning: 'It is high.', output: { score: 9 }, handoff: 'send', confidence: 0.8 }
    expect(read(JSON.stringify(said), everything)).toEqual({ ok: true, answer: said })
  })

  it('leaves out what was not asked for', () => {
    const text = JSON.stringify({ output: { score: 9 }, handoff: 'send', confidence: 0.8, mood: 'fine' })
    expect(read(text, { schema: score, judged: false })).toEqual({ ok: true, answer: { output: { score: 9 } } })
  })

  it('may stand in a fence', () => {
    expect(read('```json\n{"output": {"score": 1}}\n```', { schema: score, judged: false }).ok).toBe(true)
  })

  it('may be the bare data where nothing else was asked for', () => {
    expect(read('{"score": 1}', { schema: score, judged: false })).toEqual({
      ok: true,
      answer: { output: { score: 1 } },
    })
    expect(read('{"score": 1}', everything).ok).toBe(false)
  })

  const good = { reasoning: 'r', output: { score: 1 }, handoff: 'send', confidence: 1 }
  const broken: [string, string, RegExp][] = [
    ['no JSON', 'Sure! Here it is', /not JSON/],
    ['a list', '[]', /must be a JSON object/],
    ['null', 'null', /must be a JSON object/],
    ['no output', JSON.stringify({ ...good, output: undefined }), /\/output is missing/],
    ['data that breaks the schema', JSON.stringify({ ...good, output: { score: -1 } }), /\/output\/score/],
    [
      'a label that was not offered',
      JSON.stringify({ ...good, handoff: 'Send' }),
      /\/handoff must be one of "send", "drop"/,
    ],
    ['no label', JSON.stringify({ ...good, handoff: undefined }), /\/handoff/],
    ['confidence in percent', JSON.stringify({ ...good, confidence: 85 }), /\/confidence must be a number from 0 to 1/],
    ['confidence as text', JSON.stringify({ ...good, confidence: '1' }), /\/confidence/],
    ['no reasoning', JSON.stringify({ ...good, reasoning: undefined }), /\/reasoning/],
    ['a key that reaches for the prototype', '{"output": {"__proto__": {"a": 1}}}', /__proto__/],
    ['too many levels', `{"output": ${'['.repeat(40)}${']'.repeat(40)}}`, /deeper than 32/],
  ]
  for (const [name, text, words] of broken) {
    it(`is a problem that says what to change: ${name}`, () => {
      const reading = read(text, everything)
      expect(reading.ok).toBe(false)
      expect(reading.ok ? '' : problemWords(reading.problems)).toMatch(words)
    })
  }

  it('names every problem at once', () => {
    const reading = read('{"output": 3}', everything)
    expect(reading.ok ? [] : reading.problems.map(problem => problem.path)).toEqual(
      expect.arrayContaining(['/output', '/handoff', '/confidence', '/reasoning']),
    )
  })

  it('must be text where labels were asked for without a schema', () => {
    expect(read('{"output": {}, "handoff": "a"}', { labels: ['a'], judged: false }).ok).toBe(false)
    expect(read('{"output": "Dear Ana", "handoff": "a"}', { labels: ['a'], judged: false }).ok).toBe(true)
  })

  it('tells a long list of problems in short', () => {
    const words = problemWords(
      Array.from({ length: 50 }, (_, at) => ({ path: `/output/${at}`, message: 'x'.repeat(400) })),
    )
    expect(words.length).toBeLessThanOrEqual(2000)
  })
})
