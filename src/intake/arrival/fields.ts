/** The fields of forms, read as bytes first: their charset may be named by the sender's own field, which is one of them. */
import { fileView } from '../../domain/file/file.ts'
import type { Json } from '../../domain/json/json.ts'
import type { FilesForm } from '../../files/multipart.ts'
import type { ApiProblem } from '../../http/errors.ts'
import type { Read } from '../../http/request/body.ts'
import type { Repairs } from './repair.ts'
import { isCharset, repairedText, textOf } from './text.ts'

/** A file as a form's field stands for it; without an id its content is not kept. */
type SentFile = { id?: string; name: string; type: string; bytes: number; sha256: string }

export interface Field {
  name: string
  value: string | SentFile
}

/** Bytes as a text with one character for each, so that parsers for text can take them apart. */
function asCharacters(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)))
  return parts.join('')
}

function asBytes(characters: string): Uint8Array {
  const bytes = new Uint8Array(characters.length)
  for (let at = 0; at < characters.length; at++) bytes[at] = characters.charCodeAt(at)
  return bytes
}

/** No form has more; each costs more than its few bytes, whether it is refused later or not. */
const MOST_FIELDS = 2000
/** With those that are empty. */
const MOST_PAIRS = 20_000

/** How often the line that parts the fields stands in the body: before anything reads them. */
function boundariesIn(characters: string, contentType: string): number {
  const boundary = /boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType)
  const line = `--${boundary?.[1] ?? boundary?.[2] ?? ''}`
  let count = 0
  for (let at = characters.indexOf(line); at >= 0 && count <= MOST_FIELDS; at = characters.indexOf(line, at + 1))
    count++
  return count
}

/** Strict where URLSearchParams is not: an escape that is none, or is no text, is refused and not replaced. */
export function urlencodedFields(bytes: Uint8Array, charset: string | null, repairs: Repairs): Read<Field[]> {
  const raw: Raw[] = []
  const pairs = asCharacters(bytes).trim().split('&', MOST_PAIRS)
  if (pairs.length === MOST_PAIRS) return refuse(TOO_MANY)
  for (const pair of pairs) {
    if (pair === '') continue
    if (raw.length === MOST_FIELDS) return refuse(TOO_MANY)
    const [name = '', ...rest] = pair.split('=')
    const [key, value] = [unescaped(name), unescaped(rest.join('='))]
    if (key === null || value === null) return refuse(BAD_ESCAPE)
    raw.push({ name: key, value })
  }
  return decoded(raw, charset, repairs)
}

/** Fields and files of a multipart form. */
export async function multipartFields(
  bytes: Uint8Array,
  contentType: string,
  charset: string | null,
  repairs: Repairs,
): Promise<Read<Field[]>> {
  try {
    const characters = asCharacters(bytes)
    if (boundariesIn(characters, contentType) > MOST_FIELDS) return refuse(TOO_MANY)
    // The platform reads parts as UTF-8: each byte is handed to it as a character, and taken back as a byte.
    const body = new TextEncoder().encode(characters)
    const data = await new Response(body, { headers: { 'content-type': contentType } }).formData()
    const raw = await Promise.all([...data.entries()].map(rawOf))
    return decoded(raw, charset, repairs)
  } catch {
    return refuse(BAD_MULTIPART)
  }
}

/** Fields, and files that are kept, of a form whose parts were taken apart before. */
export function partedFields({ fields, files }: FilesForm, charset: string | null, repairs: Repairs): Read<Field[]> {
  if (fields.length + files.length > MOST_FIELDS) return refuse(TOO_MANY)
  const named = (name: string) => new TextEncoder().encode(name)
  const raw: Raw[] = [
    ...fields.map(({ name, bytes }) => ({ name: named(name), value: bytes })),
    ...files.map(({ field, file }) => ({ name: named(field), value: fileView(file) })),
  ]
  return decoded(raw, charset, repairs)
}

interface Raw {
  name: Uint8Array
  value: Uint8Array | SentFile
}

async function rawOf([name, value]: [string, string | File]): Promise<Raw> {
  if (typeof value === 'string') return { name: asBytes(name), value: asBytes(value) }
  const content = asBytes(new TextDecoder().decode(await value.arrayBuffer()))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
  const sha256 = Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
  const file = { name: new TextDecoder().decode(asBytes(value.name)), type: value.type, bytes: content.length, sha256 }
  return { name: asBytes(name), value: file }
}

function unescaped(characters: string): Uint8Array | null {
  const plain = characters.replaceAll('+', ' ')
  if (/%(?![\da-fA-F]{2})/.test(plain)) return null
  return asBytes(plain.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))))
}

/** In the charset of the content type, else in that which a field `charset`, or `charsets` for each field, names. */
function decoded(raw: Raw[], declared: string | null, repairs: Repairs): Read<Field[]> {
  const named = declared === null ? charsetsIn(raw) : () => declared
  const fields: Field[] = []
  for (const { name, value } of raw) {
    const key = textOf(name, declared, repairs)
    if (key === null) return refuse(BAD_ESCAPE)
    const text = value instanceof Uint8Array ? textOf(value, named(key), repairs) : value
    if (text === null) return refuse(BAD_ESCAPE)
    const whole = typeof text === 'string' ? repairedText(text, repairs) : text
    fields.push({ name: repairedText(key, repairs), value: whole })
  }
  return { ok: true, value: fields }
}

/** PayPal says `charset`, SendGrid `charsets` as JSON: which charset a field is in. Only such as leave ASCII alone. */
function charsetsIn(raw: Raw[]): (field: string) => string | null {
  const said = (name: string) => {
    const found = raw.find(one => asText(one.name) === name)?.value
    return found instanceof Uint8Array ? asText(found).trim() : ''
  }
  const all = usable(said('charset'))
  let each: { [field: string]: Json } = {}
  try {
    each = Object(JSON.parse(said('charsets') || '{}'))
  } catch {
    // A field of that name that means something else.
  }
  return field => (Object.hasOwn(each, field) ? usable(String(each[field])) : null) ?? all
}

const TOO_MANY: ApiProblem = {
  kind: 'invalid',
  code: 'too_many_fields',
  message: `The form holds over ${MOST_FIELDS} fields.`,
  hint: 'Send fewer fields, or JSON.',
}

const asText = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function usable(label: string): string | null {
  const name = label.toLowerCase()
  return /^[\w:.-]{3,40}$/.test(name) && !name.startsWith('utf-16') && isCharset(name) ? name : null
}

const BAD_ESCAPE: ApiProblem = {
  kind: 'malformed',
  code: 'malformed_form',
  message:
    'The form has an escape that is not valid: % and two hex digits, together text of its charset, UTF-8 unless said.',
  hint: 'Encode each name and value by itself.',
}

const BAD_MULTIPART: ApiProblem = {
  kind: 'malformed',
  code: 'malformed_form',
  message: 'The form is not well-formed multipart/form-data.',
  hint: 'Let your HTTP client write the form and its Content-Type, boundary included.',
}

function refuse(problem: ApiProblem): { ok: false; problem: ApiProblem } {
  return { ok: false, problem }
}
