/** Pinned versions, kept per isolate by digest: thousands of tasks share one definition, as text and as its parse. */
import type { Pinned } from '../domain/workflow/definition.ts'

const KEPT = 200
const cache = new Map<string, { text: string; parsed: Pinned }>()

/** The parsed version with this digest; `text` is read only when it is not there yet. */
export function pinnedBy(digest: string, text: () => string): Pinned {
  return (cache.get(digest) ?? keep(digest, text())).parsed
}

/** The same text as `text`, but one for all tasks: each would else hold a copy of its definition for as long as it lives. */
export function sharedText(digest: string, text: string): string {
  const known = cache.get(digest)?.text
  return known === text ? known : text
}

function keep(digest: string, text: string): { text: string; parsed: Pinned } {
  const kept = { text, parsed: JSON.parse(text) as Pinned }
  if (cache.size >= KEPT) cache.delete(cache.keys().next().value!)
  cache.set(digest, kept)
  return kept
}
