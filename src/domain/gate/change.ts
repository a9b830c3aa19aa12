/** What one command changes of a Gate, worked on as a copy: whose turn it is, who has leave, how providers are. */
import {
  type CallEnd,
  calmed,
  type Flight,
  fallbackRoomAt,
  heard,
  type Lane,
  NEW_LANE,
  restarted,
  roomAt,
  started,
} from './lane.ts'
import { Piles } from './piles.ts'
import { Purse } from './purse.ts'
import {
  type Ask,
  beforeOf,
  type Call,
  type GateState,
  type Grant,
  isSame,
  keyOf,
  type RunRef,
  type Waiting,
} from './state.ts'

/** A run that was told to go on has this long to come and take its grant; its lane's message may be lost once. */
const KEPT_MS = 30_000
/** One that was told too early, as its worker had not put it down yet, is told again after this, doubling, so often. */
const MISSED_PAUSE_MS = 500
const MAX_MISSED = 6
export class GateChange {
  readonly now: number
  readonly money: Purse
  readonly piles: Piles
  readonly released: RunRef[] = []
  /** Whether somebody's turn has come but for the budget. */
  budgetBlocks = false
  readonly #before: GateState
  readonly #grants: Map<string, Grant>
  #waiting: Waiting[]
  #lanes: Record<string, Lane>
  readonly #flights = new Map<string, Flight>()

  constructor(state: GateState, now: number) {
    this.now = now
    this.#before = state
    this.#grants = new Map(state.grants)
    this.#waiting = state.waiting.slice()
    this.#lanes = { ...state.lanes }
    this.money = new Purse(state.spending, state.limits.budget)
    this.piles = new Piles(state.piles, state.limits.waiting, now)
    for (const grant of state.grants.values()) this.#count(grant, 1)
    for (const grant of state.grants.values()) if (grant.until <= now) this.#lapse(grant)
    for (const [name, lane] of Object.entries(state.lanes)) {
      if (!state.waiting.some(each => each.calls.some(call => call.provider === name)))
        this.#keep(name, calmed(lane, now))
    }
  }

  get state(): GateState {
    return {
      ...this.#before,
      lanes: this.#lanes,
      grants: this.#grants,
      waiting: this.#waiting,
      spending: this.money.spending,
      piles: this.piles.counted,
    }
  }

  grantOf(run: RunRef): Grant | undefined {
    return this.#grants.get(keyOf(run))
  }

  laneOf(provider: string): Lane {
    return this.#lanes[provider] ?? NEW_LANE
  }

  flightOf(provider: string): Flight {
    return this.#flights.get(provider) ?? { all: 0, probes: 0 }
  }

  // Turns

  /**
   * The run waits, with its place by age; one that does so already keeps its time. Until `notBefore` others go before it: a
   * provider that turns one run away each time must not keep the others waiting.
   */
  wait(ask: Ask, notBefore = 0): void {
    const { task, visit, run, age, people, provider, cost, lastsMs, fallback } = ask
    const call: Call = { provider, cost, lastsMs, ...(fallback && { fallback }) }
    const known = this.#waiting.findIndex(each => isSame(each, ask))
    if (known >= 0) {
      const waiting = this.#waiting[known]!
      const at = waiting.calls.findIndex(each => each.provider === provider && each.fallback === fallback)
      const calls = at < 0 ? [...waiting.calls, call] : waiting.calls.with(at, call)
      this.#waiting[known] = { ...waiting, people, calls, notBefore: Math.max(waiting.notBefore, notBefore) }
      return
    }
    const waiting: Waiting = { task, visit, run, age, since: this.now, calls: [call], people, missed: 0, notBefore }
    this.#insert(waiting)
  }

  #insert(waiting: Waiting): void {
    let [low, high] = [0, this.#waiting.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (beforeOf(this.#waiting[middle]!, waiting) <= 0) low = middle + 1
      else high = middle
    }
    this.#waiting.splice(low, 0, waiting)
  }

  /** The run waits no more. */
  stopWaiting(run: RunRef): void {
    this.#waiting = this.#waiting.filter(each => !isSame(each, run))
  }

  /** The run was told to go on and is not held: its worker is about to put it down, or it is gone for good. */
  miss(run: RunRef): void {
    const grant = this.grantOf(run)
    if (grant === undefined || grant.taken) return
    this.drop(grant)
    const { task, visit, age, people, provider, cost, lastsMs, fallback, since, missed } = grant
    if (missed >= MAX_MISSED) return
    const notBefore = this.now + MISSED_PAUSE_MS * 2 ** missed
    const calls = [{ provider, cost, lastsMs, ...(fallback && { fallback }) }]
    this.#insert({ task, visit, run: run.run, age, people, calls, since, missed: missed + 1, notBefore })
  }

  /** Gives leave to all whose turn it is, oldest first; `taker`, whose worker stands at the gate, is not told. */
  letGo(taker: Ask | null): void {
    const blocked = new Set<string>()
    const left: Waiting[] = []
    this.budgetBlocks = false
    for (const waiting of this.#waiting) {
      const isTaker = taker !== null && isSame(taker, waiting)
      const isOff =
        this.budgetBlocks || (waiting.notBefore > this.now && !isTaker) || this.piles.fullFor(waiting.people) !== null
      const call = isOff ? undefined : waiting.calls.find(each => this.#hasRoom(each, blocked))
      if (call !== undefined && !this.money.fitsIn(call.cost)) {
        // Whoever comes after may not take what the oldest waits for.
        this.budgetBlocks = true
        this.money.refuse(call.cost)
      }
      if (call === undefined || this.budgetBlocks) {
        left.push(waiting)
        continue
      }
      const { task, visit, run, age, people, since, missed } = waiting
      const lease = isTaker ? taker.lease : ''
      this.#give({ task, visit, run, age, people, lease, ...call }, { since, missed, taken: isTaker })
      if (!isTaker) this.released.push({ task, visit, run })
    }
    this.#waiting = left
  }

  #hasRoom({ provider, fallback }: Call, blocked: Set<string>): boolean {
    if (fallback) {
      const { providers } = this.#before.limits
      const at = fallbackRoomAt(this.laneOf(provider), providers[provider], this.flightOf(provider), this.now)
      return at !== null && at <= this.now
    }
    if (blocked.has(provider)) return false
    const at = this.roomAt(provider)
    if (at !== null && at <= this.now) return true
    blocked.add(provider)
    return false
  }

  /** When this provider's next call may begin; null: when another ends, or the limits change. */
  roomAt(provider: string): number | null {
    return roomAt(this.laneOf(provider), this.#before.limits.providers[provider], this.flightOf(provider), this.now)
  }

  /** When its next call may begin as far as pauses and the rate go. */
  paceAt(provider: string): number {
    const perMinute = this.#before.limits.providers[provider]?.perMinute
    return roomAt(this.laneOf(provider), { perMinute }, { all: 0, probes: 0 }, this.now) ?? this.now
  }

  #give(ask: Ask, turn: Pick<Grant, 'since' | 'missed' | 'taken'>): void {
    const { lastsMs, provider } = ask
    const grant = { ...ask, ...turn, at: this.now, until: this.now + (turn.taken ? lastsMs : KEPT_MS) }
    this.#grants.set(keyOf(ask), grant)
    this.#count(grant, 1)
    this.#keep(provider, started(this.laneOf(provider), this.#isRated(provider), this.now))
  }

  /** The worker of a run that was told to go on is there, or goes on to its next call. */
  take({ fallback: _before, ...grant }: Grant, { cost, lastsMs, people, lease, fallback }: Ask): void {
    const lane = this.laneOf(grant.provider)
    if (this.#isRated(grant.provider)) {
      this.#keep(grant.provider, grant.taken ? started(lane, true, this.now) : restarted(lane, grant.at, this.now))
    }
    this.#count(grant, -1)
    const taken = {
      ...grant,
      cost,
      people,
      lease,
      at: grant.taken ? grant.at : this.now,
      until: this.now + lastsMs,
      taken: true,
      ...(fallback && { fallback }),
    }
    this.#grants.set(keyOf(grant), taken)
    this.#count(taken, 1)
  }

  #isRated(provider: string): boolean {
    return this.#before.limits.providers[provider]?.perMinute !== undefined
  }

  /** The grant is given back. */
  drop(grant: Grant): void {
    if (this.#grants.delete(keyOf(grant))) this.#count(grant, -1)
  }

  /** Nobody heard of what it was for: what it may have cost counts as spent. */
  #lapse(grant: Grant): void {
    this.drop(grant)
    if (grant.taken) this.money.spend(grant.cost)
  }

  #count({ provider, at, cost, people }: Grant, by: 1 | -1): void {
    this.piles.draft(people, by)
    const { all, probes } = this.flightOf(provider)
    const { downSince } = this.laneOf(provider)
    const probe = downSince !== null && at >= downSince ? by : 0
    this.#flights.set(provider, { all: all + by, probes: probes + probe })
    this.money.reserve(by * cost)
  }

  // Providers

  /** What a call that began at `began` says of its provider. */
  hear(provider: string, end: CallEnd, began: number, flight: number): void {
    this.#keep(provider, heard(this.laneOf(provider), end, began, flight, this.now))
  }

  #keep(provider: string, lane: Lane): void {
    if (lane !== this.laneOf(provider)) this.#lanes[provider] = lane
  }
}
