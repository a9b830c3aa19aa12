/** The headers that every answer carries, and the id that names a request in answers and logs. */
import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from './context.ts'

/** Names the request. Ids that clients send are not taken over: they could forge another request's log line. */
export const requestId: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const id = crypto.randomUUID()
  c.set('requestId', id)
  await next()
  c.res.headers.set('X-Request-Id', id)
}

/** Answers are no pages: nothing may frame, sniff, keep or run them. */
export const apiHeaders: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next()
  const headers = c.res.headers
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('Referrer-Policy', 'no-referrer')
  headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  headers.set('Cache-Control', 'no-store')
  if (c.env.BATON_URL?.startsWith('https:'))
    headers.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
}
