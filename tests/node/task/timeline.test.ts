/** The timeline of a task: what its log says, told as visits. */
import { expect, test } from 'vitest'
import { eventViews } from '../../../src/domain/task/view.ts'
import { timelineOf, totalsOf } from '../../../src/task/timeline.ts'
import {
  ANA,
  ANA_BY_LINK,
  approve,
  aTask,
  BEN,
  draft,
  type Journey,
  MINUTE,
  onboarding,
  onePrompt,
  research,
  SECOND,
  usage,
} from '../../support/task-builders.ts'

const told = (journey: Journey) => timelineOf(eventViews(journey.rows, null), journey.state.status)

test('a run shows how long it stood in line and worked, what it used and what came of it', () => {
  const journey = aTask(onboarding())
  journey.now += 3 * SECOND
  journey.claim()
  journey.now += 20 * SECOND
  journey.do({
    type: 'report',
    ...journey.ref(),
    outcome: { kind: 'completed', output: 'Found it', confidence: 0.9, reasoning: 'Because' },
    usage: usage(),
    chain: false,
  })
  const [first, second] = told(journey)
  expect(first).toMatchObject({ n: 1, step: 'research', handler: 'agent', by: 'start', from: null, state: 'done' })
  expect(first).toMatchObject({ waitMs: 3 * SECOND, workMs: 20 * SECOND, endedAt: journey.now })
  expect(first!.usage).toEqual({
    models: ['gpt-5-mini'],
    inputTokens: 1000,
    outputTokens: 500,
    calls: 1,
    cost: 0.00125,
  })
  expect(first!.runs[0]).toMatchObject({
    prompt: 'Research Acme.',
    attempts: [{ n: 1, output: 'Found it', reasoning: 'Because' }],
  })
  expect(first!.routes).toMatchObject([
    { outcome: 'done', to: 'draft', byHand: false, trace: [{ verdict: 'matched' }] },
  ])
  expect(second).toMatchObject({
    n: 2,
    step: 'draft',
    from: 'research',
    by: 'handoff',
    endedAt: null,
    state: 'running',
  })
})

test('attempts keep their failures, and a lost one says how often it was taken up again', () => {
  const journey = aTask(onePrompt({ retry: { attempts: 2, delay: '5s' } }))
  journey.lapse()
  journey.fail({ message: 'Too busy.' })
  journey.now += 30 * SECOND
  journey.fail({ message: 'Still too busy.' })
  const [visit] = told(journey)
  expect(visit!.runs[0]!.attempts).toMatchObject([
    { n: 1, lapses: 1, outcome: 'failed', failure: { message: 'Too busy.' } },
    { n: 2, lapses: 0, outcome: 'failed', failure: { message: 'Still too busy.' } },
  ])
  expect(visit!.state).toBe('failed')
  expect(visit!.stops).toMatchObject([{ kind: 'failed', message: 'Still too busy.' }])
})

test('a question shows who was asked, who edited, every vote and its note, and the loop back is a visit of its own', () => {
  const journey = aTask(onboarding({ steps: [research(), draft(), approve({ needs: 2, edits: 'draft' })] }))
  journey.answer('Found it')
  journey.answer('Hi')
  journey.decide('approved', ANA_BY_LINK)
  journey.decide('approved', BEN, { edits: 'Hello' })
  journey.now += MINUTE
  journey.decide('rejected', ANA, { note: 'Too short' })
  const visits = told(journey)
  expect(visits.map(visit => visit.step)).toEqual(['research', 'draft', 'approve', 'draft'])
  const [asked] = visits[2]!.runs[0]!.asks
  expect(asked!.ask.assignees).toEqual(['ana@acme.test', 'ben@acme.test'])
  expect(asked!.edits).toMatchObject([{ by: BEN, step: 'draft', output: 'Hello' }])
  expect(asked!.votes).toMatchObject([
    { by: ANA_BY_LINK, handoff: 'approved', counted: 1, needs: 2, settles: false },
    { by: BEN, handoff: 'approved', counted: 1, settles: false },
    { by: ANA, handoff: 'rejected', note: 'Too short', settles: true },
  ])
  expect(visits[3]).toMatchObject({ by: 'handoff', from: 'approve', enteredBy: ANA })
})

test('what was moved, routed by hand and cancelled says by whom', () => {
  const journey = aTask(onboarding())
  journey.do({ type: 'move', step: 'approve', input: { company: 'Orbit' } }, ANA)
  journey.do({ type: 'cancel', note: 'No more' }, BEN)
  const [moved, cancelled] = told(journey)
  expect(moved).toMatchObject({ left: { why: 'moved', by: ANA }, state: 'cancelled' })
  expect(cancelled).toMatchObject({
    by: 'move',
    enteredBy: ANA,
    input: { company: 'Orbit' },
    left: { why: 'cancelled', by: BEN },
  })

  const stuck = aTask(onePrompt({ handoffs: [{ if: 'output == "x"', to: 'complete' }] }))
  stuck.answer('y')
  stuck.do({ type: 'route', handoff: 'complete' }, ANA)
  const [visit] = told(stuck)
  expect(visit!.stops).toMatchObject([{ kind: 'stuck' }])
  expect(visit!.routes).toMatchObject([
    { to: null, trace: [{ if: 'output == "x"', verdict: 'no_match', value: false, reads: { output: 'y' } }] },
    { to: 'complete', byHand: true, by: ANA },
  ])
})

test('what came from outside stands in the visit that it came to', () => {
  const journey = aTask(onboarding())
  journey.now += MINUTE
  journey.do({ type: 'event', name: 'paid', data: { amount: 12 } })
  const [visit] = told(journey)
  expect(visit!.news).toMatchObject([{ at: journey.now, name: 'paid', data: { amount: 12 } }])
})

test('the cost is the sum, and unknown as soon as one call had no price', () => {
  const journey = aTask(onboarding())
  journey.answer('Found it', { usage: usage() })
  expect(totalsOf(told(journey)).cost).toBe(0.00125)
  journey.answer('Hi', { usage: usage({ model: 'unheard-of' }) })
  expect(totalsOf(told(journey))).toMatchObject({ cost: null, inputTokens: 2000, models: ['gpt-5-mini', 'unheard-of'] })
})

test('an empty log has no visits', () => {
  expect(timelineOf([])).toEqual([])
})
