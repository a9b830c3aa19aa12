/** Fits what an intake's map rendered to the input schema's scalar types: templates yield text where numbers are meant. */
import { keepsDigits } from '../json/exact-number.ts'
import type { Json, JsonSchema } from '../json/json.ts'
import { isSchemaObject, resolveRef, type SchemaObject } from './walk.ts'

/** `$ref`s followed in a row; a schema that passed checkSchema needs few. */
const MAX_REFS = 32
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/

/** Fields, items and schemas looked at; `allOf` may hold one value to two thousand schemas. */
const MAX_LOOKS = 200_000

/**
 * The value with each scalar turned into the type that the schema asks for at its place, where that loses nothing: "7" to
 * 7, "true" to true, 7 to "7". What fits already, or cannot be turned, stays as it is, and so does what is beyond the count
 * of looks: validation says what is wrong.
 */
export function coerceScalars(schema: JsonSchema, value: Json): Json {
  return coerce({ root: schema, looks: MAX_LOOKS }, schema, value, MAX_REFS)
}

interface Way {
  root: SchemaObject
  /** Looks left. */
  looks: number
}

function coerce(way: Way, schema: unknown, value: Json, refs: number): Json {
  if (!isSchemaObject(schema) || refs === 0 || way.looks <= 0) return value
  way.looks -= 1
  let fitted = value
  if (typeof schema.$ref === 'string') fitted = coerce(way, resolveRef(way.root, schema.$ref), fitted, refs - 1)
  if (Array.isArray(schema.allOf)) for (const part of schema.allOf) fitted = coerce(way, part, fitted, refs - 1)
  if (Array.isArray(fitted)) return coerceItems(way, schema, fitted)
  if (typeof fitted !== 'object' || fitted === null) return scalar(schema.type, fitted)
  return coerceFields(way, schema, fitted)
}

function coerceItems(way: Way, schema: SchemaObject, list: Json[]): Json {
  if (!isSchemaObject(schema.items) && !Array.isArray(schema.prefixItems)) return list
  return list.map((item, place) => coerce(way, itemSchema(schema, place), item, MAX_REFS))
}

/** Looks at no field that the schema says nothing of, and copies only what changes. */
function coerceFields(way: Way, schema: SchemaObject, value: Record<string, Json>): Json {
  const { properties, additionalProperties } = schema
  const fields = isSchemaObject(additionalProperties) ? value : isSchemaObject(properties) ? properties : {}
  const keys = Object.keys(fields)
  way.looks -= keys.length
  let fitted = value
  for (const key of keys) {
    if (!Object.hasOwn(value, key)) continue
    const part = coerce(way, fieldSchema(schema, key), value[key]!, MAX_REFS)
    if (part === value[key]) continue
    if (fitted === value) fitted = { ...value }
    fitted[key] = part
  }
  return fitted
}

function fieldSchema({ properties, additionalProperties }: SchemaObject, key: string): unknown {
  return isSchemaObject(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties
}

function itemSchema({ prefixItems, items }: SchemaObject, place: number): unknown {
  return Array.isArray(prefixItems) && place < prefixItems.length ? (prefixItems[place] as unknown) : items
}

function scalar(type: unknown, value: Json): Json {
  const types = Array.isArray(type) ? type.map(String) : typeof type === 'string' ? [type] : []
  if (types.some(name => isOf(name, value))) return value
  for (const name of types) {
    const turned = turn(name, value)
    if (turned !== undefined) return turned
  }
  return value
}

function isOf(type: string, value: Json): boolean {
  if (type === 'integer') return Number.isInteger(value)
  return type === 'null' ? value === null : typeof value === type
}

function turn(type: string, value: Json): Json | undefined {
  if (type === 'string') return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (type === 'null') return text === '' ? null : undefined
  if ((type !== 'number' && type !== 'integer') || !NUMBER.test(text)) return undefined
  const number = Number(text)
  const fits = keepsDigits(text) && (type === 'number' || Number.isSafeInteger(number))
  return fits ? number : undefined
}
