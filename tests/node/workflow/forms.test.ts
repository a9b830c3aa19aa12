/** The editor's forms as pure functions: conditions by field or in CEL, rows that move, schemas as tables, steps as they are added. */
import { describe, expect, test } from 'vitest'
import type { Definition, Step } from '../../../src/domain/workflow/definition.ts'
import { celOf, partsOf, readHandoffs, valuesOf } from '../../../src/workflow/forms/handoff-form.ts'
import { newStep, readingTheNote } from '../../../src/workflow/forms/new-step.ts'
import { INPUT, OUTPUT, readSchemaForm, rowCount, schemaValues } from '../../../src/workflow/forms/schema-form.ts'
import { readSettings, settingsValues } from '../../../src/workflow/forms/settings-form.ts'
import { readStep, stepValues } from '../../../src/workflow/forms/step-form.ts'
import { planOf as flightPlan } from '../../../src/workflow/release/plan.ts'
import { itemVariables, variablesFor } from '../../../src/workflow/variables.ts'

const step: Step = { key: 'a', prompt: 'x' }
const definition: Definition = { baton: 1, name: 'X', steps: [step, { key: 'b', prompt: 'y' }] }
const read = (values: Record<string, string>) => readHandoffs(values, step, definition)

describe('a condition', () => {
  test.each([
    ['output.score < 20', { field: 'output.score', op: '<', value: '20' }],
    ['output.size == "large"', { field: 'output.size', op: '==', value: 'large' }],
    ['output.size == "20"', { field: 'output.size', op: '==', value: '20' }],
    ['input.text.contains("a \\"b\\"")', { field: 'input.text', op: 'contains', value: 'a "b"' }],
    ['output.ok == true', { field: 'output.ok', op: 'true', value: '' }],
    ['has(output.note)', { field: 'output.note', op: 'set', value: '' }],
  ])('%s is shown by field, comparison and value', (cel, parts) => {
    expect(partsOf(cel)).toEqual(parts)
    const text = parts.value === '20' && cel.includes('"')
    expect(celOf(parts.field, parts.op as '==', parts.value, text)).toBe(cel)
  })

  test.each(['a > 1 && b < 2', 'output.tags[0] == "x"', 'size(output.list) > 2', '1 < output.a', 'output..a == 1'])(
    '%s is more than that',
    cel => expect(partsOf(cel)).toBe(null),
  )

  test.each(['output.size == "20"', 'output.score < 20', 'a > 1 && b < 2'])('%s stays to the letter', cel => {
    expect(read(valuesOf([{ if: cel, to: 'b' }]))).toEqual({ ok: true, handoffs: [{ if: cel, to: 'b' }] })
  })

  const values = valuesOf([{ if: 'output.score < 20', to: 'b' }])
  test('is what was changed of the two, and said once', () => {
    const one = (over: Record<string, string>) => read({ ...values, ...over })
    expect(one({ 'value-0': '30' })).toMatchObject({ handoffs: [{ if: 'output.score < 30' }] })
    expect(one({ 'if-0': 'output.score < 40' })).toMatchObject({ handoffs: [{ if: 'output.score < 40' }] })
    expect(one({ 'field-0': '', 'value-0': '' })).toEqual({ ok: true, handoffs: [{ to: 'b' }] })
    expect(one({ 'if-0': '' })).toEqual({ ok: true, handoffs: [{ to: 'b' }] })
    expect(one({ 'value-0': '30', 'if-0': 'output.score < 40' })).toMatchObject({ ok: false, field: 'field-0' })
    expect(one({ 'value-0': '' })).toMatchObject({ ok: false, message: 'Say what the field is compared with.' })
    expect(one({ 'field-0': 'a b' })).toMatchObject({ ok: false, field: 'field-0' })
  })
})

test('rows move one place by a button and any number by a drop', () => {
  const values = valuesOf(['w', 'x', 'y', 'z'].map(when => ({ when, to: 'b' })))
  const order = (command: string) => {
    const moved = read({ ...values, do: command })
    return moved.ok ? moved.handoffs.map(handoff => handoff.when).join('') : moved.message
  }
  expect([order('save'), order('up-1'), order('down-1'), order('remove-2')]).toEqual(['wxyz', 'xwyz', 'wyxz', 'wxz'])
  expect([order('place-3-0'), order('place-0-2'), order('place-0-99'), order('place-9-0')]).toEqual([
    ...['zwxy', 'xywz', 'xyzw', 'wxyz'],
  ])
  expect([order('up-0'), order('place-1'), order('drop-1-2')]).toEqual(['wxyz', 'wxyz', 'wxyz'])
})

describe('a schema on a form', () => {
  test('is none, a table or JSON; words that are no names become a key with a title', () => {
    const values = {
      input_as: 'fields',
      'input-0-name': 'Customer name',
      'input-1-name': 'amount',
      'input-1-type': 'number',
    }
    const made = readSchemaForm({ ...values, 'input-0-required': 'on' }, undefined, INPUT)
    expect(made).toEqual({
      ok: true,
      schema: {
        type: 'object',
        required: ['customer_name'],
        properties: { customer_name: { type: 'string', title: 'Customer name' }, amount: { type: 'number' } },
      },
    })
    if (!made.ok) throw new Error(made.message)
    const shown = schemaValues(made.schema, INPUT) as Record<string, string>
    expect(rowCount(shown, INPUT)).toBe(2)
    expect(readSchemaForm(shown, made.schema, INPUT)).toEqual(made)
    expect(readSchemaForm({ ...shown, input_as: 'none' }, made.schema, INPUT)).toEqual({ ok: true, schema: undefined })
    expect(readSchemaForm({ ...shown, input_as: 'json' }, made.schema, INPUT)).toEqual(made)
  })

  test('keeps names that were there, whatever they are, and what the table does not show', () => {
    const schema = {
      type: 'object',
      additionalProperties: false,
      properties: { 'Order no.': { type: 'string', pattern: '^A', description: 'As on the bill' } },
    }
    expect(readSchemaForm(schemaValues(schema, OUTPUT) as never, schema, OUTPUT)).toEqual({ ok: true, schema })
  })

  test.each([
    [{ output_as: 'fields' }, 'field-0-name'],
    [{ output_as: 'fields', 'field-0-name': 'a', 'field-3-name': 'a' }, 'field-3-name'],
    [{ output_as: 'json', output_json: '{"type":"nothing"}' }, 'output_json'],
    [{ output_as: 'json', output_json: '{"__proto__":{}}' }, 'output_json'],
    [{ output_as: 'json', output_json: '['.repeat(10_000) }, 'output_json'],
  ])('%j is refused at %s', (values, field) => {
    expect(readSchemaForm(values as never, undefined, OUTPUT)).toMatchObject({ ok: false, field })
  })
})

describe('the forms of step and workflow', () => {
  test('read times, retries and tools', () => {
    const before: Step = { key: 'a', agent: 'x', instructions: 'Go', tools: ['old'] }
    const values = { ...stepValues(before), tools: 'search, mail', timeout: '90s', attempts: '2', factor: '1.5' }
    expect(readStep(values, before)).toEqual({
      ok: true,
      step: { ...before, tools: ['search', 'mail'], timeout: '90s', retry: { attempts: 2, factor: 1.5 } },
    })
    expect(readStep({ ...values, tools: '' }, before)).not.toHaveProperty('step.tools')
    expect(readStep({ ...values, attempts: '21' }, before)).toMatchObject({ ok: false, field: 'attempts' })
    const settings = readSettings(
      { ...settingsValues(definition), timeout: '2m', attempts: '5', delay: '1s' },
      definition,
    )
    expect(settings).toMatchObject({ fields: { defaults: { timeout: '2m', retry: { attempts: 5, delay: '1s' } } } })
    expect(readSettings({ name: 'X', delay: 'soon' }, definition)).toMatchObject({ ok: false, field: 'delay' })
  })

  test('what is not for models is written with or without its root, and stays as it was', () => {
    const given = { ...settingsValues(definition), redact: 'iban, input.person.ssn' }
    const settings = readSettings(given, definition)
    const fields = { redact: ['input.iban', 'input.person.ssn'] }
    expect(settings).toMatchObject({ ok: true, fields })
    expect(settingsValues({ ...definition, ...fields })).toMatchObject({ redact: 'input.iban, input.person.ssn' })
    expect(readSettings({ name: 'X' }, { ...definition, ...fields })).toMatchObject({ fields: { redact: undefined } })
  })

  test('a service is told of what is ticked: done, failed and stuck before anything is set, and nobody without an address', () => {
    const usual = settingsValues(definition)
    expect(readSettings(usual, definition)).toMatchObject({ fields: { callbacks: undefined } })
    const url = 'https://shop.example/hook'
    const set = readSettings({ ...usual, callback_url: url }, definition)
    expect(set).toMatchObject({ fields: { callbacks: { url, on: ['done', 'failed', 'stuck'] } } })
    const waits = { url, on: ['waiting' as const] }
    const again = readSettings(settingsValues({ ...definition, callbacks: waits }), definition)
    expect(again).toMatchObject({ fields: { callbacks: waits } })
    expect(readSettings({ name: 'X', callback_url: url }, definition)).toMatchObject({
      ok: false,
      field: 'callback_on',
    })
  })

  test('an approval leads on and back, and who is sent back reads why', () => {
    const added = newStep({ key: 'ok', name: 'Approve', kind: 'approval', from: 'a' }, 'kim@x.test')
    expect(added.handoffs).toEqual([
      { when: 'approved', to: 'complete' },
      { when: 'rejected', to: 'a' },
    ])
    expect(readingTheNote(step)?.prompt).toContain('{{ last.note }}')
    expect(readingTheNote(readingTheNote(step)!)).toBe(null)
    expect(readingTheNote(added)).toBe(null)
    expect(newStep({ key: 'n', name: 'Next', kind: 'prompt', from: 'a' }, '').prompt).toContain('steps.a.output')
  })

  test('offer what a template can read', () => {
    const steps: Step[] = [
      { key: 'one', prompt: 'x', output: { type: 'object', properties: { score: { type: 'number' }, 'a b': {} } } },
      { key: 'two', prompt: 'y' },
      { key: 'ok', human: {}, handoffs: [{ when: 'rejected', to: 'two' }] },
    ]
    const input = { type: 'object', properties: { company: { type: 'string' } } }
    const whole: Definition = { baton: 1, name: 'X', input, steps }
    expect(variablesFor(steps[1]!, whole)).toEqual(['input.company', 'steps.one.output.score', 'last.note'])
    expect(variablesFor(steps[0]!, { ...whole, input: undefined })).toEqual(['input'])
    const lines = { type: 'array', items: { type: 'object', properties: { text: {}, amount: {} } } }
    const lists = { ...whole, input: { type: 'object', properties: { lines } } }
    expect(itemVariables('{{ input.lines }}', 'line', lists)).toEqual(['line.text', 'line.amount'])
    for (const over of ['{{ input.other }}', '{{ steps.one.output }}', '{{ input.lines | reverse }}', '{{'])
      expect(itemVariables(over, 'line', lists), over).toEqual(['line'])
  })
})

test('a publish form names tasks and steps, and nothing else', () => {
  const plan = flightPlan({
    'at-draft': 'step:write',
    'task-tsk_1': '',
    'visit-tsk_1': '3',
    'task-../x': 'restart',
    all: 'each',
  })
  expect(plan.all).toBe(null)
  expect([...plan.steps]).toEqual([['draft', { what: 'move', step: 'write' }]])
  expect([...plan.tasks]).toEqual([['tsk_1', { choice: null, visit: 3 }]])
})
