/** Signed links to an approval: what a token says, how it is signed and how it is read. Whether it still applies is the Task DO's to say. */
import type { Env } from '../env.ts'
import { base32, hex } from '../records/ids.ts'
import { allSecrets, derive, fromBase64Url, toBase64Url } from '../team/secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** What a link is for: one person, one question, one content. */
export interface LinkClaims {
  team: string
  task: string
  visit: number
  run: number
  /** Of the content that was asked about. */
  digest: string
  /** The address that the link was made for. */
  recipient: string
  /** In seconds since the epoch. */
  exp: number
  jti: string
}

export type LinkReading =
  | { ok: true; claims: LinkClaims }
  | { ok: false; why: 'forged' | 'expired'; claims?: LinkClaims }

export const LINK_LIFETIME_MS = 72 * 3_600_000
const DAY_MS = 24 * 3_600_000
const VERSION = 1
/** Far above any link of ours; a longer text is not worth decoding. */
const MAX_TOKEN = 2048

/** When a link made now ends: 72 hours on, or a day after the question is due, but within a week. */
export function linkEnd(now: number, due: number | null): number {
  return Math.min(Math.max(now + LINK_LIFETIME_MS, (due ?? 0) + DAY_MS), now + 7 * DAY_MS)
}

/** Signs a link's token for this recipient, good for 72 hours unless told otherwise. */
export async function signLink(
  env: Secrets,
  subject: Omit<LinkClaims, 'exp' | 'jti'>,
  now: number,
  until = now + LINK_LIFETIME_MS,
): Promise<string> {
  const { team, task, visit, run, digest, recipient } = subject
  const exp = Math.floor(until / 1000)
  const jti = base32(crypto.getRandomValues(new Uint8Array(10)), 16)
  const payload = {
    v: VERSION,
    kid: await keyId(env.BATON_SECRET),
    team,
    task,
    visit,
    run,
    digest,
    recipient,
    exp,
    jti,
  }
  const body = toBase64Url(new TextEncoder().encode(JSON.stringify(payload)))
  const signature = await crypto.subtle.sign('HMAC', await signingKey(env.BATON_SECRET), new TextEncoder().encode(body))
  return `${body}.${toBase64Url(new Uint8Array(signature))}`
}

/** Reads a token. A forged one says nothing; an expired one still says what it was for. */
export async function readLink(env: Secrets, token: string, now: number): Promise<LinkReading> {
  const forged = { ok: false, why: 'forged' } as const
  const [body, signed, ...rest] = token.length <= MAX_TOKEN ? token.split('.') : []
  const signature = signed === undefined || rest.length > 0 ? null : fromBase64Url(signed)
  const bytes = body === undefined ? null : fromBase64Url(body)
  if (!signature || !bytes || !body) return forged
  const payload = parsePayload(bytes)
  const secret = payload && (await secretById(env, payload.kid))
  if (!payload || !secret) return forged
  // subtle.verify compares in constant time.
  const text = new TextEncoder().encode(body)
  if (!(await crypto.subtle.verify('HMAC', await signingKey(secret), signature, text))) return forged
  const { v: _v, kid: _kid, ...claims } = payload
  return claims.exp * 1000 > now ? { ok: true, claims } : { ok: false, why: 'expired', claims }
}

interface Payload extends LinkClaims {
  v: number
  kid: string
}

function parsePayload(bytes: Uint8Array): Payload | null {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as Payload
    // The signature vouches for the rest: only what this code signed gets past it.
    return value !== null && typeof value === 'object' && value.v === VERSION && typeof value.kid === 'string'
      ? value
      : null
  } catch {
    return null
  }
}

async function secretById(env: Secrets, kid: string): Promise<string | null> {
  for (const secret of allSecrets(env)) if ((await keyId(secret)) === kid) return secret
  return null
}

/** Names a secret without saying anything about it. */
async function keyId(secret: string): Promise<string> {
  return hex((await derive(secret, 'key-id')).slice(0, 4))
}

async function signingKey(secret: string): Promise<CryptoKey> {
  const bytes = await derive(secret, 'approval-link')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
