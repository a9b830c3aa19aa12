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

/** A file beside a prompt. `data`: its content in base64, where it is of a kind that models see. */
export interface SentFile {
  name: string
  type: string
  data?: string
  text: string | null
}

export type Message =
  /** The rendered prompt, and all else that may hold text from outside. */
  | { role: 'user'; text: string; files?: SentFile[] }
  | { role: 'assistant'; text: string | null; calls: ToolCall[] }
  /** What the call with this id came to. */
  | { role: 'tool'; call: string; tool: string; result: Json }

/** What is said to a model that sees no files: the prompt, and beneath it what stands in them. */
export function withFilesAsText({ text, files = [] }: Extract<Message, { role: 'user' }>): string {
  return [text, ...files.map(file => asText(file))].join('\n\n')
}

/** The file as its name and its text. */
export function asText({ name, text }: SentFile): string {
  return `# File: ${name}\n\n${text ?? '(There is no text in it.)'}`
}
