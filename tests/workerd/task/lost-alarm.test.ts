/** An open task that comes back from storage without its alarm sets it again: nothing outside would ever wake it. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import {
  aTask,
  atLater,
  env,
  fails,
  modelsAnswer,
  onboarding,
  promptsInARow,
  says,
  type TestTask,
  until,
} from '../../support/engine.ts'

afterEach(() => {
  vi.restoreAllMocks()
  scriptModels(null)
})

const DAY = 86_400_000

const alarmOf = (task: TestTask) => runInDurableObject(task.stub, (_, state) => state.storage.getAlarm())

/** Takes the alarm out of storage and lets the object be made anew; answers that it was there. */
async function loseAlarm(task: TestTask): Promise<boolean> {
  const before = await alarmOf(task)
  await runInDurableObject(task.stub, (_, state) => state.storage.deleteAlarm())
  await evictDurableObject(task.stub)
  return before !== null
}

/** A question that a default decides after an hour. */
const asking = {
  ...onboarding,
  steps: [
    {
      key: 'approve',
      human: { assign: ['ana@acme.test'], due: '1h', overdue: { handoff: 'rejected' } },
      handoffs: [
        { when: 'approved', to: 'complete' },
        { when: 'rejected', to: 'complete' },
      ],
    },
  ],
}

describe('a lost alarm', () => {
  test('of a run whose message was lost too: it is sent again, and the task comes to its end', async () => {
    modelsAnswer(() => says('fine'))
    const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
    const lost = lanes.map(lane => vi.spyOn(lane, 'send').mockImplementation(async () => undefined as never))
    const task = await aTask(promptsInARow(2))
    await vi.waitFor(() => expect(lost.reduce((sum, lane) => sum + lane.mock.calls.length, 0)).toBe(1))
    vi.restoreAllMocks()
    expect(await loseAlarm(task)).toBe(true)
    expect(await task.view()).toMatchObject({ status: 'running' })
    await until(task, view => view.status === 'done', 5000)
  })

  test('of a question: it is set again for when the question is overdue', async () => {
    const task = await aTask(asking)
    await until(task, view => view.status === 'waiting')
    expect(await loseAlarm(task)).toBe(true)
    expect(await task.view()).toMatchObject({ status: 'waiting' })
    await vi.waitFor(async () => expect((await alarmOf(task))! - Date.now()).toBeGreaterThan(3_000_000))
    await atLater(DAY, () => task.alarm())
    expect(await task.view()).toMatchObject({ status: 'done' })
    expect((await task.stub.events(0, 100))!.find(event => event.type === 'decided')).toMatchObject({
      actor: { kind: 'system' },
      data: { handoff: 'rejected' },
    })
  })

  test('of a run that is tried again later: it is tried again', async () => {
    let calls = 0
    modelsAnswer(() => (++calls === 1 ? fails('rate_limited') : says('fine')))
    const task = await aTask(promptsInARow(1))
    await vi.waitFor(async () => expect(await task.types()).toContain('reported'))
    expect(await loseAlarm(task)).toBe(true)
    await until(task, view => view.status === 'done', 10_000)
    expect(calls).toBe(2)
  })

  test('of a task that has nothing to wait for is not made up', async () => {
    modelsAnswer(() => says('fine'))
    const task = await aTask(promptsInARow(1))
    await until(task, view => view.status === 'done')
    await vi.waitFor(async () => expect(await alarmOf(task)).toBeNull())
    await evictDurableObject(task.stub)
    expect(await task.view()).toMatchObject({ status: 'done' })
    expect(await alarmOf(task)).toBeNull()
  })
})
