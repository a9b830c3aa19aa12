/** How much work one condition may do. It is counted, as a Worker's clock stands still while it computes. */

/** Enough to look at some ten thousand list items, or to search a few texts of 256 KiB. */
const MAX_WORK = 1_000_000
/** Text is walked much faster than lists: characters per unit of work. */
const CHARS_PER_UNIT = 16
const NEEDLE_PER_UNIT = 64
/** Characters of JSON that a unit of work reads. */
const CHARS_READ_PER_UNIT = 4
/** Instructions of a compiled pattern that a unit of work buys. */
const STEPS_PER_UNIT = 4
/** Reading a date in a time zone, or anything else that formats. */
const DATE_COST = 1000

/** One error for all, as loops may throw it once per item. */
const TOO_MUCH = new Error('the condition looks at too much: shorten the lists or texts it goes through')

/** One evaluation's budget. */
export class Work {
  #done = 0

  /** Whether more was asked for than there was: then no result counts, as CEL's `||` and `exists` swallow errors. */
  get exceeded(): Error | null {
    return this.#done > MAX_WORK ? TOO_MUCH : null
  }

  use(amount: number): void {
    this.#done += amount
    if (this.#done > MAX_WORK) throw TOO_MUCH
  }

  /** Charges for a whole value, however deep. */
  walk(value: unknown): void {
    this.use(typeof value === 'string' ? 1 + value.length / CHARS_PER_UNIT : 1)
    if (typeof value !== 'object' || value === null) return
    for (const part of Array.isArray(value) ? value : Object.values(value)) this.walk(part)
  }

  /** Charges for so many instructions of a pattern, run or compiled. */
  steps(count: number): void {
    this.use(count / STEPS_PER_UNIT)
  }

  /** Charges for a call of CEL's function `name` with these arguments, a method's receiver first. */
  call(name: string, args: unknown[]): void {
    for (const arg of args) this.use(typeof arg === 'string' ? 1 + arg.length / CHARS_PER_UNIT : 1)
    const [text, second] = args
    if (name.startsWith('get')) this.use(DATE_COST)
    if (name === 'join') this.#join(text, second)
    // The keys of an object are gathered to be counted.
    if (name === 'size' && typeof text === 'object' && text !== null) this.use(Object.keys(text).length)
    if (typeof text === 'string') this.#search(name, text, second)
  }

  #search(name: string, text: string, second: unknown): void {
    if (name === 'split') this.use(text.length)
    if (name === 'parse_json') this.use(text.length / CHARS_READ_PER_UNIT)
    // CEL-js reads durations with a pattern that is quadratic in the number of digits.
    if (name === 'duration') this.use(text.length * text.length)
    if (typeof second === 'string') this.use((text.length / CHARS_PER_UNIT) * (1 + second.length / NEEDLE_PER_UNIT))
  }

  #join(list: unknown, separator: unknown): void {
    this.walk(list)
    if (Array.isArray(list) && typeof separator === 'string')
      this.use((list.length * separator.length) / CHARS_PER_UNIT)
  }
}
