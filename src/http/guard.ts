/** What stands before every page: the headers that keep it to itself, and the check that a change was asked for on a page of ours. */
import type { MiddlewareHandler } from 'hono'
import type { Env } from '../env.ts'
import { errorPage, isLocal, type PageContext, type PageEnv } from './page/page.tsx'

/** No inline script or style, nothing from elsewhere, nobody frames it. */
export const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Programs talk to these; they have keys and headers of their own. */
const MACHINES = /^\/(api|in|__local|cdn-cgi)(\/|$)/

/** Limits a middleware to pages. */
export function onPages(middleware: MiddlewareHandler<PageEnv>): MiddlewareHandler<PageEnv> {
  return (c, next) => (isPagePath(c.req.path) ? middleware(c, next) : next())
}

export function isPagePath(path: string): boolean {
  return !MACHINES.test(path)
}

export const pageHeaders: MiddlewareHandler<PageEnv> = async (c, next) => {
  await next()
  // An upgraded connection's answer cannot be changed.
  if (c.res.status === 101) return
  const { headers } = c.res
  const set = (name: string, value: string) => headers.has(name) || headers.set(name, value)
  set('Content-Security-Policy', CSP)
  set('X-Content-Type-Options', 'nosniff')
  // `no-referrer` would turn the Origin of our own forms into "null".
  set('Referrer-Policy', 'same-origin')
  set('Cross-Origin-Opener-Policy', 'same-origin')
  set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
  set('Cache-Control', 'no-store')
  if (c.env.BATON_URL.startsWith('https:')) set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
}

/** For an address that is a secret by itself, whatever it answers: it goes nowhere and stays nowhere. */
export const secretAddress: MiddlewareHandler<PageEnv> = async (c, next) => {
  await next()
  c.res.headers.set('Cache-Control', 'no-store')
  // Not `no-referrer`: on plain http, where no Sec-Fetch-Site is sent, our own form would come with the Origin "null".
  c.res.headers.set('Referrer-Policy', 'same-origin')
  c.res.headers.set('X-Robots-Tag', 'noindex, nofollow')
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Refuses every unsafe request that a page of ours did not send, whatever its content type. */
export const csrf: MiddlewareHandler<PageEnv> = async (c, next) => {
  if (SAFE.has(c.req.method) || isSameOrigin(c)) return next()
  return errorPage(c, 403, {
    title: 'This did not come from a page of Baton',
    did: 'Nothing was changed.',
    next: 'Open the page itself and send its form again.',
  })
}

/** Whether the browser says that the request comes from a page of this origin: Sec-Fetch-Site, else Origin. */
function isSameOrigin(c: PageContext): boolean {
  const site = c.req.header('Sec-Fetch-Site')
  if (site !== undefined) return site === 'same-origin'
  const origin = c.req.header('Origin')
  return origin !== undefined && ownOrigins(c.env, c.req.url).includes(origin)
}

function ownOrigins(env: Env, url: string): string[] {
  const own = [new URL(env.BATON_URL).origin]
  // On one's own machine localhost and 127.0.0.1 are the same place; elsewhere the Host header is not to be trusted.
  return isLocal(env) ? [...own, new URL(url).origin] : own
}
