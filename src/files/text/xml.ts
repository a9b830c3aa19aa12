/** The tags and texts of XML as office files hold it, one by one. A document type is refused: nothing in it is expanded or fetched. */
import { decodeXML } from 'entities'

export type Token =
  | { kind: 'open'; name: string; attributes: string; empty: boolean }
  | { kind: 'close'; name: string }
  | { kind: 'text'; text: string }

/** Whether it declares a type of document, which alone can bring entities of its own. */
export function hasDoctype(xml: string): boolean {
  return /<!(?:DOCTYPE|ENTITY)/i.test(xml)
}

/** Walks the XML in time in proportion to its length; comments and instructions are passed over. */
export function* tokensOf(xml: string): Generator<Token> {
  for (let at = 0; at < xml.length; ) {
    const open = xml.indexOf('<', at)
    const text = xml.slice(at, open < 0 ? xml.length : open)
    if (text !== '') yield { kind: 'text', text: decodeXML(text) }
    if (open < 0) return
    if (xml.startsWith('<![CDATA[', open)) {
      const end = endOf(xml, ']]>', open)
      yield { kind: 'text', text: xml.slice(open + 9, end) }
      at = end + 3
      continue
    }
    const mark = xml.startsWith('<!--', open) ? '-->' : '>'
    const end = endOf(xml, mark, open)
    const token = tokenOf(xml.slice(open + 1, end))
    if (token !== null) yield token
    at = end + mark.length
  }
}

function tokenOf(tag: string): Token | null {
  if (tag.startsWith('!') || tag.startsWith('?')) return null
  if (tag.startsWith('/')) return { kind: 'close', name: tag.slice(1).trim() }
  const empty = tag.endsWith('/')
  const inner = empty ? tag.slice(0, -1) : tag
  const space = inner.search(/\s/)
  return space < 0
    ? { kind: 'open', name: inner, attributes: '', empty }
    : { kind: 'open', name: inner.slice(0, space), attributes: inner.slice(space), empty }
}

function endOf(xml: string, mark: string, from: number): number {
  const end = xml.indexOf(mark, from)
  return end < 0 ? xml.length : end
}

/** The value of an attribute; null: it has none. */
export function attribute(attributes: string, name: string): string | null {
  for (const [, own, double, single] of attributes.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    if (own === name) return decodeXML(double ?? single ?? '')
  return null
}
