/** A small cache with a lid: what an isolate keeps of templates, conditions, versions, counts and the like. */

/**
 * Keeps the newest entries by text key. Both the number of entries and the weight of them all are bounded, as isolates live
 * long: the length of their keys, and what `weigh` says of their values, which it must say of one value ever alike.
 */
export class BoundedCache<V> {
  readonly #entries = new Map<string, V>()
  readonly #maxEntries: number
  readonly #maxWeight: number
  readonly #weigh: (value: V) => number
  #weight = 0

  constructor(maxEntries: number, maxWeight = Number.POSITIVE_INFINITY, weigh: (value: V) => number = () => 0) {
    this.#maxEntries = maxEntries
    this.#maxWeight = maxWeight
    this.#weigh = weigh
  }

  /** The value kept under `key`, made by `make` when there is none. */
  get(key: string, make: () => V): V {
    const kept = this.#entries.get(key)
    if (kept !== undefined) return kept
    return this.keep(key, make())
  }

  /** The value kept under `key`, for whoever has to wait for a new one. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)
  }

  /** Keeps the value as the newest, and answers it. */
  keep(key: string, value: V): V {
    this.forget(key)
    if (this.#weightOf(key, value) <= this.#maxWeight) this.#add(key, value)
    return value
  }

  forget(key: string): void {
    const value = this.#entries.get(key)
    if (this.#entries.delete(key)) this.#weight -= this.#weightOf(key, value as V)
  }

  /** Forgets every entry whose key begins so. */
  forgetAll(start: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(start)) this.forget(key)
  }

  #weightOf(key: string, value: V): number {
    return key.length + this.#weigh(value)
  }

  #add(key: string, value: V): void {
    this.#entries.set(key, value)
    this.#weight += this.#weightOf(key, value)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#weight <= this.#maxWeight) return
      this.forget(oldest)
    }
  }
}
