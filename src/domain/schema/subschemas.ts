/** Where the schemas inside a JSON Schema lie: so that a walk never mistakes a property's name or a value for a keyword. */
import type { Json, JsonObject, JsonSchema } from '../json/json.ts'
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isNumber = (value: Json | undefined): value is number => typeof value === 'number'

/** The schema with each schema directly inside it replaced by what `change` makes of it. */
export const mapSubschemas = (schema: JsonSchema, change: (inner: Json) => Json): JsonSchema =>
  Object.fromEntries(
    Object.entries(schema).map(([keyword, value]): [string, Json] => {
      if (ONE.has(keyword)) return [keyword, Array.isArray(value) ? value.map(change) : change(value)]
      if (LISTS.has(keyword) && Array.isArray(value)) return [keyword, value.map(change)]
      if (MAPS.has(keyword) && isObject(value)) return [keyword, mapValues(value, change)]
      return [keyword, value]
    }),
  )

const mapValues = (object: JsonObject, change: (inner: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))

const ONE = new Set([
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
])
const LISTS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const MAPS = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'])
