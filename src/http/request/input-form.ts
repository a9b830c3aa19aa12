/** A form made from a workflow's input schema, and the input read back from it. What a form cannot express is asked for as JSON. */
import { keepsDigits } from '../../domain/json/exact-number.ts'
import type { Json, JsonObject, JsonSchema } from '../../domain/json/json.ts'
import { readJson } from './body.ts'

/** A form's own fields begin with this; a property's name stands for itself. */
export const OWN = '_'
export const MORE = '_more'
export const WHOLE = '_input'

type FieldKind =
  | 'text'
  | 'lines'
  | 'email'
  | 'url'
  | 'date'
  | 'number'
  | 'integer'
  | 'yes_no'
  | 'choice'
  | 'list'
  | 'file'
  | 'files'
  | 'json'

export interface FormField {
  name: string
  label: string
  hint?: string
  kind: FieldKind
  required: boolean
  choices: string[]
  /** As the form shows it. */
  initial: string
}

export interface InputForm {
  /** null: the schema says nothing that a form could ask for; the whole input is one text. */
  fields: FormField[] | null
  /** Whether properties beside the fields are taken. */
  more: boolean
}

type Schema = { [key: string]: Json | undefined }

const MAX_FIELDS = 60

/** The form of an input schema. `files`: whether it is sent with files; else a file is named by its id. */
export function inputForm(schema: JsonSchema | undefined, files: 'files' | 'ids' = 'ids'): InputForm {
  const { properties, required, additionalProperties, type } = (schema ?? {}) as Schema
  const names = isObject(properties) ? Object.keys(properties) : []
  const fits = isObject(properties) && (type === undefined || type === 'object') && names.length > 0
  // Names that our own fields, or a form's parser, would take for something else.
  if (!fits || names.length > MAX_FIELDS || names.some(name => name.startsWith(OWN)))
    return { fields: null, more: false }
  const needed = Array.isArray(required) ? required : []
  return {
    fields: names.map(name => fieldOf(name, properties[name], needed.includes(name), files)),
    more: additionalProperties !== false,
  }
}

function fieldOf(name: string, schema: Json | undefined, required: boolean, files: 'files' | 'ids'): FormField {
  const property: Schema = isObject(schema) ? schema : {}
  const { title, description, default: standard } = property
  const asked = kindOf(name, property)
  const kind = files === 'files' ? asked : asked === 'file' ? 'text' : asked === 'files' ? 'list' : asked
  return {
    name,
    label: typeof title === 'string' && title ? title : sentence(name),
    hint: typeof description === 'string' && description ? description : hintOf(kind),
    kind,
    required,
    choices: kind === 'choice' ? (property.enum as Json[]).map(String) : [],
    initial: standard === undefined ? '' : textOf(kind, standard),
  }
}

/** Above this length a text needs more than a line; so do these names, unless their length is limited. */
const ONE_LINE = 200
const LONG =
  /text|message|note|description|body|content|summary|comment|detail|brief|prompt|question|request|transcript|reason/i

function kindOf(
  name: string,
  { type, enum: choices, format, maxLength, items, $ref, oneOf, anyOf, allOf }: Schema,
): FieldKind {
  if ($ref !== undefined || oneOf !== undefined || anyOf !== undefined || allOf !== undefined) return 'json'
  if (Array.isArray(choices)) return choices.every(one => typeof one === 'string') ? 'choice' : 'json'
  switch (type) {
    case 'string':
      if (format === 'email' || format === 'date') return format
      if (format === 'uri') return 'url'
      if (format === 'file') return 'file'
      if (typeof maxLength === 'number') return maxLength <= ONE_LINE ? 'text' : 'lines'
      return LONG.test(name) ? 'lines' : 'text'
    case 'number':
    case 'integer':
      return type
    case 'boolean':
      return 'yes_no'
    case 'array':
      if (isObject(items) && items.format === 'file') return 'files'
      return isObject(items) && items.type === 'string' ? 'list' : 'json'
    default:
      return 'json'
  }
}

function hintOf(kind: FieldKind): string | undefined {
  if (kind === 'list') return 'One on each line.'
  if (kind === 'file' || kind === 'files') return 'At most 25 MB.'
  return kind === 'json' ? 'JSON' : undefined
}

function textOf(kind: FieldKind, value: Json): string {
  if (kind === 'list' && Array.isArray(value)) return value.join('\n')
  return typeof value === 'string' && kind !== 'json' ? value : JSON.stringify(value)
}

/** "due_date" and "dueDate" as people read them. */
function sentence(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim()
    .toLowerCase()
  return words === '' ? name : words[0]!.toUpperCase() + words.slice(1)
}

export type Given = Record<string, string>
export type ReadInput = { ok: true; input: Json } | { ok: false; errors: Record<string, string> }

/** The schema's first example that is an object; null: it has none. */
export function exampleOf(schema: JsonSchema | undefined): JsonObject | null {
  const { examples } = (schema ?? {}) as Schema
  const found = Array.isArray(examples) ? examples.find(isObject) : undefined
  return found === undefined ? null : (found as JsonObject)
}

/** The form as it looks when this input is filled in. */
export function givenOf(form: InputForm, input: JsonObject): Given {
  if (form.fields === null) return { [WHOLE]: JSON.stringify(input, null, 2) }
  const fields = form.fields.filter(field => input[field.name] !== undefined)
  const rest = Object.entries(input).filter(([name]) => !fields.some(field => field.name === name))
  return {
    ...Object.fromEntries(fields.map(field => [field.name, textOf(field.kind, input[field.name]!)])),
    ...(form.more && rest.length > 0 ? { [MORE]: JSON.stringify(Object.fromEntries(rest)) } : {}),
  }
}

/** Reads what was filled in. Empty fields are left out: a property that is not given is not an empty text. */
export function readInput(form: InputForm, given: Given): ReadInput {
  return form.fields === null ? readWhole(given[WHOLE] ?? '') : readFields(form, form.fields, given)
}

/** Text that is no JSON is meant as text, as intakes take it. */
function readWhole(text: string): ReadInput {
  const trimmed = text.trim()
  if (trimmed === '') return { ok: true, input: {} }
  if (!/^[[{"]/.test(trimmed)) return { ok: true, input: { text: trimmed } }
  const read = readJson(trimmed)
  return read.ok ? { ok: true, input: read.value as Json } : { ok: false, errors: { [WHOLE]: messageOf(read.problem) } }
}

function readFields(form: InputForm, fields: FormField[], given: Given): ReadInput {
  const errors: Record<string, string> = {}
  const entries: [string, Json][] = []
  for (const field of fields) {
    const value = readField(field, (given[field.name] ?? '').replaceAll('\r\n', '\n'))
    if ('error' in value) errors[field.name] = value.error
    else if (value.value !== undefined) entries.push([field.name, value.value])
  }
  const more = readMore(form.more ? (given[MORE] ?? '') : '')
  if ('error' in more) errors[MORE] = more.error
  if ('error' in more || Object.keys(errors).length > 0) return { ok: false, errors }
  return { ok: true, input: { ...more.value, ...Object.fromEntries(entries) } }
}

function readField(field: FormField, text: string): { value: Json | undefined } | { error: string } {
  const empty = text.trim() === ''
  if (field.kind === 'yes_no') return { value: text !== '' }
  if (empty) return field.required ? { error: 'This is needed.' } : { value: undefined }
  switch (field.kind) {
    case 'number':
    case 'integer': {
      const number = Number(text)
      if (!Number.isFinite(number)) return { error: 'This must be a number.' }
      if (!keepsDigits(text.trim())) return { error: 'This has more digits than a number can keep.' }
      return field.kind === 'integer' && !Number.isInteger(number)
        ? { error: 'This must be a whole number.' }
        : { value: number }
    }
    case 'list':
    case 'files':
      return {
        value: text
          .split('\n')
          .map(line => line.trim())
          .filter(line => line !== ''),
      }
    case 'json': {
      const read = readJson(text)
      return read.ok ? { value: read.value as Json } : { error: messageOf(read.problem) }
    }
    case 'lines':
      return { value: text }
    default:
      return { value: text.trim() }
  }
}

function readMore(text: string): { value: { [key: string]: Json } } | { error: string } {
  if (text.trim() === '') return { value: {} }
  const read = readJson(text)
  if (!read.ok) return { error: messageOf(read.problem) }
  return isObject(read.value as Json)
    ? { value: read.value as { [key: string]: Json } }
    : { error: 'This must be a JSON object.' }
}

function messageOf(problem: object): string {
  return 'message' in problem ? String(problem.message) : 'This is not well-formed JSON.'
}

function isObject(value: unknown): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
