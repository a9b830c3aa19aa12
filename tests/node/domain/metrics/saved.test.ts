/** Time saved: what it is taken from, and what no baseline may be. */
import { expect, test } from 'vitest'
import { baselineProblem, explainSaved, savedBy } from '../../../../src/domain/metrics/saved.ts'
import { workHours } from '../../../../src/insight/metrics/saved-view.tsx'

const MINUTE = 60_000

test('people’s own time is taken off where it is known, and the sentence says so', () => {
  const tasks = { done: 10, decided: 4 }
  expect(savedBy({ minutes: 25, ownMinutes: 5 }, tasks)).toBe((250 - 20) * MINUTE)
  expect(savedBy({ minutes: 25, ownMinutes: null }, tasks)).toBe(250 * MINUTE)
  expect(savedBy({ minutes: 1, ownMinutes: 9 }, tasks)).toBe((10 - 36) * MINUTE)
  expect(explainSaved({ minutes: 25, ownMinutes: 5 }, tasks)).toContain('− 4 that people decided on × 5 min')
  expect(explainSaved({ minutes: 25, ownMinutes: null }, tasks)).toContain('is not known and not taken off')
  expect(explainSaved({ minutes: 25, ownMinutes: 5 }, { done: 3, decided: 0 })).toContain('on none of them')
})

test.each([
  [{ minutes: 0, ownMinutes: null }, 'minutes'],
  [{ minutes: Number.NaN, ownMinutes: null }, 'minutes'],
  [{ minutes: Number.POSITIVE_INFINITY, ownMinutes: null }, 'minutes'],
  [{ minutes: 10_081, ownMinutes: null }, 'minutes'],
  [{ minutes: 5, ownMinutes: -1 }, 'ownMinutes'],
  [{ minutes: 5, ownMinutes: Number.NaN }, 'ownMinutes'],
  [{ minutes: 0.5, ownMinutes: 0 }, undefined],
  [{ minutes: 10_080, ownMinutes: null }, undefined],
])('%o is wrong at %s', (baseline, path) => {
  expect(baselineProblem(baseline)?.path).toBe(path)
})

test.each([
  [0, '0 min'],
  [29_999, '0 min'],
  [-MINUTE, '− 1 min'],
  [90 * MINUTE, '1 h 30 min'],
  [1500 * 60 * MINUTE, '1,500 h'],
])('%i ms of work are %s', (ms, text) => {
  expect(workHours(ms)).toBe(text)
})
