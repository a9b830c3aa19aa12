/** What services are told of tasks: signed, at least once, again until they take it, listed, and sent again when asked. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { deliver, sweepCallbacks } from '../../../src/execution/callbacks/deliver.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { standardWebhooks } from '../../../src/intake/signatures/standard-webhooks.ts'
import { atLater } from '../../support/engine.ts'
import { type Heard, outsideAnswers } from '../../support/outside.ts'
import { anIntake, aTeam, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

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

/** Whether a receiver that knows this secret takes the signature. */
async function isSigned(secret: string, { headers, body }: Pick<Heard, 'headers' | 'body'>): Promise<boolean> {
  const bytes = new TextEncoder().encode(body)
  const now = Number(headers['webhook-timestamp']) * 1000
  const claim = standardWebhooks.read({ headers: new Headers(headers), bytes, now } as never)
  if (!('message' in claim)) return false
  const key = await crypto.subtle.importKey(
    'raw',
    standardWebhooks.keyBytes(secret)!,
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  )
  const fits = claim.signatures.map(one => crypto.subtle.verify('HMAC', key, one, claim.message as Uint8Array))
  return (await Promise.all(fits)).includes(true)
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
  // The task as the API shows it, its address too.
  const { body: shown } = await team.call('GET', `/tasks/${task}`)
  expect(JSON.parse(call!.body)).toEqual({ type: 'task.done', data: shown })
  expect(await isSigned(callbackSecret, call!)).toBe(true)
  expect(await isSigned(callbackSecret, { ...call!, body: `${call!.body} ` })).toBe(false)
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
  await eventually(async () => expect(await told(task)).toMatchObject([{ attempts: 1, lastStatus: 500 }]))
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

const answersOk = () => outsideAnswers(() => new Response(null, { status: 204 }))
const typesAt = (heard: Heard[], url: string) =>
  heard.filter(call => call.url === url).map(({ body }) => JSON.parse(body).type as string)

test('whoever starts a task by the API names an address and hears what becomes of it, once where the workflow tells the same', async () => {
  const { heard } = answersOk()
  const { id } = await published(['done'])
  const start = (callback: string) => team.call('POST', `/workflows/${id}/tasks`, { input: {}, callback })
  expect((await start('https://caller.example/told?n=1')).status).toBe(201)
  expect((await start('https://shop.example/hook')).status).toBe(201)
  await eventually(async () => expect(heard).toHaveLength(3))
  expect(typesAt(heard, 'https://caller.example/told?n=1')).toEqual(['task.done'])
  expect(typesAt(heard, 'https://shop.example/hook')).toEqual(['task.done', 'task.done'])
})

test.each([
  'ftp://caller.example/',
  'https://10.0.0.1/',
  'https://db.internal/hook',
  'https://me:secret@caller.example/',
  `https://caller.example/${'x'.repeat(1000)}`,
  'somewhere',
])('an own callback to %s is refused with a word that says why', async callback => {
  const { heard } = answersOk()
  const { id } = await published(['failed'])
  const refused = await team.call('POST', `/workflows/${id}/tasks`, { input: {}, callback })
  expect(refused).toMatchObject({ status: 422, body: { error: { code: 'host_not_allowed', path: 'callback' } } })
  expect(heard.filter(({ url }) => url === callback)).toEqual([])
})

test('at an intake only listed hosts are called back: others are refused, kept, and let in once they are listed', async () => {
  const { heard } = answersOk()
  const { id } = await published(['failed'])
  const intake = await anIntake(team, id)
  const send = (callback: string, path = intake.path) =>
    fetchApi(path, {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${team.key}`, 'content-type': 'application/json', 'Baton-Callback': callback },
    })
  const url = 'https://caller.example/told'
  expect(await send(url)).toMatchObject({
    status: 422,
    body: { error: { code: 'host_not_allowed', path: 'baton-callback', hint: expect.stringContaining('`callbacks`') } },
  })
  const bad = await team.call('PATCH', `/intakes/${intake.id}`, { callbacks: ['https://caller.example'] })
  expect(bad).toMatchObject({ status: 422, body: { error: { path: 'callbacks' } } })
  const set = await team.call('PATCH', `/intakes/${intake.id}`, { callbacks: ['Caller.example'] })
  expect(set).toMatchObject({ status: 200, body: { callbacks: ['caller.example'] } })
  expect((await send('https://elsewhere.example/told')).status).toBe(422)
  expect((await send(url)).status).toBe(202)
  await eventually(async () => expect(typesAt(heard, url)).toEqual(['task.done']))
  // What was refused is kept, and told of like any other once it is sent again.
  const deliveries = await eventually(async () => {
    const { items } = (await team.call('GET', `/intakes/${intake.id}/deliveries`)).body
    expect(items.length).toBe(3)
    return items as { id: string; verdict: string; headers: Record<string, string> }[]
  })
  const refused = deliveries.filter(row => row.verdict === 'refused' && row.headers['baton-callback'] === url)
  expect(refused).toHaveLength(1)
  expect((await team.call('POST', `/deliveries/${refused[0]!.id}/replay`)).status).toBe(200)
  await eventually(async () => expect(typesAt(heard, url)).toHaveLength(2))
  // While the workflow is paused it is held, and the address with it.
  await team.call('POST', `/workflows/${id}/pause`)
  const closed = await anIntake(team, id)
  await team.call('PATCH', `/intakes/${closed.id}`, { callbacks: ['caller.example'] })
  expect((await send(url, closed.path)).body).toMatchObject({ held: true })
  await team.call('POST', `/workflows/${id}/activate`)
  expect((await team.call('POST', `/workflows/${id}/held`, { start: true })).body.started).toBe(1)
  await eventually(async () => expect(typesAt(heard, url)).toHaveLength(3))
  expect(new Set(heard.map(call => call.url))).toEqual(new Set([url]))
})

test('a text that looks like the mark of a secret stays a text, though the secret may go to that host', async () => {
  const { heard } = answersOk()
  await team.call('PUT', '/secrets/hook', { value: 'CANARY-of-callbacks', hosts: ['shop.example'] })
  const write = { key: 'write', prompt: 'Write.', model: 'demo', handoffs: [{ to: 'review' }] }
  const human = { assign: [team.owner], edits: 'write' }
  const review = { key: 'review', human, handoffs: [{ when: 'approved', to: 'complete' }] }
  const { id } = await published(['done'], { steps: [write, review] })
  const task = await started(id)
  await eventually(async () => expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('waiting'))
  // Whoever knows a task knows what its callbacks will be called.
  const ids = Array.from({ length: 30 }, (_, seq) => `msg_${task.slice(4)}_${seq}`)
  const edits = ['', 'null', 'undefined', ...ids].map(token => `<<secret:${token}:hook>>`).join(' ')
  expect((await team.call('POST', `/tasks/${task}/decide`, { handoff: 'approved', edits })).status).toBe(200)
  await eventually(async () => expect(heard.filter(({ body }) => body.includes(task))).toHaveLength(1))
  expect(heard.at(-1)!.body).toContain(`<<secret:${(await told(task))[0].id}:hook>>`)
  expect(heard.map(call => call.body).join()).not.toContain('CANARY')
})

test('the page shows the secret once, rolls it with both signing for a while, lists what was sent and sends it again', async () => {
  let answers = 503
  const { heard } = outsideAnswers(() => new Response('', { status: answers }))
  const owner = new Browser()
  await owner.signIn(team.owner)
  const { id } = (await team.call('POST', '/workflows', { ...definition(['done']), callbacks: undefined })).body
  const at = `/workflows/${id}/callbacks`
  expect((await owner.open(at)).text).toContain('No address is set')
  const task = (
    await team.call('POST', `/workflows/${id}/tasks`, { input: {}, callback: 'https://caller.example/<told>' })
  ).body.id as string
  await eventually(async () => expect(await told(task)).toMatchObject([{ attempts: 1, lastStatus: 503 }]))

  const before = await owner.open(at)
  expect(before.text).toContain('Nobody has seen it yet')
  expect(before.text).toContain('It answered 503.')
  expect(before.text).toContain('next try')
  const secretIn = (text: string) => /whsec_[\w+/=]+/.exec(text)?.[0]
  expect(secretIn(before.text)).toBeUndefined()
  const first = secretIn((await owner.send(`${at}/secret`, {})).text)!
  expect(await isSigned(first, heard[0]!)).toBe(true)
  expect(secretIn((await owner.send(`${at}/secret`, {})).text)).toBeUndefined()
  const rolled = secretIn((await owner.send(`${at}/rotate`, {})).text)!
  expect(rolled).not.toBe(first)

  answers = 200
  const [{ id: message }] = await told(task)
  expect((await owner.send(`${at}/${message}/resend`, {})).location).toBe(at)
  await eventually(async () => expect(await told(task)).toMatchObject([{ status: 'delivered' }]))
  expect([await isSigned(first, heard.at(-1)!), await isSigned(rolled, heard.at(-1)!)]).toEqual([true, true])
  await atLater(25 * 3_600_000, async () => {
    await team.call('POST', `/callbacks/${message}/resend`)
    await eventually(async () => expect(await told(task)).toMatchObject([{ status: 'delivered', attempts: 3 }]))
  })
  expect([await isSigned(first, heard.at(-1)!), await isSigned(rolled, heard.at(-1)!)]).toEqual([false, true])

  const list = (status: string) => team.call('GET', `/workflows/${id}/callbacks${status}`)
  expect((await list('')).body.items).toMatchObject([{ id: message, task, status: 'delivered' }])
  expect((await list('?status=pending')).body.items).toEqual([])
  expect((await owner.open(`${at}?status=delivered`)).text).toContain('Delivered')
  expect((await owner.open(`${at}?status=failed`)).text).toContain('None of these')
  const acts = (await team.call('GET', `/audit?q=${id}`)).body.items.flatMap((row: { types: string[] }) => row.types)
  expect(acts.filter((type: string) => type.startsWith('callback_secret.')).reverse()).toEqual([
    'callback_secret.made',
    'callback_secret.shown',
    'callback_secret.rolled',
  ])
  const audit = (await team.call('GET', '/audit')).text
  expect(audit).not.toContain('whsec_')
})
