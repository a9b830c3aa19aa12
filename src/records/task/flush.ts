/** What a task tells the index, the audit and its delivery's row, and how many such flushes become rows: one statement for all of a kind. */

import type { Columns } from '../schema/columns.ts'
import type { deliveries } from '../schema/intake.ts'
import type { audit, tasks } from '../schema/task.ts'
import { notGone, teamNotGone } from './not-gone.ts'
import { type LearnedRows, writeLearned } from './reviews/learned.ts'
import { type SearchedRow, writeSearched } from './searched.ts'
import type { CallbackRow } from './told/callbacks.ts'

export type { SearchedRow }

/** The task's row in the index. It travels between objects under D1's own names. */
export type IndexRow = Omit<Columns<typeof tasks>, 'told' | 'searched' | 'parts'> & { parts?: string | null }
/** One log row as the audit keeps it. */
export type AuditRow = Omit<Columns<typeof audit>, 'arrived'>
/** The delivery that a task came from. */
export type DeliveryRow = Columns<typeof deliveries> & { verdict: 'accepted'; task: string }

/** A log row as it is told: for the audit, with what services are to be told of it, and what is learned from it. */
export type FlushedRow = AuditRow & { callbacks?: CallbackRow[]; learned?: LearnedRows }

/** About how long it is as text, but for its types. */
export function sizeOfRow({ facts, learned }: FlushedRow): number {
  const own = facts.length + 300
  return learned === undefined ? own : own + JSON.stringify(learned).length
}

export interface Flush {
  row: IndexRow
  audit: FlushedRow[]
  /** With the first flush of a task that came to an intake. */
  delivery?: DeliveryRow
  /** With a flush that finds it standing for the first time, and with those after its end. */
  searched?: SearchedRow
}

export type FlushAnswer = { ok: true } | { ok: false; retryAfterMs: number; reason: string }

const columns = <Column extends string>(names: string) => names.split(', ') as Column[]

const TASK = columns<keyof IndexRow>(
  'id, team, workflow, version, title, status, step, visit, over, seq, due_at, cost, created_at, updated_at, finished_at, card, key, parts',
)
const AUDIT = columns<keyof AuditRow>('team, at, task, seq, workflow, types, actor, step, facts, digest, log_digest')
const CALLBACK = columns<keyof CallbackRow>(
  'id, team, workflow, task, type, url, status, attempts, next_at, created_at',
)
const DELIVERY = columns<keyof DeliveryRow>('id, team, verdict, status, reason, task, at, ms, request')

// D1 takes 100 parameters; JSON takes any number of rows in one of them. A row is a list in the order of its columns: that
// is shorter than an object, and quicker to take apart.
const insert = (table: string, names: string[], where = 'true', made: Record<string, string> = {}) => {
  const all = [...names, ...Object.keys(made)].join(', ')
  const values = [...names.map((_, i) => `value->>${i}`), ...Object.values(made)].join(', ')
  return `INSERT INTO ${table} (${all}) SELECT ${values} FROM json_each(?1) WHERE ${where}`
}
// What comes late of a task that was deleted brings nothing back; what the audit has of it stays, and may be made whole.
const isThere = (names: string[]) => notGone(`value->>${names.indexOf('team')}`, `value->>${names.indexOf('task')}`)

const LASTING = ['id', 'team', 'workflow', 'created_at', 'key']
const set = (names: string[]) => names.map(name => `${name} = excluded.${name}`).join(', ')
const CHANGING = TASK.filter(name => !LASTING.includes(name))
const UPSERT = `${insert('tasks', TASK, notGone('value->>1', 'value->>0'))} ON CONFLICT (id) DO UPDATE SET`
const GUARD = 'WHERE excluded.seq > tasks.seq AND excluded.team = tasks.team'
// A column that an index holds is set only where it changes: setting it rewrites the index.
const UPSERT_OPEN = `${UPSERT} ${set(CHANGING.filter(name => name !== 'over'))} ${GUARD}`
const UPSERT_OVER = `${UPSERT} ${set(CHANGING)} ${GUARD}`
// Never INSERT OR IGNORE: it swallows constraint failures too, and a row would be lost unseen.
// D1 says itself when it took a row: it writes one after the other, so none can come into an hour that is over.
const ARRIVED = 'unixepoch() / 3600'
const INSERT_AUDIT = `${insert('audit', AUDIT, teamNotGone('value->>0'), { arrived: ARRIVED })} ON CONFLICT (team, at, task, seq) DO NOTHING`
// A delivery that was held has its row already; its task is what became of it.
const UPSERT_DELIVERY = `${insert('deliveries', DELIVERY, isThere(DELIVERY))} ON CONFLICT (id) DO UPDATE SET ${set(['verdict', 'status', 'reason', 'task'])}
  WHERE deliveries.verdict = 'held' AND deliveries.team = excluded.team`

const INSERT_CALLBACK = `${insert('callbacks', CALLBACK, isThere(CALLBACK))} ON CONFLICT (id) DO NOTHING`

/** What writes these flushes, to be run in one transaction. */
export function statementsOf(db: D1Database, flushes: Flush[]): D1PreparedStatement[] {
  const write = <Row>(sql: string, rows: Row[], names: (keyof Row)[]) =>
    rows.length === 0 ? [] : [db.prepare(sql).bind(JSON.stringify(rows.map(row => names.map(name => row[name]))))]
  const tasks = (over: 0 | 1) => flushes.map(flush => flush.row).filter(row => row.over === over)
  const audit = flushes.flatMap(flush => flush.audit)
  const deliveries = flushes.flatMap(flush => flush.delivery ?? [])
  return [
    ...writeSearched(
      db,
      flushes.flatMap(flush => flush.searched ?? []),
    ),
    ...write(UPSERT_OPEN, tasks(0), TASK),
    ...write(UPSERT_OVER, tasks(1), TASK),
    ...write(INSERT_AUDIT, audit, AUDIT),
    ...write(
      INSERT_CALLBACK,
      audit.flatMap(({ callbacks }) => callbacks ?? []),
      CALLBACK,
    ),
    ...write(UPSERT_DELIVERY, deliveries, DELIVERY),
    ...writeLearned(
      db,
      audit.flatMap(({ learned }) => learned ?? []),
    ),
  ]
}

/** Writes nothing, but needs a database that takes writes. */
export const PROBE = 'DELETE FROM tasks WHERE false'

/** Fails while D1 takes no writes, whatever they are. */
export async function probeWrites(db: D1Database): Promise<void> {
  await db.prepare(PROBE).run()
}
