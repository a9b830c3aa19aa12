/** Before publishing: what changes, what stands in the way, and what is to become of each task in flight. */
import type { Change } from '../../domain/workflow/changes.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState, ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { Icon } from '../../http/components/icon.tsx'
import { FindingItem } from '../editor/findings.tsx'
import { TextDiff } from '../editor/text-diff.tsx'
import type { Lint } from '../publish.ts'
import { Flights, type FlightsView } from './flights-view.tsx'

export interface PublishView extends FlightsView {
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
  note: string
}

export const Publish = ({ view }: { view: PublishView }) => {
  const blocked = view.definition === null || view.lint.some(finding => finding.level === 'error')
  const at = `/workflows/${view.workflow}`
  if (!view.draft) {
    return (
      <div class="stack">
        <EmptyState icon="check" title="Nothing to publish">
          <p>Version {view.live} is live and nobody has changed the draft since.</p>
          <ButtonLink href={`${at}/edit`} icon="edit">
            Edit the steps
          </ButtonLink>
        </EmptyState>
        {view.total > 0 && view.definition && <Behind view={view} definition={view.definition} />}
      </div>
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

/** Tasks that an earlier publish left on their version may still be moved. */
const Behind = ({ view, definition }: { view: PublishView; definition: Definition }) => (
  <form class="stack" method="post" action={`/workflows/${view.workflow}/publish/tasks`}>
    <p>
      {view.total === 1 ? 'One task is' : `${view.total} tasks are`} still on an older version and can be moved to
      version {view.live} now.
    </p>
    <Flights view={view} definition={definition} />
    <div class="form-actions">
      <Button icon="send">{`Move them to version ${view.live}`}</Button>
    </div>
  </form>
)

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
