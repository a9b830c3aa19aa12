/** The door of /api/v1: the key is checked before the route exists, then counted against its limits. */
import type { MiddlewareHandler } from 'hono'
import type { KeyFault, TeamKey } from '../../domain/caller.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { type ApiProblem, problem } from '../../http/errors.ts'
import { findKey, type StoredKey, touchKey } from '../../records/people/keys.ts'
import { withOrigin } from '../origin.ts'
import { bearerToken, checkToken, readToken } from './keys.ts'

/** The only route that needs no key. */
const OPEN = '/api/v1/health'
/** Starting a task: its workflow is read in the same round trip as the key. */
const START = /^\/api\/v1\/workflows\/(wf_[a-z2-7]{20})\/tasks$/
const HOUR_MS = 3_600_000

/** Lets a request in by its team key. */
export const requireKey: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.path === OPEN) return next()
  const workflow = c.req.method === 'POST' ? (START.exec(c.req.path)?.[1] ?? null) : null
  const token = presentedToken(c)
  if (!token.ok) return problem(c, { kind: 'unauthorized', fault: token.fault })
  const { key: stored, live } = await findKey(c.env.DB, token.keyId, workflow)
  const checked = await checkToken(token.token, stored, Date.now())
  if (!checked.ok) return problem(c, { kind: 'unauthorized', fault: checked.fault })
  const limited = await overLimit(c, checked.key)
  if (limited) return problem(c, limited)
  noteUse(c, stored!)
  c.set('key', await withOrigin(c, checked.key.team, checked.key))
  c.set('live', live)
  return next()
}

/** The token of the request, as far as it can be judged without a look-up. */
export function presentedToken(
  c: ApiContext,
): { ok: true; token: string; keyId: string } | { ok: false; fault: KeyFault } {
  const header = c.req.header('authorization')
  if (header === undefined || header.trim() === '') return { ok: false, fault: 'missing' }
  const token = bearerToken(header)
  const read = token === null ? null : readToken(token)
  return token !== null && read ? { ok: true, token, keyId: read.keyId } : { ok: false, fault: 'malformed' }
}

/** Whether the key or its team asks too much; counts the request. */
async function overLimit(c: ApiContext, key: TeamKey): Promise<ApiProblem | null> {
  const [byKey, byTeam] = await Promise.all([
    c.env.KEY_LIMIT.limit({ key: key.id }),
    c.env.TEAM_LIMIT.limit({ key: key.team }),
  ])
  if (byKey.success && byTeam.success) return null
  return { kind: 'too_many', retryAfter: 10, whose: byKey.success ? 'team' : 'key' }
}

/** Notes that the key was used, at most once an hour, after the answer. */
export function noteUse(c: ApiContext, stored: StoredKey): void {
  const now = Date.now()
  if (stored.lastUsedAt !== null && stored.lastUsedAt > now - HOUR_MS) return
  const noted = touchKey(c.env.DB, stored.id, now, now - HOUR_MS)
  // Only a note: a request must not fail for it.
  c.executionCtx.waitUntil(noted.catch(() => {}))
}
