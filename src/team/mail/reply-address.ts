/** Where answers to our mail about a task go: `reply+token@domain`. The token names team and task and is signed, as nobody may guess one. */
import type { Env } from '../../env.ts'
import { base32, isId } from '../../records/ids.ts'
import { allSecrets, derive } from '../secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** No intake may have it. */
export const REPLY = 'reply'

/** 40 bits, as a local part holds 64 characters. */
const SIGNATURE = 8
const TOKEN = /^([a-z2-7]{26})([a-z2-7]{20})([a-z2-7]{8})$/

/** The address to which answers about this task go; undefined where no mail comes in. */
export async function replyAddress(
  env: Secrets & Pick<Env, 'BATON_MAIL_DOMAIN'>,
  team: string,
  task: string,
): Promise<string | undefined> {
  const domain = env.BATON_MAIL_DOMAIN?.trim().toLowerCase()
  if (!domain || !isId('team', team)) return undefined
  const token = `${task.slice('tsk_'.length)}${team.slice('team_'.length)}`
  return `${REPLY}+${token}${await sign(env.BATON_SECRET, team, task)}@${domain}`
}

/** The task that a token stands for, if we signed it. */
export async function taskOfToken(env: Secrets, token: string): Promise<{ team: string; task: string } | null> {
  const [, taskPart, teamPart, signature] = TOKEN.exec(token.toLowerCase()) ?? []
  if (taskPart === undefined) return null
  const found = { team: `team_${teamPart}`, task: `tsk_${taskPart}` }
  for (const secret of allSecrets(env)) if ((await sign(secret, found.team, found.task)) === signature) return found
  return null
}

async function sign(secret: string, team: string, task: string): Promise<string> {
  const bytes = await derive(secret, 'mail-reply')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${team}:${task}`))
  return base32(new Uint8Array(signed), SIGNATURE)
}
