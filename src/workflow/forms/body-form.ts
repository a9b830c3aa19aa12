/** What a call sends as fields of a form, and back without loss: nothing, rows of names and values, JSON, or text; pure. */
import type { Json } from '../../domain/json/json.ts'
import { type FormMistake, mistake, textOf, type Values } from './form-values.ts'
import { jsonOf } from './pairs.ts'
import { fitRows, readRows, rowsMark, rowValues } from './rows-form.ts'

/** What the names of a row's fields begin with. */
export const BODY_ROW = 'http_row'
/** The field that shows what is wrong with the rows. */
export const BODY_ROWS_MARK = rowsMark(BODY_ROW)

/** A body's values on the form. */
export function bodyValues(body: Json | undefined): Record<string, string | undefined> {
  const rows = body !== undefined && fitRows(body) && Object.keys(body).length > 0 ? body : undefined
  const as = body === undefined ? 'none' : typeof body === 'string' ? 'text' : rows === undefined ? 'json' : 'fields'
  return {
    http_body_as: as,
    http_body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body, null, 2),
    ...rowValues(BODY_ROW, rows),
  }
}

/** Reads the body over the one before, which a browser may have sent back with other line ends. */
export function readBody(values: Values, before: Json | undefined): { ok: true; body: Json | undefined } | FormMistake {
  const text = textOf(values, 'http_body') ?? ''
  switch (values.http_body_as) {
    case 'fields': {
      const read = readRows(values, BODY_ROW)
      if (!read.ok) return read
      if (Object.keys(read.pairs).length > 0) return { ok: true, body: read.pairs }
      return mistake(BODY_ROWS_MARK, 'Name at least one field, or choose that nothing is sent.')
    }
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
