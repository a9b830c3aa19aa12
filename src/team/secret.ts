/** Keys made from BATON_SECRET, one for each purpose: whoever gets hold of one learns nothing of the others. */
import type { Env } from '../env.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** What a derived key is for; a new use takes a new purpose. */
export type Purpose =
  | 'approval-link'
  | 'approval-code'
  | 'status-link'
  | 'share-link'
  | 'embed-link'
  | 'form-token'
  | 'mail-reply'
  | 'file-link'
  | 'team-secret'
  | 'key-id'
  | 'local-team-key'
  | 'local-sign-in'
  | 'session'
  | 'invitation'
  | 'oidc-errand'
  | 'sampling'
  | 'act-origin'
  | 'audit-root'

// Bytes, not promises: a promise of another request's may never settle for this one.
const derived = new Map<string, Uint8Array>()

/** 32 bytes for this purpose, from this secret (HKDF-SHA-256). */
export async function derive(secret: string, purpose: Purpose): Promise<Uint8Array> {
  const id = `${purpose}\n${secret}`
  const known = derived.get(id)
  if (known) return known
  const made = await hkdf(secret, purpose)
  derived.set(id, made)
  return made
}

async function hkdf(secret: string, purpose: Purpose): Promise<Uint8Array> {
  const text = new TextEncoder()
  if (text.encode(secret).length < 32) throw new Error('BATON_SECRET must hold at least 32 bytes')
  const material = await crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, ['deriveBits'])
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: text.encode(`baton/${purpose}/1`) }
  return new Uint8Array(await crypto.subtle.deriveBits(params, material, 256))
}

/** The secret that signs, first, and those that only verify. */
export function allSecrets(env: Secrets): string[] {
  const old = (env.BATON_SECRET_OLD ?? '').split(',').map(secret => secret.trim())
  return [env.BATON_SECRET, ...old.filter(secret => secret !== '')]
}

/** Bytes as base64url, unpadded. */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Reads base64url strictly: one spelling for each value, so that no changed character goes unnoticed. */
export function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, character => character.charCodeAt(0))
  return toBase64Url(bytes) === text ? bytes : null
}
