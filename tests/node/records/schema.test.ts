/** Row types derive from src/records/schema: it must say what the migrations made. */
import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import * as alert from '../../../src/records/schema/alert.ts'
import * as definitions from '../../../src/records/schema/definitions.ts'
import * as file from '../../../src/records/schema/file.ts'
import * as gone from '../../../src/records/schema/gone.ts'
import * as intake from '../../../src/records/schema/intake.ts'
import * as outside from '../../../src/records/schema/outside.ts'
import * as people from '../../../src/records/schema/people.ts'
import * as proof from '../../../src/records/schema/proof.ts'
import * as share from '../../../src/records/schema/share.ts'
import * as task from '../../../src/records/schema/task.ts'
import * as told from '../../../src/records/schema/told.ts'

const database = new DatabaseSync(':memory:')
for (const file of readdirSync('migrations').sort()) database.exec(readFileSync(`migrations/${file}`, 'utf8'))

interface Column {
  name: string
  type: string
  notnull: 0 | 1
  pk: number
}

const tables = [alert, people, proof, definitions, file, gone, intake, outside, share, task, told]
  .flatMap(file => Object.values(file))
  .filter((value): value is SQLiteTable => typeof value === 'object' && !Array.isArray(value))

test.each(tables.map(table => getTableConfig(table)))('$name is as the migrations made it', ({ name, columns }) => {
  const made = database
    .prepare(`SELECT name, type, "notnull", pk FROM pragma_table_info(?)`)
    .all(name) as unknown as Column[]
  const theirs = made.map(column => [column.name, { type: column.type, holds: column.notnull === 1 || column.pk > 0 }])
  const said = columns.map(column => [
    column.name,
    { type: column.getSQLType().toUpperCase(), holds: column.notNull || column.primary },
  ])
  const known = new Map(theirs as [string, object][])
  expect(said.map(([column]) => [column, known.get(column as string)])).toEqual(said)
})
