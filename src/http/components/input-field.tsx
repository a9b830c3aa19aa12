/** A field of a form that is made from an input schema, as the kind of its property asks. */
import type { FormField, Given } from '../request/input-form.ts'
import { Check, Select, TextArea, TextField } from './field.tsx'

const TYPE = { text: 'text', email: 'email', url: 'url', date: 'date', number: 'number', integer: 'number' } as const

/** One field of a form that is made from an input schema. */
export const InputField = (props: { field: FormField; given: Given; error?: string; first: boolean }) => {
  const { field, given, error, first } = props
  const value = given[field.name] ?? field.initial
  const shared = { id: `task-${field.name}`, name: field.name, label: field.label, hint: field.hint, error }
  const required = field.required
  switch (field.kind) {
    case 'yes_no':
      return <Check name={field.name} value="yes" label={field.label} hint={field.hint} checked={isYes(value)} />
    case 'file':
    case 'files':
      return <TextField {...shared} type="file" multiple={field.kind === 'files'} required={required} />
    case 'choice': {
      const options = field.choices.map(choice => ({ value: choice, label: choice }))
      return <Select {...shared} value={value} options={[{ value: '', label: '–' }, ...options]} required={required} />
    }
    case 'lines':
    case 'list':
    case 'json': {
      const rows = field.kind === 'json' ? 4 : 2
      return (
        <TextArea
          {...shared}
          value={value}
          rows={rows}
          code={field.kind === 'json'}
          required={required}
          autofocus={first}
        />
      )
    }
    default: {
      const step = field.kind === 'number' ? 'any' : undefined
      return (
        <TextField
          {...shared}
          type={TYPE[field.kind]}
          step={step}
          value={value}
          required={required}
          autofocus={first}
        />
      )
    }
  }
}

/** The `enctype` that a form with these fields needs: files are sent as multipart; undefined: nothing special. */
export function enctypeOf(fields: readonly FormField[] | null): 'multipart/form-data' | undefined {
  return fields?.some(({ kind }) => kind === 'file' || kind === 'files') ? 'multipart/form-data' : undefined
}

function isYes(value: string): boolean {
  return value === 'yes' || value === 'true'
}
