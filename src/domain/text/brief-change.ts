/** What changed of something that is kept, in one short line of the audit log. */

import { canonical } from '../json/canonical.ts'
import type { Json } from '../json/json.ts'
import { shorten } from './cut.ts'

const MOST = 300
/** A value that is longer is named by its key alone. */
const SHORT = 40

/**
 * `model: demo → gpt-5; tools`: keys whose values differ, with the values where both are short and plain. Keys of `unsaid`
 * are named, and their values never are; '' when nothing differs.
 */
export function briefChange(before: object, after: object, unsaid: readonly string[] = []): string {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(key => !same(old[key], now[key]))
  const said = keys.map(key => {
    const [from, to] = [plain(old[key]), plain(now[key])]
    return unsaid.includes(key) || from === null || to === null ? key : `${key}: ${from} → ${to}`
  })
  return shorten(said.join('; '), MOST)
}

/** As it is kept: without what is undefined. */
function fieldsOf(whole: object): { [key: string]: Json | undefined } {
  return JSON.parse(JSON.stringify(whole))
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  return one === undefined || other === undefined ? one === other : canonical(one) === canonical(other)
}

function isShortList(value: Json): value is (string | number | boolean)[] {
  return Array.isArray(value) && value.every(one => one !== null && typeof one !== 'object')
}

/** As a line says it; null: it is no plain, short value. */
function plain(value: Json | undefined): string | null {
  if (value === undefined || value === null) return 'none'
  if (typeof value === 'object' && !isShortList(value)) return null
  const text = Array.isArray(value) ? value.join(', ') || 'none' : String(value)
  return text.length <= SHORT && !text.includes('\n') ? text : null
}
