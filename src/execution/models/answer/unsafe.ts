/** What no parsed answer may hold, however well it fits. */
import type { Json } from '../../../domain/json/json.ts'

const DEEPEST = 32

/** Why a parsed value must not go on: too deep for what reads it later, or a key that could reach a prototype. */
export const unsafeIn = (value: Json, depth = 0): string | null => {
  if (typeof value !== 'object' || value === null) return null
  // The envelope is one level of its own.
  if (depth > DEEPEST) return `is nested deeper than ${DEEPEST} levels`
  if (Object.hasOwn(value, '__proto__')) return 'has a key "__proto__", which is not allowed'
  for (const inner of Object.values(value)) {
    const found = unsafeIn(inner, depth + 1)
    if (found) return found
  }
  return null
}
