/** What an exception means: a passing fault of D1 or of an object, or a mistake of our own; and what of it may stand in a log. */
import type { Context } from 'hono'

/** Writes what broke to the log as one line; answers whether the same request may go better later. */
export function noteFailure<E extends { Variables: { requestId: string } }>(c: Context<E>, error: unknown): boolean {
  const { name, message } = rootCause(error)
  const { method, routePath } = c.req
  const stack =
    error instanceof Error && !message.startsWith('Failed query') ? error.stack?.split('\n').slice(1, 6) : undefined
  const line = { level: 'error', requestId: c.get('requestId'), method, route: routePath, name, message, stack }
  console.error(JSON.stringify(line))
  return isUnavailable(error) || isTaskUnavailable(error)
}

/**
 * Whether the error says that D1 cannot be reached or cannot answer now. D1 gives its errors no code, only a prefix;
 * SQLITE_ERROR and SQLITE_CONSTRAINT are our own mistakes and must not be passed off as its being down.
 */
function isUnavailable(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (/^D1_(?!TYPE|COLUMN)/.test(cause.message))
      return !/SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG)/.test(cause.message)
  }
  return false
}

/** The innermost error's name and message: drizzle's own message quotes the parameters, which belong in no log. */
function rootCause(error: unknown): { name: string; message: string } {
  let cause: unknown = error
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause
  if (!(cause instanceof Error)) return { name: 'unknown', message: String(cause) }
  return { name: cause.name, message: cause.message.startsWith('Failed query') ? 'Failed query' : cause.message }
}

/** A Durable Object's own sign that the call may go better later. */
function isTaskUnavailable(error: unknown): boolean {
  return error instanceof Error && ('retryable' in error || 'overloaded' in error)
}
