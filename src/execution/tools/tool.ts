/** A tool as steps and agents use it, whoever it comes from: the team, Baton itself, an MCP server. */
import type { Agent } from '../../domain/agent.ts'
import type { TaskFacts } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json/json.ts'
import type { ToolSpec } from '../../domain/messages.ts'
import type { RunFailure } from '../../domain/task/run/outcome.ts'
import type { Effect } from '../../domain/tools/tool.ts'
import type { Env } from '../../env.ts'
import type { KeepAnswer, KeptFile } from '../egress/keep-answer.ts'

/** Who calls, and by which rules of theirs. */
export interface Use {
  env: Env
  team: string
  facts: TaskFacts
  /** The agent that calls; null: a step does. */
  agent: Agent | null
  /** The same whenever this call is made: what a service knows it by. */
  key: string
  /** What the author of the step wrote of the arguments; empty: a model wrote them. */
  written: string
  /** `any`: a mail may go to whoever the arguments name. */
  recipients?: 'any'
  timeoutMs: number
  /** Keeps an answer that is no text; absent: there is no task that could have it. */
  keep?: KeepAnswer
}

/** What came of a call. */
/** `kept`: a file that becomes the task's with the receipt. */
export type Result = { kind: 'done'; result: Json; status?: number; kept?: KeptFile } | Failed

export interface Failed {
  kind: 'failed'
  failure: RunFailure
  /** What came back all the same. */
  result?: Json
  status?: number
  /** Whether it may have taken effect, as its answer was lost. */
  lost: boolean
}

/** Makes a call that is ready. One that may not be made twice throws for nothing. */
export type Send = () => Promise<Result>

/** What people are asked before, or instead of, the call. */
interface FirstAsk {
  kind: 'call' | 'question'
  why: string
  options?: string[]
  to?: string[]
}

export interface Tool {
  spec: ToolSpec
  /** Whether there is such a tool here; absent: everywhere. */
  isThere?(env: Env): boolean
  effect: Effect
  /** Whether it may be called again though its answer was lost. */
  safe: boolean
  /** Whether people are asked first; null: it is simply called. */
  asks(args: Json, facts: TaskFacts): FirstAsk | null
  /**
   * Gets a call ready, with arguments that fit: what storage must give for it is read, and what can be refused is refused,
   * before its intent is noted. Throws only when Baton's own storage fails.
   */
  ready(args: Json, use: Use): Promise<Send | Failed>
}

/** A failure that another try would not mend. */
export function failed(code: RunFailure['code'], message: string): Failed {
  return { kind: 'failed', failure: { code, message, retryable: false }, lost: false }
}
