/** Local mode's door: one link, printed by the start script and kept in .dev.json, that signs in any number of times. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import { errorPage, isLocal, type PageEnv } from '../../http/page/page.tsx'
import { memberByEmail } from '../../records/people/people.ts'
import { base62, sameSecret } from '../keys/keys.ts'
import { derive } from '../secret.ts'
import { authOf } from './auth.ts'
import { browserOf, enterSession, safeNext } from './session.ts'

export const localSignIn = new Hono<PageEnv>()

localSignIn.get('/sign-in/local/:token', async c => {
  const isKnown = isLocal(c.env) && (await sameSecret(c.req.param('token'), await signInToken(c.env)))
  const person = isKnown ? await memberByEmail(c.env.DB, c.req.query('as') ?? 'ana@acme.test') : null
  if (!person) return errorPage(c, 404)
  const { internalAdapter } = await (await authOf(c.env)).$context
  const session = await internalAdapter.createSession(person.id, false, browserOf(c))
  await enterSession(c, session.token)
  return c.redirect(safeNext(c.req.query('next')), 303)
})

/** The token of that link: the same for as long as the secret is. */
export async function signInToken(env: Pick<Env, 'BATON_SECRET'>): Promise<string> {
  return base62(await derive(env.BATON_SECRET, 'local-sign-in'))
}
