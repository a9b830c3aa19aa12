/** The timeline of a task: what its log says, told as visits. */
import { jsx } from 'hono/jsx'
import { expect, test } from 'vitest'
import { eventViews } from '../../../src/domain/task/told/view.ts'
import type { Step } from '../../../src/domain/workflow/definition.ts'
import { standingOfCall, standingWords } from '../../../src/task/page/call-story.ts'
import { timelineOf, totalsOf } from '../../../src/task/page/timeline.ts'
import { Run } from '../../../src/task/views/visit/run-view.tsx'
import {
  ANA,
  ANA_BY_LINK,
  aCall,
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
    knew: [],
    saw: [],
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

test('an answer that was taken again says which, and cost nothing', () => {
  const journey = aTask(onboarding())
  journey.claim()
  const recorded = { task: 'tsk_first', at: journey.now - 3 * 3_600_000 }
  const outcome = { kind: 'completed' as const, output: 'Found it', confidence: 0.9, reasoning: 'Because', recorded }
  journey.do({ type: 'report', ...journey.ref(), outcome, usage: null, chain: false })
  const [visit] = told(journey)
  expect(visit!.usage).toMatchObject({ models: [], inputTokens: 0, cost: 0 })
  const run = visit!.runs[0]!
  expect(run.attempts[0]!.recorded).toEqual(recorded)
  const related = {} as never
  const props = { run, visit: visit!, task: 'tsk_second', related, to: journey.now, now: journey.now }
  const html = String(jsx(Run as never, props as never))
  expect(html.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')).toContain(
    'Taken from the answer of 3 h ago, task tsk_first, at no cost.',
  )
  expect(html).toContain('href="/tasks/tsk_first"')
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

/** A run that asked whether it may pay, and then did. */
function asksFirst(journey: Journey) {
  journey.claim()
  const asks = { kind: 'call' as const, call: '1', tool: 'refund', args: { amount: 40 }, why: 'It is set to ask.' }
  journey.do({ type: 'note', ...journey.ref(), note: { asks: { ...asks, parameters: {} } } })
  journey.now += MINUTE
}

const refunds = () => onboarding({ steps: [{ key: 'pay', tool: 'refund', handoffs: [{ to: 'complete' }] } as Step] })

test('a call tells why it asked, who allowed it, with what, and what came of it', () => {
  const journey = aTask(refunds())
  asksFirst(journey)
  expect(told(journey)[0]!.runs[0]!.calls).toMatchObject([
    { tool: 'refund', at: null, asked: { why: 'It is set to ask.', to: ['ana@acme.test'] }, allowed: null },
  ])
  expect(standingOfCall(told(journey)[0]!.runs[0]!.calls[0]!)).toBe('asked')
  journey.do({ type: 'decide', handoff: 'allow', edits: { amount: 25 } }, ANA)
  journey.now += SECOND
  journey.claim()
  const called = aCall({ call: '1', tool: 'refund', args: { amount: 25 }, safe: false, key: 'k.1' })
  journey.do({ type: 'note', ...journey.ref(), note: { called } })
  journey.now += 2 * SECOND
  const answered = { call: '1', ok: true, status: 201, result: { id: 'r1' }, ms: 2000 }
  journey.do({ type: 'note', ...journey.ref(), note: { answered } })
  const { calls } = told(journey)[0]!.runs[0]!
  expect(calls).toMatchObject([
    {
      args: { amount: 25 },
      key: 'k.1',
      allowed: { by: ANA },
      said: { handoff: 'allow', of: 'call' },
      status: 201,
      result: { id: 'r1' },
      answeredAt: journey.now,
    },
  ])
  expect(standingWords(calls[0]!)).toBe('done')
})

test('a denied call was never made; its note is told', () => {
  const journey = aTask(refunds())
  asksFirst(journey)
  journey.do({ type: 'decide', handoff: 'deny', note: 'No' }, ANA_BY_LINK)
  const { calls } = told(journey)[0]!.runs[0]!
  expect(calls).toMatchObject([{ at: null, said: { by: ANA_BY_LINK, note: 'No' }, ok: false }])
  expect(calls.map(standingOfCall)).toEqual(['denied'])
})

test('a call whose answer was lost is told with what a person said; made again it is a call of its own', () => {
  const journey = aTask(refunds())
  const lose = () => {
    journey.claim()
    journey.do({ type: 'note', ...journey.ref(), note: { called: aCall({ call: '1', tool: 'refund', safe: false }) } })
    const failure = { code: 'unknown_outcome' as const, message: 'lost', retryable: false }
    journey.do({ type: 'report', ...journey.ref(), outcome: { kind: 'failed', failure }, usage: null, chain: false })
  }
  lose()
  const standings = () => told(journey)[0]!.runs[0]!.calls.map(standingOfCall)
  expect(standings()).toEqual(['lost'])
  journey.do({ type: 'answer', happened: false }, ANA)
  lose()
  expect(standings()).toEqual(['repeated', 'lost'])
  journey.do({ type: 'answer', happened: true, output: { id: 'r1' } }, ANA_BY_LINK)
  const { calls } = told(journey)[0]!.runs[0]!
  expect(calls.map(standingWords)).toEqual([
    'did not happen, a person said, and was made again',
    'it happened, a person said',
  ])
  expect(calls[1]).toMatchObject({ said: { by: ANA_BY_LINK, of: 'outcome' }, result: { id: 'r1' } })
})

test('what a call was given is told as what is sent, with its secrets by their names', () => {
  const http = { url: 'https://api.crm.example/x', headers: { authorization: 'Bearer {{ secrets.crm }}' } }
  const journey = aTask(onboarding({ steps: [{ key: 'ask', http, handoffs: [{ to: 'complete' }] } as Step] }))
  const [prompt] = journey.events.flatMap(event => (event.type === 'due' ? [event.prompt] : []))
  expect(prompt).toContain('<<secret:')
  const [run] = told(journey)[0]!.runs
  expect(JSON.parse(run!.prompt as string)).toEqual({
    method: 'GET',
    url: 'https://api.crm.example/x',
    headers: { authorization: 'Bearer {{ secrets.crm }}' },
  })
  expect(JSON.stringify(eventViews(journey.rows, null))).not.toContain('<<secret:')
})
