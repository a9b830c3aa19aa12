/** The secrets of signed intakes: made, sealed, rotated, and opened for checking a signature. */
import type { Env } from '../../env.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import type { SealedSecret } from '../../records/schema/people.ts'
import { seal, unseal } from '../../team/vault.ts'
import { schemeOf } from '../signatures/schemes.ts'
import { importKey } from '../signatures/signature.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** An intake as far as its secrets go. */
interface Owner {
  id: string
  team: string
  config: IntakeConfig
}

/** How long a secret still counts once it has a successor. */
export const OVERLAP_MS = 24 * 3_600_000

/** Makes `secret` the current one; the one before counts until `until`, or no more. */
export async function withSecret(
  env: Secrets,
  owner: Owner,
  secret: string,
  until: number | null,
): Promise<SealedSecret[]> {
  const [before] = owner.config.secrets ?? []
  const sealed = await seal(env, owner, (before?.version ?? 0) + 1, secret)
  return before && until !== null ? [sealed, { ...before, until }] : [sealed]
}

export interface OpenSecret {
  key: CryptoKey
  until: number | null
}

/** The keys to check signatures with; a secret that cannot be opened any more is left out. */
export async function openSecrets(env: Secrets, owner: Owner): Promise<OpenSecret[]> {
  const scheme = schemeOf(owner.config.auth)
  const opened = await Promise.all((owner.config.secrets ?? []).map(openOne))
  return opened.flat()

  async function openOne(sealed: SealedSecret): Promise<OpenSecret[]> {
    const secret = await unseal(env, owner, sealed)
    if (secret === null || !scheme) return []
    const readings = [scheme.keyBytes(secret), scheme.otherKeyBytes?.(secret) ?? null].filter(bytes => bytes !== null)
    return Promise.all(readings.map(async bytes => ({ key: await importKey(bytes, scheme.hash), until: sealed.until })))
  }
}
