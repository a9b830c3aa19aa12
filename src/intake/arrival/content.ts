/** Bodies of deliveries, by their type: JSON as it is, forms as objects of their fields, plain text as `{text}`. */

import type { Json } from '../../domain/json.ts'
import { BODY_LIMITS, guardValue } from '../../domain/json-guard.ts'
import { shorten } from '../../domain/text/cut.ts'
import { type Body, decodeUtf8, type Read, readJson } from '../../http/body.ts'
import type { ApiProblem } from '../../http/errors.ts'
import { refuse } from '../../http/errors.ts'

const URLENCODED = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'
const TEXT = 'text/plain'
export const BODY_TYPES = ['application/json', URLENCODED, MULTIPART, TEXT]

export interface Content {
  text: string
  value: Json
  /** Whether it came as a form, all of whose values are texts. */
  isForm: boolean
}

/** Reads a body; `contentType` is the header with its parameters. */
export async function readContent(raw: Omit<Body, 'text'>, contentType: string | null): Promise<Read<Content>> {
  // A file in it need not be text: it is found before the rest is decoded.
  const fields = raw.type === MULTIPART ? await multipartFields(raw.bytes, contentType ?? '') : null
  if (fields && !fields.ok) return fields
  const text = decodeUtf8(raw.bytes)
  if (!text.ok) return text
  return parse(text.value, raw.type, fields?.value ?? null)
}

/** Reads the text of a delivery that is sent again. A form's boundary is told by its first line. */
export function contentOf(text: string, type: string | null): Promise<Read<Content>> {
  const bytes = new TextEncoder().encode(text)
  const boundary = type === MULTIPART ? (/^--([^\r\n]{1,70})\r?\n/.exec(text)?.[1] ?? '') : ''
  return readContent({ bytes, type }, `${MULTIPART}; boundary="${boundary}"`)
}

function parse(text: string, type: string | null, multipart: [string, string][] | null): Read<Content> {
  if (multipart) return form(text, multipart)
  if (type === URLENCODED) {
    const fields = urlencodedFields(text)
    return fields.ok ? form(text, fields.value) : fields
  }
  if (type === TEXT) return plain(text)
  const json = readJson(text)
  return json.ok ? { ok: true, value: { text, value: json.value as Json, isForm: false } } : json
}

function plain(text: string): Read<Content> {
  if (text.trim() === '') return readJson('') as Read<Content>
  if (text.includes('\0')) return refuse(NUL)
  return { ok: true, value: { text, value: { text }, isForm: false } }
}

/** A form's fields as an object; a name that came several times holds a list. */
function form(text: string, fields: [string, string][]): Read<Content> {
  if (fields.length === 0) return readJson('') as Read<Content>
  if (fields.some(field => field.some(part => part.includes('\0')))) return refuse(NUL)
  const byName = new Map<string, string | string[]>()
  for (const [name, value] of fields) {
    const before = byName.get(name)
    byName.set(name, before === undefined ? value : [before, value].flat())
  }
  const value = Object.fromEntries(byName)
  const guarded = guardValue(value, BODY_LIMITS)
  if (guarded === null) return { ok: true, value: { text, value, isForm: true } }
  const hint = 'Send fewer fields, or name that one otherwise.'
  return refuse({ kind: 'invalid', code: guarded.code, message: guarded.message, hint })
}

const NUL: ApiProblem = {
  kind: 'malformed',
  code: 'json_nul',
  message: 'It holds a NUL character.',
  hint: 'Send text without it.',
}

/** Strict where URLSearchParams is not: an escape that is none, or is not UTF-8, is refused and not replaced. */
function urlencodedFields(text: string): Read<[string, string][]> {
  const fields: [string, string][] = []
  try {
    for (const pair of text.trim().split('&')) {
      if (pair === '') continue
      const [name = '', ...rest] = pair.split('=')
      fields.push([unescaped(name), unescaped(rest.join('='))])
    }
    return { ok: true, value: fields }
  } catch {
    const message = 'The form has an escape that is not valid: % and two hex digits, together UTF-8.'
    return refuse({ kind: 'malformed', code: 'malformed_form', message, hint: 'Encode each name and value by itself.' })
  }
}

function unescaped(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

async function multipartFields(bytes: Uint8Array, contentType: string): Promise<Read<[string, string][]>> {
  let data: FormData
  try {
    data = await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
  } catch {
    const message = 'The form is not well-formed multipart/form-data.'
    const hint = 'Let your HTTP client write the form and its Content-Type, boundary included.'
    return refuse({ kind: 'malformed', code: 'malformed_form', message, hint })
  }
  const entries = [...data.entries()] as [string, string | File][]
  const files = entries.flatMap(([name, value]) => (typeof value === 'string' ? [] : [{ name, file: value.name }]))
  const [first] = files
  if (first === undefined) return { ok: true, value: entries as [string, string][] }
  const named = files.slice(0, 5).map(({ name, file }) => `“${shorten(file, 80)}” in ${shorten(name, 40)}`)
  return refuse({
    kind: 'invalid',
    code: 'files_not_taken',
    message: `Files are not taken here: ${named.join(', ')}.`,
    hint: 'Send fields only, and a link to the file.',
    path: first.name.slice(0, 40),
  })
}
