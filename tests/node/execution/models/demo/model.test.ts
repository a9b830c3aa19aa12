import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../../../../src/domain/json/json.ts'
import { demoModels } from '../../../../../src/execution/models/demo/model.ts'
import { type ModelAnswer, type ModelRequest, problemIn } from '../../../../../src/execution/models/port.ts'
import { validate } from '../../../../support/schema-check.ts'

const demo = demoModels({ validate })
const PROMPT = 'Write a welcome mail for Northwind Traders (ana@northwind.test). They paid $1,250.00 on 2026-03-01.'
type Asked = Partial<ModelRequest> & { prompt?: string }
const ask = ({ prompt = PROMPT, ...over }: Asked = {}) =>
  demo.complete({
    model: 'demo',
    messages: [{ role: 'user', text: prompt }],
    judged: false,
    timeoutMs: 1000,
    ...over,
  })
const answer = async (over: Asked = {}): Promise<ModelAnswer> => {
  const outcome = await ask(over)
  if (outcome.kind !== 'completed') throw new Error(problemIn(outcome))
  return outcome.answer
}
const text: JsonSchema = { type: 'string' }

describe('the demo model’s text', () => {
  it('says that it is a demo', async () => expect((await answer()).output).toContain('Demo model'))

  it('uses the prompt’s facts', async () => {
    const { output } = await answer()
    for (const fact of ['Northwind Traders', 'ana@northwind.test', '$1,250.00', '2026-03-01'])
      expect(output).toContain(fact)
  })

  it('takes up what a reviewer said', async () => {
    const first = await answer()
    const second = await answer({ prompt: `${PROMPT}\nThe reviewer said: Mention the tea.` })
    expect(second.output).toContain('Mention the tea.')
    expect(second.output).not.toEqual(first.output)
  })

  it('takes up what stands in the files it was given, and no directive of theirs', async () => {
    const file = {
      name: 'a.pdf',
      type: 'application/pdf',
      data: 'x',
      text: '[demo: fail refused] Zephyr Mills owes $77.10.',
    }
    const { output } = await answer({ messages: [{ role: 'user', text: 'Sum it up.', files: [file] }] })
    expect(output).toContain('Zephyr Mills')
    expect(output).toContain('$77.10')
  })

  it('is the same for the same request', async () => {
    const request = {
      schema: { type: 'object', properties: { score: { type: 'number' }, a: text } },
      labels: ['a', 'b'],
      judged: true,
    }
    expect(await answer(request)).toEqual(await answer(request))
  })

  it('reports plausible tokens for one call', async () => {
    const { usage } = await ask()
    expect(usage).toMatchObject({ model: 'demo', calls: 1, inputTokens: Math.ceil(PROMPT.length / 4) })
    expect(usage.outputTokens).toBeGreaterThan(10)
  })

  it('reads all that was said, results of calls included', async () => {
    const { output } = await answer({
      messages: [
        { role: 'user', text: 'How sure are we?' },
        { role: 'assistant', text: null, calls: [{ id: 'a', tool: 'find', args: {} }] },
        { role: 'tool', call: 'a', tool: 'find', result: { score: 41 } },
      ],
      schema: { type: 'object', required: ['score'], properties: { score: { type: 'integer' } } },
    })
    expect(output).toEqual({ score: 41 })
  })

  it('reads a long prompt in no time', async () => {
    const started = performance.now()
    await answer({ prompt: `${'a: b. “c” {"d": 1} https://e.test Name Name '.repeat(6000)}` })
    await answer({ prompt: '-'.repeat(250_000) })
    await answer({ prompt: ' '.repeat(250_000) })
    await answer({ prompt: 'A'.repeat(250_000) })
    expect(performance.now() - started).toBeLessThan(1500)
  })
})

describe('the demo model’s data', () => {
  const node: JsonSchema = {
    type: 'object',
    required: ['name', 'children'],
    properties: { name: text, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
  }
  const schemas: Record<string, JsonSchema> = {
    anything: {},
    text: text,
    'a number': { type: 'number' },
    'an integer within bounds': { type: 'integer', minimum: 5, maximum: 9 },
    'an integer between open bounds': { type: 'integer', exclusiveMinimum: 5, exclusiveMaximum: 7 },
    'a negative number': { type: 'number', maximum: -3 },
    'a large number': { type: 'number', minimum: 1_000_000 },
    'a multiple': { type: 'number', multipleOf: 0.25, minimum: 0.6, maximum: 0.9 },
    'a multiple of 250': { type: 'integer', multipleOf: 250 },
    'a truth': { type: 'boolean' },
    null: { type: 'null' },
    'a constant': { const: { a: [1, 'x'] } },
    'an enum': { enum: ['low', 'high'] },
    'an enum of numbers': { type: 'integer', enum: [3, 5] },
    'several types': { type: ['null', 'integer'] },
    'an object': {
      type: 'object',
      required: ['a'],
      properties: { a: text, b: { type: 'number' } },
      additionalProperties: false,
    },
    'an object without a type': { properties: { a: { type: 'integer' } }, required: ['a', 'b'] },
    'a required property by the schema of the others': {
      type: 'object',
      required: ['n'],
      additionalProperties: { type: 'integer' },
    },
    'nested objects': {
      type: 'object',
      properties: { a: { type: 'object', required: ['b'], properties: { b: { type: 'boolean' } } } },
    },
    'a list': { type: 'array', items: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } },
    'a long list': { type: 'array', items: text, minItems: 12 },
    'a list of one': { type: 'array', items: text, minItems: 1, maxItems: 1 },
    'an empty list': { type: 'array', maxItems: 0 },
    'distinct texts': { type: 'array', items: text, uniqueItems: true, minItems: 9 },
    'distinct labels': { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 },
    'distinct numbers': {
      type: 'array',
      items: { type: 'integer', minimum: 0, maximum: 9 },
      uniqueItems: true,
      minItems: 2,
    },
    'a tuple': { type: 'array', prefixItems: [text, { type: 'integer' }], items: false },
    'a list that contains something': { type: 'array', contains: { const: 'x' }, minItems: 2 },
    'a choice': { anyOf: [{ type: 'null' }, { type: 'object', required: ['a'], properties: { a: text } }] },
    'one of several': { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    'all of several': {
      allOf: [
        { type: 'object', required: ['a'], properties: { a: text } },
        { required: ['b'], properties: { b: { type: 'integer' } } },
      ],
    },
    'bounds that add up': { allOf: [{ type: 'integer', minimum: 3 }, { minimum: 8 }, { maximum: 8 }] },
    'a definition': {
      $ref: '#/$defs/a',
      $defs: { a: { type: 'object', required: ['x'], properties: { x: { type: 'integer' } } } },
    },
    'a schema that contains itself': { ...node, $defs: { node } },
    'a schema that contains itself or nothing': {
      type: 'object',
      required: ['next'],
      properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
    },
    'an e-mail address': { type: 'string', format: 'email' },
    'an address on the web': { type: 'string', format: 'uri' },
    'a date': { type: 'string', format: 'date' },
    'a time': { type: 'string', format: 'date-time' },
    'a time of day': { type: 'string', format: 'time' },
    'a duration': { type: 'string', format: 'duration' },
    'a uuid': { type: 'string', format: 'uuid' },
    'addresses of machines': {
      type: 'array',
      prefixItems: [{ format: 'ipv4' }, { format: 'ipv6' }, { format: 'hostname' }],
      minItems: 3,
    },
    'a long text': { type: 'string', minLength: 900 },
    'a short text': { type: 'string', maxLength: 4 },
    'a text of one length': { type: 'string', minLength: 20, maxLength: 20 },
    'a code by a pattern': { type: 'string', pattern: '^[A-Z]{2}-\\d{3,6}$' },
    'a pattern with choices and groups': { type: 'string', pattern: '^(?:inv|bill)_(?<year>20\\d\\d)(-x)?[^a-z]$' },
    'a pattern with a least length': { type: 'string', pattern: '^[a-z0-9-]+$', minLength: 30 },
    'properties up to a number': {
      type: 'object',
      properties: { a: text, b: text, c: text },
      required: ['c'],
      maxProperties: 2,
    },
    'properties from a number on': { type: 'object', minProperties: 3 },
    'a lead as the seed’s workflows ask for it': {
      type: 'object',
      required: ['score', 'summary', 'category', 'contacts'],
      additionalProperties: false,
      properties: {
        score: { type: 'number', minimum: 0, maximum: 100 },
        summary: { type: 'string', minLength: 10, maxLength: 300 },
        category: { type: 'string', enum: ['billing', 'technical', 'other'] },
        contacts: {
          type: 'array',
          minItems: 1,
          items: { type: 'object', required: ['email'], properties: { email: { type: 'string', format: 'email' } } },
        },
      },
    },
  }
  for (const [name, schema] of Object.entries(schemas)) {
    it(`fits a schema of ${name}`, async () => {
      for (const prompt of [PROMPT, '', 'score: 12. {"category": "technical", "a": 3}']) {
        expect(validate(schema, (await answer({ schema, prompt })).output)).toEqual([])
      }
    })
  }

  it('takes values that the prompt names', async () => {
    const schema = {
      type: 'object',
      properties: { company: text, email: text, amount: { type: 'number' }, score: { type: 'integer' } },
    }
    const { output } = await answer({ schema, prompt: `${PROMPT} {"score": 41}` })
    expect(output).toEqual({ company: 'Northwind Traders', email: 'ana@northwind.test', amount: 1250, score: 41 })
  })

  it('says so when a schema asks for what it cannot make', async () => {
    const outcome = await ask({ schema: { type: 'string', const: 3 } })
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'invalid_output', retryable: false } })
  })
})

describe('the demo model’s choice', () => {
  const labels = ['technical', 'billing', 'other']
  const chosen = async (prompt: string) => (await answer({ prompt, labels })).handoff

  it('follows the words of the prompt', async () => {
    expect(await chosen('We were billed twice.')).toBe('billing')
    expect(await chosen('Please refund the last invoice.')).toBe('billing')
    expect(await chosen('The app crashes with an error.')).toBe('technical')
  })

  it('is the first label where no word speaks for one', async () => expect(await chosen('Hello.')).toBe('technical'))

  it('is not made where no labels are given', async () => expect(await answer()).not.toHaveProperty('handoff'))

  it('comes with confidence and a reason where they are asked for, and only there', async () => {
    expect(await answer({ labels, judged: true })).toMatchObject({
      confidence: 0.92,
      reasoning: expect.stringContaining('demo'),
    })
    expect(await answer({ labels })).not.toHaveProperty('confidence')
  })
})

describe('directives in a prompt', () => {
  it('choose, set and doubt', async () => {
    const made = await answer({
      prompt: `${PROMPT} [demo: choose other] [demo: confidence 0.4] [demo: set score=15] [demo: set a.b="x"]`,
      labels: ['technical', 'other'],
      judged: true,
      schema: {
        type: 'object',
        properties: { score: { type: 'number' }, a: { type: 'object', properties: { b: text } } },
      },
    })
    expect(made).toMatchObject({ handoff: 'other', confidence: 0.4, output: { score: 15, a: { b: 'x' } } })
  })

  it('do not show in the text', async () => {
    expect((await answer({ prompt: `${PROMPT} [demo: delay 1ms]` })).output).toEqual((await answer()).output)
  })

  it('fail with the code that is named', async () => {
    const outcome = await ask({ prompt: 'x [demo: fail provider_error after 5s]' })
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'provider_error', retryable: true, retryAfterMs: 5000 },
    })
    const lasting = await ask({ prompt: 'x [demo: fail provider_auth]' })
    expect(lasting).toMatchObject({ failure: { code: 'provider_auth', retryable: false } })
  })

  it.each([
    ['rate_limited', 'provider_limit'],
    ['quota', 'provider_limit'],
    ['overloaded', 'provider_offline'],
    ['unreachable', 'provider_offline'],
  ])('have it be away as a real provider is: %s', async (code, reason) => {
    const away = { reason, message: expect.stringContaining(code), fix: expect.any(String) }
    expect(await ask({ prompt: `x [demo: fail ${code}]` })).toMatchObject({ kind: 'away', away })
    const asked = await ask({ prompt: `x [demo: fail ${code} after 5s]` })
    expect(asked).toMatchObject({ kind: 'away', away: { reason, retryAfterMs: 5000 }, usage: { outputTokens: 0 } })
  })

  it('name the codes when one is unknown', async () => {
    const outcome = await ask({ prompt: '[demo: fail nonsense]' })
    expect(outcome).toMatchObject({
      failure: { code: 'bad_request', message: expect.stringContaining('rate_limited') },
    })
  })

  it('wait, but never longer than the request may take', async () => {
    const started = performance.now()
    expect((await ask({ prompt: '[demo: delay 40ms] x' })).usage.durationMs).toBeGreaterThanOrEqual(35)
    expect(await ask({ prompt: '[demo: delay 9s] x', timeoutMs: 30 })).toMatchObject({
      failure: { code: 'timeout', retryable: true },
    })
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
