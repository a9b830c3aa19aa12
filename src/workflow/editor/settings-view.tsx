/** What the workflow says of itself: name, owner, tags, a card's title, the input's fields, limits and defaults. */
import type { Definition } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/definition.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import type { Values } from '../step-form.ts'

export interface SettingsView {
  workflow: string
  revision: string
  definition: Definition
  values: Values
  mistake: { field: string; message: string } | null
}

export const SettingsForm = ({ view }: { view: SettingsView }) => {
  const { values, mistake } = view
  const error = (field: string) => (mistake?.field === field ? mistake.message : undefined)
  return (
    <form class="form panel prose-width" method="post" action={`/workflows/${view.workflow}/edit/settings`}>
      <h2>The workflow itself</h2>
      {mistake && !Object.hasOwn(values, mistake.field) && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <input type="hidden" name="revision" value={view.revision} />
      <TextField label="Name" name="name" value={values.name} required maxlength={120} error={error('name')} />
      <TextArea label="Description" name="description" value={values.description} rows={2} maxlength={2000} />
      <TextField
        label="Owner"
        name="owner"
        value={values.owner}
        maxlength={254}
        hint="Asked when a model is unsure or a limit is reached."
      />
      <TextField label="Tags" name="tags" value={values.tags} hint="Between commas." error={error('tags')} />
      <TextField
        label="Title of a card"
        name="title"
        value={values.title}
        maxlength={500}
        hint="Liquid, such as {{ input.company }}."
      />
      <TextArea
        label="Input (JSON Schema)"
        name="input"
        value={values.input}
        code
        rows={8}
        spellcheck={false}
        error={error('input')}
        hint="What a task brings: forms and checks are made from it. Empty: anything."
      />
      <h3>Limits of a task</h3>
      <div class="edit-pair">
        <TextField
          label="Visits of steps"
          name="limit_steps"
          value={values.limit_steps}
          inputmode="numeric"
          error={error('limit_steps')}
        />
        <TextField
          label="Cost in USD"
          name="limit_cost"
          value={values.limit_cost}
          inputmode="decimal"
          error={error('limit_cost')}
        />
        <TextField
          label="Duration"
          name="limit_duration"
          value={values.limit_duration}
          hint="Such as 30d."
          error={error('limit_duration')}
        />
      </div>
      <Select
        label="When one is reached"
        name="limit_reached"
        value={values.limit_reached ?? ''}
        options={[
          { value: '', label: 'Ask the owner, unless set' },
          { value: 'ask', label: 'Ask the owner' },
          { value: 'fail', label: 'Let the task fail' },
          ...view.definition.steps.map(step => ({ value: step.key, label: `Go to ${stepName(step)}` })),
        ]}
      />
      <TextField
        label="Model of its steps"
        name="model"
        value={values.model}
        hint="Unless a step or agent says otherwise. “demo” runs without a provider."
      />
      <TextField
        label="Time limit of a model's answer"
        name="timeout"
        value={values.timeout}
        hint="Such as 60s."
        error={error('timeout')}
      />
      <div class="form-actions">
        <Button look="primary">Save</Button>
        <ButtonLink href={`/workflows/${view.workflow}/edit`} look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}
