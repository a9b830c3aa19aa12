/** What a host or Baton's own storage did is never charged to a task: it waits, says for what, and goes on by itself. */
import { createExecutionContext, evictDurableObject } from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import type { Definition } from '../../../src/domain/workflow/definition.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import worker from '../../../src/index.ts'
import {
  aTask,
  atLater,
  env,
  modelsAnswer,
  promptsInARow,
  says,
  TEAM,
  type TestTask,
  until,
} from '../../support/engine.ts'

afterEach(() => {
  scriptModels(null)
  vi.restoreAllMocks()
})

/** No lane carries anything: the test is the queue. */
function lanesAreSilent(): void {
  const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
  for (const lane of lanes) vi.spyOn(lane, 'send').mockResolvedValue(undefined as never)
}

function consume(task: TestTask, on: typeof env): Promise<void> {
  const body = { v: 1 as const, task: `${TEAM}:${task.id}`, visit: 1, run: 1, attempt: 1 }
  const message = { id: 'm', timestamp: new Date(), attempts: 1, body, ack: vi.fn(), retry: vi.fn() }
  const batch = { queue: 'baton-steps-0', messages: [message] }
  return worker.queue(batch as never, { ...on, BATON_LOCAL: '' }, createExecutionContext())
}

test('three hosts die under a run, and its fourth worker finishes it', async () => {
  lanesAreSilent()
  const task = await aTask(promptsInARow(1))
  for (let deaths = 0; deaths < 3; deaths++) {
    await atLater(deaths * 80_000, async () => expect((await task.stub.claim(1, 1, 1)).ok).toBe(true))
    await evictDurableObject(task.stub)
    await atLater((deaths + 1) * 80_000, () => task.alarm())
  }
  const lapsed = (await task.stub.events(0, 100))!.filter(event => event.type === 'lapsed')
  expect(lapsed.map(({ data }) => [data.lapses, data.unseen])).toEqual([
    [0, true],
    [0, true],
    [0, true],
  ])
  expect(await task.view()).toMatchObject({ status: 'running', stuck: null })
  modelsAnswer(() => says('done at last'))
  await atLater(3 * 80_000, () => consume(task, env))
  expect(await until(task, ({ status }) => status === 'done')).toMatchObject({ result: 'done at last' })
})

test('a run whose workers die while its object lives is put to a person after three', async () => {
  lanesAreSilent()
  const task = await aTask(promptsInARow(1))
  for (let deaths = 0; deaths < 3; deaths++) {
    await atLater(deaths * 80_000, async () => expect((await task.stub.claim(1, 1, 1)).ok).toBe(true))
    await atLater((deaths + 1) * 80_000, () => task.alarm())
  }
  expect(await task.view()).toMatchObject({ status: 'stuck', stuck: { cause: 'keeps_dying' } })
})

test('without D1 an agent’s step is held, not failed, and goes on when it is back', async () => {
  lanesAreSilent()
  const definition: Definition = {
    baton: 1,
    name: 'An agent',
    steps: [{ key: 'ask', agent: 'nobody_cached', instructions: 'Go.', handoffs: [{ to: 'complete' }] }],
  }
  const task = await aTask(definition)
  const broken = new Proxy(env.DB, {
    get: () => () => {
      throw new Error('D1_ERROR: storage is away')
    },
  })
  await consume(task, { ...env, DB: broken })
  const held = await task.view()
  expect(held).toMatchObject({ status: 'held', held: { reason: 'storage_unavailable' } })
  expect(held!.why).toContain('goes on by itself')
  // Back again; that this agent is not there is then the step's own failure, told as such.
  await atLater(3_600_000, async () => {
    await task.alarm()
    await consume(task, env)
  })
  expect(await task.view()).toMatchObject({ status: 'failed', error: { code: 'agent_missing' } })
})
