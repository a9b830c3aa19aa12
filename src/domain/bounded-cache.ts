/** A small cache with a lid: what an isolate keeps of parsed templates, conditions, patterns and schemas. */

/** Keeps the newest entries by text key. Both the number of entries and the length of all keys are bounded, as isolates live long. */
export class BoundedCache<V> {
  readonly #entries = new Map<string, V>()
  readonly #maxEntries: number
  readonly #maxChars: number
  #chars = 0

  constructor(maxEntries: number, maxChars: number) {
    this.#maxEntries = maxEntries
    this.#maxChars = maxChars
  }

  /** The value kept under `key`, made by `make` when there is none. */
  get(key: string, make: () => V): V {
    const kept = this.#entries.get(key)
    if (kept !== undefined) return kept
    const made = make()
    if (key.length <= this.#maxChars) this.#keep(key, made)
    return made
  }

  #keep(key: string, value: V): void {
    this.#entries.set(key, value)
    this.#chars += key.length
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#chars <= this.#maxChars) return
      this.#entries.delete(oldest)
      this.#chars -= oldest.length
    }
  }
}
