/** A call over HTTP as the fields of a form, and back; pure. A step and a tool look the same. */
import { type HttpCall, METHODS, type Method, methodOf } from '../../domain/call/http-call.ts'
import type { Json } from '../../domain/json/json.ts'
import { BODY_ROWS_MARK, bodyValues, readBody } from './body-form.ts'
import { compact, type FormMistake, inOrder, mistake, textOf, type Values, wordOf } from './form-values.ts'
import { pairsOf, pairsText } from './pairs.ts'
import { fitRows, readRows, rowsMark, rowValues } from './rows-form.ts'
import { signInValues, withSignIn } from './sign-in-form.ts'

/** What the names of the fields of a header's, and of a query's row begin with. */
export const HEADER_ROW = 'http_header'
export const QUERY_ROW = 'http_param'

/** Its fields that show what is wrong with them. */
export const CALL_MARKS = [
  ...['http_url', 'http_body', BODY_ROWS_MARK, 'http_ok', 'http_key'],
  ...[rowsMark(HEADER_ROW), rowsMark(QUERY_ROW)],
]
const ORDER = ['method', 'url', 'query', 'headers', 'body', 'ok', 'key', 'safe']

/** A call as the fields of a form. */
export function callValues(call: HttpCall): Record<string, string | undefined> {
  const { sign, as, others } = signInValues(call.headers)
  return {
    http_method: methodOf(call),
    http_url: call.url,
    ...textValues('http_query', QUERY_ROW, call.query),
    http_sign: sign,
    http_sign_as: as,
    ...textValues('http_headers', HEADER_ROW, others),
    ...bodyValues(call.body),
    http_ok: call.ok?.join(', '),
    http_key: call.key,
    http_safe: call.safe === undefined ? undefined : call.safe ? 'yes' : 'no',
  }
}

/** The call that the form says; `before`: the one that it was made of. */
export function readCall(values: Values, before: HttpCall): { ok: true; call: HttpCall } | FormMistake {
  const url = wordOf(values, 'http_url')
  if (url === undefined) return mistake('http_url', 'Give the address that is called.')
  const query = texts(values, 'http_query', QUERY_ROW)
  if (!query.ok) return query
  const written = texts(values, 'http_headers', HEADER_ROW)
  if (!written.ok) return written
  const headers = withSignIn(written.pairs, values, before.headers)
  if (typeof headers === 'string')
    return mistake(values.http_headers === undefined ? rowsMark(HEADER_ROW) : 'http_headers', headers)
  const read = readBody(values, before.body)
  if (!read.ok) return read
  const ok = statusesIn(wordOf(values, 'http_ok'))
  if (ok === null) return mistake('http_ok', 'Give statuses between 100 and 599, such as 200, 404.')
  const safe = values.http_safe === 'yes' ? true : values.http_safe === 'no' ? false : undefined
  const method = METHODS.find(each => each === values.http_method) ?? 'GET'
  const call = {
    method: methodIn(method, read.body, before),
    url,
    query: query.pairs,
    headers: headers && inOrder(headers, before.headers ?? {}, []),
    body: read.body,
    ok,
    key: wordOf(values, 'http_key'),
    safe,
  }
  return { ok: true, call: inOrder(compact(call), before, ORDER) as HttpCall }
}

/** A method that follows from the rest stays unsaid where its author left it so. */
function methodIn(method: Method, body: Json | undefined, before: HttpCall): Method | undefined {
  return before.method === undefined && method === methodOf({ body }) ? undefined : method
}

/** Rows, or lines where rows would change something. */
function textValues(lines: string, row: string, pairs: Record<string, string> | undefined) {
  return pairs === undefined || fitRows(pairs) ? rowValues(row, pairs) : { [lines]: pairsText(pairs) }
}

function texts(
  values: Values,
  lines: string,
  row: string,
): { ok: true; pairs: Record<string, string> | undefined } | FormMistake {
  const read = values[lines] === undefined ? readRows(values, row) : readLines(values, lines)
  if (!read.ok) return read
  const entries = Object.entries(read.pairs).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return { ok: true, pairs: entries.length === 0 ? undefined : Object.fromEntries(entries) }
}

function readLines(values: Values, lines: string): ReturnType<typeof readRows> {
  const pairs = pairsOf(textOf(values, lines) ?? '')
  return typeof pairs === 'string' ? mistake(lines, pairs) : { ok: true, pairs }
}

/** undefined: nothing given; null: not statuses. */
function statusesIn(text: string | undefined): number[] | undefined | null {
  if (text === undefined) return undefined
  const statuses = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number)
  return statuses.every(status => Number.isInteger(status) && status >= 100 && status <= 599) ? statuses : null
}
