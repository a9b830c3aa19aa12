/** Requests that only ask whether an address listens, or who is there: answered as their senders want it, and no task comes of them. */
import type { Json } from '../../domain/json.ts'
import type { IntakeConfig } from '../../records/schema.ts'

export interface Probe {
  /** What is noted of it. */
  reason: string
  reply: { json: Record<string, unknown> } | { text: string } | { header: string; value: string }
}

type AuthType = IntakeConfig['auth']['type']

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
  return { reason: 'It offered a secret (X-Hook-Secret), which was echoed.', reply: { header: 'X-Hook-Secret', value } }
}

/** Slack asks unsigned, too: `type` is the only thing that it says beside a token. */
export function isSslCheck(type: AuthType, text: string): boolean {
  return type === 'slack' && /(?:^|&)ssl_check=1(?:&|$)/.test(text) && text.length < 1024
}

export const SSL_CHECK: Probe = { reason: 'Slack checked the certificate.', reply: { text: '' } }

/** What a sender that proved who it is only asks. */
export function probeIn(type: AuthType, headers: Headers, body: Json): Probe | null {
  if (type === 'github' && headers.get('x-github-event') === 'ping') {
    const reason = 'GitHub’s ping: it only asks whether this address listens.'
    return { reason, reply: { json: { skipped: true, reason } } }
  }
  if (type !== 'slack' || typeof body !== 'object' || body === null || Array.isArray(body)) return null
  if (body.type !== 'url_verification' || typeof body.challenge !== 'string') return null
  return { reason: 'Slack’s challenge was answered.', reply: { json: { challenge: body.challenge } } }
}

/** Slack's commands and buttons want a plain 200, and show a command's answer to whoever typed it. */
export function isSlackCall(type: AuthType, body: Json): 'command' | 'button' | null {
  if (type !== 'slack' || typeof body !== 'object' || body === null || Array.isArray(body)) return null
  if (typeof body.trigger_id !== 'string') return null
  return typeof body.command === 'string' ? 'command' : 'button'
}
