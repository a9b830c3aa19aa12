/** A team's Gate with real objects, queues and D1: providers that refuse and go down, budgets, piles, and what dies between. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { armCrashPoints } from '../../../src/crash-points.ts'
import { NO_LIMITS, type TeamLimits } from '../../../src/domain/team-limits.ts'
import type { Definition } from '../../../src/domain/workflow/definition.ts'
import { gateStub } from '../../../src/env.ts'
import { forgetStandings } from '../../../src/execution/gate/standing.ts'
import type { ModelOutcome, ModelRequest } from '../../../src/execution/models/port.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { putLimits } from '../../../src/records/people/limits.ts'
import { openDecisions } from '../../../src/records/task/piles.ts'
import { aTask, atLater, env, says, TEAM, type TestTask, until } from '../../support/engine.ts'

/** Each test has a provider of its own, as the team's Gate remembers how one does. */
let provider = ''
let made = 0

beforeEach(async () => {
  provider = `house_${++made}`
  forgetStandings()
  await set(NO_LIMITS)
})

afterEach(() => {
  scriptModels(null)
  armCrashPoints(null)
})

async function set(limits: Partial<TeamLimits>): Promise<void> {
  const by = { team: TEAM, actor: { kind: 'person' as const, id: 'ana@acme.test' }, name: 'Ana', at: Date.now() }
  await putLimits(env.DB, { ...NO_LIMITS, ...limits }, by)
  // What the Gate and the isolate know is good for some seconds.
  await atLater(10_000, async () => gateStub(env, TEAM).standing())
  forgetStandings()
}

const oneStep: Definition = {
  baton: 1,
  name: 'One step',
  steps: [{ key: 's1', prompt: 'Work on {{ input.n }}.', model: 'gpt-5-mini', handoffs: [{ to: 'complete' }] }],
}

interface Watched {
  /** The most calls that were under way at a time. */
  most: number
  refused: number
  /** Tasks in the order in which their calls were answered. */
  order: number[]
}

/** The provider answers so many at a time, and turns the others away. */
function answers(
  capacity: number,
  ms: number,
  more: (request: ModelRequest) => ModelOutcome | null = () => null,
): Watched {
  const watched: Watched = { most: 0, refused: 0, order: [] }
  let under = 0
  const complete = async (request: ModelRequest): Promise<ModelOutcome> => {
    const told = more(request)
    if (told !== null) return told
    if (under >= capacity) {
      watched.refused++
      return turnsAway('provider_limit', request)
    }
    watched.most = Math.max(watched.most, ++under)
    await new Promise(resolve => setTimeout(resolve, ms))
    under--
    watched.order.push(numberOf(request))
    return says('done')
  }
  scriptModels({ resolve: step => step ?? 'gpt-5-mini', provider: () => provider, port: () => ({ complete }) })
  return watched
}

function turnsAway(reason: 'provider_limit' | 'provider_offline', { model }: ModelRequest): ModelOutcome {
  return {
    kind: 'away',
    away: { reason, message: 'Slow down.', fix: 'It goes on by itself.' },
    usage: { model, inputTokens: 0, outputTokens: 0, calls: 1, durationMs: 1 },
  }
}

function numberOf({ messages: [first] }: ModelRequest): number {
  return Number(/\d+/.exec(JSON.stringify(first))![0])
}

async function tasks(count: number): Promise<TestTask[]> {
  const all: TestTask[] = []
  for (let n = 0; n < count; n += 10) {
    all.push(
      ...(await Promise.all(Array.from({ length: Math.min(10, count - n) }, (_, i) => aTask(oneStep, { n: n + i })))),
    )
  }
  return all
}

async function allDone(all: TestTask[], timeout = 25_000): Promise<void> {
  const began = Date.now()
  for (const task of all) await until(task, view => view.status === 'done', timeout - (Date.now() - began))
}

/** How far from its place by age each came to its end, on average, as a share of all. */
async function disorder(order: number[], all: TestTask[]): Promise<number> {
  const made = await Promise.all(
    all.map(async (task, n) => ({ n, at: Date.parse((await task.view()).createdAt), id: task.id })),
  )
  made.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const placeOf = new Map(made.map(({ n }, place) => [n, place]))
  return order.reduce((total, n, place) => total + Math.abs(placeOf.get(n)! - place), 0) / order.length ** 2
}

describe('a provider that answers five at a time and turns all others away', () => {
  test('ends every task, in order of age, and none fails', async () => {
    const watched = answers(5, 300)
    const all = await tasks(60)
    await allDone(all)
    expect(watched.order).toHaveLength(60)
    expect(await disorder(watched.order, all)).toBeLessThan(0.1)
    // It was found out how much it takes: few were turned away.
    expect(watched.refused).toBeGreaterThan(0)
    expect(watched.refused).toBeLessThan(30)
    const types = await Promise.all(all.map(task => task.types()))
    expect(types.flat()).toContain('held')
    expect(types.flat()).not.toContain('failed')
    for (const task of all) expect((await task.types()).filter(type => type === 'reported')).toHaveLength(1)
  })

  test('is never turned to by more than the team lets, and says what a task waits for', async () => {
    await set({ providers: { [provider]: { parallel: 5 } } })
    const watched = answers(5, 400)
    const all = await tasks(50)
    const held = await vi.waitFor(
      async () => {
        const views = await Promise.all(all.map(task => task.view()))
        const [first] = views.filter(view => view.status === 'held')
        if (first === undefined) throw new Error('none is held')
        return first
      },
      { timeout: 10_000, interval: 50 },
    )
    expect(held.held).toMatchObject({ reason: 'provider_limit' })
    expect(held.why).toMatch(
      new RegExp(`Waits for its turn at ${provider}: (none|\\d+) before it, since \\d\\d:\\d\\d UTC\\.`),
    )
    await allDone(all)
    expect(watched).toMatchObject({ refused: 0, most: 5 })
    expect(await disorder(watched.order, all)).toBeLessThan(0.1)
  })
})

describe('a provider that is away for ten minutes', () => {
  test('is tried by one at a time, and all tasks end once it is back, a few at first', async () => {
    let isAway = true
    let tried = 0
    const watched = answers(100, 50, request => {
      if (!isAway) return null
      tried++
      return turnsAway('provider_offline', request)
    })
    const all = await tasks(30)
    await vi.waitFor(
      async () => {
        const views = await Promise.all(all.map(task => task.view()))
        expect(views.every(view => view.status === 'held')).toBe(true)
      },
      { timeout: 15_000, interval: 100 },
    )
    const before = tried
    for (let minute = 1; minute <= 10; minute++) {
      await atLater(minute * 60_000, async () => {
        await runDurableObjectAlarm(gateStub(env, TEAM) as never)
        await new Promise(resolve => setTimeout(resolve, 300))
      })
    }
    // However many wait, a minute sees one try.
    expect(tried - before).toBeGreaterThan(0)
    expect(tried - before).toBeLessThanOrEqual(12)
    expect((await gateStub(env, TEAM).figures()).providers[provider]).toMatchObject({ state: 'down', waiting: 30 })
    // It is counted, by which the team is warned.
    const counted = await env.DB.prepare(
      'SELECT sum(failed) AS failed, sum(answered) AS answered FROM provider_outcomes WHERE team = ?1 AND provider = ?2',
    )
      .bind(TEAM, provider)
      .first<{ failed: number; answered: number }>()
    expect(counted).toEqual({ failed: expect.any(Number), answered: 0 })
    isAway = false
    await atLater(16 * 60_000, async () => {
      await runDurableObjectAlarm(gateStub(env, TEAM) as never)
      await allDone(all, 20_000)
    })
    expect(watched.order).toHaveLength(30)
    expect(await disorder(watched.order, all)).toBeLessThan(0.1)
    expect((await Promise.all(all.map(task => task.types()))).flat()).not.toContain('failed')
  })
})

describe('a budget for the day', () => {
  test('is passed by one call at most, however many come at once; those left say so and wait', async () => {
    // Ten tokens in and five out of gpt-5-mini.
    const each = 10 * 0.25e-6 + 5 * 2e-6
    const day = 0.1
    await set({ budget: { day, month: null } })
    const before = (await gateStub(env, TEAM).figures()).day.spent
    let paid = 0
    answers(1000, 20)
    scriptModels({
      resolve: () => 'gpt-5-mini',
      provider: () => provider,
      port: () => ({
        complete: async request => {
          await new Promise(resolve => setTimeout(resolve, 100))
          paid++
          const said = says(numberOf(request))
          return { ...said, usage: { ...said.usage, model: 'gpt-5-mini', outputTokens: 3000 } }
        },
      }),
    })
    const all = await tasks(40)
    await vi.waitFor(
      async () => {
        const views = await Promise.all(all.map(task => task.view()))
        expect(views.every(view => view.status === 'held' || view.status === 'done')).toBe(true)
        expect(views.filter(view => view.held?.reason === 'team_budget').length).toBeGreaterThan(10)
      },
      { timeout: 20_000, interval: 200 },
    )
    const { spent, limit } = (await gateStub(env, TEAM).figures()).day
    expect(limit).toBe(day)
    expect(spent - before).toBeCloseTo(paid * (10 * 0.25e-6 + 3000 * 2e-6), 4)
    expect(spent).toBeLessThanOrEqual(day + each + 0.008)
    await set(NO_LIMITS)
    await runDurableObjectAlarm(gateStub(env, TEAM) as never)
    await allDone(all)
  })
})

describe('a person with as many open decisions as the team lets wait', () => {
  test('is sent no new drafts until one is decided', async () => {
    await set({ waiting: 1 })
    answers(100, 5)
    const definition: Definition = {
      baton: 1,
      name: 'Drafts',
      steps: [
        { key: 's1', prompt: 'Draft {{ input.n }}.', model: 'gpt-5-mini', handoffs: [{ to: 'ask' }] },
        {
          key: 'ask',
          human: { assign: ['Ben@acme.test'], instructions: 'Fine?' },
          handoffs: [{ when: 'approved', to: 'complete' }],
        },
      ],
    }
    const first = await aTask(definition, { n: 1 })
    await until(first, view => view.status === 'waiting')
    await vi.waitFor(async () => {
      const open = await openDecisions(env.DB, TEAM, ['Ben@acme.test', 'guest:ben@acme.test', 'role:admin'])
      expect(open).toEqual({ 'Ben@acme.test': 1, 'guest:ben@acme.test': 1, 'role:admin': 0 })
    })
    const second = await aTask(definition, { n: 2 })
    const held = await until(second, view => view.status === 'held')
    expect(held.held).toMatchObject({ reason: 'persons_pile' })
    expect(held.why).toContain('Ben@acme.test has 1 decision open or on their way')
    const decided = await first.command(
      { type: 'decide', handoff: 'approved' },
      { kind: 'person', id: 'ben@acme.test' },
    )
    expect(decided.ok).toBe(true)
    await vi.waitFor(async () =>
      expect((await openDecisions(env.DB, TEAM, ['Ben@acme.test']))['Ben@acme.test']).toBe(0),
    )
    await atLater(60_000, async () => {
      await runDurableObjectAlarm(gateStub(env, TEAM) as never)
      await until(second, view => view.status === 'waiting')
    })
  })
})
