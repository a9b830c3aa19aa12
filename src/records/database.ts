/** The drizzle view of D1. */
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
