/** Finds what has no effect in a schema, or another one than its author thinks: nothing else would tell them. */

import { pathText } from '../json/path-text.ts'
import { nearest } from '../nearest.ts'
import { FORMATS } from './formats.ts'
import { everySchema, KEYWORDS, type SchemaObject } from './walk.ts'

export interface Hint {
  kind: 'keyword' | 'unchecked'
  /** Where in the schema; empty for the whole. */
  path: string
  message: string
  fix: string
}

/** More than anyone reads at once. */
const MAX_HINTS = 20
const DIALECT = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/
/** Words of other drafts, and what says the same here. */
const SUCCESSORS: Record<string, string> = {
  id: '`$id`',
  additionalItems: '`items`, beside `prefixItems`',
  divisibleBy: '`multipleOf`',
  disallow: '`not`',
  extends: '`allOf`',
  optional: '`required`, a list of names on the object',
}

/** Hints on a schema that checkSchema found right, 20 at most. */
export function lintSchema(root: SchemaObject): Hint[] {
  const hints: Hint[] = []
  for (const { path, schema } of everySchema(root)) {
    for (const { keyword, ...hint } of hintsOn(schema)) {
      hints.push({ ...hint, path: pathText([...path, keyword]) })
      if (hints.length === MAX_HINTS) return hints
    }
  }
  return hints
}

type HintOn = Omit<Hint, 'path'> & { keyword: string }

function* hintsOn(schema: SchemaObject): Generator<HintOn> {
  for (const keyword of Object.keys(schema)) {
    if (!KEYWORDS.has(keyword) && !keyword.startsWith('x-')) yield unknown(keyword)
  }
  const { $schema: dialect, format, nullable, type } = schema
  if (typeof dialect === 'string' && !DIALECT.test(dialect)) {
    const message = `\`${dialect}\` is named, but the schema is read as JSON Schema 2020-12`
    yield { kind: 'unchecked', keyword: '$schema', message, fix: 'Leave `$schema` out, or name 2020-12.' }
  }
  // A file is told by its id, which is looked up and not checked.
  if (typeof format === 'string' && format !== 'file' && !FORMATS.has(format)) {
    const near = nearest(format, [...FORMATS])
    const fix = near === null ? 'Add a `pattern` where it matters.' : `Did you mean \`${near}\`?`
    yield { kind: 'unchecked', keyword: 'format', message: `the format \`${format}\` is not checked`, fix }
  }
  if (nullable === true && type === undefined) {
    const message = '`nullable` says something only beside a `type`'
    yield { kind: 'unchecked', keyword: 'nullable', message, fix: 'Add the `type`, or leave it out.' }
  }
}

function unknown(keyword: string): HintOn {
  const successor = Object.hasOwn(SUCCESSORS, keyword) ? SUCCESSORS[keyword] : undefined
  const near = nearest(keyword, [...KEYWORDS])
  const otherwise = near === null ? 'Leave it out, or begin its name with `x-`.' : `Did you mean \`${near}\`?`
  const fix = successor === undefined ? otherwise : `Use ${successor}.`
  return { kind: 'keyword', keyword, message: `\`${keyword}\` is no keyword and has no effect`, fix }
}
