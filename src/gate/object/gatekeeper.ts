/**
 * The order of things at a Gate: what is asked before a decision, and what one leads to. Free of the platform, so that the
 * Gate's object and the simulation of its faults (tests/support/simulation) run the same.
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
  /** What the team has set now; `spent` is asked for where nothing is known of it yet. */
  settings(spent: boolean): Promise<Settings>
  /** Open decisions of these people. */
  piles(people: string[]): Promise<Record<string, number>>
  /** Tells a run that it is its turn; false: it is not held. */
  release(run: RunRef): Promise<boolean>
  /** A mark of a budget is reached. */
  tell(crossing: Crossing): void
  /** Wakes the Gate then. */
  arm(at: number): void
  decide?: typeof decideGate
}

export class Gatekeeper {
  readonly #ports: GatePorts
  readonly #decide: typeof decideGate
  #state: GateState
  #freshUntil = 0
  #freshening: Promise<void> | null = null

  constructor(ports: GatePorts) {
    this.#ports = ports
    this.#decide = ports.decide ?? decideGate
    this.#state = ports.kept.restore()
  }

  /** As it stands in memory. */
  get state(): GateState {
    return this.#state
  }

  async standing(): Promise<Standing> {
    await this.#freshen()
    return standingOf(this.#state)
  }

  async take(ask: Ask, settled?: number): Promise<Waits | null> {
    await Promise.all([this.#freshen(), this.#countPiles(ask.people)])
    return this.#apply({ type: 'take', ask, settled })
  }

  async end(ask: Ask, ended: EndedCall): Promise<Waits | null> {
    return this.#apply({ type: 'end', ask, ...ended })
  }

  async figures(): Promise<GateFigures> {
    await this.#freshen()
    return figuresOfGate(this.#state, this.#ports.now())
  }

  /** The time has come that it was to look again at. */
  async look(): Promise<void> {
    const people = [...new Set(this.#state.waiting.flatMap(each => each.people))]
    await Promise.all([this.#freshen(), this.#countPiles(people)])
    this.#apply({ type: 'tick' })
  }

  #apply(command: GateCommand): Waits | null {
    const decision = this.#decide(this.#state, command, this.#ports.now())
    this.#state = decision.state
    this.#ports.kept.keep(decision.state)
    this.#follow(decision)
    return decision.waits
  }

  #follow({ released, crossed, next }: GateDecision): void {
    for (const run of released) this.#release(run)
    for (const crossing of crossed) this.#ports.tell(crossing)
    if (next !== null) this.#ports.arm(next)
  }

  /** One that cannot be told is told again, as is one that was not held yet. */
  #release(run: RunRef): void {
    const missed = () => {
      this.#apply({ type: 'missed', run })
    }
    this.#ports.release(run).then(wasHeld => {
      if (!wasHeld) missed()
    }, missed)
  }

  /** Learns what the team has set, unless it has just been learned. While D1 is away, what was known holds. */
  async #freshen(): Promise<void> {
    const { spending } = this.#state
    const now = this.#ports.now()
    const isOver = spending !== null && Math.min(spending.day.to, spending.month.to) <= now
    if (now < this.#freshUntil && !isOver) return
    this.#freshening ??= this.#learn().finally(() => {
      this.#freshening = null
    })
    await this.#freshening
  }

  async #learn(): Promise<void> {
    const settings = await this.#ports.settings(this.#state.spending === null)
    this.#freshUntil = this.#ports.now() + FRESH_MS
    this.#apply({ type: 'set', ...settings })
  }

  async #countPiles(people: string[]): Promise<void> {
    const since = this.#ports.now() - FRESH_MS
    const stale = people.filter(person => (this.#state.piles[person]?.at ?? 0) <= since)
    if (stale.length === 0 || this.#state.limits.waiting === null) return
    this.#apply({ type: 'piles', open: await this.#ports.piles(stale) })
  }
}
