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

/** Parses a raw mail, within limits: parts in parts, and headers, without end are refused by throwing. */
export function parseMime(raw: Uint8Array): Promise<Email> {
  const parser = new PostalMime({ maxNestingDepth: 30, maxHeadersSize: 128 * 1024 })
  const inside = parser as unknown as Inside
  Object.getPrototypeOf(inside.root).decodeFlowedText = unflow
  const render = inside.renderTextContent
  inside.renderTextContent = function () {
    for (const entry of this.textMap.values()) {
      if (entry.plain !== undefined || entry.html === undefined) continue
      entry.plain = entry.html.map(one => (one.type === 'text' ? { ...one, value: htmlToText(one.value) } : one))
      this.textTypes.add('plain')
    }
    render.call(this)
  }
  return parser.parse(raw)
}
