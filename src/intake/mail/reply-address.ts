/** Addresses that answer a task: `local+token@domain`. The token names the task and is signed, as nobody may guess one. */
import type { Env } from '../../env.ts'
import { base32 } from '../../records/ids.ts'
import { allSecrets, derive } from '../../team/secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** 40 bits, as a local part holds 64 characters. */
const SIGNATURE = 8
const TOKEN = /^([a-z2-7]{26})([a-z2-7]{8})$/

/** The local part to which answers to this task go. */
export async function replyAddress(env: Secrets, address: string, team: string, task: string): Promise<string> {
  return `${address}+${task.slice(4)}${await sign(env.BATON_SECRET, team, task)}`
}

/** The task of a token, if we signed it for this team. */
export async function taskOfToken(env: Secrets, team: string, token: string): Promise<string | null> {
  const [, id, signature] = TOKEN.exec(token.toLowerCase()) ?? []
  if (id === undefined) return null
  const task = `tsk_${id}`
  for (const secret of allSecrets(env)) if ((await sign(secret, team, task)) === signature) return task
  return null
}

async function sign(secret: string, team: string, task: string): Promise<string> {
  const bytes = await derive(secret, 'mail-reply')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${team}:${task}`))
  return base32(new Uint8Array(signed), SIGNATURE)
}
