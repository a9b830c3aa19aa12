/** Workflow documents as text: JSON and YAML are two spellings of one thing, and the author's own text is kept. */
import { stringify } from 'yaml'
import { BODY_LIMITS, FORBIDDEN_KEYS } from '../../domain/json/json-guard.ts'
import { type Read, readJson } from '../../http/request/body.ts'
import type { DocumentFormat } from '../../records/schema/definitions.ts'
import { parseYaml, type YamlFault } from './yaml.ts'

export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml']
export const DOCUMENT_TYPES = ['application/json', ...YAML_TYPES]

/** The format that a content type names. */
export function formatOf(type: string | null): DocumentFormat {
  return type !== null && YAML_TYPES.includes(type) ? 'yaml' : 'json'
}

/** Reads a document's text; what it holds is for the lint to judge. */
export function readDocument(text: string, format: DocumentFormat): Read<unknown> {
  return format === 'json' ? readJson(text) : readYaml(text)
}

/** The document as YAML: the author's text where that is YAML, comments and all. */
export function asYaml(text: string, format: DocumentFormat): string {
  return format === 'yaml' ? text : stringify(JSON.parse(text), { lineWidth: 100 })
}

/** An anchor may be repeated, but not multiplied by others: that is how a few lines become gigabytes. */
const MAX_ALIASES = 50

function readYaml(text: string): Read<unknown> {
  if (text.trim() === '') return malformed('empty_body', 'The body is empty.')
  const parsed = parseYaml(text)
  if (!parsed.ok) return refusedYaml(parsed.fault)
  try {
    return plain(parsed.document.toJS({ maxAliasCount: MAX_ALIASES }))
  } catch (error) {
    if (error instanceof ReferenceError) return badAlias(error)
    throw error
  }
}

function refusedYaml({ code, message, path, line: at }: YamlFault): Read<never> {
  const line = at ?? undefined
  if (code === 'bad_number') {
    const hint = 'Write it in quotation marks: text keeps all its digits.'
    return { ok: false, problem: { kind: 'invalid', code, message: `${message}.`, hint, path, line } }
  }
  if (code === 'malformed_yaml') return malformed(code, message, line)
  return code === 'too_deep' ? tooDeep() : wrong(code, `${message}.`, line)
}

/** toJS throws the same class for an alias bomb and for an anchor that is nowhere; only its words tell them apart. */
function badAlias(error: ReferenceError): Read<never> {
  if (error.message.startsWith('Excessive'))
    return wrong('too_many_aliases', 'The document repeats its anchors too often.')
  return malformed('malformed_yaml', error.message)
}

/** Copies a parsed document to plain JSON values, counting as it goes: aliases may make a small text a large value. */
function plain(value: unknown): Read<unknown> {
  const budget = { nodes: BODY_LIMITS.maxNodes, bytes: 1024 * 1024 }
  // Through JSON's own door, for what it refuses in texts.
  return check(value, 0, budget) ?? readJson(JSON.stringify(value))
}

type Fault = ReturnType<typeof wrong>

function check(value: unknown, depth: number, budget: { nodes: number; bytes: number }): Fault | null {
  if (depth > BODY_LIMITS.maxDepth) return tooDeep()
  budget.nodes -= 1
  if (typeof value === 'string') budget.bytes -= value.length
  if (budget.nodes < 0 || budget.bytes < 0) return wrong('too_large', 'The document holds too many values.')
  if (typeof value === 'number' && !Number.isFinite(value))
    return wrong('bad_number', 'The document holds a number that JSON has not.')
  if (typeof value === 'bigint') return wrong('bad_number', 'The document holds a number that is too large.')
  if (typeof value !== 'object' || value === null) return null
  for (const [key, item] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) return wrong('forbidden_key', `The key "${key}" is not allowed.`)
    budget.bytes -= key.length
    const fault = check(item, depth + 1, budget)
    if (fault) return fault
  }
  return null
}

function tooDeep(): Fault {
  return wrong('too_deep', `The document is nested more than ${BODY_LIMITS.maxDepth} levels deep.`)
}

function malformed(code: string, message: string, line?: number): Read<never> {
  return {
    ok: false,
    problem: { kind: 'malformed', code, message, hint: 'Send well-formed YAML 1.2, in UTF-8.', line },
  }
}

function wrong(code: string, message: string, line?: number) {
  const hint = 'A definition is a plain YAML document: mappings, lists and scalars.'
  return { ok: false as const, problem: { kind: 'invalid' as const, code, message, hint, line } }
}
