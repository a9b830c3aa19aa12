/** What runs and visits come to: an answer or a failure, what it used, and how handoffs were tried on it. */
import type { Json } from '../../json/json.ts'
import type { Stored } from '../log/blob.ts'

/** What a model call used. `cost` is in USD; null when the model has no price. */
export interface Usage {
  model: string
  inputTokens: number
  outputTokens: number
  /** Of the input, what the provider had at hand; absent: none, or nobody says. */
  cachedTokens?: number
  /** Model calls made, repairs included. */
  calls: number
  durationMs: number
  cost?: number | null
  /** The model that was wanted, where another answered in its place. */
  insteadOf?: string
  /** What of the team's knowledge stood before it, as `key@version`; absent: nothing. */
  knew?: string[]
  /** Names of the files that it was given; absent: none. */
  saw?: string[]
}

/** The kinds of failure of a run, each with a code that stays. */
export const FAILURE_CODES = [
  'rate_limited',
  'provider_error',
  'unreachable',
  'timeout',
  'malformed_answer',
  'invalid_output',
  'output_too_large',
  'empty_answer',
  'refused',
  'schema_refused',
  'bad_request',
  'provider_auth',
  'agent_missing',
  'skill_missing',
  'file_missing',
  'files_too_large',
  'template',
  // of calls to the outside
  'http_status',
  'host_not_allowed',
  'secret_host',
  'secret_missing',
  'redirect_refused',
  'unreadable_body',
  'answer_too_large',
  'file_not_kept',
  'unknown_outcome',
  'tool_missing',
  'tool_changed',
  'bad_arguments',
  'tool_failed',
  'denied',
  // of a wait
  'bad_time',
  // of a decision table
  'bad_condition',
  'no_row',
  // of an agent's loop
  'turn_limit',
  'looping',
  // of a task of another workflow
  'too_deep',
  'workflow_closed',
  'invalid_input',
  'child_failed',
  'child_cancelled',
  // of several runs
  'not_a_list',
  'too_many_items',
  'too_few_items',
] as const
export type FailureCode = (typeof FAILURE_CODES)[number]

export interface RunFailure {
  code: FailureCode
  message: string
  /** Whether another attempt may go better. */
  retryable: boolean
  /** What the provider asked for, in milliseconds. */
  retryAfterMs?: number
}

/** A run that came to its end as it should. */
export interface Completed {
  kind: 'completed'
  output: Stored<Json>
  handoff?: string
  confidence?: number
  reasoning?: string
  /** Nobody was asked: it is the answer that was recorded when this task was given it, in ms since the epoch. */
  recorded?: { task: string; at: number }
}

/** What a run came to, as a consumer reports it. */
export type RunOutcome = Completed | { kind: 'failed'; failure: RunFailure }

/** The outcome of a visit, as handoffs match it. */
export type VisitOutcome =
  | { kind: 'completed'; label?: string }
  | { kind: 'failed' }
  | { kind: 'timeout' }
  | { kind: 'unsure' }

/** One handoff as it was tried. `value` is what the condition came to; `reads` the values it looked at. */
export interface TriedHandoff {
  index: number
  to: string
  when?: string
  if?: string
  verdict: 'matched' | 'no_match' | 'error' | 'not_applicable'
  value?: Json
  reads?: Record<string, Json>
  error?: string
}
