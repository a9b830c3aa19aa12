/** The fields in which an output is edited before deciding. */
import type { EditField, EditForm } from '../edit.ts'

export const EditFields = ({ form, error }: { form: EditForm; error?: string }) => (
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
    <p class="field-hint">Your version takes its place from here on; the original stays in the log.</p>
  </div>
)

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
  if (field.kind === 'text') return <Area id={id} name={field.name} label={field.label} value={field.value} rows={2} />
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {field.label}
      </label>
      {field.kind === 'boolean' ? (
        <select class="input" id={id} name={field.name}>
          {['true', 'false'].map(value => (
            <option value={value} selected={value === field.value}>
              {value === 'true' ? 'yes' : 'no'}
            </option>
          ))}
        </select>
      ) : (
        <input class="input" id={id} name={field.name} inputmode="decimal" value={field.value} autocomplete="off" />
      )}
    </div>
  )
}
