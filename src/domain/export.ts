/** What of a team's rows leaves Baton with its data: all that is the team's own, and nothing that opens anything. */
import type { Json } from './json/json.ts'

/** Columns that hold what is sealed, hashed, or lets in. */
const SECRET_COLUMNS = new Set([
  'sealed',
  'hash',
  'previous',
  'token',
  'last4',
  'accessToken',
  'refreshToken',
  'password',
])
/** Fields of settings under which such values lie. */
const SECRET_FIELDS = new Set(['secrets', 'sealed', 'secret', 'password', 'token'])
/** Tables that hold nothing but those, or what is only of use to Baton itself. */
const LEFT_OUT = new Set([
  'callback_secrets',
  'code_tries',
  'digest_items',
  'recorded_answers',
  'file_objects',
  'invitation',
])

/** Whether a table's rows are told of at all. */
export function isExported(table: string): boolean {
  return !LEFT_OUT.has(table)
}

/** The row without what opens anything; settings that are JSON are told as such. */
export function exportedRow(table: string, row: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(row).filter(([column]) => !SECRET_COLUMNS.has(column))
  const told = kept.map(([column, value]) => [column, column === 'config' ? withoutSecrets(parsed(value)) : value])
  return table === 'member' ? row : Object.fromEntries(told)
}

function parsed(value: unknown): Json {
  try {
    return typeof value === 'string' ? (JSON.parse(value) as Json) : null
  } catch {
    return null
  }
}

function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !SECRET_FIELDS.has(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutSecrets(inner)]))
}

const UNSAFE = /[^\p{L}\p{N}._ -]+/gu

/** A name that every system takes for a file, behind what makes it the only one. */
export function entryName(unique: string, name: string): string {
  return `${unique}-${name.replaceAll(UNSAFE, '_').slice(0, 100)}`
}
