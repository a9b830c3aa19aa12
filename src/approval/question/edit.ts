/** Editing an output before deciding: the fields that a form shows for it, and the value that they come back as. Pure. */
import type { Json } from '../../domain/json/json.ts'
import { BODY_LIMITS, guardJson } from '../../domain/json/json-guard.ts'
import { textOf } from './differences.ts'

export interface EditField {
  /** The form field's name. */
  name: string
  label: string
  kind: 'text' | 'number' | 'boolean' | 'json'
  value: string
  /** What may be chosen, where it is not free. */
  choices?: string[]
  /** Whether it may stay empty: it is left out then. */
  optional?: boolean
  hint?: string
}

/** How an output is edited: as text, field by field where it is a flat object, else as JSON. */
export type EditForm =
  | { kind: 'text'; name: string; value: string }
  | { kind: 'fields'; fields: EditField[] }
  | { kind: 'json'; name: string; value: string }

export type Edited = { ok: true; edits: Json | undefined } | { ok: false; message: string }

/** Reads a form's field; null: it was not sent. */
export type FormReader = (name: string) => string | null

const NAME = 'edits'
const MAX_FIELDS = 30

/** The form that edits this output; `sent` gives back what was typed before. */
export function editFormOf(output: Json, sent: FormReader = () => null): EditForm {
  if (typeof output === 'string') return { kind: 'text', name: NAME, value: sent(NAME) ?? output }
  const fields = fieldsOf(output)
  if (fields === null) return { kind: 'json', name: NAME, value: sent(NAME) ?? textOf(output) }
  return { kind: 'fields', fields: fields.map(field => ({ ...field, value: sent(field.name) ?? field.value })) }
}

function fieldsOf(output: Json): EditField[] | null {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return null
  const entries = Object.entries(output)
  if (entries.length === 0 || entries.length > MAX_FIELDS) return null
  const fields = entries.map(([label, value]): EditField | null => {
    const kind = kindOf(value)
    return kind === null ? null : { name: `${NAME}.${label}`, label, kind, value: String(value) }
  })
  return fields.every(field => field !== null) ? fields : null
}

function kindOf(value: Json): EditField['kind'] | null {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  return typeof value === 'boolean' ? 'boolean' : null
}

/** What the form made of the output; undefined: nothing was changed. */
export function editedOf(output: Json, sent: FormReader): Edited {
  const form = editFormOf(output)
  if (form.kind === 'fields') return editedFields(output as { [key: string]: Json }, form.fields, sent)
  const text = sent(form.name)
  if (text === null || newlines(text) === newlines(form.value)) return { ok: true, edits: undefined }
  if (form.kind === 'text') return { ok: true, edits: newlines(text) }
  const read = guardJson(text, BODY_LIMITS)
  if (!read.ok) return { ok: false, message: `The edited output is not usable JSON: ${read.message}` }
  const edits = read.value as Json
  return { ok: true, edits: JSON.stringify(edits) === JSON.stringify(output) ? undefined : edits }
}

/** Browsers send every line end of a text area as CRLF. */
export function newlines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n')
}

function editedFields(output: { [key: string]: Json }, fields: EditField[], sent: FormReader): Edited {
  const edits: { [key: string]: Json } = { ...output }
  let changed = false
  for (const { name, label, kind, value } of fields) {
    const text = sent(name)
    if (text === null || newlines(text) === newlines(value)) continue
    const read = readField(kind, newlines(text))
    if (read === undefined) return { ok: false, message: `"${label}" must be a ${kind}.` }
    edits[label] = read
    changed = true
  }
  return { ok: true, edits: changed ? edits : undefined }
}

/** A field's text as its value; undefined: it is none of that kind. */
export function readField(kind: EditField['kind'], text: string): Json | undefined {
  if (kind === 'text') return text
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (kind === 'json') {
    const read = guardJson(text, BODY_LIMITS)
    return read.ok ? (read.value as Json) : undefined
  }
  const number = Number(text.trim())
  return text.trim() === '' || !Number.isFinite(number) ? undefined : number
}
