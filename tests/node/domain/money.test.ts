import { expect, test } from 'vitest'
import { costOf, dollars, priceOf, UNPRICED_CALL_COST } from '../../../src/domain/money.ts'

test.each([
  ['gpt-5', 1.25, 10],
  ['gpt-5-mini', 0.25, 2],
  ['gpt-5-mini-2025-08-07', 0.25, 2],
  ['gpt-4.1-nano', 0.1, 0.4],
  ['gpt-4o', 2.5, 10],
  ['gpt-4o-2024-08-06', 2.5, 10],
  ['gpt-4o-2024-05-13', 5, 15],
  ['gpt-4-0613', 30, 60],
  ['o3-mini', 1.1, 4.4],
  ['demo', 0, 0],
])('a million tokens of %s cost %d in and %d out', (model, input, output) => {
  expect(priceOf(model)).toEqual({ input, output })
  expect(costOf(model, 1_000_000, 0)).toBe(input)
  expect(costOf(model, 0, 1_000_000)).toBe(output)
})

test.each(['llama-3', '', 'gpt-5-turbo-ultra', 'constructor', '__proto__', 'toString', 'GPT-5'])(
  '%j has no price',
  model => {
    expect(priceOf(model)).toBeNull()
    expect(costOf(model, 1000, 1000)).toBeNull()
  },
)

test('costs are rounded to a millionth of a dollar', () => {
  expect(costOf('gpt-5-mini', 1, 1)).toBe(0.000002)
  expect(costOf('gpt-5', 1234, 567)).toBe(0.007213)
  expect(costOf('demo', 10 ** 9, 10 ** 9)).toBe(0)
})

test('a call without a price counts something', () => {
  expect(UNPRICED_CALL_COST).toBe(0.05)
})

test.each([
  [0, '$0'],
  [0.00001, '<$0.0001'],
  [0.004, '$0.004'],
  [0.05, '$0.05'],
  [0.5, '$0.50'],
  [2, '$2.00'],
])('%s USD is written as %s', (usd, written) => {
  expect(dollars(usd)).toBe(written)
})
