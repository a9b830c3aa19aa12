/** Signatures: each service's own documented example verifies; one changed byte, a stale clock, a re-serialised body and another secret do not. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Proof, samenessOf } from '../../../src/intake/arrival/same-delivery.ts'
import { hmacScheme } from '../../../src/intake/signatures/hmac.ts'
import { SCHEMES } from '../../../src/intake/signatures/schemes.ts'
import { importKey, type Scheme, verify } from '../../../src/intake/signatures/signature.ts'
import type { IntakeAuth } from '../../../src/records/schema/intake-config.ts'
import { besideSigned } from '../../support/unsigned-headers.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

async function check(
  scheme: Scheme,
  secrets: string[],
  headers: Record<string, string>,
  body: string,
  seconds: number,
) {
  const keys = await Promise.all(secrets.map(secret => importKey(scheme.keyBytes(secret)!)))
  const request = { headers: new Headers(headers), bytes: bytesOf(body), now: seconds * 1000 }
  const verified = await verify(scheme, request, keys)
  return verified.ok ? 'ok' : verified.fault
}

/** An HMAC by another implementation than the one under test. */
const sign = (key: string | Buffer, message: string, as: 'hex' | 'base64') =>
  createHmac('sha256', key).update(message).digest(as)

interface Example {
  scheme: Scheme
  secret: string
  headers: Record<string, string>
  body: string
  /** When it was signed, in seconds; null: the scheme signs no time. */
  at: number | null
  /** The header with the signature. */
  header: string
}

const SLACK_BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
const STRIPE_BODY = '{"id": "evt_1Mt", "object": "event", "type": "invoice.paid"}'
const PLAIN_BODY = '{"order": 7, "amount": 12.50}'

const EXAMPLES: Record<string, Example> = {
  // The vector of the Standard Webhooks reference libraries.
  'standard-webhooks': {
    scheme: SCHEMES['standard-webhooks'],
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    at: 1614265330,
    header: 'webhook-signature',
  },
  // docs.github.com, "Validating webhook deliveries", test values.
  github: {
    scheme: SCHEMES.github,
    secret: "It's a Secret to Everybody",
    headers: { 'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    body: 'Hello, World!',
    at: null,
    header: 'x-hub-signature-256',
  },
  // api.slack.com, "Verifying requests from Slack".
  slack: {
    scheme: SCHEMES.slack,
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'X-Slack-Request-Timestamp': '1531420618',
      'X-Slack-Signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: SLACK_BODY,
    at: 1531420618,
    header: 'x-slack-signature',
  },
  // docs.stripe.com, "Verify webhook signatures manually": `t.body` under the endpoint's secret as it stands.
  stripe: {
    scheme: SCHEMES.stripe,
    secret: 'whsec_test_secret',
    headers: {
      'Stripe-Signature': `t=1492774577,v1=${sign('whsec_test_secret', `1492774577.${STRIPE_BODY}`, 'hex')},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39`,
    },
    body: STRIPE_BODY,
    at: 1492774577,
    header: 'stripe-signature',
  },
  'hmac with a prefix': {
    scheme: hmacScheme({ header: 'x-sign', algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=' }),
    secret: 'a shared secret',
    headers: { 'X-Sign': `sha256=${sign('a shared secret', PLAIN_BODY, 'hex')}` },
    body: PLAIN_BODY,
    at: null,
    header: 'x-sign',
  },
  'hmac in base64 with a time': {
    scheme: hmacScheme({ header: 'x-sign', algorithm: 'sha256', encoding: 'base64', timestampHeader: 'x-time' }),
    secret: 'a shared secret',
    headers: { 'X-Sign': sign('a shared secret', `1700000000.${PLAIN_BODY}`, 'base64'), 'X-Time': '1700000000' },
    body: PLAIN_BODY,
    at: 1700000000,
    header: 'x-sign',
  },
}

describe.each(Object.entries(EXAMPLES))('%s', (_name, { scheme, secret, headers, body, at, header }) => {
  const now = at ?? 1_700_000_000
  const signature = new Headers(headers).get(header)!
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== header))

  test('its example verifies, with an old secret beside the new one, too', async () => {
    expect(await check(scheme, [secret], headers, body, now)).toBe('ok')
    expect(await check(scheme, [scheme.newSecret(), secret], headers, body, now)).toBe('ok')
  })

  test('no byte of the body may change, be added or be missing', async () => {
    for (let place = 0; place < body.length; place += 7) {
      const other = body[place] === 'x' ? 'y' : 'x'
      const changed = body.slice(0, place) + other + body.slice(place + 1)
      expect(await check(scheme, [secret], headers, changed, now), changed).toBe('wrong')
    }
    expect(await check(scheme, [secret], headers, `${body} `, now)).toBe('wrong')
    expect(await check(scheme, [secret], headers, body.slice(0, -1), now)).toBe('wrong')
    expect(await check(scheme, [secret], headers, '', now)).toBe('wrong')
  })

  if (body.startsWith('{')) {
    test('the same JSON written otherwise does not verify', async () => {
      expect(JSON.parse(JSON.stringify(JSON.parse(body)))).toEqual(JSON.parse(body))
      expect(await check(scheme, [secret], headers, JSON.stringify(JSON.parse(body)), now)).toBe('wrong')
    })
  }

  test('another secret does not verify', async () => {
    expect(await check(scheme, [scheme.newSecret()], headers, body, now)).toBe('wrong')
    expect(await check(scheme, [], headers, body, now)).toBe('wrong')
  })

  if (at !== null) {
    test('300 s either way are near enough, 301 are not', async () => {
      for (const off of [-300, 300]) expect(await check(scheme, [secret], headers, body, at + off)).toBe('ok')
      for (const off of [-301, 301, 86_400]) {
        expect(await check(scheme, [secret], headers, body, at + off)).toBe('stale')
      }
    })
  }

  test('what is missing or cut is told apart from what is wrong', async () => {
    expect(await check(scheme, [secret], rest, body, now)).toBe('missing')
    expect(await check(scheme, [secret], { ...rest, [header]: 'non$en$e' }, body, now)).toBe('malformed')
    const cut = signature.replace(/.{4}(?=,v0|$)/, '')
    expect(await check(scheme, [secret], { ...rest, [header]: cut }, body, now)).toMatch(/wrong|malformed/)
  })
})

describe('which deliveries are the same', () => {
  const OPEN: Proof = { id: null, message: null }
  const of = (
    auth: IntakeAuth,
    headers: Record<string, string> = {},
    { body = {}, proof = OPEN, dedupe = undefined as { header: string } | { path: string } | undefined } = {},
  ) => samenessOf({ auth, dedupe }, new Headers(headers), body, proof, headers['idempotency-key'])

  test.each(Object.keys(SCHEMES) as (keyof typeof SCHEMES)[])('%s: nothing that is not signed decides', async type => {
    const { scheme, secret, headers, body, at } = EXAMPLES[type]!
    const key = await importKey(scheme.keyBytes(secret)!)
    // As a form, Slack's command holds the trigger that it is known by.
    const read = type === 'github' ? {} : type === 'slack' ? { trigger_id: '1.2' } : JSON.parse(body)
    const bare = type === 'stripe' || type === 'slack' ? [{}, read] : [read]
    for (const [n, content] of bare.entries()) {
      const decided = new Set<string>()
      for (const beside of besideSigned(new Headers(headers), n)) {
        const all = { ...headers, ...beside }
        const request = { headers: new Headers(all), bytes: bytesOf(body), now: (at ?? 1_700_000_000) * 1000 }
        const proof = await verify(scheme, request, [key])
        if (!proof.ok) throw new Error(proof.fault)
        const sameness = of({ type }, all, { body: content, proof })
        decided.add(sameness.by === 'message' ? sameness.by : JSON.stringify(sameness))
      }
      expect([...decided]).toHaveLength(1)
      expect([...decided][0]).toMatch(/^message$|"by":"signed id"/)
    }
  })

  test('where nothing is signed an Idempotency-Key counts, and no service’s id', () => {
    for (const type of ['key', 'open'] as const) {
      const name = { by: 'key', text: 'k' }
      expect(of({ type }, { 'idempotency-key': 'k', 'webhook-id': 'x' })).toEqual({ by: 'name', name })
      expect(of({ type }, { 'webhook-id': 'x', 'x-github-delivery': 'y' })).toEqual({ by: 'nothing' })
    }
  })

  test('the owner’s own rule goes first; where it finds nothing, the scheme’s holds as ever', () => {
    const proof = { id: null, message: bytesOf('x') }
    const guid = { 'x-github-delivery': 'g', 'x-mine': 'm' }
    const mine = (header: string) => of({ type: 'github' }, guid, { proof, dedupe: { header } })
    expect(mine('x-mine')).toEqual({ by: 'dedupe', text: 'm' })
    expect(mine('x-other')).toEqual({ by: 'message', name: { by: 'id', text: 'g' } })
    const signed = { id: 'signed', message: bytesOf('x') }
    expect(of({ type: 'standard-webhooks' }, guid, { proof: signed, dedupe: { header: 'x-mine' } }).by).toBe('dedupe')
  })

  test('GitHub’s own id goes before an Idempotency-Key, which counts where there is none', () => {
    const proof = { id: null, message: bytesOf('x') }
    const both = { 'x-github-delivery': 'g', 'idempotency-key': 'k' }
    expect(of({ type: 'github' }, both, { proof })).toEqual({ by: 'message', name: { by: 'id', text: 'g' } })
    const one = of({ type: 'github' }, { 'idempotency-key': 'k' }, { proof })
    expect(one).toEqual({ by: 'message', name: { by: 'key', text: 'k' } })
  })
})

test('a header may hold several signatures, as a sender that rotates sends them', async () => {
  const { scheme, headers, secret, body, at } = EXAMPLES['standard-webhooks']!
  const several = `v1,${sign('x', 'y', 'base64')} v1a,abc ${headers['webhook-signature']}`
  expect(await check(scheme, [secret], { ...headers, 'webhook-signature': several }, body, at!)).toBe('ok')
  const stripe = EXAMPLES.stripe!
  const two = stripe.headers['Stripe-Signature']!.replace('v1=', `v1=${'0'.repeat(64)},v1=`)
  expect(await check(stripe.scheme, [stripe.secret], { 'stripe-signature': two }, stripe.body, stripe.at!)).toBe('ok')
})

test('a header full of signatures is not all tried', async () => {
  const { scheme, headers, secret, body, at } = EXAMPLES['standard-webhooks']!
  const flood = `${`v1,${sign('x', 'y', 'base64')} `.repeat(50)}${headers['webhook-signature']}`
  expect(await check(scheme, [secret], { ...headers, 'webhook-signature': flood }, body, at!)).toBe('wrong')
})

test('Svix sends the same under its own names', async () => {
  const { scheme, headers, secret, body, at } = EXAMPLES['standard-webhooks']!
  const svix = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace('webhook', 'svix'), value]),
  )
  expect(await check(scheme, [secret], svix, body, at!)).toBe('ok')
})

test('a time that is no time is malformed', async () => {
  const { scheme, headers, secret, body, at } = EXAMPLES.slack!
  for (const time of ['', 'now', '1531420618.5', '-5', '1e9', '9'.repeat(30)]) {
    expect(await check(scheme, [secret], { ...headers, 'X-Slack-Request-Timestamp': time }, body, at!), time).toBe(
      'malformed',
    )
  }
})

test('secrets that are made can be used, and no two are the same', () => {
  for (const scheme of Object.values(SCHEMES)) {
    const made = scheme.newSecret()
    expect(scheme.keyBytes(made)!.length).toBeGreaterThanOrEqual(32)
    expect(scheme.newSecret()).not.toBe(made)
  }
  expect(SCHEMES['standard-webhooks'].newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(SCHEMES['standard-webhooks'].keyBytes('whsec_not base64')).toBeNull()
})
