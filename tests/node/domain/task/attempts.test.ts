/** A run's attempts: leases, retries with backoff, timeouts, doubts, late and repeated reports, workers that vanish. */
import { describe, expect, it } from 'vitest'
import type { Command } from '../../../../src/domain/task/commands.ts'
import { backoffMs, workOf } from '../../../../src/domain/task/run/attempts.ts'
import {
  ANA,
  aCall,
  approve,
  aTask,
  draft,
  HOUR,
  type Journey,
  MINUTE,
  onboarding,
  onePrompt,
  research,
  SECOND,
  SYSTEM,
  usage,
} from '../../../support/task-builders.ts'

type Report = Extract<Command, { type: 'report' }>

function reportOf(task: Journey, over: Partial<Report> = {}): Report {
  const outcome = { kind: 'completed' as const, output: 'text', confidence: 0.9 }
  return { type: 'report', ...task.ref(), outcome, usage: usage(), chain: false, ...over }
}

describe('a claim', () => {
  it('hands out the rendered work and a lease that outlives the call by 15 s', () => {
    const task = aTask(onboarding({ defaults: { model: 'gpt-5-mini', timeout: '2m' } }))
    const lease = task.claim()
    const work = workOf(task.state, task.context(), lease)
    expect(work).toEqual({
      task: 'tsk_1',
      team: 'acme',
      workflow: 'wf_onboarding',
      visit: 1,
      run: 1,
      attempt: 1,
      lease,
      until: task.now + 2 * MINUTE + 15 * SECOND,
      step: 'research',
      stepName: 'Research the company',
      madeAt: task.state.createdAt,
      leadsTo: [],
      waited: false,
      order: {
        kind: 'model',
        agent: { key: 'researcher', version: 7 },
        messages: [{ role: 'user', text: 'Research Acme.' }],
        loop: {
          ...{ tools: null, versions: {}, key: 'tsk_1.1.1', calls: [], turns: [], firstTurn: 0, maxTurns: 20 },
          hidden: [],
          facts: {
            input: { company: 'Acme' },
            task: { id: 'tsk_1', title: 'Acme', visit: 1 },
            depth: 0,
            people: ['Ana@acme.test'],
          },
        },
        model: 'gpt-5-mini',
        usual: null,
        cacheMs: null,
        fallback: [],
        params: {},
        skills: { names: [], versions: {} },
        timeoutMs: 2 * MINUTE,
        schema: null,
        labels: [],
        judged: false,
      },
    })
  })

  it('is refused while another holds the lease, before its time, and for another attempt or visit', () => {
    const task = aTask(onboarding())
    task.claim()
    const claim = { type: 'claim' as const, visit: 1, run: 1, attempt: 1 }
    expect(task.try(claim)).toEqual({ kind: 'not_claimable', why: 'claimed' })
    task.do({ ...reportOf(task), outcome: { kind: 'failed', failure: failure() } })
    expect(task.try({ ...claim, attempt: 2 })).toEqual({ kind: 'not_claimable', why: 'early' })
    expect(task.try(claim)).toEqual({ kind: 'not_claimable', why: 'stale' })
    expect(task.try({ ...claim, visit: 2 })).toEqual({ kind: 'not_claimable', why: 'stale' })
    task.do({ type: 'cancel' }, ANA)
    expect(task.try(claim)).toEqual({ kind: 'not_claimable', why: 'over' })
  })

  it('asks a model for one of the step’s labels, and for default where there is a fallback', () => {
    const handoffs = [{ when: 'good', to: 'complete' }, { when: 'failed', to: 'draft' }, { to: 'complete' }]
    const task = aTask(onePrompt({ handoffs }))
    const lease = task.claim()
    expect(workOf(task.state, task.context(), lease)).toMatchObject({
      order: { labels: ['good', 'default'], judged: true },
    })
  })
})

function failure(over: object = {}) {
  return { code: 'rate_limited' as const, message: 'Too many requests.', retryable: true, ...over }
}

describe('a retry', () => {
  it('waits 2 s, then 4 s, each within a fifth, and gives up after the third attempt', () => {
    const task = aTask(onePrompt())
    for (const pause of [2, 4]) {
      expect(task.fail()).toEqual(['reported', 'due'])
      const waits = task.run.dueAt - task.now
      expect(waits).toBeGreaterThanOrEqual(pause * 0.8 * SECOND)
      expect(waits).toBeLessThanOrEqual(pause * 1.2 * SECOND)
      task.now = task.run.dueAt
    }
    expect(task.fail()).toEqual(['reported', 'routed', 'failed'])
    expect(task.state.error).toMatchObject({ code: 'provider_error', step: 'draft' })
  })

  it.each([0, 0.25, 0.5, 0.999999])('keeps backoff within its bounds whatever chance says (%d)', random => {
    const rule = { attempts: 20, delayMs: 2000, factor: 10 }
    for (let tries = 1; tries <= 20; tries++) {
      const plain = Math.min(2000 * 10 ** (tries - 1), HOUR)
      expect(backoffMs(rule, tries, random)).toBeGreaterThanOrEqual(plain * 0.8)
      expect(backoffMs(rule, tries, random)).toBeLessThanOrEqual(plain * 1.2)
    }
  })

  it('waits at least as long as the provider asks, an hour at most', () => {
    const polite = aTask(onePrompt())
    polite.fail({ code: 'rate_limited', retryAfterMs: 90 * SECOND })
    expect(polite.run.dueAt).toBe(polite.now + 90 * SECOND)
    const absurd = aTask(onePrompt())
    absurd.fail({ retryAfterMs: 100 * HOUR })
    expect(absurd.run.dueAt).toBe(absurd.now + HOUR)
  })

  it('takes the step’s own rule over the workflow’s', () => {
    const task = aTask(onePrompt({ retry: { attempts: 1 } }, { defaults: { retry: { attempts: 5, delay: '1m' } } }))
    task.fail()
    expect(task.state.status).toBe('failed')
  })

  it('is not made for what will not go better', () => {
    const task = aTask(onePrompt())
    expect(task.fail({ code: 'provider_auth', retryable: false })).toEqual(['reported', 'routed', 'failed'])
  })

  it('keeps the prompt that was rendered first', () => {
    const task = aTask(onePrompt())
    const { prompt } = task.run
    task.fail()
    expect(task.run.prompt).toBe(prompt)
  })
})

describe('an outcome', () => {
  const take = (when: string) => [{ when, to: 'approve' }, { to: 'complete' }]
  const steps = (when: string) => [draft({ retry: { attempts: 1 }, handoffs: take(when) }), approve()]

  it('`failed` is taken by its own handoff only, never by a fallback', () => {
    const taken = aTask(onboarding({ steps: steps('failed') }))
    taken.fail()
    expect(taken.state.visit.step).toBe('approve')
    const untaken = aTask(onboarding({ steps: steps('timeout') }))
    untaken.fail()
    expect(untaken.state.status).toBe('failed')
  })

  it('`timeout` is taken by its own handoff, else by `failed`', () => {
    for (const when of ['timeout', 'failed']) {
      const task = aTask(onboarding({ steps: steps(when) }))
      task.fail({ code: 'timeout' })
      expect(task.state.visit.step).toBe('approve')
      expect(task.state.last.handoff).toBe('timeout')
    }
    const untaken = aTask(onboarding({ steps: [draft({ retry: { attempts: 1 } })] }))
    untaken.fail({ code: 'timeout' })
    expect(untaken.state).toMatchObject({ status: 'failed', error: { code: 'timeout' } })
  })

  it('`unsure`, below the floor, is taken by its own handoff, else the owner is asked', () => {
    const labelled = [
      { when: 'good', to: 'complete' },
      { when: 'poor', to: 'draft' },
    ]
    const asked = aTask(onboarding({ steps: [draft({ handoffs: labelled })] }))
    asked.answer('text', { handoff: 'good', confidence: 0.69 })
    expect(asked.run.phase).toMatchObject({
      name: 'asked',
      ask: { kind: 'unsure', assignees: ['ana@acme.test'], labels: ['good', 'poor'], artefact: { output: 'text' } },
    })
    asked.decide('good')
    expect(asked.state).toMatchObject({ status: 'done', result: 'text', decided: { 1: { 1: { handoff: 'good' } } } })

    const taken = aTask(
      onboarding({ steps: [draft({ handoffs: [...labelled, { when: 'unsure', to: 'approve' }] }), approve()] }),
    )
    taken.answer('text', { handoff: 'good', confidence: 0.1 })
    expect(taken.state.visit.step).toBe('approve')
  })

  it('is sure from the floor on, which a step may set, and without a word about confidence it is unsure', () => {
    const step = (confidence?: number) => onePrompt({ confidence, handoffs: [{ when: 'good', to: 'complete' }] })
    const at = (floor: number | undefined, confidence: number) => {
      const task = aTask(step(floor))
      task.answer('text', { handoff: 'good', confidence })
      return task.state.status
    }
    expect([at(undefined, 0.7), at(undefined, 0.69), at(0.2, 0.2), at(0.95, 0.94)]).toEqual([
      'done',
      'waiting',
      'done',
      'waiting',
    ])
    const silent = aTask(step())
    silent.claim()
    silent.do(reportOf(silent, { outcome: { kind: 'completed', output: 'text', handoff: 'good' } }))
    expect(silent.state.status).toBe('waiting')
    const unjudged = aTask(onePrompt())
    unjudged.claim()
    unjudged.do(reportOf(unjudged, { outcome: { kind: 'completed', output: 'text' } }))
    expect(unjudged.state.status).toBe('done')
  })

  it('asks someone to be assigned when the doubtful answer has no owner to go to', () => {
    const task = aTask(onePrompt({ confidence: 0.5 }, { owner: undefined }))
    task.answer('text', { confidence: 0.1 })
    expect(task.state.stuck?.cause).toBe('nobody_assigned')
    task.do({ type: 'assign', to: ['Ana@acme.test'] }, ANA)
    task.decide('done')
    expect(task.state.status).toBe('done')
  })
})

describe('a report', () => {
  it('counts once: repeated, it changes nothing and hands out the same chained claim', () => {
    const task = aTask(onboarding({ steps: [research(), draft({ handoffs: [{ to: 'complete' }] })] }))
    task.claim()
    const report = reportOf(task, { chain: true })
    expect(task.do(report)).toEqual(['reported', 'joined', 'routed', 'entered', 'due', 'claimed'])
    const { usage: used, settled } = task.state
    expect(settled[report.lease]).toBe(task.lease)
    for (let i = 0; i < 3; i++) expect(task.do(report)).toEqual([])
    expect(task.state.usage).toEqual(used)
    expect(workOf(task.state, task.context(), task.state.settled[report.lease]!)).toMatchObject({ step: 'draft' })
  })

  it('chains into nothing that is not due now', () => {
    const human = aTask(onboarding({ steps: [draft(), approve()] }))
    human.claim()
    expect(human.do(reportOf(human, { chain: true }))).not.toContain('claimed')
    const failing = aTask(onePrompt())
    failing.claim()
    const outcome = { kind: 'failed' as const, failure: failure() }
    expect(failing.do(reportOf(failing, { outcome, chain: true }))).toEqual(['reported', 'due'])
  })

  it('that comes late books its usage once and nothing else of it counts', () => {
    const task = aTask(onePrompt())
    task.claim()
    const late = reportOf(task)
    task.wake()
    expect(task.do(late)).toEqual(['booked'])
    expect(task.do(late)).toEqual([])
    expect(task.state.usage).toEqual({ inputTokens: 1000, outputTokens: 500, cost: 0.00125, unpriced: 0 })
    expect(task.state).toMatchObject({ status: 'running', steps: {} })
    expect(task.try({ ...late, lease: 'lease_x', usage: null })).toEqual({ kind: 'stale_attempt' })
  })

  it('that comes late is booked also when the task is over', () => {
    const task = aTask(onePrompt())
    task.claim()
    const late = reportOf(task)
    task.do({ type: 'cancel' }, ANA)
    expect(task.do(late)).toEqual(['booked'])
    expect(task.state.status).toBe('cancelled')
    expect(task.state.usage.cost).toBeGreaterThan(0)
  })

  it('after its lease ended but before anyone noticed is still good', () => {
    const task = aTask(onePrompt())
    task.claim()
    task.now += HOUR
    task.do(reportOf(task))
    expect(task.state.status).toBe('done')
  })

  it('adds up usage and cost, and counts calls without a price apart', () => {
    const task = aTask(onboarding({ steps: [research(), draft({ handoffs: [{ to: 'complete' }] })] }))
    task.answer('one', { usage: usage({ model: 'gpt-5', inputTokens: 1_000_000, outputTokens: 0 }) })
    task.answer('two', { usage: usage({ model: 'house-model', calls: 2 }) })
    expect(task.state.usage).toEqual({ inputTokens: 1_001_000, outputTokens: 500, cost: 1.25, unpriced: 2 })
  })
})

describe('a lease', () => {
  it('is prolonged by a call to the outside and by its answer, and not once it ended', () => {
    const task = aTask(onePrompt())
    task.claim()
    task.now += 70 * SECOND
    task.do({ type: 'note', ...task.ref(), note: { called: aCall() } })
    expect(task.run.phase).toMatchObject({ until: task.now + 75 * SECOND })
    task.now += 75 * SECOND
    expect(task.try({ type: 'note', ...task.ref(), note: { answered: { call: 'call_1', ok: true, ms: 5 } } })).toEqual({
      kind: 'stale_attempt',
    })
  })

  it('that lapses is not an attempt: the run is due again at once', () => {
    const task = aTask(onePrompt())
    expect(task.lapse()).toEqual(['lapsed'])
    expect(task.run).toMatchObject({ attempt: 1, lapses: 1, dueAt: task.now, phase: { name: 'due' } })
  })

  it('that lapsed three times leaves the task stuck, and a retry begins afresh', () => {
    const task = aTask(onePrompt())
    task.lapse()
    task.lapse()
    expect(task.lapse()).toEqual(['lapsed', 'stuck'])
    expect(task.state.stuck?.cause).toBe('keeps_dying')
    task.do({ type: 'retry' }, ANA)
    expect(task.run).toMatchObject({ lapses: 0, attempt: 2, firstAttempt: 2 })
  })

  it('that lapses after a call began which must not be repeated leaves the outcome unknown', () => {
    const task = aTask(onePrompt())
    task.claim()
    task.do({ type: 'note', ...task.ref(), note: { called: aCall({ safe: false }) } })
    expect(task.wake()).toEqual(['lapsed', 'asked', 'stuck'])
    expect(task.state.stuck?.cause).toBe('unknown_outcome')
    const repeatable = aTask(onePrompt())
    repeatable.claim()
    repeatable.do({ type: 'note', ...repeatable.ref(), note: { called: aCall() } })
    expect(repeatable.wake()).toEqual(['lapsed'])
  })

  it('costs the run nothing when the host went with the worker, however often', () => {
    const task = aTask(onePrompt())
    for (let deaths = 0; deaths < 3; deaths++) {
      task.unseen.add(task.claim())
      expect(task.wake()).toEqual(['lapsed'])
    }
    expect(task.run).toMatchObject({ attempt: 1, lapses: 0, phase: { name: 'due' } })
    // Where it goes on like that, the task waits ever longer, says why, and goes on by itself, without end.
    for (let deaths = 0; deaths < 20; deaths++) {
      task.unseen.add(task.claim())
      expect(task.wake()).toEqual(['lapsed', 'held'])
      expect(task.run.phase).toMatchObject({ name: 'held', reason: 'workers_lost' })
      expect(task.alarm()! - task.now).toBeLessThanOrEqual(15 * MINUTE)
      expect(task.wake()).toEqual(['released'])
    }
    task.answer('text')
    expect(task.state.status).toBe('done')
    expect(task.reread()).toEqual(task.state)
  })

  it('that lapses unseen in a call which may not be repeated still asks a person', () => {
    const task = aTask(onePrompt())
    task.unseen.add(task.claim())
    task.do({ type: 'note', ...task.ref(), note: { called: aCall({ safe: false }) } })
    expect(task.wake()).toEqual(['lapsed', 'asked', 'stuck'])
    expect(task.state.stuck?.cause).toBe('unknown_outcome')
  })

  it('is given back when a provider is not there, and taken up again by itself', () => {
    const task = aTask(onePrompt())
    task.claim()
    const told = { reason: 'provider_offline' as const, message: 'It is offline.', fix: 'Wait.' }
    const ref = task.ref()
    task.do({ type: 'hold', ...ref, ...told })
    expect(task.state.status).toBe('held')
    expect(task.try({ type: 'hold', ...ref, ...told })).toEqual({ kind: 'stale_attempt' })
    expect(task.alarm()).toBeGreaterThanOrEqual(task.now + MINUTE)
    expect(task.alarm()).toBeLessThanOrEqual(task.now + 75 * SECOND)
    expect(task.wake()).toEqual(['released'])
    expect(task.run).toMatchObject({ attempt: 1, dueAt: task.now, phase: { name: 'due' } })
  })

  it('given back is not looked at again before the time that was asked for, of a second to an hour, and not long after', () => {
    const at = (retryAfterMs: number) => {
      const task = aTask(onePrompt())
      task.claim()
      const told = { reason: 'provider_offline' as const, message: 'It is offline.', fix: 'Wait.' }
      task.do({ type: 'hold', ...task.ref(), ...told, retryAfterMs })
      return task.alarm()! - task.now
    }
    for (const [asked, least] of [
      [0, 1000],
      [5000, 5000],
      [10 * HOUR, HOUR],
    ] as const) {
      expect(at(asked)).toBeGreaterThanOrEqual(least)
      expect(at(asked)).toBeLessThanOrEqual(least + Math.max(1000, least / 4))
    }
  })

  it('given back with many others comes back by itself, not with all of them', () => {
    const at = (seed: number, retryAfterMs?: number) => {
      const task = aTask(onePrompt(), {}, SYSTEM, seed)
      task.claim()
      const told = { reason: 'provider_limit' as const, message: 'Slow down.', fix: 'Wait.' }
      task.do({ type: 'hold', ...task.ref(), ...told, retryAfterMs })
      return task.alarm()! - task.now
    }
    for (const asked of [undefined, 1000, 30_000]) {
      const waits = Array.from({ length: 200 }, (_, seed) => at(seed + 1, asked))
      const [first, last] = [Math.min(...waits), Math.max(...waits)]
      const inTenths = new Map<number, number>()
      for (const wait of waits) {
        const tenth = Math.floor(((wait - first) / (last - first + 1)) * 10)
        inTenths.set(tenth, (inTenths.get(tenth) ?? 0) + 1)
      }
      expect(last - first).toBeGreaterThan((asked ?? MINUTE) / 5)
      // A fifth of them in a tenth of the time would be a burst.
      for (const some of inTenths.values()) expect(some).toBeLessThan(40)
    }
  })

  it('given back for ever is looked at ever more seldom, also by a provider that asks for a second each time', () => {
    const task = aTask(onePrompt())
    const waits: number[] = []
    for (let n = 0; n < 20; n++) {
      task.claim()
      const told = { reason: 'provider_limit' as const, message: 'Slow down.', fix: 'Wait.' }
      task.do({ type: 'hold', ...task.ref(), ...told, retryAfterMs: 1000 })
      waits.push(task.alarm()! - task.now)
      task.wake()
    }
    expect(waits[0]).toBeLessThanOrEqual(2000)
    expect(waits[12]).toBeGreaterThan(waits[6]!)
    for (const wait of waits.slice(-3)) {
      expect(wait).toBeGreaterThanOrEqual(12 * MINUTE)
      expect(wait).toBeLessThanOrEqual(15 * MINUTE)
    }
    expect(task.run).toMatchObject({ attempt: 1, phase: { name: 'due' } })
  })

  it('given back after a paid call has that call booked, once', () => {
    const task = aTask(onePrompt())
    task.claim()
    const told = { reason: 'provider_limit' as const, message: 'Slow down.', fix: 'Wait.' }
    const usage = { model: 'demo', inputTokens: 20, outputTokens: 12, calls: 2, durationMs: 1 }
    task.do({ type: 'hold', ...task.ref(), ...told, usage })
    expect(task.state).toMatchObject({ status: 'held', usage: { inputTokens: 20, outputTokens: 12 } })
    task.wake()
    task.claim()
    task.do({ type: 'hold', ...task.ref(), ...told, usage: { ...usage, inputTokens: 0, outputTokens: 0 } })
    expect(task.state).toMatchObject({ status: 'held', usage: { inputTokens: 20, outputTokens: 12 } })
  })
})
