/** A visit of several runs: two models and a person, side by side and joined. */
import { describe, expect, it } from 'vitest'
import { due } from '../../../../src/domain/task/due.ts'
import { cardOf } from '../../../../src/domain/task/told/card.ts'
import { storyOf } from '../../../../src/domain/task/told/story.ts'
import { openAsksOf } from '../../../../src/domain/task/told/view.ts'
import { whyOf } from '../../../../src/domain/task/told/why.ts'
import type { Step } from '../../../../src/domain/workflow/definition.ts'
import {
  ANA,
  aTask,
  BEN,
  type Journey,
  MINUTE,
  onboarding,
  SECOND,
  SYSTEM,
  usage,
} from '../../../support/task-builders.ts'

const branches = {
  legal: { prompt: 'Check the terms of {{ input.company }}.' },
  tone: { prompt: 'Check the tone.' },
  boss: { human: { assign: ['ana@acme.test'], instructions: 'Fine?' } },
}

type Parallel = NonNullable<Step['parallel']>

function review(over: Partial<Parallel> = {}, step: Partial<Step> = {}): Journey {
  const parallel = { branches, ...over }
  const handoffs = [{ when: 'done', to: 'complete' }]
  return aTask(onboarding({ steps: [{ key: 'review', name: 'Review', parallel, handoffs, ...step }] }))
}

const refs = { legal: 1, tone: 2, boss: 3 }
type Branch = keyof typeof refs

function claim(task: Journey, name: Branch): { visit: number; run: number; attempt: number; lease: string } {
  const run = task.state.visit.runs.find(each => each.name === name)!
  const at = { visit: task.state.visit.n, run: run.id, attempt: run.attempt }
  task.do({ type: 'claim', ...at })
  const { phase } = task.state.visit.runs.find(each => each.name === name)!
  if (phase.name !== 'claimed') throw new Error('it was not claimed')
  return { ...at, lease: phase.lease }
}

function answer(task: Journey, ref: ReturnType<typeof claim>, output = 'fine'): string[] {
  return task.do({ type: 'report', ...ref, outcome: { kind: 'completed', output }, usage: usage(), chain: true })
}

function fail(task: Journey, ref: ReturnType<typeof claim>, retryable: boolean): string[] {
  const failure = { code: 'provider_error' as const, message: 'An error.', retryable }
  return task.do({ type: 'report', ...ref, outcome: { kind: 'failed', failure }, usage: null, chain: false })
}

const phases = (task: Journey) => Object.fromEntries(task.state.visit.runs.map(run => [run.name, run.phase.name]))

describe('a visit of two models and a person', () => {
  it('begins all three, sends both models out, and waits for the person', () => {
    const task = review()
    expect(task.types()).toEqual(['created', 'entered', 'planned', 'due', 'due', 'asked'])
    expect(phases(task)).toEqual({ legal: 'due', tone: 'due', boss: 'asked' })
    expect(task.state.status).toBe('waiting')
    expect(due(task.state, task.now, task.now)).toMatchObject([
      { kind: 'send', run: 1 },
      { kind: 'send', run: 2 },
    ])
    expect(task.state.visit.runs[0]!.prompt).toBe('Check the terms of Acme.')
  })

  it('comes to the output of all, whoever is last, and goes on once', () => {
    for (const last of ['legal', 'tone', 'boss'] as const) {
      const task = review()
      const open = { legal: claim(task, 'legal'), tone: claim(task, 'tone') }
      const done = {
        legal: () => answer(task, open.legal, 'terms'),
        tone: () => answer(task, open.tone, 'friendly'),
        boss: () => task.decide('done', ANA, { note: 'go' }),
      }
      for (const name of ['legal', 'tone', 'boss'] as const) if (name !== last) done[name]()
      expect(task.state.status).toBe(last === 'boss' ? 'waiting' : 'running')
      expect(done[last]().slice(-3)).toEqual(['joined', 'routed', 'finished'])
      expect(task.state).toMatchObject({
        status: 'done',
        result: { legal: 'terms', tone: 'friendly', boss: { decision: 'done', note: 'go', by: 'ana@acme.test' } },
      })
      expect(task.reread()).toEqual(task.state)
    }
  })

  it('tells the card, the page and the API which of them waits, and for whom', () => {
    const task = review()
    answer(task, claim(task, 'legal'))
    const why = whyOf(task.state, task.definition, task.now)
    expect(why).toEqual({
      sentence:
        '"Review": 1 of 3 are done. "tone" waits for a free worker. "boss" waits for ana@acme.test to decide: done.',
      act: 'decide',
    })
    expect(cardOf(task.state, task.definition, task.now).asks).toMatchObject([{ visit: 1, run: 3, name: 'boss' }])
    expect(openAsksOf(task.state, () => null)).toMatchObject([{ run: 3, name: 'boss', instructions: 'Fine?' }])
    expect(storyOf(task.state, task.rows, task.definition, task.now, () => null).asks).toMatchObject([
      { run: 3, name: 'boss', votes: [] },
    ])
  })
})

describe('one run beside the others', () => {
  it('is tried again while the others go on', () => {
    const task = review()
    const [legal, tone] = [claim(task, 'legal'), claim(task, 'tone')]
    expect(fail(task, legal, true)).toEqual(['reported', 'due'])
    expect(phases(task)).toEqual({ legal: 'due', tone: 'claimed', boss: 'asked' })
    answer(task, tone)
    expect(task.state.status).toBe('waiting')
    task.decide('done', ANA)
    expect(task.state.status).toBe('running')
    task.now = task.alarm()!
    answer(task, claim(task, 'legal'))
    expect(task.state.status).toBe('done')
  })

  it('loses its lease, and keeps nobody else’s', () => {
    const task = review()
    const [legal, tone] = [claim(task, 'legal'), claim(task, 'tone')]
    task.now += 70 * SECOND
    task.do({
      type: 'note',
      ...tone,
      note: { called: { call: 'c1', tool: 'http', args: null, safe: true, key: null } },
    })
    expect(task.wake()).toEqual(['lapsed'])
    expect(phases(task)).toEqual({ legal: 'due', tone: 'claimed', boss: 'asked' })
    // The worker that was given up comes back: its usage is booked and nothing else of it counts.
    expect(answer(task, legal, 'late')).toEqual(['booked'])
    expect(task.state.usage.inputTokens).toBe(1000)
    answer(task, claim(task, 'legal'), 'in time')
    answer(task, tone)
    task.decide('done', ANA)
    expect(task.state.result).toMatchObject({ legal: 'in time' })
  })

  it('keeps dying, and only it is stuck', () => {
    const task = review()
    const tone = claim(task, 'tone')
    for (let lapses = 0; lapses < 3; lapses++) {
      claim(task, 'legal')
      for (let calls = 0; calls < 4; calls++) {
        task.now += 20 * SECOND
        task.do({ type: 'note', ...tone, note: { answered: { call: 'c1', ok: true, ms: 5 } } })
      }
      task.do({ type: 'wake' })
    }
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'keeps_dying', run: 1 } })
    expect(due(task.state, 0, task.now)).toEqual([])
    expect(task.try({ type: 'claim', visit: 1, run: 1, attempt: 1 })).toEqual({ kind: 'not_claimable', why: 'over' })
    // The other model reports and the person decides as if nothing had happened.
    answer(task, tone)
    task.decide('done', ANA)
    expect(task.state.status).toBe('stuck')
    expect(task.do({ type: 'retry' }, ANA)).toEqual(['queued', 'due'])
    expect(task.state).toMatchObject({ status: 'running', stuck: null })
    answer(task, claim(task, 'legal'))
    expect(task.state.status).toBe('done')
  })

  it('is held for its provider while the others are worked on', () => {
    const task = review()
    const at = { visit: 1, run: refs.legal, attempt: 1 }
    task.do({ type: 'hold', ...at, reason: 'provider_offline', message: 'It is offline.', fix: 'Wait.' })
    expect(phases(task)).toEqual({ legal: 'held', tone: 'due', boss: 'asked' })
    answer(task, claim(task, 'tone'))
    task.decide('done', ANA)
    expect(task.state.status).toBe('held')
    expect(task.do({ type: 'release', visit: 1, run: refs.legal })).toEqual(['released'])
    answer(task, claim(task, 'legal'))
    expect(task.state.status).toBe('done')
  })

  it('fails for good: the visit fails, and what the others still do counts no more', () => {
    const task = review()
    const [legal, tone] = [claim(task, 'legal'), claim(task, 'tone')]
    expect(fail(task, legal, false)).toEqual(['reported', 'fenced', 'fenced', 'routed', 'failed'])
    expect(phases(task)).toEqual({ legal: 'failed', tone: 'fenced', boss: 'fenced' })
    expect(task.state.status).toBe('failed')
    expect(answer(task, tone)).toEqual(['booked'])
    expect(task.try({ type: 'decide', handoff: 'done', visit: 1, run: 3 }, ANA)).toMatchObject({ kind: 'moved_on' })
    expect(openAsksOf(task.state, () => null)).toEqual([])
    expect(task.alarm()).toBeNull()
    // By hand all that did not come to its end is done again; the person is asked anew.
    expect(task.do({ type: 'retry' }, BEN)).toEqual(['queued', 'queued', 'queued', 'due', 'due', 'asked'])
    answer(task, claim(task, 'legal'))
    answer(task, claim(task, 'tone'))
    task.decide('done', ANA)
    expect(task.state.status).toBe('done')
  })

  it('decides it for all where any one will do', () => {
    const task = review({ join: 'any' })
    const tone = claim(task, 'tone')
    expect(task.decide('done', ANA)).toEqual(['decided', 'fenced', 'fenced', 'joined', 'routed', 'finished'])
    expect(task.state.result).toMatchObject({ boss: { decision: 'done' } })
    expect(answer(task, tone)).toEqual(['booked'])
    expect(task.try({ type: 'claim', visit: 1, run: 1, attempt: 1 })).toMatchObject({ kind: 'not_claimable' })
  })
})

describe('a join of some', () => {
  const three = {
    a: { prompt: 'One.', retry: { attempts: 1 } },
    b: { prompt: 'Two.' },
    c: { human: { assign: ['ana@acme.test'], labels: ['yes', 'no'] } },
  }
  const two = (over: Partial<Step> = {}) => review({ branches: three, join: 2 }, over)
  const ref = (task: Journey, name: string) => claim(task, name as Branch)

  it('is met by any two; the third counts no more and is absent', () => {
    const task = two()
    answer(task, ref(task, 'b'), 'b out')
    expect(task.decide('yes', ANA)).toEqual(['decided', 'fenced', 'joined', 'routed', 'finished'])
    expect(task.state.result).toEqual({ b: 'b out', c: { decision: 'yes', note: null, by: 'ana@acme.test' } })
  })

  it('lets one fail, and fails at the second with both in words', () => {
    const task = two()
    expect(fail(task, ref(task, 'a'), true)).toEqual(['reported'])
    expect(task.state.status).toBe('waiting')
    expect(fail(task, ref(task, 'b'), false)).toEqual(['reported', 'fenced', 'routed', 'failed'])
    expect(task.state.error!.message).toBe('2 of 3 failed. a: An error. b: An error.')
  })

  it('begins one failed branch again by hand while the others go on, or with those that were cut short', () => {
    const task = two()
    fail(task, ref(task, 'a'), true)
    expect(task.do({ type: 'retry', run: 1 }, BEN)).toEqual(['queued', 'due'])
    fail(task, ref(task, 'a'), true)
    fail(task, ref(task, 'b'), false)
    expect(task.state.status).toBe('failed')
    // The other that failed stays so; the person, who was cut short, is asked again.
    expect(task.do({ type: 'retry', run: 2 }, BEN)).toEqual(['queued', 'queued', 'due', 'asked'])
    expect(phases(task)).toEqual({ a: 'failed', b: 'due', c: 'asked' })
    answer(task, ref(task, 'b'), 'b out')
    task.decide('no', ANA)
    expect(task.state.status).toBe('done')
  })

  it('met by nobody any more ends as timeout when all that failed ran out of time', () => {
    const task = two({ handoffs: [{ when: 'timeout', to: 'complete' }] })
    for (const name of ['a', 'b']) {
      const failure = { code: 'timeout' as const, message: 'Too long.', retryable: false }
      task.do({ type: 'report', ...ref(task, name), outcome: { kind: 'failed', failure }, usage: null, chain: false })
    }
    expect(task.events.findLast(event => event.type === 'routed')).toMatchObject({ outcome: 'timeout', to: 'complete' })
  })
})

it('a branch goes by the settings of the step where it has none of its own', () => {
  const branches = { a: { prompt: 'One.', retry: { attempts: 1 } }, b: { prompt: 'Two.' } }
  const task = review({ branches, join: 1 }, { retry: { attempts: 2 }, timeout: '5m', model: 'demo' })
  const [a, b] = [claim(task, 'a' as Branch), claim(task, 'b' as Branch)]
  const { phase } = task.state.visit.runs[1]!
  expect(phase.name === 'claimed' && phase.until - task.now).toBe(5 * MINUTE + 15 * SECOND)
  expect(fail(task, a, true)).toEqual(['reported'])
  expect(fail(task, b, true)).toEqual(['reported', 'due'])
})

it('an edit is seen by all who are asked about the same, and what they approved before counts no more', () => {
  const asked = (person: string) => ({ human: { assign: [person, 'eve@acme.test'], edits: 'draft', needs: 2 } })
  const parallel = { branches: { a: asked('ana@acme.test'), b: asked('ben@acme.test') } }
  const steps: Step[] = [
    { key: 'draft', prompt: 'Write.', handoffs: [{ to: 'review' }] },
    { key: 'review', parallel, handoffs: [{ to: 'complete' }] },
  ]
  const task = aTask(onboarding({ steps }))
  task.answer('first')
  task.do({ type: 'decide', handoff: 'done', run: 2 }, BEN)
  const before = openAsksOf(task.state, () => null)
  expect(task.do({ type: 'decide', handoff: 'done', run: 1, edits: 'second' }, ANA)).toEqual([
    'edited',
    'edited',
    'decided',
  ])
  const after = openAsksOf(task.state, () => null)
  expect(after.map(ask => ask.artefact!.output)).toEqual(['second', 'second'])
  expect(after[1]!.assignees.filter(each => each.decided)).toEqual([])
  expect(task.try({ type: 'decide', handoff: 'done', run: 2, seen: before[1]!.digest }, BEN)).toMatchObject({
    kind: 'content_changed',
  })
})

describe('several open questions', () => {
  const two = {
    branches: {
      boss: {
        human: { assign: ['ana@acme.test'], instructions: 'Fine?', overdue: { assign: ['carl@acme.test'] }, due: '1h' },
      },
      peer: { human: { assign: ['ben@acme.test'], instructions: 'And you?' } },
    },
  }

  it('are told apart by their run: a decision that names none is refused', () => {
    const task = review(two)
    expect(task.try({ type: 'decide', handoff: 'done' }, ANA)).toEqual({
      kind: 'several_open',
      visit: 1,
      runs: [
        { run: 1, name: 'boss' },
        { run: 2, name: 'peer' },
      ],
    })
    expect(task.try({ type: 'decide', handoff: 'done', run: 2 }, ANA)).toMatchObject({ kind: 'not_assigned' })
    task.do({ type: 'decide', handoff: 'done', run: 2 }, BEN)
    expect(task.state.status).toBe('waiting')
  })

  it('learn who decided, each by itself; a repeated click never decides the next', () => {
    const task = review(two)
    task.do({ type: 'decide', handoff: 'done', visit: 1, run: 2 }, BEN)
    expect(task.try({ type: 'decide', handoff: 'done', visit: 1, run: 2 }, BEN)).toMatchObject({
      kind: 'already_decided',
      by: BEN,
    })
    expect(openAsksOf(task.state, () => null)).toHaveLength(1)
    task.do({ type: 'decide', handoff: 'done', visit: 1, run: 1 }, ANA)
    expect(task.state.status).toBe('done')
    expect(task.try({ type: 'decide', handoff: 'done', visit: 1, run: 1 }, ANA)).toMatchObject({ by: ANA })
    expect(task.try({ type: 'decide', handoff: 'done', visit: 1, run: 2 }, ANA)).toMatchObject({ by: BEN })
  })

  it('become overdue and are assigned each by itself', () => {
    const task = review(two)
    expect(task.alarm()).toBe(task.now + 60 * MINUTE)
    expect(task.wake()).toEqual(['assigned'])
    expect(openAsksOf(task.state, () => null).map(ask => ask.assignees.map(each => each.email))).toEqual([
      ['ana@acme.test', 'carl@acme.test'],
      ['ben@acme.test'],
    ])
    task.do({ type: 'assign', to: [], run: 2 }, ANA)
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'nobody_assigned', run: 2 } })
    task.do({ type: 'decide', handoff: 'done', run: 1 }, ANA)
    expect(task.state.status).toBe('stuck')
    task.do({ type: 'assign', to: ['eve@acme.test'], run: 2 }, ANA)
    task.do({ type: 'decide', handoff: 'done' }, { kind: 'person', id: 'eve@acme.test' })
    expect(task.state.status).toBe('done')
  })
})

it('a visit is left with all its runs: nothing of them counts any more', () => {
  const task = review()
  const legal = claim(task, 'legal')
  task.do({ type: 'cancel' }, ANA)
  expect(answer(task, legal)).toEqual(['booked'])
  expect(task.try({ type: 'resolve', visit: 1, run: 3, people: {} }, SYSTEM)).toEqual({ kind: 'stale_attempt' })
  expect(task.reread()).toEqual(task.state)
})
