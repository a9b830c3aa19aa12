/** The kind `http` in the editor: which address is called, how, and with what. */
import { type HttpCall, METHODS, type Method, methodOf } from '../../../domain/call/http-call.ts'
import { renderCall } from '../../../domain/call/render.ts'
import { requestText, shownCall } from '../../../domain/call/shown.ts'
import type { Json } from '../../../domain/json/json.ts'
import { Select, TextArea, TextField } from '../../../http/components/field.tsx'
import {
  compact,
  type ErrorOf,
  type FormMistake,
  inOrder,
  mistake,
  textOf,
  type Values,
  wordOf,
} from '../../forms/form-values.ts'
import type { HandlerPages } from './pages.ts'
import { jsonOf, pairsOf, pairsText } from './pairs.ts'

/** Its fields that show what is wrong with them. */
export const CALL_MARKS = ['http_url', 'http_headers', 'http_query', 'http_body', 'http_ok', 'http_key']
const ORDER = ['method', 'url', 'query', 'headers', 'body', 'ok', 'key', 'safe']

export const http: HandlerPages<'http'> = {
  name: 'HTTP',
  about: 'a call to a service, with no model',
  offers: () => [{ value: 'http', label: 'HTTP: a call to a service, with no model' }],
  begin: offer => (offer === 'http' ? { http: { method: 'GET', url: 'https://api.example.com/' } } : null),
  Fields: ({ view, error }) => (
    <CallFields
      values={view.values}
      error={error}
      example={{ url: 'https://api.example.com/companies/{{ input.domain }}', body: 'email: {{ input.email }}' }}
    />
  ),
  marks: CALL_MARKS,
  values: ({ http: call }) => callValues(call),
  read: (values, before) => {
    const read = readCall(values, before.http)
    return read.ok ? { ok: true, own: { http: read.call } } : read
  },
  sends: {
    whose: 'What is sent',
    render: ({ http: call }, scope, token) => {
      const rendered = renderCall(call, scope, token)
      return rendered.ok ? { ok: true, text: requestText(shownCall(rendered.call, '(the key of the run)')) } : rendered
    },
  },
  line: ({ http: call }) => `Calls ${methodOf(call)} ${call.url}`,
}

/** A call as the fields of a form. */
export function callValues(call: HttpCall): Record<string, string | undefined> {
  return {
    http_method: methodOf(call),
    http_url: call.url,
    http_query: pairsText(call.query),
    http_headers: pairsText(call.headers),
    http_body: typeof call.body === 'string' ? call.body : pairsText(call.body),
    http_body_as: typeof call.body === 'string' ? 'text' : 'fields',
    http_ok: call.ok?.join(', '),
    http_key: call.key,
    http_safe: call.safe === undefined ? undefined : call.safe ? 'yes' : 'no',
  }
}

/** The call that the form says; `before`: the one that it was made of. */
export function readCall(values: Values, before: HttpCall): { ok: true; call: HttpCall } | FormMistake {
  const url = wordOf(values, 'http_url')
  if (url === undefined) return mistake('http_url', 'Give the address that is called.')
  const query = texts(values, 'http_query')
  if (typeof query === 'string') return mistake('http_query', query)
  const headers = texts(values, 'http_headers')
  if (typeof headers === 'string') return mistake('http_headers', headers)
  const body = bodyIn(values)
  if ('problem' in body) return mistake('http_body', body.problem)
  const ok = statusesIn(wordOf(values, 'http_ok'))
  if (ok === null) return mistake('http_ok', 'Give statuses between 100 and 599, such as 200, 404.')
  const safe = values.http_safe === 'yes' ? true : values.http_safe === 'no' ? false : undefined
  const method = METHODS.find(each => each === values.http_method) ?? 'GET'
  const call = {
    method: methodIn(method, body.value, before),
    url,
    query,
    headers,
    body: body.value,
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

function texts(values: Values, name: string): Record<string, string> | undefined | string {
  const pairs = pairsOf(textOf(values, name) ?? '')
  if (typeof pairs === 'string') return pairs
  const entries = Object.entries(pairs).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function bodyIn(values: Values): { value: Json | undefined } | { problem: string } {
  const text = textOf(values, 'http_body') ?? ''
  if (text.trim() === '') return { value: undefined }
  if (values.http_body_as === 'text') return { value: text }
  if (text.trim().startsWith('[')) return jsonOf(text)
  const pairs = pairsOf(text)
  return typeof pairs === 'string' ? { problem: pairs } : { value: pairs }
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

/** The fields of a call; `example`: what its templates may read, by way of an example. */
export const CallFields = ({
  values,
  error,
  example,
}: {
  values: Values
  error: ErrorOf
  example: { url: string; body: string }
}) => {
  return (
    <>
      <Select
        label="Method"
        name="http_method"
        value={values.http_method ?? 'GET'}
        options={METHODS.map(method => ({ value: method, label: LABELS[method] }))}
      />
      <TextField
        label="Address"
        name="http_url"
        value={values.http_url}
        aria-required="true"
        maxlength={4000}
        error={error('http_url')}
        hint={`The host is written out; values may stand after it, as in ${example.url}`}
      />
      <TextArea
        label="Headers"
        name="http_headers"
        value={values.http_headers}
        rows={3}
        error={error('http_headers')}
        hint="One a line, such as  authorization: Bearer {{ secrets.crm }}"
      />
      <TextArea
        label="Query"
        name="http_query"
        value={values.http_query}
        rows={2}
        error={error('http_query')}
        hint="One a line, such as  full: true"
      />
      <Select
        label="Body is"
        name="http_body_as"
        value={values.http_body_as ?? 'fields'}
        options={[
          { value: 'fields', label: 'Fields, sent as JSON' },
          { value: 'text', label: 'Text, sent as it is' },
        ]}
      />
      <TextArea
        label="Body"
        name="http_body"
        value={values.http_body}
        rows={5}
        maxlength={60_000}
        error={error('http_body')}
        hint={`One field a line, such as  ${example.body}  — or JSON. Empty: none.`}
      />
      <TextField
        label="Counts as ok"
        name="http_ok"
        value={values.http_ok}
        error={error('http_ok')}
        hint="Statuses, such as 200, 404. Empty: 200 to 299."
      />
      <TextField
        label="Header for the key"
        name="http_key"
        value={values.http_key}
        maxlength={100}
        error={error('http_key')}
        hint="Such as Idempotency-Key, where the service knows repeated calls by it."
      />
      <Select
        label="May it be sent twice?"
        name="http_safe"
        value={values.http_safe ?? ''}
        options={[
          { value: '', label: 'As its method and key say' },
          { value: 'yes', label: 'Yes, it does no harm' },
          { value: 'no', label: 'No: ask a person when its answer is lost' },
        ]}
      />
    </>
  )
}

const LABELS: Record<Method, string> = {
  GET: 'GET: read',
  HEAD: 'HEAD: look whether it is there',
  POST: 'POST: send, create',
  PUT: 'PUT: replace',
  PATCH: 'PATCH: change',
  DELETE: 'DELETE: remove',
}
