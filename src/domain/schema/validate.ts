/** Runs people's schemas over values: what is wrong with a value, in words a person can act on. */
import type { Json, JsonSchema } from '../json.ts'
import { compilePattern, type Pattern } from '../linear-regex.ts'
import type { Problem } from './check.ts'
import { explainAll } from './explain.ts'
import { hooks, Validator } from './interpreter.gen.mjs'
import { everySchema, isSchemaObject, rebuild, type SchemaObject } from './walk.ts'

export { checkSchema, type Problem } from './check.ts'

/** Work one validation may do: schemas applied, each with the keys, items and characters it looks at. */
const MAX_WORK = 2_000_000
/** One schema applied to one scalar, beside which a key or an item costs 1. */
const VISIT = 4
/** Keywords that only describe. They are left out of what is run: cfworker follows `$id` and `id`, and schemas inside unknown keywords. */
const RUN = new Set(
  `$ref $anchor type const enum required dependentRequired minProperties maxProperties minContains maxContains minItems
  maxItems uniqueItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern`.split(
    /\s+/,
  ),
)
/** The formats that are checked. The rest, and unknown ones, only describe, as the specification has it. */
const FORMATS = new Set(['date', 'time', 'date-time', 'duration', 'email', 'ipv4', 'ipv6', 'uuid'])

interface Prepared {
  root: SchemaObject
  validator: Validator
  /** What applying a schema costs beyond the value: the names and constants it compares with. */
  weights: Map<unknown, number>
}

const prepared = new WeakMap<JsonSchema, Prepared>()

hooks.RegExp = class {
  readonly #pattern: Pattern

  constructor(source: string) {
    const pattern = compilePattern(source)
    if (pattern instanceof Error) throw pattern
    this.#pattern = pattern
  }

  test(text: string): boolean {
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
    const { valid, errors } = counted(ready.weights, () => ready.validator.validate(value))
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
  const weights = new Map<unknown, number>()
  for (const { schema: part } of everySchema(root)) weights.set(part, weightOf(part))
  const ready = { root, validator: new Validator(root, '2020-12', false), weights }
  prepared.set(schema, ready)
  return ready
}

/** A copy, as cfworker writes marks on the schemas it is given. */
function copy(schema: unknown): unknown {
  if (!isSchemaObject(schema)) return schema
  return rebuild(schema, copy, (keyword, value) =>
    keyword === 'format' ? FORMATS.has(String(value)) : RUN.has(keyword),
  )
}

function weightOf({ enum: options, properties, required, patternProperties }: SchemaObject): number {
  const sizes = [options, properties, required, patternProperties].map(part => Object.keys(part ?? {}).length)
  return sizes.reduce((sum, size) => sum + size, 1)
}

function counted<T>(weights: Map<unknown, number>, run: () => T): T {
  let work = 0
  const idle = hooks.visit
  hooks.visit = (instance, schema) => {
    work += VISIT + (weights.get(schema) ?? 1) + sizeOf(instance, schema)
    if (work > MAX_WORK) throw new TooMuch()
  }
  try {
    return run()
  } finally {
    hooks.visit = idle
  }
}

function sizeOf(instance: unknown, schema: unknown): number {
  const { pattern, uniqueItems } = isSchemaObject(schema) ? schema : {}
  if (typeof instance === 'string') return pattern === undefined ? instance.length / 64 : instance.length
  // cfworker compares each item with every other.
  if (Array.isArray(instance)) return uniqueItems === true ? instance.length ** 2 / 4 : 1
  return typeof instance === 'object' && instance !== null ? Object.keys(instance).length : 1
}
