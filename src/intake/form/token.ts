/** A form's hidden token: when the page was made, signed, so that a machine must wait and an old page is told from a new one. */
import type { Env } from '../../env.ts'
import { base32 } from '../../records/ids.ts'
import { allSecrets, derive, fromBase64Url, toBase64Url } from '../../team/secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** Nobody fills in a form faster. */
const SHORTEST_MS = 2000
const LONGEST_MS = 24 * 3_600_000

export type TokenReading = { ok: true; id: string } | { ok: false; why: 'forged' | 'fast' | 'stale' }

const TOKEN = /^(\d{13})\.([a-z2-7]{16})\.([\w-]{43})$/

/** A token for a page of this form that is made now. */
export async function newToken(env: Secrets, intake: string, now: number): Promise<string> {
  const body = `${now}.${base32(crypto.getRandomValues(new Uint8Array(10)), 16)}`
  const signature = await crypto.subtle.sign('HMAC', await keyOf(env.BATON_SECRET), text(`${intake}.${body}`))
  return `${body}.${toBase64Url(new Uint8Array(signature))}`
}

/** Reads a token that came back with the form. */
export async function readToken(env: Secrets, intake: string, token: string, now: number): Promise<TokenReading> {
  const [, made, id, signed] = TOKEN.exec(token) ?? []
  const signature = signed === undefined ? null : fromBase64Url(signed)
  if (!signature || id === undefined) return { ok: false, why: 'forged' }
  if (!(await isOurs(env, signature, `${intake}.${made}.${id}`))) return { ok: false, why: 'forged' }
  const age = now - Number(made)
  if (age > LONGEST_MS) return { ok: false, why: 'stale' }
  return age < SHORTEST_MS ? { ok: false, why: 'fast' } : { ok: true, id }
}

async function isOurs(env: Secrets, signature: Uint8Array, body: string): Promise<boolean> {
  // subtle.verify compares in constant time.
  for (const secret of allSecrets(env)) {
    if (await crypto.subtle.verify('HMAC', await keyOf(secret), signature, text(body))) return true
  }
  return false
}

async function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = await derive(secret, 'form-token')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}
