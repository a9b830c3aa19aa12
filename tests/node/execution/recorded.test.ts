/** Answers that are taken again: what counts as the same question, what is never recorded, for how long, and how many. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RenderedCall } from '../../../src/domain/call/render.ts'
import type { HttpOrder, Loop, ModelOrder } from '../../../src/domain/handler/order.ts'
import type { Json } from '../../../src/domain/json/json.ts'
import type { Env } from '../../../src/env.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import type { ModelOutcome, ModelRequest } from '../../../src/execution/models/port.ts'
import { performHttp } from '../../../src/execution/orders/http.ts'
import { performModel, scriptModels } from '../../../src/execution/orders/model.ts'
import { insertAgentVersion } from '../../../src/records/definitions/agents.ts'
import { insertToolVersion } from '../../../src/records/definitions/tools.ts'
import { forgetAnswers, MAX_ANSWERS } from '../../../src/records/task/recorded-answers.ts'
import { keepSecret } from '../../../src/team/secrets/secrets.ts'
import { sqliteD1 } from '../../support/d1.ts'

const SECRET = 'test-secret-0123456789abcdef-test-secret-0123456789abcdef-000000'
const HOUR = 3_600_000
const DAY = 24 * HOUR
const BY = { actor: { kind: 'person' as const, id: 'ana@acme.test' }, name: 'ana@acme.test' }

let env: Env
/** What models and the network were asked, and how they answer. */
let asked: ModelRequest[]
let sent: string[]
let answer: (request: ModelRequest) => ModelOutcome
let served: () => Response

const usage = (model: string) => ({ model, inputTokens: 10, outputTokens: 5, calls: 1, durationMs: 5 })
const says =
  (output: Json) =>
  (request: ModelRequest): ModelOutcome => ({
    kind: 'completed',
    answer: { output },
    usage: usage(request.model),
  })

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 28), toFake: ['Date'] })
  env = { DB: sqliteD1(), BATON_SECRET: SECRET } as unknown as Env
  asked = []
  sent = []
  answer = request => says(`Answer ${asked.length}`)(request)
  served = () => Response.json({ n: sent.length })
  const port = { complete: async (request: ModelRequest) => (asked.push(request) > 0 ? answer(request) : fail()) }
  scriptModels({ resolve: step => step ?? 'usual', provider: () => 'openai', port: () => port })
  setNetwork((async (url: string) => (sent.push(url) > 0 ? served() : fail())) as unknown as typeof fetch)
})
afterEach(() => {
  scriptModels(null)
  setNetwork(null)
  vi.useRealTimers()
})

const MODEL: ModelOrder = {
  kind: 'model',
  agent: null,
  messages: [{ role: 'user', text: 'Where is Acme?' }],
  loop: null,
  skills: { names: [], versions: {} },
  model: 'gpt-5-mini',
  usual: null,
  fallback: [],
  params: {},
  timeoutMs: 1000,
  schema: null,
  labels: [],
  judged: false,
  cacheMs: DAY,
}
const CALL: RenderedCall = {
  method: 'GET',
  url: 'https://api.acme.example/companies/1',
  query: {},
  headers: {},
  ok: null,
  key: null,
  safe: true,
  token: null,
}
const HTTP: HttpOrder = {
  kind: 'http',
  call: CALL,
  schema: null,
  key: 'k',
  receipt: null,
  timeoutMs: 1000,
  cacheMs: DAY,
}

let tasks = 0
const performing = (team: string) => ({ team, task: `tsk_${++tasks}`, chain: false, note: async () => true })
const ask = (over: Partial<ModelOrder> = {}, team = 'acme') =>
  performModel({ ...MODEL, ...over }, performing(team), env)
const call = (over: Partial<RenderedCall> = {}, order: Partial<HttpOrder> = {}, team = 'acme') =>
  performHttp({ ...HTTP, call: { ...CALL, ...over }, ...order }, performing(team), env)

/** A report's outcome without how it was told. */
const outcomeOf = (report: Awaited<ReturnType<typeof ask>>) =>
  report?.kind === 'outcome' ? { ...report.outcome, usage: report.usage } : report

describe('of a model', () => {
  test('the same question takes the answer that was recorded, at no cost, and says so', async () => {
    const at = Date.now()
    expect(outcomeOf(await ask())).toMatchObject({ output: 'Answer 1', usage: { inputTokens: 10 } })
    const first = `tsk_${tasks}`
    vi.advanceTimersByTime(3 * HOUR)
    const again = outcomeOf(await ask())
    expect(again).toEqual({ kind: 'completed', output: 'Answer 1', usage: null, recorded: { task: first, at } })
    expect(asked).toHaveLength(1)
    // What a time limit is, or who stands in, makes no other question.
    expect(outcomeOf(await ask({ timeoutMs: 9000, fallback: ['gpt-5'] }))).toMatchObject({ recorded: { task: first } })
  })

  test('label, confidence and reasoning are taken with it', async () => {
    answer = request => ({
      kind: 'completed',
      answer: { output: 'Yes', handoff: 'good', confidence: 0.9, reasoning: 'So.' },
      usage: usage(request.model),
    })
    const choosing = { labels: ['good', 'bad'], judged: true }
    await ask(choosing)
    expect(outcomeOf(await ask(choosing))).toMatchObject({
      handoff: 'good',
      confidence: 0.9,
      reasoning: 'So.',
      usage: null,
    })
  })

  test.each<[string, Partial<ModelOrder>, string?]>([
    ['another model', { model: 'gpt-5' }],
    ['another text', { messages: [{ role: 'user', text: 'Where is Acme? ' }] }],
    ['other parameters', { params: { temperature: 0 } }],
    ['an output schema', { schema: { type: 'string' } }],
    ['labels', { labels: ['a'] }],
    ['confidence', { judged: true }],
    ['another team', {}, 'other'],
    ['a step that says nothing of it', { cacheMs: null }],
    ['a step of before, which could not', { cacheMs: undefined as never }],
  ])('%s is another question', async (_, over, team) => {
    await ask()
    expect(outcomeOf(await ask(over, team))).toMatchObject({ output: 'Answer 2' })
    expect(asked).toHaveLength(2)
  })

  test('it holds for the time of the step that asks, from when it was given', async () => {
    await ask({ cacheMs: 2 * DAY })
    vi.advanceTimersByTime(DAY)
    expect(outcomeOf(await ask({ cacheMs: DAY }))).toMatchObject({ output: 'Answer 2' })
    vi.advanceTimersByTime(DAY - 1)
    expect(outcomeOf(await ask({ cacheMs: DAY }))).toMatchObject({ output: 'Answer 2', usage: null })
  })

  test.each<[string, (request: ModelRequest) => ModelOutcome]>([
    [
      'failed',
      r => ({
        kind: 'failed',
        failure: { code: 'invalid_output', message: 'No.', retryable: true },
        usage: usage(r.model),
      }),
    ],
    [
      'is away',
      r => ({ kind: 'away', away: { reason: 'provider_limit', message: 'x', fix: 'y' }, usage: usage(r.model) }),
    ],
    ['is too large to keep', says('x'.repeat(65 * 1024))],
  ])('what %s is not recorded', async (_, first) => {
    answer = first
    await ask()
    answer = says('Good.')
    expect(outcomeOf(await ask())).toMatchObject({ output: 'Good.', usage: { calls: 1 } })
  })

  test('what another model answered in its place is not recorded', async () => {
    const away = { kind: 'away' as const, away: { reason: 'provider_limit' as const, message: 'x', fix: 'y' } }
    answer = request =>
      request.model === 'gpt-5-mini' ? { ...away, usage: usage('gpt-5-mini') } : says('Other')(request)
    expect(outcomeOf(await ask({ fallback: ['gpt-5'] }))).toMatchObject({ output: 'Other' })
    answer = says('Own')
    expect(outcomeOf(await ask({ fallback: ['gpt-5'] }))).toMatchObject({ output: 'Own' })
  })

  test('storage that is away costs a call and no task', async () => {
    await ask()
    const { DB } = env
    const broken = { ...DB, prepare: (sql: string) => (sql.includes('recorded_answers') ? fail() : DB.prepare(sql)) }
    env = { ...env, DB: broken as unknown as D1Database }
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(outcomeOf(await ask())).toMatchObject({ output: 'Answer 2' })
    expect(log).toHaveBeenCalled()
  })
})

function fail(): never {
  throw new Error('D1 is away')
}

describe('of an agent', () => {
  const loop = (over: Partial<Loop> = {}): Loop => ({
    tools: null,
    versions: { file_it: 1 },
    key: 'k',
    calls: [],
    turns: [],
    firstTurn: 0,
    maxTurns: 20,
    hidden: [],
    facts: { input: null, task: { id: 'tsk', title: 'T', visit: 1 }, depth: 0, people: [] },
    ...over,
  })
  const asks =
    (tool: string, args: Json) =>
    (request: ModelRequest): ModelOutcome =>
      request.messages.length === 1
        ? { kind: 'calls', calls: [{ id: 'c1', tool, args }], text: null, usage: usage(request.model) }
        : says(`Answer ${asked.length}`)(request)
  const agent = { key: 'clerk', version: 1 }

  beforeEach(async () => {
    const clerk = { key: 'clerk', name: 'Clerk', description: 'Works.', tools: ['find_tasks', 'file_it'] }
    await insertAgentVersion(env.DB, 'acme', clerk, 'new', BY.actor, Date.now())
    const tool = {
      key: 'file_it',
      description: 'Files it.',
      parameters: { type: 'object', properties: {} },
      http: { method: 'POST' as const, url: 'https://files.acme.example/', key: 'Idempotency-Key' },
    }
    await insertToolVersion(env.DB, 'acme', tool, 'new', BY.actor, Date.now())
  })

  test('an answer after calls that only read is taken again, with no turn and no call', async () => {
    answer = asks('find_tasks', { query: 'acme' })
    expect(outcomeOf(await ask({ agent, loop: loop() }))).toMatchObject({ output: 'Answer 2' })
    expect(outcomeOf(await ask({ agent, loop: loop() }))).toMatchObject({ output: 'Answer 2', usage: null })
    expect(asked).toHaveLength(2)
    // Other tools, or another version of one, are another question.
    answer = says('Bare')
    expect(outcomeOf(await ask({ agent, loop: loop({ tools: ['find_tasks'] }) }))).toMatchObject({ output: 'Bare' })
  })

  test('one after a call that did something is not', async () => {
    answer = asks('file_it', {})
    await ask({ agent, loop: loop() })
    expect(sent).toHaveLength(1)
    expect(outcomeOf(await ask({ agent, loop: loop() }))).toMatchObject({ usage: { calls: 1 } })
    expect(sent).toHaveLength(2)
  })

  test('one that has begun goes on, whatever is recorded', async () => {
    answer = asks('find_tasks', { query: 'acme' })
    await ask({ agent, loop: loop() })
    answer = says('Gone on')
    const turns = [{ text: null, calls: [{ id: 'c1', tool: 'find_tasks', args: { query: 'acme' } }] }]
    expect(outcomeOf(await ask({ agent, loop: loop({ turns }) }))).toMatchObject({ output: 'Gone on' })
  })
})

describe('of a service', () => {
  test('the same call takes the answer that was recorded; nothing goes out and nothing is noted', async () => {
    expect(outcomeOf(await call())).toMatchObject({ output: { status: 200, body: { n: 1 } } })
    const note = vi.fn(async () => true)
    const again = await performHttp(HTTP, { ...performing('acme'), note }, env)
    expect(outcomeOf(again)).toMatchObject({ output: { status: 200, body: { n: 1 } }, recorded: {}, usage: null })
    expect([sent.length, note.mock.calls.length]).toEqual([1, 0])
  })

  test.each<[string, Partial<RenderedCall>, Partial<HttpOrder>?, string?]>([
    ['another address', { url: 'https://api.acme.example/companies/2' }],
    ['another query', { query: { full: 'true' } }],
    ['another header', { headers: { accept: 'text/plain' } }],
    ['another body', { body: { a: 1 } }],
    ['other statuses that count', { ok: [200, 404] }],
    ['another output', {}, { schema: { type: 'object' } }],
    ['a step that says nothing of it', {}, { cacheMs: null }],
    ['another team', {}, {}, 'other'],
  ])('%s is another call', async (_, over, order, team) => {
    await call()
    expect(outcomeOf(await call(over, order, team))).toMatchObject({ output: { body: { n: 2 } } })
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)(
    '%s is always made, though it may be made again',
    async method => {
      await call({ method })
      await call({ method })
      expect(sent).toHaveLength(2)
    },
  )

  test('a status that does not count, and a body that does not fit, are not recorded', async () => {
    served = () => Response.json({ n: 'x' }, { status: 500 })
    await call()
    served = () => Response.json({ n: 'x' })
    const schema = { type: 'object', properties: { n: { type: 'number' } } }
    expect(outcomeOf(await call({}, { schema }))).toMatchObject({ kind: 'failed', failure: { code: 'invalid_output' } })
    served = () => Response.json({ n: 3 })
    expect(outcomeOf(await call({}, { schema }))).toMatchObject({ output: { body: { n: 3 } } })
    expect(sent).toHaveLength(3)
  })

  test('a secret counts by its name and version, never by its mark or value', async () => {
    const set = (value: string) =>
      keepSecret(env, 'acme', { name: 'crm', value, hosts: ['api.acme.example'], note: null }, BY, Date.now())
    const signed = (token: string) => call({ headers: { authorization: `Bearer <<secret:${token}:crm>>` }, token })
    // A secret that is not there is told, and nothing is recorded.
    expect(outcomeOf(await signed('t0'))).toMatchObject({ failure: { code: 'secret_missing' } })
    await set('canary-one-5b7a')
    expect(outcomeOf(await signed('t1'))).toMatchObject({ output: { body: { n: 1 } } })
    expect(outcomeOf(await signed('t2'))).toMatchObject({ output: { body: { n: 1 } }, recorded: {} })
    // A text from outside that looks like a mark is another call.
    await call({ headers: { authorization: 'Bearer {{ secrets.crm }}' } })
    expect(sent).toHaveLength(2)
    await set('canary-two-91d2')
    expect(outcomeOf(await signed('t3'))).toMatchObject({ output: { body: { n: 3 } } })
    const rows = await env.DB.prepare('SELECT * FROM recorded_answers').all()
    expect(JSON.stringify(rows.results)).not.toContain('canary')
  })
})

test('what nobody may take any more is swept, and a team has so many at most: the oldest go first', async () => {
  const count = async () =>
    (await env.DB.prepare('SELECT count(*) AS n FROM recorded_answers').first<{ n: number }>())!.n
  await ask({ cacheMs: HOUR })
  await ask({ cacheMs: DAY, model: 'gpt-5' })
  await ask({}, 'other')
  vi.advanceTimersByTime(2 * HOUR)
  await forgetAnswers(env.DB, Date.now())
  expect(await count()).toBe(2)
  for (let n = 0; n < MAX_ANSWERS; n++) {
    vi.advanceTimersByTime(1000)
    await ask({ messages: [{ role: 'user', text: `Question ${n}` }] })
  }
  // The one of the other team is not counted, nor touched.
  expect(await count()).toBe(MAX_ANSWERS + 1)
  const before = asked.length
  await ask({ messages: [{ role: 'user', text: 'Question 0' }] })
  expect(asked).toHaveLength(before)
  await ask({ model: 'gpt-5' })
  expect(asked).toHaveLength(before + 1)
})
