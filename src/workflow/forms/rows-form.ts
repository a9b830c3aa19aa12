/** Named values as rows of a form, each with how it is meant: a text, JSON, or a secret of the team; back without loss; pure. */
import type { Json } from '../../domain/json/json.ts'
import { type FormMistake, mistake, textOf, type Values } from './form-values.ts'
import { jsonOf } from './pairs.ts'

/** Rows of one table that a form may send. */
const MAX_ROWS = 60
const EMPTY_ROWS = 2
/** How a row says that its value is a secret of the team: its name stands behind. */
export const SECRET_ROW = 'secret:'
/** A value that is a secret and nothing else, as the form itself writes it. */
const ONE_SECRET = /^\{\{ secrets\.([a-z][a-z0-9_]{0,39}) \}\}$/

/** The field that shows what is wrong with the rows whose fields begin with `row`. */
export function rowsMark(row: string): string {
  return `${row}-0-name`
}

/** The rows' fields. `pairs` must fit. */
export function rowValues(
  row: string,
  pairs: { [name: string]: Json } | undefined,
): Record<string, string | undefined> {
  const entries = Object.entries(pairs ?? {})
  const rows = Array.from({ length: entries.length + EMPTY_ROWS }, (_, index) => {
    const [name, value] = entries[index] ?? []
    const secret = typeof value === 'string' ? ONE_SECRET.exec(value)?.[1] : undefined
    return [
      [`${row}-${index}-name`, name],
      [`${row}-${index}-as`, secret === undefined ? kindOf(value) : SECRET_ROW + secret],
      [`${row}-${index}-value`, secret === undefined ? textFor(value) : undefined],
    ]
  })
  return Object.fromEntries(rows.flat())
}

/** Whether every name and value comes back from rows as it went there. */
export function fitRows(pairs: Json): pairs is { [name: string]: Json } {
  if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) return false
  const rows = Object.entries(pairs)
  const fits = ([name, value]: [string, Json]) =>
    name !== '' && name === name.trim() && !/[\r\n]/.test(name) && !(typeof value === 'string' && /\r|^\n/.test(value))
  return rows.length <= MAX_ROWS - EMPTY_ROWS && rows.every(fits)
}

function kindOf(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : typeof value === 'string' ? 'words' : 'value'
}

function textFor(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
}

/** How many rows the values hold. */
export function rowCount(values: Values, row: string): number {
  const places = Object.keys(values).flatMap(name => {
    const place = name.startsWith(`${row}-`) ? /^(\d+)-name$/.exec(name.slice(row.length + 1))?.[1] : undefined
    return place === undefined || values[name] === '' ? [] : [Number(place) + 1]
  })
  return Math.min(MAX_ROWS - EMPTY_ROWS, Math.max(0, ...places)) + EMPTY_ROWS
}

/** Reads the rows; one without a name is none. What is wrong is told of the first row. */
export function readRows(values: Values, row: string): { ok: true; pairs: { [name: string]: Json } } | FormMistake {
  const rows: [string, Json][] = []
  for (let index = 0; index < MAX_ROWS; index++) {
    const name = values[`${row}-${index}-name`]?.trim() ?? ''
    if (name === '') continue
    if (name === '__proto__' || rows.some(([there]) => there === name))
      return mistake(rowsMark(row), `There are two fields “${name}”, or it cannot be a field’s name.`)
    const value = readValue(values, `${row}-${index}`)
    if ('problem' in value) return mistake(rowsMark(row), `“${name}”: ${value.problem}`)
    rows.push([name, value.value])
  }
  return { ok: true, pairs: Object.fromEntries(rows) }
}

function readValue(values: Values, start: string): { value: Json } | { problem: string } {
  const as = values[`${start}-as`] ?? 'words'
  const text = textOf(values, `${start}-value`) ?? ''
  if (as.startsWith(SECRET_ROW)) return { value: `{{ secrets.${as.slice(SECRET_ROW.length)} }}` }
  if (as !== 'value') return { value: text }
  const read = jsonOf(text)
  return 'problem' in read ? { problem: `Write a number, true, false or JSON. ${read.problem}` } : read
}
