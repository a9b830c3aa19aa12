/** Before publishing: what changes, what stands in the way, and what is to become of each task in flight. */
import type { Change } from '../../domain/workflow/changes.ts'
import { type Definition, stepName, stepOf } from '../../domain/workflow/definition.ts'
import { STATE_LABEL } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState, ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { Icon } from '../../http/components/icon.tsx'
import type { OpenTask } from '../../records/flights.ts'
import { FindingItem } from '../editor/findings.tsx'
import { TextDiff } from '../editor/text-diff.tsx'
import type { Lint } from '../publish.ts'

export interface PublishView {
  workflow: string
  revision: string
  live: number | null
  /** Whether there is anything to publish. */
  draft: boolean
  definition: Definition | null
  problem: string | null
  lint: Lint
  changes: Change[]
  texts: { before: string; after: string }
  tasks: OpenTask[]
  total: number
  note: string
}

export const Publish = ({ view }: { view: PublishView }) => {
  const blocked = view.definition === null || view.lint.some(finding => finding.level === 'error')
  const at = `/workflows/${view.workflow}`
  if (!view.draft) {
    return (
      <EmptyState icon="check" title="Nothing to publish">
        <p>Version {view.live} is live and nobody has changed the draft since.</p>
        <ButtonLink href={`${at}/edit`} icon="edit">
          Edit the steps
        </ButtonLink>
      </EmptyState>
    )
  }
  return (
    <form class="stack" method="post" action={`${at}/publish`}>
      <input type="hidden" name="revision" value={view.revision} />
      {view.problem !== null && <ErrorNotice>{view.problem}</ErrorNotice>}
      <Blocks view={view} blocked={blocked} />
      <section class="panel stack-tight">
        <h2>What changes</h2>
        <ChangeList changes={view.changes} first={view.live === null} />
        {view.live !== null && (
          <details class="explain">
            <summary>Compare the texts</summary>
            <TextDiff {...view.texts} names={[`version ${view.live}`, 'this draft']} />
          </details>
        )}
      </section>
      {view.live !== null && view.definition && <Flights view={view} definition={view.definition} />}
      <section class="panel form">
        <TextArea
          label="Note"
          name="note"
          value={view.note}
          rows={2}
          maxlength={500}
          hint="Why; shown among the versions."
        />
        <div class="form-actions">
          <Button look="primary" icon="send" aria-disabled={blocked ? 'true' : undefined} disabled={blocked}>
            {view.live === null ? 'Publish version 1' : 'Publish: new tasks take this version'}
          </Button>
          <ButtonLink href={`${at}/edit`} look="quiet">
            Back to the steps
          </ButtonLink>
        </div>
      </section>
    </form>
  )
}

const Blocks = ({ view, blocked }: { view: PublishView; blocked: boolean }) => (
  <>
    {blocked && view.problem === null && (
      <ErrorNotice>
        <strong>This cannot be published yet</strong>
        <p>
          Correct what is marked as an error, in the <a href={`/workflows/${view.workflow}/edit`}>steps</a> or in the{' '}
          <a href={`/workflows/${view.workflow}/edit/yaml`}>text</a>.
        </p>
      </ErrorNotice>
    )}
    {view.lint.length > 0 && (
      <ul class="findings" hx-ignore>
        {view.lint.map(finding => (
          <FindingItem finding={finding} />
        ))}
      </ul>
    )}
  </>
)

export const ChangeList = ({ changes, first }: { changes: Change[]; first?: boolean }) => {
  if (first) return <p>This is the first version: once it is published, the workflow takes tasks.</p>
  if (changes.length === 0) return <p>Nothing that tasks would notice: comments, or the order of keys.</p>
  return (
    <ul class="changes" hx-ignore>
      {changes.map(change => (
        <li data-change={change.kind}>
          {change.text}
          {change.risk && (
            <span class="state bare" data-state="waiting">
              <Icon name="flag" size={14} />
              {change.risk}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}

const Flights = ({ view, definition }: { view: PublishView; definition: Definition }) => (
  <section class="panel stack-tight">
    <h2>Tasks in flight ({view.total})</h2>
    {view.total === 0 ? (
      <p>No task is under way, so nobody is affected.</p>
    ) : (
      <>
        <p class="secondary">
          Each finishes on the version that it began on, unless you choose otherwise. A task that is moved keeps its
          outputs, its log and its links; one that is restarted begins anew with the same input, and the old one is
          cancelled.
          {view.total > view.tasks.length &&
            ` Shown are the oldest ${view.tasks.length}; the others finish on their version.`}
        </p>
        <div class="field">
          <label class="field-label" for="all">
            All of these
          </label>
          <ChoiceSelect id="all" name="all" definition={definition} each />
        </div>
        <div class="table-scroll">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Task</th>
                <th scope="col">On</th>
                <th scope="col">At</th>
                <th scope="col">Then</th>
              </tr>
            </thead>
            <tbody>
              {view.tasks.map(task => (
                <FlightRow task={task} definition={definition} />
              ))}
            </tbody>
          </table>
        </div>
      </>
    )}
  </section>
)

const FlightRow = ({ task, definition }: { task: OpenTask; definition: Definition }) => {
  const step = task.step === null ? undefined : stepOf(definition, task.step)
  return (
    <tr>
      <th scope="row">
        <a href={`/tasks/${task.id}`} hx-ignore>
          {task.title}
        </a>
      </th>
      <td>v{task.version}</td>
      <td hx-ignore>
        {step ? stepName(step) : (task.step ?? '–')}{' '}
        {task.step !== null && !step && (
          <span class="state bare" data-state="stuck">
            <Icon name="flag" size={14} />
            gone in this draft
          </span>
        )}
        <span class="secondary small"> {STATE_LABEL[task.status as keyof typeof STATE_LABEL] ?? task.status}</span>
      </td>
      <td>
        <input type="hidden" name={`visit-${task.id}`} value={String(task.visit)} />
        <ChoiceSelect
          name={`task-${task.id}`}
          label={`What becomes of ${task.title}`}
          definition={definition}
          here={step?.key}
        />
      </td>
    </tr>
  )
}

const ChoiceSelect = (props: {
  id?: string
  name: string
  label?: string
  definition: Definition
  each?: boolean
  here?: string
}) => (
  <select class="input" id={props.id} name={props.name} aria-label={props.label}>
    {props.each && <option value="each">As chosen one by one</option>}
    <option value="finish">Finish on its version</option>
    {props.definition.steps.map(step => (
      <option value={`step:${step.key}`}>
        Move to {stepName(step)}
        {step.key === props.here ? ' (where it is)' : ''}
      </option>
    ))}
    <option value="restart">Restart with the same input</option>
  </select>
)
