/** Bodies of deliveries, by their type: JSON as it is, forms as objects of their fields, plain text as `{text}`. What a sender cannot change is repaired, and told. */
import type { Json } from '../../domain/json/json.ts'
import { BODY_LIMITS, guardValue } from '../../domain/json/json-guard.ts'
import type { FilesForm } from '../../files/multipart.ts'
import { refuse } from '../../http/errors.ts'
import { type Read, readJson } from '../../http/request/body.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import { type Field, multipartFields, partedFields, urlencodedFields } from './fields.ts'
import { readIfJson, readSentJson } from './json.ts'
import { type Repair, Repairs } from './repair.ts'
import { mediaType, type Sent } from './sent.ts'
import { charsetOf, NOT_TEXT, repairedText, textOf, unmarked, unpacked } from './text.ts'

const JSON_TYPE = 'application/json'
const URLENCODED = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'
const TEXT = 'text/plain'
export const BODY_TYPES = [JSON_TYPE, 'text/json', URLENCODED, MULTIPART, TEXT]

export interface Content {
  /** The media type that the body turned out to be of. */
  type: string
  /** The body as text that reads as the same again. */
  text: string
  value: Json
  /** Whether it came as a form, all of whose values are texts. */
  isForm: boolean
  repaired: Repair[]
}

/** Whether senders of this kind put their JSON into a form's field `payload`: GitHub by default, Slack for buttons. Mail and forms have no `auth`. */
export function unwrapsPayload({ auth }: Partial<Pick<IntakeConfig, 'auth'>>): boolean {
  return auth?.type === 'github' || auth?.type === 'slack'
}

/** Reads a body as it was sent. */
export async function readContent(sent: Sent, unwraps: boolean): Promise<Read<Content>> {
  if (sent.bytes.length === 0) return empty()
  const type = mediaType(sent.contentType)
  const declared = charsetOf(sent.contentType)
  if (type === null || !isTaken(type) || declared === 'unknown')
    return refuse({ kind: 'content_type', given: sent.contentType, allowed: BODY_TYPES })
  const repairs = new Repairs()
  const plain = await unpacked(sent.bytes, sent.contentEncoding, repairs)
  if (!plain.ok) return plain
  const { bytes, charset: marked } = unmarked(plain.value, repairs)
  const charset = marked ?? declared.charset
  const fields = type === MULTIPART ? await multipartFields(bytes, sent.contentType!, charset, repairs) : null
  if (fields) return fields.ok ? form(fields.value, null, type, unwraps, repairs) : fields
  // A form's escapes may be in a charset that only its fields name: what stands between them is ASCII.
  const text = textOf(bytes, charset, type === URLENCODED ? new Repairs() : repairs)
  if (type === URLENCODED) return urlencoded(bytes, text, charset, unwraps, repairs)
  if (text === null) return refuse(NOT_TEXT)
  return type === TEXT ? textOrJson(text, repairs) : json(text, readSentJson(text, repairs), type, repairs)
}

/** The same of a form whose parts were taken apart, and its files kept, as it came. */
export function formContent(parts: FilesForm, contentType: string, unwraps: boolean): Read<Content> {
  const declared = charsetOf(contentType)
  if (declared === 'unknown') return refuse({ kind: 'content_type', given: contentType, allowed: BODY_TYPES })
  const repairs = new Repairs()
  const fields = partedFields(parts, declared.charset, repairs)
  return fields.ok ? form(fields.value, null, MULTIPART, unwraps, repairs) : fields
}

/** Reads the text of a delivery that is sent again, as `readContent` made it. */
export function contentOf(text: string, type: string | null, unwraps: boolean): Promise<Read<Content>> {
  // A form whose text would not read as the same again was kept as the object of its fields.
  if ((type === URLENCODED || type === MULTIPART) && text.startsWith('{')) return Promise.resolve(keptForm(text, type))
  const boundary = type === MULTIPART ? (/^--([^\r\n]{1,70})\r?\n/.exec(text)?.[1] ?? '') : ''
  const contentType =
    type === MULTIPART ? `${MULTIPART}; boundary="${boundary}"` : isTaken(type ?? '') ? type : JSON_TYPE
  return readContent({ bytes: new TextEncoder().encode(text), contentType, contentEncoding: null }, unwraps)
}

function isTaken(type: string): boolean {
  return BODY_TYPES.includes(type) || /^[\w.-]+\/[\w.-]+\+json$/.test(type)
}

function keptForm(text: string, type: string): Read<Content> {
  const read = readSentJson(text, new Repairs())
  return read.ok ? { ok: true, value: { type, text, value: read.value, isForm: true, repaired: [] } } : read
}

function json(text: string, read: Read<Json>, type: string, repairs: Repairs): Read<Content> {
  if (!read.ok) return read
  return { ok: true, value: { type, text, value: read.value, isForm: false, repaired: repairs.list() } }
}

function textOrJson(text: string, repairs: Repairs): Read<Content> {
  if (text.trim() === '') return empty()
  const read = readIfJson(text, repairs)
  if (read) {
    repairs.add('json_as_text')
    return json(text, read, JSON_TYPE, repairs)
  }
  const whole = repairedText(text, repairs)
  return {
    ok: true,
    value: { type: TEXT, text: whole, value: { text: whole }, isForm: false, repaired: repairs.list() },
  }
}

function urlencoded(
  bytes: Uint8Array,
  text: string | null,
  charset: string | null,
  unwraps: boolean,
  repairs: Repairs,
): Read<Content> {
  const read = text === null ? null : readIfJson(text, repairs)
  if (read) {
    repairs.add('json_as_form')
    return json(text!, read, JSON_TYPE, repairs)
  }
  const fields = urlencodedFields(bytes, charset, repairs)
  return fields.ok ? form(fields.value, text, URLENCODED, unwraps, repairs) : fields
}

/** A form's fields as an object; a name that came several times holds a list. */
function form(fields: Field[], text: string | null, type: string, unwraps: boolean, repairs: Repairs): Read<Content> {
  if (fields.length === 0) return empty()
  const payload = unwraps ? payloadOf(fields, repairs) : null
  if (payload) return payload
  const byName = new Map<string, Json[]>()
  for (const { name, value } of fields) {
    const before = byName.get(name)
    if (before === undefined) byName.set(name, [value])
    else before.push(value)
  }
  const value = Object.fromEntries(
    [...byName].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  )
  const guarded = guardValue(value, BODY_LIMITS)
  if (guarded !== null) {
    const hint = 'Send fewer fields, or name that one otherwise.'
    return refuse({ kind: 'invalid', code: guarded.code, message: guarded.message, hint })
  }
  const repaired = repairs.list()
  const kept = repaired.length === 0 && text !== null ? text : JSON.stringify(value)
  return { ok: true, value: { type, text: kept, value, isForm: true, repaired } }
}

/** The JSON that is the form's only field; null: it is a form like any other. */
function payloadOf(fields: Field[], repairs: Repairs): Read<Content> | null {
  const [field] = fields
  if (fields.length !== 1 || field?.name !== 'payload' || typeof field.value !== 'string') return null
  const read = readIfJson(field.value, repairs)
  if (!read) return null
  repairs.add('payload')
  return json(field.value, read, JSON_TYPE, repairs)
}

function empty(): Read<Content> {
  return readJson('') as Read<Content>
}
