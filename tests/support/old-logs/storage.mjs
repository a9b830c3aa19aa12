/** A Durable Object's SQLite storage as `TaskLog` uses it, on Node's own SQLite, so that rows are stored by the real code. */
import { DatabaseSync } from 'node:sqlite'

/** Answers the storage and what its two tables hold, column by column. */
export function storageInMemory() {
  const db = new DatabaseSync(':memory:')
  const all = (text, args = []) => db.prepare(text).all(...args)
  const exec = (text, ...args) => {
    const rows = all(text, args)
    return { toArray: () => rows }
  }
  const transactionSync = work => {
    db.exec('BEGIN')
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
  const has = table => all(`SELECT name FROM sqlite_master WHERE name = ?`, [table]).length > 0
  return {
    storage: { sql: { exec }, transactionSync },
    logRows: () => all('SELECT seq, v, at, actor, events, key, flushed FROM log ORDER BY seq'),
    blobRows: () => (has('blob') ? all('SELECT digest, bytes FROM blob ORDER BY digest') : []),
  }
}
