/** The drizzle view of D1, and how D1's own failures are told from ours. */
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

const views = new WeakMap<D1Database, DrizzleD1Database>()

/** Drizzle over this D1 binding; one per isolate and binding. */
export function orm(db: D1Database): DrizzleD1Database {
  const known = views.get(db)
  if (known) return known
  const view = drizzle(db)
  views.set(db, view)
  return view
}

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
