/** Arithmetic of templates as a person expects it: in decimals, exact beyond what a double keeps, so that 19.99 × 100 is 1999. */
import { keepsDigits } from '../json/exact-number.ts'

/** A number as `digits` × 10^-`scale`. */
interface Decimal {
  digits: bigint
  scale: number
  /** It was written with more digits than a double keeps, so its results are, too. */
  exact: boolean
}

/** More digits than any double has when they are written out; what is longer is no amount of anything. */
const MAX_DIGITS = 800
/** Digits of a quotient that does not come out even. */
const QUOTIENT_DIGITS = 20
const WRITTEN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/** The arithmetic filters by name. Values are read as liquidjs reads them: text that is no number counts as 0. */
export const ARITHMETIC: Record<string, (value: unknown, ...args: unknown[]) => number | string> = {
  plus: (value, by) => told(add(read(value), read(by))),
  minus: (value, by) => told(add(read(value), negated(read(by)))),
  times: (value, by) => told(multiply(read(value), read(by))),
  divided_by: (value, by, whole) => told(divide(read(value), nonZero(read(by), 'divided_by'), whole === true)),
  modulo: (value, by) => told(modulo(read(value), nonZero(read(by), 'modulo'))),
  abs: value => told(magnitude(read(value))),
  at_least: (value, least) => told(compare(read(value), read(least)) < 0 ? read(least) : read(value)),
  at_most: (value, most) => told(compare(read(value), read(most)) > 0 ? read(most) : read(value)),
  ceil: value => told(negated(floor(negated(read(value))))),
  floor: value => told(floor(read(value))),
  round: (value, places) => told(round(read(value), placesOf(places))),
  to_integer: value => told(truncate(read(value))),
}

/** The sum of values, read as the arithmetic filters read theirs. */
export function sumOf(values: unknown[]): number | string {
  return told(values.map(value => read(value)).reduce(add, { digits: 0n, scale: 0, exact: false }))
}

function read(value: unknown): Decimal {
  const text = String(value ?? '').trim()
  const [all, sign, whole = '', fraction = '', exponent = '0'] = WRITTEN.exec(text) ?? []
  if (all === undefined || whole + fraction === '') return readOdd(value)
  const scale = fraction.length - Number(exponent)
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '')
  if (digits.length + Math.abs(scale) > MAX_DIGITS) throw new Error('a number has too many digits to be reckoned with')
  const magnitude = BigInt(digits)
  const exact = typeof value === 'string' && !keepsDigits(text.replace('+', ''))
  return trimmed({ digits: sign === '-' ? -magnitude : magnitude, scale, exact })
}

/** What JavaScript takes for a number though it is not written as one, such as `true`; anything else is 0. */
function readOdd(value: unknown): Decimal {
  const number = Number(value)
  if (number === Infinity || number === -Infinity) throw new Error('a number is too large to be reckoned with')
  return Number.isNaN(number) || typeof value === 'string' ? { digits: 0n, scale: 0, exact: false } : read(number)
}

/** A number where a double keeps it, and else its digits as text: what is beyond 2^53, or was made of such digits. */
function told({ digits, scale, exact }: Decimal): number | string {
  const text = written(digits, scale)
  const number = Number(text)
  if (keepsDigits(text)) return number
  return exact || Math.abs(number) > Number.MAX_SAFE_INTEGER ? text : number
}

function written(digits: bigint, scale: number): string {
  if (scale <= 0) return String(digits * power(-scale))
  const padded = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  const fraction = padded.slice(-scale).replace(/0+$/, '')
  const whole = `${digits < 0n ? '-' : ''}${padded.slice(0, -scale)}`
  return fraction === '' ? whole : `${whole}.${fraction}`
}

function trimmed(decimal: Decimal): Decimal {
  return decimal.scale < 0 ? { ...decimal, digits: decimal.digits * power(-decimal.scale), scale: 0 } : decimal
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

/** Both with as many places behind the point. */
function aligned(one: Decimal, other: Decimal): { a: bigint; b: bigint; scale: number; exact: boolean } {
  const scale = Math.max(one.scale, other.scale)
  return {
    a: one.digits * power(scale - one.scale),
    b: other.digits * power(scale - other.scale),
    scale,
    exact: one.exact || other.exact,
  }
}

function add(one: Decimal, other: Decimal): Decimal {
  const { a, b, scale, exact } = aligned(one, other)
  return { digits: a + b, scale, exact }
}

function multiply(one: Decimal, other: Decimal): Decimal {
  return { digits: one.digits * other.digits, scale: one.scale + other.scale, exact: one.exact || other.exact }
}

/** To some twenty digits where it does not come out even. */
function divide(one: Decimal, other: Decimal, whole: boolean): Decimal {
  const { a, b, exact } = aligned(one, other)
  if (whole) return { digits: floored(a, b), scale: 0, exact }
  const scale = Math.max(QUOTIENT_DIGITS, QUOTIENT_DIGITS + String(b).length - String(a).length)
  return { digits: halfUp(a * power(scale), b), scale, exact }
}

function modulo(one: Decimal, other: Decimal): Decimal {
  const { a, b, scale, exact } = aligned(one, other)
  return { digits: a - floored(a, b) * b, scale, exact }
}

function compare(one: Decimal, other: Decimal): number {
  const { a, b } = aligned(one, other)
  return a < b ? -1 : Number(a > b)
}

function floor({ digits, scale, exact }: Decimal): Decimal {
  return { digits: floored(digits, power(scale)), scale: 0, exact }
}

function truncate({ digits, scale, exact }: Decimal): Decimal {
  return { digits: digits / power(scale), scale: 0, exact }
}

/** Halves go away from zero. */
function round(value: Decimal, places: number): Decimal {
  if (places >= value.scale) return value
  const digits = halfUp(value.digits, power(value.scale - places))
  return trimmed({ digits, scale: places, exact: value.exact })
}

function placesOf(places: unknown): number {
  const number = Math.trunc(Number(places ?? 0))
  return Number.isNaN(number) ? 0 : Math.max(-MAX_DIGITS, Math.min(MAX_DIGITS, number))
}

function floored(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

function halfUp(a: bigint, b: bigint): bigint {
  const [size, by] = [a < 0n ? -a : a, b < 0n ? -b : b]
  const rounded = (2n * size + by) / (2n * by)
  return a < 0n === b < 0n ? rounded : -rounded
}

function negated(value: Decimal): Decimal {
  return { ...value, digits: -value.digits }
}

function magnitude(value: Decimal): Decimal {
  return value.digits < 0n ? negated(value) : value
}

function nonZero(divisor: Decimal, filter: string): Decimal {
  if (divisor.digits === 0n) throw new Error(`\`${filter}\` cannot divide by 0`)
  return divisor
}
