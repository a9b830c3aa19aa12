import { expect, test } from 'vitest'
import { harmless } from '../../../src/domain/text/harmless.ts'

test('data loses NUL, and halves of pairs become one mark that says so, in every text and name', () => {
  expect(harmless({ 'a\0': ['\0', 1, null, { b: '\ud83d \udc4d' }], c: true })).toEqual({
    a: ['', 1, null, { b: '\ufffd \ufffd' }],
    c: true,
  })
})

test('all else stays: emoji, joined families, right-to-left, other control characters', () => {
  const text = '👍 👩‍👩‍👧 🇩🇪 שלום مرحبا \u0001\t\n\u2028'
  expect(harmless([text])).toEqual([text])
})
