/** A decision table: what its cells say, and which rows fit a task's values. */
import { z } from 'zod'
import { evaluateValue } from '../../handoff/condition.ts'
import type { Json } from '../../json/json.ts'
import type { Scope } from '../../template/scope.ts'
import { shorten } from '../../text/cut.ts'

/** The key of a row that holds what it comes to; every other names a column. */
export const THEN = 'then'
const MAX_COLUMNS = 12
const MAX_ROWS = 200
/** Longest value in a sentence, in characters. */
const MAX_SHOWN = 60

const valueSchema = z.custom<Json>(value => value !== undefined, 'must be JSON')
const columnName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'must start with a letter and hold only a–z, 0–9 and _')

export const ruleSchema = z.strictObject({
  columns: z
    .record(columnName, z.string().min(1).max(2000))
    .refine(columns => Object.keys(columns).length <= MAX_COLUMNS, `must be ${MAX_COLUMNS} columns at most`),
  hit: z.enum(['first', 'all']).optional(),
  rows: z
    .array(z.record(z.string().max(40), valueSchema))
    .min(1)
    .max(MAX_ROWS),
})
export type Table = z.infer<typeof ruleSchema>
export type Row = Table['rows'][number]

/** What a cell asks of its column's value. */
export type Cell =
  | { kind: 'is'; value: Json }
  | { kind: 'compare'; op: Comparison; than: number }
  | { kind: 'range'; from: number; to: number }
  | { kind: 'list'; cells: Cell[] }
type Comparison = '<' | '<=' | '>' | '>='

const NUMBER = String.raw`-?\d+(?:\.\d+)?`
const COMPARED = /^\s*(<=|>=|<|>)\s*(.*?)\s*$/
const RANGE = new RegExp(String.raw`^\s*(${NUMBER})\s*\.\.\s*(${NUMBER})\s*$`)
/** A range that lacks an end, or is written with dots of another number. */
const BROKEN_RANGE = /^\s*(?:-?\d+(?:\.\d+)?\s*\.{2,}\s*|\.{2,}\s*-?\d+(?:\.\d+)?\s*|-?\d+\s*\.{3,}\s*-?\d+\s*)$/

/** Reads a cell, or says in words what is wrong with it. */
export function readCell(cell: Json): Cell | { problem: string } {
  if (Array.isArray(cell)) return readList(cell)
  if (typeof cell === 'object' && cell !== null)
    return { problem: 'a cell is a value, a list, a comparison or a range' }
  if (typeof cell !== 'string') return { kind: 'is', value: cell }
  const [, op, than] = COMPARED.exec(cell) ?? []
  if (op !== undefined && than !== undefined) return readComparison(op as Comparison, than)
  const [, from, to] = RANGE.exec(cell) ?? []
  if (from !== undefined && to !== undefined) {
    const range = { kind: 'range' as const, from: Number(from), to: Number(to) }
    return range.from > range.to ? { problem: `\`${cell.trim()}\` ends before it begins` } : range
  }
  if (BROKEN_RANGE.test(cell)) return { problem: `\`${cell.trim()}\` is no range; write both ends, as in \`11..500\`` }
  return { kind: 'is', value: cell }
}

function readList(items: Json[]): Cell | { problem: string } {
  if (items.length === 0) return { problem: 'an empty list fits nothing; leave the cell out if anything fits' }
  const cells: Cell[] = []
  for (const item of items) {
    const read = Array.isArray(item) ? { problem: 'a list holds no lists' } : readCell(item)
    if ('problem' in read) return read
    cells.push(read)
  }
  return { kind: 'list', cells }
}

function readComparison(op: Comparison, than: string): Cell | { problem: string } {
  if (new RegExp(`^${NUMBER}$`).test(than)) return { kind: 'compare', op, than: Number(than) }
  return { problem: `\`${op}\` compares with a number, and \`${than}\` is none` }
}

/** Whether a value fits a cell. A value that is missing (undefined) fits none. */
export function fits(cell: Cell, value: Json | undefined): boolean {
  if (value === undefined) return false
  switch (cell.kind) {
    case 'is':
      return cell.value === value
    case 'list':
      return cell.cells.some(each => fits(each, value))
    case 'range':
      return typeof value === 'number' && value >= cell.from && value <= cell.to
    case 'compare':
      return typeof value === 'number' && compares(cell.op, value, cell.than)
  }
}

function compares(op: Comparison, value: number, than: number): boolean {
  switch (op) {
    case '<':
      return value < than
    case '<=':
      return value <= than
    case '>':
      return value > than
    case '>=':
      return value >= than
  }
}

/** The cells of a row, by column. */
export function cellsOf(row: Row): [column: string, cell: Json][] {
  return Object.entries(row).filter(([name]) => name !== THEN)
}

/** The columns' values for a task, undefined for those that are missing; or the column that cannot be worked out, and why. */
export function readColumns(
  table: Table,
  scope: Scope,
): { ok: true; values: Record<string, Json | undefined> } | { ok: false; message: string } {
  const values: Record<string, Json | undefined> = {}
  for (const [name, expression] of Object.entries(table.columns)) {
    const read = evaluateValue(expression, scope)
    if (!('error' in read)) values[name] = read.value
    else if (read.missing) values[name] = undefined
    else return { ok: false, message: `The column ${name} cannot be worked out: ${read.error}.` }
  }
  return { ok: true, values }
}

/** The places of the rows that fit these values, from 0, in order. What cannot be read as a cell fits nothing. */
export function rowsThatFit({ rows }: Table, values: Record<string, Json | undefined>): number[] {
  return rows.flatMap((row, index) => {
    const all = cellsOf(row).every(([column, written]) => {
      const cell = readCell(written)
      return !('problem' in cell) && fits(cell, values[column])
    })
    return all ? [index] : []
  })
}

/** What the table comes to: the output of the row, or rows, that fit, and which they were; null: none does. */
export function outputOf(table: Table, places: number[]): { output: Json; places: number[] } | null {
  const [first] = places
  if (first === undefined) return null
  const thens = places.map(place => table.rows[place]?.[THEN] ?? null)
  return table.hit === 'all' ? { output: thens, places } : { output: thens[0] ?? null, places: [first] }
}

/** The values in words: `size is 120, country is missing`. */
export function valuesInWords(values: Record<string, Json | undefined>): string {
  const words = Object.entries(values).map(([name, value]) => {
    return value === undefined ? `${name} is missing` : `${name} is ${shorten(JSON.stringify(value), MAX_SHOWN)}`
  })
  return words.length === 0 ? 'it looks at nothing' : words.join(', ')
}
