/** The text of Word and PowerPoint files: paragraphs as lines, cells of tables side by side, notes behind the body. Macros are passed over. */
import { tokensOf } from './xml.ts'

const WORD_PARTS = /^word\/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml$/
const SLIDE = /^ppt\/slides\/slide(\d+)\.xml$/

export const isWordPart = (name: string) => WORD_PARTS.test(name)
export const isSlide = (name: string) => SLIDE.test(name)

/** Headers, the document, footers and notes, in this order. */
export function textOfWord(parts: ReadonlyMap<string, string>): string {
  const order = ['header', 'document', 'footer', 'footnotes', 'endnotes']
  const place = (name: string) => order.findIndex(each => name.startsWith(`word/${each}`))
  const names = [...parts.keys()].sort((a, b) => place(a) - place(b) || a.localeCompare(b))
  return joined(names.map(name => paragraphs(parts.get(name)!)))
}

/** The slides in the order of their numbers. */
export function textOfSlides(parts: ReadonlyMap<string, string>): string {
  const number = (name: string) => Number(SLIDE.exec(name)?.[1] ?? 0)
  const names = [...parts.keys()].sort((a, b) => number(a) - number(b))
  return joined(names.map(name => paragraphs(parts.get(name)!)))
}

function joined(texts: string[]): string {
  const given = texts.map(text => text.trim()).filter(text => text !== '')
  // The same header often stands once for each kind of page.
  return [...new Set(given)].join('\n\n')
}

/** What a tag stands for where it begins or is empty, by its name without its namespace. */
const MARKS: Record<string, string> = { tab: '\t', br: '\n', cr: '\n', noBreakHyphen: '-' }

function paragraphs(xml: string): string {
  const out: string[] = []
  /** Within the text of a run, a cell, and what is there a second time for older readers. */
  let text = 0
  let cell = 0
  let again = 0
  for (const token of tokensOf(xml)) {
    if (token.kind === 'text') {
      if (text > 0 && again === 0) out.push(token.text)
      continue
    }
    const local = token.name.slice(token.name.indexOf(':') + 1)
    const step = token.kind === 'close' ? -1 : token.empty ? 0 : 1
    if (local === 'Fallback') again += step
    if (again > 0) continue
    if (local === 't') text += step
    if (local === 'tc') cell += step
    if (token.kind === 'open' && MARKS[local] !== undefined && !inProperties(token.name, token.attributes))
      out.push(MARKS[local])
    const ends = token.kind === 'close' || token.empty
    if (!ends) continue
    if (local === 'p') out.push(cell > 0 ? ' ' : '\n')
    if (local === 'tc') out.push('\t')
    if (local === 'tr') out.push('\n')
  }
  return out
    .join('')
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/ +\t/g, '\t')
}

/** A tab stop of a paragraph's properties goes by the name of a tab. */
function inProperties(name: string, attributes: string): boolean {
  return name.endsWith('tab') && attributes.includes('pos=')
}
