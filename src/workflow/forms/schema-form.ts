/** A JSON Schema as part of a form, and back: nothing asked for, a table of fields, or JSON; pure. An input and an output alike. */
import { BODY_LIMITS, guardJson } from '../../domain/json/json-guard.ts'
import { checkSchema } from '../../domain/schema/check.ts'
import { isSchemaObject, type SchemaObject } from '../../domain/schema/walk.ts'
import { cut } from '../../domain/text/cut.ts'
import type { Step } from '../../domain/workflow/definition.ts'
import { keyFor } from '../../domain/workflow/edit.ts'
import { type FormMistake, mistake, type Values } from './form-values.ts'
import { FIELD_TYPES, type FieldRow, rowsOf, schemaOf } from './schema-table.ts'

/** The names of the form's fields: how the schema is said, what a row's fields begin with, and the JSON. */
export interface SchemaNames {
  as: string
  row: string
  json: string
}

export const OUTPUT: SchemaNames = { as: 'output_as', row: 'field', json: 'output_json' }
export const INPUT: SchemaNames = { as: 'input_as', row: 'input', json: 'input_json' }

/** Rows of fields that a form may send. */
const MAX_ROWS = 60
/** What templates and conditions can name; other words become a key, and stay as the field's title. */
const PLAIN = /^[A-Za-z_][\w-]*$/

type Schema = Step['output']

/** The form's values for a schema. */
export function schemaValues(schema: Schema, names: SchemaNames): Record<string, string | undefined> {
  if (schema === undefined) return { [names.as]: 'none' }
  const rows = rowsOf(schema)
  const fields = (rows ?? []).flatMap((row, index) => rowValues(row, `${names.row}-${index}`))
  return {
    [names.as]: rows ? 'fields' : 'json',
    [names.json]: JSON.stringify(schema, null, 2),
    ...Object.fromEntries(fields),
  }
}

function rowValues(row: FieldRow, start: string): [string, string | undefined][] {
  return [
    [`${start}-name`, row.name],
    [`${start}-type`, row.type],
    [`${start}-choices`, row.choices],
    [`${start}-required`, row.required ? 'on' : undefined],
    [`${start}-was`, row.was],
  ]
}

/** How many rows the values hold. */
export function rowCount(values: Values, names: SchemaNames): number {
  const places = Object.keys(values).flatMap(name => {
    const place = new RegExp(`^${names.row}-(\\d+)-name$`).exec(name)?.[1]
    return place === undefined || values[name] === '' ? [] : [Number(place) + 1]
  })
  return Math.max(0, ...places)
}

/** Reads the schema over the one before, whose other keywords stay. */
export function readSchemaForm(
  values: Values,
  before: Schema,
  names: SchemaNames,
): { ok: true; schema: Schema } | FormMistake {
  if (values[names.as] === 'json') return readJson(values[names.json] ?? '', names.json)
  return values[names.as] === 'fields' ? readFields(values, before, names) : { ok: true, schema: undefined }
}

function readFields(values: Values, before: Schema, names: SchemaNames): { ok: true; schema: Schema } | FormMistake {
  const rows: FieldRow[] = []
  for (let index = 0; index < MAX_ROWS; index++) {
    const value = (part: string) => values[`${names.row}-${index}-${part}`]
    const given = value('name')?.trim() ?? ''
    if (given === '') continue
    const was = value('was') || undefined
    const isKey = given === was || PLAIN.test(given)
    const name = isKey ? given : keyFor(given, [])
    if (rows.some(row => row.name === name))
      return mistake(`${names.row}-${index}-name`, `There are two fields “${name}”.`)
    rows.push({
      name,
      type: FIELD_TYPES.find(type => type === value('type')) ?? 'string',
      required: value('required') !== undefined,
      choices: value('choices') ?? '',
      was,
      title: isKey ? undefined : cut(given, 120),
    })
  }
  const first = `${names.row}-0-name`
  if (rows.length === 0) return mistake(first, 'Name at least one field, or choose that there are none.')
  const schema = schemaOf(rows, isSchemaObject(before) ? before : undefined)
  const [problem] = checkSchema(schema)
  return problem ? mistake(first, `${problem.path}: ${problem.message}`) : { ok: true, schema: schema as Schema }
}

function readJson(text: string, field: string): { ok: true; schema: Schema } | FormMistake {
  const read = guardJson(text, BODY_LIMITS)
  if (!read.ok) return mistake(field, `This is not usable JSON: ${read.message}`)
  const [problem] = checkSchema(read.value)
  if (problem) return mistake(field, `${problem.path ? `${problem.path}: ` : ''}${problem.message}`)
  return { ok: true, schema: read.value as SchemaObject as Schema }
}
