/** What is known of the items that a map works on: the schema of the list that it goes over. */
import { outputSchemaOf } from '../handler/of-step.ts'
import { type FieldAnswer, findField } from '../schema/field.ts'
import type { SchemaObject } from '../schema/walk.ts'
import { type Definition, stepOf } from './definition.ts'

/** One expression that is a path, as in `{{ input.lines }}`. */
const PATH = /^\s*\{\{\s*([A-Za-z_][\w.]*)\s*\}\}\s*$/

/** A list whose schema is known: its name in texts, that schema, and the path within it. */
export interface KnownList {
  name: string
  schema: SchemaObject
  path: string[]
}

/** The list that `over` names; null: nobody knows what lies in it. */
export function knownList(over: string, definition: Definition): KnownList | null {
  const name = PATH.exec(over)?.[1]
  if (name === undefined) return null
  const [root, ...rest] = name.split('.')
  if (root === 'input') return definition.input === undefined ? null : { name, schema: definition.input, path: rest }
  const [key = '', part, ...path] = rest
  const step = root === 'steps' && part === 'output' ? stepOf(definition, key) : undefined
  const schema = step === undefined ? null : outputSchemaOf(step)
  return schema === null ? null : { name, schema, path }
}

/** Whether an item has what this path leads to. That there is no such list is said where it is named. */
export function findInItem({ schema, path }: KnownList, inItem: string[]): FieldAnswer {
  const answer = findField(schema, [...path, '0', ...inItem])
  return answer.known || answer.at.length <= path.length ? { known: true } : answer
}

/** The fields that an item is known to have. */
export function itemFields(list: KnownList): string[] {
  // No field has no name.
  const answer = findInItem(list, [''])
  return answer.known ? [] : answer.fields
}
