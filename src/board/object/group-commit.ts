/** Writes the flushes of many tasks to D1 in one batch a round: while one is under way the next gathers, so no timer is needed. */
import { crashPoint } from '../../crash-points.ts'
import type { Flush, FlushAnswer } from '../../records/task/flush.ts'
import { probeWrites, sizeOfRow, statementsOf } from '../../records/task/flush.ts'

const MAX_TASKS = 100
const MAX_BYTES = 1_000_000
const FIRST_PAUSE_MS = 1000
const LAST_PAUSE_MS = 300_000

interface Waiting {
  flush: Flush
  bytes: number
  answer: (answer: FlushAnswer) => void
}

/** What a database says that is full, read-only or failing: no row is to blame, even if the probe passes. */
const FAILING = /SQLITE_(FULL|READONLY|IOERR|BUSY|LOCKED|CANTOPEN|NOMEM|CORRUPT|NOTADB)|maximum DB size|overloaded/i

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
    if (await this.#isDown(failure)) return this.#putOff(round, failure)
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

  /** D1 does not answer, or takes no writes: nobody is to blame, all come back later, not all at once. */
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
      await this.#db.batch(statementsOf(this.#db, flushes))
      await crashPoint('C13')
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** Whether D1 takes no writes now, whatever they are. */
  async #isDown(failure: string): Promise<boolean> {
    if (FAILING.test(failure)) return true
    try {
      await probeWrites(this.#db)
      return false
    } catch {
      return true
    }
  }
}

function sizeOf(flush: Flush): number {
  const index = flush.row.card.length + flush.row.title.length + (flush.delivery?.request.length ?? 0)
  return index + flush.audit.reduce((sum, row) => sum + sizeOfRow(row), 300)
}
