/** Carries a task's log to its board and D1: what is not confirmed is tried again, and more that comes meanwhile gathers. */
import type { AuditRow, Flush, FlushAnswer } from '../board/rpc.ts'

const FIRST_PAUSE_MS = 1000
const LAST_PAUSE_MS = 300_000
/** How long a running task's flush waits for what comes next: longer, and the waiting is billed dearer than the rows that it saves. */
export const GATHER_MS = 500
/** D1 takes 2 MB in one value: what gathered while it was away goes in parts well below that. */
const PART_CHARS = 500_000

export interface FlushShell {
  now(): number
  /** The task's row as it is now. */
  row(): Flush['row']
  send(flush: Flush): Promise<FlushAnswer>
  /** Everything up to `seq` is in D1. */
  confirmed(seq: number): void
  /** Nothing could be confirmed; the next try is at this time. */
  postponed(at: number): void
}

export class Flusher {
  #pending: AuditRow[] = []
  #inFlight: Promise<void> | null = null
  /** The flush that waits for more. */
  #soon: ReturnType<typeof setTimeout> | undefined
  #pause = FIRST_PAUSE_MS
  /** Not before this; 0: at once. */
  retryAt = 0
  lastReason: string | null = null
  readonly #shell: FlushShell

  constructor(shell: FlushShell) {
    this.#shell = shell
  }

  get waiting(): boolean {
    return this.#pending.length > 0
  }

  add(row: AuditRow): void {
    this.#pending.push(row)
  }

  /** Flushes in a moment: a chain of quick steps ends within it, and goes as one. */
  soon(): void {
    this.#soon ??= setTimeout(() => void this.run(), GATHER_MS)
  }

  /** Flushes until nothing is left or a try fails; never throws. Calls share one flight. */
  run(): Promise<void> {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.#inFlight ??= this.#flushAll().finally(() => {
      this.#inFlight = null
    })
    return this.#inFlight
  }

  async #flushAll(): Promise<void> {
    while (this.#pending.length > 0) {
      // A copy: rows that come while it is under way are not in it, and must not count as confirmed.
      const audit = this.#part()
      const answer = await this.#try({ row: this.#shell.row(), audit })
      if (!answer.ok) return this.#postpone(answer)
      this.#pending = this.#pending.slice(audit.length)
      this.#pause = FIRST_PAUSE_MS
      this.retryAt = 0
      this.lastReason = null
      this.#shell.confirmed(audit[audit.length - 1]!.seq)
    }
  }

  /** The oldest rows that are waiting, as many as go in one flush. */
  #part(): AuditRow[] {
    let chars = 0
    const end = this.#pending.findIndex((row, i) => {
      chars += row.facts.length + row.types.length + 300
      return i > 0 && chars > PART_CHARS
    })
    return this.#pending.slice(0, end < 0 ? undefined : end)
  }

  async #try(flush: Flush): Promise<FlushAnswer> {
    try {
      return await this.#shell.send(flush)
    } catch (error) {
      return { ok: false, retryAfterMs: 0, reason: String(error) }
    }
  }

  #postpone(answer: Extract<FlushAnswer, { ok: false }>): void {
    this.retryAt = this.#shell.now() + Math.max(answer.retryAfterMs, this.#pause)
    this.lastReason = answer.reason
    this.#pause = Math.min(this.#pause * 2, LAST_PAUSE_MS)
    this.#shell.postponed(this.retryAt)
  }
}
