/** The crash points (src/crash-points.ts) in real workerd: each fires, and the task goes on to its end with every transition once. */
import { createExecutionContext, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { armCrashPoints, CRASH_POINTS, type CrashPoint } from '../../../src/crash-points.ts'
import { NO_LIMITS, type TeamLimits } from '../../../src/domain/team-limits.ts'
import type { Definition } from '../../../src/domain/workflow/definition.ts'
import { gateStub } from '../../../src/env.ts'
import { forgetStandings } from '../../../src/execution/gate/standing.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import type { GateVerbs } from '../../../src/gate/rpc.ts'
import worker from '../../../src/index.ts'
import { sweepSchedules } from '../../../src/intake/schedule/sweep.ts'
import { derivedTaskId } from '../../../src/records/ids.ts'
import { putLimits } from '../../../src/records/people/limits.ts'
import { wakePastDue } from '../../../src/task/hourly.ts'
import { sha256 } from '../../../src/task/object/task-log.ts'
import {
  ANA,
  aTask,
  atLater,
  createOf,
  env,
  KEY,
  modelsAnswer,
  newTaskId,
  onboarding,
  promptOf,
  promptsInARow,
  says,
  TEAM,
  type TestTask,
  theTask,
  until,
  WORKFLOW,
} from '../../support/engine.ts'

class Crash extends Error {}

const fired = new Map<CrashPoint, number>()
const everFired = new Set<CrashPoint>()

/** The point throws this often, then heals. */
function crashAt(point: CrashPoint, times = 1): void {
  armCrashPoints(hit => {
    if (hit !== point || (fired.get(point) ?? 0) >= times) return
    fired.set(point, (fired.get(point) ?? 0) + 1)
    everFired.add(point)
    throw new Crash(`crashed at ${point}`)
  })
}

beforeEach(() => {
  fired.clear()
  modelsAnswer(request => says(`answer to: ${promptOf(request).slice(0, 40)}`))
})
afterEach(() => {
  vi.restoreAllMocks()
  armCrashPoints(null)
  scriptModels(null)
})

/** Lets time bring the task on, as its alarm would: every step of it at most an hour later. */
async function untilWith(task: TestTask, reached: (status: string) => boolean, evict = false): Promise<void> {
  for (let hop = 1; hop <= 8; hop++) {
    try {
      await until(task, view => reached(view.status), 700)
      return
    } catch {
      if (evict) await evictDurableObject(task.stub)
      await atLater(hop * 100_000, async () => {
        await task.alarm().catch(() => {})
        await until(task, view => reached(view.status), 1500).catch(() => {})
      })
    }
  }
  await until(task, view => reached(view.status), 1000)
}

/** Every visit entered once, every seq there, the audit equal to the log. */
async function expectWhole(task: TestTask): Promise<void> {
  const events = (await task.stub.events(0, 10_000))!
  expect(events.map(event => event.seq)).toEqual(events.map((_, i) => i + 1))
  const entered = events.filter(event => event.type === 'entered').map(event => event.data.visit)
  expect(entered).toEqual(entered.map((_, i) => i + 1))
  const reported = events
    .filter(event => event.type === 'reported')
    .map(event => `${event.data.visit}.${event.data.run}.${event.data.attempt}`)
  expect(new Set(reported).size).toBe(reported.length)
  await vi.waitFor(
    async () => {
      await atLater(3_600_000, () => task.alarm())
      const { results } = await env.DB.prepare('SELECT types FROM audit WHERE task = ? ORDER BY seq')
        .bind(task.id)
        .all<{ types: string }>()
      expect(results.flatMap(row => row.types.split(' '))).toEqual(events.map(event => event.type))
    },
    { timeout: 8000, interval: 100 },
  )
}

const kinds = [
  { name: 'a model step', definition: promptsInARow(2), human: false },
  { name: 'a human step', definition: onboarding, human: true },
  { name: 'branches and items', definition: sideBySide(), human: false },
]

/** Two branches, then the same work for each of three items, two at a time. */
function sideBySide(): Definition {
  const model = 'demo'
  const branches = {
    a: { prompt: 'A for {{ input.company }}', model },
    b: { prompt: 'B for {{ input.company }}', model },
  }
  const map = { over: '{{ "x,y,z" | split: "," }}', do: { prompt: 'Item {{ item }}', model }, concurrency: 2 }
  const steps = [
    { key: 'both', parallel: { branches }, handoffs: [{ to: 'each' }] },
    { key: 'each', map, handoffs: [{ to: 'complete' }] },
  ]
  return { baton: 1, name: 'Side by side', steps }
}

/** Takes a task from its making to its end, a person approving where one is asked. */
async function liveThrough(task: TestTask, human: boolean, evict = false): Promise<void> {
  if (human) {
    await untilWith(task, status => status === 'waiting', evict)
    await task.command({ type: 'decide', handoff: 'approved' }).catch(() => {})
    const view = await task.view()
    if (view.status === 'waiting') await task.command({ type: 'decide', handoff: 'approved' })
  }
  await untilWith(task, status => status === 'done', evict)
  await expectWhole(task)
}

describe.each(kinds)('with $name', ({ definition, human }) => {
  test.each(['C1', 'C2'] as const)('%s: a create that dies is made once when the client comes again', async point => {
    crashAt(point)
    const id = newTaskId()
    const context = { actor: KEY, flushed: false, idempotency: { id: `k-${id}`, hash: 'h' } }
    const first = await theTask(id)
      .stub.create(createOf(id, definition), context)
      .catch(error => String(error))
    expect(first).toContain('crashed at')
    expect(await theTask(id).stub.create(createOf(id, definition), context)).toMatchObject({
      ok: true,
      repeated: point === 'C2',
    })
    expect(fired.get(point)).toBe(1)
    await liveThrough(theTask(id), human)
  })

  test.each(['C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C10', 'C11', 'C12', 'C13'] as const)(
    '%s: what dies there is done again by what is left, once',
    async point => {
      crashAt(point)
      const task = await aTask(definition)
      await liveThrough(task, human)
      expect(fired.get(point)).toBe(1)
    },
  )

  test.each(['C3', 'C5', 'C6', 'C8', 'C10', 'C12'] as const)(
    '%s twice, with the memory of every object lost',
    async point => {
      crashAt(point, 2)
      const task = await aTask(definition)
      await liveThrough(task, human, true)
      expect(fired.get(point)).toBe(2)
    },
  )

  test('C14: an alarm that throws seven times is set again each time', async () => {
    crashAt('C14', 7)
    const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
    const spies = lanes.map(lane => vi.spyOn(lane, 'send').mockRejectedValue(new Error('lost')))
    const task = await aTask(definition)
    for (let i = 1; i <= 7; i++) expect(await atLater(i * 3_700_000, () => task.alarm())).toBe(true)
    for (const spy of spies) spy.mockRestore()
    await atLater(9 * 3_700_000, async () => {
      await task.alarm()
      await until(task, view => view.status !== 'running', 5000)
    })
    expect(fired.get('C14')).toBe(7)
    await liveThrough(task, human)
  })

  test('C15: an alarm that fires twice does its work once', async () => {
    everFired.add('C15')
    crashAt('C3')
    const task = await aTask(definition)
    await atLater(11_000, async () => {
      await Promise.all([task.alarm(), task.alarm()])
      await task.alarm()
      await until(task, view => view.status !== 'running', 5000)
    })
    await liveThrough(task, human)
  })

  test('C16: a sweep that dies between a task and its cursor is made good by the next, with the same task', async () => {
    const now = Math.floor(Date.now() / 60_000) * 60_000
    const { pinned, digest } = createOf(newTaskId(), definition)
    const clock = `int_${crypto.randomUUID()}`
    const settings = {
      cron: '* * * * *',
      timezone: 'UTC',
      input: { company: 'Nimbus' },
      overlap: 'allow',
      catchUp: 'last',
      paused: false,
    }
    const config = JSON.stringify(settings)
    await env.DB.batch([
      // An earlier test's schedule comes due again with the next minute.
      env.DB.prepare('DELETE FROM schedules'),
      env.DB.prepare(
        `INSERT INTO workflows (id, team, name, status, live, created_by, created_at, updated_at) VALUES (?, ?, 'w', 'active', 1, 'test', ?3, ?3) ON CONFLICT (id) DO UPDATE SET live = 1`,
      ).bind(WORKFLOW, TEAM, now),
      env.DB.prepare(
        `INSERT INTO workflow_versions (workflow, version, team, pinned, digest, text, format, created_at, created_by) VALUES (?, 1, ?, ?, ?, '', 'json', ?, 'test') ON CONFLICT (workflow, version) DO UPDATE SET pinned = excluded.pinned, digest = excluded.digest`,
      ).bind(WORKFLOW, TEAM, pinned, digest, now),
      env.DB.prepare(
        `INSERT INTO intakes (id, team, workflow, kind, name, config, created_at, updated_at) VALUES (?1, ?2, ?3, 'schedule', 'Clock', ?4, ?5, ?5)`,
      ).bind(clock, TEAM, WORKFLOW, config, now),
      env.DB.prepare(`INSERT INTO schedules (id, team, workflow, due_at, last_slot) VALUES (?, ?, ?, ?, ?)`).bind(
        clock,
        TEAM,
        WORKFLOW,
        now,
        now - 60_000,
      ),
    ])
    crashAt('C16')
    await expect((async () => sweepSchedules(env, now))()).rejects.toThrow('crashed at C16')
    expect(await sweepSchedules(env, now)).toMatchObject({ schedules: 1, started: 1 })
    expect(fired.get('C16')).toBe(1)
    expect(await sweepSchedules(env, now)).toMatchObject({ schedules: 0 })
    const { results } = await env.DB.prepare('SELECT task FROM schedule_slots WHERE schedule = ?')
      .bind(clock)
      .all<{ task: string }>()
    expect(results).toHaveLength(1)
    await liveThrough(theTask(results[0]!.task), human)
  })

  test('the hourly pass wakes what no alarm woke', async () => {
    const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
    const spies = lanes.map(lane => vi.spyOn(lane, 'send').mockRejectedValue(new Error('lost')))
    const now = Date.now()
    await env.DB.prepare(
      `INSERT INTO workflows (id, team, name, status, live, created_by, created_at, updated_at) VALUES (?, ?, 'w', 'active', 1, 'test', ?3, ?3) ON CONFLICT DO NOTHING`,
    )
      .bind(WORKFLOW, TEAM, now)
      .run()
    const task = await aTask(definition, undefined, { flushed: true })
    for (const spy of spies) spy.mockRestore()
    expect(await wakePastDue(env, now + 3_600_000)).toBeGreaterThan(0)
    await liveThrough(task, human)
  })
})

/** A published workflow that tasks can be started in, and a definition whose one step does so. */
async function aChildWorkflow(): Promise<Definition> {
  const workflow = `wf_${'c'.repeat(20)}`
  const { pinned } = createOf(newTaskId(), promptsInARow(1))
  const text = pinned.replace(WORKFLOW, workflow)
  const now = Date.now()
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO workflows (id, team, name, status, live, created_by, created_at, updated_at) VALUES (?, ?, 'Child', 'active', 1, 'test', ?3, ?3) ON CONFLICT DO NOTHING`,
    ).bind(workflow, TEAM, now),
    env.DB.prepare(
      `INSERT INTO workflow_versions (workflow, version, team, pinned, digest, text, format, created_at, created_by) VALUES (?, 1, ?, ?, ?, '', 'json', ?, 'test') ON CONFLICT DO NOTHING`,
    ).bind(workflow, TEAM, text, sha256(text), now),
  ])
  const input = { company: '{{ input.company }}' }
  const steps = [{ key: 'start', workflow: { use: workflow, input }, handoffs: [{ when: 'ok', to: 'complete' }] }]
  return { baton: 1, name: 'Parent', steps }
}

describe('with a task that starts another', () => {
  const childOf = async (task: TestTask) => theTask(await derivedTaskId(TEAM, 'child', `${task.id}.1.1.1`))

  /** Time brings both on until each is over and has been heard. */
  async function liveBoth(task: TestTask, status: string, evict = false): Promise<void> {
    const child = await childOf(task)
    for (let hop = 1; hop <= 6; hop++) {
      const isOver = async () => {
        expect((await task.view()).status).toBe(status)
        expect(await child.types()).toContain('told')
      }
      if (await vi.waitFor(isOver, { timeout: 700, interval: 20 }).then(yes, no)) break
      if (evict) for (const each of [task, child]) await evictDurableObject(each.stub).catch(() => {})
      await atLater(hop * 100_000, async () => {
        for (const each of [task, child]) await each.alarm().catch(() => {})
        await vi.waitFor(isOver, { timeout: 1200, interval: 20 }).catch(() => {})
      })
    }
    await expectWhole(task)
    await expectWhole(child)
    const types = await task.types()
    for (const once of ['started', 'returned']) expect(types.filter(type => type === once)).toHaveLength(1)
    expect((await child.view()).status).toBe(status)
  }
  const yes = () => true
  const no = () => false

  test.each([
    ['C6', 1],
    ['C12', 1],
    ['C17', 1],
    ['C18', 1],
    ['C19', 1],
    ['C17', 2],
    ['C18', 2],
  ] as const)('%s, %i times: one task is started, and its end is heard once', async (point, times) => {
    const definition = await aChildWorkflow()
    crashAt(point, times)
    const task = await aTask(definition)
    await liveBoth(task, 'done', times > 1)
    expect(fired.get(point)).toBe(times)
    const { outputs } = await task.view()
    expect(outputs.start).toEqual({ task: (await childOf(task)).id, status: 'done', result: expect.any(String) })
  })

  test.each(['C17', 'C18'] as const)('%s: a cancel reaches the task below', async point => {
    const definition = await aChildWorkflow()
    modelsAnswer(() => new Promise(resolve => setTimeout(() => resolve(says('late')), 1500)))
    const task = await aTask(definition)
    await vi.waitFor(async () => expect(await task.types()).toContain('started'))
    crashAt(point)
    await task.command({ type: 'cancel' })
    await liveBoth(task, 'cancelled')
    expect(fired.get(point)).toBe(1)
  })
})

test.each(['C9', 'C23'] as const)(
  '%s: a call that may not be repeated and whose end nobody saw is put to a person',
  async point => {
    crashAt(point)
    const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
    const spies = lanes.map(lane => vi.spyOn(lane, 'send').mockResolvedValue(undefined as never))
    const task = await aTask(promptsInARow(1))
    const claimed = await task.stub.claim(1, 1, 1)
    if (!claimed.ok) throw new Error('not claimed')
    const { visit, run, attempt, lease } = claimed.work
    const called = { call: 'call-1', tool: 'http', args: null, safe: false, key: null }
    const noted = (async () => {
      await task.stub.note({ visit, run, attempt, lease }, { called })
      await task.stub.note(
        { visit, run, attempt, lease },
        { answered: { call: 'call-1', ok: true, result: null, ms: 1 } },
      )
    })()
    await expect(noted).rejects.toThrow(`crashed at ${point}`)
    expect(fired.get(point)).toBe(1)
    await atLater(200_000, () => task.alarm())
    expect(await task.view()).toMatchObject({ status: 'stuck', stuck: { cause: 'unknown_outcome' } })
    for (const spy of spies) spy.mockRestore()
    await task.command({ type: 'route', handoff: 'complete' }, ANA)
    expect((await task.view()).status).toBe('done')
  },
)

describe('with a Gate that lets one call go at a time', () => {
  const gate = () => gateStub(env, TEAM) as GateVerbs & DurableObjectStub
  const setLimits = async (limits: TeamLimits) => {
    await putLimits(env.DB, limits, { team: TEAM, actor: ANA, name: 'Ana', at: Date.now() })
    // What was known of the limits is good for some seconds.
    await atLater(10_000, () => gate().standing())
    forgetStandings()
  }
  beforeEach(() => setLimits({ ...NO_LIMITS, providers: { demo: { parallel: 1 } } }))
  afterEach(() => setLimits(NO_LIMITS))

  test.each([
    ['C20', 1, false],
    ['C20', 2, true],
    ['C21', 1, false],
    ['C21', 2, true],
    ['C22', 1, false],
    ['C22', 2, true],
  ] as const)(
    '%s, %i times, the Gate lost in memory (%s): all calls are made, one at a time',
    async (point, times, lost) => {
      let [under, most] = [0, 0]
      modelsAnswer(async () => {
        most = Math.max(most, ++under)
        await new Promise(resolve => setTimeout(resolve, 150))
        under--
        return says('done')
      })
      crashAt(point, times)
      const all = await Promise.all([1, 2, 3].map(() => aTask(promptsInARow(1))))
      for (let hop = 1; hop <= 20; hop++) {
        const views = await Promise.all(all.map(task => task.view()))
        if (views.every(view => view.status === 'done')) break
        await new Promise(resolve => setTimeout(resolve, 400))
        if (lost) await evictDurableObject(gate()).catch(() => {})
        if (hop < 3) continue
        await atLater(hop * 100_000, async () => {
          await runDurableObjectAlarm(gate())
          for (const task of all) await task.alarm().catch(() => {})
          await new Promise(resolve => setTimeout(resolve, 600))
        })
      }
      for (const task of all) {
        await untilWith(task, status => status === 'done')
        await expectWhole(task)
      }
      // Leave of the last second may be forgotten with the Gate that gave it.
      expect(most).toBeLessThanOrEqual(lost ? 2 : 1)
      expect(fired.get(point)).toBe(times)
    },
  )
})

test('a dead letter wakes its task and sends nothing by itself', async () => {
  const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
  const sent = vi.fn(async () => undefined as never)
  const spies = lanes.map(lane => vi.spyOn(lane, 'send').mockImplementation(sent))
  const task = await aTask(promptsInARow(1))
  await vi.waitFor(() => expect(sent).toHaveBeenCalledTimes(1))
  const body = { v: 1 as const, task: `${TEAM}:${task.id}`, visit: 1, run: 1, attempt: 1 }
  const ack = vi.fn()
  await worker.queue(
    {
      queue: 'baton-steps-dead',
      messages: [{ id: 'd', timestamp: new Date(), attempts: 1, body, ack, retry: vi.fn() }],
    } as never,
    env,
    createExecutionContext(),
  )
  expect(ack).toHaveBeenCalled()
  expect(sent).toHaveBeenCalledTimes(1)
  for (const spy of spies) spy.mockRestore()
})

test('every crash point fired', () => {
  expect([...everFired].sort()).toEqual([...CRASH_POINTS].sort())
})
