/** The kind `workflow` in the editor: which other workflow, what it is given, and whether it is waited for. */

import { useContext } from 'hono/jsx'
import { renderValue } from '../../../domain/template/template.ts'
import type { Step } from '../../../domain/workflow/definition.ts'
import { Select, TextArea, TextField, Within } from '../../../http/components/field.tsx'
import { inOrder, mistake, wordOf } from '../../forms/form-values.ts'
import { INPUT, inputText, readInput, type SchemaField, schemaFields } from '../../forms/started-form.ts'
import type { FieldsProps, HandlerPages } from './pages.ts'

type Own = NonNullable<Step['workflow']>

export const workflow: HandlerPages<'workflow'> = {
  name: 'Workflow',
  about: 'a task of another workflow',
  offers: () => [{ value: 'workflow', label: 'Workflow: a task of another workflow' }],
  begin: (offer, { name }) => (offer === 'workflow' ? { workflow: { use: name, input: {} } } : null),
  Fields,
  marks: ['workflow_use', INPUT],
  values: job => ({
    workflow_use: job.use,
    [INPUT]: inputText(job.input),
    workflow_wait: job.waits ? 'yes' : 'no',
  }),
  read: (values, before) => {
    const use = wordOf(values, 'workflow_use')
    if (use === undefined) return mistake('workflow_use', 'Choose another workflow of your team.')
    const read = readInput(values, before.input)
    if (!read.ok) return read
    const told = (before.frame as Step).workflow ?? {}
    // What goes without saying is said only where its author did.
    const input = JSON.stringify(read.input) === '{}' && !('input' in told) ? undefined : read.input
    const wait = values.workflow_wait === 'no' ? false : 'wait' in told ? true : undefined
    return { ok: true, own: { workflow: inOrder<Own>({ use, input, wait }, told, ['use', 'input', 'wait']) } }
  },
  sends: {
    whose: 'What the other workflow is given',
    render: (job, scope) => {
      const rendered = renderValue(job.input, scope)
      return rendered.ok ? { ok: true, text: `${job.use}\n\n${JSON.stringify(rendered.value, null, 2)}` } : rendered
    },
  },
  line: job => `${job.waits ? 'A task of' : 'Starts a task of'} ${job.use}.`,
}

function Fields({ view, error }: FieldsProps) {
  const use = view.values.workflow_use ?? ''
  const others = (view.workflows ?? []).filter(({ id }) => id !== view.workflow)
  const chosen = others.find(({ id, name }) => id === use || name === use)
  const text = view.values[INPUT] ?? ''
  const shown = schemaFields(chosen?.input, text)
  const options = others.map(({ id, name }) => ({ value: id === use ? id : name, label: name }))
  const strange = use !== '' && chosen === undefined ? [{ value: use, label: strangeText(use, view.workflows) }] : []
  return (
    <>
      <Select
        label="Workflow"
        name="workflow_use"
        value={use}
        aria-required="true"
        error={error('workflow_use')}
        options={[...strange, ...options]}
        hint="A task of it is started, in the version that is live then. Another choice shows its fields once you save."
      />
      {shown?.fields.map(field => (
        <InputField field={field} />
      ))}
      <TextArea
        label={shown === null ? 'What it is given' : 'What it is given besides'}
        name={INPUT}
        value={shown === null ? text : shown.rest}
        rows={shown === null ? 5 : 2}
        maxlength={60_000}
        error={error(INPUT)}
        hint="One value a line, such as  text: {{ steps.draft.output }}  — or one JSON object."
      />
      <Select
        label="Does the task wait for it?"
        name="workflow_wait"
        value={view.values.workflow_wait}
        options={[
          { value: 'yes', label: 'Yes: it goes on when that one is done' },
          { value: 'no', label: 'No: it only starts it' },
        ]}
      />
    </>
  )
}

const InputField = ({ field: { name, label, value, hint, required, as } }: { field: SchemaField }) => (
  <>
    <TextField
      label={label}
      name={name}
      value={value}
      hint={hint}
      maxlength={60_000}
      aria-required={required ? 'true' : undefined}
    />
    <input type="hidden" name={`${useContext(Within)}${name}.as`} value={as} />
  </>
)

function strangeText(use: string, known: FieldsProps['view']['workflows']): string {
  return known === undefined ? use : `${use}: no workflow of yours is called so`
}
