/** In which fields two values differ: what a person changed of what a model had drafted. */
import type { Json } from './json.ts'
import { pathText } from './path-text.ts'

export interface FieldChange {
  /** `lines[0].amount`; '' stands for the whole value. */
  field: string
  /** undefined: the field was not there. */
  before: Json | undefined
  /** undefined: it is gone. */
  after: Json | undefined
}

/** Differences that are told of one change, at most. */
const MOST = 50
/** How far it is looked into what lies within one another. */
const DEEPEST = 20

/** The smallest fields that differ, in the order in which they lie; objects and lists of one length are looked into. */
export function fieldChanges(before: Json, after: Json): FieldChange[] {
  const found: FieldChange[] = []
  compare(before, after, [], found)
  return found
}

function compare(
  before: Json | undefined,
  after: Json | undefined,
  path: (string | number)[],
  found: FieldChange[],
): void {
  if (found.length === MOST || before === after) return
  const looksInto = path.length < DEEPEST
  if (looksInto && Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [at, item] of before.entries()) compare(item, after[at], [...path, at], found)
  } else if (looksInto && isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(own(before, key), own(after, key), [...path, key], found)
  } else if (looksInto || JSON.stringify(before) !== JSON.stringify(after))
    found.push({ field: pathText(path), before, after })
}

function own(whole: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(whole, key) ? whole[key] : undefined
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
