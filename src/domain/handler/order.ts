/** What a claim hands to the consumer, by kind: all that the work needs but what lies outside the task. */
import type { Json } from '../json.ts'
import type { Message, ToolSpec } from '../messages.ts'

/** One answer of a model. */
export interface ModelOrder {
  kind: 'model'
  /** The agent whose description and context go before; null: none. */
  agent: { key: string; version: number } | null
  /** What was said so far; it begins with the rendered prompt or instructions. */
  messages: Message[]
  /** What the model may ask for besides answering. */
  tools: ToolSpec[]
  /** As the definition names it; null or `default` stands for the agent's or the default model. */
  model: string | null
  timeoutMs: number
  schema: { [key: string]: Json } | null
  /** Labels to choose from; empty: none. */
  labels: string[]
  /** Whether confidence and reasoning are asked for. */
  judged: boolean
}

export type Order = ModelOrder
export type OrderOf<K extends Order['kind']> = Extract<Order, { kind: K }>
