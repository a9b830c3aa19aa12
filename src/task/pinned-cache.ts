/** Parsed pinned versions, kept per isolate by digest: thousands of tasks share one definition. */
import type { Pinned } from '../domain/workflow/definition.ts'

const KEPT = 200
const cache = new Map<string, Pinned>()

/** The parsed version with this digest; `text` is read only when it is not there yet. */
export function pinnedBy(digest: string, text: () => string): Pinned {
  const known = cache.get(digest)
  if (known !== undefined) return known
  const parsed = JSON.parse(text()) as Pinned
  if (cache.size >= KEPT) cache.delete(cache.keys().next().value!)
  cache.set(digest, parsed)
  return parsed
}
