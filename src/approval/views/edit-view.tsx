/** The fields in which an output is edited before deciding. */
import type { EditField, EditForm } from '../question/edit.ts'

export const EditFields = ({ form, error, hint = KEPT }: { form: EditForm; error?: string; hint?: string }) => (
  <div class="stack-tight">
    {form.kind === 'fields' ? (
      form.fields.map((field, index) => <One field={field} index={index} />)
    ) : (
      <Area
        id="edit"
        name={form.name}
        label={form.kind === 'text' ? 'The text, as it should be' : 'The output as JSON, as it should be'}
        value={form.value}
        code={form.kind === 'json'}
      />
    )}
    {error !== undefined && (
      <p class="field-error" role="alert">
        {error}
      </p>
    )}
    <p class="field-hint">{hint}</p>
  </div>
)

const KEPT = 'Your version takes its place from here on; the original stays in the log.'

/** A line break after the tag is swallowed by browsers, so one is put there: the text's own first one stays. */
const Area = (props: { id: string; name: string; label: string; value: string; code?: boolean; rows?: number }) => (
  <div class="field">
    <label class="field-label" for={props.id}>
      {props.label}
    </label>
    <textarea
      class={props.code ? 'input input--code' : 'input'}
      id={props.id}
      name={props.name}
      rows={props.rows ?? 10}
      spellcheck={!props.code}
    >
      {`\n${props.value}`}
    </textarea>
  </div>
)

const One = ({ field, index }: { field: EditField; index: number }) => {
  const id = `edit-${index}`
  const { kind, name, label, value } = field
  const choices = field.choices ?? (kind === 'boolean' ? ['true', 'false'] : null)
  if (choices === null && (kind === 'text' || kind === 'json')) {
    return <Area id={id} name={name} label={label} value={value} code={kind === 'json'} rows={2} />
  }
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {choices !== null ? (
        <select class="input" id={id} name={name}>
          {[...(value === '' ? [''] : []), ...choices].map(choice => (
            <option value={choice} selected={choice === value}>
              {kind === 'boolean' ? (YES_NO[choice] ?? '–') : choice === '' ? '–' : choice}
            </option>
          ))}
        </select>
      ) : (
        <input class="input" id={id} name={name} inputmode="decimal" value={value} autocomplete="off" />
      )}
    </div>
  )
}

const YES_NO: Record<string, string> = { true: 'yes', false: 'no' }
