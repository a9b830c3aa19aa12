/** A value for a JSON Schema, filled with what the prompt says where it says it. */
import type { Json, JsonObject, JsonSchema } from '../json/json.ts'
import { isNumber, isObject } from '../schema/subschemas.ts'
import { choose } from './choice.ts'
import { type Facts, hash, wordsOf } from './facts.ts'
import { numberFor, type Place, stringFor } from './scalars.ts'

/** A value that the schema should accept. The caller validates it: a schema can ask for more than this reads. */
export const valueFor = (schema: Json, facts: Facts): Json =>
  valueAt(schema, { root: schema, facts }, { name: '', index: 0, depth: 0 })

interface Setting {
  root: Json
  facts: Facts
}

// Past this depth only what is required is filled in, so that schemas that contain themselves come to an end.
const DEEP = 5
const DEEPEST = 24

function valueAt(given: Json, setting: Setting, place: Place): Json {
  const schema = flatten(given, setting.root, place.depth)
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return fromEnum(schema.enum, setting.facts, place)
  if (place.depth > DEEPEST) return null
  switch (typeOf(schema, place)) {
    case 'object':
      return objectFor(schema, setting, place)
    case 'array':
      return arrayFor(schema, setting, place)
    case 'integer':
    case 'number':
      return numberFor(schema, setting.facts, place)
    case 'boolean':
      return booleanFor(setting.facts, place)
    case 'null':
      return null
    default:
      return stringFor(schema, setting.facts, place)
  }
}

/** One schema of `$ref`, `allOf` and the chosen branch of `anyOf` or `oneOf` together. */
function flatten(given: Json, root: Json, depth: number, hops = 0): JsonSchema {
  if (!isObject(given) || hops > DEEPEST) return {}
  const { $ref, allOf, anyOf, oneOf, ...own } = given
  const parts: Json[] = [own]
  if (typeof $ref === 'string') parts.push(pointed(root, $ref))
  if (Array.isArray(allOf)) parts.push(...allOf)
  for (const branches of [anyOf, oneOf]) if (Array.isArray(branches)) parts.push(branch(branches, root, depth))
  if (parts.length === 1) return own
  return parts.slice(1).reduce<JsonSchema>((whole, part) => merge(whole, flatten(part, root, depth, hops + 1)), own)
}

/** The first branch that is not null; deep down the plainest one, so that recursion ends. */
function branch(branches: Json[], root: Json, depth: number): Json {
  const size = (candidate: Json) => JSON.stringify(flatten(candidate, root, depth, DEEPEST - 2)).length
  if (depth > DEEP) return [...branches].sort((a, b) => size(a) - size(b))[0] ?? {}
  return branches.find(candidate => !isObject(candidate) || candidate.type !== 'null') ?? {}
}

function merge(a: JsonSchema, b: JsonSchema): JsonSchema {
  const merged: JsonSchema = { ...a, ...b }
  if (isObject(a.properties) && isObject(b.properties)) merged.properties = mergeProperties(a.properties, b.properties)
  if (Array.isArray(a.required) && Array.isArray(b.required))
    merged.required = [...new Set([...a.required, ...b.required])]
  if (Array.isArray(a.enum) && Array.isArray(b.enum))
    merged.enum = a.enum.filter(one => (b.enum as Json[]).includes(one))
  for (const least of LEAST) if (isNumber(a[least]) && isNumber(b[least])) merged[least] = Math.max(a[least], b[least])
  for (const most of MOST) if (isNumber(a[most]) && isNumber(b[most])) merged[most] = Math.min(a[most], b[most])
  return merged
}

function mergeProperties(a: JsonObject, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a }
  for (const [name, schema] of Object.entries(b)) {
    merged[name] = isObject(merged[name]) && isObject(schema) ? merge(merged[name], schema) : schema
  }
  return merged
}

const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const

function pointed(root: Json, ref: string): Json {
  if (!ref.startsWith('#')) return {}
  let at: Json | undefined = root
  for (const part of decodeURIComponent(ref.slice(1)).split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = Array.isArray(at) ? at[Number(key)] : isObject(at) ? at[key] : undefined
  }
  return at ?? {}
}

function typeOf(schema: JsonSchema, place: Place): string {
  const types = [schema.type].flat().filter(type => typeof type === 'string')
  if (place.depth > DEEP && types.includes('null')) return 'null'
  const said = types.find(type => type !== 'null') ?? types[0]
  if (said) return said
  if (schema.properties || schema.required || schema.additionalProperties || schema.minProperties) return 'object'
  if (schema.items || schema.prefixItems || schema.minItems || schema.contains) return 'array'
  if ([...LEAST.slice(0, 2), ...MOST.slice(0, 2), 'multipleOf'].some(key => isNumber(schema[key]))) return 'number'
  return 'string'
}

/** Every declared property, as a real model fills them; deep down only the required ones. */
function objectFor(schema: JsonSchema, setting: Setting, place: Place): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required.map(String) : []
  const optional = Object.keys(properties).filter(name => !required.includes(name) && properties[name] !== false)
  const room = isNumber(schema.maxProperties) ? schema.maxProperties - required.length : Number.POSITIVE_INFINITY
  const names = [...required, ...(place.depth > DEEP ? [] : optional.slice(0, Math.max(0, room)))]
  const filler = isNumber(schema.minProperties) ? schema.minProperties : 0
  for (let at = 1; names.length < filler; at++) names.push(`extra_${at}`)
  const ordered = [...Object.keys(properties).filter(name => names.includes(name)), ...names]
  const entries = [...new Set(ordered)].map((name): [string, Json] => {
    const inner = { name, index: place.index, depth: place.depth + 1 }
    return [name, valueAt(propertySchema(schema, properties, name), setting, inner)]
  })
  return Object.fromEntries(entries)
}

function propertySchema(schema: JsonSchema, properties: JsonObject, name: string): Json {
  if (Object.hasOwn(properties, name)) return properties[name] as Json
  return isObject(schema.additionalProperties) ? schema.additionalProperties : {}
}

/** As many items as asked for, two where nothing is said. */
function arrayFor(schema: JsonSchema, setting: Setting, place: Place): Json[] {
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
  const least = isNumber(schema.minItems) ? schema.minItems : 0
  const most = isNumber(schema.maxItems) ? schema.maxItems : Number.POSITIVE_INFINITY
  const usual = place.depth > DEEP || schema.items === false ? prefix.length : Math.max(2, prefix.length)
  const count = Math.min(Math.max(least, usual), most, 200)
  const make = (index: number): Json =>
    valueAt(itemSchema(schema, prefix, index), setting, { ...place, index, depth: place.depth + 1 })
  const items = Array.from({ length: count }, (_, index) => make(index))
  return schema.uniqueItems === true ? distinct(items, least, make) : items
}

function itemSchema(schema: JsonSchema, prefix: Json[], index: number): Json {
  const given = prefix[index]
  if (given !== undefined) return given
  const sought = index === prefix.length ? schema.contains : undefined
  if (sought === undefined) return schema.items ?? {}
  return schema.items === undefined ? sought : { allOf: [schema.items, sought] }
}

/** Without doubles; more are made where too few are left. */
function distinct(items: Json[], least: number, make: (index: number) => Json): Json[] {
  const seen = new Map(items.map(item => [JSON.stringify(item), item]))
  for (let index = items.length; seen.size < least && index < items.length * 20; index++) {
    const item = make(index)
    seen.set(JSON.stringify(item), item)
  }
  return [...seen.values()]
}

/** The option that the prompt speaks for; further items of a list take the next ones in turn. */
function fromEnum(options: Json[], facts: Facts, place: Place): Json {
  const words = options.filter(option => typeof option === 'string')
  const chosen = choose(words, facts) ?? options[0]
  return options[(options.indexOf(chosen as Json) + place.index) % options.length] as Json
}

function booleanFor(facts: Facts, place: Place): boolean {
  const said = facts.named.get(wordsOf(place.name).join(' '))
  if (said === 'true' || said === 'false') return said === 'true'
  return hash(`${facts.seed}${place.name}`) % 3 !== 0
}
