/** The guard at every door that takes JSON: what JSON.parse accepts and we must not, found in one pass before it runs. */

import { shorten } from '../text/cut.ts'
import { keepsDigits } from './exact-number.ts'
import type { Json } from './json.ts'
import { pathAt } from './json-path.ts'

export interface JsonLimits {
  /** Objects and lists in one another; `{}` is depth 1. */
  maxDepth: number
  /** Values in all, the outermost included; keys are not counted. */
  maxNodes: number
}

/** The limits of request bodies: a few bytes must not become a great many values. */
export const BODY_LIMITS: JsonLimits = { maxDepth: 32, maxNodes: 20_000 }

/** Keys that a careless copy would write to a prototype; refused at any depth. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

export type JsonRefusalCode =
  | 'malformed_json'
  | 'json_too_deep'
  | 'json_too_many_values'
  | 'json_duplicate_key'
  | 'json_forbidden_key'
  | 'json_nul'
  | 'json_lone_surrogate'
  | 'json_number_too_large'
  | 'json_number_inexact'

/** `path` is there where the refusal is about one value's size. */
export type JsonRefusal = { ok: false; code: JsonRefusalCode; message: string; path?: string }

/**
 * Parses JSON text. Refuses, each with its code: text that is not JSON, nesting or counts over the limits, a key given
 * twice in one object, `__proto__`, `constructor` and `prototype` as keys, NUL, halves of surrogate pairs, and numbers
 * that would become Infinity. A number whose digits a double cannot keep is
 * refused, too, or, where the sender cannot change it, read as the text of its digits: never as another number.
 */
export function guardJson(
  text: string,
  limits: JsonLimits = BODY_LIMITS,
  inexact: 'refuse' | 'text' = 'refuse',
): { ok: true; value: Json } | JsonRefusal {
  const scan = new Scan(text, limits, inexact)
  const refusal = scan.run()
  if (refusal !== null) return refusal
  try {
    return { ok: true, value: JSON.parse(scan.quoted()) as Json }
  } catch (error) {
    return { ok: false, code: 'malformed_json', message: `This is not JSON: ${(error as Error).message}` }
  }
}

/**
 * The same limits for a value that is already parsed, such as a YAML document. Gives the refusal with the path to what
 * is wrong (`steps[1].output`), or null.
 */
export function guardValue(value: unknown, limits: JsonLimits): (JsonRefusal & { path: string }) | null {
  let nodes = 0
  return visit(value, '', 1)

  function visit(part: unknown, path: string, depth: number): (JsonRefusal & { path: string }) | null {
    nodes += 1
    if (nodes > limits.maxNodes) return { ...tooMany(limits), path }
    if (typeof part !== 'object' || part === null) return null
    if (depth > limits.maxDepth) return { ...tooDeep(limits), path }
    for (const [key, inner] of Object.entries(part)) {
      const at = Array.isArray(part) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
      if (FORBIDDEN_KEYS.has(key)) return { ...forbidden(key), path: at }
      const refusal = visit(inner, at, depth + 1)
      if (refusal !== null) return refusal
    }
    return null
  }
}

/** As JSON writes them. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/** One pass over the text. It trusts nothing to be JSON and need not notice that it is not: JSON.parse does so after it. */
class Scan {
  readonly #text: string
  readonly #limits: JsonLimits
  #at = 0
  #nodes = 0
  /** The keys seen in each open object; null for an open list. */
  readonly #open: (Set<string> | null)[] = []
  #keyNext = false
  readonly #inexact: 'refuse' | 'text'
  /** Where numbers begin and end that are to be read as text. */
  readonly #asText: [from: number, to: number][] = []

  constructor(text: string, limits: JsonLimits, inexact: 'refuse' | 'text') {
    this.#text = text
    this.#limits = limits
    this.#inexact = inexact
  }

  /** The text with those numbers in quotation marks. */
  quoted(): string {
    if (this.#asText.length === 0) return this.#text
    const parts: string[] = []
    let at = 0
    for (const [from, to] of this.#asText) {
      parts.push(this.#text.slice(at, from), '"', this.#text.slice(from, to), '"')
      at = to
    }
    return parts.join('') + this.#text.slice(at)
  }

  run(): JsonRefusal | null {
    while (this.#at < this.#text.length) {
      const refusal = this.#token(this.#text.charCodeAt(this.#at))
      if (refusal !== null) return refusal
    }
    return null
  }

  #token(unit: number): JsonRefusal | null {
    switch (unit) {
      case QUOTE:
        return this.#string()
      case 0x7b: // {
        return this.#enter(new Set())
      case 0x5b: // [
        return this.#enter(null)
      case 0x7d: // }
      case 0x5d: // ]
        this.#open.pop()
        this.#keyNext = false
        this.#at += 1
        return null
      case COMMA:
        this.#keyNext = (this.#open.at(-1) ?? null) !== null
        this.#at += 1
        return null
      case 0x3a: // :
      case 0x20:
      case 0x0a:
      case 0x0d:
      case 0x09:
        this.#at += 1
        return null
      default:
        return unit === 0 ? nul() : this.#scalar()
    }
  }

  #enter(keys: Set<string> | null): JsonRefusal | null {
    this.#open.push(keys)
    this.#keyNext = keys !== null
    this.#at += 1
    return this.#open.length > this.#limits.maxDepth ? tooDeep(this.#limits) : this.#count()
  }

  #count(): JsonRefusal | null {
    this.#nodes += 1
    return this.#nodes > this.#limits.maxNodes ? tooMany(this.#limits) : null
  }

  /** A number or a word, up to what can end it. */
  #scalar(): JsonRefusal | null {
    const start = this.#at
    while (this.#at < this.#text.length && !endsScalar(this.#text.charCodeAt(this.#at))) this.#at += 1
    const refusal = this.#count()
    if (refusal !== null) return refusal
    const scalar = this.#text.slice(start, this.#at)
    if (!NUMBER.test(scalar) || keepsDigits(scalar)) return null
    if (!Number.isFinite(Number(scalar))) return { ...tooLarge(), path: pathAt(this.#text, start) }
    if (this.#inexact === 'refuse') return { ...inexact(scalar), path: pathAt(this.#text, start) }
    this.#asText.push([start, this.#at])
    return null
  }

  #string(): JsonRefusal | null {
    const start = this.#at
    const refusal = this.#stringBody()
    if (refusal !== null) return refusal
    if (!this.#keyNext) return this.#count()
    this.#keyNext = false
    return this.#key(start)
  }

  #key(start: number): JsonRefusal | null {
    const raw = this.#text.slice(start + 1, this.#at - 1)
    const key = raw.includes('\\') ? unescaped(raw) : raw
    if (FORBIDDEN_KEYS.has(key)) return forbidden(key)
    const keys = this.#open.at(-1)
    if (keys?.has(key)) return duplicate(key)
    keys?.add(key)
    return null
  }

  /** Walks to behind the closing quote. A surrogate may be written out or escaped; its halves must stand side by side. */
  #stringBody(): JsonRefusal | null {
    const text = this.#text
    let halfOpen = false
    let at = this.#at + 1
    for (; at < text.length; at++) {
      let unit = text.charCodeAt(at)
      if (unit === QUOTE) break
      if (unit === BACKSLASH) {
        at += 1
        if (text.charCodeAt(at) === 0x75) {
          unit = Number.parseInt(text.slice(at + 1, at + 5), 16)
          at += 4
        }
      }
      if (unit === 0) return nul()
      const isLow = unit >= 0xdc00 && unit <= 0xdfff
      if (isLow !== halfOpen) return loneSurrogate()
      halfOpen = unit >= 0xd800 && unit <= 0xdbff
    }
    this.#at = at + 1
    return halfOpen ? loneSurrogate() : null
  }
}

function endsScalar(unit: number): boolean {
  return unit === COMMA || unit === 0x7d || unit === 0x5d || unit === 0x3a || unit === QUOTE || unit <= 0x20
}

/** A key as JSON.parse will read it; text that it cannot read is left, as the parse proper will refuse it. */
function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return raw
  }
}

function refuse(code: JsonRefusalCode, message: string): JsonRefusal {
  return { ok: false, code, message }
}
const tooDeep = (limits: JsonLimits) => refuse('json_too_deep', `It is nested over ${limits.maxDepth} deep.`)
const tooMany = (limits: JsonLimits) => refuse('json_too_many_values', `It holds over ${limits.maxNodes} values.`)
const duplicate = (key: string) => refuse('json_duplicate_key', `The key ${quoted(key)} is given twice in one object.`)
const forbidden = (key: string) => refuse('json_forbidden_key', `The key ${quoted(key)} is not allowed.`)
const nul = () => refuse('json_nul', 'It holds a NUL character.')
const loneSurrogate = () => refuse('json_lone_surrogate', 'It holds half of a surrogate pair: broken text.')
const inexact = (digits: string) =>
  refuse('json_number_inexact', `The number ${shorten(digits, 40)} has more digits than can be kept.`)
const tooLarge = () => refuse('json_number_too_large', 'It holds a number too large to be kept.')

function quoted(key: string): string {
  return `"${shorten(key, 60)}"`
}
