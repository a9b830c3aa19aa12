/** Checks a schema that someone wrote, before it is saved: that it is one, and that running it can do no harm. */
import { guardValue } from '../json/json-guard.ts'
import { pathText, pointerPath } from '../json/path-text.ts'
import { type MetaschemaError, validateMetaschema } from './metaschema.gen.mjs'
import { compilePatterns } from './patterns.ts'
import { childrenOf, everySchema, isSchemaObject, resolveRef, type SchemaObject } from './walk.ts'

/** What is wrong, and where. An empty path is the whole. */
export interface Problem {
  path: string
  message: string
}

/** Length of a schema as JSON, in UTF-16 units: checking one costs time that grows with it. */
const MAX_LENGTH = 64 * 1024
const MAX_DEPTH = 32
const MAX_SCHEMAS = 2000
/** More problems than anyone reads at once. */
const MAX_PROBLEMS = 20
const TYPES = 'null, boolean, object, array, number, integer or string'

/**
 * The problems of a JSON Schema (2020-12); none when it may be saved. Beyond the metaschema it refuses references to
 * other documents, to nothing or round in a circle, `$dynamicRef`, patterns that cannot run in linear time, over 64 KiB
 * and over 32 deep.
 */
export function checkSchema(schema: unknown): Problem[] {
  if (!isSchemaObject(schema)) return [{ path: '', message: 'a JSON Schema is an object' }]
  const guard = guardValue(schema, { maxDepth: MAX_DEPTH, maxNodes: MAX_LENGTH })
  if (guard !== null) return [{ path: guard.path, message: guard.message }]
  if (JSON.stringify(schema).length > MAX_LENGTH) return [{ path: '', message: 'the schema is larger than 64 KiB' }]
  const problems = metaschemaProblems(schema)
  return (problems.length > 0 ? problems : [...ownProblems(schema)]).slice(0, MAX_PROBLEMS)
}

function metaschemaProblems(schema: SchemaObject): Problem[] {
  if (validateMetaschema(schema)) return []
  const problems = new Map<string, Problem>()
  for (const error of validateMetaschema.errors ?? []) {
    const path = pathText(pointerPath(error.instancePath, schema))
    // The metaschema says one thing several ways; the first for a place is the plainest, an `anyOf` sums up the rest.
    if (!problems.has(path) || error.keyword === 'anyOf') problems.set(path, { path, message: explain(error) })
  }
  return [...problems.values()]
}

function explain(error: MetaschemaError): string {
  const name = error.instancePath.split('/').at(-1)
  if (name === 'type' && error.keyword === 'anyOf') return `must be ${TYPES}, or a list of these`
  if (error.keyword === 'type') return `must be ${String(error.params.type).replace(',', ' or ')}`
  return error.message ?? 'is not valid JSON Schema'
}

function* ownProblems(root: SchemaObject): Generator<Problem> {
  let count = 0
  const circles = circlesOf(root)
  for (const { path, schema } of everySchema(root)) {
    count += 1
    if (count > MAX_SCHEMAS) return yield { path: '', message: `the schema holds over ${MAX_SCHEMAS} schemas` }
    for (const { keyword, message } of problemsOf(root, schema, path.length === 0, circles)) {
      yield { path: pathText([...path, ...keyword]), message }
    }
  }
  for (const { path, message } of compilePatterns(root).problems) yield { path: pathText(path), message }
}

function* problemsOf(
  root: SchemaObject,
  schema: SchemaObject,
  isRoot: boolean,
  circles: ReadonlySet<SchemaObject>,
): Generator<{ keyword: string[]; message: string }> {
  for (const keyword of ['$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$recursiveAnchor', '$vocabulary']) {
    if (keyword in schema) yield { keyword: [keyword], message: `\`${keyword}\` cannot be used: use \`$ref\`` }
  }
  if (!isRoot && '$id' in schema) yield { keyword: ['$id'], message: 'only the whole schema may have an `$id`' }
  if (typeof schema.$ref === 'string') {
    const message = refProblem(root, schema.$ref) ?? (circles.has(schema) ? circleMessage(schema.$ref) : null)
    if (message !== null) yield { keyword: ['$ref'], message }
  }
}

function refProblem(root: SchemaObject, ref: string): string | null {
  if (!ref.startsWith('#'))
    return `\`${ref}\` is another document; a \`$ref\` may only point into this schema (#/$defs/…)`
  return resolveRef(root, ref) === undefined ? `\`${ref}\` points to no schema` : null
}

function circleMessage(ref: string): string {
  return `\`${ref}\` leads back to itself without going deeper into the value`
}

/** The schemas that are reached again from themselves while staying at one part of the value. */
function circlesOf(root: SchemaObject): Set<SchemaObject> {
  const circles = new Set<SchemaObject>()
  const done = new Set<SchemaObject>()
  const way: SchemaObject[] = []
  const onWay = new Set<SchemaObject>()
  let schemas = 0
  for (const { schema } of everySchema(root)) {
    if (++schemas > MAX_SCHEMAS) break
    visit(schema)
  }
  return circles

  function visit(schema: SchemaObject): void {
    if (onWay.has(schema)) for (const each of way.slice(way.indexOf(schema))) circles.add(each)
    if (done.has(schema)) return
    done.add(schema)
    way.push(schema)
    onWay.add(schema)
    for (const next of inPlaceOf(root, schema)) visit(next)
    way.pop()
    onWay.delete(schema)
  }
}

/** The schemas that a schema applies to the same part of the value. */
function inPlaceOf(root: SchemaObject, schema: SchemaObject): SchemaObject[] {
  const next = childrenOf(schema).flatMap(child => (child.inPlace ? [child.schema] : []))
  if (typeof schema.$ref === 'string') next.push(resolveRef(root, schema.$ref))
  return next.filter(isSchemaObject)
}
