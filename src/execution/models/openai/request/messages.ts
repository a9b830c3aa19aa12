/** Messages and tools as the `ai` package takes them, and the calls that it hands back, under the names that providers allow. */
import type { ModelMessage, ToolSet } from 'ai'
import type { Json, JsonSchema } from '../../../../domain/json/json.ts'
import { asText, type Message, type ToolCall, type ToolSpec } from '../../../../domain/messages.ts'
import { wellFormed } from '../../../../domain/text/clean.ts'
import { harmless } from '../../../../domain/text/harmless.ts'
import { unsafeIn } from '../../answer/unsafe.ts'

/** What was said and offered, for the SDK, and the way back for the calls it reads. */
export interface Sendable {
  messages: ModelMessage[]
  tools: ToolSet | undefined
  /** Calls as they came, under our tools' names. */
  callsOf(calls: { toolCallId: string; toolName: string; input: unknown }[]): ToolCall[]
}

/** The SDK's own way to state a schema; passed in, as the package is loaded at the first call. */
type AsSchema = (schema: JsonSchema) => ToolSet[string]['inputSchema']

export const sendable = (said: Message[], offered: ToolSpec[], asSchema: AsSchema): Sendable => {
  const names = namesOnWire([...offered.map(tool => tool.name), ...said.flatMap(toolsIn)])
  const ours = new Map([...names].map(([own, wire]) => [wire, own]))
  return {
    messages: said.map(message => messageFor(message, names)),
    tools: offered.length > 0 ? toolsFor(offered, names, asSchema) : undefined,
    callsOf: calls =>
      calls.map(({ toolCallId, toolName, input }) => ({
        id: toolCallId,
        tool: ours.get(toolName) ?? toolName,
        args: argsOf((input ?? null) as Json),
      })),
  }
}

/** What cannot be kept is as good as no arguments: the check against the tool's parameters says so to the model. */
const argsOf = (input: Json): Json => {
  if (unsafeIn(input)) return null
  const args = harmless(input)
  return unsafeIn(args) ? null : args
}

const toolsIn = (message: Message): string[] => {
  if (message.role === 'tool') return [message.tool]
  return message.role === 'assistant' ? message.calls.map(call => call.tool) : []
}

const LONGEST_NAME = 64

/** Providers take letters, digits, `_` and `-` in a tool's name: ours on the wire, each different from the others. */
const namesOnWire = (own: string[]): Map<string, string> => {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const name of own) {
    if (names.has(name)) continue
    const wish = name.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME) || '_'
    let wire = wish
    for (let n = 2; taken.has(wire); n++) wire = `${wish.slice(0, LONGEST_NAME - 4)}_${n}`
    taken.add(wire)
    names.set(name, wire)
  }
  return names
}

const messageFor = (message: Message, names: Map<string, string>): ModelMessage => {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: contentOf(message) }
    case 'assistant':
      return assistantFor(message, names)
    case 'tool': {
      const { call, tool, result } = message
      const output =
        typeof result === 'string' ? textOf(wellFormed(result)) : { type: 'json' as const, value: harmless(result) }
      return {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: call, toolName: names.get(tool) ?? tool, output }],
      }
    }
  }
}

/** A file that models see goes as it is, of others their text. */
const contentOf = ({ text, files = [] }: Extract<Message, { role: 'user' }>) => {
  if (files.length === 0) return wellFormed(text)
  const parts = files.map(file =>
    file.data === undefined
      ? textPart(asText(file))
      : { type: 'file' as const, data: file.data, mediaType: file.type, filename: wellFormed(file.name) },
  )
  return [textPart(text), ...parts]
}

const textPart = (text: string) => ({ type: 'text' as const, text: wellFormed(text) })

const textOf = (value: string) => ({ type: 'text' as const, value })

const assistantFor = (
  { text, calls }: Extract<Message, { role: 'assistant' }>,
  names: Map<string, string>,
): ModelMessage => ({
  role: 'assistant',
  content: [
    ...(text ? [{ type: 'text' as const, text: wellFormed(text) }] : []),
    ...calls.map(({ id, tool, args }) => ({
      type: 'tool-call' as const,
      toolCallId: id,
      toolName: names.get(tool) ?? tool,
      input: args,
    })),
  ],
})

const toolsFor = (offered: ToolSpec[], names: Map<string, string>, asSchema: AsSchema): ToolSet =>
  Object.fromEntries(
    offered.map(({ name, description, parameters }) => [
      names.get(name) ?? name,
      // Never strict: OpenAI would then refuse every schema with an optional argument. Arguments are checked by us.
      { description, inputSchema: asSchema(parameters), strict: false },
    ]),
  )
