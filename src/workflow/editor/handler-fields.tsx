/** The fields of each handler on a step's form: what a prompt, an agent and a person are given. */
import type { Child } from 'hono/jsx'
import type { HandlerKind } from '../../domain/handler/registry.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import { OUTPUT } from '../schema-form.ts'
import { variablesFor } from '../variables.ts'
import { SchemaFields } from './schema-fields.tsx'
import type { StepView } from './step-view.tsx'
import { TimesFields } from './times-fields.tsx'

export type ErrorOf = (field: string) => string | undefined
interface Fields {
  view: StepView
  error: ErrorOf
}

/** Without a script all three stand here, folded but for the one that is chosen; what is chosen above counts. */
export const KindSection = (props: { kind: HandlerKind; chosen: HandlerKind; title: string; children?: Child }) => (
  <details class="edit-section" open={props.kind === props.chosen} data-kind-section={props.kind}>
    <summary>{props.title}</summary>
    <div class="form">{props.children}</div>
  </details>
)

export const PromptFields = ({ view, error }: Fields) => (
  <TextArea
    label="What the model is to do"
    name="prompt"
    value={view.values.prompt}
    aria-required="true"
    rows={8}
    maxlength={60_000}
    error={error('prompt')}
    hint={<TemplateHint view={view} field="prompt" />}
  />
)

export const AgentFields = ({ view, error }: Fields) => (
  <>
    {view.agents.length === 0 ? (
      <p class="secondary">
        Your team has no agents yet. <a href="/agents/new">Make one</a>
      </p>
    ) : (
      <Select
        label="Agent"
        name="agent"
        value={view.values.agent}
        aria-required="true"
        options={[
          { value: '', label: 'Choose an agent' },
          ...view.agents.map(agent => ({ value: agent, label: agent })),
        ]}
        error={error('agent')}
      />
    )}
    <TextArea
      label="Instructions"
      name="instructions"
      value={view.values.instructions}
      rows={6}
      maxlength={60_000}
      hint={<TemplateHint view={view} field="instructions" />}
    />
    <TextField
      label="Only these of its tools"
      name="tools"
      value={view.values.tools}
      hint="Names, between commas. Empty: all that the agent has."
      error={error('tools')}
    />
  </>
)

export const HumanFields = ({ view, error }: Fields) => {
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
      <TextField label="Due in" name="due" value={values.due} hint="Such as 4h or 2d." error={error('due')} />
      <details class="explain" open={more || MORE_OF_HUMAN.some(name => error(name) !== undefined)}>
        <summary>Several approvers, edits, overdue</summary>
        <div class="form">
          <MoreOfHuman view={view} error={error} />
        </div>
      </details>
    </>
  )
}

const MORE_OF_HUMAN = ['approve', 'needs', 'edits', 'overdue_assign', 'overdue_handoff', 'reason', 'requester']

const MoreOfHuman = ({ view: { values, definition, step }, error }: Fields) => (
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
    <Select
      label="They may edit the output of"
      name="edits"
      value={values.edits}
      options={[
        { value: '', label: 'No step' },
        ...definition.steps.filter(one => one.key !== step.key).map(one => ({ value: one.key, label: stepName(one) })),
      ]}
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

/** What a model step has besides its text. */
export const ModelSection = ({ view: { values, step }, chosen, error }: Fields & { chosen: HandlerKind }) => {
  const wrong = ['confidence', 'timeout', 'attempts', 'delay', 'factor', OUTPUT.json].some(name => error(name))
  return (
    <details
      class="edit-section"
      open={chosen !== 'human' && (step.output !== undefined || wrong)}
      data-kind-section="prompt agent"
      data-keep-fold
    >
      <summary>Model, output and retries</summary>
      <div class="form">
        <TextField
          label="Model"
          name="model"
          value={values.model}
          hint="Empty: the agent's, else the default. “demo” runs without a provider."
        />
        <SchemaFields
          legend="What it answers with"
          none="Text"
          names={OUTPUT}
          values={values}
          error={error}
          hint="Fields can be read by routes and later steps one by one."
        />
        <TextField
          label="Confidence needed"
          name="confidence"
          value={values.confidence}
          inputmode="decimal"
          hint="0 to 1; below it the outcome is “unsure”."
          error={error('confidence')}
        />
        <TimesFields values={values} error={error} />
      </div>
    </details>
  )
}

/** How to name things in a template; with a script the names are buttons that write themselves into the field. */
const TemplateHint = ({ view, field }: { view: StepView; field: string }) => {
  const variables = variablesFor(view.step, view.definition)
  return (
    <>
      Write <code>{'{{ … }}'}</code> where a value of the task belongs:
      <span class="variables" hx-ignore>
        {variables.map(path => (
          <>
            {' '}
            <button type="button" class="variable needs-js" data-insert={`{{ ${path} }}`} data-into={`field-${field}`}>
              {path}
            </button>
            <code class="no-js">{`{{ ${path} }}`}</code>
          </>
        ))}
      </span>
    </>
  )
}
