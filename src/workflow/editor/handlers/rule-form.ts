/** A decision table as fields of a form, and back; pure. A cell is typed as people say it: `<= 10`, `11..500`, `DE, AT`. */
import { type Row, readCell, type Table, THEN } from '../../../domain/handler/parts/table.ts'
import type { Json } from '../../../domain/json/json.ts'
import { compact, type FormMistake, inOrder, mistake, type Values, wordOf } from '../../forms/form-values.ts'
import { jsonOf, pairsOf } from '../../forms/pairs.ts'

/** As many as a table may have. */
const MOST_COLUMNS = 12
const MOST_ROWS = 200

/** The names of the form's fields. */
export const columnField = (place: number, part: 'name' | 'value') => `rule_column-${place}-${part}`
export const cellField = (row: number, column: number) => `rule_row-${row}-${column}`
export const thenField = (row: number) => `rule_row-${row}-then`
export const orderField = (row: number) => `rule_row-${row}-order`

/** The table's fields, as the form shows them. */
export function tableValues({ columns, rows, hit }: Table): Record<string, string | undefined> {
  const names = Object.keys(columns)
  const heads = shownColumns(names.length).flatMap(place => [
    [columnField(place, 'name'), names[place]],
    [columnField(place, 'value'), columns[names[place] ?? '']],
  ])
  const cells = shownRows(rows.length).flatMap(index => {
    const row = rows[index] ?? {}
    return [
      [orderField(index), rows[index] && String(index + 1)],
      [thenField(index), row[THEN] === undefined ? undefined : thenText(row[THEN])],
      ...names.map((name, place) => [
        cellField(index, place),
        row[name] === undefined ? undefined : cellText(row[name]),
      ]),
    ]
  })
  return { rule_hit: hit === 'all' ? 'all' : undefined, ...Object.fromEntries([...heads, ...cells]) }
}

/** The places of the columns that a form shows: those there are, and room for another. */
export function shownColumns(count: number): number[] {
  return Array.from({ length: Math.min(count + 1, MOST_COLUMNS) }, (_, place) => place)
}

/** The places of the rows that a form shows: those there are, and room for two more. */
export function shownRows(count: number): number[] {
  return Array.from({ length: Math.min(count + 2, MOST_ROWS) }, (_, row) => row)
}

/** How many columns and rows the form holds. */
export function tableSize(values: Values): { columns: number; rows: number } {
  const columns = countOf(MOST_COLUMNS, place =>
    filled(values, columnField(place, 'name'), columnField(place, 'value')),
  )
  return { columns, rows: countOf(MOST_ROWS, row => isRow(values, row, columns)) }
}

function countOf(most: number, has: (place: number) => boolean): number {
  for (let count = most; count > 0; count--) if (has(count - 1)) return count
  return 0
}

function filled(values: Values, ...names: string[]): boolean {
  return names.some(name => wordOf(values, name) !== undefined)
}

function isRow(values: Values, row: number, columns: number): boolean {
  const cells = Array.from({ length: columns }, (_, place) => cellField(row, place))
  return filled(values, thenField(row), ...cells)
}

/** Reads the table; what is left empty altogether is no row and no column. */
export function readTable(values: Values, before: Table): { ok: true; table: Table } | FormMistake {
  const size = tableSize(values)
  const columns: [place: number, name: string, value: string][] = []
  for (let place = 0; place < size.columns; place++) {
    const name = wordOf(values, columnField(place, 'name'))
    const value = wordOf(values, columnField(place, 'value'))
    if (name === undefined && value === undefined) continue
    if (name === undefined || !/^[a-z][a-z0-9_]{0,39}$/.test(name) || name === THEN)
      return mistake('rule_hit', 'Name each column in small letters, digits and _, such as “country”; “then” is taken.')
    if (value === undefined)
      return mistake('rule_hit', `Say what the column “${name}” looks at, such as input.${name}.`)
    if (columns.some(([, other]) => other === name)) return mistake('rule_hit', `Two columns are called “${name}”.`)
    columns.push([place, name, value])
  }
  const rows = readRows(values, size.rows, columns)
  if (!Array.isArray(rows)) return rows
  if (rows.length === 0) return mistake('rule_hit', 'Give the table a row at least.')
  const table = {
    columns: Object.fromEntries(columns.map(([, name, value]) => [name, value])),
    hit: values.rule_hit === 'all' ? ('all' as const) : before.hit === 'first' ? before.hit : undefined,
    rows,
  }
  return { ok: true, table: inOrder(compact(table), before, ['columns', 'hit', 'rows']) as Table }
}

function readRows(values: Values, count: number, columns: [number, string, string][]): Row[] | FormMistake {
  const rows: { order: number; row: Row }[] = []
  for (let index = 0; index < count; index++) {
    if (!isRow(values, index, MOST_COLUMNS)) continue
    const row: Row = {}
    for (const [place, name] of columns) {
      const text = wordOf(values, cellField(index, place))
      if (text === undefined) continue
      const read = readCell(cellOf(text))
      if ('problem' in read) return mistake('rule_hit', `Row ${index + 1}, ${name}: ${read.problem}.`)
      row[name] = cellOf(text)
    }
    const then = wordOf(values, thenField(index))
    if (then === undefined) return mistake('rule_hit', `Say what row ${index + 1} comes to.`)
    const read = thenOf(then)
    if ('problem' in read) return mistake('rule_hit', `Row ${index + 1}: ${read.problem}`)
    row[THEN] = read.value
    const order = Number(wordOf(values, orderField(index)) ?? index + 1)
    rows.push({ order: Number.isFinite(order) ? order : index + 1, row })
  }
  return rows.toSorted((a, b) => a.order - b.order).map(({ row }) => row)
}

/** A cell as it is typed: plain where it is read back the same, else as JSON. */
export function cellText(cell: Json): string {
  const plain = Array.isArray(cell) ? cell.map(scalarText).join(', ') : scalarText(cell)
  return JSON.stringify(cellOf(plain)) === JSON.stringify(cell) ? plain : JSON.stringify(cell)
}

function scalarText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A typed cell: JSON where it is, several values between commas, else a number, yes or no, or text. */
export function cellOf(text: string): Json {
  const whole = text.trim()
  if (/^[["]/.test(whole)) {
    const read = jsonOf(whole)
    return 'problem' in read ? whole : read.value
  }
  return whole.includes(',') ? whole.split(',').map(part => scalarOf(part.trim())) : scalarOf(whole)
}

function scalarOf(text: string): Json {
  if (/^-?\d+(\.\d+)?$/.test(text)) return exact(text)
  if (text === 'true' || text === 'false') return text === 'true'
  return text === 'null' ? null : text
}

/** A number that its digits say exactly; else the text. */
function exact(text: string): Json {
  return String(Number(text)) === text ? Number(text) : text
}

/** What a row comes to, as it is typed. */
export function thenText(then: Json): string {
  const plain = pairsLine(then) ?? scalarText(then)
  const read = thenOf(plain)
  return 'value' in read && JSON.stringify(read.value) === JSON.stringify(then) ? plain : JSON.stringify(then)
}

function pairsLine(then: Json): string | null {
  if (typeof then !== 'object' || then === null || Array.isArray(then)) return null
  const entries = Object.entries(then)
  const [first] = entries
  return entries.length === 1 && first !== undefined ? `${first[0]}: ${scalarText(first[1])}` : null
}

/** A typed output: `segment: smb` is an object, as is JSON in braces; else a value or a text. */
export function thenOf(text: string): { value: Json } | { problem: string } {
  const whole = text.trim()
  if (/^[[{"]/.test(whole)) return jsonOf(whole)
  if (/^[a-z_]\w*:\s/.test(whole)) {
    const pairs = pairsOf(whole)
    if (typeof pairs === 'string') return { problem: pairs }
    const typed = Object.entries(pairs).map(([name, value]) => [name, scalarOf(String(value))])
    return { value: Object.fromEntries(typed) }
  }
  return { value: scalarOf(whole) }
}
