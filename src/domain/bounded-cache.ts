/** A small cache with a lid: what an isolate keeps of templates, conditions, versions, counts and the like. */

/** Keeps the newest entries by text key. Both the number of entries and the length of all keys are bounded, as isolates live long. */
export class BoundedCache<V> {
  readonly #entries = new Map<string, V>()
  readonly #maxEntries: number
  readonly #maxChars: number
  #chars = 0

  constructor(maxEntries: number, maxChars = Number.POSITIVE_INFINITY) {
    this.#maxEntries = maxEntries
    this.#maxChars = maxChars
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
    if (key.length <= this.#maxChars) this.#add(key, value)
    return value
  }

  forget(key: string): void {
    if (this.#entries.delete(key)) this.#chars -= key.length
  }

  /** Forgets every entry whose key begins so. */
  forgetAll(start: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(start)) this.forget(key)
  }

  #add(key: string, value: V): void {
    this.#entries.set(key, value)
    this.#chars += key.length
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#chars <= this.#maxChars) return
      this.forget(oldest)
    }
  }
}
