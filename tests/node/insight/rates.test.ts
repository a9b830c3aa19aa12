/** What rates say, and that none is told of nothing. */
import { expect, test } from 'vitest'
import { escalationVerdict, percent, ratesOf } from '../../../src/insight/rates.ts'

test.each<[number | null, number, string]>([
  [null, 0, 'too few to tell'],
  [0.5, 19, 'too few to tell'],
  [0, 20, 'few: is it too sure?'],
  [0.049, 200, 'few: is it too sure?'],
  [0.05, 200, 'healthy'],
  [0.15, 200, 'healthy'],
  [0.16, 200, 'more than is healthy'],
  [0.3, 200, 'more than is healthy'],
  [0.31, 200, 'a poor fit for a model'],
])('a rate of %s in %i tasks is %s', (rate, tasks, verdict) => {
  expect(escalationVerdict(rate, tasks)).toBe(verdict)
})

test('rates of what was decided; of nothing there is none', () => {
  expect(ratesOf({ decided: 0, unchanged: 0, edited: 0, rejected: 0 })).toEqual({
    unchangedRate: null,
    correctionRate: null,
  })
  expect(ratesOf({ decided: 8, unchanged: 6, edited: 1, rejected: 1 })).toEqual({
    unchangedRate: 0.75,
    correctionRate: 0.25,
  })
  expect([null, 0, 0.034, 0.5].map(percent)).toEqual(['–', '0 %', '3.4 %', '50 %'])
})
