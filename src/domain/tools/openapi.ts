/** An OpenAPI 3 document as tools: each of its operations a call with its parameters. References lead within the document alone. */
import { METHODS } from '../call/http-call.ts'
import type { Json, JsonObject, JsonSchema } from '../json/json.ts'
import { cut } from '../text/cut.ts'
import type { TeamTool } from './tool.ts'

/** An operation as a tool; `problem`: why it cannot be one, in words, or null. */
interface OfferedTool {
  /** Unique in the document. */
  id: string
  tool: TeamTool
  problem: string | null
}

export type ReadOpenApi =
  | { ok: true; title: string; host: string; tools: OfferedTool[] }
  | { ok: false; message: string }

const MAX_OPERATIONS = 300
const MAX_DEPTH = 12
const MAX_NODES = 3000
/** Words of OpenAPI that JSON Schema does not know. */
const NOT_SCHEMA = ['example', 'xml', 'externalDocs', 'discriminator', 'deprecated']
const FORM = 'application/x-www-form-urlencoded'

/** Reads a parsed document. `secret`: the name under which its calls find what signs them in. */
export function readOpenApi(document: unknown, secret: string): ReadOpenApi {
  if (!isObject(document)) return refused('This is no OpenAPI document.')
  if (typeof document.swagger === 'string') {
    return refused('This is Swagger 2. Convert it to OpenAPI 3 first, as at converter.swagger.io.')
  }
  if (!/^3\.[012]/.test(String(document.openapi))) return refused('It does not say `openapi: 3.…`.')
  const server = serverOf(document)
  if (server === null) return refused('Its `servers` name no address that begins with https://: add one.')
  if (!isObject(document.paths)) return refused('It has no `paths`.')
  const reader = new Reader(document)
  const tools: OfferedTool[] = []
  for (const [path, each] of Object.entries(document.paths)) {
    const item = reader.resolve(each)
    if (!isObject(item)) continue
    for (const method of METHODS) {
      const operation = item[method.toLowerCase()]
      if (!isObject(operation) || tools.length >= MAX_OPERATIONS) continue
      const taken = tools.map(({ tool }) => tool.key)
      tools.push(offer(reader, { server, path, method, item, operation, secret, taken }))
    }
  }
  if (tools.length === 0) return refused('It describes no operation.')
  const title = isObject(document.info) && typeof document.info.title === 'string' ? document.info.title : server
  return { ok: true, title: cut(title, 120), host: /^https?:\/\/([^/:]+)/.exec(server)?.[1] ?? '', tools }
}

function refused(message: string): ReadOpenApi {
  return { ok: false, message }
}

/** The first address, its variables as they are unless set; null: none that is whole. */
function serverOf({ servers }: JsonObject): string | null {
  const [first] = Array.isArray(servers) ? servers : []
  if (!isObject(first) || typeof first.url !== 'string') return null
  const variables = isObject(first.variables) ? first.variables : {}
  const url = first.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = variables[name]
    return isObject(variable) && variable.default !== undefined ? String(variable.default) : whole
  })
  return /^https?:\/\/[^/{}]+/.test(url) && !url.includes('{') ? url.replace(/\/+$/, '') : null
}

interface Place {
  server: string
  path: string
  method: (typeof METHODS)[number]
  item: JsonObject
  operation: JsonObject
  secret: string
  taken: string[]
}

function offer(reader: Reader, { server, path, method, item, operation, secret, taken }: Place): OfferedTool {
  const properties: JsonObject = {}
  const required: string[] = []
  const problems: string[] = []
  const query: Record<string, string> = {}
  const headers: Record<string, string> = {}
  const argument = (name: string, schema: Json, isRequired: boolean, words?: Json): string => {
    const plain = argumentName(name, Object.keys(properties))
    const described: JsonObject = typeof words === 'string' ? { description: cut(words, 500) } : {}
    properties[plain] = { ...(isObject(schema) ? schema : {}), ...described }
    if (isRequired) required.push(plain)
    return `{{ args.${plain} }}`
  }
  let address = path
  for (const each of [...listOf(item.parameters), ...listOf(operation.parameters)]) {
    const parameter = reader.resolve(each)
    if (!isObject(parameter) || typeof parameter.name !== 'string') continue
    const { name, in: where, required: isRequired, schema = {}, description } = parameter
    const said = () => argument(name, reader.schema(schema), isRequired === true || where === 'path', description)
    if (where === 'path') address = address.replaceAll(`{${name}}`, said())
    else if (where === 'query') query[name] = said()
    else if (where === 'header' && !/^(?:accept|content-type|authorization)$/i.test(name)) headers[name] = said()
  }
  const body = bodyOf(reader, operation.requestBody, argument, problems, headers)
  signIn(reader, operation, secret, { query, headers })
  if (/\{[^{}]+\}/.test(address.replace(/\{\{.*?\}\}/g, ''))) problems.push('A part of its path is not described.')
  const http = {
    ...{ method, url: `${server}${address}` },
    ...(Object.keys(query).length > 0 && { query }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(body !== undefined && { body }),
  }
  const parameters: JsonSchema = { type: 'object', ...(required.length > 0 && { required }), properties }
  const words = [operation.summary, operation.description].filter(
    text => typeof text === 'string' && text.trim() !== '',
  )
  const description = cut(words.join('\n').trim() || `${method} ${path}`, 1000)
  const key = toolKey(typeof operation.operationId === 'string' ? operation.operationId : `${method} ${path}`, taken)
  return { id: `${method} ${path}`, tool: { key, description, parameters, http }, problem: problems[0] ?? null }
}

type Argument = (name: string, schema: Json, isRequired: boolean, words?: Json) => string

function bodyOf(
  reader: Reader,
  given: Json | undefined,
  argument: Argument,
  problems: string[],
  headers: Record<string, string>,
): Json | undefined {
  const request = reader.resolve(given ?? null)
  if (!isObject(request) || !isObject(request.content)) return undefined
  const types = Object.keys(request.content)
  const type = types.find(one => /^application\/(?:[\w.+-]+\+)?json\b/.test(one)) ?? types.find(one => one === FORM)
  if (type === undefined) {
    problems.push(`It sends ${types[0] ?? 'nothing that is described'}, which a tool cannot send.`)
    return undefined
  }
  if (type !== 'application/json') headers['content-type'] = type
  const content = request.content[type]
  const schema = reader.schema(isObject(content) ? (content.schema ?? {}) : {})
  if (isObject(schema) && isObject(schema.properties)) {
    const needed = Array.isArray(schema.required) ? schema.required : []
    const fields = Object.entries(schema.properties).filter(([, field]) => !isObject(field) || field.readOnly !== true)
    return Object.fromEntries(fields.map(([name, field]) => [name, argument(name, field, needed.includes(name))]))
  }
  headers['content-type'] = type
  return argument('body', schema, request.required === true)
}

/** How it is signed in to: the first way that the document asks for. */
function signIn(
  reader: Reader,
  operation: JsonObject,
  secret: string,
  { query, headers }: { query: Record<string, string>; headers: Record<string, string> },
): void {
  const { security, components } = reader.document
  const [first] = listOf(operation.security ?? security ?? null)
  const schemes = isObject(components) && isObject(components.securitySchemes) ? components.securitySchemes : {}
  for (const name of isObject(first) ? Object.keys(first) : []) {
    const scheme = reader.resolve(schemes[name] ?? null)
    if (!isObject(scheme)) continue
    const value = `{{ secrets.${secret} }}`
    if (scheme.type === 'apiKey' && typeof scheme.name === 'string') {
      if (scheme.in === 'query') query[scheme.name] = value
      else if (scheme.in === 'header') headers[scheme.name] = value
    } else if (scheme.type !== 'mutualTLS')
      headers.authorization = `${scheme.scheme === 'basic' ? 'Basic' : 'Bearer'} ${value}`
  }
}

/** Follows references within one document, to a depth and number that it cannot exceed. */
class Reader {
  constructor(readonly document: JsonObject) {}

  /** What the value stands for, where it is a reference; null: it leads nowhere, or out of the document. */
  resolve(value: Json): Json {
    let at = value
    for (let hops = 0; isObject(at) && typeof at.$ref === 'string'; hops++) {
      if (hops > MAX_DEPTH || !at.$ref.startsWith('#/')) return null
      const parts = at.$ref.slice(2).split('/')
      at = parts.reduce<Json>((part, name) => step(part, name), this.document)
    }
    return at
  }

  /** A schema with every reference in place; what goes round in circles, or too deep, is anything. */
  schema(value: Json): Json {
    return this.#inline(value, [], { nodes: MAX_NODES })
  }

  /** `within`: the references that led here. */
  #inline(value: Json, within: string[], budget: { nodes: number }): Json {
    if (Array.isArray(value)) return value.map(item => this.#inline(item, within, budget))
    if (!isObject(value)) return value
    if (budget.nodes-- < 0 || within.length > MAX_DEPTH) return {}
    if (typeof value.$ref === 'string') {
      if (within.includes(value.$ref)) return {}
      return this.#inline(this.resolve(value) ?? {}, [...within, value.$ref], budget)
    }
    const kept = Object.entries(value).filter(([name, part]) => isSchemaWord(value, name, part))
    return Object.fromEntries(kept.map(([name, part]) => [name, this.#inline(part, within, budget)]))
  }
}

/** Whether JSON Schema knows the word; in a list of properties any word is a name. */
function isSchemaWord(holder: JsonObject, name: string, part: Json): boolean {
  if (isBound(name) && typeof part === 'boolean') return false
  return isField(holder, name) || !(NOT_SCHEMA.includes(name) || name.startsWith('x-'))
}

/** In a list of properties any word is a name, not a keyword. */
function isField(value: JsonObject, name: string): boolean {
  const part = value[name]
  return isObject(part) && (typeof part.type === 'string' || '$ref' in part) && value.type === undefined
}

/** OpenAPI 3.0 says here whether, JSON Schema which. */
function isBound(name: string): boolean {
  return name === 'exclusiveMinimum' || name === 'exclusiveMaximum'
}

function step(part: Json, name: string): Json {
  const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
  if (Array.isArray(part)) return part[Number(key)] ?? null
  return isObject(part) && Object.hasOwn(part, key) ? part[key]! : null
}

/** `findPet By-Id` → `find_pet_by_id`. */
function snake(words: string): string {
  return words
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
}

function toolKey(words: string, taken: string[]): string {
  const base = snake(words).slice(0, 36).replace(/_+$/, '') || 'call'
  for (let n = 1; ; n++) {
    const key = n === 1 ? base : `${base}_${n}`
    if (!taken.includes(key)) return key
  }
}

function argumentName(name: string, taken: string[]): string {
  const plain = /^[A-Za-z_]\w{0,59}$/.test(name) ? name : snake(name) || 'value'
  for (let n = 1; ; n++) {
    const each = n === 1 ? plain : `${plain}_${n}`
    if (!taken.includes(each)) return each
  }
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
