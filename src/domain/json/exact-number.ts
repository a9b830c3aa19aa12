/** Numbers as they are written: whether a double keeps their digits, so that none silently becomes another number. */

import type { Json } from './json.ts'

const WRITTEN = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
/** So many digits a double always keeps. */
const SURE = 15
/** So many digits tell any double from its neighbours; programs that print them all mean the double, not the digits. */
const TELLING = 17

/** Whether reading this number and writing it again gives the same number. Text that is none is left to the parser. */
export function keepsDigits(text: string): boolean {
  if (text.length <= SURE && !/e/i.test(text)) return true
  const number = Number(text)
  const written = digitsOf(text)
  if (written === null) return true
  if (!Number.isFinite(number)) return false
  if (isSame(written, digitsOf(String(number)))) return true
  const { digits } = written
  if (Number.isInteger(number) || digits.length > TELLING) return false
  return isSame(written, digitsOf(number.toPrecision(digits.length)))
}

/** What may hold a number that a double cannot keep: many digits, or an exponent. */
const SUSPECT = /\d[\d.]{15}|\d[eE][+-]?\d/

/** JSON.parse, but for numbers whose digits a double cannot keep: these become the text of their digits. Throws as it does. */
export function parseExact(text: string): Json {
  if (!SUSPECT.test(text)) return JSON.parse(text) as Json
  const keep = (_key: string, value: Json, { source }: { source?: string } = {}): Json =>
    typeof value === 'number' && source !== undefined && !keepsDigits(source) ? source : value
  // The third argument of a reviver is newer than TypeScript's own types.
  return (JSON.parse as (text: string, revive: typeof keep) => Json)(text, keep)
}

interface Digits {
  /** Without zeros at either end. */
  digits: string
  /** Where the point stands, counted from the first of them. */
  point: number
}

function digitsOf(text: string): Digits | null {
  const [all, whole = '', fraction = '', exponent = '0'] = WRITTEN.exec(text) ?? []
  if (all === undefined) return null
  const digits = (whole + fraction).replace(/^0+/, '')
  const leading = whole.length + fraction.length - digits.length
  const trimmed = digits.replace(/0+$/, '')
  return { digits: trimmed, point: trimmed === '' ? 0 : whole.length - leading + Number(exponent) }
}

function isSame(one: Digits, other: Digits | null): boolean {
  return other !== null && one.digits === other.digits && one.point === other.point
}
