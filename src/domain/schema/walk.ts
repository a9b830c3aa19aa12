/** The shape of JSON Schema 2020-12: which keywords hold schemas, and where a `$ref` points. */

/** A schema that is an object; `true` and `false` are schemas too, but hold nothing. */
export type SchemaObject = Record<string, unknown>

const ONE = [
  'items',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
]
const LIST = ['prefixItems', 'allOf', 'anyOf', 'oneOf']
const MAP = ['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas', 'dependencies']
/** Keywords whose schemas apply to the same part of the value, so that going round through them never ends. */
const IN_PLACE = ['not', 'if', 'then', 'else', 'allOf', 'anyOf', 'oneOf', 'dependentSchemas', 'dependencies']

/** Every keyword that there is, those that only describe and OpenAPI's among them. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...ONE,
  ...LIST,
  ...MAP,
  ...`$id $schema $ref $anchor $dynamicRef $dynamicAnchor $vocabulary $comment type const enum multipleOf maximum
  exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxContains minContains
  maxProperties minProperties required dependentRequired title description default deprecated readOnly writeOnly examples
  format contentEncoding contentMediaType contentSchema nullable example discriminator externalDocs xml`.split(/\s+/),
])

export interface Child {
  /** Where it stands in its parent: `['properties', 'score']`. */
  path: (string | number)[]
  schema: unknown
  inPlace: boolean
}

/** The schemas directly inside a schema, in the keywords we know. */
export function childrenOf(schema: SchemaObject): Child[] {
  return Object.entries(schema).flatMap(([keyword, value]): Child[] => {
    const inPlace = IN_PLACE.includes(keyword)
    if (ONE.includes(keyword)) return [{ path: [keyword], schema: value, inPlace }]
    if (LIST.includes(keyword) && Array.isArray(value)) {
      return value.map((schema: unknown, place) => ({ path: [keyword, place], schema, inPlace }))
    }
    if (MAP.includes(keyword) && isSchemaObject(value)) {
      return Object.entries(value).map(([name, schema]) => ({ path: [keyword, name], schema, inPlace }))
    }
    return []
  })
}

/** A schema rebuilt with each schema directly inside it replaced, and only the keywords that `keep` lets through. */
export function rebuild(
  schema: SchemaObject,
  replace: (child: unknown) => unknown,
  keep: (keyword: string, value: unknown) => boolean,
): SchemaObject {
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (ONE.includes(keyword)) return [[keyword, replace(value)]]
    if (LIST.includes(keyword) && Array.isArray(value)) return [[keyword, value.map(replace)]]
    if (MAP.includes(keyword) && isSchemaObject(value)) {
      return [[keyword, Object.fromEntries(Object.entries(value).map(([name, child]) => [name, replace(child)]))]]
    }
    return keep(keyword, value) ? [[keyword, value]] : []
  })
  return Object.fromEntries(entries)
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every schema object in a schema, itself first, with its path. */
export function* everySchema(
  schema: unknown,
  path: (string | number)[] = [],
): Generator<{ path: (string | number)[]; schema: SchemaObject }> {
  if (!isSchemaObject(schema)) return
  yield { path, schema }
  for (const child of childrenOf(schema)) yield* everySchema(child.schema, [...path, ...child.path])
}

/** The schema that a `$ref` within the same document points to; undefined when it points to none. */
export function resolveRef(root: SchemaObject, ref: string): unknown {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return anchorsOf(root).get(ref.slice(1))
  let at: unknown = root
  for (let rest = pointerTokens(ref); rest.length > 0; ) {
    if (!isSchemaObject(at)) return undefined
    const [keyword = '', name = ''] = rest
    const holder = Object.hasOwn(at, keyword) ? at[keyword] : undefined
    if (ONE.includes(keyword)) at = holder
    else at = holdsNamed(keyword, holder) && Object.hasOwn(holder, name) ? holder[name] : undefined
    if (at === undefined) return undefined
    rest = rest.slice(ONE.includes(keyword) ? 1 : 2)
  }
  return at
}

function holdsNamed(keyword: string, holder: unknown): holder is SchemaObject {
  if (LIST.includes(keyword)) return Array.isArray(holder)
  return MAP.includes(keyword) && isSchemaObject(holder)
}

/** `#/$defs/a~1b` as `['$defs', 'a/b']`. */
function pointerTokens(ref: string): string[] {
  try {
    const tokens = ref.slice(2).split('/')
    return tokens.map(token => decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~'))
  } catch {
    return ['']
  }
}

const anchors = new WeakMap<SchemaObject, Map<unknown, SchemaObject>>()

/** A schema's named parts, gathered once: each reference by name would otherwise go through the whole. */
function anchorsOf(root: SchemaObject): Map<unknown, SchemaObject> {
  const known = anchors.get(root)
  if (known !== undefined) return known
  const named = [...everySchema(root)].filter(({ schema }) => schema.$anchor !== undefined).reverse()
  const made = new Map(named.map(({ schema }) => [schema.$anchor, schema]))
  anchors.set(root, made)
  return made
}
