/** Two providers of one team on the wire: each with its own secret, one in every kind of trouble, and the other goes on. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ModelOrder } from '../../../../src/domain/handler/order.ts'
import type { Env } from '../../../../src/env.ts'
import { teamModels } from '../../../../src/execution/models/team.ts'
import { performModel } from '../../../../src/execution/orders/model.ts'
import { sealedTo } from '../../../../src/team/secrets/secrets.ts'
import { seal } from '../../../../src/team/vault.ts'
import { type Behaviour, type OpenaiServer, startOpenaiServer } from '../../../support/openai-server.ts'

const KEYS = { acme: 'canary-acme-5b7a91', beta: 'canary-beta-77d0c2' }
const SECRET = 'test-secret-0123456789abcdef-test-secret-0123456789abcdef-000000'

let acme: OpenaiServer
let beta: OpenaiServer
/** What D1 holds: the team's providers, and its secrets. */
let providers: Record<string, unknown>[]
let secrets: { name: string; sealed: string; hosts: string }[]
let env: Env

/** D1 as these two statements know it. */
const DB = {
  batch: async () => [],
  prepare: (sql: string) => ({
    bind: (team: string, names?: string) => {
      const among = JSON.parse(names ?? '[]') as string[]
      const rows = sql.includes('FROM model_providers')
        ? providers.filter(row => among.includes(row.key as string))
        : secrets.filter(row => among.includes(row.name))
      return { all: async () => ({ results: team === 'acme-team' ? rows : [] }), run: async () => ({}) }
    },
  }),
}

const provider = (key: string, { url }: { url: string }, kind = 'openai-chat') => ({
  key,
  kind,
  baseUrl: url,
  secret: `${key}_key`,
  models: '[]',
})
const secret = async (name: string, value: string, hosts = ['127.0.0.1']) => ({
  name,
  sealed: JSON.stringify(await seal(env, sealedTo('acme-team', name), 1, value)),
  hosts: JSON.stringify(hosts),
})

beforeAll(async () => {
  acme = await startOpenaiServer({ apiKey: KEYS.acme })
  beta = await startOpenaiServer({ apiKey: KEYS.beta })
})
afterAll(() => Promise.all([acme.close(), beta.close()]))
beforeEach(async () => {
  acme.reset()
  beta.reset()
  env = {
    DB,
    BATON_SECRET: SECRET,
    BATON_LOCAL: '1',
    OPENAI_BASE_URL: beta.url,
    OPENAI_API_KEY: KEYS.beta,
  } as unknown as Env
  providers = [provider('acme', acme), provider('beta', beta, 'openai-responses')]
  secrets = [await secret('acme_key', KEYS.acme), await secret('beta_key', KEYS.beta)]
})

const order = (model: string, over: Partial<ModelOrder> = {}): ModelOrder => ({
  kind: 'model',
  agent: null,
  messages: [{ role: 'user', text: 'Hello' }],
  loop: null,
  skills: { names: [], versions: {} },
  model,
  usual: null,
  fallback: [],
  params: {},
  timeoutMs: 2000,
  schema: null,
  labels: [],
  judged: false,
  cacheMs: null,
  ...over,
})
const work = (model: string, over: Partial<ModelOrder> = {}, team = 'acme-team') =>
  performModel(order(model, over), { team, task: 'tsk_1', chain: false, note: async () => true }, env)

test('each is asked by its own protocol, by the name that it knows, with its own secret', async () => {
  const [one, two] = await Promise.all([work('acme/llama-3'), work('beta/meta/llama-3')])
  expect(one).toMatchObject({ kind: 'outcome', outcome: { kind: 'completed' }, usage: { model: 'acme/llama-3' } })
  expect(two).toMatchObject({ kind: 'outcome', outcome: { kind: 'completed' }, usage: { model: 'beta/meta/llama-3' } })
  const told = [...acme.requests, ...beta.requests].map(({ protocol, body, headers }) => [
    protocol,
    body.model,
    headers.authorization,
  ])
  expect(told).toEqual([
    ['chat', 'llama-3', `Bearer ${KEYS.acme}`],
    ['responses', 'meta/llama-3', `Bearer ${KEYS.beta}`],
  ])
})

describe('while one is in trouble, the other goes on:', () => {
  const hold = (reason: string) => ({ kind: 'hold', reason })
  const fail = (code: string) => ({ kind: 'outcome', outcome: { kind: 'failed', failure: { code } } })
  test.each<[string, Behaviour, object]>([
    [
      '429',
      { kind: 'error', status: 429, headers: { 'retry-after': '7' } },
      { ...hold('provider_limit'), retryAfterMs: 7000 },
    ],
    ['a quota', { kind: 'error', status: 429, code: 'insufficient_quota' }, hold('provider_limit')],
    ['500', { kind: 'error', status: 500 }, fail('provider_error')],
    ['503', { kind: 'error', status: 503 }, hold('provider_offline')],
    ['401', { kind: 'error', status: 401 }, fail('provider_auth')],
    ['a server that hangs', { kind: 'hang' }, fail('timeout')],
    ['an answer that breaks off', { kind: 'truncated' }, fail('malformed_answer')],
    ['a lost connection', { kind: 'reset' }, fail('unreachable')],
    ['an answer that is none', { kind: 'raw', body: '<html>Busy</html>' }, fail('malformed_answer')],
    [
      'a redirect',
      { kind: 'raw', status: 307, body: '', headers: { location: 'https://elsewhere.example/' } },
      fail('bad_request'),
    ],
  ])('%s', async (_, trouble, told) => {
    acme.script(() => trouble)
    const timeoutMs = trouble.kind === 'hang' ? 300 : 2000
    const models = ['acme/a', 'beta/b', 'acme/a', 'beta/b', 'acme/a', 'beta/b']
    const reports = await Promise.all(models.map(model => work(model, { timeoutMs })))
    for (const [at, report] of reports.entries()) {
      expect(report).toMatchObject(at % 2 === 0 ? told : { kind: 'outcome', outcome: { kind: 'completed' } })
    }
    // What is said of the team's provider sends nobody to the environment, and holds no key.
    expect(JSON.stringify(reports)).not.toMatch(/OPENAI_|canary/)
  })

  test('a dead server', async () => {
    const gone = await startOpenaiServer()
    await gone.close()
    providers = [provider('acme', gone), provider('beta', beta)]
    const [dead, alive] = await Promise.all([work('acme/a'), work('beta/b')])
    expect(dead).toMatchObject(hold('provider_offline'))
    expect(JSON.stringify(dead)).toContain('the address of the provider “acme”')
    expect(alive).toMatchObject({ outcome: { kind: 'completed' } })
  })

  test('it answers in the place of the first, and says so', async () => {
    acme.script(() => ({ kind: 'error', status: 429 }))
    const usage = { model: 'beta/b', insteadOf: 'acme/a' }
    expect(await work('acme/a', { fallback: ['beta/b'] })).toMatchObject({ outcome: { kind: 'completed' }, usage })
  })
})

describe('one that cannot be asked holds its tasks and says what to do:', () => {
  test.each<[string, () => void | Promise<void>, string]>([
    ['it is not there', () => void providers.shift(), 'Add the provider \\"acme\\"'],
    ['its secret is gone', () => void secrets.shift(), 'There is no secret `acme_key`'],
    [
      'its secret may not go there',
      async () => {
        secrets[0] = await secret('acme_key', KEYS.acme, ['models.example'])
      },
      'may not go to 127.0.0.1',
    ],
    [
      'its secret was sealed by another',
      async () => {
        secrets[0]!.sealed = JSON.stringify(await seal(env, sealedTo('other', 'acme_key'), 1, 'x'))
      },
      'set it again',
    ],
    [
      'it is on this machine and Baton is not',
      () => {
        env = { ...env, BATON_LOCAL: '0' }
      },
      'must begin with https',
    ],
  ])('%s', async (_, spoil, words) => {
    // Beside a router, whose own names may begin so, a name would be its; OpenAI’s own do not.
    env = { ...env, OPENAI_BASE_URL: '' }
    await spoil()
    const report = await work('acme/a')
    expect(report).toMatchObject({ kind: 'hold', reason: 'provider_not_configured' })
    expect(JSON.stringify(report)).toContain(words)
    expect(acme.requests).toEqual([])
    const usage = { model: 'demo', insteadOf: 'acme/a' }
    expect(await work('acme/a', { fallback: ['demo'] })).toMatchObject({ outcome: { kind: 'completed' }, usage })
  })
})

test('another team does not have it', async () => {
  env = { ...env, OPENAI_BASE_URL: '' }
  expect(await work('acme/a', {}, 'other-team')).toMatchObject({ kind: 'hold', reason: 'provider_not_configured' })
  expect(acme.requests).toEqual([])
})

test('an echo of its secret is masked, in an answer and in what is said of a failure', async () => {
  acme.script([
    { kind: 'text', text: `You signed in with ${KEYS.acme}.` },
    { kind: 'calls', calls: [{ name: 'look', args: { ref: KEYS.acme } }], text: KEYS.acme },
    { kind: 'error', status: 400, message: `Bad key ${encodeURIComponent(KEYS.acme)}` },
  ])
  const { port } = await teamModels(env, 'acme-team', ['acme/a'])
  const request = { model: 'acme/a', messages: [{ role: 'user' as const, text: 'Hi' }], judged: false, timeoutMs: 2000 }
  const outcomes = [
    await port('acme/a').complete(request),
    await port('acme/a').complete(request),
    await port('acme/a').complete(request),
  ]
  expect(outcomes.map(({ kind }) => kind)).toEqual(['completed', 'calls', 'failed'])
  expect(JSON.stringify(outcomes)).not.toContain('canary')
  expect(JSON.stringify(outcomes)).toContain('[secret: acme_key]')
})

test('names that are none of the team’s cost no look into D1', async () => {
  env = { ...env, DB: null as never }
  for (const name of [
    'gpt-5-mini',
    'demo',
    'chat:gpt-5',
    '@cf/meta/llama',
    'workers-ai/@cf/meta/llama',
    'openai/o3',
    'Meta/llama',
  ]) {
    expect(typeof (await teamModels(env, 'acme-team', [name, null])).port(name).complete).toBe('function')
  }
})
