/** Lists with a filter that no index serves: a page looks through so many rows at most, and the next page goes on from there. */
import { type Cursor, type Page, page, writeCursor } from './cursor.ts'

/** Rows that a page looks at, at most. */
export const LOOKED_THROUGH = 5000

export interface Walk {
  columns: string
  table: string
  /** What an index finds, and the order in which it lies. */
  where: string[]
  order: string
  /** What is looked at row by row. */
  fits: string[]
  /** Those of `where` first. */
  values: (string | number)[]
  /** How many of them are those of `where`. */
  found: number
  size: number
  /** `Number.POSITIVE_INFINITY`: to the end. */
  lookedThrough?: number
}

/** A page of the rows that fit; it may hold few, or none, and still be followed by another. */
export async function walkPage<Row>(db: D1Database, walk: Walk, key: (row: Row) => Cursor): Promise<Page<Row>> {
  const { columns, table, where, order, fits, values, found, size, lookedThrough = LOOKED_THROUGH } = walk
  const ends = fits.length > 0 && Number.isFinite(lookedThrough)
  const rows = `SELECT ${columns} FROM ${table} WHERE ${where.join(' AND ')} ORDER BY ${order}`
  const all = ends
    ? `SELECT * FROM (${rows} LIMIT ${lookedThrough}) WHERE ${fits.join(' AND ')} LIMIT ${size + 1}`
    : `SELECT ${columns} FROM ${table} WHERE ${[...where, ...fits].join(' AND ')} ORDER BY ${order} LIMIT ${size + 1}`
  const { results } = await db
    .prepare(all)
    .bind(...values)
    .all<Row>()
  const some = page(results, key, size)
  if (!ends || some.next !== null) return some
  const last = await db
    .prepare(`${rows} LIMIT 1 OFFSET ${lookedThrough - 1}`)
    .bind(...values.slice(0, found))
    .first<Row>()
  return last === null ? some : { items: some.items, next: writeCursor(key(last)) }
}
