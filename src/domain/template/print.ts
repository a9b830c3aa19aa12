/** How values become text in templates: objects and lists as JSON, nothing for null. */
import { toValue } from 'liquidjs'
import type { Budget } from './budget.ts'

/** The text of a value as a template prints it. JSON is charged as it is written, as a list may hold one big value many times. */
export function print(value: unknown, budget: Budget): string {
  const plain: unknown = toValue(value)
  if (typeof plain === 'string') return plain
  if (plain === null || plain === undefined) return ''
  return typeof plain === 'object' ? json(plain, budget) : String(plain)
}

/** Objects and lists as JSON text, anything else as it is: for filters that would see `[object Object]`. */
export function flat(value: unknown, budget: Budget): unknown {
  return typeof value === 'object' && value !== null ? print(value, budget) : value
}

function json(value: object, budget: Budget): string {
  const charge = (_key: string, part: unknown): unknown => {
    budget.use(typeof part === 'string' ? part.length : 4)
    return part
  }
  return JSON.stringify(value, charge)
}
