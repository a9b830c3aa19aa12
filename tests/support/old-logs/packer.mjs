/** Keeps once what is long and comes again: `⟦key⟧` stands in its place, so that the fixture stays small. */
import { hash } from 'node:crypto'

/** A part as long as this is kept apart when it comes twice. */
const SHARED = 80
/** A text as long as this is kept apart in any case. */
const LONG = 2000

/** Answers the value with its long and repeated parts replaced, and those parts by key (which may hold others). */
export function packed(value) {
  const seen = new Map()
  const shared = {}
  count(value)
  return { value: pack(value), shared: { ...shared } }

  function count(part) {
    const text = JSON.stringify(part)
    if (text.length < SHARED) return
    seen.set(text, (seen.get(text) ?? 0) + 1)
    if (seen.get(text) === 1 && typeof part === 'object') for (const item of Object.values(part)) count(item)
  }

  function pack(part) {
    const text = JSON.stringify(part)
    if (text.length < SHARED) return part
    if (seen.get(text) > 1 || (typeof part === 'string' && part.length > LONG)) return keep(text, part)
    return inside(part)
  }

  function inside(part) {
    if (typeof part !== 'object') return part
    if (Array.isArray(part)) return part.map(pack)
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, pack(item)]))
  }

  function keep(text, part) {
    const key = hash('sha256', text).slice(0, 10)
    if (!Object.hasOwn(shared, key)) shared[key] = inside(part)
    return `⟦${key}⟧`
  }
}
