/** Who may send to an intake: found with its key in one D1 read at most, then let in by key, by signature, or as anyone. */

import { BoundedCache } from '../../domain/bounded-cache.ts'
import type { TeamKey } from '../../domain/caller.ts'
import { type ApiContext, publicUrl } from '../../http/context.ts'
import type { ApiProblem } from '../../http/errors.ts'
import { refuse } from '../../http/errors.ts'
import { lacksScope } from '../../http/route.ts'
import { isId } from '../../records/ids.ts'
import { findIntake, type OpenIntake } from '../../records/intake/intakes.ts'
import type { StoredKey } from '../../records/people/keys.ts'
import { checkToken } from '../../team/keys/keys.ts'
import { noteUse, presentedToken } from '../../team/keys/require-key.ts'
import { withOrigin } from '../../team/origin.ts'
import type { Proof } from '../arrival/same-delivery.ts'
import { schemeOf } from '../signatures/schemes.ts'
import { signWith, toHex, verify } from '../signatures/signature.ts'
import { awaitsOffer, currentSecret } from '../webhook-secret.ts'
import { type OpenSecret, openSecrets } from './secrets.ts'

/** Publish, pause and revoke hold at intakes within 10 s. */
const CACHED_MS = 9_000
const MAX_CACHED = 500

export interface Found {
  intake: OpenIntake
  key: StoredKey | null
}

const cached = new BoundedCache<{ at: number; found: Found }>(MAX_CACHED)

/** Intake, live version and key: from this isolate's memory for some seconds, else one D1 read. What is missing is not remembered. */
export async function find(c: ApiContext, id: string): Promise<Found | null> {
  if (!isId('int', id)) return null
  const token = presentedToken(c)
  const keyId = token.ok ? token.keyId : null
  const now = Date.now()
  const known = kept(id, now) ?? (keyId === null ? null : kept(`${id} ${keyId}`, now))
  if (known) return known
  const { intake, key } = await findIntake(c.env.DB, id, keyId)
  if (intake?.kind !== 'webhook') return null
  const found = { intake, key }
  // What it waits for may come at any moment, and deliveries right after it.
  if (isWaiting(intake)) return found
  if (intake.config.auth.type !== 'key') cached.keep(id, { at: now, found })
  else if (key) cached.keep(`${id} ${key.id}`, { at: now, found })
  return found
}

/** Lets a change hold at once in this isolate; in others it holds within 10 s. */
export function forgetIntake(id: string): void {
  cached.forgetAll(id)
}

function kept(name: string, now: number): Found | null {
  const hit = cached.peek(name)
  return hit && now - hit.at < CACHED_MS ? hit.found : null
}

export type Admitted = { ok: true; key: TeamKey | null } | { ok: false; problem: ApiProblem }

/** Lets a delivery in by its team key, where the intake asks for one: before the body is read. */
export async function admitByKey(c: ApiContext, { intake, key: stored }: Found): Promise<Admitted> {
  if (intake.config.auth.type !== 'key') return { ok: true, key: null }
  const token = presentedToken(c)
  if (!token.ok) return refuse({ kind: 'unauthorized', fault: token.fault })
  const checked = await checkToken(token.token, stored, Date.now())
  if (!checked.ok) return refuse({ kind: 'unauthorized', fault: checked.fault })
  const { key } = checked
  if (key.team !== intake.team) return refuse({ kind: 'unauthorized', fault: 'wrong_team' })
  // The limits of a key are the API's; a provider's burst of webhooks is bounded by the intake's own limit, if it sets one.
  const refused = lacksScope(key, 'tasks:write')
  if (refused) return refuse(refused)
  noteUse(c, stored!)
  return { ok: true, key: await withOrigin(c, key.team, key) }
}

/** Whether it has no secret, as its sender is to offer one. */
function isWaiting({ config }: OpenIntake): boolean {
  return awaitsOffer(config.auth) && currentSecret(config) === undefined
}

const NO_SECRET_YET: ApiProblem = {
  kind: 'conflict',
  code: 'no_secret_yet',
  message: 'This intake has no secret yet: its sender offers one before it sends.',
  hint: 'Create the webhook at its sender, with this address.',
}

const opened = new WeakMap<OpenIntake, Promise<OpenSecret[]>>()

/** `sign`: signs a text as the sender does, in hex; null: nothing is signed here. */
export type Signed =
  | { ok: true; proof: Proof; sign: ((text: string) => Promise<string>) | null }
  | { ok: false; problem: ApiProblem }

/** Checks the signature over the raw bytes, where the intake asks for one. */
export async function checkSignature(c: ApiContext, intake: OpenIntake, bytes: Uint8Array): Promise<Signed> {
  const scheme = schemeOf(intake.config.auth)
  if (scheme === null) return { ok: true, proof: { id: null, message: null }, sign: null }
  const now = Date.now()
  const secrets = opened.get(intake) ?? openSecrets(c.env, intake)
  opened.set(intake, secrets)
  const keys = (await secrets).filter(secret => secret.until === null || secret.until > now).map(secret => secret.key)
  if (keys.length === 0) {
    if (isWaiting(intake)) return refuse(NO_SECRET_YET)
    const message = 'The secret of this intake can no longer be read.'
    const hint = 'Rotate it: BATON_SECRET has changed.'
    return refuse({ kind: 'conflict', code: 'secret_unreadable', message, hint })
  }
  const { pathname, search } = new URL(c.req.url)
  // As its sender was given it, which is what some sign: a proxy may have changed the host.
  const url = publicUrl(c.env, `${pathname}${search}`)
  const request = { headers: c.req.raw.headers, bytes, now, method: c.req.method, url }
  const verified = await verify(scheme, request, keys)
  if (verified.ok) {
    const sign = async (text: string) => toHex(await signWith(verified.key, new TextEncoder().encode(text)))
    return { ok: true, proof: verified, sign }
  }
  return refuse({ kind: 'signature', fault: verified.fault, header: verified.header })
}
