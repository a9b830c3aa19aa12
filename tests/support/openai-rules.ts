/**
 * What OpenAI refuses, written down independently of src (which must not be tested against itself), and a value for the
 * schemas it takes. Wording of the complaints: as OpenAI's API gives them.
 */

type Schema = Record<string, unknown>

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const FORBIDDEN = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'minProperties',
  'maxProperties',
  'prefixItems',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
  'unevaluatedItems',
  'default',
  'minLength',
  'maxLength',
]
const TYPES = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array']
const FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']

/** Why a schema may not be sent with `strict: true`, in OpenAI's words; null when it may. */
export const strictComplaint = (schema: unknown): string | null => {
  if (!isSchema(schema)) return 'schema must be a JSON Schema object.'
  if (schema.anyOf)
    return "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
  if (schema.type !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${schema.type ?? 'None'}"'.`
  return complaint(schema, schema, [])
}

const complaint = (schema: unknown, root: Schema, path: string[]): string | null => {
  const at = `In context=(${path.map(part => `'${part}'`).join(', ')}), `
  if (!isSchema(schema)) return `${at}schema must be an object.`
  const bad = FORBIDDEN.find(keyword => keyword in schema)
  if (bad) return `${at}'${bad}' is not permitted.`
  if ('$ref' in schema) return refComplaint(schema, root, at)
  for (const place of ['$defs', 'definitions']) {
    for (const [name, inner] of Object.entries((schema[place] as Schema) ?? {})) {
      const found = complaint(inner, root, [...path, place, name])
      if (found) return found
    }
  }
  if ('anyOf' in schema) return anyOfComplaint(schema.anyOf, root, path)
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  if (!types.every(type => TYPES.includes(type as string))) return `${at}schema must have a 'type' key.`
  if (schema.format !== undefined && !FORMATS.includes(schema.format as string))
    return `${at}'${schema.format}' is not a valid format.`
  if (typeof schema.pattern === 'string' && /\(\?[=!<]/.test(schema.pattern)) return `${at}'pattern' uses lookaround.`
  if (Array.isArray(schema.enum) && schema.enum.length === 0) return `${at}'enum' must not be empty.`
  if (types.includes('object')) return objectComplaint(schema, root, path, at)
  if (types.includes('array')) {
    return 'items' in schema ? complaint(schema.items, root, [...path, 'items']) : `${at}array schema missing items.`
  }
  return null
}

const refComplaint = (schema: Schema, root: Schema, at: string): string | null => {
  const others = Object.keys(schema).filter(key => key !== '$ref')
  if (others.length > 0) return `${at}$ref cannot have keywords {'${others[0]}'}.`
  return resolveRef(root, String(schema.$ref)) === undefined
    ? `${at}reference to component '${schema.$ref}' which was not found.`
    : null
}

const anyOfComplaint = (branches: unknown, root: Schema, path: string[]): string | null => {
  if (!Array.isArray(branches)) return "'anyOf' must be a list."
  for (const [index, branch] of branches.entries()) {
    const found = complaint(branch, root, [...path, 'anyOf', String(index)])
    if (found) return found
  }
  return null
}

const objectComplaint = (schema: Schema, root: Schema, path: string[], at: string): string | null => {
  if (schema.additionalProperties !== false)
    return `${at}'additionalProperties' is required to be supplied and to be false.`
  const properties = isSchema(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  const missing = Object.keys(properties).find(name => !required.includes(name))
  if (missing !== undefined) {
    return `${at}'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`
  }
  for (const [name, inner] of Object.entries(properties)) {
    const found = complaint(inner, root, [...path, 'properties', name])
    if (found) return found
  }
  return null
}

const resolveRef = (root: Schema, ref: string): unknown =>
  ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), root)

/** A value that a usual schema accepts, made from the user's text. */
export const valueFor = (schema: unknown, words: string, root: unknown = schema, name = '', depth = 0): unknown => {
  if (!isSchema(schema) || depth > 12) return words
  if ('$ref' in schema) return valueFor(resolveRef(root as Schema, String(schema.$ref)), words, root, name, depth + 1)
  if ('const' in schema) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum[0]
  const union = (schema.anyOf ?? schema.oneOf) as unknown[] | undefined
  if (union) return valueFor(depth > 5 ? union.at(-1) : union[0], words, root, name, depth + 1)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'object' || schema.properties) return objectFor(schema, words, root, depth)
  if (type === 'array') {
    const count = Math.max(1, Number(schema.minItems ?? 1))
    return Array.from({ length: count }, () => valueFor(schema.items, words, root, name, depth + 1))
  }
  if (type === 'number' || type === 'integer') return numberFor(schema, name)
  if (type === 'boolean') return true
  if (type === 'null') return null
  return stringFor(schema, words)
}

const objectFor = (schema: Schema, words: string, root: unknown, depth: number): Schema =>
  Object.fromEntries(
    Object.entries((schema.properties as Schema) ?? {}).map(([name, inner]) => [
      name,
      valueFor(inner, words, root, name, depth + 1),
    ]),
  )

const numberFor = (schema: Schema, name: string): number => {
  if (name === 'confidence') return 0.9
  const least = Number(schema.minimum ?? schema.exclusiveMinimum ?? 0)
  const most = Number(schema.maximum ?? schema.exclusiveMaximum ?? least + 100)
  const middle = (least + most) / 2
  return schema.type === 'integer' ? Math.round(middle) : middle
}

const stringFor = (schema: Schema, words: string): string => {
  const fixed: Record<string, string> = {
    email: 'someone@example.com',
    date: '2026-01-15',
    'date-time': '2026-01-15T10:00:00Z',
    uri: 'https://example.com/',
    uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  }
  const text = fixed[String(schema.format)] ?? words
  return text.padEnd(Number(schema.minLength ?? 0), '.').slice(0, Number(schema.maxLength ?? 10_000))
}
