/** The text of an HTML mail, for readers and models: no markup survives it, and it takes time in proportion to its length. */

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }
/** Their content is not meant to be read. */
const SILENT = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg'])
const BREAKS = new Set([
  'br',
  'p',
  'div',
  'tr',
  'li',
  'ul',
  'ol',
  'table',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'hr',
  'section',
  'article',
  'header',
  'footer',
  'pre',
])

/** Walks the tags one by one; what is between them is the text. */
export function htmlToText(html: string): string {
  const parts: string[] = []
  const unclosed = new Set<string>()
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open < 0) {
      parts.push(plain(html.slice(at)))
      break
    }
    parts.push(plain(html.slice(at, open)))
    at = afterTag(html, open, parts, unclosed)
  }
  return tidy(parts.join(''))
}

/** Writes what a tag stands for and answers where to read on. */
function afterTag(html: string, open: number, parts: string[], unclosed: Set<string>): number {
  if (html.startsWith('<!--', open)) return after(html, '-->', open + 4)
  const start = /^<([/!?]?)([A-Za-z][A-Za-z0-9]*)?/.exec(html.slice(open, open + 40))!
  const [, mark, tag] = start
  // A bare "<" is text.
  if (mark === '' && tag === undefined) {
    parts.push('<')
    return open + 1
  }
  const end = after(html, '>', open)
  const name = tag?.toLowerCase() ?? ''
  if (mark === '' && SILENT.has(name)) return afterElement(html, name, end, unclosed)
  if (BREAKS.has(name)) parts.push('\n')
  if (name === 'li' && mark === '') parts.push('- ')
  if (name === 'td' || name === 'th') parts.push(' ')
  return end
}

function afterElement(html: string, name: string, from: number, unclosed: Set<string>): number {
  // One that is never closed hides nothing, and is not looked for again: better some style in the text than a mail without one.
  if (unclosed.has(name)) return from
  const end = new RegExp(`</${name}\\b`, 'gi')
  end.lastIndex = from
  const found = end.exec(html)
  if (found) return after(html, '>', found.index)
  unclosed.add(name)
  return from
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from)
  return found < 0 ? html.length : found + mark.length
}

function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole, name: string) => entity(name) ?? whole)
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()]
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  const isCharacter = code > 31 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isCharacter ? String.fromCodePoint(code) : ' '
}

function tidy(text: string): string {
  const lines = text.split('\n').map(line => line.trim())
  const kept = lines.filter((line, place) => line !== '' || (place > 0 && lines[place - 1] !== ''))
  return kept.join('\n').trim()
}
