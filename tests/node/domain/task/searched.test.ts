/** By what of its input a task is found: bounded, in lower case, without what no model is told. */
import { expect, test } from 'vitest'
import type { Json } from '../../../../src/domain/json/json.ts'
import type { Comment } from '../../../../src/domain/task/state.ts'
import { searchedText, wordsOfTask } from '../../../../src/domain/task/told/searched.ts'

test('texts and numbers at any depth are kept, names of fields and what has no words are not', () => {
  const input = { company: 'ACME\n Ltd', more: [{ n: 7, ok: true, none: null }, 'Ünder'] }
  expect(searchedText(input)).toBe('acme ltd 7 ünder')
})

test('a redacted field is left out, however short, and so is its echo in another', () => {
  const input = { pin: '12', iban: 'DE8937', note: 'pay DE8937 to Kim' }
  expect(searchedText(input, ['input.pin', 'input.iban'])).toBe(
    '[redacted: pin] [redacted: iban] pay [redacted: iban] to kim',
  )
})

test('a large input is cut, between its characters, and not read to its end', () => {
  const huge = { list: Array.from({ length: 100_000 }, () => '😀😀😀') }
  const text = searchedText(huge)
  expect(text.length).toBeLessThanOrEqual(600)
  expect(text).not.toMatch(/[\ud800-\udbff]$/)
})

const task = {
  ...{ title: 'Invoice INV-9', key: 'INV-9', duplicateOf: null, input: { iban: 'DE8937', vendor: 'Ägir' } },
  comments: [] as Comment[],
}
const step = (visit: number, output: Json) => ({ visit, output, decision: null })

test('outputs come with the end, the latest first, once, and without echoes of what is hidden', () => {
  const steps = { read: step(1, { total: 77 }), ask: step(2, 'DE8937 is right'), sum: step(3, 'Paid') }
  const found = { ...task, steps, result: 'Paid' }
  const redact = ['input.iban']
  expect(wordsOfTask(found, { redact }, false)).toBe('invoice inv-9 inv-9 [redacted: iban] ägir')
  expect(wordsOfTask(found, { redact }, true)).toBe(
    'invoice inv-9 inv-9 [redacted: iban] ägir paid [redacted: iban] is right 77',
  )
  expect(wordsOfTask(found, {}, true)).toBe('invoice inv-9 inv-9 de8937 ägir paid de8937 is right 77')
})

test('of a large value its beginning is found, unless something is hidden, which might be cut off there', () => {
  const large = { $blob: 'a'.repeat(64), bytes: 99_999, head: '{"about":"Nimbus' }
  const found = { ...task, steps: { read: step(1, large) }, result: null }
  expect(wordsOfTask(found, {}, true)).toContain('nimbus')
  expect(wordsOfTask(found, { redact: ['input.iban'] }, true)).not.toContain('nimbus')
  const hidden = { ...found, input: large, steps: { read: step(1, 'DE8937') } }
  expect(wordsOfTask(hidden, { redact: ['input.iban'] }, true)).toBe('invoice inv-9 inv-9')
})

test('it is found by what people said of it, without echoes of what is hidden', () => {
  const said = (text: string, seq: number) => ({ seq, at: seq, by: { kind: 'system' as const }, text, to: [] })
  const found = { ...task, steps: {}, result: null, comments: [said('Ask Kim', 5), said('It is DE8937', 6)] }
  expect(wordsOfTask(found, {}, false)).toContain('it is de8937 ask kim')
  expect(wordsOfTask(found, { redact: ['input.iban'] }, false)).toContain('it is [redacted: iban] ask kim')
})
