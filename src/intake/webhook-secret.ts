/** The secret of a signed webhook intake, as its owner may give it, has it made anew, or lets its sender offer it. */
import { z } from '@hono/zod-openapi'
import type { Env } from '../env.ts'
import { type ApiProblem, refuse } from '../http/errors.ts'
import type { Read } from '../http/request/body.ts'
import { fits } from '../http/route.ts'
import type { IntakeRow } from '../records/intake/intakes.ts'
import type { IntakeAuth, IntakeConfig } from '../records/schema/intake-config.ts'
import type { SealedSecret } from '../records/schema/people.ts'
import { OVERLAP_MS, withSecret } from './entry/secrets.ts'
import { schemeOf } from './signatures/schemes.ts'

const DESCRIPTION = 'The shared secret; made, and shown once, when it is left out. Never shown again.'

/** As it was copied: with blanks around it, or within, where it was wrapped. */
export const secretText = z
  .string()
  .overwrite(text => (/^\s*(?:v1,)?whsec_/.test(text) ? text.replace(/\s+/g, '') : text.trim()))
  .regex(/^[\x21-\x7e]{8,512}$/, 'must be 8 to 512 visible ASCII characters')
  .openapi({ description: DESCRIPTION })

/** What somebody chose, such as a name and password: with blanks within, and letters of any script. */
export const chosenText = z
  .string()
  .overwrite(text => text.trim())
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{8,512}$/u, 'must be 8 to 512 visible characters')
  .openapi({ description: DESCRIPTION })

/** Whether the intake's sender is to offer the secret: then none is made. */
export function awaitsOffer(auth: IntakeAuth): boolean {
  return auth.type === 'hmac' && auth.secretHeader !== undefined
}

/** The secret that counts without an end; undefined: none was given, made or offered yet. */
export function currentSecret({ secrets = [] }: Pick<IntakeConfig, 'secrets'>): SealedSecret | undefined {
  return secrets.find(secret => secret.until === null)
}

/** What is wrong with a secret for this scheme. */
export function wrongSecret(auth: IntakeAuth, secret: string): ApiProblem | null {
  const bytes = schemeOf(auth)?.keyBytes(secret) ?? null
  const text = auth.type === 'hmac' ? chosenText : secretText
  if (bytes !== null && bytes.length >= 8 && fits(text, secret).ok) return null
  const message =
    auth.type === 'standard-webhooks'
      ? 'auth.secret: must be whsec_ and base64 of 8 bytes or more.'
      : `auth.secret: must be 8 to 512 visible ${auth.type === 'hmac' ? '' : 'ASCII '}characters.`
  return { kind: 'invalid', message, path: 'auth.secret' }
}

/** An intake whose secret was put aside; `secret`: the new one, unless the sender is to offer it. */
export interface Rotated {
  row: IntakeRow
  secret?: string
  until: number
}

/** The intake with a new secret, or open for one that its sender offers; the one before holds for another 24 h. */
export async function rotatedWebhook(env: Env, row: IntakeRow, given: string | undefined): Promise<Read<Rotated>> {
  const { auth } = row.config
  const scheme = schemeOf(auth)
  if (scheme === null) {
    const message = `An intake with auth ${auth.type} has no secret.`
    return refuse({ kind: 'invalid', code: 'no_secret', message, hint: 'Team keys are rolled under /keys.' })
  }
  const copied = given === undefined ? null : fits(auth.type === 'hmac' ? chosenText : secretText, given)
  const wrong = copied === null ? null : wrongSecret(auth, copied.ok ? copied.value : given!)
  if (wrong) return refuse(wrong)
  const now = Date.now()
  const until = now + OVERLAP_MS
  const kept = (secrets: SealedSecret[]) => ({ ...row, config: { ...row.config, secrets }, updatedAt: now })
  if (copied === null && awaitsOffer(auth)) {
    const aside = (row.config.secrets ?? []).map(secret => ({ ...secret, until: secret.until ?? until }))
    return { ok: true, value: { row: kept(aside), until } }
  }
  const secret = copied?.ok ? copied.value : scheme.newSecret()
  return { ok: true, value: { row: kept(await withSecret(env, row, secret, until)), secret, until } }
}

/** What becomes of a secret that a sender offers: `same`: it is the one that counts already. */
export type Offered = { row: IntakeRow; is: 'taken' | 'same' }

/**
 * Takes a secret that came in a handshake, which nothing proves: so only the first, while no other counts. What its owner
 * put aside holds to its end.
 */
export async function offeredSecret(
  env: Env,
  row: IntakeRow,
  secret: string,
  isCurrent: (row: IntakeRow) => Promise<boolean>,
): Promise<Read<Offered>> {
  const { auth, secrets = [] } = row.config
  const wrong = wrongSecret(auth, secret)
  if (wrong) return refuse({ kind: 'malformed', code: 'bad_offer', message: BAD_OFFER })
  if (currentSecret(row.config)) return (await isCurrent(row)) ? { ok: true, value: { row, is: 'same' } } : refuse(SET)
  const now = Date.now()
  const [sealed] = await withSecret(env, row, secret, null)
  const taken = { ...sealed!, offeredAt: now }
  const config = { ...row.config, secrets: [taken, ...secrets.filter(({ until }) => until !== null && until > now)] }
  return { ok: true, value: { row: { ...row, config, updatedAt: now }, is: 'taken' } }
}

const BAD_OFFER = 'The secret that is offered is not 8 to 512 visible characters.'

const SET: ApiProblem = {
  kind: 'conflict',
  code: 'secret_set',
  message: 'This intake has a secret already; another one that is offered is not taken.',
  hint: 'Rotate its secret on its page to let its sender offer another one, or open an intake of its own for each webhook.',
}
