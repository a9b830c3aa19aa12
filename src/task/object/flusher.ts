/** Carries a task's log to its board and D1: what is not confirmed is tried again, and more that comes meanwhile gathers. */
import { type Flush, type FlushAnswer, type FlushedRow, sizeOfRow } from '../../records/task/flush.ts'

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
  /** Sends it and says once what came of it; an object that is gone by then needs no answer. */
  send(flush: Flush, answered: (answer: FlushAnswer) => void): void
  /** Does this in `ms`, unless what it answers is called before. */
  after(ms: number, act: () => void): () => void
  /** Everything up to `seq` is in D1. */
  confirmed(seq: number): void
  /** Nothing could be confirmed; the next try is at this time. */
  postponed(at: number): void
}

export class Flusher {
  #pending: FlushedRow[] = []
  /** Whoever waits for the flight under way to land; null: there is none. */
  #inFlight: (() => void)[] | null = null
  /** The flush that waits for more, and until when. */
  #soon: { stop: () => void; at: number } | null = null
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

  /** There is nothing to tell any more. */
  drop(): void {
    this.#pending = []
    this.#stopWaiting()
  }

  /** Flushes in `ms` at the latest: what comes until then goes with it. */
  soon(ms: number): void {
    const at = this.#shell.now() + ms
    if (this.#soon !== null && this.#soon.at <= at) return
    this.#stopWaiting()
    this.#soon = { stop: this.#shell.after(ms, () => void this.run()), at }
  }

  #stopWaiting(): void {
    this.#soon?.stop()
    this.#soon = null
  }

  /** Flushes until nothing is left or a try fails; never throws. Calls share one flight. */
  run(): Promise<void> {
    return new Promise(landed => this.start(landed))
  }

  /** The same, for those who are told by a call. */
  start(landed: () => void = () => {}): void {
    this.#stopWaiting()
    if (this.#inFlight !== null) {
      this.#inFlight.push(landed)
      return
    }
    this.#inFlight = [landed]
    this.#next()
  }

  #next(): void {
    if (this.#pending.length === 0) return this.#land()
    // A copy: rows that come while it is under way are not in it, and must not count as confirmed.
    const audit = this.#part()
    this.#shell.send({ row: this.#shell.row(), audit }, answer => {
      if (!answer.ok) {
        this.#postpone(answer)
        return this.#land()
      }
      this.#pending = this.#pending.slice(audit.length)
      this.#pause = FIRST_PAUSE_MS
      this.retryAt = 0
      this.lastReason = null
      try {
        this.#shell.confirmed(audit[audit.length - 1]!.seq)
      } finally {
        this.#next()
      }
    })
  }

  #land(): void {
    const waiting = this.#inFlight ?? []
    this.#inFlight = null
    for (const landed of waiting) landed()
  }

  /** The oldest rows that are waiting, as many as go in one flush. */
  #part(): FlushedRow[] {
    let chars = 0
    const end = this.#pending.findIndex((row, i) => {
      chars += sizeOfRow(row) + row.types.length
      return i > 0 && chars > PART_CHARS
    })
    return this.#pending.slice(0, end < 0 ? undefined : end)
  }

  #postpone(answer: Extract<FlushAnswer, { ok: false }>): void {
    this.retryAt = this.#shell.now() + Math.max(answer.retryAfterMs, this.#pause)
    this.lastReason = answer.reason
    this.#pause = Math.min(this.#pause * 2, LAST_PAUSE_MS)
    this.#shell.postponed(this.retryAt)
  }
}

/** A sender that answers by a promise, for a shell; one that throws has not been heard of. */
export function sentBy(send: (flush: Flush) => Promise<FlushAnswer>): FlushShell['send'] {
  return (flush, answered) => {
    send(flush)
      .catch((error): FlushAnswer => ({ ok: false, retryAfterMs: 0, reason: String(error) }))
      .then(answered)
  }
}

/** `setTimeout`, for a shell. */
export function afterTimeout(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms)
  return () => clearTimeout(timer)
}
