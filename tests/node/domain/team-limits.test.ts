/** A team's limits: what may be one, and which day and month a moment belongs to by the team's clock. */
import { expect, test } from 'vitest'
import { limitsProblem, NO_LIMITS, stretchOf, type TeamLimits } from '../../../src/domain/team-limits.ts'

const limits = (some: Partial<TeamLimits>): TeamLimits => ({ ...NO_LIMITS, ...some })

test.each<[string, Partial<TeamLimits>]>([
  ['nothing', {}],
  ['all', { budget: { day: 5, month: 100 }, providers: { openai: { parallel: 5, perMinute: 60 } }, waiting: 10 }],
  ['a cent', { budget: { day: 0.01, month: null } }],
  ['a day as dear as its month', { budget: { day: 5, month: 5 } }],
])('%s may be set', (_, some) => {
  expect(limitsProblem(limits(some))).toBeNull()
})

test.each<[string, Partial<TeamLimits>]>([
  ['budget.day', { budget: { day: 0, month: null } }],
  ['budget.day', { budget: { day: Number.NaN, month: null } }],
  ['budget.month', { budget: { day: null, month: -1 } }],
  ['budget.month', { budget: { day: null, month: 1_000_001 } }],
  ['budget.day', { budget: { day: 101, month: 100 } }],
  ['waiting', { waiting: 0 }],
  ['waiting', { waiting: 1.5 }],
  ['providers.Open AI', { providers: { 'Open AI': { parallel: 1 } } }],
  ['providers.openai', { providers: { openai: {} } }],
  ['providers.openai.parallel', { providers: { openai: { parallel: 0 } } }],
  ['providers.openai.perMinute', { providers: { openai: { parallel: 1, perMinute: Number.POSITIVE_INFINITY } } }],
])('what cannot be set is named: %s (%j)', (path, some) => {
  expect(limitsProblem(limits(some))?.path).toBe(path)
})

test.each([
  ['UTC', '2026-11-28T01:00:00Z', '2026-11-28', '2026-11-28T00:00:00Z', '2026-11-29T00:00:00Z'],
  ['Europe/Berlin', '2026-11-27T23:30:00Z', '2026-11-28', '2026-11-27T23:00:00Z', '2026-11-28T23:00:00Z'],
  ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
  // Midnight does not exist on the day that Lebanon's clocks go forward.
  ['Asia/Beirut', '2026-03-29T12:00:00Z', '2026-03-29', '2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z'],
])('in %s the day of %s is %s, from %s to %s', (timezone, at, name, from, to) => {
  expect(stretchOf('day', timezone, Date.parse(at))).toEqual({ name, from: Date.parse(from), to: Date.parse(to) })
})

test.each([
  ['UTC', '2026-12-31T23:59:59Z', '2026-12', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['America/New_York', '2026-11-01T03:00:00Z', '2026-10', '2026-10-01T04:00:00Z', '2026-11-01T04:00:00Z'],
])('in %s the month of %s is %s, from %s to %s', (timezone, at, name, from, to) => {
  expect(stretchOf('month', timezone, Date.parse(at))).toEqual({ name, from: Date.parse(from), to: Date.parse(to) })
})
