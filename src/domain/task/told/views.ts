/** What readers are told of a task: the API's resource, its events, and the questions that are open. */
import type { FileSource, FileView } from '../../file/file.ts'
import type { TextState } from '../../file/text.ts'
import type { Json, JsonSchema } from '../../json/json.ts'
import type { Actor } from '../events.ts'
import type { Standing } from '../log/source.ts'
import type { AskForm, AskKind } from '../people/ask.ts'
import type { Status } from '../state.ts'

/** How one of several runs stands; `fenced`: the visit was decided without it. */
export const RUN_STANDINGS = ['queued', 'running', 'waiting', 'held', 'done', 'failed', 'fenced'] as const

/** One of several runs of a visit. */
export interface RunView {
  run: number
  /** Its branch, or which item. */
  name: string
  status: (typeof RUN_STANDINGS)[number]
  error: { code: string; message: string } | null
}

/** A task of another workflow that one of the task's runs started. */
export interface ChildView {
  id: string
  workflow: string
  /** What its workflow was called then. */
  name: string
  visit: number
  run: number
  /** Whether its run waits, or waited, for it. */
  waits: boolean
  /** As it last said. */
  standing: Standing
}

/** A decision that can be taken back until then. */
interface Undoable {
  run: number
  /** Its branch, where a visit has several runs. */
  name?: string
  handoff: string
  kind: AskKind
  by: Actor
  until: string
}

/** A file as readers of its task see it; `by`: who brought it. */
type FiledView = FileView & TextState & { from: FileSource; by: Actor }

/** A task as every reader sees it. Money in USD, times as ISO strings. */
export interface TaskView {
  id: string
  workflow: string
  version: number
  title: string
  /** Its business key; null: it has none. */
  key: string | null
  /** The earlier task with this key, where duplicates are flagged; null: none, or they are not. */
  duplicateOf: string | null
  status: Status
  step: string | null
  visit: number
  input: Json
  outputs: Record<string, Json>
  files: FiledView[]
  result: Json | null
  error: { code: string; message: string; step: string | null } | null
  stuck: { cause: string; message: string; fix: string } | null
  held: { reason: string; message: string; fix: string; until: string | null } | null
  /** Decisions that can still be taken back. */
  undo?: Undoable[]
  /** The steps that went on as approved without being looked at, as only some are; absent: none. */
  skipped?: string[]
  /** The open visit's runs, where it works in several. */
  runs?: RunView[]
  /** The tasks that it started, oldest first, the latest of them where there are very many; absent: none. */
  children?: ChildView[]
  /** One sentence: why it is where it is and the one act that unblocks it. */
  why: string
  usage: { inputTokens: number; outputTokens: number; cost: number | null }
  createdAt: string
  updatedAt: string
  finishedAt: string | null
}

/** One event as the API lists it. */
export interface EventView {
  seq: number
  at: string
  type: string
  actor: Actor
  step: string | null
  data: Record<string, Json>
}

/** The call that an open question is about. */
export interface OpenCall {
  id: string
  tool: string
  /** Without secrets. */
  args: Json
  /** When it was made; null: it was not yet. */
  at: string | null
  /** What its arguments must fit, where they may be edited. */
  parameters?: JsonSchema
}

/** What is to be filled in, with the values in place. */
export type OpenForm = Omit<AskForm, 'values'> & { values: Json }

/** `n` counts from 1; `next`: who is asked after it, null: nobody. */
export interface OpenStage {
  n: number
  of: number
  name: string | null
  next: string[] | null
}

/** An open question to people, as the inbox and the approval page list it. */
export interface OpenAsk {
  visit: number
  run: number
  /** Its branch, where a visit has several runs. */
  name?: string
  step: string
  kind: AskKind
  instructions: string
  artefact: { step: string; output: Json } | null
  digest: string
  needs: number
  assignees: { email: string; decided: boolean }[]
  labels: string[]
  reason: string[]
  edits: string | null
  due: string | null
  /** The latest change that an approver made to the artefact, and whose approvals it cleared. */
  changed?: { by: Actor; at: string; cleared: string[] }
  /** The call that it is about, where it is about one. */
  call?: OpenCall
  /** What is to be filled in, as it stands. */
  form?: OpenForm
  /** How long a decision can be taken back, in ms. */
  undo?: number
  /** Which of several stages of approval is asked. */
  stage?: OpenStage
  /** By link it is decided only with the code from its message. */
  risk?: 'high'
}
