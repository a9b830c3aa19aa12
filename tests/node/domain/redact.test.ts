/** What no model is told of a task's input: prompts, titles, echoes of tools; and the lint that no path hides nothing. */
import { describe, expect, test } from 'vitest'
import { handlerFor, jobOf } from '../../../src/domain/handler/registry.ts'
import { hiddenIn, redactScope } from '../../../src/domain/text/redact.ts'
import { transcript } from '../../../src/domain/tools/loop.ts'
import type { Step } from '../../../src/domain/workflow/definition.ts'
import { lintDefinition } from '../../../src/domain/workflow/lint.ts'
import { aScope } from './scope.ts'

const CANARY = 'DE89-3704 "ü"'
const PIN = 470_119
const input = {
  name: 'Kim',
  iban: CANARY,
  person: { ssn: '078-05-1120', born: null },
  lines: [{ card: '4111 1111' }, { card: '4222 2222' }, 'x'],
  pin: PIN,
}
const redact = ['input.iban', 'input.person.ssn', 'input.person.born', 'input.lines.card', 'input.pin', 'input.none']
const scope = aScope({ input, task: { id: 'tsk_1', title: `Pay ${CANARY}`, visit: 1 }, item: { card: '4111 1111' } })
const secrets = [CANARY, JSON.stringify(CANARY).slice(1, -1), '078-05-1120', '4111 1111', '4222 2222', String(PIN)]

const promptOf = (step: Step) => {
  const handler = handlerFor(step.prompt === undefined ? (step.agent === undefined ? 'human' : 'agent') : 'prompt')
  const view = { now: 0, redact, token: () => 't', depth: 0, scope: () => scope, shown: () => null }
  return handler.begin(jobOf(step), view)[0] as { prompt: string; kind: string }
}

describe('what a model is told', () => {
  const printed =
    'All: {{ input }} · {{ input.iban }} · {{ input.person.ssn }} · {{ input.lines[1].card }} · {{ task.title }}'
  const ways: [string, string][] = [
    ['by name', printed],
    ['by a filter', '{{ input | json }} {{ input.iban | upcase }} {{ input.lines | map: "card" | join: "," }}'],
    [
      'in a loop',
      '{% for line in input.lines %}{{ line.card | default: line }}{% endfor %}{% assign all = input %}{{ all }}',
    ],
    ['in an item', '{{ input.name }}'],
  ]
  test.each(ways)('names the field in the value’s place: %s', (_name, text) => {
    for (const step of [
      { key: 'a', prompt: text },
      { key: 'a', agent: 'helper', instructions: text },
    ]) {
      const { kind, prompt } = promptOf(step)
      expect(kind).toBe('due')
      for (const secret of secrets) expect(prompt).not.toContain(secret)
      for (const secret of secrets) expect(prompt).not.toContain(secret.toUpperCase())
    }
  })

  test('says which field it was, keeps the rest, and what is not there is still missing', () => {
    const shown = redactScope(scope, redact)
    expect(shown.input).toEqual({
      name: 'Kim',
      iban: '[redacted: iban]',
      person: { ssn: '[redacted: ssn]', born: null },
      lines: [{ card: '[redacted: card]' }, { card: '[redacted: card]' }, 'x'],
      pin: '[redacted: pin]',
    })
    expect(shown.task.title).toBe('Pay [redacted: iban]')
    expect(shown.item).toEqual({ card: '[redacted: card]' })
    expect(redactScope(scope, [])).toBe(scope)
    expect(scope.input).toBe(input)
  })

  test('a tool that echoes the input echoes its marks to the model, and the log keeps what it said', () => {
    const hidden = hiddenIn(input, redact)
    const result = {
      [CANARY]: [PIN, `to ${CANARY}`, encodeURIComponent(CANARY)],
      json: JSON.stringify({ input }),
      n: 7,
    }
    const made = [
      {
        id: '1.1',
        tool: 't',
        args: {},
        attempt: 1,
        safe: true,
        allowed: null,
        receipt: { ok: true, status: 200, result, failure: null },
      },
    ]
    const turns = [{ text: null, calls: [{ id: 'c1', tool: 't', args: {} }] }]
    const said = JSON.stringify(transcript(turns, made, hidden))
    for (const secret of secrets) expect(said).not.toContain(secret)
    expect(said).toContain('[redacted: iban]')
    expect(said).toContain('"n":7')
    expect(JSON.stringify(transcript(turns, made, []))).toContain(String(PIN))
  })
})

test('people and calls see the value', () => {
  const view = { now: 0, redact, token: () => 't', depth: 0, scope: () => scope, shown: () => null }
  const call: Step = { key: 'a', http: { url: 'https://pay.example/', body: { iban: '{{ input.iban }}' } } }
  expect(JSON.stringify(handlerFor('http').begin(jobOf(call), view))).toContain('DE89')
  const tool: Step = { key: 'a', tool: 'pay', with: { iban: '{{ input.iban }}' } }
  expect(JSON.stringify(handlerFor('tool').begin(jobOf(tool), view))).toContain('DE89')
  const human: Step = { key: 'a', human: { assign: ['kim@nimbus.test'], instructions: 'Pay {{ input.iban }}?' } }
  expect(JSON.stringify(handlerFor('human').begin(jobOf(human), view))).toContain('DE89')
})

describe('the lint', () => {
  const schema = {
    type: 'object',
    properties: {
      iban: { type: 'string' },
      lines: { type: 'array', items: { type: 'object', properties: { card: { type: 'string' } } } },
    },
  }
  const lint = (paths: string[], of: object | null = schema) => {
    const steps = [{ key: 'a', prompt: 'x', handoffs: [{ to: 'complete' }] }]
    const document = { baton: 1, name: 'X', owner: 'a@b.test', redact: paths, steps, ...(of && { input: of }) }
    const known = { agents: [], members: ['a@b.test'], models: [] }
    return lintDefinition(document, known).lint.map(({ path, level, code }) => [path, level, code])
  }
  test.each<[string[], unknown[]]>([
    [['input.iban', 'input.lines.card'], []],
    [['input.ibann'], [['redact[0]', 'error', 'unknown_field']]],
    [['input.iban', 'input.lines.cart'], [['redact[1]', 'error', 'unknown_field']]],
    [['input.iban.x'], [['redact[0]', 'error', 'unknown_field']]],
    [['iban'], [['redact[0]', 'error', 'unknown_variable']]],
    [['input'], [['redact[0]', 'error', 'unknown_variable']]],
    [['input..iban'], [['redact[0]', 'error', 'unknown_variable']]],
    [['steps.a.output'], [['redact[0]', 'error', 'unknown_variable']]],
  ])('of %j finds %j', (paths, found) => expect(lint(paths)).toEqual(found))

  test('says nothing of fields where the input has no schema', () => {
    expect(lint(['input.anything'], null)).toEqual([])
  })
})
