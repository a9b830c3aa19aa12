/** A step's handoffs as rows of a form, and back; pure. The small builder writes a condition in CEL for those who do not. */
import { typeAt } from '../../domain/schema/field.ts'
import { isSchemaObject } from '../../domain/schema/walk.ts'
import type { Definition, Step } from '../../domain/workflow/definition.ts'
import type { Handoff } from '../../domain/workflow/parts.ts'
import { type FormMistake, mistake, type Values } from './form-values.ts'

export const COMPARISONS = {
  '==': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
  contains: 'contains',
  true: 'is yes',
  false: 'is no',
  set: 'is there',
} as const
export type Comparison = keyof typeof COMPARISONS

/** Handoffs as the rows show them. */
export function valuesOf(handoffs: Handoff[]): Values {
  const rows = handoffs.flatMap(({ when, if: condition = '', to }, index) => {
    const { field = '', op = '==', value = '' } = partsOf(condition) ?? {}
    return [
      [`when-${index}`, when ?? ''],
      [`if-${index}`, condition],
      [`was-${index}`, condition],
      [`field-${index}`, field],
      [`op-${index}`, op],
      [`value-${index}`, value],
      [`to-${index}`, to],
    ]
  })
  return Object.fromEntries(rows)
}

const MAX_ROWS = 20
const PATH = /^[a-zA-Z_]\w*(?:\.[a-zA-Z_]\w*)*$/

/** What a button of the form, or a drop, asks for beside keeping the rows: `up-1`, `down-0`, `remove-2`, `place-2-0`. */
type RowCommand = { index: number; to: number | null } | null

function rowCommand(text: string | undefined): RowCommand {
  const [, what, place, target] = /^(up|down|remove|place)-(\d{1,2})(?:-(\d{1,2}))?$/.exec(text ?? '') ?? []
  const index = Number(place)
  if (what === 'place') return target === undefined ? null : { index, to: Number(target) }
  return what === undefined ? null : { index, to: { up: index - 1, down: index + 1 }[what] ?? null }
}

export type ReadHandoffs = { ok: true; handoffs: Handoff[] } | FormMistake

/** Reads the rows; one without a target is none. */
export function readHandoffs(values: Values, step: Step, definition: Definition): ReadHandoffs {
  const rows: (Handoff | null)[] = []
  for (let index = 0; index <= MAX_ROWS; index++) {
    const to = values[`to-${index}`]?.trim() ?? ''
    const condition = conditionOf(values, index, step, definition)
    if (typeof condition === 'object') return mistake(`field-${index}`, condition.message)
    const when = values[`when-${index}`]?.trim() || undefined
    if (to === '') {
      const lost = when !== undefined || condition !== undefined
      if (lost) return mistake(`to-${index}`, 'Choose where this handoff leads.')
      rows.push(null)
      continue
    }
    rows.push({ ...(when ? { when } : {}), ...(condition ? { if: condition } : {}), to })
  }
  const handoffs = moved(rows, rowCommand(values.do)).filter(row => row !== null)
  return { ok: true, handoffs }
}

function moved<T>(rows: T[], command: RowCommand): T[] {
  if (command === null || command.index >= rows.length) return rows
  const row = rows[command.index]!
  const others = rows.toSpliced(command.index, 1)
  return command.to === null ? others : others.toSpliced(Math.max(0, command.to), 0, row)
}

/**
 * The condition that a row says: what was changed of the builder's fields or of the CEL counts, and what was changed of
 * neither stays to the letter.
 */
function conditionOf(
  values: Values,
  index: number,
  step: Step,
  definition: Definition,
): string | undefined | { message: string } {
  const given = (part: string) => values[`${part}-${index}`]?.trim() ?? ''
  const was = given('was')
  const cel = given('if')
  const before = partsOf(was) ?? { field: '', op: '==', value: '' }
  const field = given('field')
  const op = (Object.keys(COMPARISONS) as Comparison[]).find(one => one === given('op')) ?? '=='
  const value = given('value')
  const changed = field !== before.field || (field !== '' && (op !== before.op || value !== before.value))
  if (!changed) return cel || undefined
  const built = field === '' ? '' : builtOf({ field, op, value }, isText(field, step, definition))
  if (typeof built === 'object') return built
  if (cel !== was && cel !== built) return { message: 'Say the condition once: by field and value, or in CEL.' }
  return built || undefined
}

function builtOf({ field, op, value }: Parts, text: boolean): string | { message: string } {
  if (!PATH.test(field)) return { message: `“${field}” is not a field; write a path such as output.score.` }
  const needsValue = !['true', 'false', 'set'].includes(op)
  if (needsValue && value === '') return { message: 'Say what the field is compared with.' }
  return celOf(field, op, value, text)
}

export interface Parts {
  field: string
  op: Comparison
  value: string
}

const LITERAL = String.raw`(-?\d+(?:\.\d+)?|true|false|null|"(?:[^"\\]|\\.)*")`
const PARTS: [RegExp, (match: string[]) => Parts][] = [
  [/^has\(([\w.]+)\)$/, ([, field]) => ({ field: field!, op: 'set', value: '' })],
  [/^([\w.]+) == (true|false)$/, ([, field, yes]) => ({ field: field!, op: yes as 'true', value: '' })],
  [new RegExp(String.raw`^([\w.]+)\.contains\(${LITERAL}\)$`), ([, field, text]) => part(field!, 'contains', text!)],
  [new RegExp(String.raw`^([\w.]+) (==|!=|<=?|>=?) ${LITERAL}$`), ([, field, op, text]) => part(field!, op!, text!)],
]

/** What the builder would show of a condition; null when it is more than a field, a comparison and a value. */
export function partsOf(cel: string): Parts | null {
  for (const [pattern, parts] of PARTS) {
    const match = pattern.exec(cel)
    const read = match && parts(match)
    if (read && PATH.test(read.field)) return read
  }
  return null
}

function part(field: string, op: string, literal: string): Parts {
  return { field, op: op as Comparison, value: literal.startsWith('"') ? textOf(literal) : literal }
}

function textOf(literal: string): string {
  try {
    return JSON.parse(literal) as string
  } catch {
    return literal
  }
}

/** The condition in CEL. A value that looks like a number is one, unless the field is known to be text. */
export function celOf(field: string, comparison: Comparison, value: string, text = false): string {
  if (comparison === 'set') return `has(${field})`
  if (comparison === 'true' || comparison === 'false') return `${field} == ${comparison}`
  if (comparison === 'contains') return `${field}.contains(${JSON.stringify(value)})`
  const plain = !text && (/^-?\d+(\.\d+)?$/.test(value) || value === 'true' || value === 'false' || value === 'null')
  return `${field} ${comparison} ${plain ? value : JSON.stringify(value)}`
}

function isText(field: string, step: Step, definition: Definition): boolean {
  const [root, ...path] = field.split('.')
  const schema = root === 'output' ? step.output : root === 'input' ? definition.input : undefined
  if (root === 'output' && path.length === 0) return step.output === undefined
  return typeAt(schema, path) === 'string'
}

/** Paths that a condition may start from, for the form to offer. */
export function fieldsFor(step: Step, definition: Definition): string[] {
  const inside = (root: string, schema: unknown) =>
    isSchemaObject(schema) && isSchemaObject(schema.properties)
      ? Object.keys(schema.properties).flatMap(name => (PATH.test(name) ? [`${root}.${name}`] : []))
      : []
  return [
    ...(step.output === undefined ? ['output'] : inside('output', step.output)),
    ...inside('input', definition.input),
  ]
}
