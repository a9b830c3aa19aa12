/**
 * What every kind of handler says of itself: its part of a step's shape, what may come out, its texts, its lint, and the
 * rules by which the engine runs it. Values and rules only: a handler makes no calls and reads no clock.
 */
import type { z } from 'zod'
import type { GivenFile } from '../file/given.ts'
import type { Json, JsonSchema } from '../json/json.ts'
import type { Remind } from '../schedule/remind.ts'
import type { WorkingHours } from '../schedule/working-hours.ts'
import type { Ask } from '../task/people/ask.ts'
import type { Completed, RunFailure, VisitOutcome } from '../task/run/outcome.ts'
import type { Scope } from '../template/scope.ts'
import type { LintPath, Report } from '../workflow/lint/item.ts'
import type { Known } from '../workflow/lint/known.ts'
import type { Frame, Setting } from '../workflow/parts.ts'
import type { MadeCall, Order, SaidTurn, TaskFacts } from './order.ts'

/** A step's work as its kind reads it: the step itself but for its handler, and what the handler was told. */
export interface AnyJob {
  kind: string
  frame: Frame
}

/** Labels that only the engine gives, or that end a step without anybody choosing. */
export const ENGINE_LABELS = ['done', 'ok', 'failed', 'timeout', 'unsure'] as const
export type EngineLabel = (typeof ENGINE_LABELS)[number]

/** A template or condition of a step, and where in the step it stands. */
export interface TextPlace {
  path: string[]
  text: string
  /** Whether secrets may stand in it. */
  secrets?: true
  /** Whether it is no template but an expression in CEL, of any value. */
  expression?: true
  /** Whether it is an expression that says which events are taken: it reads `event`, and comes to true or false. */
  weighs?: true
  /** The names that it reads besides, of a piece of work for each item of a list. */
  names?: readonly string[]
  /** That list, as it is written; the first of the names is an item of it. */
  over?: string
}

/** A piece of work that a step consists of besides itself, and where in the step it stands. */
export interface Part {
  path: string[]
  /** It is read like a step of its own. */
  work: Frame
  /** The names that its texts read besides. */
  names?: readonly string[]
  /** The list of whose items the first of the names is one, as it is written. */
  over?: string
}

/** A place in a step that names another step. */
export interface StepReference {
  path: string[]
  key: string
}

/** What a lint rule may ask of the definition around a step. */
export interface Surroundings {
  known: Known
  /** The keys of all steps. */
  steps: string[]
  /** The type that schemas give to a plain path such as `input.score`; undefined: they give none, or it is more than a path. */
  typeOf(path: string): unknown
}

/** What a question says before it has a digest. */
export type Question = Omit<Ask, 'digest'>

/** How one run of a visit begins. */
export type Start =
  | /** A consumer works on it. */ { kind: 'due'; prompt: string; files?: string[] }
  | /**
   * Looked up first: the people that these roles stand for, the team's working hours, and whether the question is one of those
   * that may be left out.
   */ {
      kind: 'asking'
      roles: string[]
      hours?: true
      sample?: true
    }
  | { kind: 'asked'; question: Question }
  | /**
   * Nobody works on it: it ends at this time, in ms since the epoch, or, where it names events, with the first of them that
   * it takes; null: no time ends it.
   */ { kind: 'awaiting'; until: number | null; names?: string[] }
  | /** Nobody needs to work on it. */ { kind: 'completed'; output: Json; reasoning: string }
  | { kind: 'failed'; failure: RunFailure }

/** What a handler sees of its task when a visit begins. */
export interface View {
  /** ms since the epoch */
  now: number
  /** What templates read. */
  scope(): Scope
  /** Paths into the input that no model is told of. */
  redact: readonly string[]
  /** Fresh and unguessable. */
  token(): string
  /** How many tasks in a row have started one another down to this one. */
  depth: number
  /** The output that is put before people: that of the named step, else the latest there is. */
  shown(step: string | null): Ask['artefact']
  /** When the team has people reminded where a step says nothing of it. */
  remind?: Remind
}

/** An event from outside, as a wait looks at it. */
interface OutsideEvent {
  name: string
  data: Json
}

/** Whether a wait takes an event; if not, why. */
type Weighed = { verdict: 'taken' | 'no_match' | 'error'; error?: string; reads?: Record<string, Json> }

/** A claimed run, as its order is made from it. */
export interface OrderedRun {
  id: number
  name: string | null
  prompt: string
  /** What its model is given besides. */
  files: GivenFile[]
  attempt: number
  /** The same in every attempt: what services know its calls by. */
  key: string
  calls: MadeCall[]
  turns: SaidTurn[]
  /** Turns that count no more, as its attempts began anew after them. */
  firstTurn: number
  facts(): TaskFacts
}

/** What an order takes from beyond its step. */
export interface Pins {
  /** agent key → agent version */
  agents: Record<string, number>
  /** tool name → version */
  tools: Record<string, number>
  /** skill's key → version */
  skills: Record<string, number>
  /** A workflow as steps name it → its id */
  workflows: Record<string, string>
  /** Paths into the input that no model is told of. */
  redact: readonly string[]
  /** The workflow's default model. */
  model: string | undefined
  /** The team's, where neither step nor agent nor workflow names one. */
  usual: string | undefined
  /** What the task was told to go on with, whatever they name. */
  instead: string | undefined
  timeoutMs: number
}

/** A run as a join looks at it. */
export interface JoinedRun {
  name: string
  state: 'open' | 'completed' | 'failed'
  failure: RunFailure | null
  /** Read only where it is needed: it may be big. */
  output(): Json
}

/** What several runs come to together: not yet anything, an output, or a failure. */
export type Joined =
  | { kind: 'open' }
  | { kind: 'joined'; output: Json; outcome: VisitOutcome }
  | { kind: 'failed'; failure: RunFailure }

/** The runs that a visit needs, by the names that people know them by; `items`: what each of them is about; `atOnce`: how many may be at work, else all. */
export type Plan =
  | { kind: 'planned'; names: string[]; items?: Json[]; atOnce?: number }
  | { kind: 'failed'; failure: RunFailure }

/** How a kind does its work in several runs side by side, each with work of its own. */
interface Spread<J extends AnyJob> {
  /** The pieces of work that its runs are given. */
  parts(job: J): Part[]
  plan(job: J, view: View): Plan
  /** The work of the run with this name. */
  branch(job: J, name: string): Frame
  /** What texts of that work read besides what all texts do. `index`: the item's place, from 0. */
  reads?(job: J, index: number, item: Json): Record<string, Json>
  /** What the runs come to together. Asked whenever one of them has ended. */
  join(job: J, runs: JoinedRun[]): Joined
}

/** What pages say of a kind's steps. */
export interface Words<J extends AnyJob> {
  /** `a prompt`: who does the work. */
  who: string
  /** `the prompt`: what an author changes of it. */
  work: string
  /** What an empty column says of what will happen in it. */
  lesson(job: J): string
  /** Who decides, and by which rules, for the docs. */
  rule?(job: J): string
  /** For the docs: what it calls, with no model; absent: nothing. */
  calls?(job: J): string
  /** For the docs: by when it must be done, and what happens then; null: it has no due time. */
  late?(job: J): string | null
}

export interface Handler<J extends AnyJob, Own extends object = object> {
  /** The keys that it adds to a step; the one named like the kind says whose step it is. */
  shape: { [K in keyof Own]-?: z.ZodOptional<z.ZodType<NonNullable<Own[K]>>> }
  /** Settings of a step that mean something to it. */
  settings: readonly Setting[]
  words: Words<J>
  /** The engine's labels that it may end with. */
  gives: readonly EngineLabel[]
  /** Who chooses among its labels; null: nobody does. */
  chooses: 'person' | 'model' | null

  read(step: Frame & Own): J
  /** The labels that a visit which completed may bear, in the order of the handoffs. */
  labels(job: J): string[]
  /** Whether a model is asked how sure it is of its answer. */
  isJudged?(job: J): boolean
  /** What later steps read as its output; null: what a person saw or edited, another step's. */
  outputSchema(job: J): JsonSchema | null
  /** Its templates, whoever else handles the step: lint, rename and preview share them. */
  texts(step: Own): TextPlace[]
  references?(step: Own): StepReference[]
  /** The workflows that it starts, by id or name, as they are written. */
  workflows?(job: J): string[]
  /** Whether it changes something outside, besides by the tools that it names; absent: it does not. */
  acts?(job: J): boolean
  /** Names of the tools that it names. */
  tools?(job: J): string[]
  /** Whom it names to decide: roles, addresses and guests, as they are written. */
  assigns?(job: J): string[]
  /** Keys of the agents that it names. */
  agents?(job: J): string[]
  lint(job: J, path: LintPath, around: Surroundings, report: Report): void

  /** How long an attempt may take unless the step says otherwise, in ms; absent: as long as a model call. */
  patienceMs?: number
  /** How long a worker has for it, in ms, where a step's `timeout` is about something else; absent: the timeout. */
  leaseMs?: number
  /** What may cost money in each attempt of its runs, so that the task's limit is asked before: its own calls, or tasks that it starts. */
  spends: 'calls' | 'tasks' | null
  /** How its one run begins. Not asked of a kind whose work is done in several. */
  begin(job: J, view: View): Start[]
  /** Where its work is done in several runs: which, and what they come to. */
  spread?: Spread<J>
  /** Whether it takes an event of a name that it waits for. */
  takes?(job: J, scope: Scope, event: OutsideEvent): Weighed
  /** What is said when the time is over at which it waited for events. */
  missed?(job: J): string
  /** The question, once the people behind its roles and the team's working hours are known; null: it has set none. */
  question?(job: J, view: View, people: Record<string, string[]>, hours?: WorkingHours | null): Start
  /** One in how many of its questions is put at least, once that was earned; null: every one is. */
  sample?(job: J): number | null
  /** What happens when a question's due time passes; null: nothing. */
  overdue?(job: J): { handoff?: string } | null
  /** What a claim hands to the consumer. */
  order?(job: J, run: OrderedRun, pins: Pins): Order
  /** The step's output when a person says that its one call happened and answered this; absent: its run goes on with it. */
  happened?(job: J, output: Json): Json
  /** A completed run as handoffs match it. */
  judge(job: J, outcome: Completed): VisitOutcome
}
