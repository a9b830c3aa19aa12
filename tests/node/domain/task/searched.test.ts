/** By what of its input a task is found: bounded, in lower case, without what no model is told. */
import { expect, test } from 'vitest'
import { searchedText } from '../../../../src/domain/task/told/searched.ts'

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
