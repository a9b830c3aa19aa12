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
  const { fields } = inputForm(form.schema, 'files')
  const typed = sent !== undefined && sent(FILLED) !== null
  const given = typed ? typedIn(fields, form.values, sent) : givenOf({ fields, more: false }, asObject(form.values))
  return { fields: fields?.map(field => askedAgain(field, form.values)) ?? null, given, errors, keptAt: null }
}

/** A field for files shows none: where it holds some already, it need not be given others. */
function askedAgain(field: FormField, values: Json): FormField {
  const count = isForFiles(field) ? filesIn(values, field.name).length : 0
  if (count === 0) return field
  const hint = `It holds ${count === 1 ? 'a file' : `${count} files`} already: choose others to replace ${count === 1 ? 'it' : 'them'}.`
  return { ...field, required: false, hint }
}

function isForFiles({ kind }: FormField): boolean {
  return kind === 'file' || kind === 'files'
}

/** The ids that a field for files holds. */
function filesIn(values: Json, name: string): string[] {
  return [asObject(values)[name] ?? []].flat().filter(id => typeof id === 'string')
}

function typedIn(fields: FormField[] | null, values: Json, sent: FormReader): Given {
  if (fields === null) return { [WHOLE]: sent(FIELDS + WHOLE) ?? '' }
  return Object.fromEntries(
    fields.map(field => {
      const typed = sent(FIELDS + field.name) ?? ''
      return [field.name, typed === '' && isForFiles(field) ? filesIn(values, field.name).join('\n') : typed]
    }),
  )
}

export type Filled = { ok: true; fields: Json | undefined } | { ok: false; errors: FillForm['errors'] }

/** What was filled in; undefined: the form had no such fields, so that they are as they stand. */
export function filledIn(form: OpenForm, sent: FormReader): Filled {
  if (sent(FILLED) === null) return { ok: true, fields: undefined }
  const { fields } = inputForm(form.schema, 'files')
  const given = typedIn(fields, form.values, sent)
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
