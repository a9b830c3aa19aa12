/** The filters that templates may use, each wrapped so that what it touches and makes is charged to the budget. */
import { filters as builtin, type FilterImplOptions } from 'liquidjs'
import type { Budget } from './budget.ts'
import { budgetOf, type Filter, type Handler, OWN } from './own-filters.ts'
import { flat } from './print.ts'

/** What calling a filter costs beside the lengths it handles. */
const CALL = 4
/** An element whose property is compared gets variables of its own; one whose property is read is only looked at. */
const MATCH = 30
const READ = 6
/** Two elements compared for an order, or for being the same. */
const COMPARE = 2
/** A date read and written, with the names of its day and month. */
const DATE = 4000

/** Readies a filter's value and arguments: charges for them, or refuses them by throwing. */
type Prepare = (budget: Budget, args: unknown[]) => unknown[]

/** On text, numbers and dates: a list or an object reaches them as JSON text. */
const PLAIN = `append prepend capitalize downcase upcase strip lstrip rstrip strip_newlines squish normalize_whitespace
  number_of_words truncate truncatewords newline_to_br escape escape_once xml_escape strip_html url_encode url_decode
  cgi_escape uri_escape slugify base64_encode base64_decode abs at_least at_most ceil divided_by floor minus plus modulo
  times round to_integer`
/** On times: reading one is dear, and each letter of the format is a piece of text. */
const DATED = 'date date_to_xmlschema date_to_rfc822 date_to_string date_to_long_string'
/** On text, looking for their first argument in it. */
const SEARCHING = 'replace replace_first replace_last remove remove_first remove_last split'
/** On lists whose elements are printed. */
const JOINING = 'join array_to_sentence_string'
/** On lists by an order or a sum, of elements or of a property of theirs. */
const RANKING = 'sort sort_natural sum'
/** On lists by comparing a property of each element. */
const MATCHING = 'where reject has find find_index'
/** On lists by reading a property of each element, or by comparing them. */
const READING = 'map compact uniq'
/** On values as they are. */
const WHOLE = 'first last reverse size concat pop shift slice default raw json jsonify inspect parse_json'
// Left out: `*_exp` parse text at run time, `push`, `unshift` and `group_by` can fold a list into itself until it no longer
// prints, `sample` is chance, `sha256` and `hmac_sha256` are asynchronous.

/** The filters by name, ready to be registered. */
export const FILTERS: Record<string, FilterImplOptions> = Object.fromEntries([
  ...named(PLAIN, flatten),
  ...named(DATED, chargeDate),
  ...named(SEARCHING, chargeSearch),
  ...named(JOINING, flattenElements),
  ...named(RANKING, requireRankable),
  ...named(MATCHING, requirePlainArguments),
  ...named(READING, chargeReads),
  ...named(WHOLE, chargeLengths),
])

function named(names: string, prepare: Prepare): [string, FilterImplOptions][] {
  return names.split(/\s+/).map(name => {
    const filter = OWN[name] ?? builtin[name]!
    const inner = typeof filter === 'function' ? filter : filter.handler
    const handler = charged(inner, prepare)
    return [name, typeof filter === 'function' ? handler : { handler, raw: filter.raw }]
  })
}

/** A generator, as liquidjs drives those, so that filters which are generators themselves are charged for their result too. */
function charged(inner: Handler, prepare: Prepare): Handler {
  return function* (this: Filter, ...given: unknown[]): Generator<unknown, unknown, unknown> {
    const budget = budgetOf(this)
    const [value, ...args] = prepare(budget, given)
    const result = yield inner.call(this, value, ...args)
    budget.use(CALL + lengthOf(result))
    return result
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? 1 + value.length : 1
}

function chargeLengths(budget: Budget, args: unknown[]): unknown[] {
  for (const arg of args) budget.use(lengthOf(arg))
  return args
}

function flatten(budget: Budget, args: unknown[]): unknown[] {
  return chargeLengths(
    budget,
    args.map(arg => flat(arg, budget)),
  )
}

function chargeDate(budget: Budget, args: unknown[]): unknown[] {
  const [time, format, ...rest] = flatten(budget, args)
  budget.use(DATE + lengthOf(format) * READ)
  return [time, format, ...rest]
}

function chargeReads(budget: Budget, args: unknown[]): unknown[] {
  const [list, property] = chargeLengths(budget, args)
  budget.use(lengthOf(list) * READ * partsOf(property))
  return args
}

/** The names in a path such as `a.b`; the path is read anew for each element. */
function partsOf(path: unknown): number {
  return typeof path === 'string' ? path.split('.').length + path.length / 16 : 1
}

function chargeSearch(budget: Budget, args: unknown[]): unknown[] {
  const [text, needle, ...rest] = flatten(budget, args)
  budget.search(String(text ?? ''), String(needle ?? ''))
  return [text, needle, ...rest]
}

function flattenElements(budget: Budget, [list, ...args]: unknown[]): unknown[] {
  const elements = Array.isArray(list) ? list.map(element => flat(element, budget)) : flat(list, budget)
  return [elements, ...flatten(budget, args)]
}

/** Lists in a list would be turned into text for each comparison; there is no sensible order of them anyway. */
function requireRankable(budget: Budget, args: unknown[]): unknown[] {
  const [list, property] = chargeLengths(budget, args)
  if (!Array.isArray(list)) return args
  const depth = Math.log2(list.length + 2)
  for (const element of list) {
    const key = typeof property === 'string' ? at(element, property) : element
    if (typeof key === 'object' && key !== null) throw new Error('this filter needs a list of texts or numbers')
    budget.use(lengthOf(key) * depth * COMPARE * partsOf(property))
  }
  return args
}

function at(value: unknown, path: string): unknown {
  let found = value
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Record<string, unknown>)[name]
  }
  return found
}

function requirePlainArguments(budget: Budget, args: unknown[]): unknown[] {
  const [list, ...rest] = chargeLengths(budget, args)
  budget.use(lengthOf(list) * MATCH * partsOf(rest[0]))
  const compound = rest.some(arg => typeof arg === 'object' && arg !== null && !('equals' in arg))
  if (compound) throw new Error('this filter compares with a text or a number, not with a list or an object')
  return args
}
