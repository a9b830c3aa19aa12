/** Sessions as pages meet them: the cookie, who it stands for, and what happens without one. */

import type { MiddlewareHandler } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import type { Person } from '../../domain/caller.ts'
import { cut } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import type { PageContext, PageEnv } from '../../http/page/page.tsx'
import { deleteSession, extendSession, findSession, type SessionRow } from '../../records/people/people.ts'
import { IDLE_MS, LONGEST_MS, sessionSecrets } from './auth.ts'

/** better-auth's name for it; `__Secure-` stands before it on https. */
const COOKIE = 'baton.session_token'
/** A session in use is extended at most this often. */
const EXTEND_AFTER_MS = 10 * 60_000

/** Says who is signed in, if anyone is; for pages that everyone may see. */
export const notePerson: MiddlewareHandler<PageEnv> = async (c, next) => {
  const person = await findPerson(c)
  if (person) c.set('person', person)
  return next()
}

const EMAIL = /^[^\s@<>"]{1,64}@[^\s@<>".]+(\.[^\s@<>".]+)+$/

/** Whether it can be a mail address, in lower case. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && EMAIL.test(text)
}

/** The person of the request's session cookie; a session in use lives on. */
export async function findPerson(c: PageContext): Promise<Person | null> {
  const token = await sessionToken(c)
  if (token === null) return null
  const now = Date.now()
  const row = await findSession(c.env.DB, token, new Date(now), new Date(now - LONGEST_MS))
  if (!row) return null
  await keepAlive(c, row, now)
  const { id, email, name, role, team, teamName, teams, session, waiting, ending } = row
  return { id, email, name, role, team: { id: team, name: teamName }, teams, session, waiting, ending }
}

/** The token in the request's cookie, if we signed it; also with a secret that has since been replaced. */
async function sessionToken(c: PageContext): Promise<string | null> {
  for (const secret of await sessionSecrets(c.env)) {
    const token = await getSignedCookie(c, secret, COOKIE, prefix(c.env))
    if (typeof token === 'string' && token !== '') return token
  }
  return null
}

/** What a new session keeps of its browser, for its owner to know it by. */
export function browserOf(c: PageContext): { userAgent: string } {
  return { userAgent: cut(c.req.header('User-Agent') ?? '', 300) }
}

/** Gives the browser this session, and ends the one it had: no session outlives a sign-in. */
export async function enterSession(c: PageContext, token: string): Promise<void> {
  const earlier = await sessionToken(c)
  if (earlier !== null && earlier !== token) await deleteSession(c.env.DB, earlier)
  await writeCookie(c, token)
}

/** Ends the request's session, here and in the browser. */
export async function leaveSession(c: PageContext): Promise<void> {
  const token = await sessionToken(c)
  if (token !== null) await deleteSession(c.env.DB, token)
  deleteCookie(c, cookieName(c.env), { path: '/', secure: isSecure(c.env) })
}

/** Only a path of ours: anything a browser could read as another site leads to the workflows. */
export function safeNext(next: string | undefined): string {
  const fallback = '/workflows'
  if (next === undefined || next.length > 1000 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(next)) return fallback
  const url = new URL(next, 'https://baton.invalid')
  // Read as a browser reads it: `/a/..//evil.test` is another site once it is resolved.
  if (url.host !== 'baton.invalid' || /^\/\/|^\/sign-(in|out)/.test(url.pathname)) return fallback
  return url.pathname + url.search + url.hash
}

/** Leads whoever is not signed in to where they can be, and back. */
export function askToSignIn(c: PageContext): Response {
  // A socket cannot be sent anywhere.
  if (c.req.header('upgrade')?.toLowerCase() === 'websocket') return c.text('Sign in first.', 401)
  const { pathname, search } = new URL(c.req.url)
  const isPartial = c.req.header('HX-Request') === 'true'
  // After a POST, and for a part of a page, the page they were on is where they want to be back.
  const back = c.req.method === 'GET' && !isPartial ? pathname + search : currentPage(c)
  const to = `/sign-in?next=${encodeURIComponent(safeNext(back))}`
  if (!isPartial) return c.redirect(to, 303)
  c.header('HX-Redirect', to)
  return c.body(null, 401)
}

function currentPage(c: PageContext): string | undefined {
  try {
    const { pathname, search } = new URL(c.req.header('HX-Current-URL') ?? c.req.header('Referer') ?? '')
    return pathname + search
  } catch {
    return undefined
  }
}

async function keepAlive(c: PageContext, row: SessionRow, now: number): Promise<void> {
  if (Date.parse(row.expiresAt) - now > IDLE_MS - EXTEND_AFTER_MS) return
  const until = Math.min(now + IDLE_MS, Date.parse(row.createdAt) + LONGEST_MS)
  await writeCookie(c, row.token)
  // Only an extension: a page must not fail for it.
  c.executionCtx.waitUntil(extendSession(c.env.DB, row.token, new Date(until), new Date(now)).catch(() => {}))
}

async function writeCookie(c: PageContext, token: string): Promise<void> {
  const [secret] = await sessionSecrets(c.env)
  const attributes = {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: isSecure(c.env),
    maxAge: IDLE_MS / 1000,
  } as const
  await setSignedCookie(c, cookieName(c.env), token, secret!, attributes)
}

function isSecure(env: Env): boolean {
  return env.BATON_URL.startsWith('https:')
}

function prefix(env: Env): 'secure' | undefined {
  return isSecure(env) ? 'secure' : undefined
}

function cookieName(env: Env): string {
  return isSecure(env) ? `__Secure-${COOKIE}` : COOKIE
}
