/**
 * The order of things at a Gate: what a decision needs beforehand, and what it leads to. Free of the platform, so that the
 * Gate's object and the simulations of its faults (tests/support/simulation) run the same.
 */
import { decideGate, type GateCommand, type GateDecision } from '../../domain/gate/decide.ts'
import { figuresOfGate, type GateFigures, type Standing, standingOf } from '../../domain/gate/figures.ts'
import type { Crossing } from '../../domain/gate/spending.ts'
import type { Ask, GateState, RunRef } from '../../domain/gate/state.ts'
import type { Waits } from '../../domain/gate/waits.ts'
import type { EndedCall } from '../rpc.ts'
import type { Kept } from './kept.ts'

/** What the team has set is good for so long, and so is a count of decisions. */
const FRESH_MS = 5_000

export type Settings = Omit<Extract<GateCommand, { type: 'set' }>, 'type'>

export interface GatePorts {
  now(): number
  kept: Kept
  /** Tells a run that it is its turn; `told`: whether it was held, or false where nobody knows. */
  release(run: RunRef, told: (wasHeld: boolean) => void): void
  /** A mark of a budget is reached. */
  tell(crossing: Crossing): void
  /** Wakes the Gate then. */
  arm(at: number): void
  decide?: typeof decideGate
}

/** What is to be looked up before the Gate decides. */
export interface Needs {
  /** What the team has set. */
  settings: boolean
  /** People whose open decisions are to be counted. */
  people: string[]
}

export class Gatekeeper {
  readonly #ports: GatePorts
  readonly #decide: typeof decideGate
  #state: GateState
  #freshUntil = 0

  constructor(ports: GatePorts) {
    this.#ports = ports
    this.#decide = ports.decide ?? decideGate
    this.#state = ports.kept.restore()
    // Whether they were told before the Gate went, nobody knows.
    for (const grant of this.#state.grants.values()) if (!grant.taken) this.#release(grant)
  }

  /** As it stands in memory. */
  get state(): GateState {
    return this.#state
  }

  /** What is to be looked up, for steps that lead to these people. */
  needs(people: string[]): Needs {
    const { spending, piles, limits } = this.#state
    const now = this.#ports.now()
    const isOver = spending !== null && Math.min(spending.day.to, spending.month.to) <= now
    const stale = people.filter(person => Math.abs(now - (piles[person]?.at ?? 0)) >= FRESH_MS)
    // A clock that was set back must not make hours of it.
    const isFresh = now < this.#freshUntil && this.#freshUntil <= now + FRESH_MS
    return { settings: !isFresh || isOver, people: limits.waiting === null ? [] : stale }
  }

  /** Those that runs wait for. */
  get awaited(): string[] {
    return [...new Set(this.#state.waiting.flatMap(({ people }) => people))]
  }

  /** What the team has set; null: it could not be looked up, and what was known holds. */
  settle(settings: Settings | null): void {
    if (settings !== null) this.#apply({ type: 'set', ...settings })
    this.#freshUntil = this.#ports.now() + FRESH_MS
  }

  counted(open: Record<string, number>): void {
    this.#apply({ type: 'piles', open })
  }

  take(ask: Ask, settled?: number): Waits | null {
    return this.#apply({ type: 'take', ask, settled })
  }

  end(ask: Ask, ended: EndedCall): Waits | null {
    return this.#apply({ type: 'end', ask, ...ended })
  }

  spent(cost: number): void {
    this.#apply({ type: 'spent', cost })
  }

  /** The time has come that it was to look again at. */
  look(): void {
    this.#apply({ type: 'tick' })
  }

  standing(): Standing {
    return standingOf(this.#state)
  }

  figures(): GateFigures {
    return figuresOfGate(this.#state, this.#ports.now())
  }

  #apply(command: GateCommand): Waits | null {
    const decision = this.#decide(this.#state, command, this.#ports.now())
    this.#state = decision.state
    this.#ports.kept.keep(decision.state)
    this.#follow(decision)
    return decision.waits
  }

  #follow({ released, crossed, next }: GateDecision): void {
    if (next !== null) this.#ports.arm(next)
    for (const crossing of crossed) this.#ports.tell(crossing)
    for (const run of released) this.#release(run)
  }

  /** One that cannot be told is told again, as is one that was not held yet. */
  #release({ task, visit, run }: RunRef): void {
    this.#ports.release({ task, visit, run }, wasHeld => {
      if (!wasHeld) this.#apply({ type: 'missed', run: { task, visit, run } })
    })
  }
}
