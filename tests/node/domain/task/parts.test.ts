/** What a task consisted of: where its time went, who worked on it, and what happened to each, told by its log alone. */
import { expect, it } from 'vitest'
import { replay } from '../../../../src/domain/task/evolve.ts'
import { type Dimension, Parts, type StoredPart, TIME_KINDS } from '../../../../src/domain/task/told/parts.ts'
import {
  ANA,
  aCall,
  approve,
  aTask,
  draft,
  HOUR,
  type Journey,
  onboarding,
  onePrompt,
  research,
  SECOND,
  usage,
  versionOf,
} from '../../../support/task-builders.ts'

const LETTER = { type: 'object', properties: { subject: { type: 'string' } } } as const

function partsOf({ rows, state }: Journey) {
  const parts = new Parts()
  for (const row of rows) {
    const before = replay(rows.filter(({ seq }) => seq < row.seq))
    const after = replay(rows.filter(({ seq }) => seq <= row.seq))!
    parts.take(row, before, versionOf((before ?? after).digest).definition)
  }
  return told(parts.stored(state))
}

function told(stored: StoredPart[]) {
  const of = (dimension: Dimension) =>
    Object.fromEntries(
      stored
        .filter(([one]) => one === dimension)
        .map(([, name, cost, bits, left, ...ms]) => {
          const times = TIME_KINDS.map((kind, n) => [kind, ms[n] ?? 0] as const).filter(([, n]) => n > 0)
          return [name, { cost, bits, left, ...Object.fromEntries(times) }]
        }),
    )
  return {
    task: of('task'),
    step: of('step'),
    agent: of('agent'),
    model: of('model'),
    intake: of('intake'),
    version: of('version'),
  }
}

const pass = (task: Journey, ms: number) => {
  task.now += ms
}

it('parts each step’s time into what it waited for and what worked, and says whose it was', () => {
  const steps = [research(), draft({ output: LETTER }), approve({ edits: 'draft' })]
  const task = aTask(onboarding({ steps }), { source: { kind: 'webhook', id: 'int_shop' } })
  pass(task, 4 * SECOND)
  task.claim()
  pass(task, 20 * SECOND)
  const report = (over: { usage: ReturnType<typeof usage> }) =>
    task.do({
      type: 'report',
      ...task.ref(),
      outcome: { kind: 'completed', output: 'x', confidence: 0.9 },
      chain: false,
      ...over,
    })
  report({ usage: usage({ cost: 0.02 }) })
  task.answer({ subject: 'Dear Acme' }, { usage: usage({ model: 'demo', cost: 0.01 }) })
  pass(task, 3 * HOUR)
  task.decide('approved', ANA, { edits: { subject: 'Dearest Acme' } })
  expect(task.state.status).toBe('done')
  expect(partsOf(task)).toEqual({
    task: { '': { cost: 0.03, bits: 6, left: 1, people: 3 * HOUR, queue: 4000, model: 20_000 } },
    step: {
      research: { cost: 0.02, bits: 0, left: 1, queue: 4000, model: 20_000 },
      draft: { cost: 0.01, bits: 6, left: 1 },
      approve: { cost: 0, bits: 0, left: 1, people: 3 * HOUR },
    },
    agent: { researcher: { cost: 0.02, bits: 0, left: 0 } },
    model: { 'gpt-5-mini': { cost: 0.02, bits: 0, left: 0 }, demo: { cost: 0.01, bits: 6, left: 0 } },
    intake: { int_shop: { cost: 0.03, bits: 6, left: 0 } },
    version: { '3': { cost: 0.03, bits: 6, left: 0 } },
  })
})

it('counts the try again as queue, a call as work of its own, and what stands stuck as waiting for people', () => {
  const task = aTask(onePrompt())
  task.claim()
  pass(task, SECOND)
  task.do({ type: 'note', ...task.ref(), note: { called: aCall() } })
  pass(task, 5 * SECOND)
  task.do({
    type: 'note',
    ...task.ref(),
    note: { answered: { call: 'call_1', ok: true, ms: 5000, result: null } as never },
  })
  pass(task, 2 * SECOND)
  const failure = { code: 'provider_error' as const, message: 'x', retryable: true, retryAfterMs: 30_000 }
  task.do({ type: 'report', ...task.ref(), outcome: { kind: 'failed', failure }, usage: null, chain: false })
  const again = task.run.dueAt - task.now
  expect(again).toBeGreaterThan(0)
  pass(task, again)
  task.fail({ retryable: false })
  expect(task.state.status).toBe('failed')
  pass(task, HOUR)
  task.do({ type: 'retry' } as never, ANA)
  const { step, task: whole } = partsOf(task)
  // The stay goes on: its times are told once it is over.
  expect(step.draft).toEqual({ cost: 0, bits: 0, left: 0 })
  task.answer('y', { usage: usage({ cost: null }) })
  expect(whole['']).toMatchObject({ left: 0 })
  expect(partsOf(task)).toMatchObject({
    step: { draft: { cost: null, left: 1, people: HOUR, queue: again, model: 3 * SECOND, call: 5 * SECOND } },
    task: { '': { cost: null, left: 1 } },
  })
})

it('times of all steps together are the time from the first to the last row', () => {
  const task = aTask(onboarding())
  for (let n = 0; task.state.status !== 'done' && n < 40; n++) {
    pass(task, 1000 * (n + 1))
    if (task.state.status === 'waiting') task.decide(n < 12 ? 'rejected' : 'approved', ANA, { note: 'again' })
    else task.answer('x')
  }
  expect(task.state.status).toBe('done')
  const { step, task: whole } = partsOf(task)
  const sum = ({ cost: _c, bits: _b, left: _l, ...ms }: Record<string, number | null>) =>
    Object.values(ms).reduce<number>((all, one) => all + one!, 0)
  expect(sum(whole['']!)).toBe(task.now - task.state.createdAt)
  expect(Object.values(step).reduce((all, one) => all + sum(one), 0)).toBe(task.now - task.state.createdAt)
  expect([step.draft!.left! > 3, step.approve!.left! > 3]).toEqual([true, true])
})

it('a doubtful answer is told of its step and of whoever was in doubt', () => {
  const task = aTask(onePrompt({ confidence: 0.8 }))
  task.answer('x', { confidence: 0.2 })
  const { step, model, task: whole } = partsOf(task)
  expect([step.draft!.bits, model['gpt-5-mini']!.bits, whole['']!.bits]).toEqual([1, 1, 1])
})
