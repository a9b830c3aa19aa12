/** A step's handoffs as rows of a form, and back; pure. The small builder writes a condition in CEL for those who do not. */
import { findField } from '../domain/schema/field.ts'
import { isSchemaObject, type SchemaObject } from '../domain/schema/walk.ts'
import type { Definition, Handoff, Step } from '../domain/workflow/definition.ts'
import type { Values } from './step-form.ts'

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

const MAX_ROWS = 20
const PATH = /^[a-zA-Z_]\w*(?:\.[a-zA-Z_]\w*)*$/

/** What a button of the form asks for, beside keeping the rows: `up-1`, `down-0`, `remove-2`. */
export type RowCommand = { what: 'up' | 'down' | 'remove'; index: number } | null

export function rowCommand(text: string | undefined): RowCommand {
  const match = /^(up|down|remove)-(\d{1,2})$/.exec(text ?? '')
  return match ? { what: match[1] as 'up' | 'down' | 'remove', index: Number(match[2]) } : null
}

export type ReadHandoffs = { ok: true; handoffs: Handoff[] } | { ok: false; field: string; message: string }

/** Reads the rows; one without a target is none. */
export function readHandoffs(values: Values, step: Step, definition: Definition): ReadHandoffs {
  const rows: (Handoff | null)[] = []
  for (let index = 0; index <= MAX_ROWS; index++) {
    const to = values[`to-${index}`]?.trim() ?? ''
    const condition = conditionOf(values, index, step, definition)
    if (typeof condition === 'object') return { ok: false, field: `field-${index}`, message: condition.message }
    const when = values[`when-${index}`]?.trim() || undefined
    if (to === '') {
      const lost = when !== undefined || condition !== undefined
      if (lost) return { ok: false, field: `to-${index}`, message: 'Choose where this handoff leads.' }
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
  if (command.what === 'remove') return others
  return others.toSpliced(Math.max(0, command.index + (command.what === 'up' ? -1 : 1)), 0, row)
}

function conditionOf(
  values: Values,
  index: number,
  step: Step,
  definition: Definition,
): string | undefined | { message: string } {
  const field = values[`field-${index}`]?.trim() ?? ''
  if (field === '') return values[`if-${index}`]?.trim() || undefined
  const comparison = (Object.keys(COMPARISONS) as Comparison[]).find(one => one === values[`op-${index}`]) ?? '=='
  if (!PATH.test(field)) return { message: `“${field}” is not a field; write a path such as output.score.` }
  const value = values[`value-${index}`]?.trim() ?? ''
  const needsValue = !['true', 'false', 'set'].includes(comparison)
  if (needsValue && value === '') return { message: 'Say what the field is compared with.' }
  return celOf(field, comparison, value, isText(field, step, definition))
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
  return isSchemaObject(schema) && typeOf(schema, path) === 'string'
}

function typeOf(schema: SchemaObject, path: string[]): unknown {
  if (!findField(schema, path).known) return undefined
  let at: unknown = schema
  for (const key of path) at = isSchemaObject(at) && isSchemaObject(at.properties) ? at.properties[key] : undefined
  return isSchemaObject(at) ? at.type : undefined
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
