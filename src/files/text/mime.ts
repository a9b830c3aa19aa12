/** The MIME parser, with two of its readings replaced by ours: flowed text, and the text of HTML that comes without one. */
import PostalMime, { type Email } from 'postal-mime'
import { htmlToText } from '../../domain/text/html.ts'
import { unflow } from './flowed.ts'

/** What the parser does not declare. The tests of mail's bytes fail when a version of it no longer works like this. */
interface Inside {
  root: object
  textMap: Map<object, { plain?: Entry[]; html?: Entry[] }>
  textTypes: Set<'plain' | 'html'>
  renderTextContent(): void
}

type Entry = { type: 'text'; value: string } | { type: 'subMessage'; value: Email }

/** Each line costs the parser more than its bytes, and one that may part two parts costs most. No mail of people has so many. */
const MOST_LINES = 20_000
const MOST_DASHED = 1000

/** Whether a raw mail is made of more lines, or of more that begin as the borders of parts do, than are read. */
export function hasTooManyLines(raw: Uint8Array): boolean {
  let lines = 0
  let dashed = 0
  for (let at = raw.indexOf(0x0a); at >= 0; at = raw.indexOf(0x0a, at + 1)) {
    if (raw[at + 1] === 0x2d && raw[at + 2] === 0x2d) dashed++
    if (++lines > MOST_LINES || dashed > MOST_DASHED) return true
  }
  return false
}

/** `fromHtml`: what its text is was read from its HTML, as some part came without one. */
export type ParsedMail = Email & { fromHtml: boolean }

/** Parses a raw mail, within limits: parts in parts, headers, and lines, without end are refused by throwing. */
export async function parseMime(raw: Uint8Array): Promise<ParsedMail> {
  if (hasTooManyLines(raw)) throw new Error('the mail has too many lines')
  const parser = new PostalMime({ maxNestingDepth: 30, maxHeadersSize: 128 * 1024 })
  const inside = parser as unknown as Inside
  Object.getPrototypeOf(inside.root).decodeFlowedText = unflow
  const render = inside.renderTextContent
  let fromHtml = false
  inside.renderTextContent = function () {
    for (const entry of this.textMap.values()) {
      if (entry.plain !== undefined || entry.html === undefined) continue
      entry.plain = entry.html.map(one => (one.type === 'text' ? { ...one, value: htmlToText(one.value) } : one))
      this.textTypes.add('plain')
      fromHtml = true
    }
    render.call(this)
  }
  const mail = await parser.parse(raw)
  return { ...mail, fromHtml }
}
