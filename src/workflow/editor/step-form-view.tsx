/** The form of one step: its name, who does it, and what that handler needs. */
import { type HandlerKind, handlerOf } from '../../domain/handler/registry.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextField } from '../../http/components/field.tsx'
import { AgentFields, HumanFields, KindSection, ModelSection, PromptFields } from './handler-fields.tsx'
import type { StepView } from './step-view.tsx'

export const STEP_FORM = 'step-form'

export const StepForm = ({ view }: { view: StepView }) => {
  const { values, mistake } = view
  const kind = (values.kind ?? handlerOf(view.step)) as HandlerKind
  const error = (field: string) => (mistake?.form === 'step' && mistake.field === field ? mistake.message : undefined)
  const orphan = mistake?.form === 'step' && !SHOWN.has(mistake.field) && !mistake.field.startsWith('field-')
  return (
    <form
      class="form panel"
      id={STEP_FORM}
      method="post"
      action={`/workflows/${view.workflow}/edit/steps/${view.step.key}`}
      data-kind-form
    >
      <h3>Step</h3>
      {orphan && <ErrorNotice>{mistake?.message}</ErrorNotice>}
      <input type="hidden" name="revision" value={view.revision} />
      <TextField
        label="Name"
        name="name"
        value={values.name}
        maxlength={120}
        error={error('name')}
        hint="What the column is called."
      />
      <Select
        label="Who does it"
        name="kind"
        value={kind}
        required
        data-kind
        options={[
          { value: 'prompt', label: 'Prompt: a text request to a model' },
          { value: 'agent', label: 'Agent: one of your agents' },
          { value: 'human', label: 'Human: a person you assign' },
        ]}
      />
      <KindSection kind="prompt" chosen={kind} title="Prompt">
        <PromptFields view={view} error={error} />
      </KindSection>
      <KindSection kind="agent" chosen={kind} title="Agent">
        <AgentFields view={view} error={error} />
      </KindSection>
      <KindSection kind="human" chosen={kind} title="Human">
        <HumanFields view={view} error={error} />
      </KindSection>
      <ModelSection view={view} chosen={kind} error={error} />
      <details class="edit-section" open={error('key') !== undefined}>
        <summary>
          Key <code hx-ignore>{view.step.key}</code>
        </summary>
        <TextField
          label="Key"
          name="key"
          value={values.key}
          required
          maxlength={40}
          pattern="[a-z][a-z0-9_]*"
          hint="How templates and conditions name it: steps.key.output. When you change it, references follow."
          error={error('key')}
        />
      </details>
      <div class="form-actions">
        <Button look="primary">Save the step</Button>
        <ButtonLink href={`/workflows/${view.workflow}/edit`} look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}

/** Fields that show their own mistakes. */
const SHOWN = new Set([
  ...['name', 'key', 'prompt', 'agent', 'tools', 'needs', 'due'],
  ...['timeout', 'delay', 'attempts', 'factor', 'confidence', 'output_json'],
])
