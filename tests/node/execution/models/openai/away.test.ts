/** When a provider is away or at its limit: the request waits, and no attempt is spent. */
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it, test } from 'vitest'
import { openaiModels } from '../../../../../src/execution/models/openai/model.ts'
import type { Behaviour, Protocol } from '../../../../support/openai-server.ts'
import { validate } from '../../../../support/schema-check.ts'
import { aServer, awayOf, failureOf, KEY, strictSchema } from './asking.ts'

const wired = aServer()
const json = (status: number, body: unknown, headers = {}): Behaviour => ({
  kind: 'raw',
  status,
  body: JSON.stringify(body),
  headers,
})

describe.each<Protocol>(['chat', 'responses'])('a model asked by %s', protocol => {
  const ask = (...script: Behaviour[]) => wired.ask(protocol, {}, ...script)

  const limits: [string, Behaviour, RegExp][] = [
    ['429', { kind: 'error', status: 429, message: 'Slow down' }, /rate limit.*429.*Slow down/],
    ['429 without a body', { kind: 'raw', status: 429, body: '' }, /no explanation/],
    [
      'a used-up quota',
      { kind: 'error', status: 429, code: 'insufficient_quota', message: 'You exceeded your current quota' },
      /quota is used up/,
    ],
    ['402', { kind: 'error', status: 402, message: 'Insufficient Balance' }, /402.*Insufficient Balance/],
    ['OpenAI’s hard limit', { kind: 'error', status: 400, code: 'billing_hard_limit_reached' }, /quota is used up/],
    [
      'credits that are used up, as Anthropic says it',
      {
        kind: 'error',
        status: 400,
        type: 'invalid_request_error',
        message: 'Your credit balance is too low to access the API',
      },
      /quota is used up.*credit balance/,
    ],
    [
      'a quota that is said with 403',
      { kind: 'error', status: 403, type: 'exceeded_current_quota_error', message: 'Check your plan' },
      /quota is used up/,
    ],
    ['a tier without capacity', { kind: 'error', status: 498, code: 'capacity_exceeded' }, /498/],
    [
      'Gemini’s list with an error',
      json(429, [{ error: { code: 429, message: 'Quota exceeded for requests', status: 'RESOURCE_EXHAUSTED' } }]),
      /Quota exceeded for requests/,
    ],
    ['a rate limit in a 200', json(200, { error: { message: 'Slow down', code: 'rate_limit_exceeded' } }), /Slow down/],
    [
      'a router’s rate limit in a 200',
      json(200, {
        error: { message: 'Provider returned error', code: 429, metadata: { raw: 'model is rate-limited upstream' } },
      }),
      /rate-limited upstream/,
    ],
  ]
  for (const [name, behaviour, words] of limits) {
    it(`waits for its limit at ${name}, after one call`, async () => {
      const outcome = await ask(behaviour)
      expect(awayOf(outcome)).toMatchObject({ reason: 'provider_limit', message: expect.stringMatching(words) })
      expect(awayOf(outcome).fix).toContain('goes on by itself')
      expect(wired.server.requests).toHaveLength(1)
      expect(outcome.usage).toMatchObject({ model: 'gpt-5-mini', calls: 1, inputTokens: 0, outputTokens: 0 })
    })
  }

  const offline: [string, Behaviour, RegExp][] = [
    ['503', { kind: 'error', status: 503, message: 'Loading model' }, /overloaded or away \(503\): Loading model/],
    ['529', { kind: 'raw', status: 529, body: '' }, /529.*no explanation/],
    [
      'a network that cannot reach it',
      { kind: 'raw', status: 521, body: '<html>Web server is down</html>' },
      /521.*server is down/,
    ],
    ['an overload that is said with 500', { kind: 'error', status: 500, type: 'overloaded_error' }, /500/],
    [
      'an overload in a 200',
      json(200, { error: { message: 'Overloaded', type: 'overloaded_error' } }),
      /503.*Overloaded/,
    ],
    [
      'a 503 in a 200',
      json(200, { error: { message: 'No instances', type: 'server_error', code: 503 } }),
      /No instances/,
    ],
  ]
  for (const [name, behaviour, words] of offline) {
    it(`waits for its provider at ${name}, after one call`, async () => {
      const outcome = await ask(behaviour)
      expect(awayOf(outcome)).toMatchObject({ reason: 'provider_offline', message: expect.stringMatching(words) })
      expect(wired.server.requests).toHaveLength(1)
    })
  }

  const ofTheRequest: [string, Behaviour, string][] = [
    ['500', { kind: 'error', status: 500 }, 'provider_error'],
    ['502 while the provider answers others', { kind: 'raw', status: 502, body: 'Bad gateway' }, 'provider_error'],
    ['504 while the provider answers others', { kind: 'raw', status: 504, body: '' }, 'provider_error'],
    ['a dropped connection while the provider answers others', { kind: 'reset' }, 'unreachable'],
    ['a wrong key', { kind: 'error', status: 401 }, 'provider_auth'],
    ['a bad request', { kind: 'error', status: 400 }, 'bad_request'],
    [
      'a request that is larger than a minute’s limit',
      {
        kind: 'error',
        status: 429,
        code: 'rate_limit_exceeded',
        message: 'Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 50000.',
      },
      'bad_request',
    ],
  ]
  for (const [name, behaviour, code] of ofTheRequest) {
    it(`fails at ${name}, which is the request’s own`, async () => {
      expect(failureOf(await ask(behaviour)).code).toBe(code)
    })
  }

  const waits: [string, Behaviour, number | undefined][] = [
    ['in seconds', { kind: 'error', status: 429, headers: { 'retry-after': '20' } }, 20_000],
    ['with a 503', { kind: 'error', status: 503, headers: { 'retry-after': '20' } }, 20_000],
    [
      'in milliseconds',
      { kind: 'error', status: 429, headers: { 'retry-after-ms': '1500', 'retry-after': '2' } },
      1500,
    ],
    ['not at all', { kind: 'error', status: 429 }, undefined],
    ['as nothing', { kind: 'error', status: 429, headers: { 'retry-after': '0' } }, undefined],
    [
      'as a date that has passed',
      { kind: 'error', status: 429, headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } },
      undefined,
    ],
    ['in words', { kind: 'error', status: 429, headers: { 'retry-after': 'later' } }, undefined],
    [
      'in the body, as Google does',
      json(429, [
        { error: { code: 429, message: 'x', details: [{ '@type': 'google.rpc.Help' }, { retryDelay: '34.07s' }] } },
      ]),
      34_070,
    ],
  ]
  for (const [name, behaviour, retryAfterMs] of waits) {
    it(`passes on how long to wait ${name}`, async () => {
      expect(awayOf(await ask(behaviour)).retryAfterMs).toBe(retryAfterMs)
    })
  }

  it('passes on a wait until a date to come', async () => {
    const headers = { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }
    const { retryAfterMs } = awayOf(await ask({ kind: 'error', status: 429, headers }))
    expect(retryAfterMs).toBeGreaterThan(50_000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it('books the call before the one that met the limit', async () => {
    const outcome = await wired.ask(
      protocol,
      { schema: strictSchema },
      { kind: 'text', text: 'nine' },
      { kind: 'error', status: 429 },
    )
    expect(awayOf(outcome).reason).toBe('provider_limit')
    expect(outcome.usage.calls).toBe(2)
    expect(outcome.usage.inputTokens).toBeGreaterThan(0)
    expect(outcome.usage.outputTokens).toBeGreaterThan(0)
  })
})

describe('a provider that cannot be reached', () => {
  const opened: Server[] = []
  afterEach(() => {
    for (const server of opened.splice(0)) server.close()
  })
  const at = (baseUrl: string, timeoutMs = 3000, send?: typeof fetch) =>
    openaiModels({ apiKey: KEY, baseUrl, fetch: send, validate }).complete({
      model: 'x',
      messages: [{ role: 'user', text: 'Hi' }],
      judged: false,
      timeoutMs,
    })
  const listening = async (answer: string | null): Promise<string> => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => (answer === null ? socket.destroy() : socket.end(answer)))
    })
    opened.push(server)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`
  }

  it('is away where nothing listens', async () => {
    const base = await listening(null)
    await new Promise(resolve => opened.splice(0)[0]!.close(resolve))
    expect(awayOf(await at(base))).toMatchObject({
      reason: 'provider_offline',
      message: expect.stringContaining(new URL(base).host),
      fix: expect.stringContaining('OPENAI_BASE_URL'),
    })
  })

  it('is away where no such host is', async () => {
    expect(awayOf(await at('http://no-such-host.invalid/v1')).reason).toBe('provider_offline')
  })

  it('is away where every connection is dropped', async () => {
    expect(awayOf(await at(await listening(null))).reason).toBe('provider_offline')
  })

  it('is away where what stands in front of it answers everything with 502', async () => {
    const page = 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\nConnection: close\r\n\r\nBad'
    expect(awayOf(await at(await listening(page))).reason).toBe('provider_offline')
  })

  it('keeps a password in the base URL out of the message', async () => {
    const { message } = awayOf(await at('http://user:pass@127.0.0.1:1/v1'))
    expect(message).not.toContain('pass@')
  })

  it('is away, and known to be in time, where even the connection ignores the signal', async () => {
    const deaf = (() => new Promise(() => {})) as typeof fetch
    const started = performance.now()
    expect(awayOf(await at('https://api.openai.com/v1', 60, deaf)).reason).toBe('provider_offline')
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('is looked for without the key', async () => {
    const seen: [string, string | null][] = []
    const lost = (async (url: string, init?: RequestInit) => {
      seen.push([String(url), new Headers(init?.headers).get('authorization')])
      throw new TypeError('Network connection lost.')
    }) as typeof fetch
    await at('https://models.example/v1/', 1000, lost)
    expect(seen).toEqual([
      ['https://models.example/v1/chat/completions', `Bearer ${KEY}`],
      ['https://models.example/v1/models', null],
    ])
  })
})

test('a provider that hangs at one request and answers others is not away', async () => {
  expect(failureOf(await wired.ask('chat', { timeoutMs: 150 }, { kind: 'hang' })).code).toBe('timeout')
})
