/** Bodies at /in/:intake, byte by byte: what a sender cannot change is repaired, kept as it was meant, and told; signatures are checked over the raw bytes. */
import { createHmac } from 'node:crypto'
import examples from '@octokit/webhooks-examples'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import { notEmpty } from '../../support/not-empty.ts'
import { type Answer, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'

let team: Team
let workflow: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team, { input: {} })
})

interface Hook {
  id: string
  path: string
  secret: string
}

async function aHook(settings: object = {}, on = workflow): Promise<Hook> {
  const made = await team.call('POST', `/workflows/${on}/intakes`, {
    kind: 'webhook',
    auth: { type: 'open' },
    ...settings,
  })
  expect(made.status, made.text).toBe(201)
  return { id: made.body.id, path: new URL(made.body.url).pathname, secret: made.body.secret }
}

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(parts.flatMap(part => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)))
const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

const send = (hook: Hook, body: BodyInit, headers: Record<string, string> = {}): Promise<Answer> =>
  fetchApi(hook.path, { method: 'POST', headers: { 'content-type': JSON_TYPE, ...headers }, body })

/** Signed as GitHub does, over the bytes as they are. */
function signed(hook: Hook, body: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
  const signature = createHmac('sha256', hook.secret).update(body).digest('hex')
  return send(hook, body, { 'x-hub-signature-256': `sha256=${signature}`, ...headers })
}

const taskOf = async (answer: Answer) => {
  expect(answer.status, answer.text).toBe(202)
  return (await team.call('GET', `/tasks/${answer.body.task.id}`)).body
}
const inputOf = async (answer: Answer) => (await taskOf(answer)).input

/** The newest delivery of the intake that has come to this verdict. */
const deliveryOf = (hook: Hook, verdict = 'accepted') =>
  eventually(async () => {
    const { body } = await team.call('GET', `/intakes/${hook.id}/deliveries?verdict=${verdict}`)
    expect(body.items.length).toBeGreaterThan(0)
    return body.items[0]
  })

const gzipped = async (body: Uint8Array) =>
  new Uint8Array(await new Response(new Response(body).body!.pipeThrough(new CompressionStream('gzip'))).arrayBuffer())

describe('what is repaired, and told', () => {
  const TEXT = 'text/plain'
  const rows: [name: string, type: string, body: Uint8Array, input: unknown, repaired: string[]][] = [
    [
      'a byte order mark',
      JSON_TYPE,
      bytes([0xef, 0xbb, 0xbf], '{"resource":"list-9"}'),
      { resource: 'list-9' },
      ['bom'],
    ],
    ['a byte order mark before text', TEXT, bytes([0xef, 0xbb, 0xbf], 'Hi'), { text: 'Hi' }, ['bom']],
    ['a byte order mark before a form', FORM, bytes([0xef, 0xbb, 0xbf], 'a=1'), { a: '1' }, ['bom']],
    ['UTF-16 by its mark', JSON_TYPE, bytes([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), {}, ['bom', 'charset:utf-16le']],
    ['UTF-16 without a mark', JSON_TYPE, bytes([0x7b, 0, 0x7d, 0]), {}, ['charset:utf-16le']],
    [
      'NUL, escaped',
      JSON_TYPE,
      bytes('{"sep":"a\\u0000b","kept":"\\\\u0000"}'),
      { sep: 'ab', kept: '\\u0000' },
      ['nul'],
    ],
    ['NUL behind the JSON', JSON_TYPE, bytes('{"a":1}', [0]), { a: 1 }, ['nul']],
    ['NUL in a form', FORM, bytes('a=x%00y'), { a: 'xy' }, ['nul']],
    ['NUL in text', TEXT, bytes('x', [0], 'y'), { text: 'xy' }, ['nul']],
    [
      'half a surrogate',
      JSON_TYPE,
      bytes('{"a":"\\ud83d!","b":"\\ud83d\\ude00"}'),
      { a: '\ufffd!', b: '😀' },
      ['surrogate'],
    ],
    [
      'Latin-1 as declared',
      `${TEXT}; charset=ISO-8859-1`,
      bytes('M', [0xfc], 'ller'),
      { text: 'Müller' },
      ['charset:iso-8859-1'],
    ],
    [
      'windows-1252 JSON',
      `${JSON_TYPE}; charset="windows-1252"`,
      bytes('{"a":"', [0x80], '"}'),
      { a: '€' },
      ['charset:windows-1252'],
    ],
    ['a form in Latin-1', `${FORM}; charset=latin1`, bytes('a=M%FCller'), { a: 'Müller' }, ['charset:latin1']],
    [
      'PayPal’s own field for the charset',
      FORM,
      bytes('first_name=J%F6rg&last_name=M%FCller&charset=windows-1252'),
      { first_name: 'Jörg', last_name: 'Müller', charset: 'windows-1252' },
      ['charset:windows-1252'],
    ],
    [
      'JSON as text',
      `${TEXT}; charset=UTF-8`,
      bytes(' {"Type":"Notification"}\n'),
      { Type: 'Notification' },
      ['json_as_text'],
    ],
    [
      'JSON as a form',
      FORM,
      bytes('{"company":"Alder GmbH","note":"a=b&c"}'),
      { company: 'Alder GmbH', note: 'a=b&c' },
      ['json_as_form'],
    ],
    ['nothing of text/json', 'text/json', bytes('{"a":1}'), { a: 1 }, []],
    ['nothing of a kind of JSON', 'application/vnd.api+json', bytes('{"a":1}'), { a: 1 }, []],
    ['nothing of ASCII under another charset', `${TEXT}; charset=latin1`, bytes('a'), { text: 'a' }, []],
    ['nothing of text in brackets', TEXT, bytes('[1] see {below}'), { text: '[1] see {below}' }, []],
    ['nothing of a payload from no such sender', FORM, bytes('payload=%7B%7D'), { payload: '{}' }, []],
  ]

  test.each(rows)('%s', async (_name, type, body, input, repaired) => {
    const hook = await aHook()
    const answer = await send(hook, body, { 'content-type': type })
    expect(await inputOf(answer)).toEqual(input)
    const delivery = await deliveryOf(hook)
    expect(delivery.repaired).toEqual(repaired)
    // Sent again it is the same, though nothing of the bytes is left.
    const again = await team.call('POST', `/deliveries/${delivery.id}/replay`)
    expect(again.status, again.text).toBe(200)
    expect((await team.call('GET', `/tasks/${again.body.task.id}`)).body.input).toEqual(input)
  })

  test('gzip, signed over the packed bytes; a bomb is 413, half a file 400', async () => {
    const hook = await aHook({ auth: { type: 'github' } })
    const packed = await gzipped(bytes('{"a":"ü"}'))
    const answer = await signed(hook, packed, { 'content-encoding': 'gzip' })
    expect(await inputOf(answer)).toEqual({ a: 'ü' })
    expect((await deliveryOf(hook)).repaired).toEqual(['gzip'])
    const bomb = await signed(hook, await gzipped(new Uint8Array(3_000_000)), { 'content-encoding': 'gzip' })
    expect([bomb.status, bomb.body.error.code]).toEqual([413, 'body_too_large'])
    const half = await signed(hook, packed.slice(0, 12), { 'content-encoding': 'gzip' })
    expect([half.status, half.body.error.code]).toEqual([400, 'malformed_gzip'])
  })

  test('GitHub’s form is its payload: the filter sees it, and dedupe, and what was signed is the form', async () => {
    const hook = await aHook({ auth: { type: 'github' }, filter: 'body.action == "opened"' })
    const body = bytes(
      'payload=%7B%22action%22%3A+%22opened%22%2C+%22title%22%3A+%22Fix+the+%E2%80%9Cb%C3%BCg%E2%80%9D+%26+more%22%7D',
    )
    const answer = await signed(hook, body, { 'content-type': FORM, 'x-github-delivery': crypto.randomUUID() })
    expect(await inputOf(answer)).toEqual({ action: 'opened', title: 'Fix the “büg” & more' })
    expect(await deliveryOf(hook)).toMatchObject({ repaired: ['payload'], body: { action: 'opened' } })
  })

  test('the page says it in words', async () => {
    const { repairInWords } = await import('../../../src/intake/arrival/repair.ts')
    for (const repair of [
      'bom',
      'nul',
      'surrogate',
      'gzip',
      'payload',
      'json_as_text',
      'json_as_form',
      'charset:latin1',
    ])
      expect(repairInWords(repair)).not.toBe(repair)
  })
})

describe('multipart', () => {
  const part = (name: string, value: string | number[], more = '') =>
    bytes(`--X\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`, Array.from(bytes(value)), '\r\n')
  const PARTS = { 'content-type': 'multipart/form-data; boundary=X' }
  const all = (...parts: Uint8Array[]) => bytes(...parts.map(one => Array.from(one)), '--X--\r\n')

  test('files do not refuse the whole: what they are stands in their field', async () => {
    const hook = await aHook()
    const file = part('logo', [0xff, 0xd8, 0xff, 0x80], '; filename="lögo.jpg"\r\nContent-Type: image/jpeg')
    const answer = await send(hook, all(part('company', 'Wörld'), file), PARTS)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array([0xff, 0xd8, 0xff, 0x80])))
    const sha256 = Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
    const input = {
      company: 'Wörld',
      logo: { id: expect.any(String), name: 'lögo.jpg', type: 'image/jpeg', bytes: 4, sha256 },
    }
    expect(await inputOf(answer)).toEqual(input)
    const again = await team.call('POST', `/deliveries/${(await deliveryOf(hook)).id}/replay`)
    expect((await team.call('GET', `/tasks/${again.body.task.id}`)).body.input).toEqual(input)
  })

  test('each field in the charset that SendGrid’s `charsets` names', async () => {
    const hook = await aHook()
    const charsets = part('charsets', '{"subject":"UTF-8","text":"iso-8859-1"}')
    const answer = await send(hook, all(charsets, part('subject', 'Grüße'), part('text', [0x4d, 0xfc])), PARTS)
    expect(await inputOf(answer)).toMatchObject({ subject: 'Grüße', text: 'Mü' })
    expect((await deliveryOf(hook)).repaired).toEqual(['charset:iso-8859-1'])
  })
})

describe('numbers that a double cannot keep', () => {
  test('two ids beside each other are two tasks, exact to the digit everywhere', async () => {
    const map = { id: '{{ body.id }}', name: '{{ body.company }}' }
    const hook = await aHook({ dedupe: { path: 'id' }, map })
    const plain = await aHook({ dedupe: { path: 'id' } })
    const first = '{"id":8202522731445525542,"company":"Alder GmbH","n":3.14159265358979323846}'
    const second = '{"id":8202522731445525543,"company":"Birch Ltd"}'
    for (const one of [hook, plain]) {
      const [a, b, again] = [await send(one, first), await send(one, second), await send(one, first)]
      expect([a.body.duplicate, b.body.duplicate, again.body.duplicate]).toEqual([false, false, true])
      expect(a.body.task.id).not.toBe(b.body.task.id)
      expect(again.body.task.id).toBe(a.body.task.id)
      expect((await inputOf(a)).id).toBe('8202522731445525542')
      expect((await inputOf(b)).id).toBe('8202522731445525543')
    }
    expect((await deliveryOf(plain)).body.id).toMatch(/^820252273144552554[23]$/)
  })

  test('where the schema asks for a number, it is refused by the field’s name', async () => {
    const strict = await aWorkflow(team, { input: { type: 'object', properties: { id: { type: 'integer' } } } })
    for (const settings of [{}, { map: { id: '{{ body.id }}' } }]) {
      const answer = await send(await aHook(settings, strict), '{"id":8202522731445525542}')
      expect([answer.status, answer.body.error.code, answer.body.error.path]).toEqual([422, 'invalid_input', 'id'])
    }
    const form = await send(await aHook({}, strict), 'id=8202522731445525542', { 'content-type': FORM })
    expect([form.status, form.body.error.path]).toEqual([422, 'id'])
  })

  test('/api/v1 refuses it with its path, and a byte order mark, in YAML, too', async () => {
    const answer = await team.call('POST', `/workflows/${workflow}/tasks`, '{"input":{"ids":[1,8202522731445525542]}}')
    expect([answer.status, answer.body.error.code]).toEqual([422, 'json_number_inexact'])
    expect(answer.body.error.path).toBe('input.ids[1]')
    for (const type of [JSON_TYPE, 'application/yaml']) {
      const init = { method: 'POST', headers: { 'content-type': type, authorization: `Bearer ${team.key}` } }
      const marked = await fetchApi('/api/v1/workflows', { ...init, body: bytes([0xef, 0xbb, 0xbf], 'name: x') })
      expect([marked.status, marked.body.error.code], type).toEqual([400, 'byte_order_mark'])
    }
  })
})

describe('a refused delivery is kept whole, and can be sent again once its reason is gone', () => {
  const replay = async (hook: Hook) => {
    const { id } = await deliveryOf(hook, 'refused')
    const again = await team.call('POST', `/deliveries/${id}/replay`)
    expect([again.status, again.body.verdict], again.text).toEqual([200, 'accepted'])
    return (await team.call('GET', `/tasks/${again.body.task.id}`)).body.input
  }
  const LONG = 'ü€'.repeat(50_000)

  test('a wrong signature, packed, of 100,000 characters', async () => {
    const hook = await aHook({ auth: { type: 'github' }, map: { n: '{{ body.text | size }}' } })
    const packed = await gzipped(bytes(JSON.stringify({ text: LONG })))
    const answer = await send(hook, packed, { 'content-encoding': 'gzip', 'x-hub-signature-256': 'sha256=00' })
    expect(answer.status).toBe(401)
    expect(await replay(hook)).toEqual({ n: 100_000 })
  })

  test('a key that was wrong', async () => {
    const hook = await aHook({ auth: { type: 'key' } })
    expect((await send(hook, '{"a":1}', { authorization: 'Bearer btn_x' })).status).toBe(401)
    expect(await replay(hook)).toEqual({ a: 1 })
  })

  test('against the schema, larger than a row takes', async () => {
    const strict = await aWorkflow(team, { input: { type: 'object', required: ['n'] } })
    const hook = await aHook({}, strict)
    const answer = await send(hook, JSON.stringify({ text: LONG }))
    expect(answer.status).toBe(422)
    const { id } = await deliveryOf(hook, 'refused')
    const whole = await team.call('GET', `/deliveries/${id}`)
    expect([whole.body.cut, whole.body.body.text.length]).toEqual([undefined, 100_000])
    await team.call('PATCH', `/intakes/${hook.id}`, { map: { n: '{{ body.text | size }}' } })
    expect(await replay(hook)).toEqual({ n: 100_000 })
  })

  test('but a stranger cannot fill the database: beyond a day’s share only the beginning is kept', async () => {
    const { DAILY_BYTES } = await import('../../../src/records/intake/delivery-bodies.ts')
    const hook = await aHook({ auth: { type: 'github' } })
    await env.DB.prepare('INSERT INTO delivery_bodies (delivery, team, bytes, body) VALUES (?1, ?2, ?3, ?4)')
      .bind(
        `dlv_${hook.id.slice(4)}${Date.now().toString(16).padStart(11, '0')}aaaaaaaa`,
        team.id,
        DAILY_BYTES,
        new Uint8Array(1),
      )
      .run()
    expect((await send(hook, JSON.stringify({ text: LONG }))).status).toBe(401)
    const { id } = await deliveryOf(hook, 'refused')
    const again = await team.call('POST', `/deliveries/${id}/replay`)
    expect([again.status, again.body.error.code]).toEqual([409, 'body_not_kept'])
  })
})

describe('what is verified is what is used', () => {
  const standard = (hook: Hook, family: 'webhook' | 'svix', body: string, more: Record<string, string> = {}) => {
    const at = String(Math.floor(Date.now() / 1000))
    const key = Buffer.from(hook.secret.slice('whsec_'.length), 'base64')
    const signature = createHmac('sha256', key).update(`msg_1.${at}.${body}`).digest('base64')
    const own = { [`${family}-id`]: 'msg_1', [`${family}-timestamp`]: at, [`${family}-signature`]: `v1,${signature}` }
    return send(hook, body, { ...own, ...more })
  }

  test('an unsigned webhook-id beside a signed svix-id makes no second task', async () => {
    const hook = await aHook({ auth: { type: 'standard-webhooks' } })
    const first = await standard(hook, 'svix', '{"a":1}')
    const ids = await Promise.all(
      [1, 2, 3, 4, 5].map(async n => {
        const { body } = await standard(hook, 'svix', '{"a":1}', { 'webhook-id': `forged-${n}` })
        return [body.task.id, body.duplicate]
      }),
    )
    expect(ids).toEqual(Array(5).fill([first.body.task.id, true]))
  })

  test('GitHub’s GUID is not signed: the same signed body under others is the same delivery', async () => {
    const hook = await aHook({ auth: { type: 'github' } })
    const body = bytes('{"action":"opened","at":"now"}')
    const first = await signed(hook, body, { 'x-github-delivery': 'guid-1' })
    const second = await signed(hook, body, { 'x-github-delivery': 'guid-2' })
    const none = await signed(hook, body)
    expect([second, none].map(one => [one.body.task.id, one.body.duplicate])).toEqual(
      Array(2).fill([first.body.task.id, true]),
    )
    const other = await signed(hook, bytes('{"action":"closed"}'), { 'x-github-delivery': 'guid-1' })
    expect([other.body.task.id, other.body.duplicate]).toEqual([first.body.task.id, true])
    const third = await signed(hook, bytes('{"action":"closed","n":2}'), { 'x-github-delivery': 'guid-3' })
    expect(third.body.duplicate).toBe(false)
    expect((await deliveryOf(hook, 'duplicate')).reason).toMatch(/^same_(message|id): /)
  })

  test('the delivery says why it counts as one that came before', async () => {
    const why = async (hook: Hook, again: () => Promise<Answer>) => {
      await again()
      const answer = await again()
      expect([answer.status, answer.body.duplicate]).toEqual([202, true])
      return (await deliveryOf(hook, 'duplicate')).reason
    }
    const github = await aHook({ auth: { type: 'github' } })
    let n = 0
    expect(await why(github, () => signed(github, bytes('{}'), { 'x-github-delivery': `g-${n++}` }))).toMatch(
      /^same_message: .*10 minutes/,
    )
    const redelivered = await aHook({ auth: { type: 'github' } })
    expect(await why(redelivered, () => signed(redelivered, bytes('{}'), { 'x-github-delivery': 'g' }))).toMatch(
      /^same_id: /,
    )
    const open = await aHook()
    expect(await why(open, () => send(open, '{}', { 'idempotency-key': 'k' }))).toMatch(/^same_key: /)
    const mine = await aHook({ auth: { type: 'github' }, dedupe: { path: 'id' } })
    expect(await why(mine, () => signed(mine, bytes(`{"id":1,"n":${n++}}`)))).toMatch(/^same_dedupe: /)
  })

  test('the owner’s own rule tells apart what is signed alike', async () => {
    const hook = await aHook({ auth: { type: 'github' }, dedupe: { header: 'x-mine' } })
    const ids = ['1', '2', '1'].map(async mine => (await signed(hook, bytes('{}'), { 'x-mine': mine })).body.task.id)
    const [one, two, again] = await Promise.all(ids)
    expect([one === two, one === again]).toEqual([false, true])
    const none = await Promise.all([1, 2].map(() => signed(hook, bytes('{"no":"value"}'))))
    expect(none[0]!.body.task.id).toBe(none[1]!.body.task.id)
  })

  test('what a service signs without an id makes one task, whatever stands beside it', async () => {
    const at = String(Math.floor(Date.now() / 1000))
    const of = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex')
    const signers: [auth: object, (secret: string) => Record<string, string>][] = [
      [{ type: 'hmac', header: 'x-sign' }, secret => ({ 'x-sign': of(secret, '{}') })],
      [
        { type: 'hmac', preset: 'zoom' },
        secret => ({ 'x-zm-request-timestamp': at, 'x-zm-signature': `v0=${of(secret, `v0:${at}:{}`)}` }),
      ],
      [{ type: 'stripe' }, secret => ({ 'stripe-signature': `t=${at},v1=${of(secret, `${at}.{}`)}` })],
      [
        { type: 'slack' },
        secret => ({ 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${of(secret, `v0:${at}:{}`)}` }),
      ],
    ]
    for (const [auth, headersOf] of signers) {
      const hook = await aHook({ auth })
      const headers = headersOf(hook.secret)
      const first = await send(hook, '{}', headers)
      for (const [key, id] of ['', 'a', 'b'].map(key => [key, `${key}-id`])) {
        const beside: Record<string, string> = key ? { 'idempotency-key': key, 'webhook-id': id! } : {}
        const again = await send(hook, '{}', { ...headers, ...beside })
        expect([again.status, again.body.task?.id], JSON.stringify([auth, beside])).toEqual([202, first.body.task.id])
      }
    }
  })

  test('an Idempotency-Key of one who signs counts for what was not signed alike before', async () => {
    const hook = await aHook({ auth: { type: 'github' } })
    const keyed = (body: string, key: string) => signed(hook, bytes(body), { 'idempotency-key': key })
    const first = await keyed('{"n":1}', 'k')
    const again = await keyed('{"n":1}', 'k')
    expect([again.body.task.id, again.body.duplicate]).toEqual([first.body.task.id, true])
    expect((await keyed('{"n":2}', 'k')).body.error.code).toBe('idempotency_mismatch')
    // Long after, when the same content alone no longer tells, the key does.
    await env.DB.prepare('DELETE FROM signed_bodies').run()
    expect((await keyed('{"n":1}', 'k')).body.task.id).toBe(first.body.task.id)
    expect((await keyed('{"n":1}', 'other')).body.task.id).toBe(first.body.task.id)
    expect((await signed(hook, bytes('{"n":1}'))).body.task.id).toBe(first.body.task.id)
  })
})

test('a form of more fields than anyone fills in is refused before each of them costs its part', async () => {
  const hook = await aHook()
  const part = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'
  for (const [type, body] of [
    [FORM, 'a=1&'.repeat(200_000)],
    [FORM, '&'.repeat(200_000)],
    ['multipart/form-data; boundary=b', `${part.repeat(2001)}--b--`],
  ] as const) {
    const answer = await send(hook, body, { 'content-type': type })
    expect([answer.status, answer.body.error?.code]).toEqual([422, 'too_many_fields'])
  }
  const many = await send(hook, 'a=1&'.repeat(2000), { 'content-type': FORM })
  expect((await inputOf(many)).a).toHaveLength(2000)
  const parts = await send(hook, `${part.repeat(300)}--b--`, { 'content-type': 'multipart/form-data; boundary=b' })
  expect((await inputOf(parts)).a).toHaveLength(300)
})

describe('senders that only ask', () => {
  test('GitHub’s ping is 200, noted, and no task', async () => {
    const hook = await aHook({ auth: { type: 'github' } })
    const answer = await signed(hook, bytes('{"zen":"Keep it logically awesome.","hook_id":1}'), {
      'x-github-event': 'ping',
    })
    expect([answer.status, answer.body.skipped]).toEqual([200, true])
    expect((await deliveryOf(hook, 'skipped')).reason).toContain('ping')
  })

  test('GitHub’s own examples are what the task gets, as JSON and as a form, and again none (the others: tests/node/suites)', async () => {
    const hook = await aHook({ auth: { type: 'github' } })
    const events = (examples as unknown as { name: string; examples: Json[] }[]).filter(({ name }) =>
      ['push', 'issues', 'pull_request', 'workflow_run'].includes(name),
    )
    for (const { name, examples: some } of notEmpty(events)) {
      const [payload] = some
      const text = JSON.stringify(payload)
      const form = new URLSearchParams({ payload: text }).toString()
      for (const [type, body] of [
        [JSON_TYPE, text],
        [FORM, form],
      ] as const) {
        const headers = { 'content-type': type, 'x-github-event': name, 'x-github-delivery': `${name}-${type}` }
        const came = await signed(hook, bytes(body), headers)
        expect([name, came.status, came.body.duplicate]).toEqual([name, 202, false])
        expect(JSON.stringify(await inputOf(came))).toBe(text)
        const again = await signed(hook, bytes(body), headers)
        expect(again.body).toEqual({ ...came.body, duplicate: true })
      }
    }
  })

  test.each([
    ['Meta', '?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1158201444', '1158201444'],
    ['Dropbox', '?challenge=abc', 'abc'],
    ['Slack’s certificate check', '?ssl_check=1&token=x', ''],
  ])('%s asks by GET and gets its own words as text', async (_name, query, text) => {
    const hook = await aHook()
    const answer = await fetchApi(`${hook.path}${query}`)
    expect([answer.status, answer.text]).toEqual([200, text])
    expect(answer.headers.get('content-type')).toContain('text/plain')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await fetchApi(`/in/int_${'a'.repeat(20)}${query}`)).status).toBe(404)
    expect((await fetchApi(hook.path)).status).toBe(404)
  })

  test('Microsoft Graph’s validationToken and Asana’s X-Hook-Secret are echoed', async () => {
    const hook = await aHook()
    const graph = await fetchApi(`${hook.path}?validationToken=a%20b`, { method: 'POST' })
    expect([graph.status, graph.text]).toEqual([200, 'a b'])
    const asana = await fetchApi(hook.path, { method: 'POST', headers: { 'x-hook-secret': 's3cret' } })
    expect([asana.status, asana.headers.get('x-hook-secret')]).toEqual([200, 's3cret'])
    const told = await team.call('GET', `/intakes/${hook.id}/deliveries`)
    expect(told.text).not.toContain('s3cret')
  })

  test('Slack’s commands are 200 with words for whoever typed them, and once by trigger_id', async () => {
    const hook = await aHook({ auth: { type: 'slack' } })
    const slack = (body: string) => {
      const at = String(Math.floor(Date.now() / 1000))
      const signature = createHmac('sha256', hook.secret).update(`v0:${at}:${body}`).digest('hex')
      const headers = { 'content-type': FORM, 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${signature}` }
      return send(hook, body, headers)
    }
    const typed = 'command=%2Fticket&text=Broken+lamp&trigger_id=1.2.abc'
    const [first, again] = [await slack(typed), await slack(typed)]
    expect([first.status, first.body.text, first.body.duplicate]).toEqual([200, 'Received.', false])
    expect([again.status, again.body.task.id, again.body.duplicate]).toEqual([200, first.body.task.id, true])
    const button = await slack(`payload=${encodeURIComponent('{"type":"block_actions","trigger_id":"3.4.x"}')}`)
    expect([button.status, button.body.duplicate]).toEqual([200, false])
    const check = await fetchApi(hook.path, {
      method: 'POST',
      headers: { 'content-type': FORM },
      body: 'token=x&ssl_check=1',
    })
    expect([check.status, check.text]).toEqual([200, ''])
  })
})

test('a secret counts as it was pasted: with its version, blanks, or as plain text', async () => {
  const base64 = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')
  const raw = 'plainTextSecret1234'
  for (const [pasted, key] of [
    [`v1,whsec_${base64}`, Buffer.from(base64, 'base64')],
    [`  whsec_${base64.slice(0, 10)}\n ${base64.slice(10)} `, Buffer.from(base64, 'base64')],
    [base64, Buffer.from(base64, 'base64')],
    [raw, Buffer.from(raw)],
    [`${raw}-!`, Buffer.from(`${raw}-!`)],
  ] as const) {
    const hook = await aHook({ auth: { type: 'standard-webhooks', secret: pasted } })
    const at = String(Math.floor(Date.now() / 1000))
    const signature = createHmac('sha256', key).update(`m.${at}.{}`).digest('base64')
    const headers = { 'webhook-id': 'm', 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` }
    expect((await send(hook, '{}', headers)).status, pasted).toBe(202)
  }
})

test('an intake’s limit counts what is new: a delivery that comes again is answered as then', async () => {
  const hook = await aHook({ limit: { count: 2, seconds: 3600 }, dedupe: { path: 'id' } })
  const first = await send(hook, '{"id":1}')
  for (let n = 0; n < 4; n++) {
    const again = await send(hook, '{"id":1}')
    expect([again.status, again.body.task?.id]).toEqual([202, first.body.task.id])
  }
  expect((await send(hook, '{"id":2}')).status).toBe(202)
  expect((await send(hook, '{"id":3}')).status).toBe(429)
})

test('addresses work with a slash at their end', async () => {
  const hook = await aHook()
  expect((await send({ ...hook, path: `${hook.path}/` }, '{}')).status).toBe(202)
  const form = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'form' })
  expect((await fetchApi(`${new URL(form.body.url).pathname}/`)).status).toBe(200)
  expect((await fetchApi('/a/forged/')).status).toBe(403)
})

describe('known services by name', () => {
  const hmac = (key: string, message: string, as: 'hex' | 'base64') =>
    createHmac('sha256', key).update(message).digest(as)
  const SECRET = 'a-secret-of-the-service'
  const named = (preset: string) => aHook({ auth: { type: 'hmac', preset, secret: SECRET } })

  test('GitLab’s token, Square’s signed address, and Twitch’s signed id, which counts once', async () => {
    const gitlab = await named('gitlab')
    expect((await send(gitlab, '{}', { 'x-gitlab-token': SECRET })).status).toBe(202)
    expect((await send(gitlab, '{}', { 'x-gitlab-token': `${SECRET}x` })).status).toBe(401)
    const square = await named('square')
    const signature = (path: string) => ({
      'x-square-hmacsha256-signature': hmac(SECRET, `https://baton.test${path}{}`, 'base64'),
    })
    expect((await send(square, '{}', signature(square.path))).status).toBe(202)
    expect((await send(square, '{}', signature(gitlab.path))).status).toBe(401)
    const twitch = await named('twitch')
    const at = new Date().toISOString()
    const of = (id: string) => ({
      'twitch-eventsub-message-id': id,
      'twitch-eventsub-message-timestamp': at,
      'twitch-eventsub-message-signature': `sha256=${hmac(SECRET, `${id}${at}{}`, 'hex')}`,
    })
    const [first, again, other] = [
      await send(twitch, '{}', of('1')),
      await send(twitch, '{}', of('1')),
      await send(twitch, '{}', of('2')),
    ]
    expect([again.body.task.id, again.body.duplicate]).toEqual([first.body.task.id, true])
    expect(other.body.duplicate).toBe(false)
  })

  test('Basic by its wire, with blanks in the password; no header with a token is kept', async () => {
    const basic = await aHook({ auth: { type: 'hmac', preset: 'basic', secret: ' baton:open  sesame, ü ' } })
    const of = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
    expect((await send(basic, '{}', of('baton:open  sesame, ü'))).status).toBe(202)
    expect((await send(basic, '{}', of('baton:open sesame, ü'))).status).toBe(401)
    const rotated = await team.call('POST', `/intakes/${basic.id}/rotate`, { secret: 'baton:another one' })
    expect(rotated.status, rotated.text).toBe(200)
    expect((await send(basic, '{}', of('baton:another one'))).status).toBe(202)

    const own = { type: 'hmac', header: 'X-Who', algorithm: 'token', encoding: 'text', secret: 'who goes there' }
    const token = await aHook({ auth: own })
    expect((await send(token, '{}', { 'x-who': 'who goes there' })).status).toBe(202)
    expect((await send(token, '{}', { 'x-who': 'who went there' })).status).toBe(401)
    await deliveryOf(token, 'refused')
    const told = await team.call('GET', `/intakes/${token.id}/deliveries`)
    expect(told.text).not.toMatch(/who (goes|went) there/)
  })

  test('Zoom’s and Twitch’s challenges are answered once they are proven, and Intercom’s ping', async () => {
    const zoom = await named('zoom')
    const at = String(Math.floor(Date.now() / 1000))
    const asZoom = (body: string, secret = SECRET) =>
      send(zoom, body, {
        'x-zm-request-timestamp': at,
        'x-zm-signature': `v0=${hmac(secret, `v0:${at}:${body}`, 'hex')}`,
      })
    const asks = (plainToken: string) => JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken } })
    const plainToken = 'qgg8vlvZRS6UYooatFL8Aw'
    const answer = await asZoom(asks(plainToken))
    expect([answer.status, answer.body]).toEqual([200, { plainToken, encryptedToken: hmac(SECRET, plainToken, 'hex') }])
    expect((await deliveryOf(zoom, 'skipped')).reason).toContain('Zoom')
    expect((await asZoom(asks(plainToken), 'another-secret')).status).toBe(401)
    // What reads like something that Zoom signs is signed for nobody.
    expect((await asZoom(asks(`v0:${at}:{}`))).text).not.toContain('encryptedToken')

    const twitch = await named('twitch')
    const asTwitch = (body: string, secret = SECRET) =>
      send(twitch, body, {
        'twitch-eventsub-message-id': 'm',
        'twitch-eventsub-message-timestamp': new Date(Number(at) * 1000).toISOString(),
        'twitch-eventsub-message-type': 'webhook_callback_verification',
        'twitch-eventsub-message-signature': `sha256=${hmac(secret, `m${new Date(Number(at) * 1000).toISOString()}${body}`, 'hex')}`,
      })
    const challenge = '{"challenge":"pogchamp-kappa","subscription":{"status":"webhook_callback_verification_pending"}}'
    const seen = await asTwitch(challenge)
    expect([seen.status, seen.text]).toEqual([200, 'pogchamp-kappa'])
    expect(seen.headers.get('content-type')).toContain('text/plain')
    expect((await asTwitch(challenge, 'another-secret')).status).toBe(401)
    expect((await asTwitch('{"subscription":{},"event":{"user":"a"}}')).status).toBe(202)

    const intercom = await named('intercom')
    const ping = '{"type":"notification_event","topic":"ping"}'
    const signature = createHmac('sha1', SECRET).update(ping).digest('hex')
    const pinged = await send(intercom, ping, { 'x-hub-signature': `sha1=${signature}` })
    expect([pinged.status, pinged.body.skipped]).toEqual([200, true])
  })

  test('Asana’s secret is taken in its handshake: the first, and no other until its owner rotates it', async () => {
    const asana = await aHook({ auth: { type: 'hmac', preset: 'asana' } })
    expect(asana.secret).toBeUndefined()
    const offer = (secret: string) => fetchApi(asana.path, { method: 'POST', headers: { 'x-hook-secret': secret } })
    const event = (secret: string, n: number) =>
      send(asana, `{"n":${n}}`, { 'x-hook-signature': hmac(secret, `{"n":${n}}`, 'hex') })
    expect((await event('a'.repeat(32), 0)).body.error.code).toBe('no_secret_yet')
    expect((await offer('short')).body.error.code).toBe('bad_offer')

    const secrets = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(32))
    const answers = await Promise.all(secrets.map(offer))
    expect(answers.map(one => one.status).sort()).toEqual([200, 409, 409, 409])
    const mine = secrets[answers.findIndex(one => one.status === 200)]!
    const other = secrets.find(secret => secret !== mine)!
    expect(answers.find(one => one.status === 200)!.headers.get('x-hook-secret')).toBe(mine)
    expect(answers.find(one => one.status === 409)!.body.error.code).toBe('secret_set')
    expect((await event(mine, 1)).status).toBe(202)
    expect((await event(other, 2)).status).toBe(401)
    // Asana asks again when its webhook is changed; what it offers then is what is known.
    const again = await offer(mine)
    expect([again.status, again.headers.get('x-hook-secret')]).toEqual([200, mine])
    expect((await deliveryOf(asana, 'skipped')).reason).toContain('x-hook-secret')
    const told = await team.call('GET', `/intakes/${asana.id}`)
    expect(told.body.auth.secrets).toEqual([{ version: 1, until: null, offeredAt: expect.any(String) }])
    for (const path of ['', '/deliveries'])
      expect((await team.call('GET', `/intakes/${asana.id}${path}`)).text).not.toContain(mine)

    const rotated = await team.call('POST', `/intakes/${asana.id}/rotate`)
    expect([rotated.status, rotated.body.secret], rotated.text).toEqual([200, undefined])
    expect((await event(mine, 3)).status).toBe(202)
    expect((await offer(other)).status).toBe(200)
    expect((await event(other, 4)).status).toBe(202)
    expect((await event(mine, 5)).status).toBe(202)
    expect((await offer(mine)).status).toBe(409)

    const given = await aHook({ auth: { type: 'hmac', preset: 'asana', secret: SECRET } })
    const offered = await fetchApi(given.path, { method: 'POST', headers: { 'x-hook-secret': mine } })
    expect([offered.status, offered.headers.get('x-hook-secret')]).toEqual([409, null])
    const moved = await team.call('PATCH', `/intakes/${given.id}`, { auth: { type: 'hmac', preset: 'linear' } })
    expect(moved.body.secret).toEqual(expect.any(String))
  })

  test('settings are told in full; a name that is none, or a use of what is not signed, is refused', async () => {
    const made = await named('paddle')
    const read = (await team.call('GET', `/intakes/${made.id}`)).body.auth
    expect(read).toMatchObject({ preset: 'paddle', field: 'h1', timestampField: 'ts', signed: '{timestamp}:{body}' })
    const renamed = await team.call('PATCH', `/intakes/${made.id}`, { name: 'Paddle' })
    expect([renamed.status, renamed.body.auth.field], renamed.text).toEqual([200, 'h1'])
    for (const [auth, path] of [
      [{ type: 'hmac', preset: 'nobody' }, 'auth.preset'],
      [{ type: 'hmac' }, 'auth.header'],
      [{ type: 'hmac', header: 'x-sign', timestamp: 'x-time', signed: '{body}' }, 'auth.signed'],
      [{ type: 'hmac', preset: 'gitlab', secretHeader: 'x-hook-secret' }, 'auth.secretHeader'],
    ] as const) {
      const wrong = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', auth })
      expect([wrong.status, wrong.body.error.path], wrong.text).toEqual([422, path])
    }
  })
})
