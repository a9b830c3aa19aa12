/** A call with the values of a task in place: what is sent but for the values of secrets, of which only marks are in it. */
import type { Json } from '../json/json.ts'
import type { CallScope } from '../template/scope.ts'
import { renderAddress, renderText, renderValue } from '../template/template.ts'
import { type HttpCall, isSafe, type Method, methodOf } from './http-call.ts'
import { markedSecrets, secretsNamed } from './secret-marks.ts'

/** A call that is ready to be made. `token`: the one by which its marks of secrets are known; null: there are none in it. */
export interface RenderedCall {
  method: Method
  url: string
  query: Record<string, string>
  headers: Record<string, string>
  /** Absent: none. */
  body?: Json
  /** Statuses that count as ok; null: 200 to 299. */
  ok: number[] | null
  /** The header that carries the run's key. */
  key: string | null
  /** Whether it may be made again though its answer was lost. */
  safe: boolean
  token: string | null
}

/**
 * Renders a call over a task's values or a tool's arguments. `token` is made for this one rendering and unguessable.
 * A missing variable, or a value that would change the path, is a refusal in words.
 */
export function renderCall(
  call: HttpCall,
  scope: CallScope,
  token: string,
): { ok: true; call: RenderedCall } | { ok: false; message: string } {
  const url = renderAddress(call.url, scope)
  if (!url.ok) return inPlace('url', url.message)
  const climbing = url.text
    .replace(/[?#].*$/s, '')
    .split('/')
    .some(segment => segment === '.' || segment === '..')
  if (climbing) return inPlace('url', 'a value in it is “.” or “..”, which would lead to another path')
  const marked = { ...scope, secrets: markedSecrets(secretsNamed([call.query, call.headers, call.body]), token) }
  const query = renderTexts(call.query, marked)
  if (!query.ok) return inPlace('query', query.message)
  const headers = renderTexts(call.headers, marked)
  if (!headers.ok) return inPlace('headers', headers.message)
  const broken = Object.entries(headers.texts).find(([, value]) => /[\r\n\0]/.test(value))
  if (broken !== undefined) return inPlace(`headers.${broken[0]}`, 'its value holds a line break')
  const body = renderBody(call.body, marked)
  if (!body.ok) return inPlace('body', body.message)
  const { ok = null, key = null } = call
  const rendered = { method: methodOf(call), url: url.text, query: query.texts, headers: headers.texts, ok, key, token }
  return {
    ok: true,
    call: { ...rendered, safe: isSafe(call), ...(body.value === undefined ? {} : { body: body.value }) },
  }
}

function inPlace(place: string, message: string): { ok: false; message: string } {
  return { ok: false, message: `\`${place}\`: ${message}` }
}

function renderTexts(
  texts: Record<string, string> | undefined,
  scope: CallScope,
): { ok: true; texts: Record<string, string> } | { ok: false; message: string } {
  const rendered: [string, string][] = []
  for (const [name, template] of Object.entries(texts ?? {})) {
    const text = renderText(template, scope)
    if (!text.ok) return { ok: false, message: `\`${name}\`: ${text.message}` }
    rendered.push([name, text.text])
  }
  return { ok: true, texts: Object.fromEntries(rendered) }
}

function renderBody(
  body: Json | undefined,
  scope: CallScope,
): { ok: true; value: Json | undefined } | { ok: false; message: string } {
  if (body === undefined) return { ok: true, value: undefined }
  // A text is sent as the text it is, whatever it holds; objects and lists keep the types of their values.
  if (typeof body !== 'string') return renderValue(body, scope)
  const text = renderText(body, scope)
  return text.ok ? { ok: true, value: text.text } : text
}
