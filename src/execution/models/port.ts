/** The one port for models: a request goes in, a typed outcome comes out; nothing behind it throws. */
import type { Json, JsonSchema } from '../../domain/json/json.ts'
import type { Message, ToolCall, ToolSpec } from '../../domain/messages.ts'
import type { HeldReason } from '../../domain/task/events.ts'
import type { RunFailure, Usage } from '../../domain/task/run/outcome.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Effect } from '../../domain/tools/tool.ts'
import type { ModelParams } from '../../domain/workflow/parts.ts'

export interface ModelRequest {
  /** The model's id, already resolved (`default` is not one). */
  model: string
  /** The agent's description and context; team text only, nothing that came from outside. */
  system?: string
  params?: ModelParams
  /** What was said so far, oldest first; it begins with the rendered prompt or instructions. */
  messages: Message[]
  /** What the model may ask for besides answering; empty or absent: nothing. */
  tools?: OfferedTool[]
  /** The step's output schema; without it the output is text. */
  schema?: JsonSchema
  /** Labels to choose from, in the same call as the output; empty or absent: none asked for. */
  labels?: string[]
  /** Whether confidence and reasoning are asked for. */
  judged: boolean
  /** For one whole request, repair included, in milliseconds. */
  timeoutMs: number
}

/** A tool, and whether it only reads; providers are told of the first alone. */
export type OfferedTool = ToolSpec & { effect?: Effect }

export interface ModelAnswer {
  output: Json
  handoff?: string
  confidence?: number
  reasoning?: string
}

export type ModelOutcome =
  | { kind: 'completed'; answer: ModelAnswer; usage: Usage }
  /** The model asks for calls before it answers; `text` is what it said beside them. */
  | { kind: 'calls'; calls: ToolCall[]; text: string | null; usage: Usage }
  | { kind: 'failed'; failure: RunFailure; usage: Usage }
  /** `usage` is what was used before the provider went away, as of the call that an answer's repair followed. */
  | { kind: 'away'; away: Away; usage: Usage }

/**
 * Why a request must wait, though nothing is wrong with it: its provider cannot be reached, is at its limit,
 * or is not set up; the team's budget has no room, or whom it leads to has too much to decide; or the Gate, which knows, cannot be asked.
 */
export interface Away {
  reason: Extract<
    HeldReason,
    | 'provider_offline'
    | 'provider_limit'
    | 'provider_not_configured'
    | 'team_budget'
    | 'persons_pile'
    | 'storage_unavailable'
  >
  message: string
  fix: string
  /** What the provider asked for, in milliseconds. */
  retryAfterMs?: number
}

export interface ModelPort {
  /** Answers a request. Refusals, timeouts and malformed answers are outcomes, never exceptions. */
  complete(request: ModelRequest): Promise<ModelOutcome>
}

/** What failed, where an answer was wanted and neither came nor must be waited for. */
export const failureIn = (outcome: Extract<ModelOutcome, { kind: 'failed' | 'calls' }>): RunFailure =>
  outcome.kind === 'failed' ? outcome.failure : unasked(outcome.calls)

/** Why there is no answer, for a person to read. */
export const problemIn = (outcome: Exclude<ModelOutcome, { kind: 'completed' }>): string =>
  outcome.kind === 'away' ? `${outcome.away.message} ${outcome.away.fix}` : failureIn(outcome).message

/** Calls where no tool was offered: the model made them up. */
const unasked = (calls: ToolCall[]): RunFailure => ({
  code: 'malformed_answer',
  message: `The model asked for a call of “${shorten(calls[0]?.tool ?? '', 100)}” instead of answering, though no tools were offered. Another try may help.`,
  retryable: true,
})
