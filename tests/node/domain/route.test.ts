import { describe, expect, test } from 'vitest'
import { routeVisit } from '../../../src/domain/handoff/route.ts'
import type { VisitOutcome } from '../../../src/domain/task/run/outcome.ts'
import type { Step } from '../../../src/domain/workflow/definition.ts'
import type { Handoff } from '../../../src/domain/workflow/parts.ts'
import { withOutput } from './scope.ts'

const scope = withOutput({ score: 73 })
const aStep = (...handoffs: Handoff[]): Step => ({ key: 'draft', prompt: 'Write', handoffs })
const completed = (label?: string): VisitOutcome =>
  label === undefined ? { kind: 'completed' } : { kind: 'completed', label }
const failed: VisitOutcome = { kind: 'failed' }
const timeout: VisitOutcome = { kind: 'timeout' }
const unsure: VisitOutcome = { kind: 'unsure' }
const HOLDS = 'output.score > 1'
const FAILS = 'output.score > 99'
const BREAKS = 'output.zzz > 1'

describe('one handoff, by what it asks and how the visit came out', () => {
  const cases: [handoff: Omit<Handoff, 'to'>, outcome: VisitOutcome, verdict: string][] = [
    [{}, completed(), 'matched'],
    [{}, completed('approved'), 'matched'],
    [{}, failed, 'not_applicable'],
    [{}, timeout, 'not_applicable'],
    [{}, unsure, 'not_applicable'],
    [{ when: 'default' }, completed(), 'matched'],
    [{ when: 'default' }, completed('default'), 'matched'],
    [{ when: 'default' }, completed('approved'), 'matched'],
    [{ when: 'default' }, failed, 'not_applicable'],
    [{ when: 'approved' }, completed('approved'), 'matched'],
    [{ when: 'approved' }, completed('rejected'), 'no_match'],
    [{ when: 'approved' }, completed('default'), 'no_match'],
    [{ when: 'approved' }, completed(), 'no_match'],
    [{ when: 'approved' }, failed, 'no_match'],
    [{ when: 'failed' }, failed, 'matched'],
    [{ when: 'failed' }, timeout, 'matched'],
    [{ when: 'failed' }, unsure, 'no_match'],
    [{ when: 'failed' }, completed(), 'not_applicable'],
    [{ when: 'failed' }, completed('failed'), 'not_applicable'],
    [{ when: 'timeout' }, timeout, 'matched'],
    [{ when: 'timeout' }, failed, 'no_match'],
    [{ when: 'unsure' }, unsure, 'matched'],
    [{ when: 'unsure' }, completed('a'), 'not_applicable'],
    [{ if: HOLDS }, completed(), 'matched'],
    [{ if: FAILS }, completed(), 'no_match'],
    [{ if: BREAKS }, completed(), 'error'],
    [{ if: HOLDS }, failed, 'not_applicable'],
    [{ if: HOLDS }, unsure, 'not_applicable'],
    [{ when: 'approved', if: HOLDS }, completed('approved'), 'matched'],
    [{ when: 'approved', if: FAILS }, completed('approved'), 'no_match'],
    [{ when: 'approved', if: HOLDS }, completed('rejected'), 'no_match'],
    [{ when: 'default', if: HOLDS }, completed(), 'matched'],
    [{ when: 'failed', if: HOLDS }, failed, 'not_applicable'],
  ]
  test.each(cases)('%j after %j: %s', (handoff, outcome, verdict) => {
    const { chosen, trace } = routeVisit(aStep({ ...handoff, to: 'complete' }), outcome, scope)
    expect(trace).toMatchObject([{ index: 0, to: 'complete', ...handoff, verdict }])
    expect(chosen).toEqual(verdict === 'matched' ? { index: 0, to: 'complete' } : null)
  })
})

test('the first handoff that matches wins, and the trace ends with it', () => {
  const step = aStep({ if: FAILS, to: 'a' }, { if: BREAKS, to: 'b' }, { if: HOLDS, to: 'c' }, { to: 'd' })
  expect(routeVisit(step, completed(), scope)).toEqual({
    chosen: { index: 2, to: 'c' },
    trace: [
      { index: 0, to: 'a', if: FAILS, verdict: 'no_match', value: false, reads: { 'output.score': 73 } },
      { index: 1, to: 'b', if: BREAKS, verdict: 'error', error: '`output.zzz` is missing', reads: {} },
      { index: 2, to: 'c', if: HOLDS, verdict: 'matched', value: true, reads: { 'output.score': 73 } },
    ],
  })
})

test('a condition that comes to no truth is shown as an error', () => {
  const { chosen, trace } = routeVisit(aStep({ if: 'output.score', to: 'a' }), completed(), scope)
  expect(chosen).toBeNull()
  expect(trace).toEqual([
    {
      index: 0,
      to: 'a',
      if: 'output.score',
      verdict: 'error',
      error: 'it comes to 73, which is neither true nor false',
      reads: { 'output.score': 73 },
    },
  ])
})

test('a condition is not evaluated when the label does not match', () => {
  expect(routeVisit(aStep({ when: 'a', if: BREAKS, to: 'x' }), completed('b'), scope).trace[0]).not.toHaveProperty(
    'error',
  )
})

test('a step without handoffs leads nowhere', () => {
  expect(routeVisit(aStep(), completed(), scope)).toEqual({ chosen: null, trace: [] })
  expect(routeVisit({ key: 'a', prompt: 'x' }, failed, scope)).toEqual({ chosen: null, trace: [] })
})

test('a timeout takes its own handoff before one for failures that stands earlier', () => {
  const { chosen, trace } = routeVisit(aStep({ when: 'failed', to: 'a' }, { when: 'timeout', to: 'b' }), timeout, scope)
  expect(chosen).toEqual({ index: 1, to: 'b' })
  expect(trace.map(tried => tried.verdict)).toEqual(['no_match', 'matched'])
})

test('a timeout that no handoff took tries the one for failures, each handoff shown once', () => {
  const { chosen, trace } = routeVisit(
    aStep({ to: 'a' }, { when: 'failed', to: 'b' }, { when: 'unsure', to: 'c' }),
    timeout,
    scope,
  )
  expect(chosen).toEqual({ index: 1, to: 'b' })
  expect(trace.map(tried => [tried.index, tried.verdict])).toEqual([
    [0, 'not_applicable'],
    [1, 'matched'],
  ])
})

test('a failure never takes the handoff for timeouts, nor the fallback', () => {
  expect(routeVisit(aStep({ when: 'timeout', to: 'a' }, { to: 'b' }), failed, scope).chosen).toBeNull()
})
