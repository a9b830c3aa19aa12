/** Keyset paging, newest first: a cursor names the last row that was shown. */
import { and, eq, lt, or, type SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

export const PAGE_SIZE = 50

export interface Cursor {
  at: number
  id: string
}

export interface Page<T> {
  items: T[]
  next: string | null
}

/** The cursor as clients carry it. */
export function writeCursor(cursor: Cursor): string {
  return btoa(`${cursor.at}:${cursor.id}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Reads a cursor that a client sent; null when it is not one of ours. */
export function readCursor(text: string): Cursor | null {
  if (!/^[\w-]{1,200}$/.test(text)) return null
  try {
    const match = /^(\d{1,15}):([\w:.-]{1,120})$/.exec(atob(text.replaceAll('-', '+').replaceAll('_', '/')))
    return match ? { at: Number(match[1]), id: match[2]! } : null
  } catch {
    return null
  }
}

/** The condition that a row comes after the cursor in a list of newest first. */
export function after(at: SQLiteColumn, id: SQLiteColumn, cursor: Cursor | null): SQL | undefined {
  return cursor ? or(lt(at, cursor.at), and(eq(at, cursor.at), lt(id, cursor.id))) : undefined
}

/** Cuts rows, of which one more than a page was asked for, to a page. */
export function page<T>(rows: T[], key: (row: T) => Cursor, size = PAGE_SIZE): Page<T> {
  const items = rows.slice(0, size)
  const last = items.at(-1)
  return { items, next: rows.length > size && last !== undefined ? writeCursor(key(last)) : null }
}
