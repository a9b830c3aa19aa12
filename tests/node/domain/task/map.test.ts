/** A visit with a run for each item of a list: so many at a time, joined in their order, failures kept or not, limits over all of them. */
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/domain/json/json.ts'
import { due } from '../../../../src/domain/task/due.ts'
import { whyOf } from '../../../../src/domain/task/told/why.ts'
import type { Definition, Step } from '../../../../src/domain/workflow/definition.ts'
import { ANA, aCall, aTask, BEN, type Journey, onboarding, usage } from '../../../support/task-builders.ts'

type MapStep = NonNullable<Step['map']>

const ITEM = { prompt: 'Classify {{ item.text }} ({{ index }}).' }

function mapping(items: Json, map: Partial<MapStep> = {}, over: Partial<Step> = {}, rest: Partial<Definition> = {}) {
  const step: Step = {
    ...{ key: 'lines', name: 'Lines', map: { over: '{{ input.lines }}', do: ITEM, ...map } },
    handoffs: [{ when: 'done', to: 'complete' }],
    ...over,
  }
  return aTask(onboarding({ steps: [step], ...rest }), { input: { company: 'Acme', lines: items } })
}

const texts = (count: number): Json => Array.from({ length: count }, (_, n) => ({ text: `line ${n}` }))
const phases = (task: Journey) => task.state.visit.runs.map(run => run.phase.name)
const atWork = (task: Journey) => phases(task).filter(name => name === 'due' || name === 'claimed').length

function claim(task: Journey, id: number) {
  const run = task.state.visit.runs.find(each => each.id === id)!
  const at = { visit: task.state.visit.n, run: id, attempt: run.attempt }
  task.do({ type: 'claim', ...at })
  const { phase } = task.state.visit.runs.find(each => each.id === id)!
  if (phase.name !== 'claimed') throw new Error('it was not claimed')
  return { ...at, lease: phase.lease }
}

function answer(task: Journey, id: number, output: Json = `out ${id}`, over: object = {}): string[] {
  const outcome = { kind: 'completed' as const, output }
  return task.do({ type: 'report', ...claim(task, id), outcome, usage: usage(over), chain: true })
}

function fail(task: Journey, id: number, code: 'provider_error' | 'timeout' = 'provider_error'): string[] {
  const failure = { code, message: `Item ${id} broke.`, retryable: false }
  return task.do({ type: 'report', ...claim(task, id), outcome: { kind: 'failed', failure }, usage: null, chain: true })
}

describe('a map of seven items, two at a time', () => {
  it('begins two, each with its item and its place, and the next when one has ended', () => {
    const task = mapping(texts(7), { concurrency: 2 })
    expect(task.types()).toEqual(['created', 'entered', 'planned', 'due', 'due'])
    expect(task.state.visit.runs.map(run => run.prompt).slice(0, 3)).toEqual([
      'Classify line 0 (0).',
      'Classify line 1 (1).',
      null,
    ])
    expect(answer(task, 2)).toEqual(['reported', 'due'])
    expect(task.state.visit.runs[2]).toMatchObject({ id: 3, name: 'item 3', prompt: 'Classify line 2 (2).' })
    // The queue is told of the new run alone; nobody claims one whose turn it is not.
    expect(due(task.state, task.now, task.now)).toContainEqual(expect.objectContaining({ run: 3 }))
    expect(task.try({ type: 'claim', visit: 1, run: 4, attempt: 1 })).toMatchObject({ kind: 'not_claimable' })
  })

  it('never has more at work, ends with all outputs in the order of the list, and goes on once', () => {
    const task = mapping(texts(7), { concurrency: 2 })
    for (const id of [2, 1, 4, 3, 5, 7]) {
      expect(atWork(task)).toBe(2)
      answer(task, id)
    }
    expect(answer(task, 6).slice(-3)).toEqual(['joined', 'routed', 'finished'])
    expect(task.state.result).toEqual([1, 2, 3, 4, 5, 6, 7].map(id => `out ${id}`))
    expect(task.state.usage.inputTokens).toBe(7000)
    expect(task.reread()).toEqual(task.state)
  })

  it('tells in words how far it is', () => {
    const task = mapping(texts(7), { concurrency: 2 })
    answer(task, 1)
    expect(whyOf(task.state, task.definition, task.now).sentence).toBe(
      '"Lines": 1 of 7 are done. "item 2" waits for a free worker. "item 3" waits for a free worker. 4 wait for a turn.',
    )
    const many = mapping(texts(40), { concurrency: 20 })
    claim(many, 1)
    const { sentence } = whyOf(many.state, many.definition, many.now)
    expect(sentence).toBe(
      '"Lines": 0 of 40 are done. 1 is being worked on. 19 wait for a free worker. 20 wait for a turn.',
    )
  })

  it('keeps to what the list was when it began, whatever people edit meanwhile', () => {
    const task = mapping(texts(3), { concurrency: 1 })
    expect(task.events.find(event => event.type === 'planned')).toMatchObject({
      names: ['item 1', 'item 2', 'item 3'],
      atOnce: 1,
    })
    expect(task.value(task.state.visit.plan!.items!)).toEqual(texts(3))
  })
})

describe('an item that fails', () => {
  it('fails the step, and what others still do counts no more', () => {
    const task = mapping(texts(7), { concurrency: 2 })
    const late = claim(task, 2)
    expect(fail(task, 1)).toEqual(['reported', 'fenced', 'routed', 'failed'])
    expect(task.state.error).toMatchObject({ code: 'provider_error', message: 'item 1: Item 1 broke.' })
    const outcome = { kind: 'completed' as const, output: 'late' }
    expect(task.do({ type: 'report', ...late, outcome, usage: usage(), chain: true })).toEqual(['booked'])
    expect(task.alarm()).toBeNull()
  })

  it('is done again by hand with what never came to its end, two at a time, and what was done stays', () => {
    const task = mapping(texts(7), { concurrency: 2 })
    answer(task, 1)
    fail(task, 2)
    expect(phases(task)).toEqual(['completed', 'failed', 'fenced', 'queued', 'queued', 'queued', 'queued'])
    expect(task.do({ type: 'retry' }, ANA)).toEqual(['queued', 'queued', 'due', 'due'])
    expect(task.state.status).toBe('running')
    for (const id of [2, 3, 4, 5, 6, 7]) answer(task, id)
    expect(task.state.result).toEqual([1, 2, 3, 4, 5, 6, 7].map(id => `out ${id}`))
  })

  it('is kept as its error in its place, where the step says so', () => {
    const task = mapping(texts(4), { concurrency: 2, onError: 'keep' })
    expect(fail(task, 1)).toEqual(['reported', 'due'])
    answer(task, 2)
    fail(task, 3, 'timeout')
    answer(task, 4)
    const error = (id: number, code: string) => ({ error: { code, message: `Item ${id} broke.` } })
    expect(task.state.result).toEqual([error(1, 'provider_error'), 'out 2', error(3, 'timeout'), 'out 4'])
  })

  it('is tried again while others go on, and begun again by hand while the visit goes on without it', () => {
    const task = mapping(texts(3), { concurrency: 3, onError: 'keep' })
    fail(task, 1)
    expect(task.try({ type: 'retry' }, BEN)).toMatchObject({ kind: 'wrong_status' })
    expect(task.try({ type: 'retry', run: 2 }, BEN)).toMatchObject({ kind: 'wrong_status' })
    expect(task.do({ type: 'retry', run: 1 }, BEN)).toEqual(['queued', 'due'])
    for (const id of [2, 3, 1]) answer(task, id)
    expect(task.state.result).toEqual(['out 1', 'out 2', 'out 3'])
    expect(task.try({ type: 'retry', run: 1 }, BEN)).toMatchObject({ kind: 'wrong_status' })
  })

  it('whose text lacks something fails without being worked on, and the next has its turn', () => {
    const items: Json = [{ text: 'a' }, { name: 'b' }, { text: 'c' }, { text: 'd' }]
    const task = mapping(items, { concurrency: 1, onError: 'keep' })
    expect(answer(task, 1)).toEqual(['reported', 'reported', 'due'])
    expect(phases(task)).toEqual(['completed', 'failed', 'due', 'queued'])
    answer(task, 3)
    answer(task, 4)
    expect((task.state.result as Json[])[1]).toMatchObject({ error: { code: 'template' } })
  })
})

describe('enough of them', () => {
  it('ends the step with those that are done, in order', () => {
    const task = mapping(texts(6), { concurrency: 3, join: 2 })
    const late = claim(task, 1)
    answer(task, 3)
    expect(answer(task, 2)).toEqual(['reported', 'fenced', 'fenced', 'joined', 'routed', 'finished'])
    expect(task.state.result).toEqual(['out 2', 'out 3'])
    const failure = { code: 'provider_error' as const, message: 'Late.', retryable: true }
    expect(
      task.try({ type: 'report', ...late, outcome: { kind: 'failed', failure }, usage: null, chain: false }),
    ).toEqual({
      kind: 'stale_attempt',
    })
  })

  it('cannot be met any more: it fails at once, though others are at work', () => {
    const task = mapping(texts(3), { concurrency: 3, join: 2 }, { handoffs: [{ when: 'timeout', to: 'complete' }] })
    fail(task, 1, 'timeout')
    expect(task.state.status).toBe('running')
    expect(fail(task, 2, 'timeout')).toEqual(['reported', 'fenced', 'routed', 'finished'])
    expect(task.events.findLast(event => event.type === 'routed')).toMatchObject({ outcome: 'timeout' })
  })

  it('cannot be met by a list that is too short', () => {
    const task = mapping(texts(1), { join: 2 })
    expect(task.state).toMatchObject({ status: 'failed', error: { code: 'too_few_items' } })
  })
})

describe('the list', () => {
  it('of nothing is done at once', () => {
    const task = mapping([])
    expect(task.types().slice(-4)).toEqual(['planned', 'joined', 'routed', 'finished'])
    expect(task.state.result).toEqual([])
  })

  it.each<[string, Json, string]>([
    ['is none', { text: 'a' }, 'not_a_list'],
    ['is a text', 'a, b', 'not_a_list'],
    ['is too long', texts(201), 'too_many_items'],
  ])('that %s fails the step with words, and begins once it is mended', (_, items, code) => {
    const task = mapping(items)
    expect(task.state).toMatchObject({ status: 'failed', error: { code } })
    expect(task.events.find(event => event.type === 'reported')).toMatchObject({ outcome: { failure: { code } } })
    task.do({ type: 'move', step: 'lines', input: { company: 'Acme', lines: texts(1) } }, ANA)
    answer(task, 1)
    expect(task.state.status).toBe('done')
  })

  it('whose value is missing can be retried, and says the same', () => {
    const task = aTask(onboarding({ steps: [{ key: 'l', map: { over: '{{ input.lines }}', do: ITEM } }] }))
    expect(task.state.error).toMatchObject({ code: 'template' })
    expect(task.do({ type: 'retry' }, ANA)).toEqual(['reported', 'routed', 'failed'])
  })

  it('of 200 is worked on to its end within few rows and small ones', () => {
    const task = mapping(texts(200), { concurrency: 5, onError: 'keep' })
    for (let id = 1; id <= 200; id++) {
      expect(atWork(task)).toBe(Math.min(5, 201 - id))
      if (id % 10 === 0) fail(task, id)
      else answer(task, id)
    }
    expect(task.state.status).toBe('done')
    expect((task.state.result as Json[]).filter(each => typeof each === 'object')).toHaveLength(20)
    // One row to begin with, and two for each item: its claim and its report.
    expect(task.rows).toHaveLength(401)
    expect(Math.max(...task.rows.map(row => JSON.stringify(row).length))).toBeLessThan(32 * 1024)
  })
})

describe('what is joined', () => {
  it('fits the step’s schema, or the step fails', () => {
    const output = { type: 'array', items: { type: 'number' } }
    const task = mapping(texts(1), {}, { output })
    answer(task, 1, 'three')
    expect(task.state).toMatchObject({ status: 'failed', error: { code: 'invalid_output' } })
    expect(task.state.error!.message).toMatch(/does not fit its schema/)
  })

  it('is 256 KiB at most', () => {
    const task = mapping(texts(3))
    for (const id of [1, 2, 3]) answer(task, id, 'x'.repeat(100 * 1024))
    expect(task.state).toMatchObject({ status: 'failed', error: { code: 'output_too_large' } })
  })
})

describe('a limit', () => {
  const CALLS = { http: { url: 'https://api.crm.example/x', body: '{{ item.text }}' } }

  it('of calls counts over all items; the others go on, nothing more begins until it is raised', () => {
    const task = mapping(texts(4), { do: CALLS, concurrency: 2 }, {}, { limits: { calls: 2 } })
    const called = (id: number) => {
      const ref = claim(task, id)
      task.do({ type: 'note', ...ref, note: { called: aCall({ call: '1' }) } })
      return ref
    }
    const done = (ref: ReturnType<typeof claim>) =>
      task.do({ type: 'report', ...ref, outcome: { kind: 'completed', output: ref.run }, usage: null, chain: true })
    const [one, two] = [called(1), called(2)]
    expect(done(one)).toEqual(['reported', 'due'])
    called(3)
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'limit_calls', run: 3 } })
    expect(done(two)).toEqual(['reported'])
    expect(phases(task)).toEqual(['completed', 'completed', 'due', 'queued'])
    expect(task.do({ type: 'raise', limits: { calls: 10 } }, ANA)).toEqual(['raised', 'due', 'due'])
    done(called(3))
    done(called(4))
    expect(task.state.result).toEqual([1, 2, 3, 4])
  })

  it('of cost holds back what those under way may need; it is stuck once none is, and goes on when raised', () => {
    // A call may cost up to $0.002 here: three of them fit, a fourth does not.
    const limits = { cost: 0.007 }
    const task = mapping(texts(5), { concurrency: 5 }, { model: 'gpt-5-mini' }, { limits })
    expect(atWork(task)).toBe(3)
    expect(task.state.status).toBe('running')
    const dear = { inputTokens: 1000, outputTokens: 1000 }
    answer(task, 1, 'a', dear)
    answer(task, 2, 'b', dear)
    expect(task.state.status).toBe('running')
    answer(task, 3, 'c', dear)
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'limit_cost', run: 4 } })
    task.do({ type: 'raise', limits: { cost: 1 } }, ANA)
    expect(atWork(task)).toBe(2)
    answer(task, 4)
    answer(task, 5)
    expect(task.state.status).toBe('done')
  })

  it('that fails the task ends what is under way, and all of it is done again by hand', () => {
    const task = mapping(texts(3), { do: CALLS, concurrency: 3 }, {}, { limits: { calls: 1, reached: 'fail' } })
    const [one, two] = [claim(task, 1), claim(task, 2)]
    task.do({ type: 'note', ...one, note: { called: aCall({ call: '1', safe: true }) } })
    task.do({ type: 'note', ...two, note: { called: aCall({ call: '1' }) } })
    expect(task.state).toMatchObject({ status: 'failed', error: { code: 'limit_calls' } })
    expect(phases(task)).toEqual(['fenced', 'fenced', 'fenced'])
    task.do({ type: 'raise', limits: { calls: 10 } }, ANA)
    task.do({ type: 'retry' }, ANA)
    for (const id of [1, 2, 3]) answer(task, id)
    expect(task.state.status).toBe('done')
  })

  it('of duration lets what is under way finish and begins nothing more', () => {
    const task = mapping(texts(3), { concurrency: 1 }, {}, { limits: { duration: '1m' } })
    const ref = claim(task, 1)
    task.now += 61_000
    const outcome = { kind: 'completed' as const, output: 'late' }
    expect(task.do({ type: 'report', ...ref, outcome, usage: null, chain: true })).toEqual(['reported'])
    expect(task.wake()).toEqual(['stuck'])
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'limit_duration' } })
    task.do({ type: 'raise', limits: { duration: '1h' } }, ANA)
    answer(task, 2)
    answer(task, 3)
    expect(task.state.status).toBe('done')
  })
})

describe('a call that may not be made twice', () => {
  const SENDS = { http: { method: 'POST' as const, url: 'https://api.crm.example/x', body: '{{ item.text }}' } }

  it('and that others cut short is asked about before it is made again', () => {
    const task = mapping(texts(2), { do: SENDS })
    const two = claim(task, 2)
    task.do({ type: 'note', ...two, note: { called: aCall({ call: '1', safe: false }) } })
    fail(task, 1)
    expect(phases(task)).toEqual(['failed', 'fenced'])
    expect(task.do({ type: 'retry' }, ANA)).toEqual(['queued', 'asked', 'stuck', 'due'])
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'unknown_outcome', run: 2 } })
    expect(task.try({ type: 'claim', visit: 1, run: 2, attempt: 1 })).toMatchObject({ kind: 'not_claimable' })
    answer(task, 1)
    task.do({ type: 'answer', happened: true, output: { id: 'x' }, run: 2 }, ANA)
    expect(task.state.result).toEqual(['out 1', { status: 200, headers: {}, body: { id: 'x' } }])
  })
})

describe('people for each item', () => {
  it('are asked so many at a time, by roles that are looked up for each, and decide by run', () => {
    const human = { assign: ['role:admin'], instructions: 'Is {{ row.text }} fine?', labels: ['yes', 'no'] }
    const task = mapping(texts(3), { as: 'row', do: { human }, concurrency: 2 })
    expect(phases(task)).toEqual(['asking', 'asking', 'queued'])
    for (const run of [1, 2]) task.do({ type: 'resolve', visit: 1, run, people: { admin: ['ana@acme.test'] } })
    expect(task.state.visit.runs[1]!.phase).toMatchObject({ name: 'asked', ask: { instructions: 'Is line 1 fine?' } })
    expect(task.try({ type: 'decide', handoff: 'yes' }, ANA)).toMatchObject({ kind: 'several_open' })
    expect(task.do({ type: 'decide', handoff: 'yes', run: 2, note: 'ok' }, ANA)).toEqual(['decided', 'asking'])
    task.do({ type: 'resolve', visit: 1, run: 3, people: { admin: ['ana@acme.test'] } })
    task.do({ type: 'decide', handoff: 'no', run: 1 }, ANA)
    task.do({ type: 'decide', handoff: 'yes', run: 3 }, ANA)
    expect(task.state.result).toEqual([
      { decision: 'no', note: null, by: 'ana@acme.test' },
      { decision: 'yes', note: 'ok', by: 'ana@acme.test' },
      { decision: 'yes', note: null, by: 'ana@acme.test' },
    ])
  })
})

it('no model is told of what is hidden, whatever the item is called', () => {
  const lines = [{ text: 'a', iban: 'DE89370400440532013000' }]
  const prompt = '{{ row.text }} {{ row.iban }}'
  const task = mapping(lines, { as: 'row', do: { prompt } }, {}, { redact: ['input.lines.iban'] })
  expect(task.state.visit.runs[0]!.prompt).toBe('a [redacted: iban]')
})
