/** What services are told of tasks: signed, at least once, again until they take it, listed, and sent again when asked. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { deliver, sweepCallbacks } from '../../../src/execution/callbacks/deliver.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { standardWebhooks } from '../../../src/intake/signatures/standard-webhooks.ts'
import { atLater } from '../../support/engine.ts'
import { outsideAnswers } from '../../support/outside.ts'
import { aTeam, env, eventually, type Team } from '../api/client.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})
afterEach(() => setNetwork(null))

const definition = (on: string[], over: object = {}) => ({
  baton: 1,
  name: 'Tells',
  owner: team.owner,
  callbacks: { url: 'https://shop.example/hook', on },
  steps: [{ key: 'write', prompt: 'Write.', model: 'demo', handoffs: [{ to: 'complete' }] }],
  ...over,
})

async function published(on: string[], over: object = {}): Promise<{ id: string; callbackSecret: string }> {
  const { body, status } = await team.call('POST', '/workflows', definition(on, over))
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

const started = async (workflow: string) =>
  (await team.call('POST', `/workflows/${workflow}/tasks`, { input: {} })).body.id as string
const told = async (task: string) => (await team.call('GET', `/tasks/${task}/callbacks`)).body.items

/** Whether the library's own rule takes the signature. */
async function isSigned(secret: string, headers: Record<string, string>, body: string): Promise<boolean> {
  const bytes = new TextEncoder().encode(body)
  const claim = standardWebhooks.read({ headers: new Headers(headers), bytes, now: Date.now() } as never)
  if (!('message' in claim)) return false
  const key = await crypto.subtle.importKey(
    'raw',
    standardWebhooks.keyBytes(secret)!,
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  )
  return crypto.subtle.verify('HMAC', key, claim.signatures[0]!, claim.message as Uint8Array)
}

test('a service is told that a task is done, once, signed with the secret that was shown once', async () => {
  const { heard } = outsideAnswers(() => new Response(null, { status: 204 }))
  const { id, callbackSecret } = await published(['done', 'failed'])
  expect(callbackSecret).toMatch(/^whsec_/)
  const again = await team.call('PUT', `/workflows/${id}`, definition(['done']))
  expect(again.body.callbackSecret).toBeUndefined()
  const task = await started(id)
  await eventually(async () =>
    expect(await told(task)).toMatchObject([{ type: 'task.done', status: 'delivered', attempts: 1, lastStatus: 204 }]),
  )
  const [call] = heard
  expect(JSON.parse(call!.body)).toMatchObject({ type: 'task.done', data: { id: task, status: 'done' } })
  expect(await isSigned(callbackSecret, call!.headers, call!.body)).toBe(true)
  expect(await isSigned(callbackSecret, call!.headers, `${call!.body} `)).toBe(false)
  const [{ id: message }] = await told(task)
  expect(call!.headers['webhook-id']).toBe(message)
  // A message that comes twice, or late, tells nobody again.
  await deliver(env, { v: 1, team: team.id, callback: message })
  expect(heard).toHaveLength(1)
  expect((await team.call('POST', `/callbacks/${message}/resend`)).status).toBe(202)
  await eventually(async () => expect(heard).toHaveLength(2))
  expect(heard[1]!.headers['webhook-id']).toBe(message)
})

test('what is not taken is told again after ever longer pauses, for a day', async () => {
  const { heard } = outsideAnswers(() => new Response('busy', { status: 503 }))
  const { id } = await published(['done'])
  const task = await started(id)
  await eventually(async () =>
    expect(await told(task)).toMatchObject([{ status: 'pending', attempts: 1, lastError: 'It answered 503.' }]),
  )
  const [{ id: callback, nextAt }] = await told(task)
  expect(Date.parse(nextAt) - Date.now()).toBeLessThan(6000)
  const message = { v: 1 as const, team: team.id, callback }
  const pauses: number[] = []
  let at = 6000
  for (const expected of [30, 120, 600, 3600, 3600]) {
    await atLater(at, () => deliver(env, message))
    const [{ nextAt: next }] = await told(task)
    pauses.push(Math.round((Date.parse(next) - Date.now() - at) / 1000))
    at += expected * 1000 + 1000
  }
  expect(pauses).toEqual([30, 120, 600, 3600, 3600])
  await atLater(25 * 3_600_000, () => deliver(env, message))
  expect(await told(task)).toMatchObject([{ status: 'failed', nextAt: null }])
  expect(heard.length).toBe(7)
})

test('one whose message was lost is found by the sweep, and one that comes at last is delivered', async () => {
  let isUp = false
  const { heard } = outsideAnswers(() => new Response(null, { status: isUp ? 200 : 500 }))
  const { id } = await published(['done'])
  const task = await started(id)
  await eventually(async () => expect(await told(task)).toMatchObject([{ attempts: 1 }]))
  isUp = true
  await atLater(60_000, async () => {
    await sweepCallbacks(env, Date.now())
    await eventually(async () => expect(heard).toHaveLength(2))
  })
  await eventually(async () => expect(await told(task)).toMatchObject([{ status: 'delivered', attempts: 2 }]))
})

test('a task that waits for a person, and one that fails, are told of where the workflow says so', async () => {
  const { heard } = outsideAnswers(() => new Response(null, { status: 200 }))
  const asks = { steps: [{ key: 'wait', human: { assign: [team.owner] }, handoffs: [{ when: 'ok', to: 'complete' }] }] }
  const waits = await published(['waiting'], {
    steps: [{ ...asks.steps[0], handoffs: [{ when: 'fine', to: 'complete' }] }],
  })
  const fails = await published(['failed'], {
    steps: [{ key: 'write', prompt: '[demo: fail refused]', model: 'demo', handoffs: [{ to: 'complete' }] }],
  })
  const silent = await published(['failed'])
  const tasks = [await started(waits.id), await started(fails.id), await started(silent.id)]
  await eventually(async () =>
    expect(heard.map(({ body }) => JSON.parse(body).type).sort()).toEqual(['task.failed', 'task.waiting']),
  )
  expect(await told(tasks[2]!)).toEqual([])
})
