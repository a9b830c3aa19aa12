/** What can be asked of a task, and how it refuses: every way in ends in one of these commands. */
import type { NewFile } from '../file/file.ts'
import type { NoText } from '../file/text.ts'
import type { Order } from '../handler/order.ts'
import type { Json, JsonSchema } from '../json/json.ts'
import type { ToolCall } from '../messages.ts'
import type { PricedModel, Terms } from '../money.ts'
import type { WorkingHours } from '../schedule/working-hours.ts'
import type { Problem } from '../schema/check.ts'
import type { Limits } from '../workflow/parts.ts'
import type { Duplicates } from './business-key.ts'
import type { Actor, HeldReason } from './events.ts'
import type { Carried } from './log/carried.ts'
import type { ParentRun, Source, Standing } from './log/source.ts'
import type { Moved } from './people/ask.ts'
import type { RunFailure, RunOutcome, Usage } from './run/outcome.ts'
import type { Status } from './state.ts'

export interface CreateTask {
  type: 'create'
  task: string
  team: string
  /** The pinned version as JSON text, with its digest. */
  pinned: string
  digest: string
  input: Json
  title?: string
  /** Its business key; unless given, as the definition's template has it. */
  key?: string
  /** What its way in makes of a key seen before; unless said, as the definition has it. */
  duplicates?: Duplicates
  /** The earlier task of its workflow with this key, where its workflow or its way in asks for that to be told. */
  duplicateOf?: string
  source?: Source
  /** What it goes by where its definition says nothing; absent: no limit of cost, the server's model. */
  terms?: Terms
  /** Begins at this step, with what an earlier task knew there; else at the entry step, with nothing. */
  begin?: Carried
  /** What came with it. */
  files?: NewFile[]
}

/** Names the attempt that a consumer works on; the lease token fences it. */
export interface AttemptRef {
  visit: number
  run: number
  attempt: number
  lease: string
}

/** What a run must wait for, in words, and for how long the other side asked. */
export interface HoldFor {
  reason: HeldReason
  message: string
  fix: string
  retryAfterMs?: number
  /** What the attempt used before it had to wait; booked where the lease is shown. */
  usage?: Usage
}

/** What a worker wants people asked before it goes on: whether a call may be made, or what an agent wants to know. */
export interface CallQuestion {
  kind: 'call' | 'question'
  call: string
  tool: string
  args: Json
  /** Why they are asked, in words. */
  why: string
  /** What the arguments must fit, where they may be edited. */
  parameters?: JsonSchema
  /** A question's answers to choose from; empty: any text. */
  options?: string[]
  /** Who is asked; absent: the workflow's owner. */
  to?: string[]
}

/** A call's receipt. */
interface Answered {
  call: string
  ok: boolean
  status?: number
  result?: Json
  digest?: string
  /** Why it failed. */
  failure?: RunFailure
  /** What of it is no text, and becomes the task's. */
  files?: NewFile[]
  ms: number
}

/** A task that a run started; `of`: the name of its workflow. */
export interface StartedChild {
  child: string
  workflow: string
  of: string
}

/** What a task says of itself to the one that started it and waits for it. */
export interface ChildSays extends StartedChild, ParentRun {
  standing: Standing
  /** What it came to, once it is done. */
  result: Json
  /** Why it failed, or was cancelled. */
  message: string | null
  /** USD that it has spent, with those that it started in turn; absent: it does not say. */
  spent?: number
}

/** Of a call to the outside: its intent before it is made, its receipt after; a model's turn; what people are to be asked. */
export type CallNote =
  | { called: { call: string; tool: string; args: Json; safe: boolean; key: string | null } }
  | { answered: Answered }
  | { turned: { turn: number; text: string | null; calls: ToolCall[]; usage: Usage } }
  | { asks: CallQuestion }
  /** The task that the run was to start is there. */
  | { started: StartedChild }

export type Command =
  | CreateTask
  | { type: 'claim'; visit: number; run: number; attempt: number }
  /** A call to the outside begins, its answer is there, or what else belongs to it; the lease is prolonged. */
  | ({ type: 'note'; note: CallNote } & AttemptRef)
  /** `chain` asks for the next claim in the same answer. */
  | ({ type: 'report'; outcome: RunOutcome; usage: Usage | null; chain: boolean } & AttemptRef)
  /** The people that the roles of a human step stand for, by role. */
  | {
      type: 'resolve'
      visit: number
      run: number
      people: Record<string, string[]>
      /** The team's, where the question needs them; null: it has set none. */
      hours?: WorkingHours | null
      /** Such drafts were approved unchanged, and this one is not among those that are looked at. */
      skip?: true
    }
  /** `fields`: what was filled in, where something is to be. */
  | {
      type: 'decide'
      handoff: string
      note?: string
      edits?: Json
      fields?: Json
      /** Whoever holds the link has shown that the message is theirs, too. */
      proven?: boolean
      seen?: string
      /** What the person adds with it; of a decision that is refused nothing becomes the task's. */
      files?: NewFile[]
      visit?: number
      run?: number
    }
  /** Takes a decision back of which nothing came yet. `owner`: an owner of the team does. */
  | { type: 'undo'; owner?: boolean; visit?: number; run?: number }
  /** `because`: from whom Baton itself took the question, and why. */
  | { type: 'assign'; to: string[]; because?: Moved[]; visit?: number; run?: number }
  /** Whoever gives it has one other person asked in their place. `proven`: as of `decide`. */
  | { type: 'delegate'; from?: string; to: string; proven?: boolean; visit?: number; run?: number }
  /** Says something about the task; `mentions`: members of its team who are told of it. */
  | { type: 'comment'; text: string; mentions: string[] }
  | { type: 'route'; handoff: string; note?: string; visit?: number }
  | { type: 'retry'; visit?: number; run?: number }
  /** Whether a call happened whose answer was lost, and what it answered. */
  | { type: 'answer'; happened: boolean; output?: Json; visit?: number; run?: number }
  | { type: 'move'; step: string; input?: Json; visit?: number }
  /** `model`: what all of the task's model calls ask from now on, at this price. */
  | { type: 'raise'; limits: Limits; model?: PricedModel; visit?: number }
  | ({ type: 'hold'; visit: number; run: number; attempt: number; lease?: string } & HoldFor)
  | { type: 'release'; visit: number; run: number }
  | { type: 'cancel'; note?: string; visit?: number }
  | { type: 'migrate'; pinned: string; digest: string; step: string; visit?: number }
  /** A task that this one started says how it stands. */
  | ({ type: 'heard' } & ChildSays)
  /** The task that started this one has heard how it stands. */
  | { type: 'told'; standing: Standing }
  | { type: 'event'; name: string; data: Json }
  /** Files that lie in storage become the task's. */
  | { type: 'attach'; files: NewFile[] }
  /** A file is the task's no more. */
  | { type: 'detach'; file: string }
  /** What was found in a file: its text, or why it has none. */
  | { type: 'read'; file: string; text?: string; noText?: NoText }
  /** The alarm: whatever time has brought due. */
  | { type: 'wake' }

export type CommandType = Command['type']

/** Why a command was not carried out, with what is needed to explain it. */
export type Refusal =
  | { kind: 'unknown_task' }
  /** It was deleted: its id stays taken. */
  | { kind: 'task_deleted' }
  /** An earlier task has the business key that this one would have. */
  | { kind: 'duplicate_key'; key: string; task: string }
  | { kind: 'idempotency_mismatch' }
  | { kind: 'wrong_status'; status: Status; command: CommandType; allowed: CommandType[] }
  | { kind: 'already_decided'; visit: number; by: Actor; at: number; handoff: string }
  | { kind: 'moved_on'; visit: number; step: string | null }
  | { kind: 'several_open'; visit: number; runs: { run: number; name: string | null }[] }
  | { kind: 'content_changed'; seen: string; digest: string }
  | { kind: 'unknown_label'; label: string; labels: string[] }
  | { kind: 'unknown_step'; step: string; steps: string[] }
  | { kind: 'reason_required'; label: string }
  | { kind: 'requester_barred' }
  /** The question is high-risk, and whoever holds the link has shown nothing else. */
  | { kind: 'code_required' }
  | { kind: 'not_assigned'; assignees: string[] }
  /** They have left the team. */
  | { kind: 'no_member' }
  | { kind: 'already_voted'; by: string }
  | { kind: 'cannot_delegate'; to: string; why: 'asked_already' | 'requester' }
  | { kind: 'invalid_comment'; message: string }
  | { kind: 'edits_not_allowed' }
  | { kind: 'invalid_edits'; errors: string[] }
  /** `labels`: those that take fields. */
  | { kind: 'fields_not_allowed'; labels: string[] }
  | { kind: 'invalid_fields'; problems: Problem[] }
  /** The decision has taken effect. */
  | { kind: 'too_late'; visit: number; by: Actor; at: number; handoff: string }
  | { kind: 'nothing_to_undo' }
  /** Somebody else decided. */
  | { kind: 'not_yours'; by: Actor }
  | { kind: 'invalid_input'; errors: string[] }
  | { kind: 'invalid_limits'; message: string }
  /** It would have more files than a task may; `has`: those that it has. */
  | { kind: 'too_many_files'; has: number; most: number }
  /** Storage keeps what no task took in time no longer. */
  | { kind: 'upload_expired' }
  | { kind: 'not_claimable'; why: 'over' | 'stale' | 'claimed' | 'early' }
  | { kind: 'stale_attempt' }
  | { kind: 'newer_version'; v: number }

/** What a claim hands to the consumer: all that the work needs but the agent's text. */
export interface Work {
  task: string
  team: string
  workflow: string
  visit: number
  run: number
  attempt: number
  lease: string
  /** The lease's end, by the Task DO's clock, in ms since the epoch. */
  until: number
  step: string
  stepName: string
  /** When the task was made: where there is no room for all, the oldest goes first. */
  madeAt: number
  /** Whom the step leads straight to, as assignments name them. */
  leadsTo: string[]
  /** Whether the run was held before. */
  waited: boolean
  order: Order
}

export type Answer<T> = { ok: true; value: T; repeated: boolean } | { ok: false; refusal: Refusal }
