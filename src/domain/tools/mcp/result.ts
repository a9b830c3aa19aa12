/** What a call of an MCP tool came to: its structured content, or else its texts. */
import type { Json } from '../../json/json.ts'
import { BODY_LIMITS, guardValue } from '../../json/json-guard.ts'
import { cleanLine, wellFormed } from '../../text/clean.ts'
import { shorten } from '../../text/cut.ts'
import { harmless } from '../../text/harmless.ts'

const SHOWN_CHARS = 300

/** What a server answers to a call, as the protocol has it; every part may be missing or wrong. */
export interface CallAnswer {
  content?: unknown
  structuredContent?: unknown
  isError?: unknown
}

export type McpResult =
  | { kind: 'done'; result: Json }
  /** The tool itself says that it failed. */
  | { kind: 'failed'; message: string }
  | { kind: 'unreadable'; message: string }

/** Reads the answer. Images, sounds and files are named, and not kept; where there is nothing else it is unreadable. */
export function readCallAnswer({ content, structuredContent, isError }: CallAnswer): McpResult {
  const parts = Array.isArray(content) ? content : []
  const texts = parts.flatMap(part => textIn(part) ?? [])
  const text = wellFormed(texts.join('\n\n'))
  if (isError === true) {
    const said = shorten(cleanLine(text), SHOWN_CHARS)
    return { kind: 'failed', message: said === '' ? 'It failed and does not say why.' : said }
  }
  if (structuredContent !== undefined && structuredContent !== null) {
    const refusal = guardValue(structuredContent, { ...BODY_LIMITS, maxNodes: 50_000 })
    if (refusal === null) return { kind: 'done', result: harmless(structuredContent as Json) }
    if (texts.length === 0) return { kind: 'unreadable', message: `Its result cannot be kept: ${refusal.message}` }
  }
  const others = parts.flatMap(part => (textIn(part) === null ? [aboutBinary(part)] : []))
  if (texts.length === 0 && others.length > 0) {
    return { kind: 'unreadable', message: `Its result is no text: ${shorten(others.join(', '), SHOWN_CHARS)}.` }
  }
  const notes = others.map(other => `[${other}: not kept]`)
  return { kind: 'done', result: [text, ...notes].filter(line => line !== '').join('\n\n') }
}

/** The text of a part of an answer; null: it has none. */
function textIn(part: unknown): string | null {
  const { type, text, uri, resource } = (part ?? {}) as Record<string, unknown>
  if (type === 'text') return typeof text === 'string' ? text : ''
  if (type === 'resource_link') return typeof uri === 'string' ? uri : ''
  const inner = (resource as { text?: unknown } | null | undefined)?.text
  return type === 'resource' && typeof inner === 'string' ? inner : null
}

function aboutBinary(part: unknown): string {
  const { type, mimeType, resource } = (part ?? {}) as Record<string, unknown>
  const inner = (resource as { mimeType?: unknown } | null | undefined)?.mimeType
  const kind = [mimeType, inner, type].find(each => typeof each === 'string') ?? 'something'
  return shorten(cleanLine(String(kind)), 80)
}
