/** The form of one step: its name, who does it, and what that handler needs. */
import { type HandlerKind, KINDS } from '../../../domain/handler/registry.ts'
import { Button, ButtonLink } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { Select, TextField } from '../../../http/components/field.tsx'
import { NewSecrets } from '../../../team/secrets/new-secrets.tsx'
import { kindOf } from '../../forms/step-form.ts'
import { isOfBranch } from '../handlers/branch.tsx'
import type { FieldsProps } from '../handlers/pages.ts'
import { pagesFor } from '../handlers/registry.ts'
import { SETTING_MARKS, SettingsSection } from '../settings/settings-section.tsx'
import { STEP_FORM, type StepView } from './step.ts'

export const StepForm = ({ view }: { view: StepView }) => {
  const { values, mistake } = view
  const chosen = kindOf(values, view.step)
  const error = (field: string) => (mistake?.form === 'step' && mistake.field === field ? mistake.message : undefined)
  const orphan =
    mistake?.form === 'step' &&
    !SHOWN.has(mistake.field) &&
    !mistake.field.startsWith('field-') &&
    !isOfBranch(mistake.field)
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
        value={chosen}
        required
        data-kind
        options={KINDS.map(kind => ({ value: kind, label: `${pagesFor(kind).name}: ${pagesFor(kind).about}` }))}
      />
      {KINDS.map(kind => (
        <KindSection kind={kind} chosen={chosen} view={view} error={error} />
      ))}
      <NewSecrets secrets={view.newSecrets} admin={view.admin} when="save the step" />
      <SettingsSection view={view} chosen={chosen} error={error} />
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

/** Without a script those of all kinds stand here, folded but for the one that is chosen; what is chosen above counts. */
const KindSection = ({ kind, chosen, ...fields }: FieldsProps & { kind: HandlerKind; chosen: HandlerKind }) => {
  const { name, Fields } = pagesFor(kind)
  return (
    <details class="edit-section" open={kind === chosen} data-kind-section={kind}>
      <summary>{name}</summary>
      <div class="form">
        <Fields {...fields} />
      </div>
    </details>
  )
}

/** Fields that show their own mistakes. */
const SHOWN = new Set(['name', 'key', ...SETTING_MARKS, ...KINDS.flatMap(kind => pagesFor(kind).marks)])
