/** The lint of `redact`: that each path leads to a field of the input. A path that leads nowhere would hide nothing. */
import type { Json } from '../../json/json.ts'
import { nearest } from '../../nearest.ts'
import { findField } from '../../schema/field.ts'
import { redactPath } from '../../text/redact.ts'
import type { Definition } from '../definition.ts'
import { type Report, suggestion } from './item.ts'

/** Lints what is hidden from models. */
export function lintRedact({ redact = [], input }: Definition, report: Report): void {
  const schema = input === undefined ? {} : (itemsForLists(input as Json) as NonNullable<Definition['input']>)
  for (const [index, path] of redact.entries()) {
    const fields = redactPath(path)
    if (fields === null) {
      const fix = 'Write it like `input.iban`, or `input.person.iban`.'
      report.error(['redact', index], 'unknown_variable', `\`${path}\` is no path into the input.`, fix)
      continue
    }
    const answer = findField(schema, fields)
    if (answer.known) continue
    const name = fields[answer.at.length] ?? ''
    const fix = suggestion(nearest(name, answer.fields), answer.fields, 'Add the field to the schema, or leave it out.')
    const message = `\`${path}\` is to be hidden from models, but the input schema has no \`${name}\`, so that nothing would be hidden.`
    report.error(['redact', index], 'unknown_field', message, fix)
  }
}

/** The schema with each list's items in the list's place, as a path leads over lists to each of their items. */
function itemsForLists(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(itemsForLists)
  if (typeof schema !== 'object' || schema === null) return schema
  if (schema.type === 'array' && typeof schema.items === 'object') return itemsForLists(schema.items)
  return Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, itemsForLists(part)]))
}
