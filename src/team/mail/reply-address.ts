/**
 * Where answers to our mail about a task go: `reply+token@domain`. The token names team and task, and a question that the mail
 * asks; it is signed, as nobody may guess one.
 */
import type { Env } from '../../env.ts'
import { base32, isId } from '../../records/ids.ts'
import { allSecrets, derive } from '../secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** No intake may have it. */
export const REPLY = 'reply'

/** 40 bits, as a local part holds 64 characters. */
const SIGNATURE = 8
const TOKEN = /^([a-z2-7]{26})([a-z2-7]{20})([0-9a-f]{4})?([a-z2-7]{8})$/

/** By what a token tells one question of a task from another: as much of its digest as a local part has room for. */
export function questionMark(digest: string): string {
  return digest.slice(0, 4)
}

/** The address to which answers about this task go, `question` being the digest of what the mail asks; undefined where no mail comes in. */
export async function replyAddress(
  env: Secrets & Pick<Env, 'BATON_MAIL_DOMAIN'>,
  team: string,
  task: string,
  question: string | null = null,
): Promise<string | undefined> {
  const domain = env.BATON_MAIL_DOMAIN?.trim().toLowerCase()
  if (!domain || !isId('team', team)) return undefined
  const mark = question === null ? '' : questionMark(question)
  const token = `${task.slice('tsk_'.length)}${team.slice('team_'.length)}${mark}`
  return `${REPLY}+${token}${await sign(env.BATON_SECRET, { team, task, mark })}@${domain}`
}

/** What an answer is about. `mark`: of the question that was asked; '': it was none that a mail may answer. */
export interface ReplySubject {
  team: string
  task: string
  mark: string
}

/** What a token stands for, if we signed it. */
export async function subjectOfToken(env: Secrets, token: string): Promise<ReplySubject | null> {
  const [, taskPart, teamPart, mark = '', signature] = TOKEN.exec(token.toLowerCase()) ?? []
  if (taskPart === undefined) return null
  const found = { team: `team_${teamPart}`, task: `tsk_${taskPart}`, mark }
  for (const secret of allSecrets(env)) if ((await sign(secret, found)) === signature) return found
  return null
}

async function sign(secret: string, { team, task, mark }: ReplySubject): Promise<string> {
  const bytes = await derive(secret, 'mail-reply')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await crypto.subtle.sign(
    'HMAC',
    key,
    new TextEncoder().encode(mark === '' ? `${team}:${task}` : `${team}:${task}:${mark}`),
  )
  return base32(new Uint8Array(signed), SIGNATURE)
}
