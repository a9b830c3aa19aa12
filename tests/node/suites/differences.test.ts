import { expect, test } from 'vitest'
import { distinctNames, expectOnlyKnown } from './differences.ts'

test('a difference that is not listed fails, and a listed one that is gone', () => {
  expectOnlyKnown(['a', 'b'], { why: ['b'], 'why else': ['a'] })
  expect(() => expectOnlyKnown(['a', 'b'], { why: ['a'] })).toThrow(/these differ, and are not listed/)
  expect(() => expectOnlyKnown(['a'], { why: ['a', 'b'] })).toThrow(/these are listed, and differ no more/)
  expect(() => expectOnlyKnown(['a'], { why: ['a'], again: ['a'] })).toThrow()
  expect(distinctNames(['a', 'b', 'a'])).toEqual(['a', 'b', 'a #2'])
})
