/** Runs people's schemas over values: what is wrong with a value, in words a person can act on. */
import type { Json, JsonSchema } from '../json/json.ts'
import type { Pattern } from '../pattern/linear-regex.ts'
import type { Problem } from './check.ts'
import { explainAll } from './explain.ts'
import { FORMATS } from './formats.ts'
import { hooks, Validator } from './interpreter.gen.mjs'
import { compilePatterns } from './patterns.ts'
import { everySchema, isSchemaObject, rebuild, type SchemaObject } from './walk.ts'

export { checkSchema, type Problem } from './check.ts'

/** Work one validation may do: schemas applied, each with the keys, items and characters it looks at. */
const MAX_WORK = 2_000_000
/** One schema applied to one scalar, beside which a key or an item costs 1. */
const VISIT = 12
/** A name that an object must have: a finding for each that it lacks. */
const DEMAND = 8
/** Whether one number is a multiple of another is reckoned with as many digits as both have. */
const MULTIPLE = 60
/** Text is walked so much faster that a unit of work buys this many characters. */
const CHARS_PER_UNIT = 16
/** Instructions of a pattern that a unit of work buys. */
const STEPS_PER_UNIT = 4
/** Keywords that only describe. They are left out of what is run: cfworker follows `$id` and `id`, and schemas inside unknown keywords. */
const RUN = new Set(
  `$ref $anchor type const enum required dependentRequired minProperties maxProperties minContains maxContains minItems
  maxItems uniqueItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern nullable`.split(
    /\s+/,
  ),
)
interface Prepared {
  root: SchemaObject
  validator: Validator
  /** What applying a schema costs beyond the value: the names and constants it compares with. */
  weights: Map<unknown, number>
  patterns: Map<string, Pattern>
}

const prepared = new WeakMap<JsonSchema, Prepared>()

/** The validation under way; it is synchronous. The interpreter compiles a pattern each time that it meets it. */
let running: { patterns: Map<string, Pattern>; use: (work: number) => void } | null = null

hooks.RegExp = class {
  readonly #pattern: Pattern

  constructor(source: string) {
    const pattern = running?.patterns.get(source)
    if (pattern === undefined) throw new Error(`the pattern ${source} was not compiled`)
    this.#pattern = pattern
  }

  test(text: string): boolean {
    running?.use(this.#pattern.steps(text) / STEPS_PER_UNIT)
    return this.#pattern.test(text)
  }
}

/**
 * What is wrong with a value, at most 20 problems; none when the schema accepts it. JSON Schema 2020-12; patterns run in
 * linear time. A schema that cannot be run, or a value too large for it, is a problem of the whole value.
 */
export function validate(schema: JsonSchema, value: Json): Problem[] {
  try {
    const ready = prepared.get(schema) ?? prepare(schema)
    const { valid, errors } = counted(ready, () => ready.validator.validate(value))
    return valid ? [] : explainAll(errors, ready.root, value)
  } catch (error) {
    const message =
      error instanceof TooMuch || error instanceof RangeError
        ? TOO_MUCH
        : `the schema cannot be used: ${(error as Error).message}`
    return [{ path: '', message }]
  }
}

const TOO_MUCH = 'the value is too large to be checked against this schema'
class TooMuch extends Error {}

function prepare(schema: JsonSchema): Prepared {
  const root = copy(schema) as SchemaObject
  const { patterns, problems } = compilePatterns(root)
  if (problems[0] !== undefined) throw new Error(problems[0].message)
  const weights = new Map<unknown, number>()
  for (const { schema: part } of everySchema(root)) weights.set(part, weightOf(part))
  const ready = { root, validator: new Validator(root, '2020-12', false), weights, patterns }
  prepared.set(schema, ready)
  return ready
}

/** A copy, as cfworker writes marks on the schemas it is given. */
function copy(schema: unknown): unknown {
  if (!isSchemaObject(schema)) return schema
  return modern(
    rebuild(schema, copy, (keyword, value) => (keyword === 'format' ? FORMATS.has(String(value)) : RUN.has(keyword))),
  )
}

/** What older drafts and OpenAPI write, in the words of 2020-12: `dependencies` as its two successors, `nullable` as a type. */
function modern({ dependencies, nullable, ...schema }: SchemaObject): SchemaObject {
  if (nullable === true && schema.type !== undefined) schema.type = [...new Set([schema.type, 'null'].flat())]
  if (!isSchemaObject(dependencies)) return schema
  const entries = Object.entries(dependencies)
  const named = Object.fromEntries(entries.filter(([, part]) => Array.isArray(part)))
  const schemas = Object.fromEntries(entries.filter(([, part]) => !Array.isArray(part)))
  const { dependentRequired, dependentSchemas } = schema as Record<string, object | undefined>
  return {
    ...schema,
    dependentRequired: { ...named, ...dependentRequired },
    dependentSchemas: { ...schemas, ...dependentSchemas },
  }
}

function weightOf(schema: SchemaObject): number {
  const { enum: options, const: constant, properties, required, patternProperties, dependentRequired } = schema
  const names = [properties, patternProperties, options].reduce<number>(
    (sum, part) => sum + Object.keys(part ?? {}).length,
    0,
  )
  const demands = [required, ...Object.values(dependentRequired ?? {})].flat().length
  const constants = options === undefined && constant === undefined ? '' : JSON.stringify([options, constant])
  const multiple = schema.multipleOf === undefined ? 0 : MULTIPLE
  return 1 + names + demands * DEMAND + constants.length / CHARS_PER_UNIT + multiple
}

function counted<T>({ weights, patterns }: Prepared, run: () => T): T {
  let work = 0
  const use = (more: number) => {
    work += more
    if (work > MAX_WORK) throw new TooMuch()
  }
  const idle = hooks.visit
  const sizes = new Map<object, number>()
  hooks.visit = (instance, schema) => use(VISIT + (weights.get(schema) ?? 1) + sizeOf(instance, schema, sizes))
  running = { patterns, use }
  try {
    return run()
  } finally {
    hooks.visit = idle
    running = null
  }
}

/** What looking at a value costs; `sizes` holds those of the lists and objects met before. */
function sizeOf(instance: unknown, schema: unknown, sizes: Map<object, number>): number {
  if (typeof instance === 'string') return instance.length / CHARS_PER_UNIT
  if (typeof instance !== 'object' || instance === null) return 1
  // cfworker compares each item with every other.
  const unique = isSchemaObject(schema) && schema.uniqueItems === true
  if (Array.isArray(instance)) return unique ? 1 + (instance.length * deepSize(instance)) / 4 : 1
  const size = sizes.get(instance) ?? keysSize(instance)
  sizes.set(instance, size)
  return size
}

function keysSize(instance: object): number {
  return Object.keys(instance).reduce((sum, key) => sum + 1 + key.length / CHARS_PER_UNIT, 0)
}

function deepSize(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length / CHARS_PER_UNIT
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, part) => sum + deepSize(part), 1)
}
