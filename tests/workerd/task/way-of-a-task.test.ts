/** The way of a task in real workerd: lanes, consumer, Task DO, Board DO and D1, with scripted models. */
import {
  createExecutionContext,
  createMessageBatch,
  evictDurableObject,
  getQueueResult,
  runInDurableObject,
} from 'cloudflare:test'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { JsonObject } from '../../../src/domain/json/json.ts'
import type { StepMessage } from '../../../src/env.ts'
import { consume } from '../../../src/execution/consumer.ts'
import { notConfigured } from '../../../src/execution/models/not-configured.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import type { TaskObject } from '../../../src/task/object/task-object.ts'
import {
  ANA,
  aTask,
  atLater,
  createOf,
  env,
  fails,
  KEY,
  modelsAnswer,
  newTaskId,
  onboarding,
  promptOf,
  promptsInARow,
  says,
  TEAM,
  theTask,
  until,
  WORKFLOW,
} from '../../support/engine.ts'

afterEach(() => scriptModels(null))

const auditOf = async (task: string) =>
  (
    await env.DB.prepare('SELECT seq, types FROM audit WHERE task = ? ORDER BY seq')
      .bind(task)
      .all<{ seq: number; types: string }>()
  ).results
const indexOf = (task: string) =>
  env.DB.prepare('SELECT * FROM tasks WHERE id = ?').bind(task).first<Record<string, unknown>>()

describe('a task', () => {
  test('is worked by prompts, waits for a person, goes back with the note and ends when approved', async () => {
    const { requests } = modelsAnswer(request => says(`answer to: ${promptOf(request)}`))
    const task = await aTask(onboarding)
    const waiting = await until(task, view => view.status === 'waiting')
    expect(waiting).toMatchObject({ title: 'Nimbus', step: 'approve', visit: 3, version: 1 })
    expect(waiting.outputs.draft).toBe('answer to: Write to Nimbus. Background: answer to: Research Nimbus.')

    const rejected = await task.command({ type: 'decide', handoff: 'rejected', note: 'Warmer, please.' })
    expect(rejected.ok).toBe(true)
    const again = await until(task, view => view.status === 'waiting' && view.visit === 5)
    expect(promptOf(requests.at(-1)!)).toContain('The reviewer said: Warmer, please.')
    expect(again.step).toBe('approve')

    expect(await task.command({ type: 'decide', handoff: 'approved', visit: 5 })).toMatchObject({ ok: true })
    const done = await until(task, view => view.status === 'done')
    expect(done.result).toBe(again.outputs.draft)
    expect(await task.command({ type: 'decide', handoff: 'approved' })).toMatchObject({
      ok: false,
      refusal: { kind: 'already_decided', by: ANA, handoff: 'approved', visit: 5 },
    })
  })

  test('has its row and one audit row per log row in D1, and its log numbered without gaps', async () => {
    modelsAnswer(() => says('fine'))
    const task = await aTask(promptsInARow(4))
    await until(task, view => view.status === 'done')
    await vi.waitFor(async () =>
      expect(await indexOf(task.id)).toMatchObject({ status: 'done', over: 1, team: TEAM, workflow: WORKFLOW }),
    )
    const events = (await task.stub.events(0, 1000))!
    expect(events.map(event => event.seq)).toEqual(events.map((_, i) => i + 1))
    const audit = await auditOf(task.id)
    expect(
      audit
        .map(row => row.types)
        .join(' ')
        .split(' '),
    ).toEqual(events.map(event => event.type))
  })

  test('leaves no alarm behind once D1 has all of it', async () => {
    modelsAnswer(() => says('fine'))
    const task = await aTask(promptsInARow(4))
    const alarm = () => runInDurableObject(task.stub, (_, state) => state.storage.getAlarm())
    expect(await alarm()).not.toBeNull()
    await until(task, view => view.status === 'done')
    await vi.waitFor(async () => expect(await alarm()).toBeNull())
    expect(await indexOf(task.id)).toMatchObject({ status: 'done', over: 1 })
    // It knows so, too, when it comes back from storage.
    await evictDurableObject(task.stub)
    expect(await task.view()).toMatchObject({ status: 'done' })
    expect(await alarm()).toBeNull()
  })

  test('goes through four prompts with one message, by chained claims', async () => {
    const sent: unknown[] = []
    const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
    const spies = lanes.map(lane =>
      vi.spyOn(lane, 'send').mockImplementation(async body => void sent.push(body) as never),
    )
    modelsAnswer(() => says('fine'))
    const task = await aTask(promptsInARow(4))
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    const batch = createMessageBatch<StepMessage>('baton-steps-0', [
      { id: '1', timestamp: new Date(), attempts: 1, body: sent[0] as StepMessage },
    ])
    const ctx = createExecutionContext()
    await consume(batch, { ...env, BATON_LOCAL: '' }, ctx)
    expect((await getQueueResult(batch, ctx)).explicitAcks).toEqual(['1'])
    expect(await task.view()).toMatchObject({ status: 'done', visit: 4 })
    expect(sent).toHaveLength(1)
    for (const spy of spies) spy.mockRestore()
  })

  test('is made once for one id, and answers a repeat as it answered first', async () => {
    modelsAnswer(() => says('fine'))
    const id = newTaskId()
    const context = { actor: KEY, flushed: false, idempotency: { id: 'k1', hash: 'h1' } }
    const first = await theTask(id).stub.create(createOf(id, promptsInARow(1)), context)
    await until(theTask(id), view => view.status === 'done')
    const second = await theTask(id).stub.create(createOf(id, promptsInARow(1)), context)
    expect(second).toMatchObject({ ok: true, repeated: true, value: { id, status: 'running' } })
    expect(first).toMatchObject({ ok: true, repeated: false, value: { id, status: 'running' } })
    const other = await theTask(id).stub.create(createOf(id, promptsInARow(1)), {
      ...context,
      idempotency: { id: 'k1', hash: 'other' },
    })
    expect(other).toMatchObject({ ok: false, refusal: { kind: 'idempotency_mismatch' } })
    expect((await theTask(id).types()).filter(type => type === 'created')).toHaveLength(1)
  })

  test('comes back from storage as it was', async () => {
    modelsAnswer(() => says('fine'))
    const task = await aTask(onboarding)
    const before = await until(task, view => view.status === 'waiting')
    await evictDurableObject(task.stub)
    expect(await task.view()).toEqual(before)
    await task.command({ type: 'decide', handoff: 'approved' })
    expect((await task.view()).status).toBe('done')
  })

  test('keeps values of hundreds of kilobytes beside the log and gives them back whole', async () => {
    const long = 'x'.repeat(200_000)
    const { requests } = modelsAnswer(() => says(long))
    const task = await aTask(onboarding, { company: 'Nimbus', story: long })
    const view = await until(task, each => each.status === 'waiting')
    expect(view.outputs.draft).toBe(long)
    expect((view.input as { story: string }).story).toBe(long)
    expect(promptOf(requests[1]!)).toContain(long)
    await evictDurableObject(task.stub)
    expect((await task.view()).outputs.draft).toBe(long)
    const longest = await runInDurableObject(task.stub as unknown as DurableObjectStub<TaskObject>, (_, state) =>
      state.storage.sql.exec<{ n: number }>('SELECT max(length(events)) AS n FROM log').one(),
    )
    expect(longest.n).toBeLessThan(20_000)
  })

  test.each<JsonObject>([
    { $blob: 'x' },
    { nested: [{ $blob: 'x', bytes: 1, head: '' }] },
    { $blob: 'a'.repeat(64), bytes: 1, head: 'looks like a reference' },
    { deep: { $blob: 'a'.repeat(64), bytes: 1, head: 'looks like a reference' } },
  ])('takes data that imitates its own references for data: %j', async input => {
    modelsAnswer(() => says({ $blob: 'a'.repeat(64), bytes: 2, head: 'from a model' }))
    const task = await aTask(promptsInARow(1), { company: 'Nimbus', ...input })
    const view = await until(task, each => each.status === 'done')
    expect(view.input).toEqual({ company: 'Nimbus', ...input })
    await evictDurableObject(task.stub)
    const events = (await task.stub.events(0, 100))!
    expect(events[0]!.data.input).toEqual({ company: 'Nimbus', ...input })
    const bare = await aTask(promptsInARow(1), { $blob: 'a'.repeat(64), bytes: 1, head: '' })
    expect((await bare.view()).input).toEqual({ $blob: 'a'.repeat(64), bytes: 1, head: '' })
  })

  test('writes nothing for an id that was never made', async () => {
    const nobody = theTask(newTaskId())
    expect(await nobody.stub.view()).toBeNull()
    expect(await nobody.stub.claim(1, 1, 1)).toEqual({ ok: false, refusal: { kind: 'unknown_task' } })
    expect(await nobody.command({ type: 'cancel' })).toEqual({ ok: false, refusal: { kind: 'unknown_task' } })
    await nobody.stub.wake(true)
    const tables = await runInDurableObject(
      nobody.stub as unknown as DurableObjectStub<TaskObject>,
      async (_, state) => ({
        tables: state.storage.sql
          .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
          .toArray(),
        alarm: await state.storage.getAlarm(),
      }),
    )
    expect(tables).toEqual({ tables: [], alarm: null })
  })

  test('waits for a provider that is not configured, says so, and goes on by itself', async () => {
    const away = notConfigured('gpt-5-mini', { provider: 'openai', model: 'gpt-5-mini' })
    scriptModels({ resolve: () => 'gpt-5-mini', provider: () => 'openai', port: () => away })
    const task = await aTask(promptsInARow(1))
    const held = await until(task, view => view.status === 'held')
    expect(held.held).toMatchObject({ reason: 'provider_not_configured' })
    expect(held.why).toContain('gpt-5-mini')
    modelsAnswer(() => says('fine'))
    await atLater(76_000, async () => {
      await task.alarm()
      await until(task, view => view.status === 'done')
    })
  })

  test('fails with its reason after its attempts, and a retry by hand gives it all of them again', async () => {
    let healthy = false
    const { requests } = modelsAnswer(() => (healthy ? says('fine') : fails('provider_error')))
    const definition = promptsInARow(1)
    definition.defaults = { retry: { attempts: 3, delay: '0s' } }
    const task = await aTask(definition)
    const failed = await until(task, view => view.status === 'failed', 20_000)
    expect(failed.error).toEqual({ code: 'provider_error', message: 'scripted provider_error', step: 's1' })
    expect(requests).toHaveLength(3)
    healthy = true
    await task.command({ type: 'retry' })
    expect((await until(task, view => view.status === 'done')).usage.inputTokens).toBe(13)
  })

  test('resolves the roles of a human step to people when the visit starts', async () => {
    const now = new Date().toISOString()
    await env.DB.batch([
      env.DB.prepare(`INSERT INTO organization (id, name, slug, createdAt) VALUES (?, 'Acme', 'acme', ?)`).bind(
        TEAM,
        now,
      ),
      env.DB.prepare(
        `INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES ('u1', 'Bo', 'bo@acme.test', 1, ?1, ?1)`,
      ).bind(now),
      env.DB.prepare(
        `INSERT INTO member (id, organizationId, userId, role, createdAt) VALUES ('m1', ?, 'u1', 'admin', ?)`,
      ).bind(TEAM, now),
    ])
    const task = await aTask({
      baton: 1,
      name: 'Ask',
      steps: [{ key: 'ask_admin', human: { assign: ['role:admin'] }, handoffs: [{ to: 'complete' }] }],
    })
    await until(task, view => view.status === 'waiting')
    expect((await task.stub.asks())![0]).toMatchObject({
      assignees: [{ email: 'bo@acme.test', decided: false }],
      labels: ['done'],
    })
  })

  test('is decided once by fifty who decide at once', async () => {
    modelsAnswer(() => says('fine'))
    const task = await aTask(onboarding)
    await until(task, view => view.status === 'waiting')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        task.command({ type: 'decide', handoff: 'approved' }, { kind: 'key', id: `key_${i}` }),
      ),
    )
    expect(answers.filter(answer => answer.ok)).toHaveLength(1)
    expect(answers.filter(answer => !answer.ok && answer.refusal.kind === 'already_decided')).toHaveLength(49)
  })
})
