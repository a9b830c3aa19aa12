/** Requests that only ask whether an address listens, or who is there: answered as their senders want it, and no task comes of them. */
import type { Json } from '../../domain/json/json.ts'
import type { IntakeAuth } from '../../records/schema/intake-config.ts'

export interface Probe {
  /** What is noted of it. */
  reason: string
  reply: { json: Record<string, unknown> } | { text: string } | { header: string; value: string }
}

type AuthType = IntakeAuth['type']

/** What a sender asks by GET before it sends: Meta, Dropbox, Microsoft Graph, Slack; null: this is no such question. */
export function challengeByGet(url: string): string | null {
  const { searchParams: asked } = new URL(url)
  if (asked.get('ssl_check') === '1') return ''
  const challenge = asked.get('hub.challenge') ?? asked.get('validationToken') ?? asked.get('challenge')
  return challenge === null || challenge === '' || challenge.length > 1024 ? null : challenge
}

/** A handshake that comes before anything is signed, and asks for nothing but its own words back. */
export function handshake(type: AuthType, headers: Headers, url: string): Probe | null {
  const token = new URL(url).searchParams.get('validationToken')
  if (token) return { reason: 'It asked whether this address listens (validationToken).', reply: { text: token } }
  const value = headers.get('x-hook-secret')
  if (value === null || (type !== 'open' && type !== 'hmac')) return null
  const reason =
    type === 'open'
      ? 'It offered a secret (X-Hook-Secret), which was echoed.'
      : 'It offered a secret (X-Hook-Secret), which was echoed and not taken as this intake’s: its sender is not said to be Asana.'
  return { reason, reply: { header: 'X-Hook-Secret', value } }
}

/** Slack asks unsigned, too: `type` is the only thing that it says beside a token. */
export function isSslCheck(type: AuthType, text: string): boolean {
  return type === 'slack' && /(?:^|&)ssl_check=1(?:&|$)/.test(text) && text.length < 1024
}

export const SSL_CHECK: Probe = { reason: 'Slack checked the certificate.', reply: { text: '' } }

/** What a sender that proved who it is only asks. */
export function probeIn(auth: IntakeAuth, headers: Headers, body: Json): Probe | null {
  const of = senderOf(auth)
  if (of === 'github' && headers.get('x-github-event') === 'ping') return noted('GitHub’s ping')
  if (!isObject(body)) return null
  if (of === 'intercom' && body.topic === 'ping') return noted('Intercom’s ping')
  if (typeof body.challenge !== 'string') return null
  if (of === 'slack' && body.type === 'url_verification')
    return { reason: 'Slack’s challenge was answered.', reply: { json: { challenge: body.challenge } } }
  // By the body, as its header with the kind of message is not signed.
  if (of === 'twitch' && isObject(body.subscription) && body.event === undefined)
    return { reason: 'Twitch’s challenge was answered.', reply: { text: body.challenge } }
  return null
}

/** No text that Zoom signs reads like this: whoever could send any would have all signed for them. */
const ZOOM_TOKEN = /^[\w+/=-]{1,128}$/

/** What a sender asks to prove that the secret is known here; `sign` signs with it, in hex. */
export async function challengeIn(
  auth: IntakeAuth,
  body: Json,
  sign: ((text: string) => Promise<string>) | null,
): Promise<Probe | null> {
  if (senderOf(auth) !== 'zoom' || sign === null || !isObject(body) || !isObject(body.payload)) return null
  const { plainToken } = body.payload
  if (body.event !== 'endpoint.url_validation' || typeof plainToken !== 'string') return null
  if (!ZOOM_TOKEN.test(plainToken)) return null
  const encryptedToken = await sign(plainToken)
  return { reason: 'Zoom’s challenge was answered.', reply: { json: { plainToken, encryptedToken } } }
}

function noted(what: string): Probe {
  const reason = `${what}: it only asks whether this address listens.`
  return { reason, reply: { json: { skipped: true, reason } } }
}

/** The service by its name: a scheme of its own, or one of the grammar's. */
function senderOf(auth: IntakeAuth): string | undefined {
  return auth.type === 'hmac' ? auth.preset : auth.type
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Slack's commands and buttons want a plain 200, and show a command's answer to whoever typed it. */
export function isSlackCall(type: AuthType, body: Json): 'command' | 'button' | null {
  if (type !== 'slack' || !isObject(body)) return null
  if (typeof body.trigger_id !== 'string') return null
  return typeof body.command === 'string' ? 'command' : 'button'
}
