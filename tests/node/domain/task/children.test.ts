/** Steps that start tasks of other workflows: what is started, what comes back, and what is called back. */
import { describe, expect, it, test } from 'vitest'
import type { ChildSays } from '../../../../src/domain/task/commands.ts'
import { costAskOf, spentInAll } from '../../../../src/domain/task/cost.ts'
import { dueBetween, nextAlarm } from '../../../../src/domain/task/due.ts'
import type { Actor } from '../../../../src/domain/task/events.ts'
import { workOf } from '../../../../src/domain/task/run/attempts.ts'
import { childSays } from '../../../../src/domain/task/told/child-says.ts'
import { whyOf } from '../../../../src/domain/task/told/why.ts'
import type { Step } from '../../../../src/domain/workflow/definition.ts'
import {
  ANA,
  aTask,
  HOUR,
  type Journey,
  MINUTE,
  onboarding,
  oneChild,
  onePrompt,
  SECOND,
  START,
  usage,
} from '../../../support/task-builders.ts'
import { A_CHILD } from '../../../support/task-situations.ts'

const KEY: Actor = { kind: 'key', id: 'key_signup' }

/** The parent whose run 1 waits for tsk_2. */
function waiting(definition = oneChild(), at = {}): Journey {
  const task = aTask(definition, at)
  task.claim()
  task.do({ type: 'note', ...task.ref(), note: { started: A_CHILD } })
  return task
}

function said(task: Journey, over: Partial<ChildSays> = {}): { type: 'heard' } & ChildSays {
  const at = { visit: task.state.visit.n, run: 1, attempt: 1 }
  return { type: 'heard', ...A_CHILD, ...at, standing: 'done', result: 'Fine.', message: null, ...over }
}

/** What a consumer is given that takes the run up now. */
function orderOf(task: Journey) {
  const lease = task.claim()
  return workOf(task.state, task.context(), lease)?.order
}

function recalled(task: Journey): string[] {
  return dueBetween(task.state, task.now, task.now).flatMap(work => (work.kind === 'recall' ? [work.child] : []))
}

/** A child of the run 1.1.1 of tsk_parent. */
function aChild(): Journey {
  const parent = { visit: 1, run: 1, attempt: 1 }
  return aTask(onePrompt(), { task: 'tsk_2', source: { kind: 'task', id: 'tsk_parent', depth: 1, parent } }, KEY)
}

describe('what the tasks have spent that it started', () => {
  const again: Step['handoffs'] = [
    { when: 'ok', to: 'review' },
    { when: 'failed', to: 'complete' },
  ]
  const within = (cost: number, handoffs = again) => ({ ...oneChild({ handoffs }), limits: { cost } })

  it('counts against its limit, which then stops it before it starts another, and goes on once it is raised', () => {
    const task = waiting(within(0.1))
    expect(task.do(said(task, { spent: 0.06 }))).toContain('entered')
    task.claim()
    task.do({ type: 'note', ...task.ref(), note: { started: { ...A_CHILD, child: 'tsk_3' } } })
    task.do(said(task, { child: 'tsk_3', spent: 0.04 }))
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'limit_cost' }, usage: { cost: 0 } })
    expect(task.state.stuck?.message).toContain('limit of $0.10. By step: Tasks of “Contract review” $0.10.')
    expect(task.reread()).toEqual(task.state)
    task.do({ type: 'raise', limits: { cost: 0.2 } }, ANA)
    expect(task.state).toMatchObject({ status: 'running', stuck: null, visit: { n: 3, step: 'review' } })
  })

  it('is as much as each last said, also of one that failed and went on, and nothing in logs that do not say', () => {
    const spent = (...said: ChildSays['spent'][]) => {
      const task = waiting(within(1))
      const [first, second] = said
      task.do({ ...failedChild(task), spent: first })
      task.do({ ...failedChild(task), standing: 'done', result: 'x', spent: second })
      return spentInAll(task.state)
    }
    expect(spent(0.06, 0.09)).toBe(0.09)
    expect(spent(undefined, undefined)).toBe(0)
  })

  it('forbids the parent’s own calls, too', () => {
    const ask: Step = { key: 'ask', prompt: 'Go on.', model: 'gpt-5', handoffs: [{ to: 'complete' }] }
    const steps = [{ ...oneChild({ handoffs: [{ when: 'ok', to: 'ask' }] }).steps[0]!, key: 'review' }, ask]
    const task = waiting({ ...onboarding({ steps }), limits: { cost: 0.1 } })
    task.do(said(task, { spent: 0.0995 }))
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'limit_cost' } })
    expect(costAskOf(task.state, task.definition)?.left).toBeCloseTo(0.0005)
  })

  it('is told upwards as one sum, with what its own children spent', () => {
    const parent = { visit: 1, run: 1, attempt: 1 }
    const source = { kind: 'task' as const, id: 'tsk_parent', depth: 1, parent }
    const ask: Step = { key: 'ask', prompt: 'Go on.', handoffs: [{ to: 'review' }] }
    const steps = [ask, oneChild().steps[0]!]
    const middle = aTask(onboarding({ steps }), { task: 'tsk_2', source }, KEY)
    middle.answer('x', { usage: usage({ cost: 0.01 }) })
    middle.claim()
    middle.do({ type: 'note', ...middle.ref(), note: { started: { ...A_CHILD, child: 'tsk_3' } } })
    middle.do(said(middle, { child: 'tsk_3', spent: 0.02 }))
    expect(childSays(middle.state, middle.definition, 'done', () => null)).toMatchObject({ spent: 0.03 })
  })

  function failedChild(task: Journey) {
    return said(task, { standing: 'failed', result: null, message: 'It broke.' })
  }
})

describe('a step that starts a task of another workflow', () => {
  it('gives the worker the workflow that was pinned, the rendered input, and one key for each attempt', () => {
    const task = aTask(oneChild())
    const lease = task.claim()
    expect(workOf(task.state, task.context(), lease)?.order).toMatchObject({
      kind: 'start',
      use: 'Contract review',
      workflow: 'wf_contract_review',
      input: { text: 'Acme' },
      parent: { visit: 1, run: 1, attempt: 1 },
      key: 'tsk_1.1.1.1',
      facts: { depth: 0, task: { id: 'tsk_1' } },
    })
  })

  it('waits for that task, without end unless the step says until when, and says for which', () => {
    const task = waiting()
    expect(task.state.status).toBe('waiting')
    expect(task.alarm()).toBeNull()
    expect(whyOf(task.state, task.definition, task.now)).toEqual({
      sentence: '"review" waits for "Contract review" #2.',
      act: null,
    })
  })

  it('has the task, its status and its result as its output, and goes on as ok', () => {
    const task = waiting(oneChild({ handoffs: [{ when: 'ok', to: 'complete' }] }))
    expect(task.do(said(task, { result: { score: 5 } }))).toEqual([
      'returned',
      'awaited',
      'joined',
      'routed',
      'finished',
    ])
    expect(task.state.result).toEqual({ task: 'tsk_2', status: 'done', result: { score: 5 } })
    expect(task.reread()).toEqual(task.state)
  })

  it.each([
    ['failed', 'It broke.', 'child_failed', /Contract review.*failed: It broke\./],
    ['cancelled', null, 'child_cancelled', /Contract review.*was cancelled/],
  ] as const)('fails when that task is %s', (standing, message, code, words) => {
    const task = waiting()
    task.do(said(task, { standing, result: null, message }))
    expect(task.state).toMatchObject({ status: 'failed', error: { code } })
    expect(task.state.error?.message).toMatch(words)
  })

  it('leads on by its handoffs `failed` and `timeout`', () => {
    const handoffs: Step['handoffs'] = [
      { when: 'failed', to: 'complete' },
      { when: 'timeout', to: 'complete' },
    ]
    const one = waiting(oneChild({ handoffs }))
    one.do(said(one, { standing: 'failed' }))
    expect(one.state.status).toBe('done')
    const other = waiting(oneChild({ handoffs, timeout: '2h' }))
    expect(other.alarm()).toBe(other.now + 2 * HOUR)
    expect(other.wake()).toEqual(['reported', 'routed', 'finished', 'recalled'])
    expect(other.events).toContainEqual(expect.objectContaining({ type: 'routed', outcome: 'timeout' }))
  })

  it('checks the result by the output schema of the step', () => {
    const output = { type: 'object', required: ['score'] }
    const task = waiting(oneChild({ output }))
    task.do(said(task, { result: 'no score' }))
    expect(task.state.error).toMatchObject({ code: 'invalid_output' })
    const good = waiting(oneChild({ output }))
    good.do(said(good, { result: { score: 1 } }))
    expect(good.state.status).toBe('done')
  })

  it('is done at once where it does not wait, and calls nothing back', () => {
    const task = aTask(oneChild({}, { wait: false }))
    const lease = task.claim()
    expect(workOf(task.state, task.context(), lease)?.order).toMatchObject({ kind: 'start', parent: null })
    task.do({ type: 'note', ...task.ref(), note: { started: A_CHILD } })
    expect(task.run.phase.name).toBe('claimed')
    const output = { task: 'tsk_2', status: 'running', result: null }
    task.do({ type: 'report', ...task.ref(), outcome: { kind: 'completed', output }, usage: null, chain: false })
    expect(task.state).toMatchObject({ status: 'done', result: output })
    expect(recalled(task)).toEqual([])
  })

  it('starts no further task where five have started one another', () => {
    const source = (depth: number) => ({ source: { kind: 'task' as const, id: 'tsk_0', depth } })
    expect(aTask(oneChild(), source(4)).state.status).toBe('running')
    const deep = aTask(oneChild(), source(5))
    expect(deep.state).toMatchObject({ status: 'failed', error: { code: 'too_deep' } })
    expect(deep.state.error?.message).toMatch(/last of 5/)
  })

  it('starts another task for a retry, by hand or as the step asks, and calls the earlier one back', () => {
    const byHand = waiting()
    byHand.do(said(byHand, { standing: 'failed' }))
    expect(recalled(byHand)).toEqual([])
    expect(byHand.do({ type: 'retry' }, ANA)).toEqual(['due', 'recalled'])
    expect(orderOf(byHand)).toMatchObject({ key: 'tsk_1.1.1.2' })
    expect(recalled(byHand)).toEqual(['tsk_2'])
    const asked = waiting(oneChild({ retry: { attempts: 2, delay: '5s' } }))
    expect(asked.do(said(asked, { standing: 'failed' }))).toEqual(['returned', 'reported', 'due', 'recalled'])
    expect(asked.run).toMatchObject({ attempt: 2, dueAt: expect.any(Number) })
    // A cancelled one was cancelled by somebody.
    const cancelled = waiting(oneChild({ retry: { attempts: 2 } }))
    cancelled.do(said(cancelled, { standing: 'cancelled' }))
    expect(cancelled.state.status).toBe('failed')
  })

  it('starts no other task for a worker that vanished: the attempt is the same', () => {
    const task = aTask(oneChild())
    task.lapse()
    expect(orderOf(task)).toMatchObject({ key: 'tsk_1.1.1.1' })
  })

  it('gives a worker a minute to start it, whatever the step’s timeout', () => {
    const task = aTask(oneChild({ timeout: '3d' }))
    task.claim()
    expect(task.run.phase).toMatchObject({ until: task.now + 75 * SECOND })
  })
})

describe('what a child says', () => {
  it('is taken once, however often it comes', () => {
    const task = waiting(oneChild({ handoffs: [{ to: 'again' }] }))
    task.do(said(task, { standing: 'open' }))
    task.do(said(task))
    const { seq } = task.state
    for (const standing of ['open', 'done'] as const) expect(task.do(said(task, { standing, visit: 1 }))).toEqual([])
    expect(task.state.seq).toBe(seq)
  })

  it('takes nothing back of how it ended, though an earlier word comes later', () => {
    const task = waiting()
    task.do({ type: 'cancel' }, ANA)
    task.do(said(task, { standing: 'cancelled' }))
    expect(task.do(said(task, { standing: 'failed' }))).toEqual([])
    expect(task.state.children[0]?.ended?.standing).toBe('cancelled')
    expect(recalled(task)).toEqual([])
  })

  it('stands in for a worker that was lost before it could tell', () => {
    const task = aTask(oneChild())
    task.claim()
    expect(task.do(said(task, { standing: 'open' }))).toEqual(['started'])
    expect(task.run.phase).toMatchObject({ name: 'awaiting', child: 'tsk_2' })
    const lost = aTask(oneChild())
    lost.lapse()
    lost.do(said(lost))
    expect(lost.state.status).toBe('done')
  })

  it('may come before the worker’s own word, which then counts no more', () => {
    const task = aTask(oneChild())
    task.claim()
    const ref = task.ref()
    task.do(said(task))
    expect(task.state.status).toBe('done')
    expect(task.try({ type: 'note', ...ref, note: { started: A_CHILD } })).toEqual({ kind: 'stale_attempt' })
  })

  it.each([
    ['of another attempt', { attempt: 9 }],
    ['of another visit', { visit: 9 }],
    ['of a run that waits for another', {}],
  ])('calls one back %s, and the run waits on', (_what, over) => {
    const task = waiting()
    expect(task.do(said(task, { standing: 'open', child: 'tsk_3', ...over }))).toEqual(['started', 'recalled'])
    expect(recalled(task)).toEqual(['tsk_3'])
    expect(task.run.phase).toMatchObject({ name: 'awaiting', child: 'tsk_2' })
  })

  it('is kept while the task stands still, and taken when it goes on', () => {
    const task = waiting(oneChild({}, {}))
    const limited = waiting({ ...task.definition, limits: { duration: '1h' } })
    limited.now += 2 * HOUR
    limited.do({ type: 'wake' })
    expect(limited.state.stuck?.cause).toBe('limit_duration')
    expect(limited.do(said(limited))).toEqual(['returned'])
    limited.do({ type: 'raise', limits: { duration: '9h' } }, ANA)
    expect(limited.state.status).toBe('done')
  })
})

describe('children are called back', () => {
  const twoSteps = onboarding({
    steps: [
      { key: 'review', workflow: { use: 'Contract review' }, handoffs: [{ to: 'complete' }] },
      { key: 'other', prompt: 'x', handoffs: [{ to: 'complete' }] },
    ],
  })

  it.each([
    ['when the task is cancelled', (task: Journey) => task.do({ type: 'cancel' }, ANA)],
    ['when it is moved on', (task: Journey) => task.do({ type: 'move', step: 'other' }, ANA)],
    ['when it is moved to the same step', (task: Journey) => task.do({ type: 'move', step: 'review' }, ANA)],
  ])('%s, again and again until they say that they are over', (_when, leave) => {
    const task = waiting(twoSteps)
    leave(task)
    const at = task.now
    expect(recalled(task)).toEqual(['tsk_2'])
    expect(dueBetween(task.state, at + 1, at + 9 * SECOND)).toEqual([])
    expect(dueBetween(task.state, at + 1, at + 10 * SECOND)).toEqual([{ kind: 'recall', child: 'tsk_2' }])
    expect(nextAlarm(task.state, task.definition, at + 11 * MINUTE)).toBeLessThanOrEqual(at + 71 * MINUTE)
    task.do(said(task, { standing: 'cancelled', visit: 1 }))
    expect(recalled(task)).toEqual([])
    if (task.state.status === 'cancelled') expect(task.alarm()).toBeNull()
    expect(task.reread()).toEqual(task.state)
  })

  it('when one of them failed and the task is cancelled', () => {
    const task = waiting()
    task.do(said(task, { standing: 'failed' }))
    expect(task.do({ type: 'cancel' }, ANA)).toContain('recalled')
  })

  it('when enough others are done', () => {
    const child = { workflow: { use: 'Contract review' } }
    const task = aTask(
      onboarding({
        steps: [
          {
            key: 'both',
            parallel: { branches: { a: child, b: child }, join: 'any' },
            handoffs: [{ to: 'complete' }],
          },
        ],
      }),
    )
    for (const run of [1, 2]) {
      task.do({ type: 'claim', visit: 1, run, attempt: 1 })
      const { phase } = task.state.visit.runs[run - 1]!
      const lease = phase.name === 'claimed' ? phase.lease : ''
      const started = { ...A_CHILD, child: `tsk_child_${run}` }
      task.do({ type: 'note', visit: 1, run, attempt: 1, lease, note: { started } })
    }
    expect(task.state.status).toBe('waiting')
    expect(whyOf(task.state, task.definition, task.now).sentence).toMatch(/"a" waits for "Contract review" #child_/)
    task.do(said(task, { child: 'tsk_child_2', run: 2 }))
    expect(task.state).toMatchObject({
      status: 'done',
      result: { b: { task: 'tsk_child_2', status: 'done', result: 'Fine.' } },
    })
    expect(recalled(task)).toEqual(['tsk_child_1'])
  })

  it('in a map, for each item', () => {
    const map = { over: '{{ input.lines }}', as: 'line', do: { workflow: { use: 'R', input: { text: '{{ line }}' } } } }
    const steps = [{ key: 'lines', map, handoffs: [{ to: 'complete' }] }]
    const task = aTask({ ...onboarding({ steps }), input: {} }, { input: { company: 'Acme', lines: ['x', 'y'] } })
    task.do({ type: 'claim', visit: 1, run: 2, attempt: 1 })
    const { phase } = task.state.visit.runs[1]!
    const lease = phase.name === 'claimed' ? phase.lease : ''
    expect(workOf(task.state, task.context(), lease)?.order).toMatchObject({ input: { text: 'y' }, key: 'tsk_1.1.2.1' })
  })
})

describe('a child', () => {
  const say = (task: Journey, from = task.now) => dueBetween(task.state, from, task.now)

  it('tells of itself only if its worker may have been lost', () => {
    const task = aChild()
    expect(say(task)).toEqual([])
    task.now = START + 10 * SECOND
    expect(say(task)).toEqual([{ kind: 'tell', standing: 'open' }])
    task.do({ type: 'told', standing: 'open' })
    expect(say(task, START)).toEqual([])
  })

  it('tells of its end at once, and again until that was heard', () => {
    const task = aChild()
    task.answer('The work.')
    expect(say(task)).toEqual([{ kind: 'tell', standing: 'done' }])
    expect(task.alarm()).toBe(task.now + 10 * SECOND)
    expect(childSays(task.state, task.definition, 'done', () => null)).toEqual({
      child: 'tsk_2',
      workflow: 'wf_onboarding',
      of: 'Customer onboarding',
      visit: 1,
      run: 1,
      attempt: 1,
      standing: 'done',
      result: 'The work.',
      message: null,
      spent: 0.00125,
    })
    task.now += 10 * SECOND
    expect(say(task)).toEqual([{ kind: 'tell', standing: 'done' }])
    task.do({ type: 'told', standing: 'done' })
    expect(say(task)).toEqual([])
    expect(task.alarm()).toBeNull()
    expect(task.reread()).toEqual(task.state)
  })

  it('tells that it failed, and later what it came to after all', () => {
    const task = aChild()
    task.fail({ retryable: false })
    expect(say(task)).toEqual([{ kind: 'tell', standing: 'failed' }])
    expect(childSays(task.state, task.definition, 'failed', () => null)?.message).toMatch(/provider had an error/)
    task.do({ type: 'told', standing: 'failed' })
    task.do({ type: 'retry' }, ANA)
    expect(say(task)).toEqual([])
    // What was meant to be told before is not told any more.
    expect(childSays(task.state, task.definition, 'failed', () => null)).toBeNull()
    task.answer('The work.')
    expect(say(task)).toEqual([{ kind: 'tell', standing: 'done' }])
  })

  it('still has to tell what it came to when only an earlier word was heard', () => {
    const task = aChild()
    task.answer('The work.')
    task.do({ type: 'told', standing: 'open' })
    expect(say(task)).toEqual([{ kind: 'tell', standing: 'done' }])
  })

  test('a task that nobody waits for tells nobody', () => {
    const task = aTask(onePrompt(), { source: { kind: 'task', id: 'tsk_0', depth: 1 } })
    task.answer('The work.')
    expect(say(task)).toEqual([])
    expect(task.alarm()).toBeNull()
  })
})
