/** The secret that a workflow's callbacks are signed with: made once, shown once, in the manner of Standard Webhooks. */
import type { Env } from '../../env.ts'
import { addCallbackSecret, callbackSecret } from '../../records/task/callbacks.ts'
import { seal, unseal } from '../vault.ts'

type Secrets = Pick<Env, 'DB' | 'BATON_SECRET' | 'BATON_SECRET_OLD'>

const sealedTo = (team: string, workflow: string) => ({ team, id: `callbacks:${workflow}` })

/** Makes the workflow's secret and answers it; null: it has one, which is shown to nobody. */
export async function makeCallbackSecret(
  env: Secrets,
  team: string,
  workflow: string,
  at: number,
): Promise<string | null> {
  if ((await callbackSecret(env.DB, team, workflow)) !== null) return null
  const secret = `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`
  const sealed = await seal(env, sealedTo(team, workflow), 1, secret)
  return (await addCallbackSecret(env.DB, team, workflow, sealed, at)) ? secret : null
}

/** The secret, to sign with; null: there is none, or it cannot be opened any more. */
export async function openCallbackSecret(env: Secrets, team: string, workflow: string): Promise<string | null> {
  const sealed = await callbackSecret(env.DB, team, workflow)
  return sealed === null ? null : unseal(env, sealedTo(team, workflow), sealed)
}

/** The signature of Standard Webhooks: `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`. */
export async function signCallback(secret: string, id: string, timestamp: number, body: string): Promise<string> {
  const raw = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), char => char.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${id}.${timestamp}.${body}`))
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signed)))}`
}
