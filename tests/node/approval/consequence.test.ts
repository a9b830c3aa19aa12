/** What the buttons of a question say they trigger. */
import { expect, test } from 'vitest'
import { differences } from '../../../src/approval/question/differences.ts'
import { editedOf, editFormOf } from '../../../src/approval/question/edit.ts'
import { buttonName, choicesOf } from '../../../src/domain/workflow/consequence.ts'
import type { Definition } from '../../../src/domain/workflow/definition.ts'

const definition = {
  baton: 1,
  name: 'Mails',
  steps: [
    { key: 'draft', name: 'Draft it', prompt: 'x' },
    {
      key: 'approve',
      human: {},
      handoffs: [
        { when: 'approved', if: 'input.big == true', to: 'boss' },
        { when: 'approved', to: 'send' },
        { when: 'rejected', to: 'draft' },
        { when: 'again', to: 'approve' },
        { when: 'maybe', if: 'input.big == true', to: 'boss' },
        { when: 'done_with_it', to: 'complete' },
      ],
    },
    { key: 'boss', human: {} },
    { key: 'send', name: 'Send it', prompt: 'x' },
  ],
} as Definition

const asked = { step: 'approve', approve: 'approved', reason: ['rejected'], needs: 1, given: 0 }
const consequence = (label: string, over = {}) =>
  choicesOf(definition, { ...asked, labels: [label], ...over })[0]!.consequence

test('each says where its handoff leads, backwards too, and what conditions leave open', () => {
  expect(consequence('rejected')).toBe('→ back to "Draft it"')
  expect(consequence('done_with_it')).toBe('and the task is done')
  expect(consequence('again')).toBe('→ asks again at "approve"')
  expect(consequence('approved')).toBe('→ to "boss" or "Send it", as its conditions say')
  expect(consequence('maybe')).toBe('→ to "boss", as its conditions say; if none holds, the task is stuck')
  expect(consequence('unheard')).toContain('the task will be stuck here')
  expect(consequence('approved', { needs: 3, given: 1 })).toContain('counts as 2 of 3 approvals')
})

test('the approving one comes last and stands out; labels read as words', () => {
  const choices = choicesOf(definition, { ...asked, labels: ['approved', 'rejected'] })
  expect(choices.map(({ label, primary, reason }) => [label, primary, reason])).toEqual([
    ['rejected', false, true],
    ['approved', true, false],
  ])
  expect(['approved', 'done_with_it', 'Für später', '_', 'constructor'].map(label => buttonName(label))).toEqual([
    'Approve',
    'Done with it',
    'Für später',
    '_',
    'Constructor',
  ])
})

test('differences are words; what is too different is put side by side', () => {
  expect(differences('Hi team', 'Hi team')).toBeNull()
  expect(differences('Hi team', 'Dear team')).toEqual([
    { kind: 'removed', text: 'Hi' },
    { kind: 'added', text: 'Dear' },
    { kind: 'same', text: ' team' },
  ])
  const [a, b] = ['a', 'b'].map(letter => Array.from({ length: 9000 }, (_, n) => `${letter}${n}`).join('\n'))
  expect(differences(a!, b!)!.map(change => change.kind)).toEqual(['removed', 'added'])
})

test('an edit is read back as the type it had, and is none when nothing was changed', () => {
  const output = { text: 'a\nb', n: 1.5, yes: true }
  expect(editFormOf(output).kind).toBe('fields')
  const read = (fields: Record<string, string>) => editedOf(output, name => fields[name] ?? null)
  expect(read({ 'edits.text': 'a\r\nb', 'edits.n': '1.5', 'edits.yes': 'true' })).toEqual({
    ok: true,
    edits: undefined,
  })
  expect(read({ 'edits.n': '2', 'edits.yes': 'false' })).toEqual({
    ok: true,
    edits: { text: 'a\nb', n: 2, yes: false },
  })
  expect(read({ 'edits.n': 'two' }).ok).toBe(false)
  expect(editFormOf([1]).kind).toBe('json')
  expect(editFormOf({ a: null }).kind).toBe('json')
})

test('a question about a call says what each answer does to the call, and where the task goes', () => {
  const steps = [
    { key: 'pay', name: 'Pay', tool: 'refund', handoffs: [{ when: 'failed', to: 'boss' }, { to: 'complete' }] },
    { key: 'work', name: 'Work', agent: 'clerk', handoffs: [{ to: 'pay' }] },
    { key: 'boss', name: 'Boss', human: {} },
  ]
  const calling = { baton: 1, name: 'Refunds', steps } as Definition
  const of = (step: string, kind: 'call' | 'question' | 'outcome', labels: string[], approve: string | null = null) =>
    choicesOf(calling, { step, kind, labels, approve, reason: [], needs: 1, given: 0, call: { tool: 'refund' } }).map(
      ({ name, consequence: said }) => `${name} ${said}`,
    )
  expect(of('pay', 'call', ['allow', 'deny'], 'allow')).toEqual([
    'Deny → it is not called; sends to "Boss"',
    'Allow → refund is called with exactly this',
  ])
  expect(of('work', 'call', ['allow', 'deny'], 'allow')[0]).toBe('Deny → it is not called; the agent hears why')
  expect(of('pay', 'outcome', ['happened', 'not_happened', 'stop'])).toEqual([
    'It happened → counts as done; and the task is done',
    'It did not → the call is made again',
    'Stop here → the task is cancelled',
  ])
  expect(of('work', 'outcome', ['happened'])[0]).toContain('"Work" goes on with what it answered')
  expect(of('work', 'question', ['Red', 'stop'])).toEqual([
    'Red → is the answer that "Work" goes on with',
    'stop → is the answer that "Work" goes on with',
  ])
  // A step's own label of the same name says what it always said.
  expect(buttonName('stop')).toBe('Stop')
})
