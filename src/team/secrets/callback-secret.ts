/**
 * The secret that a workflow's callbacks are signed with, in the manner of Standard Webhooks: made where one is first needed,
 * shown once, to whoever asks first, and rolled; the one before then signs beside it for a while.
 */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import {
  addCallbackSecret,
  callbackSecret,
  noteShown,
  rollCallbackSecret,
  type StoredCallbackSecret,
} from '../../records/task/told/callback-secrets.ts'
import { seal, unseal } from '../vault.ts'

type Secrets = Pick<Env, 'DB' | 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** Whose callbacks the secret signs. */
export interface Signer {
  team: string
  workflow: string
}

/** How long the secret before still signs: who checks signatures has so long to take the new one. */
const OVERLAP_MS = 24 * 3_600_000
const TRIES = 5

const sealedTo = ({ team, workflow }: Signer) => ({ team, id: `callbacks:${workflow}` })

/** A new secret in the manner of Standard Webhooks. */
export function newSigningSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`
}

/** The workflow's secret as it is kept; one is made where there is none. */
async function needed(env: Secrets, signer: Signer, actor: Actor, at: number): Promise<StoredCallbackSecret> {
  const { team, workflow } = signer
  const kept = await callbackSecret(env.DB, team, workflow)
  if (kept !== null) return kept
  await addCallbackSecret(env.DB, { ...signer, actor, at }, await seal(env, sealedTo(signer), 1, newSigningSecret()))
  const made = await callbackSecret(env.DB, team, workflow)
  if (made === null) throw new Error('a secret of callbacks was made and is not there')
  return made
}

/** The workflow's secret, to be shown this once; null: somebody was shown it before, or it cannot be opened any more. */
export async function showCallbackSecret(
  env: Secrets,
  signer: Signer,
  actor: Actor,
  at: number,
): Promise<string | null> {
  const { sealed, shownAt } = await needed(env, signer, actor, at)
  if (shownAt !== null) return null
  const secret = await unseal(env, sealedTo(signer), sealed)
  if (secret === null) return null
  return (await noteShown(env.DB, { ...signer, actor, at })) ? secret : null
}

/** A new secret, shown this once, and until when the one before signs beside it. */
export async function rolledCallbackSecret(
  env: Secrets,
  signer: Signer,
  actor: Actor,
  at: number,
): Promise<{ secret: string; until: number }> {
  const until = at + OVERLAP_MS
  for (let tried = 0; tried < TRIES; tried++) {
    const { sealed } = await needed(env, signer, actor, at)
    const secret = newSigningSecret()
    const next = await seal(env, sealedTo(signer), sealed.version + 1, secret)
    if (await rollCallbackSecret(env.DB, { ...signer, actor, at }, next, { ...sealed, until })) return { secret, until }
  }
  throw new Error('a secret of callbacks was rolled by others each time it was to be rolled')
}

/** The secrets that a callback is signed with now, the newest first; empty: none can be opened any more. */
export async function signingSecrets(env: Secrets, signer: Signer, at: number): Promise<string[]> {
  const { sealed, previous } = await needed(env, signer, { kind: 'system' }, at)
  const kept = previous !== null && (previous.until ?? 0) > at ? [sealed, previous] : [sealed]
  const opened = await Promise.all(kept.map(one => unseal(env, sealedTo(signer), one)))
  return opened.filter(secret => secret !== null)
}

/** The header `webhook-signature` of Standard Webhooks: for each secret `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`. */
export async function signCallback(secrets: string[], id: string, timestamp: number, body: string): Promise<string> {
  const message = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  const signatures = await Promise.all(secrets.map(secret => signature(secret, message)))
  return signatures.join(' ')
}

async function signature(secret: string, message: BufferSource): Promise<string> {
  const raw = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), char => char.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', key, message)
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signed)))}`
}
