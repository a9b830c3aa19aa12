/** A question to people as the log holds it: what they see, who they are, what they may choose. */
import type { Json, JsonSchema } from '../../json/json.ts'
import type { WorkingHours } from '../../schedule/working-hours.ts'
import type { Stored } from '../log/blob.ts'

/**
 * `decide`: a human step; `unsure`: a model's doubtful answer put to the workflow's owner; `call`: whether a call may be
 * made; `question`: what a model wants to know; `outcome`: whether a call happened whose answer was lost.
 */
export type AskKind = 'decide' | 'unsure' | 'call' | 'question' | 'outcome'

/** The call that a question is about. */
export interface AskedCall {
  id: string
  tool: string
  /** Without secrets. */
  args: Stored<Json>
  /** What its arguments must fit, where they may be edited. */
  parameters?: JsonSchema
  /** When it was made, in ms since the epoch; absent: it was not yet. */
  at?: number
}

/** Fields that are to be filled in, which become the step's output. */
export interface AskForm {
  /** What the values must fit. */
  schema: JsonSchema
  /** The values as they stand: what was taken over at first, then what was filled in. */
  values: Stored<Json>
  /** The labels that need them; with any other the fields count for nothing. */
  labels: string[]
}

/** Who is asked one after another, and which of them now: `at` counts from 0. */
interface Stages {
  of: { name?: string; assignees: string[]; needs: number }[]
  at: number
}

/** When those who have not decided are reminded, as it was settled when the question was put. */
export interface Reminders {
  /** When the question was put, in ms since the epoch. */
  from: number
  /** How long before it is due, in ms. */
  before: number[]
  /** How often while it is open, in ms. */
  every?: number
  /** Nobody is reminded out of these hours. */
  hours?: WorkingHours
}

/** An answer that is asked of people: what they see, who they are, what they may choose. */
export interface Ask {
  kind: AskKind
  instructions: string
  /** The step whose output is shown, and that output as it was shown. */
  artefact: { step: string; output: Stored<Json> } | null
  /** SHA-256 of instructions and artefact: what a person approves is this. */
  digest: string
  assignees: string[]
  labels: string[]
  approve: string | null
  needs: number
  /** Labels that need a note. */
  reason: string[]
  /** Whose output may be edited before deciding. */
  edits: string | null
  /** When it is overdue, in ms since the epoch. */
  due: number | null
  /** Who is asked besides, once it is overdue. */
  escalate: string[]
  /** Whether the one who started the task may decide. */
  requester: boolean
  /** Of `call`, `question` and `outcome`. */
  call?: AskedCall
  /** What is to be filled in; absent: nothing. */
  form?: AskForm
  /** Absent: nobody is reminded. */
  remind?: Reminders
  /** How long what settles it can be taken back before anything comes of it, in ms; absent: not at all. */
  undo?: number
  /** Several stages of approval; `assignees` and `needs` are of the one that is asked now. */
  stages?: Stages
  /** Deciding by link needs proof that the message was read. */
  risk?: 'high'
  /** How often a decision was taken back: what was sent before then decides nothing any more. */
  undone?: number
}

/** Somebody with whom a question did not stay, and why. */
export interface Moved {
  from: string
  why: 'removed' | 'away' | 'delegated'
}
