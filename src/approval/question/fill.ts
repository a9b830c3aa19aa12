/** What a question asks to be filled in, as the fields of its page and back. Pure. */
import type { Json } from '../../domain/json/json.ts'
import type { OpenForm } from '../../domain/task/told/views.ts'
import {
  type FormField,
  type Given,
  givenOf,
  inputForm,
  MORE,
  readInput,
  WHOLE,
} from '../../http/request/input-form.ts'
import type { FormReader } from './edit.ts'

/** What the names of the fields begin with: a property may be called like a field of the question's own form. */
export const FIELDS = 'fields.'
/** Sent with the fields, so that a box without its tick is known from a form without boxes. */
export const FILLED = 'filled'

export interface FillForm {
  /** null: the schema names no fields, and JSON is asked for. */
  fields: FormField[] | null
  given: Given
  /** Field → what is wrong with it; `''`: with all of it. */
  errors: Record<string, string>
  /** What was given back is a draft, kept at this time. */
  keptAt: number | null
}

/** The fields as they stand, or as they were typed before (`sent`). */
export function fillForm(form: OpenForm, sent?: FormReader, errors: FillForm['errors'] = {}): FillForm {
  const { fields } = inputForm(form.schema)
  const typed = sent !== undefined && sent(FILLED) !== null
  const given = typed ? typedIn(fields, sent) : givenOf({ fields, more: false }, asObject(form.values))
  return { fields, given, errors, keptAt: null }
}

function typedIn(fields: FormField[] | null, sent: FormReader): Given {
  const names = fields === null ? [WHOLE] : fields.map(field => field.name)
  return Object.fromEntries(names.map(name => [name, sent(FIELDS + name) ?? '']))
}

export type Filled = { ok: true; fields: Json | undefined } | { ok: false; errors: FillForm['errors'] }

/** What was filled in; undefined: the form had no such fields, so that they are as they stand. */
export function filledIn(form: OpenForm, sent: FormReader): Filled {
  if (sent(FILLED) === null) return { ok: true, fields: undefined }
  const { fields } = inputForm(form.schema)
  const given = typedIn(fields, sent)
  // What the form shows no field for stays as it is.
  const rest = Object.entries(asObject(form.values)).filter(([name]) => !fields?.some(field => field.name === name))
  if (fields !== null && rest.length > 0) given[MORE] = JSON.stringify(Object.fromEntries(rest))
  const read = readInput({ fields, more: true }, given)
  return read.ok ? { ok: true, fields: read.input } : read
}

/** Each finding of the validator at its field; what has no field is told above them. */
export function fieldErrors(form: OpenForm, problems: { path: string; message: string }[]): FillForm['errors'] {
  const { fields } = inputForm(form.schema)
  const errors: FillForm['errors'] = {}
  for (const { path, message } of problems) {
    const name = path.split(/[.[]/)[0] ?? ''
    const at = fields?.some(field => field.name === name) ? name : ''
    // The field says its own name.
    const said = message.includes('lacks') ? 'This is needed.' : message.replace(`\`${name}\``, 'This')
    errors[at] ??= at === '' ? message : said
  }
  return errors
}

function asObject(values: Json): { [name: string]: Json } {
  return typeof values === 'object' && values !== null && !Array.isArray(values) ? values : {}
}
