/** Webhook intakes: who may send, what a body becomes, what is passed over, limited, held; and what is told of it afterwards. */
import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { forgetDeliveries, newDeliveryId } from '../../../src/records/intake/deliveries.ts'
import { seal, unseal } from '../../../src/team/vault.ts'
import { type Answer, aKey, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from './client.ts'

let team: Team
let workflow: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
})

interface Made {
  id: string
  path: string
  secret: string
}

async function aWebhook(settings: Record<string, unknown> = {}, on = workflow): Promise<Made> {
  const made = await team.call('POST', `/workflows/${on}/intakes`, {
    kind: 'webhook',
    auth: { type: 'open' },
    ...settings,
  })
  if (made.status !== 201) throw new Error(made.text)
  return { id: made.body.id, path: `/in/${made.body.id}`, secret: made.body.secret }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const send = (to: Made | string, body: BodyInit, headers: Record<string, string> = JSON_TYPE): Promise<Answer> =>
  fetchApi(typeof to === 'string' ? to : to.path, { method: 'POST', headers, body })
const inputOf = async (answer: Answer) => (await team.call('GET', `/tasks/${answer.body.task.id}`)).body.input
const deliveries = async ({ id }: Made, query = '') =>
  (await team.call('GET', `/intakes/${id}/deliveries${query}`)).body.items
const listed = (made: Made, n: number, query = '') =>
  eventually(async () => {
    const items = await deliveries(made, query)
    expect(items).toHaveLength(n)
    return items
  })

const hex = (key: string, message: string) => createHmac('sha256', key).update(message).digest('hex')
const now = () => Math.floor(Date.now() / 1000)
const GOOD = '{"company":"Globex"}'

/** Signs a body as each service does; `at` in seconds. */
const SIGNED: Record<string, (secret: string, body: string, at: number, id?: string) => Record<string, string>> = {
  'standard-webhooks': (secret, body, at, id = 'msg_1') => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
    return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
  },
  github: (secret, body, _at, id = 'guid-1') => ({
    'x-hub-signature-256': `sha256=${hex(secret, body)}`,
    'x-github-delivery': id,
    'x-github-event': 'push',
  }),
  stripe: (secret, body, at) => ({ 'stripe-signature': `t=${at},v1=${hex(secret, `${at}.${body}`)}` }),
  slack: (secret, body, at) => ({
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${hex(secret, `v0:${at}:${body}`)}`,
  }),
  hmac: (secret, body, at) => ({ 'x-sign': `sha256=${hex(secret, `${at}.${body}`)}`, 'x-time': String(at) }),
}
const HMAC = { type: 'hmac', header: 'X-Sign', prefix: 'sha256=', timestampHeader: 'X-Time' }
const authOf = (type: string) => (type === 'hmac' ? HMAC : { type })
const signed = (type: string, secret: string, body: string, at = now(), id?: string) => ({
  ...JSON_TYPE,
  ...SIGNED[type]!(secret, body, at, id),
})

describe.each(Object.keys(SIGNED))('%s', type => {
  let made: Made
  beforeAll(async () => {
    made = await aWebhook({ auth: authOf(type) })
  })
  const code = (answer: Answer) => `${answer.status} ${answer.body.error?.code ?? ''}`.trim()

  test('its secret is shown once, sealed at rest, and opens the way for who signs with it', async () => {
    expect(made.secret).toEqual(expect.any(String))
    const read = await team.call('GET', `/intakes/${made.id}`)
    expect(read.body.auth).toMatchObject({ type, secrets: [{ version: 1, until: null }] })
    const { config } = (await env.DB.prepare('SELECT config FROM intakes WHERE id = ?1')
      .bind(made.id)
      .first<{ config: string }>())!
    for (const text of [read.text, config]) expect(text).not.toContain(made.secret)
    expect((await send(made, GOOD, signed(type, made.secret, GOOD))).status).toBe(202)
  })

  test('who does not sign, signs otherwise, too late or something else is refused', async () => {
    expect(code(await send(made, GOOD))).toBe('401 signature_missing')
    expect(code(await send(made, GOOD, { ...JSON_TYPE, authorization: `Bearer ${team.key}` }))).toBe(
      '401 signature_missing',
    )
    expect(code(await send(made, GOOD, signed(type, `${made.secret.slice(0, -5)}AAAA=`, GOOD)))).toBe(
      '401 signature_wrong',
    )
    expect(code(await send(made, '{"company":"Globey"}', signed(type, made.secret, GOOD)))).toBe('401 signature_wrong')
    expect(code(await send(made, '{"company": "Globex"}', signed(type, made.secret, GOOD)))).toBe('401 signature_wrong')
    if (type === 'github') return
    for (const off of [-310, 310])
      expect(code(await send(made, GOOD, signed(type, made.secret, GOOD, now() + off)))).toBe('401 signature_stale')
  })

  test('a new secret counts at once, the one before for another 24 h and not longer', async () => {
    const rotated = await team.call('POST', `/intakes/${made.id}/rotate`)
    expect(rotated.status).toBe(200)
    expect(Date.parse(rotated.body.until) - Date.now()).toBeGreaterThan(23.9 * 3_600_000)
    const { secret } = rotated.body
    for (const each of [secret, made.secret])
      expect((await send(made, GOOD, signed(type, each, GOOD, now(), `r-${each}`))).status).toBe(202)
    // As if 24 h had gone by.
    await env.DB.prepare("UPDATE intakes SET config = json_set(config, '$.secrets[1].until', 1) WHERE id = ?1")
      .bind(made.id)
      .run()
    await team.call('PATCH', `/intakes/${made.id}`, { name: 'Rotated' })
    expect(code(await send(made, GOOD, signed(type, made.secret, GOOD)))).toBe('401 signature_wrong')
    expect((await send(made, GOOD, signed(type, secret, GOOD, now(), 'late'))).status).toBe(202)
  })
})

test('a given secret is used and not shown; one that cannot be is refused', async () => {
  const given = await aWebhook({ auth: { type: 'stripe', secret: 'whsec_given_by_stripe' } })
  expect(given.secret).toBeUndefined()
  expect((await send(given, GOOD, signed('stripe', 'whsec_given_by_stripe', GOOD))).status).toBe(202)
  for (const [type, secret] of [
    ['standard-webhooks', 'whsec_***notbase64***'],
    ['github', 'short'],
    ['slack', 'with a blank in it'],
  ]) {
    const refused = await team.call('POST', `/workflows/${workflow}/intakes`, {
      kind: 'webhook',
      auth: { type, secret },
    })
    expect([refused.status, refused.body.error.path], type).toEqual([422, 'auth.secret'])
  }
})

test('a sealed secret opens for its own team, thing and version only, and with an earlier BATON_SECRET', async () => {
  const mine = { team: 'team_a', id: 'int_a' }
  const sealed = await seal(env, mine, 1, 'the secret')
  expect(await unseal(env, mine, sealed)).toBe('the secret')
  expect(await unseal(env, { ...mine, team: 'team_b' }, sealed)).toBeNull()
  expect(await unseal(env, { ...mine, id: 'int_b' }, sealed)).toBeNull()
  expect(await unseal(env, mine, { ...sealed, version: 2 })).toBeNull()
  const fresh = { ...env, BATON_SECRET: 'another-secret-0123456789abcdef-0123456789abcdef' }
  expect(await unseal({ ...fresh, BATON_SECRET_OLD: '' }, mine, sealed)).toBeNull()
  expect(await unseal({ ...fresh, BATON_SECRET_OLD: `x, ${env.BATON_SECRET}` }, mine, sealed)).toBe('the secret')
})

test('Slack’s challenge is answered when it is signed, and makes no task', async () => {
  const made = await aWebhook({ auth: { type: 'slack' } })
  const body = '{"type":"url_verification","challenge":"3eZbrw1aB10FEMAGAZd4FyFQ","token":"x"}'
  expect((await send(made, body)).status).toBe(401)
  const answer = await send(made, body, signed('slack', made.secret, body))
  expect([answer.status, answer.body]).toEqual([200, { challenge: '3eZbrw1aB10FEMAGAZd4FyFQ' }])
})

describe('the same delivery', () => {
  const twice = async (made: Made, first: () => Promise<Answer>, second: () => Promise<Answer>) => {
    const [a, b] = [await first(), await second()]
    expect([a.status, b.status]).toEqual([202, 202])
    expect([a.body.duplicate, b.body.duplicate]).toEqual([false, true])
    expect(b.body.task).toEqual(a.body.task)
    return made
  }

  test.each(['standard-webhooks', 'github'])('by the id that %s sends along, whatever the body', async type => {
    const made = await aWebhook({ auth: { type } })
    const other = '{"company":"Another"}'
    await twice(
      made,
      () => send(made, GOOD, signed(type, made.secret, GOOD, now(), 'same')),
      () => send(made, other, signed(type, made.secret, other, now(), 'same')),
    )
  })

  test.each([
    ['stripe', 'id'],
    ['slack', 'event_id'],
  ])('by the id inside what %s sends', async (type, name) => {
    const made = await aWebhook({ auth: { type } })
    const bodies = ['a', 'b'].map(company => JSON.stringify({ company, [name]: 'evt_1' })) as [string, string]
    await twice(
      made,
      () => send(made, bodies[0], signed(type, made.secret, bodies[0])),
      () => send(made, bodies[1], signed(type, made.secret, bodies[1])),
    )
  })

  test('by a header or a path of the owner’s choice; a repeat that no longer fits is still a repeat', async () => {
    const byHeader = await aWebhook({ dedupe: { header: 'X-Event' } })
    await twice(
      byHeader,
      () => send(byHeader, GOOD, { ...JSON_TYPE, 'x-event': '7' }),
      () => send(byHeader, '{"nothing":"fits"}', { ...JSON_TYPE, 'x-event': '7' }),
    )
    const byPath = await aWebhook({ dedupe: { path: 'order.ids.0' } })
    const body = (company: string) => JSON.stringify({ company, order: { ids: [42] } })
    await twice(
      byPath,
      () => send(byPath, body('a')),
      () => send(byPath, body('b')),
    )
    expect((await send(byPath, GOOD)).body.duplicate).toBe(false)
    expect((await send(byPath, GOOD)).body.duplicate).toBe(false)
  })

  // tests/faults/deliveries.test.ts does it with 10,000, from outside.
  test('many at once, three in ten repeated: one task per key', { timeout: 120_000 }, async () => {
    const total = 150
    // Nobody is asked, so nobody is sent mail.
    const steps = [{ key: 'look', human: { assign: ['role:admin'] }, handoffs: [{ to: 'complete' }] }]
    const made = await aWebhook({ dedupe: { path: 'key' } }, await aWorkflow(team, { steps }))
    const keys = Array.from({ length: total }, (_, n) => (n % 10 < 7 ? n : (n * 7919) % (n + 1)))
    const tasks = new Map<number, Set<string>>()
    let fresh = 0
    for (let at = 0; at < total; at += 50) {
      await Promise.all(
        keys.slice(at, at + 50).map(async key => {
          const answer = await send(made, JSON.stringify({ company: `c${key}`, key }))
          expect(answer.status, answer.text).toBe(202)
          if (!answer.body.duplicate) fresh++
          tasks.set(key, (tasks.get(key) ?? new Set()).add(answer.body.task.id))
        }),
      )
    }
    const distinct = new Set(keys).size
    expect([fresh, tasks.size]).toEqual([distinct, distinct])
    for (const ids of tasks.values()) expect(ids.size).toBe(1)
    expect(new Set([...tasks.values()].flatMap(ids => [...ids])).size).toBe(distinct)
  })
})

describe('what a body becomes', () => {
  const types: [string, string, BodyInit, Record<string, string>, unknown][] = [
    ['JSON', 'application/json', GOOD, {}, { company: 'Globex' }],
    ['a kind of JSON', 'application/cloudevents+json', GOOD, {}, { company: 'Globex' }],
    [
      'a form',
      'application/x-www-form-urlencoded',
      'company=Glo+bex%21&tags=a&tags=b',
      {},
      { company: 'Glo bex!', tags: ['a', 'b'] },
    ],
    ['text', 'text/plain; charset=utf-8', 'Hello, Wörld', {}, { text: 'Hello, Wörld' }],
  ]
  test.each(types)('%s', async (_name, type, body, headers, input) => {
    const on = await aWorkflow(team, { input: { type: 'object' } })
    const answer = await send(await aWebhook({}, on), body, { 'content-type': type, ...headers })
    expect(answer.status, answer.text).toBe(202)
    expect(await inputOf(answer)).toEqual(input)
  })

  test('a multipart form: its fields; a file stands in its field by name, type and size', async () => {
    const on = await aWorkflow(team, { input: { type: 'object', properties: { seats: { type: 'integer' } } } })
    const made = await aWebhook({}, on)
    const form = new FormData()
    form.set('company', 'Wörld')
    form.set('seats', '12')
    const taken = await fetchApi(made.path, { method: 'POST', body: form })
    expect(taken.status, taken.text).toBe(202)
    expect(await inputOf(taken)).toEqual({ company: 'Wörld', seats: 12 })
    form.set('logo', new File([new Uint8Array([0xff, 0xd8, 0])], 'logo.jpg'))
    const withFile = await fetchApi(made.path, { method: 'POST', body: form })
    expect(withFile.status, withFile.text).toBe(202)
    expect((await inputOf(withFile)).logo).toMatchObject({ name: 'logo.jpg', bytes: 3 })
  })

  test('a map makes the input, in the schema’s types; without what it reads it is 422 and says where', async () => {
    const input = {
      type: 'object',
      required: ['company', 'seats'],
      properties: {
        company: { type: 'string' },
        seats: { type: 'integer' },
        vip: { type: 'boolean' },
        tags: { type: 'array' },
      },
    }
    const on = await aWorkflow(team, { input })
    const map = {
      company: '{{ body.customer.name | upcase }}',
      seats: '{{ query.seats }}',
      vip: '{{ headers.x-vip }}',
      tags: '{{ body.tags }}',
    }
    const made = await aWebhook({ map }, on)
    const body = '{"customer":{"name":"globex"},"tags":["a"]}'
    const answer = await send(`${made.path}?seats=7`, body, { ...JSON_TYPE, 'X-Vip': 'true' })
    expect(answer.status, answer.text).toBe(202)
    expect(await inputOf(answer)).toEqual({ company: 'GLOBEX', seats: 7, vip: true, tags: ['a'] })
    const missing = await send(`${made.path}?seats=7`, '{}', { ...JSON_TYPE, 'X-Vip': 'true' })
    expect([missing.status, missing.body.error.code, missing.body.error.path]).toEqual([
      422,
      'map_failed',
      'map.company',
    ])
    const wrong = await send(`${made.path}?seats=many`, body, { ...JSON_TYPE, 'X-Vip': 'true' })
    expect([wrong.status, wrong.body.error.code, wrong.body.error.path]).toEqual([422, 'invalid_input', 'seats'])
  })

  test('a filter lets pass, passes over, and when it cannot be evaluated says so', async () => {
    const made = await aWebhook({ filter: 'headers["x-topic"] == "order" && body.company != ""' })
    expect((await send(made, GOOD, { ...JSON_TYPE, 'X-Topic': 'order' })).status).toBe(202)
    const skipped = await send(made, GOOD, { ...JSON_TYPE, 'X-Topic': 'other' })
    expect([skipped.status, skipped.body.skipped]).toEqual([200, true])
    const failed = await send(made, GOOD)
    expect([failed.status, failed.body.skipped]).toEqual([200, true])
    expect(failed.body.reason).toContain('is missing')
  })

  test('secrets reach neither filter nor map, nor what is kept', async () => {
    const made = await aWebhook({ filter: '!("authorization" in headers) && !("cookie" in headers)' })
    const canary = 'canary-5f3b'
    const headers = {
      ...JSON_TYPE,
      authorization: `Bearer ${canary}`,
      cookie: `a=${canary}`,
      'x-api-key': canary,
      'x-auth-token': canary,
    }
    const answer = await send(`${made.path}?token=${canary}&page=2`, GOOD, headers)
    expect(answer.status, answer.text).toBe(202)
    const [item] = await listed(made, 1)
    expect(item.query).toEqual({ page: '2' })
    const kept = await env.DB.prepare('SELECT * FROM deliveries WHERE id = ?1').bind(item.id).first()
    const log = await team.call('GET', `/tasks/${answer.body.task.id}/events`)
    for (const text of [JSON.stringify(item), JSON.stringify(kept), log.text]) expect(text).not.toContain(canary)
  })
})

test('settings that do not hold together are refused where they are wrong', async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ auth: { type: 'magic' } }, 'auth.type'],
    [{ auth: { type: 'hmac' } }, 'auth.header'],
    [{ auth: { type: 'hmac', header: 'a b' } }, 'auth.header'],
    [{ filter: 'body.a ==' }, 'filter'],
    [{ filter: 'input.a == 1' }, 'filter'],
    [{ filter: 7 }, 'filter'],
    [{ map: { a: '{{ body.' } }, 'map.a'],
    [{ map: { a: '{{ input.x }}' } }, 'map.a'],
    [{ map: { a: 7 } }, 'map.a'],
    [{ dedupe: { cookie: 'x' } }, 'dedupe'],
    [{ limit: { count: 0, seconds: 1 } }, 'limit.count'],
    [{ cors: ['shop.example'] }, 'cors[0]'],
    [{ cors: ['https://shop.example/path'] }, 'cors[0]'],
    [{ colour: 'red' }, 'colour'],
  ]
  for (const [settings, path] of wrong) {
    const answer = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', ...settings })
    expect([answer.status, answer.body.error?.path], answer.text).toEqual([422, path])
  }
})

test('what is changed holds; null takes a setting away; another scheme makes another secret', async () => {
  const made = await aWebhook({ filter: 'false', limit: { count: 5, seconds: 60 } })
  expect((await send(made, GOOD)).body.skipped).toBe(true)
  const changed = await team.call('PATCH', `/intakes/${made.id}`, { filter: null, name: 'Open' })
  expect(changed.body).toMatchObject({ name: 'Open', limit: { count: 5, seconds: 60 } })
  expect(changed.body.filter).toBeUndefined()
  expect((await send(made, GOOD)).status).toBe(202)
  const github = await team.call('PATCH', `/intakes/${made.id}`, { auth: { type: 'github' } })
  expect(github.body.secret).toEqual(expect.any(String))
  expect((await send(made, GOOD)).status).toBe(401)
  expect((await send(made, GOOD, signed('github', github.body.secret, GOOD))).status).toBe(202)
  const kept = await team.call('PATCH', `/intakes/${made.id}`, { auth: { type: 'github' }, name: 'Same' })
  expect(kept.body.secret).toBeUndefined()
  expect((await send(made, GOOD, signed('github', github.body.secret, GOOD, now(), 'g2'))).status).toBe(202)
  const key = await aWebhook({ auth: { type: 'key' } })
  expect((await team.call('POST', `/intakes/${key.id}/rotate`)).body.error.code).toBe('no_secret')
})

test('a limit is counted exactly, in parallel, too; what is refused for it says when to come again', async () => {
  const made = await aWebhook({ limit: { count: 5, seconds: 3600 } })
  const all = await Promise.all(Array.from({ length: 12 }, () => send(made, GOOD)))
  expect(all.filter(one => one.status === 202)).toHaveLength(5)
  const refused = all.filter(one => one.status === 429)
  expect(refused).toHaveLength(7)
  expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(3500)
  const short = await aWebhook({ limit: { count: 1, seconds: 1 } })
  expect((await send(short, GOOD)).status).toBe(202)
  expect((await send(short, GOOD)).status).toBe(429)
  await eventually(async () => expect((await send(short, GOOD)).status).toBe(202))
})

test('pages of an allowed origin may send and read the answer; others may not read it', async () => {
  const made = await aWebhook({ cors: ['https://shop.example'], dedupe: { header: 'X-Order' } })
  const ask = (origin: string) =>
    fetchApi(made.path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
  const allowed = await ask('https://shop.example')
  expect(allowed.status).toBe(204)
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example')
  expect(allowed.headers.get('access-control-allow-methods')).toBe('POST')
  expect(allowed.headers.get('access-control-allow-headers')).toContain('x-order')
  expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  const sent = await send(made, GOOD, { ...JSON_TYPE, origin: 'https://shop.example' })
  expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([202, 'https://shop.example'])
  const refused = await send(made, '{}', { ...JSON_TYPE, origin: 'https://shop.example' })
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([422, 'https://shop.example'])
  const silent = await aWebhook()
  const quiet = await send(silent, GOOD, { ...JSON_TYPE, origin: 'https://shop.example' })
  expect([quiet.status, quiet.headers.get('access-control-allow-origin')]).toEqual([202, null])
  expect((await fetchApi('/in/int_aaaaaaaaaaaaaaaaaaaa', { method: 'OPTIONS' })).status).toBe(404)
})

describe('deliveries', () => {
  test('each verdict is listed with what came and what became of it; found by verdict and text', async () => {
    const made = await aWebhook({ filter: '!has(body.kind) || body.kind != "noise"', dedupe: { path: 'ref' } })
    const first = await send(`${made.path}?shop=7`, '{"company":"Needle","ref":1}', {
      ...JSON_TYPE,
      'x-topic': 'order',
    })
    await send(made, '{"company":"Needle","ref":1}')
    await send(made, '{"kind":"noise"}')
    await send(made, '{"company":9}')
    await send(made, '{"company":')
    const items = await listed(made, 5)
    const by = (verdict: string) => items.filter((one: { verdict: string }) => one.verdict === verdict)
    expect(by('accepted')[0]).toMatchObject({
      status: 202,
      task: first.body.task,
      body: { company: 'Needle', ref: 1 },
      headers: { 'x-topic': 'order', 'content-type': 'application/json' },
      query: { shop: '7' },
      type: 'application/json',
      ms: expect.any(Number),
    })
    expect(by('duplicate')[0]).toMatchObject({ status: 202, task: first.body.task })
    expect(by('skipped')[0]).toMatchObject({
      status: 200,
      body: { kind: 'noise' },
      reason: expect.stringContaining('filter'),
    })
    expect(
      by('refused')
        .map((one: { status: number }) => one.status)
        .sort(),
    ).toEqual([400, 422])
    expect(await deliveries(made, '?verdict=refused')).toHaveLength(2)
    expect(await deliveries(made, '?q=needle')).toHaveLength(2)
    expect(await deliveries(made, `?q=${first.body.task.id}`)).toHaveLength(2)
    expect(await deliveries(made, '?q=%25')).toHaveLength(0)
    expect(await deliveries(made, '?verdict=refused&q=invalid_input')).toHaveLength(1)
    const times = items.map((one: { at: string }) => one.at)
    expect(times).toEqual([...times].sort().reverse())
  })

  test('a long body is cut in the list and whole by itself, as it was sent', async () => {
    const made = await aWebhook({ map: { company: '{{ body.name }}' } })
    const body = JSON.stringify({ name: 'Big', filler: 'ü'.repeat(30_000) })
    const sent = await send(made, body)
    expect(sent.status).toBe(202)
    const [item] = await listed(made, 1)
    expect(item).toMatchObject({ verdict: 'accepted', cut: true })
    expect(item.body.length).toBeLessThan(3000)
    const whole = (await team.call('GET', `/deliveries/${item.id}`)).body
    expect(whole.cut).toBeUndefined()
    expect(whole.body).toEqual(JSON.parse(body))
    const again = await team.call('POST', `/deliveries/${item.id}/replay`)
    expect(await inputOf(again)).toEqual({ company: 'Big' })
  })

  test('one is sent again: a task of its own, one for each Idempotency-Key; refused while paused', async () => {
    const on = await aWorkflow(team)
    const made = await aWebhook({ dedupe: { path: 'ref' } }, on)
    const sent = await send(made, '{"company":"A","ref":1}')
    const [item] = await listed(made, 1)
    const key = { 'idempotency-key': 'again' }
    const first = await team.call('POST', `/deliveries/${item.id}/replay`, undefined, key)
    expect([first.status, first.body.verdict, first.body.reason]).toEqual([200, 'accepted', `Replay of ${item.id}`])
    expect(first.body.task.id).not.toBe(sent.body.task.id)
    await listed(made, 2)
    const repeat = await team.call('POST', `/deliveries/${item.id}/replay`, undefined, key)
    expect([repeat.body.id, repeat.body.task]).toEqual([first.body.id, first.body.task])
    const other = await team.call('POST', `/deliveries/${item.id}/replay`)
    expect(other.body.task.id).not.toBe(first.body.task.id)
    await team.call('POST', `/workflows/${on}/pause`)
    expect((await team.call('POST', `/deliveries/${item.id}/replay`)).body.error.code).toBe('workflow_paused')
  })

  test('twice at one moment is once: both get the first one’s answer, by key and where it goes in once', async () => {
    const on = await aWorkflow(team)
    const made = await aWebhook({}, on)
    for (const n of [1, 2, 3, 4, 5]) await send(made, `{"company":"A","n":${n}}`)
    for (const [n, item] of (await listed(made, 5)).entries()) {
      const key = { 'idempotency-key': `at once ${n}` }
      const both = await Promise.all(
        [1, 2, 3].map(() => team.call('POST', `/deliveries/${item.id}/replay`, undefined, key)),
      )
      expect(both.map(({ status, body }) => [status, body])).toEqual(Array(3).fill([200, both[0]!.body]))
      expect(both[0]!.body).toMatchObject({ verdict: 'accepted', reason: `Replay of ${item.id}` })
    }
    await listed(made, 10)
    const refused = await aWebhook({ map: { wrong: '{{ body.x }}' } }, on)
    await send(refused, '{"company":"A"}')
    await listed(refused, 1, '?verdict=refused')
    await team.call('PATCH', `/intakes/${refused.id}`, { map: null })
    const all = await Promise.all([1, 2, 3].map(() => team.call('POST', `/intakes/${refused.id}/replay`, {})))
    expect(all.map(({ status, body }) => [status, body])).toEqual(Array(3).fill([200, all[0]!.body]))
    expect(all[0]!.body.items[0].replay.verdict).toBe('accepted')
  })

  test('many that were refused are sent again once each, after what was wrong was put right', async () => {
    const on = await aWorkflow(team)
    const made = await aWebhook({ auth: { type: 'key' } }, on)
    const as = { ...JSON_TYPE, authorization: `Bearer ${team.key}` }
    for (const name of ['a', 'b', 'c']) await send(made, JSON.stringify({ name }), as)
    // Neither of these proved that it may send: nobody at all, and a key that may only read.
    await send(made, '{"name":"stranger"}')
    const reader = await aKey(team.id, {}, ['tasks:read'])
    const barred = await send(made, '{"name":"reader"}', { ...JSON_TYPE, authorization: `Bearer ${reader.key}` })
    expect(barred.status).toBe(403)
    await listed(made, 5, '?verdict=refused')
    await team.call('PATCH', `/intakes/${made.id}`, { map: { company: '{{ body.name }}' } })
    const done = await team.call('POST', `/intakes/${made.id}/replay`, {})
    expect(done.body.items.map((one: { replay: { verdict: string } }) => one.replay.verdict)).toEqual(
      Array(3).fill('accepted'),
    )
    const tasks = (answer: Answer) =>
      answer.body.items.map((one: { replay: { task: { id: string } } }) => one.replay.task.id)
    await listed(made, 3, '?verdict=accepted')
    expect(tasks(await team.call('POST', `/intakes/${made.id}/replay`, {}))).toEqual(tasks(done))
  })

  test('a test makes a real task and says so; its body is the last one’s, or made from the schema', async () => {
    const made = await aWebhook()
    const sample = await team.call('POST', `/intakes/${made.id}/test`)
    expect(sample.body).toMatchObject({ verdict: 'accepted', reason: 'A test', body: { company: expect.any(String) } })
    const own = await team.call('POST', `/intakes/${made.id}/test`, { body: { company: 'Mine' } })
    expect(await inputOf(own)).toEqual({ company: 'Mine' })
    await listed(made, 2)
    expect((await team.call('POST', `/intakes/${made.id}/test`)).body.body).toEqual({ company: 'Mine' })
    expect((await team.call('POST', `/intakes/${made.id}/test`, { body: {} })).body).toMatchObject({
      verdict: 'refused',
      status: 422,
    })
  })

  test('a preview shows verdict, filter and input of a real delivery or a made-up one, and makes nothing', async () => {
    const made = await aWebhook({ filter: 'body.total > 10', map: { company: '{{ body.name }}' } })
    await send(made, '{"total":5,"name":"x"}')
    const [item] = await listed(made, 1)
    const ask = async (body: unknown) => (await team.call('POST', `/intakes/${made.id}/preview`, body)).body
    expect(await ask({ delivery: item.id })).toMatchObject({
      verdict: 'skipped',
      filter: { verdict: false, reads: { 'body.total': 5 } },
    })
    expect(await ask({ delivery: item.id, filter: 'body.total > 1' })).toMatchObject({
      verdict: 'accepted',
      input: { company: 'x' },
      errors: [],
    })
    expect(await ask({ body: { total: 50 } })).toMatchObject({
      verdict: 'refused',
      errors: [{ code: 'map_failed', path: 'map.company' }],
    })
    expect(await ask({ body: { total: 50, name: 7 }, map: { company: '{{ body.name }}' } })).toMatchObject({
      input: { company: '7' },
    })
    expect(await deliveries(made)).toHaveLength(1)
  })

  test('what is held is a delivery; activating and starting makes it accepted, discarding says so', async () => {
    const on = await aWorkflow(team)
    const made = await aWebhook({ dedupe: { path: 'ref' } }, on)
    await team.call('POST', `/workflows/${on}/pause`)
    for (const ref of [1, 2])
      expect((await send(made, JSON.stringify({ company: 'H', ref }))).body).toMatchObject({ held: true })
    expect((await send(made, '{"company":"other","ref":1}')).body).toEqual({ held: true, duplicate: true })
    const held = await deliveries(made, '?verdict=held')
    expect(held).toHaveLength(2)
    expect(held[1]).toMatchObject({ body: { company: 'H', ref: 1 }, status: 202 })
    expect((await team.call('POST', `/deliveries/${held[0].id}/replay`)).body.error.code).toBe('delivery_held')
    await team.call('POST', `/workflows/${on}/activate`)
    await team.call('POST', `/workflows/${on}/held`, { start: true })
    const accepted = await listed(made, 2, '?verdict=accepted')
    expect(accepted.map((one: { id: string }) => one.id)).toEqual(held.map((one: { id: string }) => one.id))
    expect(accepted[0].task.id).toMatch(/^tsk_/)
    await team.call('POST', `/workflows/${on}/pause`)
    const late = await aWebhook({}, on)
    await send(late, GOOD)
    await team.call('POST', `/workflows/${on}/activate`)
    await team.call('POST', `/workflows/${on}/held`, { start: false })
    expect((await deliveries(late))[0]).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringContaining('discarded'),
    })
  })

  test('a flood of bad signatures writes a bounded number of rows; unknown intakes write none', async () => {
    const made = await aWebhook({ auth: { type: 'github' } })
    const before = await env.DB.prepare('SELECT count(*) AS n FROM deliveries').first<number>('n')
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 16 }, () => send(made, GOOD)))
    }
    await Promise.all(Array.from({ length: 10 }, () => send('/in/int_aaaaaaaaaaaaaaaaaaaa', GOOD)))
    await listed(made, 30)
    const after = await env.DB.prepare('SELECT count(*) AS n FROM deliveries').first<number>('n')
    expect(after! - before!).toBe(30)
  })

  test('an accepted delivery costs D1 one row; after 30 days it is forgotten, and only then', async () => {
    const made = await aWebhook()
    const day = 24 * 3_600_000
    const REQUEST = '{"headers":{},"query":{},"type":null,"body":"","length":0}'
    const put = (age: number) => {
      const at = Date.now() - age
      const row = [newDeliveryId(made.id, at), team.id, 'refused', 422, null, null, at, 1, REQUEST]
      const sql = 'INSERT INTO deliveries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)'
      return env.DB.prepare(sql)
        .bind(...row)
        .run()
    }
    const { meta } = await put(29 * day)
    expect(meta.rows_written).toBe(1)
    await put(31 * day)
    expect(await forgetDeliveries(env.DB, Date.now())).toBe(1)
    expect(await deliveries(made)).toHaveLength(1)
  })

  test('another team sees none of it', async () => {
    const made = await aWebhook()
    await send(made, GOOD)
    const [item] = await listed(made, 1)
    const stranger = await aTeam()
    const theirs = await aWorkflow(stranger)
    const own = await stranger.call('POST', `/workflows/${theirs}/intakes`, { kind: 'webhook' })
    const borrowed = await stranger.call('POST', `/intakes/${own.body.id}/preview`, { delivery: item.id })
    expect([borrowed.status, borrowed.body.error.code]).toEqual([404, 'not_found'])
  })
})
