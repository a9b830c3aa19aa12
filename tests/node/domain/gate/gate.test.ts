/** The Gate's rules one by one: what a provider's answers lead to, what budgets say, whose pile counts, what it tells. */
import { describe, expect, it } from 'vitest'
import { decideGate, type GateCommand } from '../../../../src/domain/gate/decide.ts'
import { figuresOfGate, standingOf } from '../../../../src/domain/gate/figures.ts'
import type { CallEnd } from '../../../../src/domain/gate/lane.ts'
import { peopleAfter } from '../../../../src/domain/gate/people-after.ts'
import { type Ask, type GateState, newGate } from '../../../../src/domain/gate/state.ts'
import { sameForAll } from '../../../../src/domain/gate/waits.ts'
import { NO_LIMITS, type TeamLimits } from '../../../../src/domain/team-limits.ts'
import type { Definition } from '../../../../src/domain/workflow/definition.ts'

const NOON = Date.UTC(2026, 10, 28, 12)
const DAY_END = Date.UTC(2026, 10, 29)

/** A Gate at noon, whose clock is put forward by hand. */
class Gate {
  state: GateState = newGate()
  now = NOON
  told: string[] = []
  released: string[] = []

  constructor(limits: Partial<TeamLimits> = {}, spent = 0) {
    this.set(limits, spent)
  }

  set(limits: Partial<TeamLimits>, spent = 0): void {
    const [day, month] = [
      { name: '2026-11-28', to: DAY_END, spent },
      { name: '2026-11', to: Date.UTC(2026, 11, 1), spent },
    ]
    this.do({ type: 'set', limits: { ...NO_LIMITS, ...limits }, day, month })
  }

  do(command: GateCommand) {
    const decision = decideGate(this.state, command, this.now)
    this.state = decision.state
    this.told.push(...decision.crossed.map(({ period, percent }) => `${period} ${percent}`))
    this.released.push(...decision.released.map(run => run.task))
    return decision
  }

  take(n: number, more: Partial<Ask> = {}) {
    return this.do({ type: 'take', ask: ask(n, more) }).waits
  }

  end(n: number, end: CallEnd = { kind: 'answered' }, cost = 0, more: Partial<Ask> = {}) {
    return this.do({ type: 'end', ask: ask(n, more), end, cost, began: this.now - 1, flight: 1 }).waits
  }

  get openai() {
    return figuresOfGate(this.state, this.now).providers.openai
  }
}

function ask(n: number, more: Partial<Ask> = {}): Ask {
  const run = { task: `tsk_${n}`, visit: 1, run: 1, age: NOON - 1000 + n }
  return { ...run, provider: 'openai', cost: 0, people: [], lease: 'l', lastsMs: 75_000, ...more }
}

describe('a provider’s lane', () => {
  it('is halved where it refuses, once for all that began before it was known, and waits as long as it was asked to', () => {
    const gate = new Gate({ providers: { openai: { parallel: 8 } } })
    for (let n = 1; n <= 8; n++) expect(gate.take(n)).toBeNull()
    gate.now += 10
    for (const n of [1, 2, 3])
      gate.do({
        type: 'end',
        ask: ask(n),
        end: { kind: 'limited', retryAfterMs: 20_000 },
        cost: 0,
        began: NOON,
        flight: 8,
      })
    expect(gate.openai).toMatchObject({ state: 'limited', limit: 4, inFlight: 5, waiting: 3, retryAt: null })
    for (let n = 4; n <= 8; n++) gate.end(n)
    expect(gate.openai).toMatchObject({ inFlight: 0, waiting: 3, retryAt: gate.now + 20_000 })
    gate.now += 19_999
    gate.do({ type: 'tick' })
    expect(gate.released).toEqual([])
    gate.now += 2
    gate.do({ type: 'tick' })
    expect(gate.released).toEqual(['tsk_1', 'tsk_2', 'tsk_3'])
  })

  it('grows by one a round while it answers, and is forgotten a minute after the last refusal', () => {
    const gate = new Gate()
    gate.do({ type: 'end', ask: ask(1), end: { kind: 'limited' }, cost: 0, began: NOON - 1, flight: 8 })
    expect(gate.openai?.limit).toBe(4)
    gate.now += 2000
    gate.do({ type: 'tick' })
    for (let n = 1; n <= 5; n++) {
      expect(gate.take(n)).toBeNull()
      gate.end(n)
    }
    expect(gate.openai?.limit).toBe(5)
    expect(standingOf(gate.state).providers).toEqual(['openai'])
    gate.now += 60_000
    gate.do({ type: 'tick' })
    expect(gate.openai).toMatchObject({ state: 'ok', limit: null })
    expect(standingOf(gate.state).providers).toEqual([])
  })

  it('that is down is tried by one at a time, ever more rarely, and opens with two', () => {
    const gate = new Gate()
    for (const n of [1, 2, 3, 4]) gate.end(n, { kind: 'offline' })
    gate.now += 1001
    gate.do({ type: 'tick' })
    const first = gate.released.at(-1)!
    expect(gate.released).toHaveLength(1)
    gate.take(Number(first.slice(4)))
    gate.now += 100
    expect(gate.end(Number(first.slice(4)), { kind: 'offline' })).toMatchObject({ reason: 'provider_offline' })
    expect(gate.openai).toMatchObject({ state: 'down', waiting: 4, retryAt: gate.now + 2000 })
    gate.now += 2000
    gate.do({ type: 'tick' })
    // Another one than the last: one that is always turned away keeps nobody waiting.
    expect(gate.released).toHaveLength(2)
    expect(gate.released[1]).not.toBe(first)
    gate.take(Number(gate.released[1]!.slice(4)))
    gate.end(Number(gate.released[1]!.slice(4)))
    expect(gate.released).toHaveLength(4)
    expect(gate.openai).toMatchObject({ state: 'limited', limit: 2, waiting: 1 })
  })

  it('that turns one model away lets another of its models go on, within what the team has set', () => {
    const gate = new Gate({ providers: { openai: { parallel: 2 } } })
    gate.take(1)
    expect(gate.end(1, { kind: 'limited', retryAfterMs: 20_000 })).toMatchObject({ reason: 'provider_limit' })
    expect(gate.take(1, { fallback: true })).toBeNull()
    expect(gate.openai).toMatchObject({ inFlight: 1, waiting: 0 })
    expect(gate.take(2)).not.toBeNull()
    expect(gate.take(3, { fallback: true })).toBeNull()
    expect(gate.take(4, { fallback: true })).not.toBeNull()
  })

  it('says whom a run waits behind, and since when', () => {
    const gate = new Gate({ providers: { openai: { parallel: 1 } } })
    gate.take(5)
    gate.take(1)
    gate.take(2)
    gate.now += 90_000
    expect(gate.take(3)?.message).toBe('Waits for its turn at openai: 1 before it, since 12:01 UTC.')
  })

  it('is not kept closed by a clock that was set back', () => {
    const gate = new Gate()
    gate.now += 5 * 3_600_000
    gate.end(1, { kind: 'limited', retryAfterMs: 60_000 })
    gate.now = NOON
    expect(gate.take(2)).toBeNull()
  })
})

it('tells what many wait for as one thing', () => {
  const gate = new Gate({ providers: { openai: { parallel: 1 } }, budget: { day: 1, month: null }, waiting: 1 })
  gate.do({ type: 'piles', open: { 'ben@acme.test': 2 } })
  gate.take(1, { cost: 0.5 })
  const said = [
    [gate.take(2), gate.take(3)],
    [gate.take(4, { cost: 0.6 }), gate.take(5, { cost: 0.7, provider: 'other' })],
    [gate.take(6, { people: ['ben@acme.test'] })],
  ].map(some => some.map(waits => sameForAll(waits!.message)))
  expect(said).toEqual([
    ['Waits for its turn at openai.', 'Waits for its turn at openai.'],
    [
      'The team’s budget of $1.00 for this day has no room for its next call.',
      'The team’s budget of $1.00 for this day has no room for its next call.',
    ],
    [
      'ben@acme.test has as many decisions open as they may, the team lets 1 wait. A draft for them would only get old.',
    ],
  ])
})

describe('a budget', () => {
  it('reserves before a call, settles after it, and tells 80 % and 100 % once', () => {
    const gate = new Gate({ budget: { day: 1, month: null } })
    expect(gate.take(1, { cost: 0.4 })).toBeNull()
    expect(gate.take(2, { cost: 0.4 })).toBeNull()
    expect(gate.take(3, { cost: 0.4 })).toMatchObject({ reason: 'team_budget', at: DAY_END })
    expect(figuresOfGate(gate.state, gate.now).day).toEqual({ spent: 0, reserved: 0.8, limit: 1 })
    expect(gate.told).toEqual([])
    gate.end(1, undefined, 0.1)
    expect(gate.released).toEqual(['tsk_3'])
    gate.end(2, undefined, 0.39)
    gate.take(3, { cost: 0.4 })
    gate.end(3, undefined, 0.4)
    expect(gate.told).toEqual(['day 80'])
    gate.take(4, { cost: 0.2 })
    gate.take(5, { cost: 0.2 })
    expect(gate.told).toEqual(['day 80', 'day 100'])
    gate.now = DAY_END
    gate.do({
      type: 'set',
      limits: gate.state.limits,
      day: { name: '2026-11-29', to: DAY_END + 86_400_000, spent: 0 },
      month: { name: '2026-11', to: DAY_END + 9e8, spent: 0 },
    })
    expect(gate.released).toEqual(['tsk_3', 'tsk_4', 'tsk_5'])
  })

  it('lets a call go alone that could never fit, and counts what was spent before it was set', () => {
    const gate = new Gate({ budget: { day: 1, month: null } }, 0.5)
    expect(gate.take(1, { cost: 3 })).toBeNull()
    expect(gate.take(2, { cost: 0.1 })).toMatchObject({ reason: 'team_budget' })
    gate.end(1, undefined, 2)
    expect(gate.take(3, { cost: 3 })).toMatchObject({ reason: 'team_budget' })
  })
})

describe('a pile', () => {
  const ben = { people: ['ben@acme.test'] }

  it('keeps drafts waiting, those on their way included, until some are decided', () => {
    const gate = new Gate({ waiting: 3 })
    gate.do({ type: 'piles', open: { 'ben@acme.test': 1 } })
    expect(gate.take(1, ben)).toBeNull()
    gate.end(1, undefined, 0, ben)
    expect(gate.take(2, ben)).toBeNull()
    expect(gate.take(3, ben)).toMatchObject({
      reason: 'persons_pile',
      message: expect.stringContaining('ben@acme.test has 3'),
    })
    expect(gate.take(4)).toBeNull()
    expect(gate.take(5, { people: ['ben@acme.test', 'ana@acme.test'] })).toBeNull()
    gate.now += 20_000
    gate.do({ type: 'piles', open: { 'ben@acme.test': 0 } })
    expect(gate.released).toEqual(['tsk_3'])
  })

  it('is of whom a step leads straight to', () => {
    const human = (...assign: string[]) => ({ human: { assign, instructions: 'Fine?' } })
    const definition: Definition = {
      baton: 1,
      name: 'D',
      steps: [
        { key: 'draft', prompt: 'x', handoffs: [{ to: 'ask' }] },
        { key: 'maybe', prompt: 'x', handoffs: [{ when: 'good', to: 'complete' }, { to: 'ask' }] },
        { key: 'named', prompt: 'x', handoffs: [{ to: 'whoever' }] },
        { key: 'ask', ...human('ben@acme.test') },
        { key: 'whoever', ...human('{{ input.owner }}') },
      ],
    }
    const led = (key: string) => peopleAfter(definition, definition.steps.find(step => step.key === key)!)
    expect(led('draft')).toEqual(['ben@acme.test'])
    expect(led('maybe')).toEqual([])
    expect(led('named')).toEqual([])
  })
})

it('a team without limits whose providers are well needs nobody to ask', () => {
  expect(standingOf(new Gate().state)).toEqual({ all: false, providers: [], people: false })
})
