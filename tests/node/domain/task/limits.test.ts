/** Limits of steps, cost and duration; what each policy does when one is reached, and how raising goes on. */
import { describe, expect, it } from 'vitest'
import type { NewFile } from '../../../../src/domain/file/file.ts'
import { costAskOf } from '../../../../src/domain/task/cost.ts'
import { workOf } from '../../../../src/domain/task/run/attempts.ts'
import type { Limits } from '../../../../src/domain/workflow/parts.ts'
import {
  ANA,
  aFile,
  approve,
  aTask,
  BEN,
  DAY,
  draft,
  HOUR,
  type Journey,
  limited,
  MINUTE,
  onboarding,
  onePrompt,
  usage,
} from '../../../support/task-builders.ts'
import { SITUATIONS } from '../../../support/task-situations.ts'

const looping = draft({ handoffs: [{ to: 'draft' }] })
const dear = draft({ model: 'gpt-5-mini', handoffs: [{ to: 'draft' }] })

/** A task that has just reached this limit. */
function reaching(what: 'steps' | 'cost' | 'duration', reached: Limits['reached']): Journey {
  const wrapUp = approve({}, { key: 'wrap_up' })
  if (what === 'steps') {
    const task = aTask(limited({ steps: 1, reached }, [looping, wrapUp]))
    task.answer('text')
    return task
  }
  if (what === 'cost') {
    const task = aTask(limited({ cost: 0.01, reached }, [dear, wrapUp]))
    task.answer('text', { usage: usage({ outputTokens: 5000 }) })
    return task
  }
  const task = aTask(limited({ duration: '10m', reached }, [looping, wrapUp]))
  task.now += 10 * MINUTE
  task.do({ type: 'wake' })
  return task
}

const ALL = ['steps', 'cost', 'duration'] as const

describe.each(ALL)('the limit of %s', what => {
  it('asks: the task is stuck and says how to go on', () => {
    const { state } = reaching(what, 'ask')
    expect(state).toMatchObject({ status: 'stuck', stuck: { cause: `limit_${what}` } })
    expect(state.stuck?.fix).toMatch(/Raise/)
    expect(reaching(what, undefined).state.stuck).toEqual(state.stuck)
  })

  it('fails', () => {
    expect(reaching(what, 'fail').state).toMatchObject({ status: 'failed', error: { code: `limit_${what}` } })
  })

  it('sends the task to a step, once', () => {
    const task = reaching(what, 'wrap_up')
    expect(task.state).toMatchObject({
      status: 'waiting',
      limitStepUsed: true,
      visit: { step: 'wrap_up', by: 'limit' },
    })
    task.do({ type: 'move', step: 'draft' }, ANA)
    if (what === 'steps') task.answer('text')
    if (what === 'duration') task.answer('text')
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: `limit_${what}` } })
  })

  it('asks where the step it names is not there', () => {
    expect(reaching(what, 'nowhere').state.status).toBe('stuck')
  })

  it('raised, lets the task go on where it was', () => {
    const task = reaching(what, 'ask')
    const visit = task.state.visit.n
    task.do({ type: 'raise', limits: { steps: 9, cost: 9, duration: '30d' }, visit }, ANA)
    expect(task.state).toMatchObject({ status: 'running', stuck: null })
    expect(task.run.phase.name).toBe('due')
    expect(task.run.dueAt).toBe(task.now)
    task.answer('text')
    expect(task.state.visit.n).toBeGreaterThan(visit)
  })

  it('raised too little, is reached again', () => {
    const task = reaching(what, 'ask')
    const little = { steps: { steps: 1 }, cost: { cost: 0.002 }, duration: { duration: '10m' } }[what]
    task.do({ type: 'raise', limits: little }, ANA)
    if (what === 'duration') task.do({ type: 'wake' })
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: `limit_${what}` } })
  })

  it('is not lifted by raising another', () => {
    const task = reaching(what, 'ask')
    const other: Limits = what === 'steps' ? { cost: 9 } : { steps: 9 }
    task.do({ type: 'raise', limits: other }, ANA)
    if (what === 'duration') task.wake()
    expect(task.state.stuck?.cause).toBe(`limit_${what}`)
  })
})

const STOP = { cause: 'limit_cost', message: '', fix: '', next: null, run: 1 } as const

describe('a limit', () => {
  it('of steps is 20 unless set', () => {
    const task = aTask(limited({}, [looping]))
    for (let i = 0; i < 20; i++) task.answer('text')
    expect(task.state).toMatchObject({ status: 'stuck', visit: { n: 20 }, stuck: { next: 'draft' } })
  })

  it('does not bind what a person does by hand', () => {
    const task = reaching('steps', 'ask')
    task.do({ type: 'route', handoff: 'draft' }, ANA)
    expect(task.state).toMatchObject({ status: 'running', visit: { n: 2 } })
  })

  it('of cost reserves what the next call may cost, and counts calls without a price', () => {
    const known = aTask(limited({ cost: 0.001 }, [dear]))
    expect(known.state.stuck?.cause).toBe('limit_cost')
    const unknown = aTask(limited({ cost: 0.1 }, [draft({ model: 'house-model', handoffs: [{ to: 'draft' }] })]))
    unknown.answer('one', { usage: usage({ model: 'house-model' }) })
    expect(unknown.state.status).toBe('running')
    unknown.answer('two', { usage: usage({ model: 'house-model' }) })
    expect(unknown.state.stuck?.cause).toBe('limit_cost')
  })

  it('of cost reserves for the dearest of the models that may answer, and for an answer as long as allowed', () => {
    const asks = (over: object) => aTask(limited({ cost: 0.01 }, [draft({ model: 'demo', handoffs: [], ...over })]))
    expect(asks({}).state.status).toBe('running')
    expect(asks({ fallback: ['gpt-5'] }).state.stuck?.cause).toBe('limit_cost')
    expect(asks({ model: 'gpt-5-mini' }).state.status).toBe('running')
    expect(asks({ model: 'gpt-5-mini', params: { maxOutputTokens: 20_000 } }).state.stuck?.cause).toBe('limit_cost')
  })

  it.each<[string, Partial<NewFile>, string | undefined, number]>([
    ['the text of a file', { type: 'text/plain', toRead: true }, 'x'.repeat(40_000), 10_000],
    ['a picture', { type: 'image/png' }, undefined, 1500],
    ['the pages of a scan', { type: 'application/pdf', bytes: 950_000 }, undefined, 15_000],
    ['a PDF with text, which is seen and read', { type: 'application/pdf', toRead: true }, 'x'.repeat(9000), 6750],
  ])('of cost reserves for %s that a model is given, as its people are told', (_what, over, text, tokens) => {
    const given = aFile({ id: 'fil_1', name: 'given', ...over })
    const other = aFile({ id: 'fil_2', type: 'image/png' })
    const prices = { house: { input: 100, output: 0 } }
    // What the files cost by themselves is just beyond it.
    const reached = (files: string[]) => {
      const step = draft({ model: 'house', prompt: '', files, handoffs: [{ to: 'complete' }] })
      const limits = { cost: (tokens / 1e6) * 100 - 0.00001 }
      const task = aTask(onboarding({ steps: [step], limits }), {
        files: [given, other],
        terms: { budget: null, prices },
      })
      if (text !== undefined) task.do({ type: 'read', file: 'fil_1', text })
      return task
    }
    expect(reached([]).state.stuck).toBeNull()
    const stuck = reached(['{{ files[0] }}'])
    expect(stuck.state.stuck?.cause).toBe('limit_cost')
    expect(stuck.do({ type: 'raise', limits: { cost: 50 } }, ANA)).toContain('due')
    const { state } = stuck
    expect(costAskOf({ ...state, status: 'stuck', stops: [STOP] }, stuck.definition)?.tokens.inputTokens).toBe(tokens)
  })

  it('of cost stops a retry too, which raising then makes', () => {
    const task = SITUATIONS['the limit of cost between two tries']!.reach()
    task.do({ type: 'raise', limits: { cost: 5 } }, ANA)
    expect(task.run).toMatchObject({ attempt: 2, firstAttempt: 1, phase: { name: 'due' } })
  })

  it('of cost is not reached by the free demo model', () => {
    const task = aTask(limited({ cost: 0 }, [draft({ handoffs: [{ to: 'complete' }] })]))
    task.answer('text', { usage: usage({ model: 'demo' }) })
    expect(task.state.status).toBe('done')
  })

  it('of duration lets a call in flight finish, and stops the task with its report', () => {
    const task = aTask(limited({ duration: '10m' }, [looping]))
    task.now += 9 * MINUTE + 59_000
    task.claim()
    task.now += 30_000
    expect(task.do({ type: 'wake' })).toEqual([])
    const outcome = { kind: 'completed' as const, output: 'text' }
    task.do({ type: 'report', ...task.ref(), outcome, usage: null, chain: true })
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'limit_duration', next: 'draft' } })
  })

  it('of duration is met by the alarm, in whatever the task waits for', () => {
    const waiting = aTask(limited({ duration: '2d' }, [approve()]))
    expect(waiting.alarm()).toBe(waiting.now + 2 * DAY)
    expect(waiting.wake()).toEqual(['stuck'])
    waiting.decide('rejected', BEN)
    expect(waiting.state.stuck).toMatchObject({ cause: 'limit_duration', next: 'draft' })
  })

  it('of duration raised while people are asked shows the question again', () => {
    const task = SITUATIONS['the limit of duration, a question open']!.reach()
    task.do({ type: 'raise', limits: { duration: '30d' } }, ANA)
    expect(task.state).toMatchObject({ status: 'waiting', stuck: null })
  })

  it('of duration raised while roles are looked up looks them up again, at once', () => {
    const task = SITUATIONS['the limit of duration, roles being looked up']!.reach()
    task.do({ type: 'raise', limits: { duration: '30d' } }, ANA)
    expect(task.run).toMatchObject({ dueAt: task.now, phase: { name: 'asking' } })
  })

  it('of duration raised while a provider is away holds it again, until it is released', () => {
    const task = SITUATIONS['the limit of duration, a held run']!.reach()
    expect(task.do({ type: 'wake' })).toEqual([])
    task.do({ type: 'raise', limits: { duration: '30d' } }, ANA)
    expect(task.state.status).toBe('held')
    expect(task.wake()).toEqual(['released'])
  })

  it('that failed a task which waits keeps it failed: neither its due time nor a decision revives it', () => {
    const task = SITUATIONS['a limit that fails it while people are asked']!.reach()
    task.now += DAY
    expect(task.do({ type: 'wake' })).toEqual([])
    expect(task.try({ type: 'decide', handoff: 'approved' }, ANA)).toMatchObject({ kind: 'wrong_status' })
    expect(task.alarm()).toBeNull()
  })

  it('is refused when it is none', () => {
    const task = aTask(onePrompt())
    expect(task.try({ type: 'raise', limits: {} })).toMatchObject({ kind: 'invalid_limits' })
    expect(task.try({ type: 'raise', limits: { duration: 'soon' } })).toMatchObject({ kind: 'invalid_limits' })
  })

  it('met after a template failed has the prompt rendered when it is raised', () => {
    const task = aTask(limited({ cost: 0.001 }, [draft({ prompt: '{{ input.email }}', model: 'gpt-5-mini' })]))
    expect(task.state.error?.code).toBe('template')
    task.do({ type: 'move', step: 'draft', input: { company: 'Acme', email: 'a@acme.test' } }, ANA)
    expect(task.state.stuck?.cause).toBe('limit_cost')
    task.do({ type: 'raise', limits: { cost: 5 } }, ANA)
    expect(task.run.prompt).toBe('a@acme.test')
  })

  it('of duration counts from the start of the task', () => {
    const task = aTask(limited({ duration: '1h' }, [looping]))
    task.now += HOUR
    task.do({ type: 'wake' })
    task.do({ type: 'raise', limits: { duration: '3h' } }, ANA)
    expect(task.state.until).toBe(task.state.createdAt + 3 * HOUR)
  })
})

describe('the budget of a task', () => {
  const terms = { budget: 0.01 }
  const spendsAll = { usage: usage({ outputTokens: 5000 }) }

  it('is the team’s where the definition sets no limit, and the definition’s where it does', () => {
    const task = aTask(limited({}, [dear]), { terms })
    task.answer('text', spendsAll)
    expect(task.state.stuck).toMatchObject({ cause: 'limit_cost', message: expect.stringContaining('limit of $0.01.') })
    const own = aTask(limited({ cost: 5 }, [dear]), { terms })
    own.answer('text', spendsAll)
    expect(own.state.status).toBe('running')
  })

  it('is none in a log of before, and where the team has none', () => {
    for (const more of [{}, { terms: { budget: null } }]) {
      const task = aTask(limited({}, [dear]), more)
      task.answer('text', { usage: usage({ outputTokens: 10_000_000 }) })
      expect(task.state.status).toBe('running')
    }
  })

  it('reserves at the team’s own prices, and for its model where nothing names one', () => {
    const prices = { 'house-model': { input: 0, output: 100 } }
    const house = draft({ model: 'house-model', handoffs: [] })
    expect(aTask(limited({}, [house]), { terms }).state.status).toBe('running')
    expect(aTask(limited({}, [house]), { terms: { ...terms, prices } }).state.stuck?.cause).toBe('limit_cost')
    const unnamed = draft({ model: undefined, handoffs: [] })
    expect(aTask(limited({}, [unnamed]), { terms }).state.status).toBe('running')
    const usual = { ...terms, model: 'house-model', prices }
    expect(aTask(limited({}, [unnamed]), { terms: usual }).state.stuck?.cause).toBe('limit_cost')
  })

  it('counts what a worker says a call cost, at the prices of that day', () => {
    const task = aTask(limited({}, [looping]), { terms })
    task.answer('text', { usage: usage({ model: 'house-model', cost: 0.5 }) })
    expect(task.state).toMatchObject({ usage: { cost: 0.5, unpriced: 0 }, stuck: { cause: 'limit_cost' } })
  })
})

describe('a task at its cost limit', () => {
  const second = draft({ key: 'review', name: 'Review', model: 'gpt-5', handoffs: [{ to: 'draft' }] })
  const first = draft({ name: 'Draft', model: 'gpt-5', handoffs: [{ to: 'review' }] })
  const mini = { name: 'gpt-5-nano', price: { input: 0.05, output: 0.4 } }

  /** Two steps have spent $0.05 and $0.0025 of $0.062; one more call of gpt-5 may cost a cent. */
  function stopped(): Journey {
    const task = aTask(limited({ cost: 0.062 }, [first, second]))
    task.answer('one', { usage: usage({ model: 'gpt-5', inputTokens: 0, outputTokens: 5000 }) })
    task.answer('two', { usage: usage({ model: 'gpt-5', inputTokens: 0, outputTokens: 250 }) })
    expect(task.state).toMatchObject({ status: 'stuck', visit: { step: 'draft' } })
    return task
  }

  it('says what it spent by step, the dearest first', () => {
    expect(stopped().state.stuck?.message).toBe(
      'It has spent $0.0525; one more call may go beyond its limit of $0.062. By step: Draft $0.05, Review $0.0025.',
    )
    const unpriced = aTask(limited({ cost: 0.04 }, [draft({ model: 'x', handoffs: [{ to: 'draft' }] })]))
    unpriced.answer('one', { usage: usage({ model: 'x' }) })
    expect(unpriced.state.stuck?.message).toContain('$0.05 (1 call without a price)')
  })

  it('says in words what it spent where that is nothing, or too little for a figure', () => {
    const none = aTask(limited({ cost: 0.001 }, [first, second]))
    expect(none.state.stuck?.message).toBe('It has spent nothing yet; one more call may go beyond its limit of $0.001.')
    const little = aTask(
      limited({ cost: 0.002 }, [draft({ model: 'gpt-5-nano', handoffs: [{ to: 'review' }] }), second]),
    )
    little.answer('one', { usage: usage({ model: 'gpt-5-nano', inputTokens: 0, outputTokens: 100 }) })
    expect(little.state.stuck?.message).toMatch(/^It has spent less than \$0\.0001; one more call /)
  })

  it('goes on with a cheaper model, for the rest of the task, whatever its steps name', () => {
    const task = stopped()
    task.do({ type: 'raise', limits: {}, model: mini }, ANA)
    expect(task.state).toMatchObject({ status: 'running', stuck: null })
    const lease = task.claim()
    expect(workOf(task.state, task.context(), lease)?.order).toMatchObject({ model: 'gpt-5-nano', fallback: [] })
    const outcome = { kind: 'completed' as const, output: 'three', confidence: 0.9 }
    task.do({
      type: 'report',
      ...task.ref(),
      outcome,
      usage: usage({ model: 'gpt-5-nano', outputTokens: 10 }),
      chain: false,
    })
    const next = task.claim()
    expect(workOf(task.state, task.context(), next)?.order).toMatchObject({ model: 'gpt-5-nano' })
    expect(task.events.filter(event => event.type === 'raised')).toMatchObject([{ model: mini }])
  })

  it('refuses a model whose call does not fit either, and stays as it was', () => {
    const task = stopped()
    const before = task.state
    const dearer = { name: 'gpt-5-pro', price: { input: 15, output: 120 } }
    expect(task.try({ type: 'raise', limits: {}, model: dearer }, ANA)).toMatchObject({
      kind: 'invalid_limits',
      message: expect.stringContaining('gpt-5-pro does not fit'),
    })
    expect(task.state).toEqual(before)
    task.do({ type: 'raise', limits: { cost: 9 }, model: dearer }, ANA)
    expect(task.state.status).toBe('running')
  })

  it('is finished with what there is', () => {
    const task = stopped()
    task.do({ type: 'route', handoff: 'complete' }, ANA)
    expect(task.state).toMatchObject({ status: 'done', result: 'two' })
  })
})
