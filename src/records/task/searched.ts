/** Tasks by their words: what the flush writes of them to D1's full-text index, and what is found there. */
import type { PartFilter } from '../../domain/metrics/part.ts'
import type { Status } from '../../domain/task/state.ts'
import { type Page, readCursor, writeCursor } from '../cursor.ts'
import { notGone } from './not-gone.ts'
import { hasPart } from './parts.ts'
import { OPEN, TROUBLE } from './tasks.ts'

/** By what a task is found: a row once it has stood for a moment, and another once it is over, with what came out. */
export interface SearchedRow {
  task: string
  team: string
  workflow: string
  words: string
  over: 0 | 1
}

// What was told at a task's end, its row in `tasks` shows; only for what was told before, the index itself is asked, which is dear.
const INSERT = `INSERT INTO task_words (words, ids, task, over)
  SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?1)
  WHERE ${notGone('value->>5', 'value->>2')} AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = value->>2 AND team = value->>5 AND over = 1)
    AND (value->>3 = 1 OR NOT EXISTS (SELECT 1 FROM task_words WHERE task_words MATCH value->>4))`

/** What writes these rows, each once, however often it comes: in one transaction with their tasks' rows, and before them. */
export function writeSearched(db: D1Database, rows: SearchedRow[]): D1PreparedStatement[] {
  if (rows.length === 0) return []
  const values = rows.map(({ task, team, workflow, words, over }) => {
    const own = `${over === 1 ? 'over' : 'begun'}_${task}`
    return [words, `${task} ${own} ${team} ${workflow}`, task, over, `"${own}"`, team]
  })
  return [db.prepare(INSERT).bind(JSON.stringify(values))]
}

export interface TaskSearch {
  words: string[]
  workflow?: string
  status?: Status | typeof TROUBLE | typeof OPEN
  step?: string
  /** What it cost at least, in USD. */
  cost?: number
  /** When the task began: from this time, and before that one. */
  from?: number
  to?: number
  /** A bit of what the audit tells of it (see schema/task.ts). */
  told?: number
  /** What it consisted of; then `told` is of that part. */
  part?: PartFilter
}

export interface FoundTask {
  id: string
  title: string
  status: Status
  step: string | null
  key: string | null
  workflow: string
  workflowName: string
  createdAt: number
}

/** The row of the index by which it was found. */
export interface FoundRow {
  n: number
}

/** Rows of the index that a page looks at for one that fits its other filters. */
const LOOKED_THROUGH = 5000
/** Shorter words would be the beginning of too many. */
const PREFIX_FROM = 3
const MOST_WORDS = 12

/** The words of a text as the index has them: letters, digits and what belongs to them, in lower case. */
export function tokensOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}\p{M}_]+/gu) ?? []).slice(0, MOST_WORDS)
}

/** A word of three letters or more is found by its beginning, as is any that is not of Latin letters: there a word may be a sentence. */
function expression(team: string, { words, workflow }: TaskSearch): string {
  const found = words.map(word => (word.length < PREFIX_FROM && /^\w+$/.test(word) ? `"${word}"` : `"${word}"*`))
  return [`"${team}"`, ...(workflow === undefined ? [] : [`"${workflow}"`]), ...found].join(' AND ')
}

/** A page of the team's tasks that have all the words; those that ended, or else began, last come first. */
export async function tasksFound(
  db: D1Database,
  team: string,
  search: TaskSearch,
  cursor: string | null,
  size: number,
): Promise<Page<FoundTask & FoundRow>> {
  if (search.words.length === 0) return { items: [], next: null }
  const before = cursor === null ? null : readCursor(cursor)
  const values: (string | number)[] = [team, expression(team, search), before?.at ?? Number.MAX_SAFE_INTEGER]
  const { status: said, step, cost, from, to } = search
  const status = said === TROUBLE || said === OPEN ? undefined : said
  const where = {
    't.status =': status,
    't.cost >=': cost,
    't.step =': step,
    't.created_at >=': from,
    't.created_at <': to,
  }
  const fits = Object.entries(where).flatMap(([is, value]) =>
    value === undefined ? [] : [`AND ${is} ?${values.push(value)}`],
  )
  if (said === OPEN) fits.push('AND t.over = 0')
  if (said === TROUBLE) fits.push("AND t.status IN ('failed', 'stuck')")
  if (search.part !== undefined)
    fits.push(`AND ${hasPart(search.part, search.told, value => `?${values.push(value)}`, 't.')}`)
  else if (search.told !== undefined) fits.push(`AND t.told & ?${values.push(search.told)} > 0`)
  const rows =
    'SELECT rowid AS n, task, over FROM task_words WHERE task_words MATCH ?2 AND rowid < ?3 ORDER BY rowid DESC'
  // What is told of a task before its end lies before what is told at its end, and counts only until then.
  const text = `SELECT f.n, t.id, t.title, t.status, t.step, t.key, t.workflow, t.created_at AS createdAt, w.name AS workflowName
    FROM (${rows} LIMIT ${LOOKED_THROUGH}) f CROSS JOIN tasks t ON t.id = f.task AND t.team = ?1 AND t.over = f.over
    CROSS JOIN workflows w ON w.id = t.workflow AND w.team = ?1 WHERE true ${fits.join(' ')} LIMIT ${size + 1}`
  try {
    const { results } = await db
      .prepare(text)
      .bind(...values)
      .all<FoundTask & FoundRow>()
    const items = results.slice(0, size)
    const last = results.length > size ? items.at(-1)! : await lastLookedAt(db, rows, values)
    return { items, next: last === null ? null : writeCursor({ at: last.n, id: 'found' }) }
  } catch (error) {
    // Letters that the index does not know part a word for it, and it looks for no two words side by side.
    if (!/phrase queries/.test(String(error))) throw error
    return { items: [], next: null }
  }
}

/** Where a page ended that looked at all that it may; null: it came to the end. */
function lastLookedAt(db: D1Database, rows: string, [, ...values]: (string | number)[]): Promise<FoundRow | null> {
  const text = `SELECT n FROM (${rows} LIMIT 1 OFFSET ${LOOKED_THROUGH - 1})`
  return db
    .prepare(text.replace('?2', '?1').replace('?3', '?2'))
    .bind(...values.slice(0, 2))
    .first<FoundRow>()
}

/** Around a found word, in a passage: it begins, and ends. */
export const [FOUND_FROM, FOUND_TO] = ['\u0002', '\u0003'] as const
const PASSAGES = `SELECT rowid AS n, snippet(task_words, 0, ?3, ?4, '…', 16) AS said FROM task_words
  WHERE task_words MATCH ?1 AND rowid IN (SELECT value FROM json_each(?2))`

/** Where in its words each of these was found, by its row. */
export async function passagesOf(
  db: D1Database,
  team: string,
  search: TaskSearch,
  found: FoundRow[],
): Promise<Map<number, string>> {
  if (found.length === 0) return new Map()
  const { results } = await db
    .prepare(PASSAGES)
    .bind(expression(team, search), JSON.stringify(found.map(({ n }) => n)), FOUND_FROM, FOUND_TO)
    .all<FoundRow & { said: string }>()
  return new Map(results.map(({ n, said }) => [n, said]))
}
