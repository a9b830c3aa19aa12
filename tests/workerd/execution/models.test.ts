/** A task and the answers of real model servers: the real SDK, in workerd, from the claim to the end of the task. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { validate } from '../../../src/domain/schema/validate.ts'
import type { Definition } from '../../../src/domain/workflow/definition.ts'
import { modelsFor } from '../../../src/execution/models/registry.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import b05a from '../../support/cases/b05a-openrouter-error-choice.json'
import b07b from '../../support/cases/b07b-think-json.json'
import b16 from '../../support/cases/b16-nul-in-text.json'
import b26 from '../../support/cases/b26-content-null-reasoning.json'
import { aTask, atLater, freshGate, promptsInARow, until } from '../../support/engine.ts'

const GOOD = 'The refund for order 4711 is approved in full.'
const good = b05a.script[1]!

interface Met {
  body: string
  status?: number
  headers?: Record<string, string>
}

/** The server answers each call with the next of these; `lost`: the connection is. */
function serverAnswers(...script: (Met | 'lost')[]) {
  const asked: string[] = []
  const send = async (url: string) => {
    const next = script[0]
    if (next === 'lost') {
      // The look at whether the server is there is lost like the call before it.
      if (String(url).endsWith('/models')) script.shift()
      throw new Error('Network connection lost.')
    }
    asked.push(String(url))
    script.shift()
    if (next === undefined) throw new Error('nothing is left of the script')
    return new Response(next.body, { status: next.status ?? 200, headers: next.headers })
  }
  const models = modelsFor({ OPENAI_BASE_URL: 'http://models.test/v1' } as never, { validate, fetch: send as never })
  scriptModels(models)
  return { asked, models }
}

// The SDK is loaded at the first call, which takes its time on a busy machine.
beforeAll(async () => {
  const models = serverAnswers(good).models
  const request = {
    model: 'fake-1',
    messages: [{ role: 'user' as const, text: 'Hi' }],
    judged: false,
    timeoutMs: 60_000,
  }
  expect((await models.port('fake-1')!.complete(request)).kind).toBe('completed')
}, 60_000)
afterEach(async () => {
  scriptModels(null)
  await freshGate()
})

function oneStep(step: object = {}): Definition {
  const definition = promptsInARow(1)
  definition.defaults = { model: 'fake-1', retry: { attempts: 3, delay: '0s' } }
  Object.assign(definition.steps[0]!, { model: undefined }, step)
  return definition
}

const attemptsOf = async (task: Awaited<ReturnType<typeof aTask>>) =>
  (await task.stub.events(0, 1000))!.filter(event => event.type === 'reported').map(event => event.data)

describe('an answer', () => {
  test('that broke off is an attempt, the second is taken, and both are paid', async () => {
    serverAnswers(...(b05a.script as Met[]))
    const task = await aTask(oneStep())
    const done = await until(task, view => view.status === 'done')
    expect(done).toMatchObject({ outputs: { s1: GOOD }, usage: { inputTokens: 40, outputTokens: 24 } })
    expect(await attemptsOf(task)).toMatchObject([
      { outcome: { kind: 'failed', failure: { code: 'provider_error' } } },
      { outcome: { kind: 'completed' } },
    ])
  })

  test('that is all reasoning is an attempt that says so, and the second is taken', async () => {
    serverAnswers(...(b26.script as Met[]))
    const task = await aTask(oneStep())
    expect((await until(task, view => view.status === 'done')).outputs.s1).toBe(GOOD)
    const [first] = await attemptsOf(task)
    expect(JSON.stringify(first)).toMatch(/empty_answer.*in its reasoning/)
  })

  test('with thinking in front of its data is taken in one call', async () => {
    const { asked } = serverAnswers(...(b07b.script as Met[]))
    const output = { type: 'object', required: ['amount'], properties: { amount: { type: 'number' } } }
    const task = await aTask(oneStep({ output }))
    const done = await until(task, view => view.status === 'done')
    expect(done.outputs.s1).toEqual({ amount: 42, currency: 'EUR' })
    expect(JSON.stringify(await task.stub.events(0, 1000))).not.toContain('80 %')
    expect(asked).toHaveLength(1)
  })

  test('with NUL and half a pair lets the task go on, and neither is stored', async () => {
    serverAnswers(...(b16.script as Met[]), good)
    const definition = promptsInARow(2)
    definition.defaults = { model: 'fake-1' }
    for (const step of definition.steps) Object.assign(step, { model: undefined })
    Object.assign(definition.steps[1]!, { prompt: 'Read {{ steps.s1.output }}' })
    const task = await aTask(definition)
    expect((await until(task, view => view.status === 'done')).outputs.s1).toBe('Name: AB, half \ufffd.')
    const log = JSON.stringify(await task.stub.events(0, 1000))
    expect(log).toContain('Name: AB')
    expect(log).not.toMatch(/\\u0000|\\ud83d/i)
  })
})

describe('a provider at its limit', () => {
  const limit = (headers = {}, status = 429): Met => ({ status, headers, body: '{"error":{"message":"Slow down"}}' })

  test('holds the task as long as it asks, says so, and costs no attempt, however often', async () => {
    const { asked } = serverAnswers(limit({ 'retry-after': '20' }), limit(), limit({}, 402), limit({}, 503), good)
    const task = await aTask(oneStep())
    const held = await until(task, view => view.status === 'held')
    expect(held).toMatchObject({ step: 's1', error: null, held: { reason: 'provider_limit' } })
    expect(held.why).toMatch(/is held: .*rate limit was hit \(429\): Slow down\. .*goes on by itself/)
    const wait = new Date(held.held!.until!).getTime() - Date.now()
    expect(wait).toBeGreaterThan(15_000)
    expect(wait).toBeLessThanOrEqual(25_000)
    const reasons = ['provider_limit', 'provider_limit', 'provider_offline']
    for (const [n, reason] of reasons.entries()) {
      await atLater((n + 1) * 3_600_000, async () => {
        await task.alarm()
        await until(task, view => view.status === 'held' && asked.length === n + 2)
        expect((await task.view()).held?.reason).toBe(reason)
      })
    }
    await atLater(5 * 3_600_000, async () => {
      await task.alarm()
      expect((await until(task, view => view.status === 'done')).outputs.s1).toBe(GOOD)
    })
    expect(await attemptsOf(task)).toMatchObject([{ attempt: 1, outcome: { kind: 'completed' } }])
  })

  test('holds the task after a call that was paid, and that call is booked once', async () => {
    serverAnswers({ body: good.body.replace('refund', 'REFUND') }, limit(), good, good)
    const output = { type: 'string', pattern: 'refund' }
    const task = await aTask(oneStep({ output }))
    const held = await until(task, view => view.status === 'held')
    expect(held.usage).toMatchObject({ inputTokens: 20, outputTokens: 12 })
    // Or it would ask again within the tests that follow.
    await task.command({ type: 'cancel' })
  })
})

describe('a provider that cannot be reached', () => {
  test('holds the task until it is there again', async () => {
    serverAnswers('lost', 'lost', good)
    const task = await aTask(oneStep())
    const held = await until(task, view => view.status === 'held')
    expect(held.held).toMatchObject({ reason: 'provider_offline' })
    expect(held.why).toContain('models.test cannot be reached')
    await atLater(3_600_000, async () => {
      await task.alarm()
      await until(task, view => view.status === 'held' && view.updatedAt !== held.updatedAt)
    })
    await atLater(2 * 3_600_000, async () => {
      await task.alarm()
      await until(task, view => view.status === 'done')
    })
    expect(await attemptsOf(task)).toMatchObject([{ attempt: 1, outcome: { kind: 'completed' } }])
  })
})

describe('models to fall back on', () => {
  test('answer while the first is at its limit, and the task page tells in whose place', async () => {
    const { asked } = serverAnswers({ body: '{"error":{"message":"Slow down"}}', status: 429 }, good)
    const task = await aTask(oneStep({ fallback: ['fake-2'] }))
    const done = await until(task, view => view.status === 'done')
    expect(done.outputs.s1).toBe(GOOD)
    expect(asked).toHaveLength(2)
    expect(await attemptsOf(task)).toMatchObject([
      { outcome: { kind: 'completed' }, usage: { model: 'fake-2', insteadOf: 'fake-1' } },
    ])
  })
})

describe('an answer that is taken again', () => {
  test('costs the second task nothing; its log says where it is from', async () => {
    // Tasks that other tests left behind may ask meanwhile.
    let asked = 0
    const send = async (_: string, init?: RequestInit) => {
      if (String(init?.body).includes('Where is Acme?')) asked += 1
      return new Response(good.body)
    }
    scriptModels(modelsFor({ OPENAI_BASE_URL: 'http://models.test/v1' }, { validate, fetch: send as never }))
    const definition = oneStep({ prompt: 'Where is Acme?', cache: '1d' })
    const first = await aTask(definition)
    expect((await until(first, view => view.status === 'done')).usage.inputTokens).toBeGreaterThan(0)
    const second = await aTask(definition)
    const done = await until(second, view => view.status === 'done')
    expect(done).toMatchObject({ outputs: { s1: GOOD }, usage: { inputTokens: 0, outputTokens: 0, cost: 0 } })
    expect(asked).toBe(1)
    expect(await attemptsOf(second)).toMatchObject([
      { outcome: { kind: 'completed', recorded: { task: first.id } }, usage: null },
    ])
    // Another step that asks the same and says nothing of it is answered anew.
    const third = await aTask(oneStep({ prompt: 'Where is Acme?' }))
    await until(third, view => view.status === 'done')
    expect(asked).toBe(2)
  })
})
