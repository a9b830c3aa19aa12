/**
 * Whether OpenAI takes a schema with `strict: true`. It refuses the whole request otherwise, so this is an allow-list:
 * what it does not know is sent without `strict`, and our own validator decides either way.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
import type { Json, JsonObject, JsonSchema } from '../../../domain/json/json.ts'
import { isNumber, isObject } from '../../../domain/schema/subschemas.ts'

/** True when every part of the schema lies in the subset that OpenAI takes with `strict: true`. */
export const strictSubset = (schema: JsonSchema): boolean => {
  const budget: Budget = { properties: 0, names: 0, enums: 0, defs: definitionsOf(schema) }
  if (!isObject(schema) || schema.type !== 'object' || schema.anyOf !== undefined) return false
  if (![...budget.defs.values()].every(definition => fits(definition, budget, 1))) return false
  return fits(schema, budget, 0) && budget.properties <= 5000 && budget.names <= 120_000 && budget.enums <= 1000
}

interface Budget {
  properties: number
  /** Characters in property names, definition names and enum values together. */
  names: number
  enums: number
  defs: Map<string, Json>
}

// OpenAI allows ten levels of nesting.
const DEEPEST = 10

const ANYWHERE = ['title', 'description', '$defs', 'definitions']
const ALLOWED: Record<string, string[]> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['pattern', 'format', 'enum', 'const'],
  number: ['multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'enum', 'const'],
  integer: ['multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'enum', 'const'],
  boolean: ['enum', 'const'],
  null: ['enum', 'const'],
}
const FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']

const fits = (schema: Json, budget: Budget, depth: number): boolean => {
  if (!isObject(schema) || depth > DEEPEST) return false
  if (depth > 0 && (schema.$defs !== undefined || schema.definitions !== undefined)) return false
  if (schema.$ref !== undefined) return referenceFits(schema, budget)
  if (schema.anyOf !== undefined) return unionFits(schema, budget, depth)
  const types = [schema.type].flat()
  if (!typesFit(types) || !keywordsFit(schema, types as string[]) || !valuesFit(schema, types as string[], budget))
    return false
  if (types.includes('object') && !objectFits(schema, budget, depth)) return false
  return !types.includes('array') || fits(schema.items ?? null, budget, depth + 1)
}

/** A `$ref` stands alone and points at the root or a definition at the root. */
const referenceFits = (schema: JsonObject, budget: Budget): boolean => {
  if (Object.keys(schema).length !== 1 || typeof schema.$ref !== 'string') return false
  return schema.$ref === '#' || budget.defs.has(schema.$ref)
}

const unionFits = (schema: JsonObject, budget: Budget, depth: number): boolean => {
  const { anyOf, ...rest } = schema
  if (!Array.isArray(anyOf) || anyOf.length === 0 || Object.keys(rest).some(key => !ANYWHERE.includes(key)))
    return false
  return anyOf.every(branch => fits(branch, budget, depth)) && branchesDiffer(anyOf, budget)
}

/** OpenAI tells the objects of a union apart by their first key, or by the constant under it. */
const branchesDiffer = (branches: Json[], budget: Budget): boolean => {
  const marks = branches.flatMap(branch => markOf(branch, budget) ?? [])
  return marks.every((mark, at) =>
    marks.slice(at + 1).every(other => {
      if (mark.key !== other.key) return true
      return mark.only !== null && other.only !== null && mark.only !== other.only
    }),
  )
}

/** An object's first key, and the one value that its schema leaves to it; null for what is no object. */
const markOf = (branch: Json, budget: Budget): { key: string; only: string | null } | null => {
  const target = isObject(branch) && typeof branch.$ref === 'string' ? budget.defs.get(branch.$ref) : branch
  if (!isObject(target) || !isObject(target.properties)) return null
  const [key = '', schema] = Object.entries(target.properties)[0] ?? []
  if (!isObject(schema)) return { key, only: null }
  const values = schema.const !== undefined ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : []
  return { key, only: values.length === 1 ? JSON.stringify(values[0]) : null }
}

/** One known type, or one and null. */
const typesFit = (types: (Json | undefined)[]): boolean => {
  if (types.length === 0 || new Set(types).size < types.length) return false
  if (!types.every(type => typeof type === 'string' && Object.hasOwn(ALLOWED, type))) return false
  return types.filter(type => type !== 'null').length <= 1
}

const keywordsFit = (schema: JsonObject, types: string[]): boolean => {
  const allowed = ['type', ...ANYWHERE, ...types.flatMap(type => ALLOWED[type] ?? [])]
  if (!Object.keys(schema).every(key => allowed.includes(key))) return false
  if (schema.pattern !== undefined && (typeof schema.pattern !== 'string' || LOOKAROUND.test(schema.pattern)))
    return false
  return schema.format === undefined || FORMATS.includes(String(schema.format))
}

const LOOKAROUND = /\(\?<?[=!]|\\[1-9]/

const valuesFit = (schema: JsonObject, types: string[], budget: Budget): boolean => {
  const values = [
    ...(schema.const === undefined ? [] : [schema.const]),
    ...(Array.isArray(schema.enum) ? schema.enum : []),
  ]
  if (schema.enum !== undefined && (!Array.isArray(schema.enum) || schema.enum.length === 0)) return false
  const texts = values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)
  budget.enums += values.length
  budget.names += texts
  if (values.length > 250 && texts > 15_000) return false
  return values.every(value => types.some(type => isOfType(value, type)))
}

const isOfType = (value: Json, type: string): boolean => {
  if (type === 'null') return value === null
  if (type === 'integer') return isNumber(value) && Number.isInteger(value)
  return typeof value === type && value !== null
}

/** All properties required, nothing beside them. */
const objectFits = (schema: JsonObject, budget: Budget, depth: number): boolean => {
  if (schema.additionalProperties !== false || !isObject(schema.properties)) return false
  const names = Object.keys(schema.properties)
  const required = Array.isArray(schema.required) ? schema.required : []
  if (required.length !== names.length || !names.every(name => required.includes(name))) return false
  budget.properties += names.length
  budget.names += names.join('').length
  return Object.values(schema.properties).every(property => fits(property, budget, depth + 1))
}

/** The root's definitions, by the reference that points at each. */
const definitionsOf = (schema: JsonSchema): Map<string, Json> =>
  new Map(
    (['$defs', 'definitions'] as const).flatMap(place =>
      isObject(schema[place])
        ? Object.entries(schema[place]).map(([name, definition]): [string, Json] => [`#/${place}/${name}`, definition])
        : [],
    ),
  )
