/** The form of a tool: what it is for, what it takes, the call that it makes, and when people are asked. */
import type { FoundSecret } from '../../domain/tools/found-secrets.ts'
import type { LintItem } from '../../domain/workflow/lint.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import { NewSecrets } from '../../team/secrets/new-secrets.tsx'
import { Findings } from '../../workflow/editor/findings.tsx'
import { CallFields } from '../../workflow/editor/handlers/call-fields.tsx'
import type { ChoosableSecret } from '../../workflow/editor/handlers/pair-rows.tsx'
import { SchemaFields } from '../../workflow/editor/settings/schema-fields.tsx'
import { CALL_MARKS } from '../../workflow/forms/call-form.ts'
import type { ErrorOf, Values } from '../../workflow/forms/form-values.ts'
import { PARAMETERS } from '../tool-form.ts'

export interface ToolFormView {
  /** null: a new one. */
  key: string | null
  version: number
  values: Values
  mistake: { field: string; message: string } | null
  lint: LintItem[]
  /** Secrets that a pasted call held, which are set with the tool. */
  secrets: FoundSecret[]
  /** The secrets that the team has. */
  known: readonly ChoosableSecret[]
  /** Whether the reader may set secrets. */
  admin: boolean
}

/** Fields that show their own mistakes. */
const SHOWN = new Set(['key', 'description', 'ask_rule', 'undo_cost', PARAMETERS.json, ...CALL_MARKS])

export const ToolForm = ({ view }: { view: ToolFormView }) => {
  const { key, version, values, mistake, lint } = view
  const error: ErrorOf = field => (mistake?.field === field ? mistake.message : undefined)
  return (
    <form class="form panel" id="tool" method="post" action={key === null ? '/tools/new' : `/tools/${key}`}>
      {mistake && !SHOWN.has(mistake.field) && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <Findings lint={lint} />
      <input type="hidden" name="version" value={String(version)} />
      {key === null && (
        <TextField
          label="Key"
          name="key"
          value={values.key}
          required
          maxlength={40}
          pattern="[a-z][a-z0-9_]*"
          hint="How steps and agents name it, such as find_contact."
          error={error('key')}
        />
      )}
      <TextArea
        label="Description"
        name="description"
        value={values.description}
        required
        rows={3}
        maxlength={4000}
        hint="What it is for and when to use it: models choose by these words."
        error={error('description')}
      />
      <SchemaFields
        legend="What it takes"
        none="Nothing"
        names={PARAMETERS}
        values={values}
        error={error}
        hint="Its arguments; the call below reads them, as in {{ args.email }}."
      />
      <h2>The call</h2>
      <CallFields
        values={values}
        error={error}
        secrets={view.known}
        example={{ url: 'https://api.example.com/contacts/{{ args.id }}', body: '{{ args.email }}' }}
      />
      <NewSecrets secrets={view.secrets} admin={view.admin} when="make the tool" />
      <h2>Before it is called</h2>
      <RuleFields values={values} error={error} />
      <div class="form-actions">
        <Button look="primary">{key === null ? 'Make the tool' : `Save as version ${version + 1}`}</Button>
      </div>
    </form>
  )
}

/** When people are asked, what undoing costs, whether it reads; `usual`: what says so unless it is set. */
export const RuleFields = (props: { values: Values; error: ErrorOf; usual?: string }) => {
  const { values, error, usual = 'As its method says' } = props
  return (
    <>
      <Select
        label="Ask a person first"
        name="ask_as"
        value={values.ask_as ?? 'never'}
        options={[
          { value: 'never', label: 'Never' },
          { value: 'always', label: 'Before each call' },
          { value: 'rule', label: 'Where this rule holds' },
        ]}
      />
      <TextField
        label="Rule"
        name="ask_rule"
        value={values.ask_rule}
        maxlength={2000}
        error={error('ask_rule')}
        hint="Over args, input and task, such as args.amount > 100.0"
      />
      <TextField
        label="Undoing a call costs, in USD"
        name="undo_cost"
        value={values.undo_cost}
        inputmode="decimal"
        error={error('undo_cost')}
        hint="Above 100 a person is always asked."
      />
      <Select
        label="Effect"
        name="effect"
        value={values.effect ?? ''}
        options={[
          { value: '', label: usual },
          { value: 'read', label: 'It only reads' },
          { value: 'write', label: 'It changes something' },
        ]}
      />
    </>
  )
}
