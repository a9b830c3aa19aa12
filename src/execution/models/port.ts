/** The one port for models: a request goes in, a typed outcome comes out; nothing behind it throws. */
import type { Json, JsonSchema } from '../../domain/json.ts'
import type { RunFailure, Usage } from '../../domain/task/events.ts'

export interface ModelRequest {
  /** The model's id, already resolved (`default` is not one). */
  model: string
  /** The agent's description and context; team text only, nothing that came from outside. */
  system?: string
  /** The rendered prompt or instructions. */
  prompt: string
  /** The step's output schema; without it the output is text. */
  schema?: JsonSchema
  /** Labels to choose from, in the same call as the output; empty or absent: none asked for. */
  labels?: string[]
  /** Whether confidence and reasoning are asked for. */
  judged: boolean
  /** For one whole request, repair included, in milliseconds. */
  timeoutMs: number
}

export interface ModelAnswer {
  output: Json
  handoff?: string
  confidence?: number
  reasoning?: string
}

export type ModelOutcome =
  | { kind: 'completed'; answer: ModelAnswer; usage: Usage }
  | { kind: 'failed'; failure: RunFailure; usage: Usage }

export interface ModelPort {
  /** Answers a request. Refusals, timeouts and malformed answers are outcomes, never exceptions. */
  complete(request: ModelRequest): Promise<ModelOutcome>
}
