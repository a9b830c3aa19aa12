/** What a team's Gate knows: who is at work, who waits in which order, how each provider does, and what was spent. */
import { NO_LIMITS, type TeamLimits } from '../team-limits.ts'
import type { Lane } from './lane.ts'
import type { Spending } from './spending.ts'

/** A run, as everything about it is found by. */
export interface RunRef {
  task: string
  visit: number
  run: number
}

/** One way to serve a run: a call of one provider. */
export interface Call {
  provider: string
  /** USD that it may cost at most. */
  cost: number
  /** It is over after this, in ms, whatever becomes of it. */
  lastsMs: number
  /** It is of another model than the one that was turned away: only what the team has set holds it back. */
  fallback?: true
}

/** A model call that somebody wants to make. */
export interface Ask extends RunRef, Call {
  /** When its task was made: the oldest goes first. */
  age: number
  /** Whom its step leads straight to, as an assignment names them; empty: to nobody, or to no one alone. */
  people: string[]
  /** The lease under which its worker asks: what an earlier worker of the run still tells gives nobody else's leave back. */
  lease: string
}

/** Leave to make a call. It lapses by itself, so that a worker that dies keeps nobody waiting. */
export interface Grant extends Ask {
  /** When it was given, and when it lapses. */
  at: number
  until: number
  /** Whether its worker is there; until then it is kept for a run that was told to go on. */
  taken: boolean
  /** Since when the run had waited, and how often it was told in vain. */
  since: number
  missed: number
}

/** A run that waits, and every way to serve it, the one it wants most first. */
export interface Waiting extends RunRef {
  age: number
  since: number
  calls: Call[]
  people: string[]
  /** How often it was told to go on and was not there yet, and until when it is not told again. */
  missed: number
  notBefore: number
}

/** How many open decisions a person has: counted at `at`, and on their way since. */
export interface Pile {
  open: number
  at: number
  /** When each draft that leads to them was finished, as it does not count as open at once. */
  coming: number[]
}

export interface GateState {
  limits: TeamLimits
  lanes: Readonly<Record<string, Lane>>
  /** By `keyOf`. */
  grants: ReadonlyMap<string, Grant>
  /** Oldest first. */
  waiting: readonly Waiting[]
  piles: Readonly<Record<string, Pile>>
  /** null: the shell has not told yet what day it is. */
  spending: { day: Spending; month: Spending } | null
}

/** A Gate that nobody has asked yet. */
export function newGate(): GateState {
  return { limits: NO_LIMITS, lanes: {}, grants: new Map(), waiting: [], piles: {}, spending: null }
}

export function keyOf({ task, visit, run }: RunRef): string {
  return `${task}.${visit}.${run}`
}

/** Whose turn comes first: the older task's, and among one task's runs the lower number's. */
export function beforeOf(a: Pick<Waiting, 'age' | 'task' | 'run'>, b: Pick<Waiting, 'age' | 'task' | 'run'>): number {
  return a.age - b.age || (a.task < b.task ? -1 : a.task > b.task ? 1 : a.run - b.run)
}

export function isSame(a: RunRef, b: RunRef): boolean {
  return a.run === b.run && a.visit === b.visit && a.task === b.task
}
