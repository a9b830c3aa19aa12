/** The link by which a form's sender follows what they sent. It names the task and decides nothing. */
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import { readToken, signToken } from '../../team/signed-token.ts'

/** Which task, and the form that it came by: its owner says how much of it is shown. */
export interface StatusClaims {
  team: string
  task: string
  intake: string
  /** Kept back to be looked at: the delivery that the task will be made of. */
  delivery?: string
  /** In seconds since the epoch. */
  exp: number
}

const DAY_MS = 24 * 3_600_000
/** Long enough for slow work, short enough that a lost link does not stay open for ever. */
export const STATUS_DAYS = 180

/** The link to this task's status, made now. */
export async function statusLink(env: Env, subject: Omit<StatusClaims, 'exp'>, now: number): Promise<string> {
  const { team, task, intake, delivery } = subject
  const exp = Math.floor((now + STATUS_DAYS * DAY_MS) / 1000)
  return publicUrl(env, `/s/${await signToken(env, 'status-link', { team, task, intake, delivery, exp })}`)
}

export type StatusReading = { ok: true; claims: StatusClaims } | { ok: false; why: 'forged' | 'expired' }

/** Reads the token of such a link. */
export async function readStatusLink(env: Env, token: string, now: number): Promise<StatusReading> {
  const claims = await readToken<StatusClaims>(env, 'status-link', token)
  if (claims === null) return { ok: false, why: 'forged' }
  return claims.exp * 1000 > now ? { ok: true, claims } : { ok: false, why: 'expired' }
}
