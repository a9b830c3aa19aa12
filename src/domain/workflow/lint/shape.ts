/** The lint of a document's shape: size, forbidden keys, and everything that the zod schema says. */
import { z } from 'zod'
import { guardValue, type JsonRefusalCode } from '../../json/json-guard.ts'
import { pathText } from '../../json/path-text.ts'
import { nearest } from '../../nearest.ts'
import { type Definition, definitionSchema } from '../definition.ts'
import { type LintCode, type LintPath, listed, type Report, suggestion } from './item.ts'

/** As JSON, in UTF-16 units. */
const MAX_LENGTH = 256 * 1024
const LIMITS = { maxDepth: 32, maxNodes: 100_000 }
type Issue = z.core.$ZodIssue

/**
 * Reads a document as a definition. Keys that do not belong are reported and left out, so that the rest can still be
 * linted; with any other error of shape there is no definition.
 */
export function readShape(document: unknown, report: Report): Definition | null {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    report.error([], 'not_an_object', 'A definition is an object.', 'Start with `baton: 1`, a `name` and `steps`.')
    return null
  }
  if (!isGuarded(document, report)) return null
  const parsed = definitionSchema.safeParse(document)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) reportIssue(issue, document, report)
  const again = definitionSchema.safeParse(withoutUnknown(document, parsed.error.issues))
  return again.success ? again.data : null
}

function isGuarded(document: object, report: Report): boolean {
  const guard = guardValue(document, LIMITS)
  if (guard !== null) {
    const [code, fix] = GUARD_ITEMS[guard.code] ?? TOO_LARGE
    report.items.push({ path: guard.path, level: 'error', code, message: guard.message, fix })
    return false
  }
  if (JSON.stringify(document).length <= MAX_LENGTH) return true
  const [code, fix] = TOO_LARGE
  report.error([], code, 'The definition is larger than 256 KiB.', fix)
  return false
}

const TOO_LARGE: [LintCode, string] = [
  'too_large',
  'Shorten its texts, or move standing material into an agent’s context.',
]
const GUARD_ITEMS: Partial<Record<JsonRefusalCode, [LintCode, string]>> = {
  json_too_deep: ['too_deep', 'Write it flatter.'],
  json_forbidden_key: ['forbidden_key', 'Give the field another name.'],
}

function reportIssue(issue: Issue, document: unknown, report: Report): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) reportUnknownKey([...issue.path, key], key, report)
    return
  }
  const name = `\`${pathText(issue.path)}\``
  if (issue.code === 'invalid_type' && at(document, issue.path) === undefined) {
    report.error(issue.path, 'missing_field', `${name} is missing.`, `Add ${name}.`)
  } else if (issue.code === 'invalid_type') {
    report.error(
      issue.path,
      'wrong_type',
      `${name} must be ${TYPES[issue.expected] ?? issue.expected}.`,
      `Correct ${name}.`,
    )
  } else if (issue.code === 'invalid_format' || issue.code === 'invalid_key') {
    report.error(
      issue.path,
      'bad_key',
      `${name} ${issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message}.`,
      'Use a short key such as `draft` and put the full words into `name`.',
    )
  } else {
    report.error(issue.path, 'bad_value', `${name}: ${sentence(issue)}.`, `Correct ${name}.`)
  }
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function sentence(issue: Issue): string {
  const unit =
    'origin' in issue && issue.origin === 'string'
      ? ' characters'
      : 'origin' in issue && issue.origin === 'array'
        ? ' items'
        : ''
  if (issue.code === 'too_big') return `at most ${issue.maximum}${unit}`
  if (issue.code === 'too_small')
    return unit !== '' && Number(issue.minimum) === 1 ? 'must not be empty' : `at least ${issue.minimum}${unit}`
  if (issue.code === 'invalid_value') return `must be ${listed(issue.values.map(String))}`
  return issue.message
}

function reportUnknownKey(path: LintPath, key: string, report: Report): void {
  const holder = path.slice(0, -1)
  const known = knownKeys(holder)
  const place = holder.length === 0 ? 'a definition' : `\`${pathText(holder)}\``
  const fix = suggestion(nearest(key, known), known, 'Leave it out.')
  report.error(path, 'unknown_key', `\`${key}\` is not a key of ${place}.`, fix)
}

/** The keys that an object at this place may have. */
function knownKeys(path: LintPath): string[] {
  const schema = path.reduce<unknown>(within, definitionSchema)
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** The schema of what lies under this key. */
function within(schema: unknown, key: PropertyKey): unknown {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodObject) return unwrapped((inner.shape as Record<PropertyKey, unknown>)[key])
  if (inner instanceof z.ZodRecord) return unwrapped(inner.valueType)
  return inner instanceof z.ZodArray ? unwrapped(inner.element) : undefined
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema
}

function at(document: unknown, path: LintPath): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], document)
}

/** A copy of the document without the keys that zod did not recognise. */
function withoutUnknown(document: object, issues: Issue[]): unknown {
  const copy = JSON.parse(JSON.stringify(document)) as object
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    const holder = at(copy, issue.path) as Record<string, unknown>
    for (const key of issue.keys) delete holder[key]
  }
  return copy
}
