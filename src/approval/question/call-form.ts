/** A call's arguments as the fields of a form, one a parameter, and back. Pure. */
import type { Json, JsonSchema } from '../../domain/json/json.ts'
import { textOf } from './differences.ts'
import { type Edited, type EditField, type EditForm, type FormReader, newlines, readField } from './edit.ts'

/** Fields of the question's form itself: a parameter of such a name stands behind `edits.`. */
const TAKEN = ['seen', 'visit', 'run', 'handoff', 'note', 'renew', 'output', 'edits']
const MAX_FIELDS = 40
const WHOLE = 'edits'

type Fields = { [name: string]: Json }

/** The form in which the arguments are edited; `sent` gives back what was typed before. */
export function callForm(args: Json, parameters: JsonSchema, sent: FormReader = () => null): EditForm {
  const fields = isObject(args) ? fieldsOf(args, parameters) : []
  if (fields.length === 0 || fields.length > MAX_FIELDS) {
    return { kind: 'json', name: WHOLE, value: sent(WHOLE) ?? textOf(args) }
  }
  return { kind: 'fields', fields: fields.map(field => ({ ...field, value: sent(field.name) ?? field.value })) }
}

/** The whole arguments as the form has them; undefined: nothing was changed. */
export function callEdits(args: Json, parameters: JsonSchema, sent: FormReader): Edited {
  const form = callForm(args, parameters)
  if (form.kind !== 'fields') {
    const text = sent(WHOLE)
    if (text === null || newlines(text) === newlines(form.value)) return { ok: true, edits: undefined }
    const edits = readField('json', text)
    if (edits === undefined) return { ok: false, message: 'The changed arguments are not usable JSON.' }
    return { ok: true, edits: isSame(edits, args) ? undefined : edits }
  }
  const edits: Fields = { ...(args as Fields) }
  for (const { name, label, kind, value } of form.fields) {
    const text = sent(name)
    if (text === null || newlines(text) === newlines(value)) continue
    if (text.trim() === '' && (kind !== 'text' || !Object.hasOwn(args as Fields, label))) {
      delete edits[label]
      continue
    }
    const read = readField(kind, newlines(text))
    if (read === undefined) return { ok: false, message: `“${label}” must be ${KIND[kind]}.` }
    edits[label] = read
  }
  return { ok: true, edits: isSame(edits, args) ? undefined : edits }
}

const KIND: Record<EditField['kind'], string> = {
  text: 'a text',
  number: 'a number',
  boolean: 'yes or no',
  json: 'usable JSON',
}

function isSame(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function isObject(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(args: Fields, { properties = {}, required = [] }: JsonSchema): EditField[] {
  const named = properties as { [name: string]: JsonSchema }
  const needed = required as string[]
  return [...new Set([...Object.keys(named), ...Object.keys(args)])].map(label => {
    const schema = named[label]
    const has = Object.hasOwn(args, label)
    const value = has ? args[label]! : undefined
    const kind = kindOf(typeof schema === 'object' ? schema.type : undefined, value)
    const choices = choicesIn(schema, value)
    return {
      name: TAKEN.includes(label) ? `${WHOLE}.${label}` : label,
      label,
      kind,
      value: kind === 'json' && value !== undefined ? JSON.stringify(value, null, 2) : String(value ?? ''),
      ...(choices === undefined ? {} : { choices }),
      optional: !needed.includes(label),
      ...(typeof schema?.description === 'string' ? { hint: schema.description } : {}),
    }
  })
}

/** As the value is, else as the schema says. */
function kindOf(type: unknown, value: Json | undefined): EditField['kind'] {
  const is = value === undefined || value === null ? type : typeof value
  if (is === 'string') return 'text'
  if (is === 'number' || is === 'integer') return 'number'
  return is === 'boolean' ? 'boolean' : 'json'
}

function choicesIn(schema: JsonSchema | undefined, value: Json | undefined): string[] | undefined {
  const listed = schema?.enum
  if (!Array.isArray(listed) || !listed.every(one => typeof one === 'string')) return undefined
  return value === undefined || listed.includes(value as string) ? (listed as string[]) : undefined
}
