/** Turns the interpreter's findings into sentences: "`score` must be a number, got text". */
import type { Json } from '../json/json.ts'
import { pathText, pointerPath } from '../json/path-text.ts'
import { nearest } from '../nearest.ts'
import { shorten } from '../text/cut.ts'
import type { Problem } from './check.ts'
import type { OutputUnit } from './interpreter.gen.mjs'
import { isSchemaObject, resolveRef, type SchemaObject } from './walk.ts'

const MAX_PROBLEMS = 20
/** Findings that sum up others: what they sum up says it better. */
const WRAPPERS = `$ref allOf if properties patternProperties additionalProperties items prefixItems unevaluatedItems
  unevaluatedProperties dependentSchemas`.split(/\s+/)
/** Findings whose inner findings are about alternatives or names, and would only confuse. */
const OPAQUE = ['anyOf', 'oneOf', 'contains', 'minContains', 'maxContains', 'propertyNames']

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}
const FORMAT_EXAMPLES: Record<string, string> = {
  date: 'a date like 2026-01-31',
  time: 'a time like 12:30:00Z',
  'date-time': 'a date and time like 2026-01-31T12:30:00Z',
  duration: 'a duration like P3D',
  email: 'an e-mail address',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  uuid: 'a UUID',
  uri: 'an address like https://example.com/page',
}

/** One finding with what its words need. */
interface Finding {
  keyword: string
  /** The keyword's value in the schema. */
  expected: unknown
  schema: SchemaObject
  path: (string | number)[]
  found: unknown
  error: string
}

/** The problems that the findings stand for, each place and sentence once, 20 at most. */
export function explainAll(units: OutputUnit[], root: SchemaObject, value: Json): Problem[] {
  const problems = new Map<string, Problem>()
  for (const unit of told(units)) {
    const finding = findingOf(unit, root, value)
    const path = finding.keyword === 'required' ? [...finding.path, missingName(finding)] : finding.path
    const problem = { path: pathText(path), message: sentence(finding) }
    problems.set(`${problem.path}\n${problem.message}`, problem)
    if (problems.size === MAX_PROBLEMS) break
  }
  if (problems.size > 0) return [...problems.values()]
  return [{ path: '', message: 'the value does not match the schema' }]
}

function* told(units: OutputUnit[]): Generator<OutputUnit> {
  let hidden: string | null = null
  for (const unit of units) {
    if (hidden !== null && unit.keywordLocation.startsWith(hidden)) continue
    if (WRAPPERS.includes(unit.keyword)) continue
    if (OPAQUE.includes(unit.keyword)) hidden = `${unit.keywordLocation}/`
    yield unit
  }
}

function findingOf(unit: OutputUnit, root: SchemaObject, value: Json): Finding {
  const path = pointerPath(unit.instanceLocation, value)
  const schema = schemaAt(root, unit)
  return {
    keyword: unit.keyword,
    expected: schema[unit.keyword],
    schema,
    path,
    found: at(value, path),
    error: unit.error,
  }
}

/** The schema whose keyword made the finding: the location leads to it, through `$ref`s. */
function schemaAt(root: SchemaObject, { keyword, keywordLocation }: OutputUnit): SchemaObject {
  // For a schema that is `false` cfworker gives the value's place in the location's stead.
  if (keyword === 'false') return {}
  let node: unknown = root
  const tokens = pointerPath(keywordLocation, null).map(String)
  for (const token of tokens.slice(0, -1)) {
    if (typeof node !== 'object' || node === null) return {}
    const holder = node as Record<string, unknown>
    node = token === '$ref' && typeof holder.$ref === 'string' ? resolveRef(root, holder.$ref) : holder[token]
  }
  return isSchemaObject(node) ? node : {}
}

function at(value: unknown, path: (string | number)[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], value)
}

function sentence(finding: Finding): string {
  const name = finding.path.length === 0 ? 'the value' : `\`${pathText(finding.path)}\``
  const rule = SENTENCES[finding.keyword]
  return `${name} ${rule === undefined ? `does not fit: ${finding.error}` : rule(finding)}`
}

const SENTENCES: Record<string, (finding: Finding) => string> = {
  type: ({ expected, found }) => `must be ${typeNames(expected)}, got ${typeName(found)}`,
  required: finding => `lacks \`${missingName(finding)}\`${similarGiven(finding)}`,
  false: () => 'is not allowed here',
  enum: ({ expected }) => `must be one of ${listed(expected)}`,
  const: ({ expected }) => `must be ${shown(expected)}`,
  minimum: ({ expected, found }) => `must be ${expected} or more, got ${found}`,
  maximum: ({ expected, found }) => `must be ${expected} or less, got ${found}`,
  exclusiveMinimum: ({ expected, found }) => `must be more than ${expected}, got ${found}`,
  exclusiveMaximum: ({ expected, found }) => `must be less than ${expected}, got ${found}`,
  multipleOf: ({ expected, found }) => `must be a multiple of ${expected}, got ${found}`,
  minLength: ({ expected }) => (expected === 1 ? 'must not be empty' : `must have at least ${expected} characters`),
  maxLength: ({ expected }) => `must have at most ${expected} characters`,
  pattern: ({ expected }) => `must match the pattern ${expected}`,
  format: ({ expected }) => `must be ${FORMAT_EXAMPLES[String(expected)] ?? String(expected)}`,
  minItems: ({ expected, found }) => `must have at least ${expected} items, got ${(found as unknown[]).length}`,
  maxItems: ({ expected, found }) => `must have at most ${expected} items, got ${(found as unknown[]).length}`,
  uniqueItems: ({ error }) => `must not hold the same item twice (${error.match(/\d+ and \d+/)?.[0]})`,
  minProperties: ({ expected }) => `must have at least ${expected} fields`,
  maxProperties: ({ expected }) => `must have at most ${expected} fields`,
  anyOf: () => 'matches none of the forms it may have',
  oneOf: ({ error }) =>
    error.includes('(0 matches)') ? 'matches none of the forms it may have' : 'matches more than one form',
  not: () => 'is of a form that is ruled out',
  contains: () => 'holds no item of the kind it must hold',
  minContains: ({ expected }) => `must hold at least ${expected} items of a certain kind`,
  maxContains: ({ expected }) => `must hold at most ${expected} items of a certain kind`,
  propertyNames: ({ error }) => `has a field whose name is not allowed: ${error.match(/"(.*)"/s)?.[1] ?? ''}`,
  dependentRequired: ({ error }) => {
    const [, present, absent] = error.match(/"(.*)" but does not have "(.*)"/s) ?? []
    return `lacks \`${absent}\`, which \`${present}\` needs`
  },
}

function missingName({ error }: Finding): string {
  return error.match(/required property "(.*)"\.$/s)?.[1] ?? ''
}

/** A field given under a name that is nearly the missing one, and not one of the schema's own. */
function similarGiven(finding: Finding): string {
  const known = isSchemaObject(finding.schema.properties) ? finding.schema.properties : {}
  const others = isSchemaObject(finding.found)
    ? Object.keys(finding.found).filter(key => !Object.hasOwn(known, key))
    : []
  const similar = nearest(missingName(finding), others)
  return similar === null ? '' : ` (there is \`${similar}\`)`
}

function typeNames(expected: unknown): string {
  const names = (Array.isArray(expected) ? expected : [expected]).map(type => TYPE_NAMES[String(type)] ?? String(type))
  return names.join(' or ')
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return `the number ${value}`
  return typeof value === 'boolean' ? String(value) : (TYPE_NAMES[typeof value] ?? 'nothing')
}

function listed(options: unknown): string {
  const all = Array.isArray(options) ? options : []
  const names = all.slice(0, 10).map(shown)
  return all.length > names.length ? `${names.join(', ')}, …` : names.join(', ')
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  return shorten(text, 60)
}
