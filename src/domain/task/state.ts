/** A task's state: the fold of its log, with nothing in it that an event did not say. */
import type { TaskFile } from '../file/file.ts'
import type { Json } from '../json/json.ts'
import type { ToolCall } from '../messages.ts'
import type { PricedModel, Terms } from '../money.ts'
import type { Actor, EnteredBy, HeldReason, StuckCause } from './events.ts'
import type { Stored } from './log/blob.ts'
import type { ParentRun, Standing } from './log/source.ts'
import type { Ask } from './people/ask.ts'
import type { RunFailure } from './run/outcome.ts'

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

/** The latest change that an approver made to what people are shown. */
export interface AskChange {
  by: Actor
  /** In ms since the epoch. */
  at: number
  /** Whose approvals of an earlier content count no more, as votes name them. */
  cleared: string[]
}

interface AskedPhase {
  name: 'asked'
  ask: Ask
  votes: Vote[]
  changed?: AskChange
  /** When those who had not decided were reminded last, in ms since the epoch. */
  reminded?: number
}

/** A decision of which nothing comes before `until`, in ms since the epoch. */
export interface Pending {
  handoff: string
  note: string | null
  by: Actor
  at: number
  until: number
  /** What the run puts out with it; absent: nothing was filled in. */
  output?: Stored<Json>
}

export type RunPhase =
  /** It begins when others have ended. */
  | { name: 'queued' }
  /** May be claimed from `dueAt` on. `waited`: it was held before. */
  | { name: 'due'; waited?: true }
  | { name: 'claimed'; lease: string; until: number; waited?: true }
  /** The people that its roles stand for are being looked up. */
  | { name: 'asking'; roles: string[]; hours?: true; sample?: true }
  | AskedPhase
  /** It is decided, and can be taken back until then: nothing comes of it before. `asked`: the question as it was put. */
  | { name: 'undoable'; asked: AskedPhase; decision: Pending }
  /**
   * Nobody works on it: it ends by itself at this time, or with an event of these names; null: no time ends it. `passed`: the
   * events that it looked at and did not take. `child`: the task that it waits for instead.
   */
  | { name: 'awaiting'; until: number | null; names: string[]; passed: number[]; child?: string }
  | { name: 'held'; reason: HeldReason; message: string; fix: string; until: number | null }
  | { name: 'completed' }
  | { name: 'failed'; failure: RunFailure }
  /** The visit was decided without it. */
  | { name: 'fenced' }

/** A call to the outside that a run made, or asked whether it may make. */
export interface Call {
  id: string
  tool: string
  /** Without secrets. */
  args: Stored<Json>
  /** When its intent was recorded, in ms since the epoch. */
  at: number
  /** The attempt that made it. */
  attempt: number
  /** Whether it may be made again though its answer was lost. */
  safe: boolean
  /** Whether its answer is still to come. */
  open: boolean
  /** What came of it; null: there is no receipt. */
  receipt: { ok: boolean; status: number | null; result: Stored<Json>; failure: RunFailure | null } | null
  /** The arguments that a person allowed it with; null: nobody was asked, or has not answered. */
  allowed: Stored<Json>
}

/** What a model said in one turn, and the calls that it asked for. */
interface Turn {
  text: Stored<string> | null
  calls: Stored<ToolCall[]>
}

/** The one run of a plain step; a visit of several numbers its own from here. */
export const PLAIN_RUN = 1

export interface Run {
  id: number
  /** Its branch, or the place of its item in the list; null: it is the one run of a plain step. */
  name: string | null
  attempt: number
  /** The attempt from which its allowance counts: 1, or the one that a retry by hand began with. */
  firstAttempt: number
  /** From when it may be worked on; send slots derive from it. */
  dueAt: number
  prompt: Stored<string> | null
  /** Ids of the files that its model is given; absent: none. */
  files?: string[]
  output: Stored<Json>
  /** Calls that are open, asked about or have a receipt. */
  calls: Call[]
  /** A model's turns so far, whichever attempt took them. */
  turns: Turn[]
  /** How many turns there were when its attempts last counted anew. */
  firstTurn: number
  lapses: number
  phase: RunPhase
}

/** An event from outside that no wait has taken yet; `seq` is its place in the log. */
export interface KeptEvent {
  seq: number
  at: number
  name: string
  data: Stored<Json>
}

/** What somebody said about the task; `seq` is its place in the log. */
export interface Comment {
  seq: number
  at: number
  by: Actor
  text: string
  /** Members of the team who are told of it. */
  to: string[]
}

/** A task of another workflow that a run started. */
export interface Child {
  task: string
  workflow: string
  /** The name of its workflow, as it was then. */
  name: string
  visit: number
  run: number
  attempt: number
  /** Whether its run waits, or waited, for it. */
  waits: boolean
  /** Since when it is no longer wanted, in ms since the epoch; null: it is, or nobody waits for it anyway. */
  recalledAt: number | null
  /** What it came to, as it last said; null: nothing yet. */
  ended: { standing: Exclude<Standing, 'open'>; result: Stored<Json>; message: string | null } | null
  /** USD that it has spent, as it last said. */
  spent: number
}

interface Visit {
  n: number
  step: string
  enteredAt: number
  by: EnteredBy
  /** Until it is routed on or left. */
  open: boolean
  runs: Run[]
  /** Where its work is done in several runs: what each is about, in their order, and how many may be at work; null: all. */
  plan: { items: Stored<Json> | null; atOnce: number | null } | null
}

/** What stays of a step after a visit: its latest output and how it was left. */
export interface StepRecord {
  visit: number
  output: Stored<Json>
  /** `skipped`: nobody was asked, as only some are. */
  decision: { handoff: string; note: string | null; by: string; skipped?: true } | null
}

/** The visit before this one, as templates and conditions read it. */
export interface Last {
  step: string | null
  output: Stored<Json>
  handoff: string | null
  note: string | null
  by: string | null
}

/** What keeps the task, or one run of it, from going on by itself. */
export interface Stuck {
  cause: StuckCause
  message: string
  fix: string
  /** The step that a limit keeps it from entering. */
  next: string | null
  /** The run that it concerns; null: the whole task. */
  run: number | null
}

/** How a question was decided, so that a late click learns who did and when. */
interface Decided {
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
  /** Its business key; null: it has none. */
  key: string | null
  /** The earlier task with this key, where duplicates are flagged. */
  duplicateOf: string | null
  input: Stored<Json>
  source: { kind: string; id?: string; delivery?: string; depth?: number; parent?: ParentRun } | null
  /** Where whoever started it is told of it; null: nowhere. */
  callback: string | null
  startedBy: Actor
  createdAt: number
  updatedAt: number
  finishedAt: number | null
  /** The seq of the last event. */
  seq: number
  /** Derived, as `stuck` is: by `statusOf` from what follows. */
  status: Status
  /** What ended or stopped the task as a whole; null: its runs say how it stands. */
  halted: 'stuck' | 'failed' | 'done' | 'cancelled' | null
  /** Everything that it is stuck at, the latest last. */
  stops: Stuck[]
  visit: Visit
  steps: Record<string, StepRecord>
  last: Last
  /** What people decided, by visit and run. */
  decided: Record<number, Record<number, Decided>>
  usage: { inputTokens: number; outputTokens: number; cost: number; unpriced: number }
  /** What each step has used of it, by its key. */
  spent: Record<string, { cost: number; unpriced: number }>
  /** What it goes by where its definition says nothing. */
  terms: Terms
  /** The limits as raised by hand; null: the definition's. */
  raised: { steps: number | null; cost: number | null; calls: number | null; model: PricedModel | null }
  /** Its files, in the order in which they came. */
  files: (TaskFile & { by: Actor })[]
  /** Events from outside that no wait has taken, oldest first. */
  events: KeptEvent[]
  /** What was said about it, oldest first. */
  comments: Comment[]
  /** The tasks that its runs started, oldest first. */
  children: Child[]
  /** How it stood when the task that started it was last told; null: that was told nothing yet, or there is none. */
  told: Standing | null
  /** Calls to the outside that it has made. */
  calls: number
  /** When the duration limit is reached; null: none. */
  until: number | null
  /** The latest of `stops`: what is shown. */
  stuck: Stuck | null
  /** Whether the step for reached limits was entered; it is only once. */
  limitStepUsed: boolean
  error: { code: string; message: string; step: string | null } | null
  result: Stored<Json> | null
  /** Lease tokens that have reported or been booked → the lease that the answer chained on to. */
  settled: Record<string, string | null>
}

/**
 * The status of a task: what halted it, else what its runs are at. Whoever is asked comes first, as the task waits for them
 * whatever else goes on; a held run counts only while no other works.
 */
export function statusOf({ halted, visit }: Pick<TaskState, 'halted' | 'visit'>): Status {
  if (halted !== null) return halted
  const phases = new Set(visit.runs.map(run => run.phase.name))
  if (phases.has('asked')) return 'waiting'
  if (phases.has('due') || phases.has('claimed') || phases.has('asking')) return 'running'
  if (phases.has('held')) return 'held'
  return phases.has('awaiting') || phases.has('undoable') ? 'waiting' : 'running'
}

/** How it stands, as the task that started it is told. */
export function standingOf({ halted }: Pick<TaskState, 'halted'>): Standing {
  return halted === null || halted === 'stuck' ? 'open' : halted
}

/** How many tasks in a row have started one another down to this one. */
export function depthOf({ source }: TaskState): number {
  return source?.depth ?? 0
}

/** Whether the run may go on: not one of a task that is over or failed, nor one that waits for a person to unblock it. */
export function mayGoOn(state: TaskState, run: Run): boolean {
  if (!state.visit.open || isOver(state.status) || state.halted === 'failed') return false
  // Nobody to ask keeps nothing from happening: a question may become overdue, and others are asked.
  return !state.stops.some(({ run: id, cause }) => (id === null || id === run.id) && cause !== 'nobody_assigned')
}
