/** Tokens that carry claims in the open and are signed for one purpose; who changes a character of one holds nothing. */
import type { Env } from '../env.ts'
import { hex } from '../records/ids.ts'
import { allSecrets, derive, fromBase64Url, type Purpose, toBase64Url } from './secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

const VERSION = 1
/** Far above any token of ours; a longer text is not worth decoding. */
const MAX_TOKEN = 2048

/** Signs these claims. */
export async function signToken(env: Secrets, purpose: Purpose, claims: object): Promise<string> {
  const payload = { v: VERSION, kid: await keyId(env.BATON_SECRET), ...claims }
  const body = toBase64Url(new TextEncoder().encode(JSON.stringify(payload)))
  const key = await signingKey(env.BATON_SECRET, purpose)
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(body))
  return `${body}.${toBase64Url(new Uint8Array(signature))}`
}

/** The claims of a token that was signed for this purpose, by the secret that holds or an earlier one; else null. */
export async function readToken<Claims extends object>(
  env: Secrets,
  purpose: Purpose,
  token: string,
): Promise<Claims | null> {
  const [body, signed, ...rest] = token.length <= MAX_TOKEN ? token.split('.') : []
  const signature = signed === undefined || rest.length > 0 ? null : fromBase64Url(signed)
  const bytes = body === undefined ? null : fromBase64Url(body)
  if (!signature || !bytes || !body) return null
  const payload = parsePayload<Claims>(bytes)
  const secret = payload && (await secretById(env, payload.kid))
  if (!payload || !secret) return null
  // subtle.verify compares in constant time.
  const text = new TextEncoder().encode(body)
  if (!(await crypto.subtle.verify('HMAC', await signingKey(secret, purpose), signature, text))) return null
  const { v: _v, kid: _kid, ...claims } = payload
  return claims as unknown as Claims
}

type Payload<Claims> = Claims & { v: number; kid: string }

function parsePayload<Claims>(bytes: Uint8Array): Payload<Claims> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value = JSON.parse(text) as Payload<Claims>
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

async function signingKey(secret: string, purpose: Purpose): Promise<CryptoKey> {
  const bytes = await derive(secret, purpose)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
