/** The team's Gate in a schedule of tasks: so many calls at a time, told of too late or never, evicted and struck down. */

import { type Ask, keyOf } from '../../../src/domain/gate/state.ts'
import type { Work } from '../../../src/domain/task/commands.ts'
import { NO_LIMITS } from '../../../src/domain/team-limits.ts'
import { Gatekeeper } from '../../../src/gate/object/gatekeeper.ts'
import { Kept } from '../../../src/gate/object/kept.ts'
import { MINUTE } from '../task-builders.ts'
import type { Agenda } from './agenda.ts'
import type { Chances } from './chances.ts'
import { GATE, type GateSubject } from './gate/world.ts'
import { must } from './run-books.ts'

/** Longer than any call of a schedule takes. */
const LASTS_MS = 6 * MINUTE
/** How long a run that waits for its turn is held at most. */
export const SAFETY_MS = 10 * MINUTE

/** Every eighth schedule has a Gate. */
export const isGated = (seed: number) => seed % 8 === 3

/** Tells a task's run that it is its turn; null: the word was lost, or its answer. */
export type Tell = (task: string, visit: number, run: number) => boolean | null

export class Turns {
  readonly #agenda: Agenda
  readonly #chances: Chances
  readonly #tell: Tell
  readonly #subject: GateSubject
  readonly #atOnce: number
  readonly #disk = new Map<string, string>()
  /** Leases of calls under way with leave that the Gate knows of. */
  readonly #calls = new Map<string, string>()
  #keeper: Gatekeeper | null = null
  #life = 0
  #alarm: number | null = null

  constructor(agenda: Agenda, chances: Chances, tell: Tell, subject: GateSubject = GATE) {
    this.#agenda = agenda
    this.#chances = chances
    this.#tell = tell
    this.#subject = subject
    this.#atOnce = chances.between(1, 3)
    chances.happened('gated')
  }

  /** Whether the work may begin; else it is to be held. */
  take(work: Work): boolean {
    const ask = askOf(work)
    if (this.#chances.strikes('leaveLost')) return false
    const mayGo = this.#living().take(ask) === null
    if (this.#chances.strikes('leaveLost')) return false
    if (!mayGo) this.#chances.happened('turnsAwaited')
    else {
      // A worker that was given up may still be at the same run's call: that one counts no more.
      for (const [lease, key] of this.#calls) if (key === keyOf(ask)) this.#calls.delete(lease)
      this.#calls.set(work.lease, keyOf(ask))
      const { size } = this.#calls
      must(size <= this.#atOnce, `${size} calls at a time, ${this.#atOnce} are allowed`)
    }
    return mayGo
  }

  /** Its call is over: the worker tells the Gate, unless it died. */
  over(work: Work, told: boolean): void {
    this.#calls.delete(work.lease)
    if (!told || this.#chances.strikes('leaveKept')) return
    const end = { end: { kind: 'answered' as const }, cost: 0, began: this.#agenda.now - 1, flight: 1 }
    this.#living().end(askOf(work), end)
  }

  #living(): Gatekeeper {
    if (this.#keeper !== null && this.#chances.strikes('gateGone')) this.#strikeDown()
    this.#keeper ??= this.#born()
    if (this.#keeper.needs([]).settings) {
      const day = { name: 'today', to: Number.MAX_SAFE_INTEGER, spent: 0 }
      const limits = { ...NO_LIMITS, providers: { openai: { parallel: this.#atOnce } } }
      this.#keeper.settle({ limits, day, month: day })
    }
    return this.#keeper
  }

  /** What it had not written yet is gone with it. */
  #strikeDown(): void {
    for (const [lease, key] of this.#calls) {
      const isKept = this.#disk.get(`grant:${key}`) === JSON.stringify(this.#keeper?.state.grants.get(key))
      if (!isKept) this.#calls.delete(lease)
    }
    this.#keeper = null
    this.#life++
  }

  #born(): Gatekeeper {
    const life = ++this.#life
    const alive = (act: () => void) => () => {
      if (life === this.#life) act()
    }
    const storage = {
      read: () => [...this.#disk].filter(([key]) => this.#subject.reads(key)),
      write: (put: Map<string, string>, remove: string[]) => {
        for (const key of remove) this.#disk.delete(key)
        for (const [key, value] of put) this.#disk.set(key, value)
      },
    }
    return new Gatekeeper({
      now: () => this.#agenda.now,
      kept: new Kept(storage, (ms, act) => this.#agenda.after(ms, alive(act))),
      release: ({ task, visit, run }, told) =>
        this.#agenda.after(this.#chances.between(1, 50), () => {
          const wasHeld = this.#tell(task, visit, run)
          this.#chances.happened(wasHeld ? 'turnsTold' : 'turnsMissed')
          alive(() => told(wasHeld === true))()
        }),
      tell: () => {},
      arm: at => this.#arm(at),
      decide: this.#subject.decide,
    })
  }

  #arm(at: number): void {
    if (this.#alarm !== null && this.#alarm <= at) return
    this.#alarm = at
    this.#agenda.at(at, () => {
      if (this.#alarm !== at) return
      this.#alarm = null
      this.#living().look()
    })
  }
}

function askOf({ task, visit, run, lease, madeAt }: Work): Ask {
  return { task, visit, run, age: madeAt, provider: 'openai', cost: 0, people: [], lease, lastsMs: LASTS_MS }
}
