/** Secrets at rest: AES-256-GCM under a key of the team's own, sealed to the thing they belong to; read by the server alone. */
import type { Env } from '../env.ts'
import type { SealedSecret } from '../records/schema/people.ts'
import { allSecrets, derive, fromBase64Url, toBase64Url } from './secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** What a secret is sealed to: put into another row, it cannot be read. */
export interface SealedTo {
  team: string
  /** Of what it belongs to. */
  id: string
}

const text = new TextEncoder()

/** Encrypts a secret; it holds until it is replaced. */
export async function seal(env: Secrets, to: SealedTo, version: number, secret: string): Promise<SealedSecret> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const key = await teamKey(env.BATON_SECRET, to.team)
  const sealed = await crypto.subtle.encrypt(parameters(iv, to, version), key, text.encode(secret))
  return { version, iv: toBase64Url(iv), data: toBase64Url(new Uint8Array(sealed)), until: null }
}

/** Reads a sealed secret; null when neither the current nor an earlier BATON_SECRET opens it here. */
export async function unseal(env: Secrets, to: SealedTo, sealed: SealedSecret): Promise<string | null> {
  const iv = fromBase64Url(sealed.iv)
  const data = fromBase64Url(sealed.data)
  if (!iv || !data) return null
  for (const secret of allSecrets(env)) {
    try {
      const key = await teamKey(secret, to.team)
      return new TextDecoder().decode(await crypto.subtle.decrypt(parameters(iv, to, sealed.version), key, data))
    } catch {
      // Sealed with another secret, or for another row.
    }
  }
  return null
}

function parameters(iv: Uint8Array, { team, id }: SealedTo, version: number) {
  return { name: 'AES-GCM', iv, additionalData: text.encode(JSON.stringify([team, id, version])) }
}

async function teamKey(secret: string, team: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', await derive(secret, 'team-secret'), 'HKDF', false, [
    'deriveKey',
  ])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: text.encode(team) }
  return crypto.subtle.deriveKey(hkdf, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
