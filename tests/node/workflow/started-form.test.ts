/** What another workflow is given, as fields: one for each that its schema names, and back without loss. */
import { expect, test } from 'vitest'
import type { Json, JsonSchema } from '../../../src/domain/json/json.ts'
import { INPUT, inputText, readInput, schemaFields } from '../../../src/workflow/forms/started-form.ts'

const SCHEMA: JsonSchema = {
  type: 'object',
  required: ['text'],
  properties: {
    text: { type: 'string', title: 'The text', description: 'What to look at.' },
    pages: { type: 'integer' },
    tags: { type: 'array' },
    any: true,
  },
}

/** The form as the page shows it, sent back as it is, but for what is typed. */
function sentBack(input: Json, typed: Record<string, string> = {}) {
  const shown = schemaFields(SCHEMA, inputText(input))
  const own = (shown?.fields ?? []).flatMap(({ name, value, as }) => [
    [name, value],
    [`${name}.as`, as],
  ])
  return { ...Object.fromEntries(own), [INPUT]: shown === null ? inputText(input) : shown.rest, ...typed }
}

test.each<Json>([
  {},
  { text: '{{ steps.draft.output }}' },
  { text: '5', pages: 5 },
  { pages: '{{ input.pages }}', text: 'a: b\n{"c": 1}' },
  { pages: '5', any: '[1]', tags: ['x', '{{ input.tag }}'] },
  { other: { deep: [1] }, text: 'x', more: 'y' },
  { any: null, tags: [] },
  '{{ input }}',
])('%j is read back to the letter', input => {
  expect(JSON.stringify(readInput(sentBack(input), input))).toBe(JSON.stringify({ ok: true, input }))
})

test('a field that its schema names has its title, its kind, and whether it is needed', () => {
  const { fields, rest } = schemaFields(SCHEMA, 'text: {{ input.a }}\nother: x')!
  expect(fields.map(({ label, hint, value, required }) => [label, hint, value, required])).toEqual([
    ['The text', 'What to look at. · text', '{{ input.a }}', true],
    ['pages', 'a whole number', '', false],
    ['tags', 'a list', '', false],
    ['any', 'any value', '', false],
  ])
  expect(rest).toBe('other: x')
})

test('what is typed is a value where the schema wants one, and a template stays a template', () => {
  const typed = {
    'workflow_in-pages': '12',
    'workflow_in-tags': '["a"]',
    'workflow_in-text': '12',
    'workflow_in-any': '',
  }
  expect(readInput(sentBack({}, typed), {})).toEqual({ ok: true, input: { text: '12', pages: 12, tags: ['a'] } })
  const template = { 'workflow_in-pages': '{{ input.pages }}' }
  expect(readInput(sentBack({}, template), {})).toEqual({ ok: true, input: { pages: '{{ input.pages }}' } })
})

test.each([
  ['no pairs', 'just words', /not of the form/],
  ['a name twice', 'a: 1\na: 2', /given twice/],
])('%s is told at its field', (_what, text, message) => {
  expect(readInput({ [INPUT]: text }, {})).toMatchObject({
    ok: false,
    field: INPUT,
    message: expect.stringMatching(message),
  })
})
