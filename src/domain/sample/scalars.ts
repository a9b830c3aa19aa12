/** The demo model's numbers and texts: within the schema's bounds, and from the prompt where it names them. */
import type { JsonSchema } from '../json/json.ts'
import { isNumber } from '../schema/subschemas.ts'
import { type Facts, hash, shorten, wordsOf } from './facts.ts'
import { sampleOf } from './pattern.ts'

/** Where a value stands: what the schema calls it, and how deep it lies. */
export interface Place {
  name: string
  index: number
  depth: number
}

/** A number within the bounds: the one that the prompt names, else one that stands for this prompt. */
export const numberFor = (schema: JsonSchema, facts: Facts, place: Place): number => {
  const bounds = boundsOf(schema)
  const { least, most, step } = bounds
  const said = saidNumber(facts, place)
  const whole = (value: number) => step === 0 || Number.isInteger(round(value / step))
  if (said !== null && said >= least && said <= most && whole(said)) return said
  const { low, high } = usualRange(bounds, place)
  const wish = low + ((hash(`${facts.seed}${place.name}${place.index}`) % 101) / 100) * (high - low)
  if (step === 0) return round(wish)
  const lowest = Math.ceil(round(low / step))
  const highest = Math.floor(round(high / step))
  return round(Math.min(Math.max(Math.round(wish / step), lowest), highest) * step)
}

interface Bounds {
  least: number
  most: number
  /** Multiples of it are allowed; 0: every number. */
  step: number
}

const boundsOf = (schema: JsonSchema): Bounds => {
  const types = [schema.type].flat()
  const whole = types.includes('integer') && !types.includes('number')
  const given = isNumber(schema.multipleOf) ? schema.multipleOf : 0
  const step = whole && !(given > 0 && Number.isInteger(given)) ? 1 : given
  const grain = step || 0.01
  const above = isNumber(schema.exclusiveMinimum) ? schema.exclusiveMinimum + grain : undefined
  const below = isNumber(schema.exclusiveMaximum) ? schema.exclusiveMaximum - grain : undefined
  const least = Math.max(...[schema.minimum, above].filter(isNumber), Number.NEGATIVE_INFINITY)
  const most = Math.min(...[schema.maximum, below].filter(isNumber), Number.POSITIVE_INFINITY)
  return { least, most, step }
}

/** Where nothing is bounded, a share lies in 0..1 and other numbers in 0..100. */
const usualRange = ({ least, most, step }: Bounds, place: Place): { low: number; high: number } => {
  const span = Math.max(SHARES.test(place.name) && step !== 1 ? 1 : 100, step)
  const low = Number.isFinite(least) ? least : Math.min(0, most - span)
  return { low, high: Number.isFinite(most) ? most : low + span }
}

const SHARES = /confidence|probab|ratio|share|fraction/i

const saidNumber = (facts: Facts, place: Place): number | null => {
  const named = facts.named.get(wordsOf(place.name).join(' '))
  const money = /amount|total|price|cost|budget|value/i.test(place.name) ? facts.amounts[place.index] : undefined
  const text = (named ?? money)?.replace(/[^\d.-]/g, '')
  return text ? Number(text) : null
}

const round = (value: number): number => Number(value.toFixed(6))

/** A text of the right format, pattern and length: what the prompt says under this name, else of this kind. */
export const stringFor = (schema: JsonSchema, facts: Facts, place: Place): string => {
  const least = isNumber(schema.minLength) ? schema.minLength : 0
  const most = isNumber(schema.maxLength) ? schema.maxLength : DEMO_LENGTH
  if (typeof schema.pattern === 'string') return patterned(schema.pattern, least, facts, place)
  const format = typeof schema.format === 'string' ? FORMATS[schema.format] : undefined
  if (format) return format(facts, place)
  return fitted(wording(facts, place), least, most)
}

// As long as a paragraph; a schema that allows less gets less.
const DEMO_LENGTH = 600

/** What the prompt says under this name when the pattern takes it, else a sample of the pattern. */
const patterned = (pattern: string, least: number, facts: Facts, place: Place): string => {
  const said = facts.named.get(wordsOf(place.name).join(' '))
  const sample = sampleOf(pattern, least)
  // A hostile pattern is tried on short texts only; the caller's validator has the last word anyway.
  const safe = !/[*+}]\)?[*+{]/.test(pattern)
  if (said && safe && said.length < 100 && said.length >= least && new RegExp(pattern, 'u').test(said)) return said
  return sample ?? fitted(wording(facts, place), least, DEMO_LENGTH)
}

const two = (value: number): string => String(value).padStart(2, '0')
const dateOf = (facts: Facts, place: Place): string =>
  facts.dates[place.index] ?? `2026-${two((facts.seed % 12) + 1)}-${two(((facts.seed >>> 4) % 28) + 1)}`
const timeOf = (facts: Facts): string => `${two(8 + (facts.seed % 10))}:${two((facts.seed >>> 5) % 60)}:00Z`
const hex = (facts: Facts, place: Place, length: number): string => {
  let digits = ''
  for (let at = 0; digits.length < length; at++)
    digits += hash(`${facts.seed}${place.name}${place.index}${at}`).toString(16)
  return digits.slice(0, length)
}

const FORMATS: Record<string, (facts: Facts, place: Place) => string> = {
  email: (facts, place) => facts.emails[place.index] ?? `demo${place.index || ''}@example.com`,
  'idn-email': (facts, place) => facts.emails[place.index] ?? `demo${place.index || ''}@example.com`,
  uri: (facts, place) => facts.links[place.index] ?? `https://example.com/demo${place.index ? `/${place.index}` : ''}`,
  url: (facts, place) => facts.links[place.index] ?? 'https://example.com/demo',
  'uri-reference': (facts, place) => facts.links[place.index] ?? '/demo',
  iri: (facts, place) => facts.links[place.index] ?? 'https://example.com/demo',
  date: dateOf,
  'date-time': (facts, place) => `${dateOf(facts, place)}T${timeOf(facts)}`,
  time: facts => timeOf(facts),
  duration: facts => `P${(facts.seed % 9) + 1}D`,
  uuid: (facts, place) =>
    `${hex(facts, place, 8)}-${hex(facts, place, 4)}-4${hex(facts, place, 3)}-a${hex(facts, place, 3)}-${hex(facts, place, 12)}`,
  hostname: (_facts, place) => `demo${place.index || ''}.example.com`,
  ipv4: (_facts, place) => `192.0.2.${place.index + 1}`,
  ipv6: (_facts, place) => `2001:db8::${place.index + 1}`,
  'json-pointer': () => '/demo',
  regex: () => '^demo$',
}

/** Words for a field: the value the prompt gives it, else one of its kind, else what the prompt is about. */
const wording = (facts: Facts, place: Place): string => {
  const named = facts.named.get(wordsOf(place.name).join(' '))
  if (named && place.index === 0) return named
  const kind = KINDS.find(([pattern]) => pattern.test(place.name))
  const found = kind?.[1](facts)[place.index]
  if (found) return found
  const told = facts.sentences.length > 0 ? facts.sentences : ['Nothing was given']
  if (place.index === 0 && LONG.test(place.name)) return `Demo model: ${aboutWithNote(facts, told)}`
  const part = TAGS.test(place.name) ? keywords(facts) : told
  // Past the end it starts again, numbered, so that items of a list stay distinct.
  const again = place.index >= part.length ? ` (${place.index + 1})` : ''
  return `${shorten(part[place.index % part.length] ?? 'demo', 90)}${again}`
}

const TAGS = /tag|keyword|topic|label|categor|skill/i

/** The longest words of the prompt, as tags. */
const keywords = (facts: Facts): string[] =>
  [...new Set(wordsOf(facts.text).filter(word => word.length > 4))].sort((a, b) => b.length - a.length).slice(0, 8)

const aboutWithNote = (facts: Facts, told: string[]): string =>
  `${facts.note ? `Changed as the reviewer asked (“${shorten(facts.note, 160)}”). ` : ''}${shorten(told.join(' '), 400)}`

const LONG =
  /^$|summary|text|body|description|content|message|reason|explanation|draft|answer|reply|note|comment|analysis|report/i

const KINDS: [RegExp, (facts: Facts) => string[]][] = [
  [/^to$|recipient|e-?mail/i, facts => facts.emails],
  [/^(?:query|search|q)$/i, facts => facts.names],
  [/url|link|website/i, facts => facts.links],
  [/date|deadline|due/i, facts => facts.dates],
  [/amount|total|price|cost|budget/i, facts => facts.amounts],
  [/name|company|customer|person|vendor|supplier|candidate|author/i, facts => facts.names],
]

/** Long enough and short enough, counted as JSON Schema counts: in characters, not in UTF-16 units. */
const fitted = (text: string, least: number, most: number): string => {
  const short = shorten(text, most)
  const missing = least - [...short].length
  return missing > 0 ? short + ' (demo)'.repeat(Math.ceil(missing / 7)).slice(0, missing) : short
}
