/** The audit in words: every kind of event has one, and questions about calls say what is asked. */
import { expect, test } from 'vitest'
import { STORED_FIELDS } from '../../../src/domain/task/events.ts'
import { briefChange } from '../../../src/domain/text/brief-change.ts'
import { factsInWords, rowInWords, TYPE_WORDS, typesInWords } from '../../../src/insight/audit/audit-words.ts'

test('no event goes by its type alone', () => {
  expect(Object.keys(STORED_FIELDS).filter(type => !Object.hasOwn(TYPE_WORDS, type))).toEqual([])
  expect(typesInWords('reported joined routed entered due')).toBe('Work reported, handed over, came to a step')
})

test('each row has a sentence, of whatever event or act, whatever its facts hold', () => {
  const odd = [undefined, null, '', 'x', -1, 9e15, true, {}, [], ['a'], [null], { email: 'a@b.test' }]
  const fields = [
    'until',
    'name',
    'to',
    'from',
    'changes',
    'assignees',
    'kind',
    'tool',
    'note',
    'email',
    'workflow',
    'host',
  ]
  for (const type of Object.keys(TYPE_WORDS)) {
    for (const value of odd) {
      const fact = { type, ...Object.fromEntries(fields.map(field => [field, value])) }
      const row = {
        actor: '{"kind":"person","id":"ana@acme.test","name":"Ana"}',
        types: type,
        facts: JSON.stringify([fact]),
      }
      expect([type, value, rowInWords(row)]).toEqual([type, value, expect.stringMatching(/^Ana: [A-Z]/)])
      expect(rowInWords(row)).not.toMatch(/undefined|\bnull\b|NaN|\[object/)
    }
  }
})

test('what is asked about a call, and what came of it, is told at a glance', () => {
  const facts = [
    { type: 'asked', kind: 'call', tool: 'refund', assignees: ['ana@acme.test'] },
    { type: 'called', tool: 'http', safe: false },
    { type: 'answered', ok: true, status: 201 },
    { type: 'turned', turn: 1, model: 'gpt-5-mini' },
  ]
  const words = 'may refund be called? ana@acme.test; the service; 201; gpt-5-mini'
  expect(factsInWords(JSON.stringify(facts))).toBe(words)
})

test('acts are told in sentences, those of before too, which say less', () => {
  const told = (fact: Record<string, unknown>) => factsInWords(JSON.stringify([fact]))
  const published = { type: 'workflow.published', name: 'Onboarding', from: 3, to: 4, note: 'Kinder words' }
  expect(told(published)).toBe('“Onboarding”: version 3 → 4, “Kinder words”')
  expect(told({ type: 'person.removed', email: 'ben@acme.test', role: 'member', from: 'member', to: null })).toBe(
    'ben@acme.test: member → none',
  )
  expect(told({ type: 'channel.made', kind: 'slack', host: 'hooks.slack.com', person: null })).toBe(
    'slack, hooks.slack.com',
  )
  expect(told({ type: 'role.changed', email: 'ben@acme.test', from: 'viewer', to: 'member' })).toBe(
    'ben@acme.test: viewer → member',
  )
  expect(told({ type: 'skill.changed', name: 'tone', from: null, changes: 'key: none → tone; text' })).toBe(
    'tone: new; key: none → tone; text',
  )
  expect(told({ ...published, from: null, to: 1, note: null })).toBe('“Onboarding”: version 1')
  const changed = { type: 'agent.changed', name: 'writer', from: 2, changes: 'model: demo → gpt-5; tools' }
  expect(told(changed)).toBe('writer: version 2 → 3; model: demo → gpt-5; tools')
  expect(told({ type: 'tool.changed', name: 'crm' })).toBe('crm: saved')
  const intake = { type: 'intake.changed', kind: 'webhook', name: 'Shop', changes: 'filter: none → true' }
  expect(told(intake)).toBe('“Shop” (webhook): filter: none → true')
  expect(told({ ...intake, type: 'intake_secret.rolled' })).toBe('“Shop” (webhook)')
  expect(told({ type: 'workflow.paused', workflow: 'wf_1', name: 'Onboarding', from: 'active', to: 'paused' })).toBe(
    '“Onboarding”: active → paused',
  )
})

test('a change in brief names what differs, and values that are short and may be said', () => {
  const before = { model: 'demo', tools: ['a'], about: 'x'.repeat(90), secrets: 'old', same: { b: 1, a: [2] } }
  const after = {
    model: 'gpt-5',
    tools: ['b'],
    about: 'y',
    secrets: 'new',
    same: { a: [2], b: 1 },
    n: 3,
    no: undefined,
  }
  expect(briefChange(before, after, ['secrets'])).toBe('model: demo → gpt-5; tools: a → b; about; secrets; n: none → 3')
  expect(briefChange(before, before)).toBe('')
  const many = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`field_${n}`, n]))
  expect(briefChange({}, many).length).toBeLessThanOrEqual(300)
})
