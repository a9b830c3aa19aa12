/** D1 over Node's own SQLite, with the migrations applied: real SQL without workerd, for tests that ask the app very often. */
import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

export function sqliteD1(): D1Database {
  const database = new DatabaseSync(':memory:')
  // As D1 has it.
  database.exec('PRAGMA foreign_keys = ON')
  for (const file of readdirSync('migrations').sort()) database.exec(readFileSync(`migrations/${file}`, 'utf8'))
  const statement = (sql: string, values: SQLInputValue[] = []) => {
    const run = () => {
      const prepared = database.prepare(sql)
      const results = prepared.columns().length > 0 ? prepared.all(...values) : null
      const { changes } = results === null ? prepared.run(...values) : { changes: changed() }
      return { success: true, results: results ?? [], meta: { changes: Number(changes) } }
    }
    const changed = () => Number((database.prepare('SELECT changes() AS n').get() as { n: number }).n)
    return {
      bind: (...given: unknown[]) => statement(sql, given.map(bindable)),
      all: async () => run(),
      run: async () => run(),
      first: async (column?: string) => {
        const row = (run().results[0] ?? null) as Record<string, unknown> | null
        return row === null || column === undefined ? row : row[column]
      },
      raw: async () => run().results.map(row => Object.values(row as object)),
      now: run,
    }
  }
  const batch = async (statements: { now(): unknown }[]) => {
    database.exec('BEGIN')
    try {
      const results = statements.map(each => each.now())
      database.exec('COMMIT')
      return results
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  return { prepare: statement, batch, exec: async (sql: string) => database.exec(sql) } as unknown as D1Database
}

function bindable(value: unknown): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : (value as SQLInputValue)
}
