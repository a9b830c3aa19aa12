/** Filters that Baton has in place of liquidjs's, or besides them. What they are given is charged before they run. */
import { filters as builtin, type FilterImplOptions } from 'liquidjs'
import { BODY_LIMITS, guardJson } from '../json/json-guard.ts'
import { cut } from '../text/cut.ts'
import { Budget } from './budget.ts'
import { ARITHMETIC, sumOf } from './decimal.ts'
import { expandFormat, isImpossibleDay } from './strftime.ts'

export type Handler = Extract<FilterImplOptions, (...args: never[]) => unknown>
export type Filter = ThisParameterType<Handler>

/** Reading a time and writing it again, for what weeks are counted by. */
const WEEK = 4000
/** Each letter of a format is a piece of text. */
const LETTER = 6

/** A number of hundreds of digits; reckoning with it takes about as long as this many units of other work. */
const WIDE = 6000

/** These filters by name. */
export const OWN: Record<string, Handler> = {
  ...Object.fromEntries(Object.entries(ARITHMETIC).map(([name, compute]) => [name, chargedByDigits(compute)])),
  *sum(this: Filter, given: unknown, property?: unknown): Generator<unknown, number | string, unknown> {
    const values = property === undefined ? given : yield handlerOf('map').call(this, given, property)
    const list = Array.isArray(values) ? values : [values]
    chargeDigits(budgetOf(this), list)
    return sumOf(list)
  },
  date: dated,
  truncate: (text: unknown, most: unknown = 50, ending: unknown = '...') => {
    const whole = String(text ?? '')
    return whole.length <= Number(most)
      ? whole
      : `${cut(whole, Math.max(0, Number(most) - String(ending).length))}${ending}`
  },
  truncatewords: (text: unknown, most: unknown = 15, ending: unknown = '...') => {
    const whole = String(text ?? '')
    const words = whole.split(/\s+/).filter(word => word !== '')
    const kept = Math.max(1, Math.trunc(Number(most)) || 0)
    return words.length <= kept ? whole : `${words.slice(0, kept).join(' ')}${ending ?? ''}`
  },
  /** JSON that came as a text, held to the limits of bodies; a value that is none already stays as it is. */
  parse_json(this: Filter, text: unknown) {
    if (typeof text !== 'string') return text
    const read = guardJson(text, BODY_LIMITS, 'text')
    if (!read.ok) throw new Error(`\`parse_json\` cannot read this text: ${read.message.replace(/\.$/, '')}`)
    budgetOf(this).walk(read.value)
    return read.value
  },
}

/** The budget of the rendering that a filter runs in. */
export function budgetOf(filter: Filter): Budget {
  const limiter: unknown = filter.context.memoryLimit
  if (limiter instanceof Budget) return limiter
  throw new Error('a filter runs outside a budget')
}

function chargedByDigits(compute: (value: unknown, ...args: unknown[]) => unknown): Handler {
  return function (this: Filter, value: unknown, ...args: unknown[]) {
    chargeDigits(budgetOf(this), [value, ...args])
    return compute(value, ...args)
  }
}

function chargeDigits(budget: Budget, numbers: unknown[]): void {
  for (const number of numbers) {
    const text = typeof number === 'string' || typeof number === 'number' ? String(number) : ''
    if (text.length > 40 || /e/i.test(text)) budget.use(WIDE)
  }
}

/** liquidjs's, with all of strftime's directives; a day that there is not stays the text that it is. */
function dated(this: Filter, time: unknown, format?: unknown, zone?: unknown): unknown {
  const write = (by: unknown) => handlerOf('date').call(this, time, by, zone)
  if (typeof time === 'string' && isImpossibleDay(time)) return time
  if (typeof format !== 'string' || time === null || time === undefined) return write(format)
  const budget = budgetOf(this)
  const parts = (by: string) => {
    budget.use(WEEK)
    return String(write(by))
  }
  const expanded = expandFormat(format, parts, zone === undefined || zone === null || zone === 0)
  budget.use(expanded.length * LETTER)
  return write(expanded)
}

function handlerOf(name: string): Handler {
  const filter = builtin[name]!
  return typeof filter === 'function' ? filter : filter.handler
}
