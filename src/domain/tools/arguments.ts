/** A tool's arguments: made of what a pasted call sends, and left out where they were not given. */
import type { HttpCall } from '../call/http-call.ts'
import { secretsNamed } from '../call/secret-marks.ts'
import type { Json, JsonObject, JsonSchema } from '../json/json.ts'

/** What templates can name. */
const PLAIN = /^[A-Za-z_]\w{0,59}$/
/** A text that is one argument and nothing else. */
const ONE_ARGUMENT = /^\{\{-?\s*args\.([A-Za-z_]\w*)\s*-?\}\}$/

/** The call with its query's and body's plain values as arguments, and the schema of these. */
export function withArguments(call: HttpCall): { http: HttpCall; parameters: JsonSchema } {
  const properties: JsonObject = {}
  const take = (name: string, value: Json): Json => {
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value) || isTexts(value)
    if (!PLAIN.test(name) || !isPlain || Object.hasOwn(properties, name) || isTemplate(value)) return value
    properties[name] = isTexts(value)
      ? { type: 'array', items: { type: 'string' }, examples: [value] }
      : { type: typeOf(value), examples: [value] }
    return `{{ args.${name} }}`
  }
  const inFields = (fields: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, take(name, value)]))
  const { query, body } = call
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const http = {
    ...call,
    ...(query && { query: inFields(query) as Record<string, string> }),
    ...(isObject && { body: inFields(body) }),
  }
  const required = Object.keys(properties)
  return { http, parameters: { type: 'object', ...(required.length > 0 ? { required, properties } : { properties }) } }
}

function isTexts(value: Json): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')
}

function isTemplate(value: Json): boolean {
  return secretsNamed(value).length > 0 || JSON.stringify(value).includes('{{')
}

function typeOf(value: Json): string {
  if (typeof value !== 'number') return typeof value
  return Number.isInteger(value) ? 'integer' : 'number'
}

/** The call without those fields of query, headers and body that are one argument and nothing else, where it was not given. */
export function givenOnly(http: HttpCall, args: Json): HttpCall {
  const given = typeof args === 'object' && args !== null && !Array.isArray(args) ? args : {}
  const isMissing = (value: Json) => {
    const name = typeof value === 'string' ? ONE_ARGUMENT.exec(value)?.[1] : undefined
    return name !== undefined && !Object.hasOwn(given, name)
  }
  const prune = (value: Json): Json => {
    if (Array.isArray(value)) return value.filter(item => !isMissing(item)).map(prune)
    if (typeof value !== 'object' || value === null) return value
    const kept = Object.entries(value).filter(([, part]) => !isMissing(part))
    return Object.fromEntries(kept.map(([name, part]) => [name, prune(part)]))
  }
  const { query, headers, body } = http
  return {
    ...http,
    ...(query && { query: prune(query) as Record<string, string> }),
    ...(headers && { headers: prune(headers) as Record<string, string> }),
    ...(typeof body === 'object' && body !== null && { body: prune(body) }),
  }
}
