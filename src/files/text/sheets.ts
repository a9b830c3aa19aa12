/** The text of Excel files: each sheet by its name, a row a line, cells behind tabs. Of a formula its last value, of a date its day. */
import { attribute, tokensOf } from './xml.ts'

const PARTS = /^xl\/(?:workbook\.xml|_rels\/workbook\.xml\.rels|sharedStrings\.xml|styles\.xml|worksheets\/[^/]+\.xml)$/
/** Empty cells between two are kept up to here, so that a lone cell far right makes no long line. */
const MOST_EMPTY = 50

export const isSheetPart = (name: string) => PARTS.test(name)

interface Book {
  strings: string[]
  /** By style: whether its numbers are dates. */
  dates: boolean[]
  /** Days between the sheet's first day and 1 January 1970. */
  epoch: number
}

/** The sheets in the order of the workbook; no more than about `most` characters. */
export function textOfSheets(parts: ReadonlyMap<string, string>, most: number): string {
  const workbook = parts.get('xl/workbook.xml') ?? ''
  const targets = targetsOf(parts.get('xl/_rels/workbook.xml.rels') ?? '')
  const book: Book = {
    strings: stringsOf(parts.get('xl/sharedStrings.xml') ?? ''),
    dates: datesOf(parts),
    epoch: 25_569,
  }
  const out: string[] = []
  let length = 0
  for (const token of tokensOf(workbook)) {
    if (token.kind !== 'open') continue
    if (token.name.endsWith('workbookPr') && /^(?:1|true)$/.test(attribute(token.attributes, 'date1904') ?? ''))
      book.epoch = 24_107
    if (!/(?:^|:)sheet$/.test(token.name)) continue
    const xml = parts.get(targets.get(attribute(token.attributes, 'r:id') ?? '') ?? '')
    const text = xml === undefined ? '' : rowsOf(xml, book, most - length)
    if (text === '') continue
    out.push(`${attribute(token.attributes, 'name') ?? ''}\n${text}`)
    length += text.length
    if (length >= most) break
  }
  return out.join('\n\n')
}

function targetsOf(xml: string): Map<string, string> {
  const targets = new Map<string, string>()
  for (const token of tokensOf(xml)) {
    if (token.kind !== 'open') continue
    const target = attribute(token.attributes, 'Target')
    const id = attribute(token.attributes, 'Id')
    if (target !== null && id !== null) targets.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target}`)
  }
  return targets
}

function stringsOf(xml: string): string[] {
  const strings: string[] = []
  let current = ''
  let inText = false
  let phonetic = false
  for (const token of tokensOf(xml)) {
    if (token.kind === 'text') {
      if (inText && !phonetic) current += token.text
      continue
    }
    const begins = token.kind === 'open' && !token.empty
    if (token.name === 't') inText = begins
    if (token.name === 'rPh') phonetic = begins
    if (token.name === 'si' && !begins) {
      strings.push(current)
      current = ''
    }
  }
  return strings
}

function datesOf(parts: ReadonlyMap<string, string>): boolean[] {
  const own = new Map<string, boolean>()
  const dates: boolean[] = []
  let inCells = false
  for (const token of tokensOf(parts.get('xl/styles.xml') ?? '')) {
    if (token.kind === 'text') continue
    if (token.name === 'cellXfs') inCells = token.kind === 'open'
    if (token.kind !== 'open') continue
    const id = attribute(token.attributes, 'numFmtId') ?? ''
    if (token.name === 'numFmt') own.set(id, isDateFormat(attribute(token.attributes, 'formatCode') ?? ''))
    if (token.name === 'xf' && inCells) dates.push(own.get(id) ?? isDateNumber(Number(id)))
  }
  return dates
}

const isDateNumber = (id: number) => (id >= 14 && id <= 17) || id === 22

function isDateFormat(code: string): boolean {
  return /[yd]/i.test(code.replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, ''))
}

interface Cell {
  type: string
  style: number
  value: string
}

function rowsOf(xml: string, book: Book, most: number): string {
  const lines: string[] = []
  let length = 0
  let row: string[] = []
  let cell: Cell | null = null
  let reads = false
  for (const token of tokensOf(xml)) {
    if (token.kind === 'text') {
      if (reads && cell !== null) cell.value += token.text
      continue
    }
    const begins = token.kind === 'open' && !token.empty
    if (token.name === 'v' || token.name === 't') reads = begins
    if (token.name === 'c' && token.kind === 'open') {
      const place = columnOf(attribute(token.attributes, 'r') ?? '')
      for (let empty = 0; row.length < place && empty < MOST_EMPTY; empty++) row.push('')
      const style = Number(attribute(token.attributes, 's') ?? 0)
      cell = { type: attribute(token.attributes, 't') ?? 'n', style, value: '' }
    }
    if (token.name === 'c' && !begins && cell !== null) {
      row.push(shown(cell, book))
      cell = null
    }
    if (token.name === 'row' && !begins) {
      const line = row.join('\t').trimEnd()
      if (line !== '') lines.push(line)
      length += line.length
      row = []
      if (length >= most) break
    }
  }
  return lines.join('\n')
}

/** The place of a cell in its row, from 0, by its letters; -1: it does not say. */
function columnOf(reference: string): number {
  let column = 0
  for (const letter of /^[A-Z]{0,3}/.exec(reference)?.[0] ?? '') column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

function shown({ type, style, value }: Cell, book: Book): string {
  if (type === 's') return line(book.strings[Number(value)] ?? '')
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  const isDate = type === 'n' && value !== '' && book.dates[style] === true
  return isDate ? day(Number(value), book.epoch) : line(value)
}

const line = (text: string) => text.replaceAll(/[\t\r\n]+/g, ' ').trim()

function day(serial: number, epoch: number): string {
  const at = new Date(Math.round((serial - epoch) * 86_400) * 1000)
  if (Number.isNaN(at.getTime())) return String(serial)
  const text = at.toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 19)
}
