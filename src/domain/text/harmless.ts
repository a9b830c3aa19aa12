/** Data without what stores, pages and providers choke on, in each of its texts and names. */
import type { Json } from '../json/json.ts'
import { wellFormed } from './clean.ts'

/** The same value with each text in it, and each name, well formed. Its depth must have been checked. */
export const harmless = (value: Json): Json => {
  if (typeof value === 'string') return wellFormed(value)
  if (Array.isArray(value)) return value.map(harmless)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormed(key), harmless(inner)]))
}
