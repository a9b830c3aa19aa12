/** The text of HTML, of a mail or a page, for readers and models: no markup survives it, and it takes time in proportion to its length. */
import { decodeHTMLAttribute } from 'entities'

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

/** The title of a page; null where it gives none. */
export function titleOfHtml(html: string): string | null {
  const open = /<title\b[^<>]{0,200}>/i.exec(html)
  if (open === null) return null
  const from = open.index + open[0].length
  const end = html.indexOf('<', from)
  const title = plain(html.slice(from, end < 0 ? from + 1000 : end)).trim()
  return title === '' ? null : title
}

/** Where a link leads, and the place in the text where its words begin. */
interface OpenLink {
  to: string
  begins: number
}

interface Walk {
  parts: string[]
  /** Elements that are never closed. */
  unclosed: Set<string>
  link: OpenLink | null
}

/** What begins a tag; any other `<` is text. */
const TAG = /<[A-Za-z/!?]/g

/** Walks the tags one by one; what is between them is the text. Links say where they lead: `text [address]`. */
export function htmlToText(html: string): string {
  const walk: Walk = { parts: [], unclosed: new Set(), link: null }
  let at = 0
  while (at < html.length) {
    TAG.lastIndex = at
    const open = TAG.exec(html)?.index ?? -1
    if (open < 0) {
      walk.parts.push(plain(html.slice(at)))
      break
    }
    walk.parts.push(plain(html.slice(at, open)))
    at = afterTag(html, open, walk)
  }
  closeLink(walk)
  return tidy(walk.parts.join(''))
}

/** Writes what a tag stands for and answers where to read on. */
function afterTag(html: string, open: number, walk: Walk): number {
  const { parts } = walk
  if (html.startsWith('<!--', open)) return after(html, '-->', open + 4)
  const start = /^<([/!?]?)([A-Za-z][A-Za-z0-9]*)?/.exec(html.slice(open, open + 40))!
  const [whole, mark, tag] = start
  const end = tagEnd(html, open)
  const name = tag?.toLowerCase() ?? ''
  if (mark === '' && SILENT.has(name)) return afterElement(html, name, end, walk.unclosed)
  if (name === 'a') {
    closeLink(walk)
    if (mark === '') openLink(walk, html.slice(open + whole.length, end))
  }
  if (BREAKS.has(name)) parts.push('\n')
  if (name === 'li' && mark === '') parts.push('- ')
  if (name === 'td' || name === 'th') parts.push(' ')
  return end
}

/** Only what a reader could follow: nothing within the mail, no script. */
const LEADS = /^(https?:\/\/|mailto:|tel:)/i

function openLink(walk: Walk, attributes: string): void {
  const to = references(attribute(attributes, 'href') ?? '').replace(/[\s\p{Cc}]+/gu, '')
  if (LEADS.test(to)) walk.link = { to, begins: walk.parts.length }
}

function attribute(attributes: string, wanted: string): string | undefined {
  for (const [, name, value] of attributes.matchAll(/([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]*))?/g)) {
    if (name!.toLowerCase() === wanted) return value?.replace(/^(["'])(.*)\1$/s, '$2')
  }
  return undefined
}

/** The address stands behind the words, unless they say it already. */
function closeLink(walk: Walk): void {
  const { link, parts } = walk
  walk.link = null
  if (link === null) return
  const words = parts.slice(link.begins).join('')
  if (bare(words) !== bare(link.to)) parts.push(`${/(^|\s)$/.test(words) ? '' : ' '}[${link.to}]`)
}

function bare(address: string): string {
  return address
    .trim()
    .toLowerCase()
    .replace(/^(https?:\/\/|mailto:|tel:)/, '')
    .replace(/\/$/, '')
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

/** Where the tag ends; a `>` within a quoted attribute is none of it. */
function tagEnd(html: string, open: number): number {
  const mark = /=\s*(["'])|>/g
  mark.lastIndex = open
  for (let found = mark.exec(html); found !== null; found = mark.exec(html)) {
    const [, quote] = found
    if (quote === undefined) return mark.lastIndex
    const closing = html.indexOf(quote, mark.lastIndex)
    if (closing < 0) return after(html, '>', mark.lastIndex)
    mark.lastIndex = closing + 1
  }
  return html.length
}

function plain(text: string): string {
  return references(text.replace(/\s+/g, ' '))
}

/** Each reference once, as a browser reads it; one without its semicolon only where the word ends with it. */
function references(text: string): string {
  const visible = text.replace(/&#(?:0+|x0+);?(?![0-9a-f])/gi, ' ')
  return decodeHTMLAttribute(visible).replace(/[\p{Cc}\u00a0]/gu, ' ')
}

function tidy(text: string): string {
  const lines = text.split('\n').map(line => line.trim())
  const kept = lines.filter((line, place) => line !== '' || (place > 0 && lines[place - 1] !== ''))
  return kept.join('\n').trim()
}
