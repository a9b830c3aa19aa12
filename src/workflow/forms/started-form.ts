/** What another workflow is given, as fields of a form and back: a field for each that its schema names, and text for the rest; pure. */
import type { Json, JsonSchema } from '../../domain/json/json.ts'
import { type FormMistake, inOrder, mistake, textOf, type Values } from './form-values.ts'
import { jsonOf, pairsOf, pairsText } from './pairs.ts'

/** The field for the input as a whole, or what no field of the schema stands for. */
export const INPUT = 'workflow_input'
/** What the names of the fields begin with that stand for one field of the schema. */
const START = 'workflow_in-'
/** One expression that comes to the whole input. */
const WHOLE = /^\{\{[^{}]*\}\}$/

/** The input as one text: lines of names and values, JSON, or one expression. */
export function inputText(input: Json): string {
  return typeof input === 'string' && WHOLE.test(input.trim()) ? input : pairsText(input)
}

export interface SchemaField {
  /** Its name on the form. */
  name: string
  label: string
  value: string
  hint: string
  required: boolean
  /** How its text is read: as it stands, or as a value where it is one. */
  as: 'words' | 'value'
}

/** A field for each property of the schema, and the text that is left for what it does not name; null: it has none to show. */
export function schemaFields(
  schema: JsonSchema | undefined,
  text: string,
): { fields: SchemaField[]; rest: string } | null {
  const properties = propertiesOf(schema)
  const given = pairsOf(text)
  if (properties.length === 0 || typeof given === 'string') return null
  const required = Array.isArray(schema?.required) ? schema.required : []
  const fields = properties.map(([name, own]) => fieldOf(name, own, given[name], required.includes(name)))
  const names = properties.map(([name]) => name)
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)))
  return { fields, rest: pairsText(rest) }
}

function propertiesOf(schema: JsonSchema | undefined): [string, JsonSchema][] {
  const { properties } = schema ?? {}
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return []
  return Object.entries(properties).map(([name, own]) => [name, (typeof own === 'object' ? own : {}) as JsonSchema])
}

function fieldOf(
  name: string,
  { type, title, description }: JsonSchema,
  value: Json | undefined,
  required: boolean,
): SchemaField {
  const isWords = type === 'string' || (typeof value === 'string' && !('problem' in jsonOf(value)))
  const kind = typeof type === 'string' ? (TYPES[type] ?? type) : 'any value'
  return {
    name: START + name,
    label: typeof title === 'string' ? title : name,
    value: value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value),
    hint: [typeof description === 'string' ? description : null, kind].filter(part => part !== null).join(' · '),
    required,
    as: isWords ? 'words' : 'value',
  }
}

const TYPES: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/** Reads the input over the one before. */
export function readInput(values: Values, before: Json): { ok: true; input: Json } | FormMistake {
  const text = (textOf(values, INPUT) ?? '').trim()
  const own = ownFields(values)
  if (WHOLE.test(text) && Object.keys(own).length === 0) return { ok: true, input: text }
  const rest = pairsOf(text)
  if (typeof rest === 'string') return mistake(INPUT, rest)
  const known = typeof before === 'object' && before !== null && !Array.isArray(before) ? before : {}
  return { ok: true, input: inOrder<Record<string, Json>>({ ...own, ...rest }, known, Object.keys(own)) }
}

function ownFields(values: Values): Record<string, Json> {
  const given = Object.keys(values).filter(name => name.startsWith(START) && !name.endsWith('.as'))
  return Object.fromEntries(
    given.flatMap(name => {
      const text = textOf(values, name) ?? ''
      return text.trim() === '' ? [] : [[name.slice(START.length), readAs(text, values[`${name}.as`])]]
    }),
  )
}

function readAs(text: string, as: string | undefined): Json {
  if (as !== 'value') return text
  const read = jsonOf(text)
  return 'problem' in read ? text : read.value
}
