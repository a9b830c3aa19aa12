/** How much work one rendering may do. It is counted, as a Worker's clock stands still while it computes. */

/** What is thrown, and caught by the renderer, when a template asks for too much. */
class OverBudget extends Error {}

/** Tags and texts that may be rendered; a loop's body counts each time round. */
const MAX_STEPS = 50_000
/** Characters, list items and tokens that filters, comparisons and lookups may touch. */
const MAX_WORK = 4_000_000
/** Length of all text written, captured text included, in UTF-16 units. */
const MAX_OUTPUT = 256 * 1024
/** Comparing text is so much quicker than anything else that a unit of work buys this many characters. */
const CHARS_PER_UNIT = 16
/** Looking for a text in a text may cost the product of their lengths; V8 gets through about this many per unit. */
const NEEDLE_PER_UNIT = 64

/** One rendering's budget; `use` and `check` are what liquidjs calls on its limiters. */
export class Budget {
  #steps = 0
  #work = 0
  #written = 0

  /** Charges `amount` units of work. */
  use(amount: number): void {
    if (amount > 0) this.#work += amount
    if (this.#work > MAX_WORK) throw new OverBudget('the template does too much work: shorten its texts or loops')
  }

  /** liquidjs calls this before each tag and text, meaning it as a look at the clock; here it counts. */
  check(): void {
    this.#steps += 1
    if (this.#steps > MAX_STEPS) throw new OverBudget(`the template takes over ${MAX_STEPS} steps: shorten its loops`)
  }

  /** Charges `length` units of text written. */
  write(length: number): void {
    this.#written += length
    if (this.#written > MAX_OUTPUT) throw new OverBudget('the text would be longer than 256 KiB')
  }

  /** Charges for looking at a whole value, however deep; the walk itself stops when the budget is spent. */
  walk(value: unknown): void {
    this.use(typeof value === 'string' ? 2 + value.length / CHARS_PER_UNIT : 2)
    if (typeof value !== 'object' || value === null) return
    for (const part of Object.values(value)) this.walk(part)
  }

  /** Charges for looking for `needle` in `text`. */
  search(text: string, needle: string): void {
    this.use(1 + text.length * (1 + needle.length / NEEDLE_PER_UNIT))
  }
}
