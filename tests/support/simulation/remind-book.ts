/** The simulation's own count of reminders: when one is due, who is meant, and that none is missed or told twice. */
import type { Ask } from '../../../src/domain/task/people/ask.ts'
import { must } from './run-books.ts'

const SOON_MS = 5000

export class RemindBook {
  readonly #ask: Ask
  /** What was told last, or when the question was put. */
  #last: number
  /** Since when the same people are asked about the same. */
  #since: number
  /** The task stood still meanwhile: nobody is told then. */
  stoodStill = false

  constructor(ask: Ask, at: number) {
    this.#ask = ask
    this.#last = at
    this.#since = at
  }

  /** Other people are asked, or about something else. */
  changed(at: number): void {
    this.#since = at
  }

  reminded(event: { at: number; to: string[] }, open: string[], at: number, punctualFrom: number): void {
    const next = this.#next()
    must(next !== null && at >= next, `a reminder at ${at}, none is due before ${next}`)
    must(event.at === at, 'a reminder for another time')
    must(open.length > 0 && event.to.join() === open.join(), `[${event.to}] are reminded, [${open}] have not decided`)
    this.#punctual(next, at, punctualFrom)
    this.#last = at
  }

  /** The question is settled, with nothing left to tell. */
  settled(open: string[], at: number, punctualFrom: number): void {
    const next = this.#next()
    if (next !== null && open.length > 0) this.#punctual(next, at, punctualFrom)
  }

  #punctual(next: number, at: number, punctualFrom: number): void {
    const late = at - Math.max(next, this.#since)
    must(this.stoodStill || next < punctualFrom || late <= SOON_MS, `a reminder comes ${late} ms too late`)
  }

  #next(): number | null {
    const { remind, due } = this.#ask
    if (remind === undefined) return null
    const times = [
      ...(due === null ? [] : remind.before.map(ms => due - ms)),
      ...(remind.every === undefined ? [] : [this.#last + remind.every]),
    ].filter(time => time > this.#last)
    return times.length === 0 ? null : Math.min(...times)
  }
}
