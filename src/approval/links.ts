/** Signed links to an approval: what a token says, how it is signed and how it is read. Whether it still applies is the Task DO's to say. */
import type { Env } from '../env.ts'
import { base32 } from '../records/ids.ts'
import { readToken, signToken } from '../team/signed-token.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** What a link is for: one person, one question, one content. */
export interface LinkClaims {
  team: string
  task: string
  visit: number
  run: number
  /** Of the content that was asked about. */
  digest: string
  /** The address that the link was made for. */
  recipient: string
  /** In seconds since the epoch. */
  exp: number
  jti: string
}

export type LinkReading =
  | { ok: true; claims: LinkClaims }
  | { ok: false; why: 'forged' | 'expired'; claims?: LinkClaims }

export const LINK_LIFETIME_MS = 72 * 3_600_000
const DAY_MS = 24 * 3_600_000

/** When a link made now ends: 72 hours on, or a day after the question is due, but within a week. */
export function linkEnd(now: number, due: number | null): number {
  return Math.min(Math.max(now + LINK_LIFETIME_MS, (due ?? 0) + DAY_MS), now + 7 * DAY_MS)
}

/** Signs a link's token for this recipient, good for 72 hours unless told otherwise. */
export async function signLink(
  env: Secrets,
  subject: Omit<LinkClaims, 'exp' | 'jti'>,
  now: number,
  until = now + LINK_LIFETIME_MS,
): Promise<string> {
  const { team, task, visit, run, digest, recipient } = subject
  const exp = Math.floor(until / 1000)
  const jti = base32(crypto.getRandomValues(new Uint8Array(10)), 16)
  return signToken(env, 'approval-link', { team, task, visit, run, digest, recipient, exp, jti })
}

/** Reads a token. A forged one says nothing; an expired one still says what it was for. */
export async function readLink(env: Secrets, token: string, now: number): Promise<LinkReading> {
  const claims = await readToken<LinkClaims>(env, 'approval-link', token)
  if (claims === null) return { ok: false, why: 'forged' }
  return claims.exp * 1000 > now ? { ok: true, claims } : { ok: false, why: 'expired', claims }
}
