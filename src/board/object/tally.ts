/** How many open tasks are in each step and status: kept in memory while somebody watches, exact however many there are. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import { isOver, type Status } from '../../domain/task/state.ts'

export interface Tallied {
  id: string
  seq: number
  step: string | null
  status: string
}

/** Step → status → number of open tasks; a task without a step counts under `''`. */
export type Counts = Record<string, Record<string, number>>

/** Tasks that are over and remembered as that: a flush that was sent again may arrive after a later one. */
const OVER_KEPT = 5000

export class Tally {
  #over = new BoundedCache<true>(OVER_KEPT)
  #tasks = new Map<string, Tallied>()
  #counts = new Map<string, Map<string, number>>()

  /** `stored` is what D1 had, `newer` what has arrived since and may not be in it. */
  constructor(stored: Iterable<Tallied>, newer: Iterable<Tallied>) {
    for (const task of stored) this.apply(task)
    for (const task of newer) this.apply(task)
  }

  /** Takes up how a task stands now; an older word about it changes nothing. */
  apply({ id, seq, step, status }: Tallied): void {
    const known = this.#tasks.get(id)
    if (known !== undefined && known.seq >= seq) return
    // Nothing that is over begins again: whatever else is said of it is older.
    if (this.#over.peek(id)) return
    if (known !== undefined) this.#count(known, -1)
    if (isOver(status as Status)) {
      this.#tasks.delete(id)
      this.#over.keep(id, true)
      return
    }
    const task = { id, seq, step, status }
    this.#tasks.set(id, task)
    this.#count(task, 1)
  }

  counts(): Counts {
    return Object.fromEntries([...this.#counts].map(([step, statuses]) => [step, Object.fromEntries(statuses)]))
  }

  #count({ step, status }: Tallied, by: 1 | -1): void {
    const key = step ?? ''
    const statuses = this.#counts.get(key) ?? new Map<string, number>()
    const n = (statuses.get(status) ?? 0) + by
    if (n > 0) statuses.set(status, n)
    else statuses.delete(status)
    if (statuses.size > 0) this.#counts.set(key, statuses)
    else this.#counts.delete(key)
  }
}
