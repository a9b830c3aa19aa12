/** What a claim hands to the consumer, by kind: all that the work needs but what lies outside the task. */
import type { RenderedCall } from '../call/render.ts'
import type { GivenFile } from '../file/given.ts'
import type { Json, JsonSchema } from '../json/json.ts'
import type { Message, ToolCall } from '../messages.ts'
import type { ParentRun } from '../task/log/source.ts'
import type { RunFailure } from '../task/run/outcome.ts'
import type { Hidden } from '../text/redact.ts'
import type { ModelParams } from '../workflow/parts.ts'

/** A call that a run made before, or asked about. */
export interface MadeCall {
  id: string
  tool: string
  args: Json
  /** The attempt that made it. */
  attempt: number
  /** Whether it may be made again. */
  safe: boolean
  /** Its answer; null: there is none yet. */
  receipt: { ok: boolean; status: number | null; result: Json; failure: RunFailure | null } | null
  /** The arguments that a person allowed it with; null: nobody did. */
  allowed: Json
}

/** What a model said in an earlier turn, and the calls that it asked for. */
export interface SaidTurn {
  text: string | null
  calls: ToolCall[]
}

/** What a tool's rules may ask of the task that calls it. */
export interface TaskFacts {
  input: Json
  task: { id: string; title: string; visit: number }
  /** How many tasks in a row have started one another down to this one. */
  depth: number
  /** Addresses of people who have to do with the task. */
  people: string[]
}

/** One answer of a model. */
export interface ModelOrder {
  kind: 'model'
  /** The agent whose description and context go before; null: none. */
  agent: { key: string; version: number } | null
  /** What was said so far; it begins with the rendered prompt or instructions. */
  messages: Message[]
  /** What is given with the first of them; absent: nothing. */
  files?: GivenFile[]
  /** What the model may do besides answering; null: nothing. */
  loop: Loop | null
  /** Reusable instructions that the step names, and the versions of all that it or its agent may name. */
  skills: { names: string[]; versions: Record<string, number> }
  /** As the definition names it; null or `default` stands for the agent's or the default model. */
  model: string | null
  /** The team's model, where nothing names one; null: the server's. */
  usual: string | null
  /** Models that are asked in its place, in this order, while a provider is away or at its limit. */
  fallback: string[]
  params: ModelParams
  timeoutMs: number
  schema: { [key: string]: Json } | null
  /** Labels to choose from; empty: none. */
  labels: string[]
  /** Whether confidence and reasoning are asked for. */
  judged: boolean
  /** How old a recorded answer may be that is taken instead; null: none is. */
  cacheMs: number | null
}

/** The turns and calls that an agent may take before it answers, and those that it took. */
export interface Loop {
  /** Which of the agent's tools this step uses; null: all. */
  tools: string[] | null
  /** tool name → version */
  versions: Record<string, number>
  /** What services know its calls by. */
  key: string
  calls: MadeCall[]
  turns: SaidTurn[]
  /** Turns that count no more. */
  firstTurn: number
  /** Turns that it may take. */
  maxTurns: number
  /** What the task's input holds and the model is not told, whichever tool answers it. */
  hidden: Hidden[]
  facts: TaskFacts
}

/** One call over HTTP. */
export interface HttpOrder {
  kind: 'http'
  call: RenderedCall
  /** What the answer's body must fit; null: anything. */
  schema: JsonSchema | null
  key: string
  /** What came of it in this attempt already, as its report was lost; null: it is still to be made. */
  receipt: MadeCall['receipt']
  timeoutMs: number
  /** How old a recorded answer may be that is taken instead; null: none is. */
  cacheMs: number | null
}

/** One call of a tool. */
export interface ToolOrder {
  kind: 'tool'
  tool: string
  version: number
  args: Json
  /** What the step's author wrote of the arguments, without what templates put in. */
  written: string
  schema: JsonSchema | null
  key: string
  attempt: number
  /** The call as it was made or asked about before; null: it was not. */
  made: MadeCall | null
  facts: TaskFacts
  timeoutMs: number
}

/** A task of another workflow that is to be started. */
export interface StartOrder {
  kind: 'start'
  /** As the definition names it. */
  use: string
  /** The workflow's id; null: publishing pinned none. */
  workflow: string | null
  input: Json
  /** The run that waits for it; null: nobody does. */
  parent: ParentRun | null
  /** The same key starts one task. */
  key: string
  facts: TaskFacts
}

export type Order = ModelOrder | HttpOrder | ToolOrder | StartOrder
export type OrderOf<K extends Order['kind']> = Extract<Order, { kind: K }>

/** The one call of a plain step, as its log names it. */
export const ONLY_CALL = '1'

/** What the step's one call came to already: in this attempt, or in an earlier one if it must not be made again. */
export function receiptOf(calls: readonly MadeCall[], attempt: number): MadeCall['receipt'] {
  const made = calls.find(call => call.id === ONLY_CALL)
  if (made === undefined || made.receipt === null) return null
  return made.attempt === attempt || (made.receipt.ok && !made.safe) ? made.receipt : null
}
