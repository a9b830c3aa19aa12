/** A call's arguments in a form: one field a parameter, read back as what the schema wants. */
import { expect, test } from 'vitest'
import { callEdits, callForm } from '../../../src/approval/question/call-form.ts'
import type { Json, JsonSchema } from '../../../src/domain/json/json.ts'

const PARAMETERS: JsonSchema = {
  type: 'object',
  required: ['to'],
  properties: {
    to: { type: 'string' },
    amount: { type: 'integer' },
    urgent: { type: 'boolean' },
    tone: { type: 'string', enum: ['warm', 'cool'] },
    note: { type: 'string' },
    lines: { type: 'array' },
    any: {},
  },
}
const ARGS = { to: 'kim@nimbus.test', urgent: false, lines: ['a'], extra: null }

const edits = (sent: Record<string, string>, args: Json = ARGS) =>
  callEdits(args, PARAMETERS, name => sent[name] ?? null)

test('each parameter is a field under its own name; the form’s own names are kept free', () => {
  const form = callForm(ARGS, PARAMETERS)
  if (form.kind !== 'fields') throw new Error(form.kind)
  expect(form.fields.map(({ name, label, kind, value }) => [name, label, kind, value])).toEqual([
    ['to', 'to', 'text', 'kim@nimbus.test'],
    ['amount', 'amount', 'number', ''],
    ['urgent', 'urgent', 'boolean', 'false'],
    ['tone', 'tone', 'text', ''],
    ['edits.note', 'note', 'text', ''],
    ['lines', 'lines', 'json', '[\n  "a"\n]'],
    ['any', 'any', 'json', ''],
    ['extra', 'extra', 'json', 'null'],
  ])
  expect(form.fields[3]).toMatchObject({ choices: ['warm', 'cool'], optional: true })
})

test('an untouched form changes nothing, whatever browsers make of its line ends', () => {
  const form = callForm(ARGS, PARAMETERS)
  const fields = form.kind === 'fields' ? form.fields : []
  const untouched = Object.fromEntries(fields.map(({ name, value }) => [name, value.replaceAll('\n', '\r\n')]))
  expect(edits(untouched)).toEqual({ ok: true, edits: undefined })
  expect(edits({ note: 'Only a note to the decision', handoff: 'allow' })).toEqual({ ok: true, edits: undefined })
})

test('what was changed is the whole of the arguments, each value of its type', () => {
  const sent = { to: 'ana@acme.test', amount: '12', urgent: 'true', tone: 'warm', 'edits.note': 'Hi', lines: '["b"]' }
  expect(edits(sent)).toEqual({
    ok: true,
    edits: { to: 'ana@acme.test', amount: 12, urgent: true, tone: 'warm', note: 'Hi', lines: ['b'], extra: null },
  })
  expect(edits({ lines: '', urgent: '' })).toEqual({ ok: true, edits: { to: 'kim@nimbus.test', extra: null } })
  // A text that was there and is emptied is the empty text: whether that fits is the schema's to say.
  expect(edits({ to: '' })).toMatchObject({ ok: true, edits: { to: '' } })
})

test('what is none of its kind is said by the parameter’s name', () => {
  expect(edits({ amount: 'many' })).toEqual({ ok: false, message: '“amount” must be a number.' })
  expect(edits({ lines: '[' })).toEqual({ ok: false, message: '“lines” must be usable JSON.' })
})

test('arguments that are no object, or of too many fields, are edited as one JSON text', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`a${n}`, n]))
  expect(callForm(many, {})).toMatchObject({ kind: 'json', name: 'edits' })
  expect(edits({ edits: '{"to": "x"}' }, many)).toEqual({ ok: true, edits: { to: 'x' } })
  expect(edits({ edits: '{' }, many)).toMatchObject({ ok: false })
})
