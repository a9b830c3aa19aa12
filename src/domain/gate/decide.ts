/** One decision of a team's Gate: who may call now, who waits, and who goes on. No clock and no chance of its own. */
import type { TeamLimits } from '../team-limits.ts'
import { GateChange } from './change.ts'
import { type CallEnd, pauseOf } from './lane.ts'
import { type Crossing, type Spending, type Stretch, usd } from './spending.ts'
import type { Ask, GateState, Grant, Pile, RunRef } from './state.ts'
import { nextLook, type Waits, waitsOf } from './waits.ts'

/** Piles that were counted so long ago are forgotten. */
const KEPT_PILES_MS = 600_000

export type GateCommand =
  /** A worker wants to make a call. `settled`: USD that its earlier calls under the same grant cost. */
  | { type: 'take'; ask: Ask; settled?: number }
  /** A call ended, or the run makes no more. `began`: when; `flight`: how many were under way where it was made. */
  | { type: 'end'; ask: Ask; end: CallEnd; cost: number; began: number; flight: number }
  /** USD were spent for no task. */
  | { type: 'spent'; cost: number }
  /** A run that was told to go on was not held: not yet, or not any more. */
  | { type: 'missed'; run: RunRef }
  /** What the team has set, and which day and month it is; spent: what is known of it from elsewhere. */
  | { type: 'set'; limits: TeamLimits; day: Stretch & { spent: number }; month: Stretch & { spent: number } }
  /** Open decisions by person. */
  | { type: 'piles'; open: Record<string, number> }
  /** Time has passed. */
  | { type: 'tick' }

export interface GateDecision {
  state: GateState
  /** What whoever took or ended must wait for; null: it may go on. */
  waits: Waits | null
  /** Runs to be told that it is their turn. */
  released: RunRef[]
  /** Marks of budgets to be told of. */
  crossed: Crossing[]
  /** When the Gate must look again by itself; null: only when somebody comes. */
  next: number | null
}

/** What a command makes of the Gate. Pure: the same input gives the same answer. */
export function decideGate(state: GateState, command: GateCommand, now: number): GateDecision {
  const before = command.type === 'set' ? withSettings(state, command) : state
  const change = new GateChange(command.type === 'piles' ? withPiles(before, command.open, now) : before, now)
  const asked = carryOut(change, command)
  const waits = asked !== null && change.grantOf(asked)?.taken !== true ? waitsOf(change, asked) : null
  const { released } = change
  const { crossed } = change.money
  return { state: change.state, waits, released, crossed, next: nextLook(change) }
}

/** Answers the run that waits unless it has leave now. */
function carryOut(change: GateChange, command: GateCommand): Ask | null {
  switch (command.type) {
    case 'take':
      take(change, command.ask, command.settled)
      return command.ask
    case 'end':
      return end(change, command) ? command.ask : null
    case 'spent':
      change.money.spend(command.cost)
      return null
    case 'missed':
      change.miss(command.run)
      change.letGo(null)
      return null
    case 'set':
    case 'piles':
    case 'tick':
      change.letGo(null)
      return null
  }
}

function take(change: GateChange, ask: Ask, settled: number | undefined): void {
  change.money.spend(settled ?? 0)
  const grant = change.grantOf(ask)
  if (grant !== undefined) {
    // Leave for another provider, kept for when this one cannot serve: the worker asks for that next.
    if (grant.provider !== ask.provider && !grant.taken) return
    // It goes on, so its last call was answered.
    if (grant.taken && settled !== undefined) change.hear(ask.provider, { kind: 'answered' }, grant.at, 0)
    const mayGo = grant.provider === ask.provider && mayKeep(change, ask, grant)
    if (mayGo) change.take(grant, ask)
    else change.drop(grant)
  }
  if (change.grantOf(ask) === undefined) change.wait(ask)
  change.letGo(ask)
}

/** Whether leave that was given still holds for the next call. */
function mayKeep(change: GateChange, { cost, provider, fallback }: Ask, grant: Grant): boolean {
  const lane = change.laneOf(provider)
  if (fallback) return change.money.fitsIn(cost, usd(change.money.reserved - grant.cost))
  // What was kept for it is counted already; a next call begins anew, but for its place among those at a time.
  const mayBegin = grant.taken
    ? lane.downSince === null && change.paceAt(provider) <= change.now
    : pauseOf(lane, change.now) <= change.now
  return mayBegin && change.money.fitsIn(cost, usd(change.money.reserved - grant.cost))
}

/** Whether the run has to wait now. */
function end(change: GateChange, { ask, end, cost, began, flight }: Extract<GateCommand, { type: 'end' }>): boolean {
  const grant = change.grantOf(ask)
  const isOthers = grant?.taken === true && grant.lease !== ask.lease
  const mustWait = !isOthers && (end.kind === 'limited' || end.kind === 'offline')
  const inFlight = Math.max(flight, change.flightOf(ask.provider).all)
  if (grant !== undefined && !isOthers && (!mustWait || grant.provider === ask.provider)) change.drop(grant)
  if (!mustWait && !isOthers) {
    change.stopWaiting(ask)
    change.piles.drafted(ask.people)
  }
  change.money.spend(cost)
  change.hear(ask.provider, end, began, inFlight)
  if (mustWait) change.wait(ask, change.laneOf(ask.provider).pausedUntil + 1)
  change.letGo(null)
  return mustWait
}

function withSettings(state: GateState, { limits, day, month }: Extract<GateCommand, { type: 'set' }>): GateState {
  const { spending } = state
  // Nobody tells the Gate what calls cost while there is no budget.
  if (spending === null && limits.budget.day === null && limits.budget.month === null) return { ...state, limits }
  return {
    ...state,
    limits,
    spending: { day: inStretch(spending?.day, day), month: inStretch(spending?.month, month) },
  }
}

function inStretch(known: Spending | undefined, { name, to, spent }: Stretch & { spent: number }): Spending {
  if (known?.name === name) return { ...known, to, spent: Math.max(known.spent, spent) }
  return { name, to, spent, told: 0 }
}

function withPiles(state: GateState, open: Record<string, number>, now: number): GateState {
  const counted: Record<string, Pile> = {}
  for (const [person, count] of Object.entries(open)) {
    counted[person] = { open: count, at: now, coming: state.piles[person]?.coming ?? [] }
  }
  // What was counted long ago says nothing any more.
  const known = Object.entries(state.piles).filter(([, { at }]) => at > now - KEPT_PILES_MS)
  return { ...state, piles: { ...Object.fromEntries(known), ...counted } }
}
