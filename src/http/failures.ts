/** How failures of D1 are told from our own mistakes, and what of an error may stand in a log. */

/**
 * Whether the error says that D1 cannot be reached or cannot answer now. D1 gives its errors no code, only a prefix;
 * SQLITE_ERROR and SQLITE_CONSTRAINT are our own mistakes and must not be passed off as its being down.
 */
export function isUnavailable(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (/^D1_(?!TYPE|COLUMN)/.test(cause.message))
      return !/SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG)/.test(cause.message)
  }
  return false
}

/** The innermost error's name and message: drizzle's own message quotes the parameters, which belong in no log. */
export function rootCause(error: unknown): { name: string; message: string } {
  let cause: unknown = error
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause
  if (!(cause instanceof Error)) return { name: 'unknown', message: String(cause) }
  return { name: cause.name, message: cause.message.startsWith('Failed query') ? 'Failed query' : cause.message }
}
