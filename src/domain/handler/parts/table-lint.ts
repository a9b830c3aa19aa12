/** What may be wrong with a decision table: cells that cannot be read, values that no row takes, rows that come too late. */
import type { Json } from '../../json/json.ts'
import { type Cell, cellsOf, type Row, readCell, type Table, THEN } from './table.ts'

/** A remark on a table. `row` and `column` say where, if it is about one. */
export interface TableRemark {
  code: 'bad_table' | 'rule_gap' | 'rule_overlap'
  row?: number
  column?: string
  message: string
  fix: string
}

/**
 * Everything that can be told of a table without a task.
 * @param isWhole whether a column holds whole numbers only, so that nothing lies between 10 and 11
 */
export function remarksOn(table: Table, isWhole: (column: string) => boolean): TableRemark[] {
  const broken = brokenIn(table)
  if (broken.length > 0) return broken
  return [...tooLate(table), ...Object.keys(table.columns).flatMap(column => inColumn(table, column, isWhole(column)))]
}

function brokenIn({ columns, rows }: Table): TableRemark[] {
  const names = Object.keys(columns)
  const reserved = names.includes(THEN) ? [aboutName()] : []
  return [...reserved, ...rows.flatMap((row, index) => brokenRow(row, index, names))]
}

function aboutName(): TableRemark {
  const message = '`then` is where a row says what it comes to, so no column can be called so.'
  return { code: 'bad_table', column: THEN, message, fix: 'Give the column another name.' }
}

function brokenRow(row: Row, index: number, columns: string[]): TableRemark[] {
  const at = (column: string, message: string, fix: string): TableRemark => ({
    code: 'bad_table',
    row: index,
    column,
    message,
    fix,
  })
  const missing = THEN in row ? [] : [at(THEN, `Row ${index + 1} does not say what it comes to.`, 'Add its `then`.')]
  const cells = cellsOf(row).flatMap(([column, cell]) => {
    if (!columns.includes(column)) {
      const fix = `Add \`${column}\` to the columns, or take the cell away.`
      return [at(column, `Row ${index + 1} has a cell for \`${column}\`, which is not a column.`, fix)]
    }
    const read = readCell(cell)
    if (!('problem' in read)) return []
    const fix = 'Write a value, a list, a comparison such as `<= 10`, or a range such as `11..500`.'
    return [at(column, `Row ${index + 1}, column ${column}: ${read.problem}.`, fix)]
  })
  return [...missing, ...cells]
}

/** Rows behind one that takes everything, where the first that fits counts. */
function tooLate({ rows, hit }: Table): TableRemark[] {
  const all = rows.findIndex(row => cellsOf(row).length === 0)
  if (hit === 'all' || all === -1 || all === rows.length - 1) return []
  const message = `Row ${all + 1} takes everything, so the rows behind it are never reached.`
  return [{ code: 'rule_overlap', row: all, message, fix: 'Move it to the end, or give it a cell.' }]
}

/** A span of numbers; `open` says that the end itself does not belong to it. */
interface Span {
  row: number
  from: number
  to: number
  fromOpen: boolean
  toOpen: boolean
}

/** Gaps and overlaps in one column of numbers, among rows that are alike in all others. */
function inColumn(table: Table, column: string, whole: boolean): TableRemark[] {
  const groups = new Map<string, Span[]>()
  for (const [index, row] of table.rows.entries()) {
    if (row[column] === undefined) continue
    const spans = spansOf(row[column], index)
    if (spans === null) continue
    const key = JSON.stringify(
      cellsOf(row)
        .filter(([name]) => name !== column)
        .toSorted(),
    )
    groups.set(key, [...(groups.get(key) ?? []), ...spans])
  }
  return [...groups].flatMap(([key, spans]) => {
    const sorted = spans.toSorted((a, b) => a.from - b.from || Number(a.fromOpen) - Number(b.fromOpen))
    const overlaps = table.hit === 'all' ? [] : overlapsIn(sorted, column, whole)
    return [...overlaps, ...(takesRest(table, column, key) ? [] : gapsIn(sorted, column, whole))]
  })
}

/** Whether a row takes what is in none of the spans: one without this column, and with no cell that the others lack. */
function takesRest({ rows }: Table, column: string, key: string): boolean {
  const others = JSON.parse(key) as [string, Json][]
  return rows.some(row => {
    if (row[column] !== undefined) return false
    return cellsOf(row).every(([name, cell]) =>
      others.some(([other, value]) => other === name && JSON.stringify(value) === JSON.stringify(cell)),
    )
  })
}

/** The numbers that a cell takes; null: it is not about numbers. */
function spansOf(written: Json, row: number): Span[] | null {
  const cell = readCell(written)
  if ('problem' in cell) return null
  const cells = cell.kind === 'list' ? cell.cells : [cell]
  const spans = cells.map(each => spanOf(each, row))
  return spans.includes(null) ? null : (spans as Span[])
}

function spanOf(cell: Cell, row: number): Span | null {
  const closed = { row, fromOpen: false, toOpen: false }
  switch (cell.kind) {
    case 'is':
      return typeof cell.value === 'number' ? { ...closed, from: cell.value, to: cell.value } : null
    case 'range':
      return { ...closed, from: cell.from, to: cell.to }
    case 'compare': {
      const open = cell.op === '<' || cell.op === '>'
      return cell.op.startsWith('<')
        ? { ...closed, from: -Infinity, to: cell.than, toOpen: open }
        : { ...closed, from: cell.than, to: Infinity, fromOpen: open }
    }
    case 'list':
      return null
  }
}

function overlapsIn(spans: Span[], column: string, whole: boolean): TableRemark[] {
  const found: TableRemark[] = []
  for (const [index, one] of spans.entries()) {
    for (const other of spans.slice(index + 1)) {
      if (one.row === other.row || !meet(one, other, whole)) continue
      const [first, second] = [Math.min(one.row, other.row), Math.max(one.row, other.row)]
      const message = `Rows ${first + 1} and ${second + 1} both take ${shared(one, other)} in ${column}; row ${first + 1} comes first.`
      found.push({
        code: 'rule_overlap',
        row: second,
        column,
        message,
        fix: 'Make their ranges end where the next begins.',
      })
    }
  }
  return found
}

function meet(one: Span, other: Span, whole: boolean): boolean {
  const [to, from] = [last(one, whole), first(other, whole)]
  if (to !== from) return to > from
  return !(whole ? false : one.toOpen || other.fromOpen)
}

/** The last number of a span, where numbers are whole; else its end. */
function last({ to, toOpen }: Span, whole: boolean): number {
  return whole ? (toOpen ? Math.ceil(to) - 1 : Math.floor(to)) : to
}

function first({ from, fromOpen }: Span, whole: boolean): number {
  return whole ? (fromOpen ? Math.floor(from) + 1 : Math.ceil(from)) : from
}

function shared(one: Span, other: Span): string {
  const to = Math.min(one.to, other.to)
  if (other.from === to) return String(to)
  if (to === Infinity) return `what is ${other.fromOpen ? 'above' : 'at least'} ${other.from}`
  return other.from === -Infinity ? `what is below ${to}` : `${other.from} to ${to}`
}

/** Numbers between, below and above the spans. */
function gapsIn(spans: Span[], column: string, whole: boolean): TableRemark[] {
  const gap = (row: number, where: string): TableRemark => ({
    code: 'rule_gap',
    row,
    column,
    message: `No row takes ${column} ${where}.`,
    fix: 'Widen a range, or add a last row without cells for the rest.',
  })
  const found: TableRemark[] = []
  let reach: Span | null = null
  for (const span of spans) {
    if (reach === null) {
      if (span.from !== -Infinity) found.push(gap(span.row, `below ${span.from}`))
    } else if (isGap(reach, span, whole)) {
      found.push(gap(span.row, reach.to === span.from ? `of ${span.from}` : `between ${reach.to} and ${span.from}`))
    }
    if (reach === null || span.to > reach.to || (span.to === reach.to && reach.toOpen)) reach = span
  }
  if (reach !== null && reach.to !== Infinity) found.push(gap(reach.row, `above ${reach.to}`))
  return found
}

function isGap(before: Span, after: Span, whole: boolean): boolean {
  if (whole) return first(after, true) - last(before, true) > 1
  return after.from > before.to || (after.from === before.to && before.toOpen && after.fromOpen)
}
