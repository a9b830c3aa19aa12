/** The drizzle view of D1, and whether D1 answers at all. */
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

/** What the builder has made, to run in one batch with statements of our own. */
export function prepared(db: D1Database, built: { toSQL(): { sql: string; params: unknown[] } }): D1PreparedStatement {
  const { sql, params } = built.toSQL()
  return db.prepare(sql).bind(...params)
}

/** Whether D1 answers, and how long it took. */
export async function timeD1(db: D1Database): Promise<{ ok: boolean; ms: number }> {
  const began = Date.now()
  const ok = await db
    .prepare('SELECT 1')
    .first()
    .then(
      () => true,
      () => false,
    )
  return { ok, ms: Date.now() - began }
}
