import { expect, test } from 'vitest'
import {
  costOf,
  costOrDearest,
  dearest,
  dollars,
  priceList,
  priceOf,
  UNPRICED_CALL_COST,
} from '../../../src/domain/money.ts'

const tokens = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens })

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
  expect(priceOf(model)).toMatchObject({ input, output })
  expect(costOf(model, tokens(1_000_000, 0))).toBe(input)
  expect(costOf(model, tokens(0, 1_000_000))).toBe(output)
})

test.each(['llama-3', '', 'gpt-5-turbo-ultra', 'constructor', '__proto__', 'toString', 'GPT-5'])(
  '%j has no price',
  model => {
    expect(priceOf(model)).toBeNull()
    expect(costOf(model, tokens(1000, 1000))).toBeNull()
  },
)

test('costs are rounded to a millionth of a dollar', () => {
  expect(costOf('gpt-5-mini', tokens(1, 1))).toBe(0.000002)
  expect(costOf('gpt-5', tokens(1234, 567))).toBe(0.007213)
  expect(costOf('demo', tokens(10 ** 9, 10 ** 9))).toBe(0)
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

test('input that the provider had at hand costs less, and never more of it is counted than there was', () => {
  expect(costOf('gpt-5', { ...tokens(1_000_000, 0), cachedTokens: 400_000 })).toBe(0.8)
  expect(costOf('gpt-5', { ...tokens(1_000_000, 0), cachedTokens: 9_000_000 })).toBe(0.125)
  expect(costOf('o1-pro', { ...tokens(1_000_000, 0), cachedTokens: 1_000_000 })).toBe(150)
})

test('a team’s own price goes before the list’s, for dated names too, and is listed beside the others', () => {
  const own = { 'gpt-5': { input: 1, output: 2 }, house: { input: 0, output: 0 }, gold: { input: 1, output: 1000 } }
  expect(priceOf('gpt-5-2025-08-07', own)).toEqual({ input: 1, output: 2 })
  expect(costOf('house', tokens(1000, 1000), own)).toBe(0)
  expect(priceOf('constructor', own)).toBeNull()
  expect(priceList(own).filter(({ name }) => name in own)).toHaveLength(3)
  expect([dearest().name, dearest(own).name]).toEqual(['o1-pro', 'gold'])
})

test('a call without a price counts against a team’s budget as one of the dearest model does', () => {
  const own = { gold: { input: 100, output: 1000 } }
  expect(costOrDearest('nobody-knows', tokens(1000, 1000), own)).toBe(1.1)
  expect(costOrDearest('nobody-knows', tokens(0, 0), own)).toBe(0)
  expect(costOrDearest('gpt-5', tokens(1_000_000, 0), own)).toBe(1.25)
})
