/** The link by which a task is shown to people without an account: it names the row that says what it shows, and is signed. */
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import type { ShareRow } from '../../records/task/shares.ts'
import { readToken, signToken } from '../../team/signed-token.ts'

interface ShareClaims {
  team: string
  task: string
  share: string
  /** In seconds since the epoch. */
  exp: number
}

/** A document to be opened, or a status within another page: a link of the one kind is none of the other. */
type LinkKind = 'share-link' | 'embed-link'

/** The link of this row. It is the same however often it is made. */
export async function shareLink(
  env: Env,
  { team, task, id: share, expiresAt, shows }: Pick<ShareRow, 'team' | 'task' | 'id' | 'expiresAt' | 'shows'>,
): Promise<string> {
  const claims: ShareClaims = { team, task, share, exp: Math.floor(expiresAt / 1000) }
  const [at, kind] = shows === null ? (['v', 'share-link'] as const) : (['e', 'embed-link'] as const)
  return publicUrl(env, `/${at}/${await signToken(env, kind, claims)}`)
}

type ShareReading = { ok: true; claims: ShareClaims } | { ok: false; why: 'forged' | 'expired' }

/** What the token of such a link names. */
export async function readShareLink(
  env: Env,
  token: string,
  now: number,
  kind: LinkKind = 'share-link',
): Promise<ShareReading> {
  const claims = await readToken<ShareClaims>(env, kind, token)
  if (claims === null) return { ok: false, why: 'forged' }
  return claims.exp * 1000 > now ? { ok: true, claims } : { ok: false, why: 'expired' }
}
