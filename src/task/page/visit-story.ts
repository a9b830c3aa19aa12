/** A task's past as pages tell it: its visits, their runs, and what was tried, asked, decided and called in each. Types alone. */
import type { Json } from '../../domain/json/json.ts'
import type { ToolCall } from '../../domain/messages.ts'
import type { Actor, EnteredBy } from '../../domain/task/events.ts'
import type { Stored } from '../../domain/task/log/blob.ts'
import type { Ask, AskKind, Moved } from '../../domain/task/people/ask.ts'
import type { Completed, RunFailure, TriedHandoff, Usage } from '../../domain/task/run/outcome.ts'
import type { Status } from '../../domain/task/state.ts'

/** One numbered try of a run. */
export interface Attempt {
  n: number
  /** From when it may be worked on. */
  dueAt: number
  /** Why there is another attempt. */
  why: string | null
  claimedAt: number | null
  endedAt: number | null
  lapses: number
  /** `cut`: the visit was decided without it. */
  outcome: 'pending' | 'working' | 'completed' | 'failed' | 'cut'
  failure: RunFailure | null
  output: Stored<Json> | null
  handoff: string | null
  confidence: number | null
  reasoning: string | null
  /** Where it was taken from, if nobody was asked. */
  recorded: NonNullable<Completed['recorded']> | null
  usage: Usage | null
  /** The event that holds the output, to open it whole. */
  seq: number | null
}

export interface VoteStory {
  at: number
  by: Actor
  handoff: string
  note: string | null
  counted: number
  needs: number
  digest: string
  settles: boolean
  /** Until when it can be taken back; null: it holds. */
  until: number | null
  /** Who took it back; null: nobody did. */
  undone: { at: number; by: Actor } | null
  /** What was added to the task with it. */
  files: { id: string; name: string }[]
}

export interface EditStory {
  at: number
  by: Actor
  step: string
  output: Stored<Json>
  digest: string
  seq: number
  /** It is not another step's output that was changed: the question's own fields were filled in. */
  filled?: true
}

/** One question to people, from asking to deciding. */
export interface AskStory {
  at: number
  seq: number
  ask: Ask
  assigned: { at: number; by: Actor; to: string[]; overdue: boolean; because: Moved[] }[]
  reminded: { at: number; to: string[] }[]
  votes: VoteStory[]
  edits: EditStory[]
  /** When the same content was asked again under another digest: in another stage, or after a decision was undone. */
  again: {
    at: number
    seq: number
    digest: string
    stage: { n: number; assignees: string[]; needs: number; note: string | null } | null
  }[]
}

/** A time that a run waited for. */
export interface WaitStory {
  at: number
  /** null: no time ends it. */
  until: number | null
  /** The events that it waits for; none: it waits for the time. */
  names: string[]
  /** null: it still waits. */
  endedAt: number | null
  /** The event that it took; null: none. */
  took: { seq: number; name: string } | null
  /** Events that it did not take, with the error if its condition could not be evaluated. */
  passed: { at: number; seq: number; error: string | null; reads: Record<string, Json> }[]
}

/** A task of another workflow that a run started. */
export interface ChildStory {
  at: number
  seq: number
  task: string
  workflow: string
  /** The name of its workflow, as it was then. */
  of: string
  waits: boolean
  recalledAt: number | null
  /** What it said that it came to, the latest; null: nothing yet. */
  ended: { at: number; standing: 'failed' | 'done' | 'cancelled'; message: string | null } | null
}

/** A call to the outside, from its intent to its receipt; before that, whether people were asked. */
export interface CallStory {
  call: string
  tool: string
  args: Stored<Json>
  /** When its intent was recorded; null: it was not made, or not yet. */
  at: number | null
  /** The event that holds its arguments. */
  seq: number
  /** What the service knows it by. */
  key: string | null
  /** Whether people were to allow it first, or were asked instead of it, and why. */
  asked: { kind: AskKind; at: number; why: string; to: string[] } | null
  allowed: { at: number; by: Actor } | null
  /** What a person said of it: that it may not be made, what they answer, whether it happened. */
  said: { at: number; by: Actor; handoff: string; note: string | null; of: AskKind } | null
  /** Whether its answer was lost, so that people were asked whether it happened. */
  lost: boolean
  answeredAt: number | null
  /** The event that holds its result. */
  answerSeq: number | null
  ok: boolean | null
  status: number | null
  result: Stored<Json> | null
}

/** A model's turn: what it said, and the calls that it asked for. */
export interface TurnStory {
  n: number
  at: number
  seq: number
  text: Stored<string> | null
  calls: Stored<ToolCall[]>
  usage: Usage
}

/** How a run stands; `queued`: it waits for its turn, `cut`: the visit was decided without it. */
export type RunStanding = 'queued' | 'running' | 'waiting' | 'held' | 'done' | 'failed' | 'cut'

export interface RunStory {
  id: number
  /** Its branch; null: it is the one run of a plain step. */
  name: string | null
  /** What handles it, where its visit does not say. */
  handler: string | null
  standing: RunStanding
  prompt: Stored<string> | null
  /** The event that holds the prompt. */
  promptSeq: number | null
  attempts: Attempt[]
  asks: AskStory[]
  waits: WaitStory[]
  children: ChildStory[]
  calls: CallStory[]
  turns: TurnStory[]
  /** When it went on without being looked at, as only one in so many is; null: it did not. */
  skipped: { at: number; handoff: string; oneIn: number } | null
  /** When the visit was decided without it. */
  fencedAt: number | null
}

export interface RouteStory {
  at: number
  by: Actor
  outcome: string
  to: string | null
  byHand: boolean
  trace: TriedHandoff[]
}

/** Something that stopped the visit, or the task, for a while or for good. */
export interface StopStory {
  at: number
  kind: 'stuck' | 'failed' | 'held'
  message: string
  fix: string | null
}

/** Something from outside that reached the task: a service's event, a person's answer by mail. */
export interface NewsStory {
  at: number
  by: Actor
  name: string
  data: Stored<Json>
  seq: number
  /** The step whose wait took it; null: none has yet. */
  takenBy: string | null
}

export interface CommentStory {
  at: number
  by: Actor
  text: string
  to: string[]
}

export interface Visit {
  n: number
  step: string
  handler: string
  by: EnteredBy
  from: string | null
  enteredBy: Actor
  enteredAt: number
  /** null: the task is still here. */
  endedAt: number | null
  /** A changed input that it was entered with. */
  input: Stored<Json> | null
  runs: RunStory[]
  routes: RouteStory[]
  stops: StopStory[]
  news: NewsStory[]
  /** What people said while it was the latest. */
  comments: CommentStory[]
  left: { at: number; by: Actor; why: 'moved' | 'cancelled' | 'migrated' | 'limit' } | null
  usage: Totals
  /** How long its attempts stood in line, together. */
  waitMs: number
  workMs: number
  /** How it stands, or how it ended. */
  state: Status
}

export interface Totals {
  models: string[]
  /** What of the team's knowledge stood before them, as `key@version`. */
  knew: string[]
  /** Names of the files that it was given. */
  saw: string[]
  inputTokens: number
  outputTokens: number
  calls: number
  /** USD; null: a call had no known price. */
  cost: number | null
}
