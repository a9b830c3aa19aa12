/** Open decisions by person while one command changes a Gate: those that are counted, on their way, or being drafted. */
import type { GateState } from './state.ts'

/** A draft that was finished counts against its reader's pile for so long, until the question is counted itself. */
const COMING_MS = 15_000

export class Piles {
  counted: GateState['piles']
  /** The most that a person may have open; null: any number. */
  readonly #most: number | null
  readonly #now: number
  /** Calls under way by whom their steps lead to. */
  readonly #drafts = new Map<string, number>()

  constructor(counted: GateState['piles'], most: number | null, now: number) {
    this.counted = counted
    this.#most = most
    this.#now = now
  }

  /** A call of a step that leads to these people begins (1), or ends (-1). */
  draft(people: string[], by: 1 | -1): void {
    for (const person of people) this.#drafts.set(person, (this.#drafts.get(person) ?? 0) + by)
  }

  /** The person whose pile the run waits for: each who may decide has too many open; null: one has room. */
  fullFor(people: string[]): string | null {
    const most = this.#most
    if (most === null || people.length === 0) return null
    return people.every(person => this.openOf(person) >= most) ? people[0]! : null
  }

  /** Open decisions of the person, those included that are being drafted or on their way. */
  openOf(person: string): number {
    const pile = this.counted[person]
    const coming = pile?.coming.filter(at => at + COMING_MS > pile.at).length ?? 0
    return (pile?.open ?? 0) + coming + (this.#drafts.get(person) ?? 0)
  }

  /** A draft for these people is finished: its question is about to come. */
  drafted(people: string[]): void {
    if (this.#most === null || people.length === 0) return
    const piles = { ...this.counted }
    for (const person of people) {
      const { open, at, coming } = piles[person] ?? { open: 0, at: 0, coming: [] }
      piles[person] = { open, at, coming: [...coming.filter(each => each + COMING_MS > at), this.#now] }
    }
    this.counted = piles
  }
}
