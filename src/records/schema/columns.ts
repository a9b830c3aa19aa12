/** A row as SQL names its columns. */
import type { Table } from 'drizzle-orm'

/** A table's row under the names that its columns have in D1. */
export type Columns<T extends Table> = {
  [C in T['_']['columns'][keyof T['_']['columns']] as C['_']['name']]: C['_']['notNull'] extends true
    ? C['_']['data']
    : C['_']['data'] | null
}
