/** The one place that calls the outside: redirects, sizes, kinds of answers, and what a service may not do with them. */
import { afterEach, expect, test } from 'vitest'
import type { RenderedCall } from '../../../src/domain/call/render.ts'
import { callOut, setNetwork } from '../../../src/execution/egress/call-out.ts'
import { env, TEAM } from '../../support/engine.ts'
import { json, outsideAnswers } from '../../support/outside.ts'

afterEach(() => setNetwork(null))

const deployed = { ...env, BATON_LOCAL: '' }

function call(over: Partial<RenderedCall> = {}): RenderedCall {
  return {
    method: 'GET',
    url: 'https://a.example/x',
    query: {},
    headers: {},
    ok: null,
    key: null,
    safe: true,
    token: 't',
    ...over,
  }
}

function out(over: Partial<RenderedCall> = {}, timeoutMs = 5000) {
  return callOut(deployed, TEAM, { call: call(over), key: 'key_1', timeoutMs })
}

const to = (location: string, status = 302) => new Response(null, { status, headers: { location } })

test('redirects are followed by hand, and headers stay with the host they were meant for', async () => {
  const { heard } = outsideAnswers(({ url }) =>
    url.includes('a.example') ? to('https://b.example/y') : json({ ok: true }),
  )
  expect(await out({ headers: { authorization: 'Bearer x', 'x-own': '1' } })).toMatchObject({
    kind: 'answered',
    answer: { body: { ok: true } },
  })
  expect(heard[0]!.headers).toMatchObject({ authorization: 'Bearer x', 'x-own': '1' })
  expect(heard[1]!.headers.authorization).toBeUndefined()
  expect(heard[1]!.headers['x-own']).toBeUndefined()
})

test('on the same host headers and body go along', async () => {
  const { heard } = outsideAnswers(({ url }) => (url.endsWith('/x') ? to('/y', 307) : json({})))
  await out({ method: 'POST', body: { a: 1 }, headers: { authorization: 'Bearer x' } })
  expect(heard[1]).toMatchObject({
    method: 'POST',
    url: 'https://a.example/y',
    body: '{"a":1}',
    headers: { authorization: 'Bearer x' },
  })
})

test.each([
  ['to a private name', 'https://db.internal/'],
  ['to a number', 'https://169.254.169.254/'],
  ['to another scheme', 'http://a.example/'],
  ['to another port', 'https://a.example:8443/'],
  ['to what is no address', 'https://'],
])('a redirect %s is refused', async (_name, location) => {
  const { heard } = outsideAnswers(() => to(location))
  expect(await out()).toMatchObject({ kind: 'failed', code: 'redirect_refused', reached: true })
  expect(heard).toHaveLength(1)
})

test('what was meant for one host is not handed to another', async () => {
  const { heard } = outsideAnswers(() => to('https://b.example/', 307))
  expect(await out({ method: 'POST', body: { iban: 'DE1' } })).toMatchObject({ code: 'redirect_refused' })
  expect(heard).toHaveLength(1)
})

test('a circle of redirects ends', async () => {
  const { heard } = outsideAnswers(() => to('https://a.example/x'))
  expect(await out()).toMatchObject({ kind: 'failed', code: 'redirect_refused' })
  expect(heard).toHaveLength(4)
})

test('an answer without end is cut, and one that is too large is not kept', async () => {
  let sent = 0
  const endless = new ReadableStream({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(97))
    },
  })
  outsideAnswers(() => new Response(endless, { headers: { 'content-type': 'text/plain' } }))
  expect(await out()).toMatchObject({ kind: 'failed', code: 'answer_too_large' })
  expect(sent).toBeLessThan(3 * 1024 * 1024)
  outsideAnswers(() => new Response('a'.repeat(300 * 1024)))
  expect(await out()).toMatchObject({ code: 'answer_too_large' })
})

test.each<[string, () => Response, unknown]>([
  ['nothing', () => new Response(null, { status: 204 }), null],
  ['an empty body', () => new Response(''), null],
  ['text', () => new Response('Grüße'), 'Grüße'],
  [
    'text in Latin-1',
    () => new Response(new Uint8Array([0x47, 0xfc]), { headers: { 'content-type': 'text/plain; charset=iso-8859-1' } }),
    'Gü',
  ],
  ['JSON', () => json({ a: [1] }), { a: [1] }],
  [
    'JSON of a vendor',
    () => new Response('{"a":1}', { headers: { 'content-type': 'application/vnd.api+json' } }),
    { a: 1 },
  ],
  [
    'what says it is JSON and is not',
    () => new Response('oops', { headers: { 'content-type': 'application/json' } }),
    'oops',
  ],
  [
    'a number that a double cannot hold',
    () => new Response('{"id":12345678901234567890}', { headers: { 'content-type': 'application/json' } }),
    { id: '12345678901234567890' },
  ],
])('%s is read as what it is', async (_name, answer, body) => {
  outsideAnswers(answer)
  expect(await out()).toMatchObject({ kind: 'answered', answer: { body } })
})

test.each<[string, Response]>([
  ['an image', new Response(new Uint8Array([137, 80, 78, 71]), { headers: { 'content-type': 'image/png' } })],
  [
    'bytes that say they are text',
    new Response(new Uint8Array([65, 0, 66]), { headers: { 'content-type': 'text/plain' } }),
  ],
])('%s cannot be read', async (_name, answer) => {
  outsideAnswers(() => answer)
  expect(await out()).toMatchObject({ kind: 'failed', code: 'unreadable_body' })
})

test('cookies are not kept, headers are bounded', async () => {
  outsideAnswers(() => json({}, 200, { 'set-cookie': 'session=1', 'x-long': 'a'.repeat(9000), 'x-a': '1' }))
  const outcome = await out()
  if (outcome.kind !== 'answered') throw new Error(outcome.message)
  expect(outcome.answer.headers['set-cookie']).toBeUndefined()
  expect(JSON.stringify(outcome.answer.headers).length).toBeLessThan(8300)
})

test('a service that does not answer, or says when to come back', async () => {
  outsideAnswers(() => new Promise(() => {}))
  setNetwork(
    ((_url: string, { signal }: RequestInit) =>
      new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))) as typeof fetch,
  )
  expect(await out({}, 50)).toMatchObject({ kind: 'failed', code: 'timeout', reached: true })
  outsideAnswers(() => json({}, 429, { 'retry-after': '7' }))
  expect(await out()).toMatchObject({ answer: { status: 429 }, retryAfterMs: 7000 })
})

test('what belongs to the connection is not a caller’s to set', async () => {
  const { heard } = outsideAnswers(() => json({}))
  await out({
    method: 'POST',
    headers: { Host: 'evil.example', 'Content-Length': '0', 'X-A': '1' },
    body: 'text',
    key: 'Idempotency-Key',
  })
  expect(heard[0]).toMatchObject({
    url: 'https://a.example/x',
    body: 'text',
    headers: { 'x-a': '1', 'idempotency-key': 'key_1' },
  })
  expect(heard[0]!.headers.host ?? 'a.example').not.toContain('evil')
})
