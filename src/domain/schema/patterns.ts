/** The patterns of a schema, compiled together: what each costs is bounded by linear-regex.ts, what they cost together here. */
import { compilePattern, compileSteps, type Pattern } from '../pattern/linear-regex.ts'
import { everySchema, isSchemaObject, type SchemaObject } from './walk.ts'

export interface CompiledPatterns {
  patterns: Map<string, Pattern>
  /** Patterns that cannot be used, each with its place. */
  problems: { path: (string | number)[]; message: string }[]
}

/** What compiling all of them may cost: some 200 usual ones. */
const MAX_STEPS = 2_000_000
/** The cost of the shortest, read and put aside. */
const EACH = 2_000

/** Compiles every pattern of a schema; with too many it stops. */
export function compilePatterns(root: SchemaObject): CompiledPatterns {
  const compiled: CompiledPatterns = { patterns: new Map(), problems: [] }
  let steps = 0
  for (const { path, pattern } of patternsIn(root)) {
    if (compiled.patterns.has(pattern)) continue
    steps += EACH + compileSteps(pattern)
    const made =
      steps > MAX_STEPS ? new Error('the schema’s patterns are too many, or too long') : compilePattern(pattern)
    if (made instanceof Error) compiled.problems.push({ path, message: made.message })
    else compiled.patterns.set(pattern, made)
    if (steps > MAX_STEPS) break
  }
  return compiled
}

function* patternsIn(root: SchemaObject): Generator<{ path: (string | number)[]; pattern: string }> {
  for (const { path, schema } of everySchema(root)) {
    const named = isSchemaObject(schema.patternProperties) ? Object.keys(schema.patternProperties) : []
    for (const pattern of named) yield { path: [...path, 'patternProperties', pattern], pattern }
    if (typeof schema.pattern === 'string') yield { path: [...path, 'pattern'], pattern: schema.pattern }
  }
}
