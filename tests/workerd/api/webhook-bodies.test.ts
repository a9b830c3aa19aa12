/** Bad inputs at /in/:intake, for every type of body: refused with a code and a hint, at once, and nothing comes of them. */
import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, aTeam, aWorkflow, env, fetchApi, type Team } from './client.ts'

let team: Team
let open: string
let signed: { path: string; secret: string }
beforeAll(async () => {
  team = await aTeam()
  // Whatever can be read would be taken.
  const workflow = await aWorkflow(team, { input: { type: 'object', not: { required: ['refuse'] } } })
  const make = async (auth: object) =>
    (await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', auth })).body
  open = `/in/${(await make({ type: 'open' })).id}`
  const github = await make({ type: 'github' })
  signed = { path: `/in/${github.id}`, secret: github.secret }
})

const made = async () =>
  JSON.stringify(
    await env.DB.batch(
      ['tasks', 'held', 'audit', 'intakes'].map(table =>
        env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE team = ?1`).bind(team.id),
      ),
    ).then(all => all.map(one => one.results)),
  )

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(parts.flatMap(part => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)))
const multipart = (value: string | number[], name = 'a') =>
  bytes(`--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`, value, '\r\n--X--\r\n')
const FORM = 'application/x-www-form-urlencoded'
const PARTS = 'multipart/form-data; boundary=X'
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

type Bad = [name: string, type: string, body: BodyInit, statuses: number[], headers?: Record<string, string>]
const BAD: Bad[] = [
  ['an empty body', 'application/json', '', [400]],
  ['an empty body', FORM, '', [400]],
  ['an empty body', PARTS, '', [400]],
  ['an empty body', 'text/plain', ' \n', [400]],
  ['truncated', 'application/json', '{"a":', [400]],
  ['truncated', FORM, 'a=%E4%B', [400]],
  ['truncated', PARTS, '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalu', [400]],
  ['no part at all', PARTS, 'a=1', [400]],
  ['no boundary', 'multipart/form-data', multipart('x'), [400]],
  ['not UTF-8', 'application/json', bytes('{"a":"', [0xc3, 0x28], '"}'), [400]],
  ['not UTF-8', FORM, 'a=%ff%fe', [400]],
  ['not UTF-8', FORM, bytes('a=', [0xff]), [400]],
  ['not UTF-8', PARTS, multipart([0xc3, 0x28]), [400]],
  ['not UTF-8', 'text/plain', bytes('a', [0xff, 0xfe]), [400]],
  ['a byte order mark alone', 'application/json', bytes([0xef, 0xbb, 0xbf]), [400]],
  ['the wrong kind of value', 'application/json', '[]', [422]],
  ['an escape that is none', FORM, 'a=%zz', [400]],
  ['another type', 'application/xml', '<a/>', [415]],
  ['no type', '', bytes('{"a":1}'), [415]],
  ['a charset that is none', 'text/plain; charset=klingon', 'a', [415]],
  ['not its charset', 'text/plain; charset=utf-16', 'a=1', [400]],
  ['half of gzip', FORM, bytes([0x1f, 0x8b, 8, 0]), [400], { 'content-encoding': 'gzip' }],
  ['another packing', FORM, 'a=1', [415], { 'content-encoding': 'br' }],
  ['too large', FORM, `a=${'x'.repeat(1_100_000)}`, [413]],
  ['too large', 'text/plain', 'x'.repeat(1_100_000), [413]],
  ['too large', PARTS, multipart('x'.repeat(1_100_000)), [413]],
  ['too large an input', FORM, `a=${'x'.repeat(300_000)}`, [422]],
  ['too large an input', 'text/plain', 'x'.repeat(300_000), [422]],
  ['a length that lies', FORM, `a=${'x'.repeat(1_100_000)}`, [400, 413], { 'content-length': '3' }],
  ['deep nesting', 'application/json', `{"a":${deep(40)}}`, [422]],
  ['too many values', FORM, Array.from({ length: 20_001 }, (_, n) => `a${n}=1`).join('&'), [422]],
  ['a number beyond all', 'application/json', '{"a":1e999}', [422]],
  ['NaN', 'application/json', '{"a":NaN}', [400]],
  ['half a surrogate pair', FORM, 'a=%ED%A0%80', [400]],
  ['a key twice', 'application/json', '{"a":1,"a":2}', [422]],
  ['__proto__', 'application/json', '{"__proto__":{"admin":true}}', [422]],
  ['__proto__', FORM, '__proto__=1', [422]],
  ['constructor', FORM, 'constructor=1&a=2', [422]],
  ['__proto__', PARTS, multipart('1', '__proto__'), [422]],
]

describe.each(BAD)('%s as %s', (_name, type, body, statuses, headers = {}) => {
  const check = (answer: Answer, took: number) => {
    expect(answer.status, answer.text).toBeOneOf(statuses)
    const { error } = answer.body
    expect(error).toMatchObject({ code: expect.stringMatching(/^[a-z][a-z0-9_]+$/), hint: expect.any(String) })
    expect(answer.text.length).toBeLessThan(6000)
    expect(took).toBeLessThan(2000)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  }

  test('is refused and makes nothing', async () => {
    const before = await made()
    const began = Date.now()
    check(
      await fetchApi(open, { method: 'POST', headers: { 'content-type': type, ...headers }, body }),
      Date.now() - began,
    )
    expect(await made()).toBe(before)
  })

  test('is refused even when it is signed', async () => {
    const raw = typeof body === 'string' ? new TextEncoder().encode(body) : (body as Uint8Array)
    const signature = createHmac('sha256', signed.secret).update(raw).digest('hex')
    const all = { 'content-type': type, 'x-hub-signature-256': `sha256=${signature}`, ...headers }
    check(await fetchApi(signed.path, { method: 'POST', headers: all, body }), 0)
  })
})

test('what is odd but harmless is kept as it is', async () => {
  const values = [
    '=HYPERLINK("http://evil.test")',
    'x\r\nSet-Cookie: a=b',
    'abc\u202egnp.exe',
    '../../etc/passwd',
    '{{ steps }}',
    '👩‍🚀',
  ]
  for (const value of values) {
    const body = new URLSearchParams({ value })
    const answer = await fetchApi(open, { method: 'POST', body })
    expect(answer.status, answer.text).toBe(202)
    expect((await team.call('GET', `/tasks/${answer.body.task.id}`)).body.input).toEqual({ value })
  }
})
