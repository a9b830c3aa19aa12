/** What lint can tell of a path into a schema: whether the schema knows it. */
import { isSchemaObject, resolveRef, type SchemaObject } from './walk.ts'

const MAX_REFS = 32
/** What Liquid offers on lists and texts beside what they hold. */
const PSEUDO = ['size', 'first', 'last']

export type FieldAnswer = { known: true } | { known: false; at: string[]; fields: string[] }

const FILE = {
  type: 'object',
  properties: { id: {}, name: {}, type: {}, bytes: {}, sha256: {}, text: {} },
  additionalProperties: false,
}

const KNOWN: FieldAnswer = { known: true }

/** Whether a path can be found in a value of this schema; if not, how far it leads and which fields there are. */
export function findField(root: SchemaObject, path: string[]): FieldAnswer {
  return find(root, root, path, [], MAX_REFS)
}

/** The `type` that a schema gives to what stands at this path; undefined: it gives none. */
export function typeAt(schema: unknown, path: string[]): unknown {
  let at: unknown = schema
  for (const key of path) at = isSchemaObject(at) && isSchemaObject(at.properties) ? at.properties[key] : undefined
  return isSchemaObject(at) ? at.type : undefined
}

function find(root: SchemaObject, schema: unknown, path: string[], walked: string[], refs: number): FieldAnswer {
  const [key, ...rest] = path
  if (key === undefined || !isSchemaObject(schema) || refs === 0) return KNOWN
  // Templates read the file itself in place of its id.
  if (schema.format === 'file') return find(root, FILE, path, walked, refs)
  const forms = formsOf(root, schema)
  if (forms.length > 0 && !declaresFields(schema))
    return best(forms.map(form => find(root, form, path, walked, refs - 1)))
  const inner = innerOf(schema, key)
  if (inner.found) return find(root, inner.schema, rest, [...walked, key], MAX_REFS)
  const others = forms.map(form => find(root, form, path, walked, refs - 1))
  return best([...others, { known: false, at: walked, fields: fieldsOf(schema) }])
}

/** Schemas that the same value is held to, or may be. */
function formsOf(root: SchemaObject, schema: SchemaObject): unknown[] {
  const lists = [schema.allOf, schema.anyOf, schema.oneOf, [schema.then, schema.else]]
  const inside = lists.flatMap(list => (Array.isArray(list) ? (list as unknown[]) : [])).filter(isSchemaObject)
  return typeof schema.$ref === 'string' ? [resolveRef(root, schema.$ref), ...inside] : inside
}

function declaresFields(schema: SchemaObject): boolean {
  return ['properties', 'items', 'prefixItems', 'additionalProperties', 'type'].some(keyword => keyword in schema)
}

function innerOf(schema: SchemaObject, key: string): { found: boolean; schema?: unknown } {
  const { properties, additionalProperties, patternProperties, items, prefixItems } = schema
  if (isSchemaObject(properties) && Object.hasOwn(properties, key)) return { found: true, schema: properties[key] }
  if (isSchemaObject(additionalProperties) || additionalProperties === true)
    return { found: true, schema: additionalProperties }
  if (patternProperties !== undefined || PSEUDO.includes(key)) return { found: true }
  if (!/^-?\d+$/.test(key) || isScalar(schema))
    return { found: !isScalar(schema) && properties === undefined && !isClosed(schema) }
  const place = Array.isArray(prefixItems) ? (prefixItems[Number(key)] as unknown) : undefined
  return { found: true, schema: place ?? items }
}

/** Types that hold nothing. */
function isScalar({ type }: SchemaObject): boolean {
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type]
  return types.length > 0 && !types.includes('object') && !types.includes('array')
}

function isClosed({ additionalProperties, type }: SchemaObject): boolean {
  return additionalProperties === false || type === 'array'
}

function fieldsOf({ properties }: SchemaObject): string[] {
  return isSchemaObject(properties) ? Object.keys(properties) : []
}

function best(answers: FieldAnswer[]): FieldAnswer {
  return answers.find(answer => answer.known) ?? answers[0] ?? KNOWN
}
