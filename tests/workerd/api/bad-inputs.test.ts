/** Bad inputs: every class at every way in is refused with a code and a hint, at once, and leaves nothing behind. */
import { createExecutionContext } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { app } from '../../../src/app/app.ts'
import {
  type Answer,
  aDefinition,
  aKey,
  anIntake,
  aTask,
  aTeam,
  aWorkflow,
  env,
  fetchApi,
  type Team,
} from './client.ts'

let team: Team
let ways: Record<string, { path: string; method: string; good: string; holds: (value: string) => string }>
let task: string

beforeAll(async () => {
  team = await aTeam()
  const workflow = await aWorkflow(team)
  task = await aTask(team, workflow)
  const agent = { key: 'bad', name: 'Bad', description: 'x' }
  await team.call('POST', '/agents', agent)
  ways = {
    'POST /workflows': {
      method: 'POST',
      path: '/api/v1/workflows',
      good: JSON.stringify(aDefinition(team)),
      holds: value => `{"baton":1,"name":"x","description":${value},"steps":[]}`,
    },
    'POST /workflows/:id/tasks': {
      method: 'POST',
      path: `/api/v1/workflows/${workflow}/tasks`,
      good: '{"input":{"company":"x"}}',
      holds: value => `{"input":{"company":"x","extra":${value}}}`,
    },
    'POST /in/:intake': {
      method: 'POST',
      path: (await anIntake(team, workflow)).path,
      good: '{"company":"x"}',
      holds: value => `{"company":"x","extra":${value}}`,
    },
    'POST /tasks/:id/decide': {
      method: 'POST',
      path: `/api/v1/tasks/${task}/decide`,
      good: '{"handoff":"rejected","note":"x"}',
      holds: value => `{"handoff":"approved","edits":${value}}`,
    },
    'POST /agents': {
      method: 'POST',
      path: '/api/v1/agents',
      good: '{"key":"new_one","name":"x","description":"x"}',
      holds: value => `{"key":"new_one","name":"x","description":"x","context":${value}}`,
    },
    'PUT /agents/:key': {
      method: 'PUT',
      path: '/api/v1/agents/bad',
      good: '{"name":"x","description":"x"}',
      holds: value => `{"name":"x","description":"x","context":${value}}`,
    },
  }
})

const WAYS = [
  'POST /workflows',
  'POST /workflows/:id/tasks',
  'POST /in/:intake',
  'POST /tasks/:id/decide',
  'POST /agents',
  'PUT /agents/:key',
]

const send = (way: string, body: BodyInit | null, headers: Record<string, string> = {}): Promise<Answer> => {
  const { path, method } = ways[way]!
  const all = { 'content-type': 'application/json', authorization: `Bearer ${team.key}`, ...headers }
  return fetchApi(path, { method, headers: all, body })
}

/** Everything of the team that a request could have changed. */
async function left(): Promise<string> {
  const tables = ['workflows', 'workflow_versions', 'agents', 'agent_versions', 'intakes', 'held', 'tasks']
  const counts = await env.DB.batch(
    tables.map(table => env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE team = ?1`).bind(team.id)),
  )
  const log = await team.call('GET', `/tasks/${task}/events`)
  return JSON.stringify([counts.map(one => one.results), log.body.items.length])
}

async function refused(answer: Answer, statuses: number[], way: string): Promise<void> {
  expect(answer.status, `${way}: ${answer.text}`).toBeOneOf(statuses)
  const { error } = answer.body
  expect(error, way).toMatchObject({
    code: expect.stringMatching(/^[a-z][a-z0-9_]+$/),
    message: expect.any(String),
    hint: expect.any(String),
  })
  expect(answer.text.length, way).toBeLessThan(6000)
}

const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(parts.flatMap(part => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)))

type Bad = (way: { good: string; holds: (value: string) => string }) => {
  body: BodyInit | null
  headers?: Record<string, string>
}

const CLASSES: [string, number[], Bad][] = [
  ['empty', [400], () => ({ body: '' })],
  ['blank', [400], () => ({ body: ' \n ' })],
  ['truncated', [400], ({ good }) => ({ body: good.slice(0, -2) })],
  ['not UTF-8', [400], ({ good }) => ({ body: bytes(good.slice(0, 2), [0xc3, 0x28], good.slice(2)) })],
  ['a byte order mark', [400], ({ good }) => ({ body: bytes([0xef, 0xbb, 0xbf], good) })],
  ['UTF-16', [400], ({ good }) => ({ body: bytes([...good].flatMap(c => [c.charCodeAt(0), 0])) })],
  ['a list where an object belongs', [422], () => ({ body: '[]' })],
  ['a text where an object belongs', [422], () => ({ body: '"x"' })],
  ['null', [422], () => ({ body: 'null' })],
  // Only intakes take forms; this one lacks what their schema requires.
  ['a form', [415, 422], () => ({ body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
  ['no content type', [415], ({ good }) => ({ body: bytes(good), headers: { 'content-type': '' } })],
  ['a content type that is no type', [415], ({ good }) => ({ body: good, headers: { 'content-type': '<script>' } })],
  [
    'another charset',
    [415],
    ({ good }) => ({ body: good, headers: { 'content-type': 'application/json; charset=utf-16' } }),
  ],
  ['gzip', [415], () => ({ body: bytes([0x1f, 0x8b, 8, 0]), headers: { 'content-encoding': 'gzip' } })],
  ['too large', [413], () => ({ body: `{"a":"${'x'.repeat(1_100_000)}"}` })],
  ['nested 33 deep', [422], ({ holds }) => ({ body: holds(deep(40)) })],
  ['nested 100,000 deep', [422], ({ holds }) => ({ body: holds(deep(100_000)) })],
  ['20,001 values', [422], ({ holds }) => ({ body: holds(`[${'1,'.repeat(20_000)}1]`) })],
  ['a number beyond all', [422], ({ holds }) => ({ body: holds('1e999') })],
  ['NaN', [400], ({ holds }) => ({ body: holds('NaN') })],
  ['half a surrogate pair', [422], ({ holds }) => ({ body: holds('"\\ud800"') })],
  ['NUL, bare', [400], ({ holds }) => ({ body: holds('"\0"') })],
  ['NUL, escaped', [422], ({ holds }) => ({ body: holds('"\\u0000"') })],
  ['a key twice', [422], ({ holds }) => ({ body: holds('{"a":1,"a":2}') })],
  ['__proto__', [422], ({ holds }) => ({ body: holds('{"__proto__":{"admin":true}}') })],
  ['__proto__, escaped', [422], ({ holds }) => ({ body: holds('{"\\u005f_proto__":{"admin":true}}') })],
  ['constructor.prototype', [422], ({ holds }) => ({ body: holds('{"constructor":{"prototype":{"admin":true}}}') })],
  ['single quotes', [400], () => ({ body: "{'a':1}" })],
  ['two documents', [400], ({ good }) => ({ body: `${good}${good}` })],
]

/** What the sender of a delivery cannot change is repaired there (tests/workerd/intake/arrival.test.ts); the API stays strict. */
const REPAIRED_AT_INTAKES = ['a byte order mark', 'UTF-16', 'half a surrogate pair', 'NUL, bare', 'NUL, escaped']
/** Intakes read these, if they are what they say. */
const BROKEN_AT_INTAKES = ['another charset', 'gzip']

const classesOf = (way: string): typeof CLASSES =>
  way !== 'POST /in/:intake'
    ? CLASSES
    : CLASSES.filter(([name]) => !REPAIRED_AT_INTAKES.includes(name)).map(([name, statuses, make]) => [
        name,
        BROKEN_AT_INTAKES.includes(name) ? [400] : statuses,
        make,
      ])

describe.each(WAYS)('%s', way => {
  let before: string
  beforeAll(async () => {
    before = await left()
  })

  test.each(classesOf(way))('%s', async (_name, statuses, make) => {
    const { body, headers } = make(ways[way]!)
    const began = Date.now()
    const answer = await send(way, body, headers)
    expect(Date.now() - began).toBeLessThan(1000)
    await refused(answer, statuses, way)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  test('none of them left anything behind', async () => {
    expect(await left()).toBe(before)
  })
})

describe('what is odd but harmless is kept as it is', () => {
  test.each([
    ['a formula', '=HYPERLINK("http://evil.test")'],
    ['line breaks for a header', 'x\r\nSet-Cookie: a=b'],
    ['text that turns around', 'abc\u202egnp.exe'],
    ['markup', '<script>alert(1)</script>'],
    ['a path', '../../etc/passwd'],
    ['a template', '{{ steps.secret.output }}'],
    ['an emoji', '👩‍🚀'],
  ])('%s', async (_name, company) => {
    const workflow = await aWorkflow(team)
    const id = await aTask(team, workflow, company)
    const read = await team.call('GET', `/tasks/${id}`)
    expect(read.body.input).toEqual({ company })
    expect(read.headers.get('content-type')).toContain('application/json')
    expect(read.headers.get('set-cookie')).toBeNull()
  })
})

describe('schemas that people write', () => {
  const publish = (input: unknown) => team.call('POST', '/workflows', aDefinition(team, { input }))

  test('a reference to elsewhere is refused when it is saved', async () => {
    for (const $ref of ['https://evil.test/schema.json', 'file:///etc/passwd', 'other.json']) {
      await refused(await publish({ type: 'object', properties: { a: { $ref } } }), [422], $ref)
    }
  })

  test('a pattern that would run for ever is refused or answers at once', async () => {
    const made = await publish({ type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } })
    if (made.status === 422) return
    const began = Date.now()
    const answer = await team.call('POST', `/workflows/${made.body.id}/tasks`, {
      input: { a: `${'a'.repeat(60_000)}!` },
    })
    expect(answer.status).toBe(422)
    expect(Date.now() - began).toBeLessThan(2000)
  })
})

describe('requests around the body', () => {
  test('a length that lies is not believed', async () => {
    const long = `{"company":"${'x'.repeat(1_100_000)}"}`
    const answer = await send('POST /in/:intake', long, { 'content-length': '5' })
    await refused(answer, [400, 413], 'short claim')
  })

  test('an Idempotency-Key that is empty, too long or not ASCII is refused', async () => {
    for (const key of ['', 'x'.repeat(256), 'caf\u00e9']) {
      for (const way of ['POST /workflows/:id/tasks', 'POST /in/:intake', 'POST /tasks/:id/decide']) {
        const answer = await send(way, ways[way]!.good, { 'idempotency-key': key })
        await refused(answer, [400], `${way} ${key}`)
        expect(answer.body.error.code).toBe('bad_idempotency_key')
      }
    }
  })

  test('ids that are none are unknown and reach no Durable Object', async () => {
    const touched = vi.spyOn(env.TASKS, 'getByName')
    for (const id of [
      'x',
      '..%2f..',
      'tsk_',
      `tsk_${'A'.repeat(26)}`,
      `tsk_${'a'.repeat(27)}`,
      `${task}%00`,
      `${task}:x`,
      "'; DROP TABLE tasks; --",
    ]) {
      for (const [method, rest, body] of [
        ['GET', '', undefined],
        ['GET', '/events', undefined],
        ['POST', '/cancel', {}],
        ['POST', '/decide', { handoff: 'x' }],
        ['POST', '/rerun', {}],
        ['POST', '/migrate', { version: 1, step: 'x' }],
      ] as const) {
        const answer = await team.call(method, `/tasks/${encodeURIComponent(id)}${rest}`, body)
        expect([answer.status, answer.body.error.code], `${method} ${id}${rest}`).toEqual([404, 'not_found'])
      }
    }
    expect(touched).not.toHaveBeenCalled()
    touched.mockRestore()
  })

  test('a path that cannot be decoded is unknown', async () => {
    for (const path of ['/api/v1/tasks/%E0%A4%A', '/api/v1/workflows/%', '/api/v1/agents/%ff%fe', '/in/%E0%A4%A']) {
      const method = path.startsWith('/in') ? 'POST' : 'GET'
      const answer = await fetchApi(path, { method, headers: { authorization: `Bearer ${team.key}` } })
      expect([answer.status, answer.body.error.code], path).toEqual([404, 'not_found'])
    }
  })

  test('query parameters that are wrong are named', async () => {
    for (const [path, at] of [
      ['/tasks?status=lost', 'status'],
      ['/tasks?cursor=%00', 'cursor'],
      [`/tasks?workflow=${'x'.repeat(500)}`, 'workflow'],
      ['/audit?from=yesterday', 'from'],
      ['/metrics?from=2026-02-01&to=2026-01-01', 'from'],
      ['/workflows?cursor=abc', 'cursor'],
      [`/tasks/${task}/events?cursor=-1`, 'cursor'],
    ]) {
      const answer = await team.call('GET', path!)
      await refused(answer, [422], path!)
      expect(answer.body.error.path, path).toBe(at)
    }
  })

  test('unknown routes and methods are 404 for who has a key', async () => {
    const { key } = await aKey(team.id)
    for (const [method, path] of [
      ['GET', '/api/v1'],
      ['GET', '/api/v1/nothing'],
      ['PATCH', '/api/v1/tasks'],
      ['PUT', `/api/v1/tasks/${task}`],
      ['GET', '/api/v2/tasks'],
      ['OPTIONS', '/api/v1/tasks'],
    ]) {
      const answer = await fetchApi(path!, { method, headers: { authorization: `Bearer ${key}` } })
      expect([answer.status, answer.body.error.code], `${method} ${path}`).toEqual([404, 'unknown_route'])
    }
  })
})

describe('when things break', () => {
  afterEach(() => vi.useRealTimers())

  const brokenD1 = (message: string) => {
    const fail = async () => Promise.reject(new Error(message))
    const statement = { bind: () => statement, first: fail, all: fail, run: fail, raw: fail }
    return { ...env, DB: { prepare: () => statement, batch: fail } as unknown as D1Database }
  }
  const ask = async (path: string, over: typeof env, method = 'POST') => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const body = method === 'GET' ? undefined : '{"company":"x"}'
    const headers = { authorization: `Bearer ${team.key}`, 'content-type': 'application/json' }
    const response = await app.fetch(
      new Request(`https://baton.test${path}`, { method, headers, body }),
      over,
      createExecutionContext(),
    )
    const lines = log.mock.calls.map(call => String(call[0]))
    log.mockRestore()
    return { response, text: await response.text(), lines }
  }

  test('D1 out of reach is 503 with Retry-After everywhere: nothing was accepted', async () => {
    const down = brokenD1('D1_ERROR: Network connection lost.')
    for (const [method, path] of [
      ['POST', '/in/int_bbbbbbbbbbbbbbbbbbbb'],
      ['POST', '/api/v1/workflows'],
      ['GET', '/api/v1/tasks'],
      ['GET', '/api/v1/health'],
    ]) {
      const { response, text } = await ask(path!, down, method)
      expect([response.status, Number(response.headers.get('retry-after')) > 0], path).toEqual([503, true])
      expect(JSON.parse(text).error.code).toBe('unavailable')
    }
  })

  test('a mistake of ours is 500 without a word of it; the log has it as one line under the request’s id', async () => {
    const { response, text, lines } = await ask(
      '/api/v1/tasks',
      brokenD1('D1_ERROR: no such column: secret_thing: SQLITE_ERROR'),
      'GET',
    )
    expect(response.status).toBe(500)
    expect(text).not.toContain('secret_thing')
    const { error } = JSON.parse(text)
    expect(error.code).toBe('unexpected')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'error',
      requestId: error.requestId,
      message: expect.stringContaining('secret_thing'),
    })
  })

  test('a body that never ends is given up on', async () => {
    vi.useFakeTimers()
    const drip = new ReadableStream({
      start: controller => controller.enqueue(new TextEncoder().encode('{"company":')),
    })
    const headers = { authorization: `Bearer ${team.key}`, 'content-type': 'application/json' }
    const { path } = ways['POST /in/:intake']!
    const request = new Request(`https://baton.test${path}`, { method: 'POST', headers, body: drip })
    const answered = Promise.resolve(app.fetch(request, env, createExecutionContext()))
    await vi.advanceTimersByTimeAsync(25_000)
    expect((await answered).status).toBe(408)
  })
})

test('every answer of the API carries its headers, errors included', async () => {
  for (const answer of [
    await team.call('GET', '/workflows'),
    await team.call('GET', '/nothing'),
    await fetchApi('/api/v1/tasks'),
    await fetchApi('/in/nonsense', { method: 'POST' }),
    await fetchApi('/api/v1/health'),
  ]) {
    const sent = Object.fromEntries(answer.headers)
    expect(sent).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-request-id': expect.stringMatching(/^[\w-]{36}$/),
    })
    if (answer.status >= 400) expect(answer.body.error.requestId).toBe(sent['x-request-id'])
  }
})
