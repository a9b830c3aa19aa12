/** Pinned versions by digest, kept per isolate: thousands of tasks share one definition's text and what was parsed of it. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import type { Pinned } from '../../domain/workflow/definition.ts'

const KEPT = 200
const cache = new BoundedCache<{ text: string; parsed: Pinned }>(KEPT)

/** The parsed version with this digest; `text` is read only when it is not there yet. */
export function pinnedBy(digest: string, text: () => string): Pinned {
  return cache.get(digest, () => parse(text())).parsed
}

/** The same text as `text`, but one for all tasks: each would else hold a copy of its definition for as long as it lives. */
export function sharedText(digest: string, text: string): string {
  const known = cache.peek(digest)?.text
  return known === text ? known : text
}

function parse(text: string): { text: string; parsed: Pinned } {
  return { text, parsed: JSON.parse(text) as Pinned }
}
