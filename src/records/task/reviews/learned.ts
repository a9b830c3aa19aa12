/** What people made of models' drafts, in D1: their reviews and the ledger of corrections. It comes with flushes, and a flush may come twice or late. */
import { type Cursor, PAGE_SIZE, type Page } from '../../cursor.ts'
import type { Columns } from '../../schema/columns.ts'
import type { corrections, reviews } from '../../schema/task.ts'
import { walkPage } from '../../walk.ts'
import { notGone } from '../not-gone.ts'

/** What one log row tells, under D1's own names. */
export interface LearnedRows {
  reviews: Columns<typeof reviews>[]
  corrections: Columns<typeof corrections>[]
}

type ReviewColumn = keyof LearnedRows['reviews'][number]
type CorrectionColumn = keyof LearnedRows['corrections'][number]

const REVIEW: ReviewColumn[] = [
  ...(['team', 'task', 'visit', 'run', 'call', 'seq', 'workflow', 'at', 'kind', 'at_step', 'step', 'agent'] as const),
  ...(['agent_version', 'model', 'person', 'verdict', 'edited', 'basis'] as const),
]
const CORRECTION: CorrectionColumn[] = [
  ...(['team', 'at', 'task', 'seq', 'n', 'workflow', 'at_step', 'step', 'agent', 'agent_version', 'model'] as const),
  ...(['person', 'why', 'field', 'was', 'became', 'note'] as const),
]

const insert = (table: string, names: string[], where = 'true') =>
  `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.map((_, i) => `value->>${i}`).join(', ')} FROM json_each(?1) WHERE ${where}`
const CHANGING: ReviewColumn[] = [
  'seq',
  'at',
  'at_step',
  'step',
  'agent',
  'agent_version',
  'model',
  'person',
  'verdict',
  'basis',
]

// What is older than what is known changes nothing; an edit stays one, whoever approved it later.
const UPSERT_REVIEW = `${insert('reviews', REVIEW)} ON CONFLICT (team, task, visit, run, call) DO UPDATE SET
  ${CHANGING.map(name => `${name} = excluded.${name}`).join(', ')}, edited = max(reviews.edited, excluded.edited)
  WHERE excluded.seq > reviews.seq`
const INSERT_CORRECTION = `${insert('corrections', CORRECTION, notGone('value->>0', 'value->>2'))} ON CONFLICT (team, at, task, seq, n) DO NOTHING`

/** What writes these, with the flush that brought them; nothing where there is nothing. */
export function writeLearned(db: D1Database, learned: LearnedRows[]): D1PreparedStatement[] {
  const write = <Row>(sql: string, rows: Row[], names: (keyof Row)[]) =>
    rows.length === 0 ? [] : [db.prepare(sql).bind(JSON.stringify(rows.map(row => names.map(name => row[name]))))]
  return [
    ...write(
      INSERT_CORRECTION,
      learned.flatMap(one => one.corrections),
      CORRECTION,
    ),
    ...write(
      UPSERT_REVIEW,
      learned.flatMap(one => one.reviews),
      REVIEW,
    ),
  ]
}

export interface CorrectionFilter {
  workflow?: string
  /** The step that drafted it. */
  step?: string
  agent?: string
  /** In ms since the epoch; inclusive. */
  from?: number
  /** Exclusive. */
  to?: number
}

export type CorrectionRow = Omit<typeof corrections.$inferSelect, 'team'>

const COLUMNS = `at, task, seq, n, workflow, at_step AS atStep, step, agent, agent_version AS agentVersion, model, person, why,
  field, was, became, note`

/** The ledger, newest first. */
export async function listCorrections(
  db: D1Database,
  team: string,
  filter: CorrectionFilter,
  cursor: Cursor | null,
): Promise<Page<CorrectionRow>> {
  const values: (string | number)[] = [team]
  const bound = (value: string | number) => `?${values.push(value)}`
  const where = ['team = ?1']
  if (filter.from !== undefined) where.push(`at >= ${bound(filter.from)}`)
  if (filter.to !== undefined) where.push(`at < ${bound(filter.to)}`)
  if (cursor) {
    const [task = '', seq = '0', n = '0'] = cursor.id.split('.')
    where.push(
      `(at, task, seq, n) < (${bound(cursor.at)}, ${bound(task)}, ${bound(Number(seq) || 0)}, ${bound(Number(n) || 0)})`,
    )
  }
  const found = values.length
  const fits = (['workflow', 'step', 'agent'] as const).flatMap(name =>
    filter[name] === undefined ? [] : [`${name} = ${bound(filter[name])}`],
  )
  const order = 'at DESC, task DESC, seq DESC, n DESC'
  const walk = { columns: COLUMNS, table: 'corrections', where, order, fits, values, found, size: PAGE_SIZE }
  return walkPage<CorrectionRow>(db, walk, row => ({ at: row.at, id: correctionId(row) }))
}

/** What names a correction in an address, with its time. */
export function correctionId({ task, seq, n }: Pick<CorrectionRow, 'task' | 'seq' | 'n'>): string {
  return `${task}.${seq}.${n}`
}

const ONE = `SELECT ${COLUMNS} FROM corrections WHERE team = ?1 AND at = ?2 AND task = ?3 AND seq = ?4 AND n = ?5`

/** One of the ledger; null: there is none. */
export async function correctionAt(
  db: D1Database,
  team: string,
  { at, task, seq, n }: Pick<CorrectionRow, 'at' | 'task' | 'seq' | 'n'>,
): Promise<CorrectionRow | null> {
  return db.prepare(ONE).bind(team, at, task, seq, n).first<CorrectionRow>()
}

/** What people decided of a step's drafts in a period, at one step that asks them. */
export interface ReviewSum {
  workflow: string
  /** The step that drafts. */
  step: string
  /** The step that asks. */
  atStep: string
  agent: string | null
  decided: number
  /** Approved as they were. */
  unchanged: number
  edited: number
  rejected: number
  /** Nobody was asked. */
  sampled: number
}

const sums = `sum(verdict IN ('approved', 'rejected')) AS decided, sum(verdict = 'approved' AND edited = 0) AS unchanged,
  sum(verdict = 'approved' AND edited = 1) AS edited, sum(verdict = 'rejected') AS rejected, sum(verdict = 'sampled') AS sampled`
const within = (filter: CorrectionFilter, values: (string | number)[]) =>
  (['workflow', 'step', 'agent'] as const)
    .flatMap(name => (filter[name] === undefined ? [] : [` AND +${name} = ?${values.push(filter[name])}`]))
    .join('')
/** Steps that a summary tells of, at most. */
const MOST_STEPS = 200

/** What people decided in the period, by step and agent, the most corrected first. */
export async function sumReviews(
  db: D1Database,
  team: string,
  from: number,
  to: number,
  filter: CorrectionFilter = {},
): Promise<ReviewSum[]> {
  const values: (string | number)[] = [team, from, to]
  const sql = `SELECT workflow, step, at_step AS atStep, agent, ${sums} FROM reviews
    WHERE team = ?1 AND at >= ?2 AND at < ?3${within(filter, values)}
    GROUP BY workflow, step, at_step, agent HAVING decided + sampled > 0
    ORDER BY (edited + rejected) * 1.0 / max(decided, 1) DESC, decided DESC LIMIT ${MOST_STEPS}`
  const { results } = await db
    .prepare(sql)
    .bind(...values)
    .all<ReviewSum>()
  return results
}

/** The same of a span of time; `from` and `to` in ms since the epoch. */
export type ReviewSpan = Pick<ReviewSum, 'decided' | 'unchanged' | 'edited' | 'rejected' | 'sampled'> & { from: number }

/** How it went over time: the period in spans of so many ms, the latest last; spans of which nothing is known are left out. */
export async function reviewsOverTime(
  db: D1Database,
  team: string,
  { from, to, span }: { from: number; to: number; span: number },
  filter: CorrectionFilter = {},
): Promise<ReviewSpan[]> {
  const values: (string | number)[] = [team, from, to, span]
  const sql = `SELECT ?2 + CAST((at - ?2) / ?4 AS INTEGER) * ?4 AS "from", ${sums} FROM reviews
    WHERE team = ?1 AND at >= ?2 AND at < ?3${within(filter, values)} GROUP BY 1 HAVING decided + sampled > 0 ORDER BY 1`
  const { results } = await db
    .prepare(sql)
    .bind(...values)
    .all<ReviewSpan>()
  return results
}
