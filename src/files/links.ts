/** Signed links to one file's content, for minutes: whoever looks at a page with one may save or see it, with or without an account. */
import type { Env } from '../env.ts'
import { readToken, signToken } from '../team/signed-token.ts'

interface FileClaims {
  team: string
  file: string
  /** In seconds since the epoch. */
  exp: number
}

const LIFETIME_S = 15 * 60

/** The path of a link to this file, made now. */
export async function fileLink(env: Env, team: string, file: string, now: number): Promise<string> {
  const claims: FileClaims = { team, file, exp: Math.floor(now / 1000) + LIFETIME_S }
  return `/d/${await signToken(env, 'file-link', claims)}`
}

export type FileLinkReading = { ok: true; claims: FileClaims } | { ok: false; why: 'forged' | 'expired' }

/** What the token of such a link names. */
export async function readFileLink(env: Env, token: string, now: number): Promise<FileLinkReading> {
  const claims = await readToken<FileClaims>(env, 'file-link', token)
  if (claims === null) return { ok: false, why: 'forged' }
  return claims.exp * 1000 > now ? { ok: true, claims } : { ok: false, why: 'expired' }
}
