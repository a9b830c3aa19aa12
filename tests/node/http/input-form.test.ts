/** The form of an input schema, and the input that comes back from it. */
import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../../src/domain/json/json.ts'
import { exampleOf, givenOf, inputForm, MORE, readInput, WHOLE } from '../../../src/http/request/input-form.ts'

const ONBOARDING: JsonSchema = {
  type: 'object',
  required: ['company'],
  properties: {
    company: { type: 'string', title: 'Company' },
    contact_mail: { type: 'string', format: 'email' },
    seats: { type: 'integer', default: 5 },
    price: { type: 'number' },
    vip: { type: 'boolean' },
    plan: { enum: ['free', 'pro'] },
    tags: { type: 'array', items: { type: 'string' } },
    notes: { type: 'string' },
    address: { type: 'object', properties: { city: { type: 'string' } } },
    either: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
}

describe('a form', () => {
  it('has a fitting field for each property, and JSON for what it cannot express', () => {
    const kinds = Object.fromEntries(inputForm(ONBOARDING).fields!.map(field => [field.name, field.kind]))
    expect(kinds).toEqual({
      company: 'text',
      contact_mail: 'email',
      seats: 'integer',
      price: 'number',
      vip: 'yes_no',
      plan: 'choice',
      tags: 'list',
      notes: 'lines',
      address: 'json',
      either: 'json',
    })
  })

  it('names fields as people read them and shows their defaults', () => {
    const fields = inputForm(ONBOARDING).fields!
    expect(fields.map(field => field.label).slice(0, 3)).toEqual(['Company', 'Contact mail', 'Seats'])
    expect(fields[2]!.initial).toBe('5')
  })

  it('takes further properties only where the schema does', () => {
    expect(inputForm(ONBOARDING).more).toBe(true)
    expect(inputForm({ ...ONBOARDING, additionalProperties: false }).more).toBe(false)
  })

  it.each([undefined, {}, { type: 'array' }, { type: 'object' }, { type: 'object', properties: { _key: {} } }] as (
    | JsonSchema
    | undefined
  )[])('asks for the whole input where no fields would do: %j', schema => {
    expect(inputForm(schema).fields).toBeNull()
  })
})

describe('what was filled in', () => {
  const form = inputForm(ONBOARDING)

  it('becomes the input, each value of its type, empty fields left out', () => {
    const given = {
      company: ' Acme ',
      contact_mail: '',
      seats: '12',
      price: '9.5',
      vip: 'yes',
      plan: 'pro',
      tags: 'a\r\n b \n\n',
      notes: 'two\r\nlines',
      address: '{"city": "Bern"}',
      either: '3',
      [MORE]: '{"source": "fair", "company": "Other"}',
    }
    expect(readInput(form, given)).toEqual({
      ok: true,
      input: {
        company: 'Acme',
        seats: 12,
        price: 9.5,
        vip: true,
        plan: 'pro',
        tags: ['a', 'b'],
        notes: 'two\nlines',
        address: { city: 'Bern' },
        either: 3,
        source: 'fair',
      },
    })
  })

  it('is refused field by field', () => {
    const read = readInput(form, { seats: '1.5', price: 'dear', address: '{', [MORE]: '[]' })
    expect(read.ok ? {} : read.errors).toMatchObject({
      company: 'This is needed.',
      seats: 'This must be a whole number.',
      price: 'This must be a number.',
      address: expect.any(String),
      [MORE]: 'This must be a JSON object.',
    })
  })

  it('can hold no key that reaches a prototype', () => {
    expect(readInput(form, { company: 'x', [MORE]: '{"__proto__": {"a": 1}}' }).ok).toBe(false)
  })

  it.each([
    ['', {}],
    ['a plain text', { text: 'a plain text' }],
    ['{"a": 1}', { a: 1 }],
    ['[1, 2]', [1, 2]],
  ])('is taken whole as text or JSON: %j', (text, input) => {
    expect(readInput(inputForm(undefined), { [WHOLE]: text })).toEqual({ ok: true, input })
  })
})

describe('an example', () => {
  it('fills the form so that the form gives it back', () => {
    const example = {
      ...{ company: 'Acme', seats: 7, price: 1.5, vip: true, plan: 'pro', tags: ['a', 'b'] },
      ...{ address: { city: 'Bonn' }, either: 3, source: 'fair' },
    }
    const form = inputForm({ ...(ONBOARDING as object), examples: ['none', example] })
    expect(exampleOf({ examples: ['none', example] })).toEqual(example)
    expect(readInput(form, givenOf(form, example))).toEqual({ ok: true, input: example })
    const whole = inputForm(undefined)
    expect(readInput(whole, givenOf(whole, example))).toEqual({ ok: true, input: example })
  })

  it('is none where the schema has none', () => {
    for (const schema of [undefined, true, {}, { examples: 'x' }, { examples: [1] }])
      expect(exampleOf(schema as JsonSchema | undefined)).toBeNull()
  })
})
