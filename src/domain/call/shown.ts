/** A call as people and the log see it: secrets by their names, nothing that signs anybody in, and the curl line that makes it. */
import type { Json } from '../json/json.ts'
import { literalHost } from './address.ts'
import type { RenderedCall } from './render.ts'
import { withoutMarks } from './secret-marks.ts'

/** What was sent, or would be. */
export interface ShownCall {
  method: string
  url: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: Json
}

/** Headers that tell who somebody is: their values are not shown, though their author wrote them out. */
const HIDDEN = /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth-token)$/i
const HIDDEN_VALUE = '(hidden)'

/** The call without the values of secrets; `key` stands in the header that carries it. */
export function shownCall(call: RenderedCall, key: string | null): ShownCall {
  const { method, query, headers, body, token } = call
  const named = Object.entries(headers).map(([name, value]) => {
    const shown = withoutMarks(value, token)
    return [name, HIDDEN.test(name) && shown === value ? HIDDEN_VALUE : shown] as const
  })
  const carrying = call.key === null || key === null ? [] : [[call.key, key] as const]
  const sent: Record<string, string> = Object.fromEntries([...named, ...carrying])
  return {
    method,
    url: call.url,
    ...(Object.keys(query).length > 0 ? { query: withoutMarks(query, token) } : {}),
    ...(Object.keys(sent).length > 0 ? { headers: sent } : {}),
    ...(body === undefined ? {} : { body: withoutMarks(body, token) }),
  }
}

/** The call that a run of an `http` step was given, from its prompt; null: it is none. */
export function shownPrompt(prompt: string): ShownCall | null {
  try {
    const call = JSON.parse(prompt) as RenderedCall
    return typeof call.url === 'string' && typeof call.token === 'string' ? shownCall(call, null) : null
  } catch {
    return null
  }
}

/** Whether what the log holds of a call is one over HTTP. */
export function isShownCall(args: unknown): args is ShownCall {
  if (typeof args !== 'object' || args === null) return false
  const { method, url } = args as Partial<ShownCall>
  return typeof method === 'string' && typeof url === 'string' && literalHost(url) !== null
}

/** The line that makes this call in a shell; secrets stand in it by their names, to be filled in. */
export function curlOf({ method, url, query = {}, headers = {}, body }: ShownCall): string {
  const asked = Object.entries(query)
    .map(pair => pair.map(encodeURIComponent).join('='))
    .join('&')
    .replace(/%7B%7B%20(secrets\.[a-z0-9_]+)%20%7D%7D/g, '{{ $1 }}')
  const whole = asked === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${asked}`
  const typed = Object.keys(headers).some(name => name.toLowerCase() === 'content-type')
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json'
  const sent = body === undefined || typed ? headers : { ...headers, 'content-type': type }
  const parts = [
    ...(method === 'HEAD' ? ['--head'] : method === (body === undefined ? 'GET' : 'POST') ? [] : [`-X ${method}`]),
    quoted(whole),
    ...Object.entries(sent).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoted(isText ? body : JSON.stringify(body))}`]),
  ]
  return `curl ${parts.join(' \\\n  ')}`
}

/** The call as it goes over the line: address, headers, then the body. */
export function requestText({ method, url, query = {}, headers = {}, body }: ShownCall): string {
  const asked = Object.entries(query).map(([name, value]) => `  ${name} = ${value}`)
  const lines = [
    `${method} ${url}`,
    ...(asked.length > 0 ? ['Query:', ...asked] : []),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  const sent = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  return body === undefined ? lines.join('\n') : `${lines.join('\n')}\n\n${sent}`
}

/** One word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
