/** Looking for tasks among many: how long the API takes for words that few, many or no tasks have. */
import { performance } from 'node:perf_hooks'
import { writeSearched } from '../../src/records/task/searched.ts'
import { call, median, percentile, round } from './client.mjs'
import { baton } from './subjects.mjs'

const AT_ONCE = 500
const READS = 40
/** Words of an input and of its outputs, of a vocabulary in which few are common, as in a language. */
const WORDS = 60
const VOCABULARY = 30_000

const INSERT = `INSERT INTO tasks (id, team, workflow, version, title, status, visit, over, seq, created_at, updated_at, card)
  SELECT value, ?1, ?2, 1, 'A task', 'done', 1, 1, 1, ?4 + key, ?4, '{}' FROM json_each(?3)`

/** Fills the index with `size` tasks that are over and looks for words in it. */
export async function search({ size }, log) {
  const session = await baton.open()
  try {
    const db = await session.mf.getD1Database('DB', 'baton')
    const headers = { authorization: `Bearer ${session.apiKey}` }
    const api = path => call(`${session.url}/api/v1${path}`, { headers })
    const { items } = await api('/workflows')
    const { team } = await db.prepare('SELECT team FROM workflows WHERE id = ?1').bind(items[0].id).first()
    const word = randomWords()
    let rowsWritten = 0
    for (let from = 0; from < size; from += AT_ONCE) {
      const rows = Array.from({ length: AT_ONCE }, (_, n) => ({
        task: `tsk_${String(from + n).padStart(26, 'a')}`,
        team,
        workflow: items[0].id,
        words: `an invoice inv-${from + n} ${Array.from({ length: WORDS }, word).join(' ')}`,
      }))
      const ids = JSON.stringify(rows.map(row => row.task))
      const written = await db.batch([
        ...writeSearched(
          db,
          rows.map(row => ({ ...row, over: 0 })),
        ),
        ...writeSearched(
          db,
          rows.map(row => ({ ...row, over: 1 })),
        ),
        // Last, as in a flush: a task that is over needs no words any more.
        db.prepare(INSERT).bind(team, items[0].id, ids, from),
      ])
      rowsWritten += written.slice(0, -1).reduce((sum, { meta }) => sum + meta.rows_written, 0)
      if ((from + AT_ONCE) % 20_000 === 0) log(`search: ${from + AT_ONCE} of ${size} tasks`)
    }
    const looks = {
      'a number that one task has': n => `inv-${(n * 7919) % size}`,
      'a word that all have': () => 'invoice',
      'two common words': n => `w${n % 20} w${(n % 20) + 3}`,
      'a rare word and a common one': n => `w${20_000 + n} invoice`,
      'three letters, the beginning of many words': n => `w${10 + n}`,
      'a word that none has': () => 'zzzz',
    }
    const found = {}
    for (const [what, text] of Object.entries(looks))
      found[what] = await timed(n => api(`/tasks?q=${encodeURIComponent(text(n))}`))
    const all = Object.values(found).flatMap(({ times }) => times)
    const told = Object.entries(found).map(([what, { times, items }]) => ({ what, items, ...figures(times) }))
    return { tasks: size, indexRowsATask: round(rowsWritten / size, 2), ...figures(all), told }
  } finally {
    await session.close()
  }
}

async function timed(look) {
  const times = []
  let items = 0
  for (let n = 0; n < READS; n++) {
    const start = performance.now()
    items = (await look(n)).items.length
    times.push(performance.now() - start)
  }
  return { times, items }
}

const figures = times => ({ p50Ms: round(median(times)), p95Ms: round(percentile(times, 0.95)) })

/** The same words each time: the n-th is as frequent as 1/n, nearly. */
function randomWords() {
  let seed = 1
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return `w${Math.floor(VOCABULARY ** (seed / 0x7fffffff))}`
  }
}
