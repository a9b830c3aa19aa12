/** What the workflow says of itself: name, owner, tags, a card's title, the input's fields, limits and defaults. */
import type { Definition } from '../../../domain/workflow/definition.ts'
import { type CallbackOn, stepName } from '../../../domain/workflow/parts.ts'
import { Button, ButtonLink } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { Check, Select, TextArea, TextField } from '../../../http/components/field.tsx'
import { ModelField, ModelList } from '../../../http/components/model-field.tsx'
import type { Values } from '../../forms/form-values.ts'
import { INPUT } from '../../forms/schema-form.ts'
import { SchemaFields } from './schema-fields.tsx'
import { TimesFields } from './times-fields.tsx'

export interface SettingsView {
  workflow: string
  revision: string
  definition: Definition
  /** USD that a task may spend unless a limit is set here; null: as much as it takes. */
  budget: number | null
  /** Those that the team's providers offer. */
  models: string[]
  /** Names of the workflows that start tasks of it. */
  starters: string[]
  /** The model that answers where nothing names one. */
  usual: string
  values: Values
  mistake: { field: string; message: string } | null
}

function starterText(starters: string[]): string | undefined {
  if (starters.length === 0) return undefined
  return `Used by ${starters.join(', ')}: choose it there anew once it is called otherwise; until then what is published keeps to it.`
}

export const SettingsForm = ({ view }: { view: SettingsView }) => {
  const { values, mistake } = view
  const error = (field: string) => (mistake?.field === field ? mistake.message : undefined)
  return (
    <form
      class="form panel prose-width"
      id="settings"
      method="post"
      action={`/workflows/${view.workflow}/edit/settings`}
    >
      <h2>The workflow itself</h2>
      {mistake && !SHOWN.test(mistake.field) && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <input type="hidden" name="revision" value={view.revision} />
      <TextField
        label="Name"
        name="name"
        value={values.name}
        required
        maxlength={120}
        error={error('name')}
        hint={starterText(view.starters)}
      />
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
      <TextField
        label="Business key"
        name="key"
        value={values.key}
        maxlength={500}
        hint="Liquid, such as {{ input.invoice }}: shown and searched, and events from outside find the task by it."
      />
      <Select
        label="When an earlier task of this workflow has the key"
        name="duplicates"
        value={values.duplicates ?? ''}
        options={[
          { value: '', label: 'Start the new one, too' },
          { value: 'flag', label: 'Start it, and show that it is a duplicate' },
          { value: 'refuse', label: 'Refuse the new one' },
        ]}
      />
      <TextField
        label="Result"
        name="result"
        value={values.result}
        maxlength={16_384}
        hint="What a task comes to, such as {{ steps.draft.output }}. Empty: what its last step put out."
      />
      <SchemaFields
        legend="What a task brings"
        none="Anything"
        names={INPUT}
        values={values}
        error={error}
        hint="The form for new tasks is made of it, and tasks that do not fit are refused."
      />
      <TextField
        label="Not for models"
        name="redact"
        value={values.redact}
        hint="Fields of what a task brings, between commas, such as iban, person.ssn. Prompts and agents get [redacted: iban]; people, calls and tools get the value."
        error={error('redact')}
      />
      <h3>Limits of a task</h3>
      <div class="edit-pair">
        {LIMITS.map(([name, label, inputmode, hint]) => (
          <TextField
            label={label}
            name={name}
            value={values[name]}
            inputmode={inputmode}
            placeholder={name === 'limit_cost' ? (view.budget === null ? 'No limit' : String(view.budget)) : undefined}
            hint={hint}
            error={error(name)}
          />
        ))}
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
      <h3>Of each step, unless it says otherwise</h3>
      <ModelField
        value={values.model}
        placeholder={view.usual}
        hint="Empty: the team's default. “demo” runs without a provider."
      />
      <ModelList models={view.models} />
      <TimesFields values={values} error={error} />
      <h3>Callbacks</h3>
      <TextField
        label="A service that is told"
        name="callback_url"
        id="callback_url"
        value={values.callback_url}
        inputmode="url"
        maxlength={2000}
        placeholder="https://shop.example.com/baton"
        hint="Empty: none is. What was sent, its answers and the signing secret are on the page Callbacks."
        error={error('callback_url')}
      />
      <fieldset class="field" aria-describedby={error('callback_on') ? 'callback_on-error' : undefined}>
        <legend>When a task</legend>
        {TOLD.map(([on, label]) => (
          <Check label={label} name={`callback_${on}`} value="yes" checked={values[`callback_${on}`] === 'yes'} />
        ))}
        {error('callback_on') && <ErrorNotice id="callback_on-error">{error('callback_on')}</ErrorNotice>}
      </fieldset>
      <div class="form-actions">
        <Button look="primary">Save</Button>
        <ButtonLink href={`/workflows/${view.workflow}/edit`} look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}

const TOLD: [on: CallbackOn, label: string][] = [
  ['done', 'is done'],
  ['failed', 'has failed'],
  ['stuck', 'is stuck'],
  ['waiting', 'waits for a person'],
]

const LIMITS: [name: string, label: string, inputmode: 'numeric' | 'decimal' | 'text', hint: string][] = [
  ['limit_steps', 'Visits of steps', 'numeric', '20, unless set.'],
  [
    'limit_cost',
    'Cost in USD',
    'decimal',
    'Of a task, with those that it starts and waits for. Empty: the team’s budget of a task.',
  ],
  ['limit_duration', 'Duration', 'text', 'Such as 30d.'],
]

/** Fields that show their own mistakes. */
const SHOWN = /^(name|tags|redact|limit_.*|timeout|attempts|delay|factor|callback_.*|input_json|input-\d+-name)$/
