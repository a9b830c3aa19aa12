/** Carries a task's log to its board and D1: what is not confirmed is tried again, and more that comes meanwhile gathers. */
import type { Flush, FlushAnswer, FlushedRow } from '../../records/task/flush.ts'

const FIRST_PAUSE_MS = 1000
const LAST_PAUSE_MS = 300_000
/** How long a flush may wait for a worker to take the task up, which is told with it: a board shows a new card within a second. */
export const UNCLAIMED_MS = 800
/** How long it waits for a quick step's end. Longer, and the waiting would be billed dearer than the rows that it saves. */
export const CLAIMED_MS = 200
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
  #pending: FlushedRow[] = []
  #inFlight: Promise<void> | null = null
  /** The flush that waits for more, and until when. */
  #soon: { timer: ReturnType<typeof setTimeout>; at: number } | null = null
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

  add(row: FlushedRow): void {
    this.#pending.push(row)
  }

  /** Flushes in `ms` at the latest: what comes until then goes with it. */
  soon(ms: number): void {
    const at = this.#shell.now() + ms
    if (this.#soon !== null && this.#soon.at <= at) return
    this.#stopWaiting()
    this.#soon = { timer: setTimeout(() => void this.run(), ms), at }
  }

  #stopWaiting(): void {
    if (this.#soon !== null) clearTimeout(this.#soon.timer)
    this.#soon = null
  }

  /** Flushes until nothing is left or a try fails; never throws. Calls share one flight. */
  run(): Promise<void> {
    this.#stopWaiting()
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
  #part(): FlushedRow[] {
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
