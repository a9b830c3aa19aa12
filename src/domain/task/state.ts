/** A task's state: the fold of its log, with nothing in it that an event did not say. */
import type { Json } from '../json.ts'
import type { Actor, Ask, EnteredBy, HeldReason, RunFailure, Stored, StuckCause } from './events.ts'

/** In the order that the board's filters show; the last two are over, the rest open. */
export const STATUSES = ['running', 'held', 'waiting', 'stuck', 'failed', 'done', 'cancelled'] as const
export type Status = (typeof STATUSES)[number]

/** Whether nothing can happen to the task any more. */
export function isOver(status: Status): boolean {
  return status === 'done' || status === 'cancelled'
}

/** A voter's approval or choice on the content with this digest. */
export interface Vote {
  by: Actor
  voter: string
  at: number
  handoff: string
  digest: string
}

export type RunPhase =
  /** May be claimed from `dueAt` on. */
  | { name: 'due' }
  | { name: 'claimed'; lease: string; until: number; callOpen: { id: string; repeatable: boolean } | null }
  /** The people that its roles stand for are being looked up. */
  | { name: 'asking'; roles: string[] }
  | { name: 'asked'; ask: Ask; votes: Vote[] }
  | { name: 'held'; reason: HeldReason; message: string; fix: string; until: number | null }
  | { name: 'completed' }
  | { name: 'failed'; failure: RunFailure }

export interface Run {
  id: number
  attempt: number
  /** The attempt from which its allowance counts: 1, or the one that a retry by hand began with. */
  firstAttempt: number
  /** From when it may be worked on; send slots derive from it. */
  dueAt: number
  prompt: Stored<string> | null
  lapses: number
  phase: RunPhase
}

export interface Visit {
  n: number
  step: string
  enteredAt: number
  by: EnteredBy
  /** Until it is routed on or left. */
  open: boolean
  runs: Run[]
}

/** What stays of a step after a visit: its latest output and how it was left. */
export interface StepRecord {
  visit: number
  output: Stored<Json>
  decision: { handoff: string; note: string | null; by: string } | null
}

/** The visit before this one, as templates and conditions read it. */
export interface Last {
  step: string | null
  output: Stored<Json>
  handoff: string | null
  note: string | null
  by: string | null
}

/** How a visit was decided, so that a late click learns who did and when. */
export interface Decided {
  by: Actor
  at: number
  handoff: string
}

export interface TaskState {
  task: string
  team: string
  workflow: string
  version: number
  digest: string
  pinned: Stored<string>
  title: string
  input: Stored<Json>
  source: { kind: string; id?: string; delivery?: string } | null
  startedBy: Actor
  createdAt: number
  updatedAt: number
  finishedAt: number | null
  /** The seq of the last event. */
  seq: number
  status: Status
  visit: Visit
  steps: Record<string, StepRecord>
  last: Last
  /** Decided visits, by number. */
  decided: Record<number, Decided>
  usage: { inputTokens: number; outputTokens: number; cost: number; unpriced: number }
  /** The limits as raised by hand; null: the definition's. */
  raised: { steps: number | null; cost: number | null }
  /** When the duration limit is reached; null: none. */
  until: number | null
  /** `next`: the step that a limit keeps it from entering. */
  stuck: { cause: StuckCause; message: string; fix: string; next: string | null } | null
  /** Whether the step for reached limits was entered; it is only once. */
  limitStepUsed: boolean
  error: { code: string; message: string; step: string | null } | null
  result: Stored<Json> | null
  /** Lease tokens that have reported or been booked → the lease that the answer chained on to. */
  settled: Record<string, string | null>
}
