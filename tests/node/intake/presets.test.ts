/** Known services: for each a delivery signed as its documentation says, by another implementation than the one under test. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { samenessOf } from '../../../src/intake/arrival/same-delivery.ts'
import { hmacScheme, wrongHmac } from '../../../src/intake/signatures/hmac.ts'
import { PRESET_NAMES, type PresetName, presetSettings } from '../../../src/intake/signatures/presets.ts'
import { importKey, verify } from '../../../src/intake/signatures/signature.ts'
import { besideSigned } from '../../support/unsigned-headers.ts'

const SECRET = 'a-secret-of-the-service'
const NOW = 1_750_000_000
const ISO = new Date(NOW * 1000).toISOString()
const MS = String(NOW * 1000)
const BODY = '{"event": "order.paid", "n": 7}'
const URL = 'https://baton.test/in/int_x?a=1'

const sign = (message: string, as: 'hex' | 'base64' = 'hex', hash = 'sha256', key: string | Buffer = SECRET) =>
  createHmac(hash, key).update(message).digest(as)

interface Sent {
  headers: Record<string, string>
  body?: string
  secret?: string
  url?: string
  /** Whether a time is signed. */
  timed?: true
}

// Twilio's own example, with the signature that its documentation and libraries print.
const TWILIO = {
  headers: { 'X-Twilio-Signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
  body: 'To=%2B18005551212&Caller=%2B14158675309&Digits=1234&CallSid=CA1234567890ABCDE&From=%2B14158675309',
  secret: '12345',
  url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
}

const AIRTABLE_KEY = Buffer.from('the MAC secret of the webhook')

const SENT: Record<PresetName, Sent> = {
  // airtable.com/developers, "Webhooks": hmac-sha256= over the body, the MAC secret in base64.
  airtable: {
    headers: { 'X-Airtable-Content-MAC': `hmac-sha256=${sign(BODY, 'hex', 'sha256', AIRTABLE_KEY)}` },
    secret: AIRTABLE_KEY.toString('base64'),
  },
  // developers.asana.com, "Webhooks": X-Hook-Signature over the body, hex, by the secret of the handshake.
  asana: { headers: { 'X-Hook-Signature': sign(BODY) } },
  // RFC 7617's example.
  basic: { headers: { authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' }, secret: 'Aladdin:open sesame' },
  // developer.box.com, "Verify webhook signatures": the body, then the delivery's timestamp; base64.
  box: {
    headers: { 'BOX-DELIVERY-TIMESTAMP': ISO, 'BOX-SIGNATURE-PRIMARY': sign(`${BODY}${ISO}`, 'base64') },
    timed: true,
  },
  // developer.calendly.com, "Webhook signatures": t=…,v1=… over `t.body`.
  calendly: { headers: { 'Calendly-Webhook-Signature': `t=${NOW},v1=${sign(`${NOW}.${BODY}`)}` }, timed: true },
  // dropbox.com/developers, "Webhooks": the body, hex, by the app's secret.
  dropbox: { headers: { 'X-Dropbox-Signature': sign(BODY) } },
  // docs.gitlab.com, "Webhooks": the secret token as it is.
  gitlab: { headers: { 'X-Gitlab-Token': SECRET } },
  // developers.hubspot.com, "Validating requests", v3: method, URL, body, timestamp in ms; base64.
  hubspot: {
    headers: {
      'X-HubSpot-Request-Timestamp': MS,
      'X-HubSpot-Signature-v3': sign(`POST${URL}${BODY}${MS}`, 'base64'),
    },
    timed: true,
  },
  // developers.intercom.com, "Webhook notifications": sha1= over the body.
  intercom: { headers: { 'X-Hub-Signature': `sha1=${sign(BODY, 'hex', 'sha1')}` } },
  // linear.app/developers, "Webhooks": the body, hex.
  linear: { headers: { 'Linear-Signature': sign(BODY) } },
  // developers.facebook.com, "Webhooks: getting started": sha256= over the body.
  meta: { headers: { 'X-Hub-Signature-256': `sha256=${sign(BODY)}` } },
  // docs.mux.com, "Verify webhook signatures": t=…,v1=… over `t.body`.
  mux: { headers: { 'Mux-Signature': `t=${NOW},v1=${sign(`${NOW}.${BODY}`)}` }, timed: true },
  // developer.paddle.com, "Signature verification": ts=…;h1=… over `ts:body`.
  paddle: { headers: { 'Paddle-Signature': `ts=${NOW};h1=${sign(`${NOW}:${BODY}`)}` }, timed: true },
  // shopify.dev, "Verify deliveries through HTTPS": the body, base64.
  shopify: { headers: { 'X-Shopify-Hmac-SHA256': sign(BODY, 'base64') } },
  // developer.squareup.com, "Verify and validate an event notification": URL and body, base64.
  square: { headers: { 'x-square-hmacsha256-signature': sign(`${URL}${BODY}`, 'base64') } },
  twilio: TWILIO,
  // dev.twitch.tv, "Handling webhook events": id, timestamp and body.
  twitch: {
    headers: {
      'Twitch-Eventsub-Message-Id': 'e76c6bd4-55c9-4987-8304-da1588d8988b',
      'Twitch-Eventsub-Message-Timestamp': '2025-06-15T15:06:40.123456789Z',
      'Twitch-Eventsub-Message-Signature': `sha256=${sign(`e76c6bd4-55c9-4987-8304-da1588d8988b2025-06-15T15:06:40.123456789Z${BODY}`)}`,
    },
    timed: true,
  },
  // typeform.com/developers, "Secure your webhooks": sha256= and base64 of the body.
  typeform: { headers: { 'Typeform-Signature': `sha256=${sign(BODY, 'base64')}` } },
  // vercel.com/docs, "Securing webhooks": SHA-1 of the body, hex.
  vercel: { headers: { 'x-vercel-signature': sign(BODY, 'hex', 'sha1') } },
  // developers.webflow.com, "Working with webhooks": `timestamp:body`, the time in ms.
  webflow: { headers: { 'x-webflow-timestamp': MS, 'x-webflow-signature': sign(`${MS}:${BODY}`) }, timed: true },
  // workos.com/docs, "Webhooks": t in ms, v1 over `t.body`.
  workos: { headers: { 'WorkOS-Signature': `t=${MS}, v1=${sign(`${MS}.${BODY}`)}` }, timed: true },
  // developer.zendesk.com, "Verifying webhook authenticity": timestamp and body, base64.
  zendesk: {
    headers: {
      'X-Zendesk-Webhook-Signature-Timestamp': ISO,
      'X-Zendesk-Webhook-Signature': sign(`${ISO}${BODY}`, 'base64'),
    },
    timed: true,
  },
  // developers.zoom.us, "Verify webhook events": v0= over `v0:timestamp:body`.
  zoom: {
    headers: { 'x-zm-request-timestamp': String(NOW), 'x-zm-signature': `v0=${sign(`v0:${NOW}:${BODY}`)}` },
    timed: true,
  },
}

async function check(name: PresetName, sent: Sent, now = NOW) {
  const scheme = hmacScheme(presetSettings(name))
  const key = await importKey(scheme.keyBytes(sent.secret ?? SECRET)!, scheme.hash)
  const bytes = new TextEncoder().encode(sent.body ?? BODY)
  const request = { headers: new Headers(sent.headers), bytes, now: now * 1000, method: 'POST', url: sent.url ?? URL }
  const verified = await verify(scheme, request, [key])
  return verified.ok ? verified : verified.fault
}

const NAMES = PRESET_NAMES.map(name => [name, SENT[name]] as const)
const TOKENS: PresetName[] = ['gitlab', 'basic']

describe.each(NAMES)('%s', (name, sent) => {
  test('its delivery verifies, and its settings hold together', async () => {
    expect(await check(name, sent)).toMatchObject({ ok: true })
    expect(wrongHmac(presetSettings(name))).toBeNull()
  })

  test('another body, secret or address, or an old time does not', async () => {
    if (!TOKENS.includes(name)) expect(await check(name, { ...sent, body: `${sent.body ?? BODY}&x=1` })).toBe('wrong')
    const other = Buffer.from('another secret of the service')
    expect(
      await check(name, { ...sent, secret: name === 'airtable' ? other.toString('base64') : other.toString() }),
    ).toBe('wrong')
    const signsUrl = ['square', 'twilio', 'hubspot'].includes(name)
    const elsewhere = await check(name, { ...sent, url: 'https://baton.test/in/int_y' })
    expect(elsewhere).toEqual(signsUrl ? 'wrong' : expect.objectContaining({ ok: true }))
    expect(await check(name, sent, NOW + 302)).toEqual(sent.timed ? 'stale' : expect.objectContaining({ ok: true }))
    expect(await check(name, { ...sent, headers: {} })).toBe('missing')
  })
})

test('Basic takes names and passwords with blanks and letters of any script, its own name in any case', async () => {
  for (const secret of ['Aladdin: open  sesame ! ', 'Müller:pässwörd', 'a:b c:d e']) {
    for (const way of ['Basic', 'basic', 'BASIC']) {
      const authorization = `${way} ${Buffer.from(secret).toString('base64')}`
      expect(await check('basic', { headers: { authorization }, secret })).toMatchObject({ ok: true, message: null })
    }
  }
  expect(await check('intercom', { headers: { 'X-Hub-Signature': `SHA1=${sign(BODY, 'hex', 'sha1')}` } })).toBe(
    'malformed',
  )
})

test('an id that is signed is told, as it tells one message from another', async () => {
  expect(await check('twitch', SENT.twitch)).toMatchObject({ ok: true, id: 'e76c6bd4-55c9-4987-8304-da1588d8988b' })
  expect(await check('zoom', SENT.zoom)).toMatchObject({ ok: true, id: null })
})

describe('no header that is not signed decides whether a delivery came before', () => {
  test.each(NAMES)('%s', async (name, sent) => {
    const auth = { type: 'hmac', ...presetSettings(name) } as const
    for (const beside of besideSigned(new Headers(sent.headers), 1)) {
      const headers = new Headers({ ...sent.headers, ...beside })
      const proof = await check(name, { ...sent, headers: Object.fromEntries(headers) })
      if (typeof proof === 'string') throw new Error(proof)
      const key = headers.get('idempotency-key') ?? undefined
      const sameness = samenessOf({ auth }, headers, JSON.parse(BODY), proof, key)
      // A token proves the whole request, as a team's key does: whoever caught one can write anything.
      if (TOKENS.includes(name)) expect(sameness.by).toBe(key === undefined ? 'nothing' : 'name')
      else if (name === 'twitch') expect(sameness).toEqual({ by: 'signed id', text: proof.id })
      else expect(sameness.by).toBe('message')
    }
  })
})

test('SHA-512 and SHA-384, and several signatures in one header', async () => {
  for (const algorithm of ['sha512', 'sha384'] as const) {
    const scheme = hmacScheme({ header: 'x-sign', algorithm, encoding: 'hex' })
    const key = await importKey(scheme.keyBytes(SECRET)!, scheme.hash)
    const headers = new Headers({ 'x-sign': `00, ${sign(BODY, 'hex', algorithm)}` })
    const verified = await verify(scheme, { headers, bytes: new TextEncoder().encode(BODY), now: 0 }, [key])
    expect(verified.ok, algorithm).toBe(true)
  }
})

test('what is used but not signed is refused where it is set', () => {
  const own = { header: 'x-sign', algorithm: 'sha256', encoding: 'hex' } as const
  expect(wrongHmac({ ...own, timestampHeader: 'x-time', signed: '{body}' })?.path).toBe('signed')
  expect(wrongHmac({ ...own, idHeader: 'x-id' })?.path).toBe('signed')
  expect(wrongHmac({ ...own, signed: '{timestamp}{body}' })?.path).toBe('timestampHeader')
  expect(wrongHmac({ ...own, signed: '{time}{body}' })?.message).toContain('{time}')
  expect(wrongHmac({ ...own, signed: 'nothing' })?.path).toBe('signed')
  expect(wrongHmac({ ...own, encoding: 'text' })?.path).toBe('encoding')
})
