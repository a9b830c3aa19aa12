/** What other parts may call on a Task DO: its verbs, as types. Callers reach it with `taskStub` (env.ts) and never import the class. */

import type {
  Answer,
  AttemptRef,
  CallNote,
  ChildSays,
  Command,
  CreateTask,
  HoldFor,
  Refusal,
  Work,
} from '../domain/task/commands.ts'
import type { Actor } from '../domain/task/events.ts'
import type { Carried } from '../domain/task/log/carried.ts'
import type { RunOutcome, Usage } from '../domain/task/run/outcome.ts'
import type { Status } from '../domain/task/state.ts'
import type { Story } from '../domain/task/told/story.ts'
import type { EventView, OpenAsk, TaskView } from '../domain/task/told/views.ts'

/** The key under which a repeated request gets the same answer, and the SHA-256 of the raw body it came with. */
export interface Idempotency {
  id: string
  hash: string
}

export interface CallContext {
  actor: Actor
  idempotency?: Idempotency
  /** Wait (at most 500 ms) until lists and the board show the change. People and `/api/v1` do, `/in/*` does not. */
  flushed: boolean
}

/** How an attempt ended. */
interface Outcome {
  kind: 'outcome'
  outcome: RunOutcome
  usage: Usage | null
  /** Ask for the next claim in the same answer. */
  chain: boolean
}

/** What a consumer may say of its attempt: how it ended, or that it must wait for something outside. */
export type Report = Outcome | ({ kind: 'hold' } & HoldFor)

/** Whether a task can be deleted now. */
export type Leaving =
  | { as: 'unknown' }
  | { as: 'open'; status: Status }
  | /** It has something to tell first. */ { as: 'later' }
  | {
      as: 'over'
      seq: number
      workflow: string
      createdAt: number
      updatedAt: number
      /** The delivery that it came from. */
      delivery: string | null
    }

/** What lists and search are to tell of a task from now on. */
export interface Erased {
  title: string
  key: string | null
  card: string
  words: string
  /** Its files' ids with their names. */
  files: [string, string][]
}

export interface TaskVerbs {
  /** Makes the task. The same task id and idempotency hash again: the first answer, `repeated`. */
  create(command: Omit<CreateTask, 'type'>, context: CallContext): Promise<Answer<TaskView>>
  /** Carries out a person's, a key's or a link holder's command. */
  command(command: Exclude<Command, CreateTask>, context: CallContext): Promise<Answer<TaskView>>
  view(): Promise<TaskView | null>
  /** The log from `after` (exclusive) on, oldest first, at most `limit` events; null: no such task. */
  events(after: number, limit: number): Promise<EventView[] | null>
  asks(): Promise<OpenAsk[] | null>
  /** What a rerun that begins at `step` takes over; null: no such task. */
  carriedTo(step: string): Promise<Carried | null>
  /** What the task's page and its approval page show, as of one moment. */
  story(): Promise<Story | null>
  /** A consumer takes up an attempt. */
  claim(
    visit: number,
    run: number,
    attempt: number,
  ): Promise<{ ok: true; work: Work } | { ok: false; refusal: Refusal }>
  /**
   * Records a call to the outside, its beginning or its answer, a model's turn, or what people are to be asked, and prolongs
   * the lease; false: stop, the attempt is void, at a limit, or waits for people.
   */
  note(ref: AttemptRef, note: CallNote): Promise<boolean>
  /** The run waits for something outside and goes on by itself; needs no lease. false: it is no longer this attempt's. */
  hold(ref: { visit: number; run: number; attempt: number; lease?: string }, hold: HoldFor): Promise<boolean>
  /** What a held run waited for is there; false: it waits no more. */
  release(visit: number, run: number): Promise<boolean>
  /** Idempotent by lease: repeated, it answers the same, the chained work included. */
  report(ref: AttemptRef, report: Report): Promise<{ accepted: boolean; next: Work | null }>
  /** A task that this one started says how it stands. false: this version cannot take it, so that it is said again. */
  heard(said: ChildSays): Promise<boolean>
  /** Sees to it that what is due gets done; `resend`: a run that nobody claimed is sent again. */
  wake(resend: boolean): Promise<void>
  /** Whether it can be deleted: it is over, and D1 and other tasks know all that they are to know of it. */
  leaving(): Promise<Leaving>
  /** Takes these words out of all that a task that is over has said and been told; null: it is open, or has something to tell D1. */
  erase(words: readonly string[]): Promise<Erased | null>
  /** Empties it for good: from here on there is no such task, and none is made under its id. An open one stays, unless its team goes. */
  forget(withTeam?: boolean): Promise<void>
}

export type { Answer, TaskView }
