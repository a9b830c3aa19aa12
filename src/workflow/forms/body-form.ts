/** What a call sends as fields of a form, and back without loss: nothing, rows of names and values, JSON, or text; pure. */
import type { Json } from '../../domain/json/json.ts'
import { type FormMistake, mistake, textOf, type Values } from './form-values.ts'
import { jsonOf } from './pairs.ts'

/** Rows of fields that a form may send. */
const MAX_ROWS = 60
const EMPTY_ROWS = 2
/** What the names of a row's fields begin with. */
export const BODY_ROW = 'http_row'
/** The field that shows what is wrong with the rows. */
export const BODY_ROWS_MARK = `${BODY_ROW}-0-name`
/** How a row says that its value is a secret of the team: its name stands behind. */
export const SECRET_ROW = 'secret:'
/** A value that is a secret and nothing else, as the form itself writes it. */
const ONE_SECRET = /^\{\{ secrets\.([a-z][a-z0-9_]{0,39}) \}\}$/

/** A body's values on the form. */
export function bodyValues(body: Json | undefined): Record<string, string | undefined> {
  const rows = rowsOf(body)
  const shownRows = Array.from({ length: (rows?.length ?? 0) + EMPTY_ROWS }, (_, index) => {
    const [name, value] = rows?.[index] ?? []
    const secret = typeof value === 'string' ? ONE_SECRET.exec(value)?.[1] : undefined
    return [
      [`${BODY_ROW}-${index}-name`, name],
      [`${BODY_ROW}-${index}-as`, secret === undefined ? kindOf(value) : SECRET_ROW + secret],
      [`${BODY_ROW}-${index}-value`, secret === undefined ? textFor(value) : undefined],
    ]
  })
  return {
    http_body_as: body === undefined ? 'none' : typeof body === 'string' ? 'text' : rows === null ? 'json' : 'fields',
    http_body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body, null, 2),
    ...Object.fromEntries(shownRows.flat()),
  }
}

/** The rows of an object whose every name and value come back from a form as they went there; null: it is written as JSON. */
function rowsOf(body: Json | undefined): [string, Json][] | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null
  const rows = Object.entries(body)
  const fits = ([name, value]: [string, Json]) =>
    name !== '' && name === name.trim() && !/[\r\n]/.test(name) && !(typeof value === 'string' && /\r|^\n/.test(value))
  return rows.length > 0 && rows.length <= MAX_ROWS - EMPTY_ROWS && rows.every(fits) ? rows : null
}

function kindOf(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : typeof value === 'string' ? 'words' : 'value'
}

function textFor(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
}

/** How many rows the values hold. */
export function bodyRowCount(values: Values): number {
  const places = Object.keys(values).flatMap(name => {
    const place = new RegExp(`^${BODY_ROW}-(\\d+)-name$`).exec(name)?.[1]
    return place === undefined || values[name] === '' ? [] : [Number(place) + 1]
  })
  return Math.min(MAX_ROWS - EMPTY_ROWS, Math.max(0, ...places)) + EMPTY_ROWS
}

/** Reads the body over the one before, which a browser may have sent back with other line ends. */
export function readBody(values: Values, before: Json | undefined): { ok: true; body: Json | undefined } | FormMistake {
  const text = textOf(values, 'http_body') ?? ''
  switch (values.http_body_as) {
    case 'fields':
      return readRows(values)
    case 'json': {
      const read = jsonOf(text)
      return 'problem' in read ? mistake('http_body', read.problem) : { ok: true, body: read.value }
    }
    case 'text':
      return { ok: true, body: typeof before === 'string' && asSent(before) === asSent(text) ? before : text }
    default:
      return { ok: true, body: undefined }
  }
}

/** As a browser sends a text back: one kind of line end, without the first. */
function asSent(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replace(/^\n/, '')
}

function readRows(values: Values): { ok: true; body: Json } | FormMistake {
  const rows: [string, Json][] = []
  for (let index = 0; index < MAX_ROWS; index++) {
    const name = values[`${BODY_ROW}-${index}-name`]?.trim() ?? ''
    if (name === '') continue
    if (name === '__proto__' || rows.some(([there]) => there === name))
      return mistake(BODY_ROWS_MARK, `There are two fields “${name}”, or it cannot be a field’s name.`)
    const value = readValue(values, `${BODY_ROW}-${index}`)
    if ('problem' in value) return mistake(BODY_ROWS_MARK, `“${name}”: ${value.problem}`)
    rows.push([name, value.value])
  }
  if (rows.length === 0) return mistake(BODY_ROWS_MARK, 'Name at least one field, or choose that nothing is sent.')
  return { ok: true, body: Object.fromEntries(rows) }
}

function readValue(values: Values, start: string): { value: Json } | { problem: string } {
  const as = values[`${start}-as`] ?? 'words'
  const text = textOf(values, `${start}-value`) ?? ''
  if (as.startsWith(SECRET_ROW)) return { value: `{{ secrets.${as.slice(SECRET_ROW.length)} }}` }
  if (as !== 'value') return { value: text }
  const read = jsonOf(text)
  return 'problem' in read ? { problem: `Write a number, true, false or JSON. ${read.problem}` } : read
}
