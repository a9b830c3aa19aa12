/** "New task": a form from the workflow's input schema, in the drawer or as a page of its own. */
import { Button, ButtonLink } from '../http/components/button.tsx'
import { ErrorNotice } from '../http/components/feedback.tsx'
import { TextArea, TextField } from '../http/components/field.tsx'
import { enctypeOf, InputField } from '../http/components/input-field.tsx'
import { type Given, type InputForm, MORE, WHOLE } from '../http/request/input-form.ts'

export interface NewTaskView {
  workflow: { id: string; name: string }
  form: InputForm
  /** Whether the input schema brings an example to begin with. */
  hasExample: boolean
  /** What was filled in before; empty at first. */
  given: Given
  /** Field → what is wrong with it; `''`: what is wrong with all of it. */
  errors: Record<string, string>
  /** Makes a form that is sent twice one task. */
  key: string
}

export const NewTask = ({ view }: { view: NewTaskView }) => {
  const { workflow, form, hasExample, given, errors, key } = view
  const action = `/workflows/${workflow.id}/tasks`
  const first = form.fields?.find(field => errors[field.name] !== undefined) ?? form.fields?.[0]
  return (
    <form
      class="form narrow"
      id="new-task"
      method="post"
      action={action}
      hx-post={action}
      hx-swap="outerHTML"
      enctype={enctypeOf(form.fields)}
      hx-encoding={enctypeOf(form.fields)}
    >
      <div class="stack-tight">
        <h1>New task</h1>
        <p class="secondary">
          Add a single task to this workflow by hand. <span hx-ignore>{workflow.name}</span>
        </p>
        {hasExample && (
          <p>
            <a
              href={`/workflows/${workflow.id}/tasks/new?example=1`}
              hx-get={`/workflows/${workflow.id}/tasks/new?example=1`}
              hx-target="#new-task"
              hx-swap="outerHTML"
            >
              Fill in an example
            </a>
          </p>
        )}
      </div>
      {errors[''] !== undefined && <ErrorNotice>{errors['']}</ErrorNotice>}
      <input type="hidden" name="_key" value={key} />
      {form.fields === null ? (
        <Whole given={given} errors={errors} />
      ) : (
        form.fields.map(field => (
          <InputField field={field} given={given} error={errors[field.name]} first={field === first} />
        ))
      )}
      <TextField
        id="task-_title"
        name="_title"
        label="Title on the card"
        value={given._title ?? ''}
        maxlength={200}
        hint="Made from the input when left empty."
        error={errors._title}
      />
      {form.more && <More given={given} error={errors[MORE]} />}
      <div class="form-actions">
        <Button look="primary">Start task</Button>
        <ButtonLink href={`/workflows/${workflow.id}`} look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}

const Whole = ({ given, errors }: Pick<NewTaskView, 'given' | 'errors'>) => (
  <TextArea
    id={`task-${WHOLE}`}
    name={WHOLE}
    label="Input"
    value={given[WHOLE] ?? ''}
    hint={'Text, or JSON. Text becomes {"text": …}.'}
    error={errors[WHOLE]}
    rows={6}
    code
    autofocus
  />
)

const More = ({ given, error }: { given: Given; error?: string }) => (
  <details class="explain" open={error !== undefined || Boolean(given[MORE])}>
    <summary>More fields, as JSON</summary>
    <TextArea
      id={`task-${MORE}`}
      name={MORE}
      label="More fields"
      value={given[MORE] ?? ''}
      placeholder={'{"source": "fair"}'}
      error={error}
      rows={3}
      code
    />
  </details>
)
