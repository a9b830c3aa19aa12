/**
 * How the demo model uses tools: one call at most of each that fits, with what the prompt gives it, those that only read
 * first; or the calls that directives name, one by one. It never asks for the same twice, so it comes to an answer.
 */
import type { Json, JsonObject } from '../../../domain/json/json.ts'
import type { Message, ToolCall } from '../../../domain/messages.ts'
import { type Facts, readFacts, shorten, stem, wordsOf } from '../../../domain/sample/facts.ts'
import { valueFor } from '../../../domain/sample/value.ts'
import { isObject } from '../../../domain/schema/subschemas.ts'
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import type { ModelRequest, OfferedTool } from '../port.ts'
import type { Directives } from './directives.ts'

/** The calls of this turn; none: it answers. `facts` are those of the prompt, which results add nothing to. */
export function callsOf({ tools = [], messages }: ModelRequest, { calls }: Directives, facts: Facts): ToolCall[] {
  if (tools.length === 0) return []
  const made = messages.flatMap(message => (message.role === 'assistant' ? message.calls : []))
  const told = calls?.slice(made.length, made.length + 1)
  const wanted = told ?? fitting(tools, made, facts).map(tool => ({ tool: tool.name, args: {} }))
  return wanted.map(({ tool, args }, at) => {
    const offered = tools.find(({ name }) => name === tool)
    const sampled = offered === undefined ? {} : argsFor(offered, facts)
    return { id: `demo_${made.length + at + 1}`, tool, args: { ...sampled, ...args } }
  })
}

/** The tools that fit and were not called: those that read in the first turn, the others in the next. */
function fitting(tools: OfferedTool[], made: ToolCall[], facts: Facts): OfferedTool[] {
  const isMade = ({ name }: OfferedTool) => made.some(call => call.tool === name)
  const [reads, writes] = [tools.filter(isRead), tools.filter(tool => !isRead(tool))]
  const open = made.length === 0 ? reads.filter(tool => isGiven(tool, facts)) : []
  if (open.length > 0) return open
  if (writes.some(isMade)) return []
  return writes.filter(tool => isGiven(tool, facts) && isMeant(tool, facts))
}

function isRead({ effect }: OfferedTool): boolean {
  return effect === 'read'
}

/** Arguments that are found in a prompt or not at all: nobody is written to, and nothing started, that it does not name. */
const FOUND: [RegExp, (facts: Facts) => boolean][] = [
  [/^to$|recipient|e-?mail/i, facts => facts.emails.length > 0],
  [/^url$|link/i, facts => facts.links.length > 0],
  [/^workflow$/i, facts => facts.named.has('workflow')],
]

function needsOf(tool: OfferedTool) {
  return requiredOf(tool).flatMap(name => FOUND.filter(([pattern]) => pattern.test(name)))
}

function isGiven(tool: OfferedTool, facts: Facts): boolean {
  return needsOf(tool).every(([, isThere]) => isThere(facts))
}

/** Whether the prompt speaks of what the tool does, or names whom or what it is to do it with. */
function isMeant(tool: OfferedTool, facts: Facts): boolean {
  return needsOf(tool).length > 0 || wordsOf(tool.name).every(word => facts.stems.has(stem(word)))
}

function requiredOf({ parameters: { required } }: OfferedTool): string[] {
  return Array.isArray(required) ? required.map(String) : []
}

/** What is required, and what the prompt names besides; with nothing required, the first that there is. */
function argsFor(tool: OfferedTool, facts: Facts): JsonObject {
  const properties = isObject(tool.parameters.properties) ? tool.parameters.properties : {}
  const required = requiredOf(tool)
  const isWanted = (name: string, at: number) =>
    required.includes(name) || (required.length === 0 && at === 0) || facts.named.has(wordsOf(name).join(' '))
  const names = Object.keys(properties).filter(isWanted)
  const picked = Object.fromEntries(names.map(name => [name, properties[name] ?? {}]))
  const args = valueFor({ ...tool.parameters, properties: picked, required: names }, facts)
  const whole = tool.name === BUILT_IN_TOOLS.read_context.name && !facts.named.has('query')
  // Passages are found by any of their words: all that the prompt says is looked for.
  const query: JsonObject = whole ? { query: shorten(facts.sentences.join(' ') || 'anything', 300) } : {}
  return isObject(args) ? { ...args, ...query } : {}
}

/** The facts of the prompt, and what the tools said beneath them. Numbers that stand for the prompt stay as they are. */
export function factsHeard(prompt: string, messages: Message[]): Facts {
  const asked = readFacts(prompt)
  const results = messages.filter(message => message.role === 'tool')
  if (results.length === 0) return asked
  const all = readFacts([prompt, ...results.map(({ result }) => JSON.stringify(result))].join('\n\n'))
  const told = results.map(({ tool, result }) => `${tool} ${inWords(result)}`)
  return { ...all, note: asked.note, seed: asked.seed, sentences: [...asked.sentences, ...told] }
}

/** A result as a sentence. */
function inWords(result: Json): string {
  if (Array.isArray(result)) {
    const titles = result.flatMap(each => (isObject(each) ? [each.title ?? each.text ?? each.name] : [each]))
    const listed = titles.filter(title => typeof title === 'string').map(title => shorten(title, 80))
    return result.length === 0 ? 'found nothing.' : `found ${result.length}: ${shorten(listed.join('; '), 200)}`
  }
  if (!isObject(result)) return `said: ${shorten(String(result), 200)}`
  if (result.error !== undefined) return `failed: ${shorten(String(result.message ?? result.error), 200)}`
  const said = result.text ?? result.answer
  if (typeof said === 'string') return `said: ${shorten(said.replace(/\s+/g, ' '), 200)}`
  return result.ok === true ? 'was done.' : `said: ${shorten(JSON.stringify(result), 200)}`
}
