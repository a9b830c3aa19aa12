/** What a person is asked, as fields: who, what and by when; the rest is folded until it says something. */
import { stepName } from '../../../domain/workflow/parts.ts'
import { Select, TextArea, TextField } from '../../../http/components/field.tsx'
import type { FieldsProps } from './pages.ts'
import { TemplateHint } from './template-hint.tsx'

export const HumanFields = ({ view, error }: FieldsProps) => {
  const { values } = view
  // What every approval has needs no look.
  const more = MORE_OF_HUMAN.some(name => !['approve', 'reason'].includes(name) && Boolean(values[name]))
  return (
    <>
      <TextArea
        label="Assigned to"
        name="assign"
        value={values.assign}
        aria-required="true"
        rows={2}
        hint="Mail addresses, one a line, or a role of the team such as role:admin."
      />
      <TextArea
        label="What they are asked"
        name="ask"
        value={values.ask}
        rows={4}
        maxlength={20_000}
        hint={<TemplateHint view={view} field="ask" />}
      />
      <TextField
        label="Due in"
        name="due"
        value={values.due}
        hint="Such as 4h or 2d; 2 working days or 8 working hours go by your team’s hours."
        error={error('due')}
      />
      <details class="explain" open={more || MORE_OF_HUMAN.some(name => error(name) !== undefined)}>
        <summary>Several approvers, edits, undo, reminders, overdue</summary>
        <div class="form">
          <MoreOfHuman view={view} error={error} />
        </div>
      </details>
    </>
  )
}

const MORE_OF_HUMAN = [
  'approve',
  'needs',
  'stages',
  'edits',
  'remind_before',
  'remind_every',
  'overdue_assign',
  'overdue_handoff',
  'reason',
  'form',
  'undo',
  'risk',
  'sample',
  'requester',
]

const MoreOfHuman = ({ view: { values, definition, step }, error }: FieldsProps) => (
  <>
    <TextField
      label="Approving label"
      name="approve"
      value={values.approve}
      maxlength={80}
      hint="Which of the buttons approves; unless set “approved”, else the first."
    />
    <TextField
      label="How many must approve"
      name="needs"
      value={values.needs}
      inputmode="numeric"
      error={error('needs')}
    />
    <TextArea
      label="Several stages"
      name="stages"
      value={values.stages}
      rows={2}
      error={error('stages')}
      hint="One a line, in place of “Assigned to”, such as: Legal = 2 of role:admin, ana@acme.test"
    />
    <Select
      label="They may edit the output of"
      name="edits"
      value={values.edits}
      options={[
        { value: '', label: 'No step' },
        ...definition.steps.filter(one => one.key !== step.key).map(one => ({ value: one.key, label: stepName(one) })),
      ]}
    />
    <TextField
      label="Remind before it is due"
      name="remind_before"
      value={values.remind_before}
      hint="Such as 1d, 2h, between commas: whoever has not decided is told again."
      error={error('remind_before')}
    />
    <TextField
      label="Remind every"
      name="remind_every"
      value={values.remind_every}
      hint="Such as 1d, while it is open. Empty: as your team has it; never: not at all."
      error={error('remind_every')}
    />
    <TextField label="When overdue, also ask" name="overdue_assign" value={values.overdue_assign} />
    <TextField
      label="or decide"
      name="overdue_handoff"
      value={values.overdue_handoff}
      hint="A label; never the approving one."
    />
    <TextField
      label="Labels that need a note"
      name="reason"
      value={values.reason}
      hint="Between commas, such as rejected."
    />
    <TextField
      label="Labels that need the fields of its output"
      name="form"
      value={values.form}
      hint="Between commas; unless set, the approving one. The fields stand under “Output and retries”."
    />
    <TextField
      label="Can be undone for"
      name="undo"
      value={values.undo}
      hint="Such as 60s: nothing comes of a decision before. Empty: it holds at once."
      error={error('undo')}
    />
    <Select
      label="Risk"
      name="risk"
      value={values.risk ?? ''}
      options={[
        { value: '', label: 'Usual: the link is enough' },
        { value: 'high', label: 'High: the link needs the code from its message, or a sign-in' },
      ]}
    />
    <TextField
      label="Look at one in"
      name="sample"
      value={values.sample}
      inputmode="numeric"
      hint="Such as 5, from 20 in a row that were approved unchanged on: the others go on as approved, and say so, until somebody edits or rejects one. Empty: every one is looked at."
      error={error('sample')}
    />
    <Select
      label="Whoever started the task may decide"
      name="requester"
      value={values.requester ?? ''}
      options={[
        { value: '', label: 'Yes, unless set' },
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No, somebody else must' },
      ]}
    />
  </>
)
