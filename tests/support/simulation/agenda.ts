/** Simulated time: what is to happen, in order; the clock jumps from one to the next. */

interface Item {
  at: number
  act: () => void
}

export class Agenda {
  now: number
  /** Latest first, so that the next one is taken off the end. */
  readonly #items: Item[] = []

  constructor(now: number) {
    this.now = now
  }

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act)
  }

  at(time: number, act: () => void): void {
    const at = Math.max(time, this.now)
    const items = this.#items
    let place = items.length
    // Of those at the same time the one that was noted first happens first.
    while (place > 0 && items[place - 1]!.at <= at) place--
    items.splice(place, 0, { at, act })
  }

  /** Lets the next thing happen; false: nothing is left. */
  step(): boolean {
    const next = this.#items.pop()
    if (next === undefined) return false
    this.now = next.at
    next.act()
    return true
  }
}
