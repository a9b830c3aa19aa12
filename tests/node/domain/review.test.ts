/** A period in review: what is counted where, and what is left alone. */
import { expect, test } from 'vitest'
import { type ReviewedRow, reviewOf } from '../../../src/domain/review/review.ts'

let seq = 0
const row = (at: number, task: string, ...facts: object[]): ReviewedRow => ({
  at,
  task,
  seq: ++seq,
  facts: JSON.stringify(facts),
})
const came = (visit: number, step: string) => ({ type: 'entered', visit, step })
const went = (visit: number, outcome = 'done') => ({ type: 'routed', visit, outcome, to: 'next' })

test('steps are timed from coming to leaving and cost what all their reports, turns and late bookings cost', () => {
  const { steps, tasks } = reviewOf([
    row(0, 'a', came(1, 'draft')),
    row(5, 'a', { type: 'turned', visit: 1, cost: 0.25 }),
    row(10, 'a', { type: 'reported', visit: 1, cost: 0.5 }, went(1), came(2, 'send')),
    row(20, 'b', came(1, 'draft')),
    row(120, 'b', { type: 'reported', visit: 1, cost: null }, went(1)),
    // Booked when it is over: it costs, and takes no longer for it.
    row(900, 'b', { type: 'booked', visit: 1, cost: 2 }),
  ])
  expect(tasks).toBe(2)
  expect(steps).toMatchObject([
    {
      step: 'draft',
      visits: 2,
      ended: 2,
      ms: 110,
      cost: 2.75,
      slowest: { task: 'b', ms: 100 },
      dearest: { task: 'b' },
    },
    { step: 'send', visits: 1, ended: 0, ms: 0, slowest: null, cost: 0, dearest: null },
  ])
})

test('the same failure at the same step is one line, with the latest of different tasks', () => {
  const failed = (at: number, task: string, message: string) =>
    row(at, task, came(at, 'send'), { type: 'failed', visit: at, code: 'timeout', message })
  const { failures } = reviewOf([
    ...['a', 'b', 'c', 'd', 'e', 'f', 'a'].map((task, at) => failed(at, task, `try ${at}`)),
    row(9, 'a', came(9, 'send'), { type: 'stuck', visit: 9, cause: 'no_handoff', message: 'Nothing matched.' }),
  ])
  expect(failures.map(({ step, code, times, message }) => [step, code, times, message])).toEqual([
    ['send', 'timeout', 7, 'try 6'],
    ['send', 'no_handoff', 1, 'Nothing matched.'],
  ])
  expect(failures[0]!.latest.map(({ task }) => task)).toEqual(['a', 'f', 'e', 'd', 'c'])
})

test('doubts are told by step; what began before the period counts and is not timed; cut facts harm nothing', () => {
  const { escalations, steps } = reviewOf([
    row(1, 'old', went(3, 'unsure')),
    row(2, 'a', came(1, 'sort')),
    row(3, 'a', went(1, 'unsure'), { more: true }),
    row(4, 'b', came(1, 'sort'), went(1, 'sure')),
  ])
  expect(escalations.map(({ step, times }) => [step, times])).toEqual([
    ['', 1],
    ['sort', 1],
  ])
  expect(steps.map(({ step, visits }) => [step, visits])).toEqual([['sort', 2]])
  expect(reviewOf([])).toEqual({ tasks: 0, escalations: [], failures: [], steps: [] })
})
