/** Writes the flushes of many tasks to D1 in one batch a round: while one is under way the next gathers, so no timer is needed. */
import { crashPoint } from '../crash-points.ts'
import type { Flush, FlushAnswer } from './rpc.ts'

const MAX_TASKS = 100
const MAX_BYTES = 1_000_000
const FIRST_PAUSE_MS = 1000
const LAST_PAUSE_MS = 300_000

interface Waiting {
  flush: Flush
  bytes: number
  answer: (answer: FlushAnswer) => void
}

// One statement for all rows of a kind: D1 takes 100 parameters, JSON takes any number of rows in one of them.
// Columns that an index holds are set only where they change, as setting them rewrites the index.
const COLUMNS =
  'id, team, workflow, version, title, status, step, visit, over, seq, due_at, cost, created_at, updated_at, finished_at, card'
const FROM_JSON = COLUMNS.split(', ')
  .map(column => `value->>'$.${column}'`)
  .join(', ')
const CHANGING = 'version, title, status, step, visit, seq, due_at, cost, updated_at, finished_at, card'
const SET = CHANGING.split(', ')
  .map(column => `${column} = excluded.${column}`)
  .join(', ')
const UPSERT = `INSERT INTO tasks (${COLUMNS}) SELECT ${FROM_JSON} FROM json_each(?1) WHERE true ON CONFLICT (id) DO UPDATE SET`
const GUARD = 'WHERE excluded.seq > tasks.seq AND excluded.team = tasks.team'
const UPSERT_OPEN = `${UPSERT} ${SET} ${GUARD}`
const UPSERT_OVER = `${UPSERT} ${SET}, over = excluded.over ${GUARD}`
const AUDIT_COLUMNS = 'task, seq, team, workflow, at, types, actor, step, facts, digest'
const AUDIT_FROM_JSON = AUDIT_COLUMNS.split(', ')
  .map(column => `value->>'$.${column}'`)
  .join(', ')
// Never INSERT OR IGNORE: it swallows constraint failures too, and a row would be lost unseen.
const INSERT_AUDIT = `INSERT INTO audit (${AUDIT_COLUMNS}) SELECT ${AUDIT_FROM_JSON} FROM json_each(?1) WHERE true ON CONFLICT (task, seq) DO NOTHING`

const DELIVERY_COLUMNS = 'id, team, verdict, status, reason, task, at, ms, request'
const DELIVERY_FROM_JSON = DELIVERY_COLUMNS.split(', ')
  .map(column => `value->>'$.${column}'`)
  .join(', ')
// A delivery that was held has its row already; its task is what became of it.
const UPSERT_DELIVERY = `INSERT INTO deliveries (${DELIVERY_COLUMNS}) SELECT ${DELIVERY_FROM_JSON} FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET verdict = excluded.verdict, status = excluded.status, reason = excluded.reason, task = excluded.task
  WHERE deliveries.verdict = 'held' AND deliveries.team = excluded.team`

export class GroupCommit {
  #db: D1Database
  #waiting: Waiting[] = []
  #running = false
  #pause = FIRST_PAUSE_MS
  /** Tasks that D1 refuses for a reason of their own, with that reason: shown in Health. */
  readonly refused = new Map<string, string>()
  /** Rounds and rows so far, for Health and the bench. */
  readonly counts = { rounds: 0, tasks: 0 }

  constructor(db: D1Database) {
    this.#db = db
  }

  /** Answers when D1 has committed the flush, or when it is to be tried again. */
  add(flush: Flush): Promise<FlushAnswer> {
    return new Promise(answer => {
      this.#waiting.push({ flush, bytes: sizeOf(flush), answer })
      if (!this.#running) void this.#rounds()
    })
  }

  async #rounds(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      const round = this.#take()
      await this.#commit(round)
    }
    this.#running = false
  }

  #take(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const each of this.#waiting) {
      bytes += each.bytes
      if (count > 0 && (count >= MAX_TASKS || bytes > MAX_BYTES)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(round: Waiting[]): Promise<void> {
    const failure = await this.#write(round.map(each => each.flush))
    if (failure === null) {
      this.#pause = FIRST_PAUSE_MS
      for (const each of round) this.#settle(each, { ok: true })
      return
    }
    if (await this.#unreachable()) return this.#putOff(round, failure)
    if (round.length > 1) {
      const half = Math.ceil(round.length / 2)
      await this.#commit(round.slice(0, half))
      await this.#commit(round.slice(half))
      return
    }
    const [alone] = round
    if (alone !== undefined) {
      this.refused.set(alone.flush.row.id, failure)
      alone.answer({ ok: false, retryAfterMs: 0, reason: failure })
    }
  }

  #settle(each: Waiting, answer: FlushAnswer): void {
    this.refused.delete(each.flush.row.id)
    each.answer(answer)
  }

  /** D1 does not answer: nobody is to blame, all come back later, not all at once. */
  #putOff(round: Waiting[], reason: string): void {
    const pause = this.#pause
    this.#pause = Math.min(pause * 2, LAST_PAUSE_MS)
    for (const each of [...round, ...this.#waiting.splice(0)]) {
      each.answer({ ok: false, retryAfterMs: Math.round(pause * (0.75 + Math.random() / 2)), reason })
    }
  }

  /** Writes a round in one transaction; answers why it failed, or null. */
  async #write(flushes: Flush[]): Promise<string | null> {
    this.counts.rounds++
    this.counts.tasks += flushes.length
    try {
      await crashPoint('C12')
      await this.#db.batch(this.#statements(flushes))
      await crashPoint('C13')
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #statements(flushes: Flush[]): D1PreparedStatement[] {
    const rows = flushes.map(flush => flush.row)
    const open = rows.filter(row => row.over === 0)
    const over = rows.filter(row => row.over === 1)
    const audit = flushes.flatMap(flush => flush.audit)
    const deliveries = flushes.flatMap(flush => flush.delivery ?? [])
    return [
      ...(open.length > 0 ? [this.#db.prepare(UPSERT_OPEN).bind(JSON.stringify(open))] : []),
      ...(over.length > 0 ? [this.#db.prepare(UPSERT_OVER).bind(JSON.stringify(over))] : []),
      ...(audit.length > 0 ? [this.#db.prepare(INSERT_AUDIT).bind(JSON.stringify(audit))] : []),
      ...(deliveries.length > 0 ? [this.#db.prepare(UPSERT_DELIVERY).bind(JSON.stringify(deliveries))] : []),
    ]
  }

  async #unreachable(): Promise<boolean> {
    try {
      await this.#db.prepare('SELECT 1').first()
      return false
    } catch {
      return true
    }
  }
}

function sizeOf(flush: Flush): number {
  const index = flush.row.card.length + flush.row.title.length + (flush.delivery?.request.length ?? 0)
  return index + flush.audit.reduce((sum, row) => sum + row.facts.length + 300, 300)
}
