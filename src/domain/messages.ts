/** What is said between Baton and a model: messages, the tools a model may ask for, and the calls it asks for. */
import type { Json, JsonSchema } from './json/json.ts'

/** A tool as a model is told of it. */
export interface ToolSpec {
  name: string
  description: string
  /** The shape of its arguments: a JSON Schema of an object. */
  parameters: JsonSchema
}

/** A call that a model asks for. Whether it is made, and with what, is for others to decide. */
export interface ToolCall {
  /** The provider's id, by which the result finds its call. */
  id: string
  tool: string
  /** As the model wrote them, not yet checked; the text itself where it is not JSON. */
  args: Json
}

export type Message =
  /** The rendered prompt, and all else that may hold text from outside. */
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string | null; calls: ToolCall[] }
  /** What the call with this id came to. */
  | { role: 'tool'; call: string; tool: string; result: Json }
