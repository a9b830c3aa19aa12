/** The keys that roots are signed with: Ed25519, made from BATON_SECRET; one that was replaced is vouched for by the one after it. */
import { endorsedText } from '../../domain/proof/root.ts'
import type { Env } from '../../env.ts'
import { sha256Hex } from '../../records/ids.ts'
import { type AuditKey, keepKeys, knownKeys } from '../../records/proof.ts'
import { allSecrets, derive, fromBase64Url, toBase64Url } from '../../team/secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>
type WithDb = Secrets & Pick<Env, 'DB'>

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8 = Uint8Array.from([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20])

export interface Signer {
  kid: string
  /** The raw public key, as base64url. */
  public: string
  sign(text: string): Promise<string>
}

/** What signs, of the secret in use. */
export function signerOf(env: Secrets): Promise<Signer> {
  return signerBy(env.BATON_SECRET)
}

async function signerBy(secret: string): Promise<Signer> {
  const seed = await derive(secret, 'audit-root')
  const der = new Uint8Array([...PKCS8, ...seed])
  const key = (await crypto.subtle.importKey('pkcs8', der, 'Ed25519', true, ['sign'])) as CryptoKey
  const { x } = (await crypto.subtle.exportKey('jwk', key)) as JsonWebKey
  const kid = `audit_${(await sha256Hex(x!)).slice(0, 16)}`
  return {
    kid,
    public: x!,
    sign: async text =>
      toBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(text)))),
  }
}

/**
 * The keys to trust, the one in use first; those that were in use are vouched for by it, or by one that it vouches for.
 * Others that D1 may name are left out: whoever can write there could add one.
 */
export async function publishedKeys(env: WithDb, now: number): Promise<AuditKey[]> {
  const known = new Map((await knownKeys(env.DB)).map(key => [key.kid, key]))
  const [own, ...old] = await Promise.all(allSecrets(env).map(signerBy))
  const active = {
    kid: own!.kid,
    public: own!.public,
    since: known.get(own!.kid)?.since ?? now,
    retired: null,
    endorsedBy: null,
    endorsement: null,
  }
  const trusted = new Map<string, AuditKey>([[active.kid, active]])
  for (const { kid, public: key } of old) {
    const row = known.get(kid)
    const endorsement = await own!.sign(endorsedText(kid, key))
    const retired = row?.retired ?? now
    if (row !== undefined && !trusted.has(kid))
      trusted.set(kid, { ...row, public: key, retired, endorsedBy: own!.kid, endorsement })
  }
  for (let more = true; more; ) {
    more = false
    for (const key of known.values()) {
      const by = trusted.get(key.endorsedBy ?? '')
      if (trusted.has(key.kid) || by === undefined || key.endorsement === null) continue
      if (!(await isSigned(by.public, endorsedText(key.kid, key.public), key.endorsement))) continue
      trusted.set(key.kid, key)
      more = true
    }
  }
  return [...trusted.values()]
}

/** Keeps what vouches for keys, so that they stay published when their secret is gone. */
export async function keepPublished(env: WithDb, now: number): Promise<void> {
  await keepKeys(env.DB, await publishedKeys(env, now))
}

async function isSigned(publicKey: string, text: string, signature: string): Promise<boolean> {
  const [raw, bytes] = [fromBase64Url(publicKey), fromBase64Url(signature)]
  if (raw?.length !== 32 || bytes?.length !== 64) return false
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, bytes, new TextEncoder().encode(text))
}
