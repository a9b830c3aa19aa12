/** Questions of one step under each other, each with what it is about and a box to tick; the choices are for all that are ticked. */
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { buttonName } from '../../domain/workflow/consequence.ts'
import { EmptyState, ErrorNotice } from '../../http/components/feedback.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { Value } from '../../http/components/value/value.tsx'
import type { WaitingRow } from '../../records/task/approvals.ts'
import { placeText } from './asked.ts'

/** A question of the step, as it is now. */
export interface Alike {
  row: WaitingRow
  ask: StoryAsk
}

interface Props {
  alike: Alike[]
  /** The choices that can be taken for all of them. */
  labels: string[]
  problem?: string
  now: number
}

export const Together = ({ alike, labels, problem, now }: Props) => {
  const [first] = alike
  if (first === undefined) {
    return (
      <EmptyState icon="inbox" title="Nothing is left to decide together">
        <p>What waited here was decided, or is asked of somebody else now.</p>
        <a class="button" href="/approvals">
          Back to your approvals
        </a>
      </EmptyState>
    )
  }
  const { workflow, stepName, workflowName } = first.row
  return (
    <form class="approval" method="post" action="/approvals/together">
      <button type="submit" disabled hidden />
      <input type="hidden" name="workflow" value={workflow} />
      <input type="hidden" name="step" value={first.ask.step} />
      <input type="hidden" name="name" value={first.ask.name ?? ''} />
      <header class="stack-tight">
        <h1 class="approval-ask">
          {alike.length} of “{stepName}”
        </h1>
        <p class="approval-meta">
          <span>{workflowName}</span>
          <a href="/approvals">Back to your approvals</a>
        </p>
      </header>
      {problem !== undefined && <ErrorNotice>{problem}</ErrorNotice>}
      {alike.map(each => (
        <One {...each} now={now} />
      ))}
      <div class="field">
        <label class="field-label" for="field-note">
          Note<span class="field-optional"> (optional)</span>
        </label>
        <textarea class="input" id="field-note" name="note" rows={2} maxlength={5000} />
        <p class="field-hint">
          Kept with each decision. What needs a reason, or fields to be filled in, is decided one by one.
        </p>
      </div>
      <div class={labels.length > 3 ? 'approval-actions is-many' : 'approval-actions'}>
        {labels.map(label => (
          <button class="choice" type="submit" name="handoff" value={label}>
            <strong>{buttonName(label)}</strong>
            <span>for all that are ticked</span>
          </button>
        ))}
        {labels.length === 0 && <p>Each of these choices needs a reason or its fields: decide them one by one.</p>}
      </div>
    </form>
  )
}

const One = ({ row, ask, now }: Alike & { now: number }) => {
  const place = placeText({ task: row.task, visit: ask.visit, run: ask.run })
  return (
    <article class="panel stack-tight" aria-label={row.title}>
      <label class="check">
        <input type="checkbox" name="pick" value={`${place}:${ask.digest}`} />
        <strong>
          <bdi hx-ignore>{row.title}</bdi>
        </strong>
      </label>
      <p class="approval-meta">
        <span>
          waits since <Time at={row.since} now={now} />
        </span>
        <a href={`/approvals/${row.task}?visit=${ask.visit}&run=${ask.run}`}>Look at it alone</a>
      </p>
      {ask.instructions !== '' && <Value value={ask.instructions} />}
      {ask.artefact !== null && (
        <div class="approval-sheet" hx-ignore>
          <Value value={ask.artefact.output} />
        </div>
      )}
    </article>
  )
}
