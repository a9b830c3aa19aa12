/** Events from outside reach the tasks that wait for them: one by one, by business key, through an intake, by mail; each once. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type EventMessage, taskStub } from '../../../src/env.ts'
import { newToken } from '../../../src/intake/form/token.ts'
import { sweepSchedules } from '../../../src/intake/schedule/sweep.ts'
import { wakePastDue } from '../../../src/task/hourly.ts'
import { sweepEvents, tellKeyed, tellOn } from '../../../src/task/outside-event.ts'
import { replyAddress } from '../../../src/team/mail/reply-address.ts'
import { type Answer, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { deliver, mail } from '../intake/mail-world.ts'

const DAY = 86_400_000
let team: Team
let workflow: string
const FOLLOW_UP = {
  key: '{{ input.invoice }}',
  input: { type: 'object', required: ['invoice'], properties: { invoice: { type: ['string', 'number'] } } },
  steps: [
    {
      key: 'pay',
      name: 'Wait for the money',
      wait: { event: ['paid', 'reply'], for: '14d' },
      handoffs: [
        { when: 'paid', to: 'complete' },
        { when: 'reply', to: 'look' },
        { when: 'timeout', to: 'look' },
      ],
    },
    { key: 'look', wait: { event: 'looked' }, handoffs: [{ to: 'complete' }] },
  ],
}
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team, FOLLOW_UP)
})

let invoices = 0
const newKey = () => `INV-${++invoices}`

/** A task that has just begun: the index may not have it yet. */
async function aTask(invoice: string | number, of = team, into = workflow): Promise<string> {
  const { body, text } = await of.call('POST', `/workflows/${into}/tasks`, { input: { invoice } })
  expect(body.status, text).toBe('waiting')
  return body.id
}

const read = async (id: string) => (await team.call('GET', `/tasks/${id}`)).body
const noticed = async (id: string) =>
  (await team.call('GET', `/tasks/${id}/events`)).body.items.filter((one: { type: string }) => one.type === 'noticed')

describe('an event for a task', () => {
  test('ends its wait with the event’s data; a task that is over refuses it', async () => {
    const id = await aTask(newKey())
    expect((await read(id)).why).toMatch(/^"Wait for the money" waits for "paid" or "reply" until \d{4}-/)
    const told = await team.call('POST', `/tasks/${id}/events`, { name: 'paid', data: { amount: 3 } })
    expect(told.body).toMatchObject({ status: 'done', result: { amount: 3 } })
    const late = await team.call('POST', `/tasks/${id}/events`, { name: 'paid' })
    expect([late.status, late.body.error.code]).toEqual([409, 'wrong_status'])
  })

  test('sent twice with one Idempotency-Key counts once; another body is refused', async () => {
    const id = await aTask(newKey())
    const send = (data: number) =>
      team.call('POST', `/tasks/${id}/events`, { name: 'other', data }, { 'idempotency-key': 'once' })
    for (let n = 0; n < 2; n++) expect((await send(1)).status).toBe(200)
    expect((await send(2)).body.error.code).toBe('idempotency_mismatch')
    expect(await noticed(id)).toHaveLength(1)
  })
})

describe('an event for a business key', () => {
  const tell = (body: object, headers: Record<string, string> = {}) => team.call('POST', '/events', body, headers)

  test('reaches every open task of the team with it, and no other', async () => {
    const key = newKey()
    const [one, two, other, over] = [await aTask(key), await aTask(key), await aTask(newKey()), await aTask(key)]
    await team.call('POST', `/tasks/${over}/cancel`)
    const elsewhere = await aTeam()
    const theirs = await aTask(key, elsewhere, await aWorkflow(elsewhere, FOLLOW_UP))
    expect((await read(one)).key).toBe(key)
    const told = await tell({ name: 'paid', key, data: 7 })
    expect([told.status, told.body]).toEqual([202, { tasks: 2 }])
    for (const id of [one, two]) expect(await read(id)).toMatchObject({ status: 'done', result: 7 })
    expect((await read(other)).status).toBe('waiting')
    expect((await elsewhere.call('GET', `/tasks/${theirs}`)).body.status).toBe('waiting')
  })

  test('that no open task has is 202 with none; a key or a name that is none, and a key without the scope, are refused', async () => {
    expect((await tell({ name: 'paid', key: 'nobody’s' })).body).toEqual({ tasks: 0 })
    for (const body of [{ key: 'a' }, { name: 'paid' }, { name: '', key: 'a' }, { name: 'paid', key: ' ' }])
      expect((await tell(body)).status, JSON.stringify(body)).toBe(422)
    expect((await fetchApi('/api/v1/events', { method: 'POST', body: '{}' })).status).toBe(401)
  })

  test('sent twice with one Idempotency-Key counts once for each task, and is answered the same', async () => {
    const key = newKey()
    const ids = [await aTask(key), await aTask(key)]
    const send = (data: number) => tell({ name: 'paid', key, data }, { 'idempotency-key': 'bank-1' })
    expect((await send(1)).body).toEqual({ tasks: 2 })
    const again = await send(1)
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([{ tasks: 2 }, 'true'])
    expect((await send(2)).body.error.code).toBe('idempotency_mismatch')
    for (const id of ids) expect(await noticed(id)).toHaveLength(1)
  })

  test('finds tasks whose key is a number, or was given with the task; the board and the search know it', async () => {
    const numbered = await aTask(4711)
    expect((await read(numbered)).key).toBe('4711')
    const given = await team.call('POST', `/workflows/${workflow}/tasks`, { input: { invoice: 1 }, key: ' order/9 ' })
    expect((await read(given.body.id)).key).toBe('order/9')
    expect((await tell({ name: 'seen', key: 'order/9' })).body).toEqual({ tasks: 1 })
    await eventually(async () =>
      expect(await env.DB.prepare('SELECT id FROM tasks WHERE id = ?1').bind(given.body.id).first()).not.toBeNull(),
    )
    const row = await env.DB.prepare(
      'SELECT key, words AS searched FROM tasks JOIN task_words ON task = id WHERE id = ?1',
    )
      .bind(given.body.id)
      .first()
    expect(row).toMatchObject({ key: 'order/9', searched: expect.stringContaining('order/9') })
  })
})

describe('an intake that takes events', () => {
  async function aHook(
    settings: object,
  ): Promise<{ id: string; send(body: object, headers?: object): Promise<Answer> }> {
    const made = await team.call('POST', `/workflows/${workflow}/intakes`, {
      kind: 'webhook',
      name: 'Bank',
      auth: { type: 'open' },
      ...settings,
    })
    expect(made.status, made.text).toBe(201)
    const path = new URL(made.body.url).pathname
    return {
      id: made.body.id,
      send: (body, headers = {}) =>
        fetchApi(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        }),
    }
  }
  const EVENT = { name: '{{ body.type }}', key: '{{ body.invoice }}' }
  const deliveries = async (id: string, verdict: string) =>
    (await team.call('GET', `/intakes/${id}/deliveries?verdict=${verdict}`)).body.items

  test('delivers to the tasks with the key and starts none; without one it is shown as unmatched', async () => {
    const hook = await aHook({ event: EVENT })
    const invoice = newKey()
    const id = await aTask(invoice)
    const none = await hook.send({ type: 'paid', invoice: 'none' })
    expect([none.status, none.body]).toEqual([202, { tasks: 0 }])
    const sent = await hook.send({ type: 'paid', invoice })
    expect([sent.status, sent.body]).toEqual([202, { tasks: 1 }])
    expect(await read(id)).toMatchObject({ status: 'done', result: { type: 'paid', invoice } })
    await eventually(async () => {
      expect(await deliveries(hook.id, 'unmatched')).toMatchObject([
        { status: 202, reason: 'Event paid for “none”: no open task.' },
      ])
      expect(await deliveries(hook.id, 'accepted')).toMatchObject([{ body: { type: 'paid', invoice } }])
    })
    // What came too early is sent again once its task is there.
    const [early] = await deliveries(hook.id, 'unmatched')
    const late = await aTask('none')
    expect((await team.call('POST', `/deliveries/${early.id}/replay`)).body).toMatchObject({ verdict: 'accepted' })
    expect((await read(late)).status).toBe('done')
  })

  test('its filter, map and dedupe hold; what has no key is refused', async () => {
    const hook = await aHook({
      event: { name: 'other', key: '{{ body.invoice }}' },
      filter: 'body.test != true',
      map: { amount: '{{ body.amount }}' },
      dedupe: { path: 'id' },
    })
    const invoice = newKey()
    const id = await aTask(invoice)
    expect((await hook.send({ test: true, invoice, id: 0 })).body).toMatchObject({ skipped: true })
    for (let n = 0; n < 2; n++)
      expect((await hook.send({ test: false, invoice, amount: 5, id: 1, n })).body).toEqual({ tasks: 1 })
    await hook.send({ test: false, invoice, amount: 6, id: 2 })
    expect((await noticed(id)).map((one: { data: { data: unknown } }) => one.data.data)).toEqual([
      { amount: 5 },
      { amount: 6 },
    ])
    const keyless = await hook.send({ test: false, amount: 1, id: 3 })
    expect([keyless.status, keyless.body.error.code]).toEqual([422, 'event_failed'])
    await eventually(async () => expect(await deliveries(hook.id, 'duplicate')).toHaveLength(1))
  })

  test('is refused with templates that cannot be read, and read back as it was set', async () => {
    const bad = { kind: 'webhook', name: 'Bank', event: { name: '{{ input.x }}', key: 'a' } }
    expect((await team.call('POST', `/workflows/${workflow}/intakes`, bad)).body.error).toMatchObject({
      code: 'invalid_event',
      path: 'event.name',
    })
    const hook = await aHook({ event: EVENT })
    expect((await team.call('GET', `/intakes/${hook.id}`)).body).toMatchObject({ event: EVENT })
  })
})

describe('intakes of every kind may take events', () => {
  async function anIntake(kind: string, over: object, of = workflow) {
    const made = await team.call('POST', `/workflows/${of}/intakes`, { kind, name: kind, ...over })
    expect(made.status, made.text).toBe(201)
    return made.body
  }
  const rows = async (id: string) => (await team.call('GET', `/intakes/${id}/deliveries`)).body.items

  test('a mail address: the same mail tells it once, and no task begins', async () => {
    const event = { name: 'paid', key: '{{ body.subject }}' }
    const box = await anIntake('email', { address: 'paid', allow: ['*'], event, map: { from: '{{ body.from }}' } })
    expect(box.event).toEqual(event)
    const [key, id] = [newKey(), await aTask(`INV-${invoices}`)]
    const lines = mail([`Subject: ${key}`, 'Message-ID: <e1@shop.test>'], 'Done.')
    for (let n = 0; n < 2; n++) expect(await deliver(box.address, lines)).toBeNull()
    expect(await read(id)).toMatchObject({ status: 'done', result: { from: 'hank@shop.test' } })
    expect(await noticed(id)).toHaveLength(1)
    expect((await rows(box.id)).map((row: { verdict: string }) => row.verdict).toSorted()).toEqual([
      'accepted',
      'duplicate',
    ])
  })

  test('a form: what is filled in is its data, and whoever sent it is thanked', async () => {
    const input = { type: 'object', properties: { invoice: { type: 'string' } } }
    const event = { name: 'paid', key: '{{ body.invoice }}' }
    const form = await anIntake('form', { event }, await aWorkflow(team, { ...FOLLOW_UP, input }))
    const [invoice, id] = [newKey(), await aTask(`INV-${invoices}`)]
    const body = new URLSearchParams({ invoice, _token: await newToken(env, form.id, Date.now() - 5000) })
    for (let n = 0; n < 2; n++)
      expect((await fetchApi(new URL(form.url).pathname, { method: 'POST', body })).status).toBe(200)
    expect(await read(id)).toMatchObject({ status: 'done', result: { invoice } })
    expect(await noticed(id)).toHaveLength(1)
  })

  test('a schedule: each slot tells it once, with its input as data; run by hand it tells it, too', async () => {
    const invoice = newKey()
    const id = await aTask(invoice)
    const settings = { cron: '* * * * *', timezone: 'UTC', input: { at: '{{ slot }}' } }
    const { id: schedule } = await anIntake('schedule', { ...settings, event: { name: 'tick', key: invoice } })
    const now = Math.floor(Date.now() / 60_000) * 60_000
    const back = () =>
      env.DB.prepare('UPDATE schedules SET last_slot = ?2, due_at = ?3 WHERE id = ?1')
        .bind(schedule, now - 60_000, now)
        .run()
    await back()
    await sweepSchedules(env, now + 1000)
    // As after a sweep that died before its cursor moved.
    await back()
    await sweepSchedules(env, now + 2000)
    expect((await noticed(id)).map((one: { data: { data: unknown } }) => one.data.data)).toEqual([
      { at: new Date(now).toISOString() },
    ])
    const ran = await team.call('POST', `/intakes/${schedule}/run`)
    expect([ran.status, ran.body]).toEqual([202, { tasks: 1 }])
    expect(await noticed(id)).toHaveLength(2)
    expect((await team.call('GET', `/intakes/${schedule}/slots`)).body.items).toMatchObject([
      { verdict: 'started', task: null, reason: `Event tick for “${invoice}”: one task.`, byHand: true },
      { verdict: 'started', task: null },
    ])
    const bad = { kind: 'schedule', ...settings, event: { name: '{{ body.x }}', key: 'a' } }
    const refused = await team.call('POST', `/workflows/${workflow}/intakes`, bad)
    expect(refused.body.error).toMatchObject({ code: 'invalid_template', path: 'event.name' })
  })

  test('an intake’s limit counts its events, but not one that comes again', async () => {
    const limit = { count: 2, seconds: 3600 }
    const event = { name: 'other', key: '{{ body.invoice }}' }
    const { url } = await anIntake('webhook', { auth: { type: 'open' }, event, limit, dedupe: { path: 'id' } })
    const [invoice, id] = [newKey(), await aTask(`INV-${invoices}`)]
    const send = (nth: number) =>
      fetchApi(new URL(url).pathname, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ invoice, id: `${nth}` }),
      })
    expect([(await send(1)).status, (await send(1)).status, (await send(2)).status]).toEqual([202, 202, 202])
    const over = await send(3)
    expect([over.status, over.headers.has('retry-after')]).toEqual([429, true])
    expect((await send(2)).status).toBe(202)
    expect(await noticed(id)).toHaveLength(2)
  })
})

test('more tasks than one answer can wait for are all told, from the queue, each once, and a lost message is made good', async () => {
  const key = newKey()
  const ids = await Promise.all(Array.from({ length: 7 }, () => aTask(key)))
  const lanes = ['STEPS_0', 'STEPS_1', 'STEPS_2', 'STEPS_3'] as const
  const messages: EventMessage[] = []
  const send = async (message: EventMessage) => void messages.push(message)
  const world = { ...env, ...Object.fromEntries(lanes.map(lane => [lane, { send }])) } as typeof env
  const by = { actor: { kind: 'system' }, idempotency: { id: 'many', hash: 'h' } } as const
  const tell = () => tellKeyed(world, team.id, { name: 'seen', key, data: 5 }, by, 5)
  expect(await tell()).toEqual({ ok: true, value: { tasks: 7, repeated: false } })
  expect(await tell()).toEqual({ ok: true, value: { tasks: 7, repeated: true } })
  const at = Date.now()
  for (const id of ids) expect(await noticed(id)).toHaveLength(0)
  // Its first message is lost: the minute's sweep finds it, but not before its time.
  expect(messages.splice(0)).toHaveLength(1)
  await sweepEvents(world, Date.now())
  expect(messages).toHaveLength(0)
  await sweepEvents(world, Date.now() + 121_000)
  // One that begins now was not there when the event came.
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(at))
  const late = await aTask(key)
  for (let n = 0; messages.length > 0; n++) {
    const [message] = messages.splice(0)
    // A message that comes twice tells nobody twice.
    await tellOn(world, message!, 3)
    if (n === 0) await tellOn(world, message!, 3)
    expect(n).toBeLessThan(9)
  }
  for (const id of ids) expect(await noticed(id)).toHaveLength(1)
  expect(await noticed(late)).toHaveLength(0)
  await sweepEvents(world, Date.now() + 999_000)
  expect(messages).toHaveLength(0)
})

test('an answer by mail ends the wait for a reply', async () => {
  const id = await aTask(newKey())
  const to = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, id))!
  const lines = mail(['From: kim@else.test', 'Subject: Re: Your invoice', 'Message-ID: <p1@else.test>'], 'I paid.')
  for (let n = 0; n < 2; n++) {
    const settings = { BATON_MAIL_DOMAIN: 'baton.test' }
    expect(await deliver(to, lines, { envelope: 'kim@else.test', settings })).toBeNull()
  }
  expect(await read(id)).toMatchObject({
    step: 'look',
    outputs: { pay: { from: 'kim@else.test', subject: 'Re: Your invoice', text: 'I paid.' } },
  })
  expect(await noticed(id)).toHaveLength(1)
})

test('fourteen days over a clock change, and moments by three clocks: each ends then, once, by the object’s own alarm', async () => {
  const steps = (until: string, timezone: string) => [
    { key: 'day', wait: { until, timezone }, handoffs: [{ to: 'pay' }] },
    ...FOLLOW_UP.steps,
  ]
  const input = { type: 'object' }
  const cases = [
    ['2031-03-31T09:00', 'Europe/Berlin', '2031-03-31T07:00:00.000Z'],
    ['2031-02-28', 'Asia/Kathmandu', '2031-02-27T18:15:00.000Z'],
    ['2032-02-29T23:59', 'America/New_York', '2032-03-01T04:59:00.000Z'],
  ] as const
  for (const [until, timezone, end] of cases) {
    const into = await aWorkflow(team, { ...FOLLOW_UP, input, key: undefined, steps: steps(until, timezone) })
    const { body } = await team.call('POST', `/workflows/${into}/tasks`, { input: {} })
    const stub = taskStub(env, team.id, body.id) as never
    const pass = async (to: number) => {
      vi.setSystemTime(to)
      // Days later the object is another one, and all that it knows is its log and its alarm.
      await evictDurableObject(stub)
      await runDurableObjectAlarm(stub)
    }
    try {
      await pass(Date.parse(end) - 1000)
      expect((await read(body.id)).step, timezone).toBe('day')
      await pass(Date.parse(end))
      expect((await read(body.id)).step, timezone).toBe('pay')
      await pass(Date.parse(end) + 14 * DAY - 1000)
      expect((await read(body.id)).step, timezone).toBe('pay')
      await pass(Date.parse(end) + 14 * DAY)
      await pass(Date.parse(end) + 15 * DAY)
      expect((await read(body.id)).step, timezone).toBe('look')
      const { items } = (await team.call('GET', `/tasks/${body.id}/events`)).body
      const ends = items.filter((one: { type: string }) => one.type === 'awaited' || one.type === 'reported')
      expect(ends, timezone).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  }
})

test('tasks that wait cost nothing: no alarm but the end of their wait, no row, and no pass wakes them', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => aTask(newKey())))
  const seen = async (id: string) => {
    const stub = taskStub(env, team.id, id) as never
    const alarm = await runInDurableObject(stub, (_object, state) => state.storage.getAlarm())
    const rows = (await team.call('GET', `/tasks/${id}/events`)).body.items.length
    return { end: Date.parse((await read(id)).updatedAt) + 14 * DAY, alarm, rows }
  }
  // What beginning leaves behind: one look, a quarter of a minute later, at whether D1 has heard of it.
  for (const id of ids) expect(await runDurableObjectAlarm(taskStub(env, team.id, id) as never)).toBe(true)
  for (const id of ids) expect(await seen(id)).toMatchObject({ alarm: (await seen(id)).end })
  await eventually(async () => {
    const { results } = await env.DB.prepare('SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(?1))')
      .bind(JSON.stringify(ids))
      .all()
    expect(results).toHaveLength(ids.length)
  })
  const before = await Promise.all(ids.map(seen))
  const woken: string[] = []
  const getByName = (name: string) => {
    woken.push(name)
    return env.TASKS.getByName(name)
  }
  const TASKS = { getByName }
  const world = { ...env, TASKS } as unknown as typeof env
  await wakePastDue(world, Date.now() + 13 * DAY)
  await sweepSchedules(world, Date.now())
  expect(woken.filter(name => ids.some(id => name.endsWith(id)))).toEqual([])
  // The pass does find them, should their own alarm ever be lost.
  await wakePastDue(world, Date.now() + 15 * DAY)
  expect(woken.filter(name => ids.some(id => name.endsWith(id)))).toHaveLength(ids.length)
  expect(await Promise.all(ids.map(seen))).toEqual(before)
})
