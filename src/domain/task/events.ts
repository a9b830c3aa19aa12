/** What can have happened to a task: past-tense facts, stored for ever. Facts are copied by `evolve` and never worked out again. */
import type { TaskFile } from '../file/file.ts'
import type { NoText } from '../file/text.ts'
import type { Json } from '../json/json.ts'
import type { ToolCall } from '../messages.ts'
import type { PricedModel, Terms } from '../money.ts'
import type { Limits } from '../workflow/parts.ts'
import type { BetweenEvent } from './log/between-events.ts'
import type { Stored } from './log/blob.ts'
import type { Source } from './log/source.ts'
import type { Ask } from './people/ask.ts'
import type { AskingEvent } from './people/asking-events.ts'
import type { RunFailure, RunOutcome, TriedHandoff, Usage } from './run/outcome.ts'

/** The format of log rows that this code writes; readers upcast every earlier one. */
export const LOG_VERSION = 2

/** Who did it. `id` is a person's address, a key's id or a link holder's address; `from` marks the network address it came from. */
export type Actor =
  | { kind: 'system' }
  | { kind: 'person'; id: string; name?: string; from?: string }
  | { kind: 'key'; id: string; name?: string; from?: string }
  | { kind: 'link'; id: string; from?: string }

/** A source as the log holds it. */
export type StoredSource = Omit<Source, 'data'> & { data?: Stored<string> }

/** The event that a wait took: its seq in the log, and its name. */
interface Taken {
  event: number
  name: string
}

export type StuckCause =
  | 'no_handoff_matched'
  | 'no_handoffs'
  | 'unknown_target'
  | 'limit_steps'
  | 'limit_cost'
  | 'limit_duration'
  | 'limit_calls'
  | 'unknown_outcome'
  | 'keeps_dying'
  | 'nobody_assigned'

export type HeldReason =
  | 'provider_not_configured'
  | 'provider_offline'
  | 'provider_limit'
  /** Baton could not read its own storage. */
  | 'storage_unavailable'
  /** The team's budget has no room for the next call. */
  | 'team_budget'
  /** Whom the step leads to has too many open decisions. */
  | 'persons_pile'
  /** Workers vanish, with nothing to say that it is the run's own doing. */
  | 'workers_lost'
  /** The workflow that a task is to be started in takes none at the moment. */
  | 'workflow_paused'

/** How a visit began. */
export type EnteredBy = 'start' | 'handoff' | 'route' | 'move' | 'limit' | 'migrate'

/** A beginning at a later step (see log/carried.ts), as the log holds it. */
export interface Begin {
  step: string
  outputs: {
    step: string
    visit: number
    output: Stored<Json>
    decision: { handoff: string; note: string | null; by: string } | null
  }[]
  last: {
    step: string | null
    output: Stored<Json>
    handoff: string | null
    note: string | null
    by: string | null
  }
}

export type TaskEvent =
  | {
      type: 'created'
      task: string
      team: string
      /** The pinned version as JSON text (see Pinned), kept as text so that its parse is cached by digest. */
      pinned: Stored<string>
      digest: string
      workflow: string
      version: number
      title: string
      /** Its business key. */
      key?: string
      /** The earlier task with this key, where duplicates are flagged. */
      duplicateOf?: string
      input: Stored<Json>
      /** The intake or task it came from. */
      source?: StoredSource
      /** What it goes by where its definition says nothing; absent, as in earlier logs: no limit of cost. */
      terms?: Terms
      /** The step it begins at, and what it takes over from the task it is a rerun of. */
      begin?: Begin
      /** What came with it. */
      files?: TaskFile[]
      /** When the duration limit is reached, in ms since the epoch. */
      until: number | null
    }
  | {
      type: 'entered'
      visit: number
      step: string
      handler: string
      by: EnteredBy
      from: string | null
      input?: Stored<Json>
    }
  /**
   * The visit's work is done in these runs, side by side; they are numbered in this order and begin in it. `items`: what each
   * is about; `atOnce`: how many may be at work.
   */
  | { type: 'planned'; visit: number; names: string[]; items?: Stored<Json>; atOnce?: number }
  /** The run waits for its turn. */
  | { type: 'queued'; visit: number; run: number }
  /** A run may be worked on from `at` on. `prompt` is rendered once; a later attempt keeps it. `fresh`: its attempts count anew. */
  | {
      type: 'due'
      visit: number
      run: number
      name?: string
      attempt: number
      at: number
      /** What handles it, where it is one of several. */
      handler?: string
      prompt?: Stored<string>
      /** Ids of the files that its model is given. */
      files?: string[]
      fresh?: boolean
      why?: string
    }
  | { type: 'claimed'; visit: number; run: number; attempt: number; lease: string; until: number; chained?: string }
  /** A call to the outside begins; the lease now ends at `until`. */
  | {
      type: 'called'
      visit: number
      run: number
      attempt: number
      until: number
      call: string
      tool: string
      /** Without secrets. */
      args: Stored<Json>
      /** Whether it may be made again though its answer was lost. */
      safe: boolean
      /** The idempotency key that it is made with. */
      key: string | null
    }
  /** Its answer is there. */
  | {
      type: 'answered'
      visit: number
      run: number
      attempt: number
      until: number
      /** null: whatever call was open, in logs of format 1. */
      call: string | null
      ok: boolean
      status?: number
      result?: Stored<Json>
      /** SHA-256 of a result that is not kept. */
      digest?: string
      /** Why it failed, so that it can be reported though its worker died; absent: it did not, or a person says so. */
      failure?: RunFailure
      ms: number
    }
  /** A model's turn: what it said, and the calls that it asks for before it goes on. The lease now ends at `until`. */
  | {
      type: 'turned'
      visit: number
      run: number
      attempt: number
      until: number
      /** From 1, over all attempts of the run. */
      turn: number
      text: Stored<string> | null
      calls: Stored<ToolCall[]>
      usage: Usage
    }
  /** A person allowed the call, with exactly these arguments. */
  | { type: 'allowed'; visit: number; run: number; call: string; args: Stored<Json> }
  /** `unseen`: it is not known whether the run itself was to blame, so it counts for nothing. */
  | { type: 'lapsed'; visit: number; run: number; attempt: number; lapses: number; unseen?: true }
  | {
      type: 'reported'
      visit: number
      run: number
      name?: string
      attempt: number
      lease: string
      outcome: RunOutcome
      usage: Usage | null
      /** In logs of format 1 a report gave the step its output, too. */
      joins?: true
    }
  /** What the visit's runs came to is the step's output. */
  | { type: 'joined'; visit: number; output: Stored<Json> }
  /** The visit was decided without this run: what it still does counts no more. */
  | { type: 'fenced'; visit: number; run: number }
  /** A late report: its usage is booked and nothing else of it counts. */
  | { type: 'booked'; visit: number; run: number; attempt: number; lease: string; usage: Usage }
  /** `hours`: the team's working hours are looked up, too; `sample`: whether it may be left out. */
  | { type: 'asking'; visit: number; run: number; name?: string; roles: string[]; hours?: true; sample?: true }
  | { type: 'asked'; visit: number; run: number; name?: string; ask: Ask }
  /** The run ends by itself at `until`, in ms since the epoch. */
  | { type: 'awaiting'; visit: number; run: number; name?: string; until: number }
  /** What it waited for is there. */
  | { type: 'awaited'; visit: number; run: number; output: Stored<Json>; took?: Taken }
  /** The run waits for one of these events, until `until` at most. */
  | { type: 'listening'; visit: number; run: number; name?: string; names: string[]; until: number | null }
  /** It looked at an event of such a name and did not take it. */
  | {
      type: 'weighed'
      visit: number
      run: number
      event: number
      verdict: 'no_match' | 'error'
      error?: string
      reads?: Record<string, Json>
    }
  | {
      type: 'routed'
      visit: number
      outcome: string
      trace: TriedHandoff[]
      to: string | null
      by: 'handoff' | 'hand'
      note?: string
    }
  | { type: 'left'; visit: number; why: 'moved' | 'cancelled' | 'migrated' | 'limit' }
  /** `next`: the step that was to be entered, when a limit stood in the way. `run`: the one that it concerns, if not all. */
  | { type: 'stuck'; visit: number; cause: StuckCause; message: string; fix: string; next?: string; run?: number }
  | { type: 'failed'; visit: number; code: string; message: string }
  | { type: 'held'; visit: number; run: number; reason: HeldReason; message: string; fix: string; until: number | null }
  | { type: 'released'; visit: number; run: number }
  | { type: 'raised'; limits: Limits; until: number | null; model?: PricedModel }
  | { type: 'migrated'; pinned: Stored<string>; digest: string; version: number; until: number | null }
  | { type: 'noticed'; name: string; data: Stored<Json> }
  | { type: 'attached'; files: TaskFile[] }
  | { type: 'detached'; file: string; name: string }
  /** What stands in a file: its text, or why it has none. */
  | { type: 'read'; file: string; text?: Stored<string>; noText?: NoText }
  /** Somebody said something; `to`: the members of the team who are told of it. */
  | { type: 'commented'; text: string; to: string[] }
  | { type: 'finished'; result: Stored<Json> }
  | { type: 'cancelled'; note: string | null }
  | BetweenEvent
  | AskingEvent

export type EventType = TaskEvent['type']

/**
 * Where each kind of event holds values that may be big: those over 16 KiB are kept in rows of their own. A path goes
 * through objects by name and through every item of a list by `*`.
 */
export const STORED_FIELDS: { [T in EventType]: readonly string[] } = {
  created: ['pinned', 'input', 'source.data', 'begin.outputs.*.output', 'begin.last.output', 'files.*.text'],
  entered: ['input'],
  planned: ['items'],
  queued: [],
  due: ['prompt'],
  claimed: [],
  called: ['args'],
  answered: ['result'],
  turned: ['text', 'calls'],
  allowed: ['args'],
  lapsed: [],
  reported: ['outcome.output'],
  joined: ['output'],
  fenced: [],
  booked: [],
  asking: [],
  asked: ['ask.artefact.output', 'ask.call.args', 'ask.form.values'],
  awaiting: [],
  awaited: ['output'],
  listening: [],
  weighed: [],
  started: [],
  recalled: [],
  returned: ['result'],
  told: [],
  assigned: [],
  edited: ['output'],
  filled: ['fields'],
  decided: ['output'],
  reminded: [],
  undone: [],
  effected: [],
  skipped: [],
  staged: [],
  routed: [],
  left: [],
  stuck: [],
  failed: [],
  held: [],
  released: [],
  raised: [],
  migrated: ['pinned'],
  noticed: ['data'],
  attached: ['files.*.text'],
  detached: [],
  read: ['text'],
  commented: [],
  finished: ['result'],
  cancelled: [],
}

/** One command's events: the unit that is stored, numbered from `seq` without gaps. */
export interface LogRow {
  seq: number
  v: number
  at: number
  actor: Actor
  events: TaskEvent[]
  /** The idempotency key and body hash of the command, when it came with one. */
  key?: { id: string; hash: string }
}
