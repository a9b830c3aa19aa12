/** An input or output schema as a table of fields, for those who do not write JSON Schema; pure. What the table cannot show is kept as it was. */
import { isSchemaObject, type SchemaObject } from '../../domain/schema/walk.ts'

export const FIELD_TYPES = ['string', 'number', 'integer', 'boolean', 'choice', 'array', 'object'] as const
export type FieldType = (typeof FIELD_TYPES)[number]

export const FIELD_LABELS: Record<FieldType, string> = {
  string: 'Text',
  number: 'Number',
  integer: 'Whole number',
  boolean: 'Yes or no',
  choice: 'One of …',
  array: 'List',
  object: 'Object',
}

export interface FieldRow {
  name: string
  type: FieldType
  required: boolean
  /** Of a choice, as people type them: `low, high`. */
  choices: string
  /** The name that it had, whose other keywords it keeps. */
  was?: string
  /** What people read in place of the name. */
  title?: string
}

/** The schema's rows; null when it is not a plain object of fields and stays JSON. */
export function rowsOf(schema: SchemaObject): FieldRow[] | null {
  const { type, properties, required } = schema
  if (type !== 'object' || !isSchemaObject(properties)) return null
  const needed = Array.isArray(required) ? required : []
  const rows = Object.entries(properties).map(([name, field]) => rowOf(name, field, needed.includes(name)))
  return rows.includes(null) || needed.some(name => !Object.hasOwn(properties, name as string))
    ? null
    : (rows as FieldRow[])
}

function rowOf(name: string, field: unknown, required: boolean): FieldRow | null {
  if (!isSchemaObject(field)) return null
  const choices = choicesOf(field)
  if (choices !== null) return { name, type: 'choice', required, choices, was: name }
  const type = FIELD_TYPES.find(one => one === field.type && one !== 'choice')
  return type === undefined || 'enum' in field ? null : { name, type, required, choices: '', was: name }
}

function choicesOf({ type, enum: values }: SchemaObject): string | null {
  if (type !== 'string' || !Array.isArray(values) || values.length === 0) return null
  const plain = values.every(value => typeof value === 'string' && value.trim() === value && !/^$|,/.test(value))
  return plain ? values.join(', ') : null
}

/** The schema that the rows say, over the one before. */
export function schemaOf(rows: FieldRow[], before: SchemaObject | undefined): SchemaObject {
  const { required: needed, properties: old, type: _type, ...rest } = before ?? {}
  const known = isSchemaObject(old) ? old : {}
  const properties = Object.fromEntries(rows.map(row => [row.name, fieldOf(row, known[row.was ?? row.name])]))
  // In the order that their author gave them; what is required only now comes last.
  const listed = Array.isArray(needed) ? needed : []
  const rank = ({ name, was }: FieldRow) => (listed.includes(was ?? name) ? listed.indexOf(was ?? name) : listed.length)
  const required = rows
    .filter(row => row.required)
    .toSorted((a, b) => rank(a) - rank(b))
    .map(row => row.name)
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...rest }
}

function fieldOf(row: FieldRow, before: unknown): SchemaObject {
  const { type, enum: _choices, ...rest } = isSchemaObject(before) ? before : {}
  const now = row.type === 'choice' ? 'string' : row.type
  // Of another type, `minimum` or `items` would mean nothing; words about the field still do.
  const { description, title } = rest
  const words = { ...(title ? { title } : {}), ...(description ? { description } : {}) }
  const kept = { ...(type === now ? rest : words), ...(row.title ? { title: row.title } : {}) }
  if (row.type !== 'choice') return { type: now, ...kept }
  const choices = row.choices.split(',').map(choice => choice.trim())
  return { type: now, enum: [...new Set(choices.filter(choice => choice !== ''))], ...kept }
}
