/** One step's own page in the editor: everything it can be configured with, and where it routes to. */
import type { Child } from 'hono/jsx'
import {
  type Definition,
  type HandlerKind,
  handlerOf,
  labelsOf,
  type Step,
  stepName,
} from '../../domain/workflow/definition.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Check, Select, TextArea, TextField } from '../../http/components/field.tsx'
import type { Lint } from '../publish.ts'
import { FIELD_LABELS, FIELD_TYPES } from '../schema-table.ts'
import type { Values } from '../step-form.ts'
import { Findings, findingsOf } from './findings.tsx'
import { HandoffsForm } from './handoffs-view.tsx'

export interface StepView {
  workflow: string
  revision: string
  definition: Definition
  step: Step
  lint: Lint
  agents: string[]
  /** The form as it is, or as it was sent. */
  values: Values
  /** What was wrong with the form that was sent: of the step, or of its handoffs. */
  mistake: { form: 'step' | 'handoffs'; field: string; message: string } | null
  /** The rows of handoffs as they were sent. */
  sent: Values | null
  /** Whether comments may be lost when this is saved. */
  rewrites: boolean
}

export const StepEditor = ({ view }: { view: StepView }) => {
  const place = view.definition.steps.findIndex(step => step.key === view.step.key)
  const before = view.definition.steps[place - 1]
  const after = view.definition.steps[place + 1]
  const at = `/workflows/${view.workflow}/edit`
  return (
    <div class="stack">
      <nav class="row small" aria-label="Steps">
        <a href={at}>All steps</a>
        {before && <a href={`${at}/steps/${before.key}`} hx-ignore>{`← ${stepName(before)}`}</a>}
        {after && <a href={`${at}/steps/${after.key}`} hx-ignore>{`${stepName(after)} →`}</a>}
      </nav>
      <h2 hx-ignore>
        {place + 1}. {stepName(view.step)}
      </h2>
      <Findings lint={findingsOf(view.lint, place)} />
      {view.rewrites && <RewriteNote />}
      <div class="edit-step">
        <StepForm view={view} />
        <HandoffsForm view={view} />
      </div>
    </div>
  )
}

export const RewriteNote = () => (
  <p class="secondary small">
    Saving here rewrites the YAML where it changes; comments elsewhere are kept, those beside what you change may be
    lost.
  </p>
)

const StepForm = ({ view }: { view: StepView }) => {
  const { values, mistake } = view
  const kind = (values.kind ?? handlerOf(view.step)) as HandlerKind
  const error = (field: string) => (mistake?.form === 'step' && mistake.field === field ? mistake.message : undefined)
  const orphan = mistake?.form === 'step' && !Object.hasOwn(SHOWN, mistake.field) && !/^field-/.test(mistake.field)
  return (
    <form
      class="form panel"
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
        <TextArea
          label="Prompt"
          name="prompt"
          value={values.prompt}
          rows={8}
          maxlength={60_000}
          error={error('prompt')}
          hint={<TemplateHint view={view} />}
        />
      </KindSection>
      <KindSection kind="agent" chosen={kind} title="Agent">
        <AgentFields view={view} error={error} />
      </KindSection>
      <KindSection kind="human" chosen={kind} title="Human">
        <HumanFields view={view} error={error} />
      </KindSection>
      <ModelSection view={view} chosen={kind} error={error} />
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
const SHOWN: Record<string, true> = {
  name: true,
  key: true,
  prompt: true,
  agent: true,
  needs: true,
  due: true,
  timeout: true,
  delay: true,
  attempts: true,
  factor: true,
  confidence: true,
  output_json: true,
}

/** Without a script all three stand here, folded but for the one that is chosen; what is chosen above counts. */
const KindSection = ({
  kind,
  chosen,
  title,
  children,
}: {
  kind: HandlerKind
  chosen: HandlerKind
  title: string
  children?: Child
}) => (
  <details class="edit-section" open={kind === chosen} data-kind-section={kind}>
    <summary>{title}</summary>
    <div class="form">{children}</div>
  </details>
)

type ErrorOf = (field: string) => string | undefined

const AgentFields = ({ view, error }: { view: StepView; error: ErrorOf }) => (
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
      hint={<TemplateHint view={view} />}
    />
  </>
)

const HumanFields = ({ view: { values, definition, step }, error }: { view: StepView; error: ErrorOf }) => (
  <>
    <TextArea
      label="Assigned to"
      name="assign"
      value={values.assign}
      rows={2}
      hint="Mail addresses, one a line, or a role of the team such as role:admin."
    />
    <TextArea label="What they are asked" name="ask" value={values.ask} rows={4} maxlength={20_000} />
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
    <TextField label="Due in" name="due" value={values.due} hint="Such as 4h or 2d." error={error('due')} />
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

const ModelSection = ({
  view: { values, step },
  chosen,
  error,
}: {
  view: StepView
  chosen: HandlerKind
  error: ErrorOf
}) => (
  <details
    class="edit-section"
    open={chosen !== 'human' && (step.output !== undefined || error('confidence') !== undefined)}
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
      <OutputFields values={values} error={error} />
      <TextField
        label="Confidence needed"
        name="confidence"
        value={values.confidence}
        inputmode="decimal"
        hint="0 to 1; below it the outcome is “unsure”."
        error={error('confidence')}
      />
      <div class="edit-pair">
        <TextField
          label="Time limit"
          name="timeout"
          value={values.timeout}
          hint="Such as 60s."
          error={error('timeout')}
        />
        <TextField
          label="Attempts"
          name="attempts"
          value={values.attempts}
          inputmode="numeric"
          error={error('attempts')}
        />
        <TextField label="Pause between" name="delay" value={values.delay} hint="Such as 2s." error={error('delay')} />
        <TextField label="Growing by" name="factor" value={values.factor} inputmode="decimal" error={error('factor')} />
      </div>
    </div>
  </details>
)

const OutputFields = ({ values, error }: { values: Values; error: ErrorOf }) => {
  const as = values.output_as ?? 'text'
  const rows = Object.keys(values).filter(name => /^field-\d+-name$/.test(name)).length
  const places = Array.from({ length: rows + 2 }, (_, index) => index)
  const wrong = places.map(index => error(`field-${index}-name`)).find(message => message !== undefined)
  return (
    <fieldset class="stack-tight">
      <legend class="field-label">Output</legend>
      <Check type="radio" name="output_as" value="text" checked={as === 'text'} label="Text" />
      <Check type="radio" name="output_as" value="fields" checked={as === 'fields'} label="Fields" />
      {wrong && <p class="field-error">{wrong}</p>}
      <div class="table-scroll">
        <table class="table edit-fields">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Type</th>
              <th scope="col">Choices</th>
              <th scope="col">Required</th>
            </tr>
          </thead>
          <tbody>
            {places.map(index => (
              <FieldRowInputs values={values} index={index} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="field-hint">Empty the name to take a field away; two more appear when you save.</p>
      <Check type="radio" name="output_as" value="json" checked={as === 'json'} label="JSON Schema" />
      <TextArea
        label="JSON Schema"
        name="output_json"
        value={values.output_json}
        code
        rows={4}
        spellcheck={false}
        error={error('output_json')}
      />
    </fieldset>
  )
}

const FieldRowInputs = ({ values, index }: { values: Values; index: number }) => {
  const name = (part: string) => `field-${index}-${part}`
  const type = values[name('type')] ?? 'string'
  return (
    <tr>
      <td>
        <input
          class="input"
          name={name('name')}
          value={values[name('name')]}
          aria-label={`Name of field ${index + 1}`}
        />
        <input type="hidden" name={name('was')} value={values[name('was')]} />
      </td>
      <td>
        <select class="input" name={name('type')} aria-label={`Type of field ${index + 1}`}>
          {FIELD_TYPES.map(one => (
            <option value={one} selected={one === type}>
              {FIELD_LABELS[one]}
            </option>
          ))}
        </select>
      </td>
      <td>
        <input
          class="input"
          name={name('choices')}
          value={values[name('choices')]}
          aria-label={`Choices of field ${index + 1}`}
          placeholder="low, high"
        />
      </td>
      <td>
        <input
          type="checkbox"
          name={name('required')}
          checked={values[name('required')] !== undefined}
          aria-label={`Field ${index + 1} is required`}
        />
      </td>
    </tr>
  )
}

const TemplateHint = ({ view: { definition, step } }: { view: StepView }) => {
  const earlier = definition.steps.filter(one => one.key !== step.key).map(one => `steps.${one.key}.output`)
  return (
    <>
      Liquid: <code>{'{{ input.… }}'}</code>, <code>{'{{ last.note }}'}</code>
      {earlier.slice(0, 6).map(path => (
        <>
          , <code>{`{{ ${path} }}`}</code>
        </>
      ))}
      {labelsOf(step).length > 0 && `. The model also chooses one of: ${labelsOf(step).join(', ')}.`}
    </>
  )
}
