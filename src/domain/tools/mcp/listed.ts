/**
 * What an MCP server says of its tools, read as something that anybody may have written: bounded, cleaned, and left out
 * with a reason where steps could not use it.
 */
import { canonical } from '../../json/canonical.ts'
import type { Json, JsonSchema } from '../../json/json.ts'
import { checkSchema } from '../../schema/check.ts'
import { cleanLine, visible } from '../../text/clean.ts'
import { shorten } from '../../text/cut.ts'
import { harmless } from '../../text/harmless.ts'
import type { Effect } from '../tool.ts'
import { isToolName, MAX_TOOLS } from './server.ts'

/** Characters of a description; models choose by all of it, so none of it is cut. */
const MAX_DESCRIPTION = 8000
/** Characters of the schemas and descriptions of all of a server's tools together. */
const MAX_ALL = 512 * 1024
/** Tools that are left out and named. */
const MAX_NAMED = 20
const SHOWN_NAME = 60

/** A tool as its server tells of it. */
export interface ToldTool {
  name: string
  description: string
  parameters: JsonSchema
  effect: Effect
}

/** A tool that cannot be used here, and why. */
export interface LeftOut {
  /** As it can be shown; '' stands for several. */
  name: string
  why: string
}

export interface ToolList {
  tools: ToldTool[]
  leftOut: LeftOut[]
}

/** Reads a server's list; `more`: the server went on listing where reading ended. */
export function readToolList(server: string, listed: readonly unknown[], more: boolean): ToolList {
  const tools: ToldTool[] = []
  const refused: LeftOut[] = []
  let room = MAX_ALL
  let beyond = more ? 1 : 0
  for (const each of listed) {
    const read = readTool(server, each)
    if (!read.ok) refused.push(read.leftOut)
    else if (tools.some(({ name }) => name === read.tool.name)) {
      refused.push({ name: read.tool.name, why: 'It is listed twice; the first one counts.' })
    } else if (tools.length === MAX_TOOLS || room < weightOf(read.tool)) beyond += 1
    else {
      tools.push(read.tool)
      room -= weightOf(read.tool)
    }
  }
  const leftOut = refused.slice(0, MAX_NAMED)
  const unnamed = refused.length - leftOut.length
  if (unnamed > 0) leftOut.push({ name: '', why: `${unnamed} more could not be used.` })
  if (beyond > 0) leftOut.push({ name: '', why: `The list is longer than is kept: ${MAX_TOOLS} tools, 512 KiB.` })
  return { tools, leftOut }
}

/** What a tool says of itself as one text: its digest tells whether it changed. */
export function toldText({ description, parameters, effect }: ToldTool): string {
  return canonical({ description, parameters, effect })
}

type ReadTool = { ok: true; tool: ToldTool } | { ok: false; leftOut: LeftOut }

function readTool(server: string, given: unknown): ReadTool {
  const { name, title, description, inputSchema, annotations, execution } = (given ?? {}) as Record<string, unknown>
  const shown = typeof name === 'string' ? shorten(cleanLine(name), SHOWN_NAME) : ''
  const out = (why: string): ReadTool => ({ ok: false, leftOut: { name: shown || '(no name)', why } })
  if (typeof name !== 'string' || !isToolName(server, name)) {
    return out('Its name cannot be used: letters, digits, _, -, . and /, not too long.')
  }
  if ((execution as { taskSupport?: unknown } | null | undefined)?.taskSupport === 'required') {
    return out('It can only be called as a task of its server’s own, which nobody waits for here.')
  }
  const words = [description, title].map(text => (typeof text === 'string' ? visible(text).trim() : ''))
  const told = words.find(text => text !== '') ?? `The tool ${name} of ${server}.`
  if (told.length > MAX_DESCRIPTION) return out(`Its description is longer than ${MAX_DESCRIPTION} characters.`)
  const parameters = readSchema(inputSchema)
  if (typeof parameters === 'string') return out(parameters)
  const isRead = (annotations as { readOnlyHint?: unknown } | null | undefined)?.readOnlyHint === true
  return { ok: true, tool: { name, description: told, parameters, effect: isRead ? 'read' : 'write' } }
}

/** The schema of its arguments, or why it cannot be used. */
function readSchema(given: unknown): JsonSchema | string {
  const first = checkSchema(given).at(0)
  if (first !== undefined) {
    return `Its arguments are described in a way that cannot be used: ${shorten(`${first.path} ${first.message}`, 200)}.`
  }
  // What is checked is what is kept: nobody reads what they cannot see, and models would.
  const schema = harmless(JSON.parse(visible(JSON.stringify(given))) as Json) as JsonSchema
  return schema.type === 'object' ? schema : 'Its arguments are no object.'
}

function weightOf(tool: ToldTool): number {
  return JSON.stringify(tool as unknown as Json).length
}
