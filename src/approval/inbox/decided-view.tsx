/** What people decided, as the inbox lists it: who, what, when, with the note, and a way to the task. */

import { factsIn } from '../../domain/proof/link.ts'
import type { Actor } from '../../domain/task/events.ts'
import { buttonName } from '../../domain/workflow/consequence.ts'
import { EmptyState } from '../../http/components/feedback.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { actorName } from '../../http/names.ts'
import type { DecidedRow } from '../../records/task/approvals.ts'

export const DecidedList = ({ decided, now, next }: { decided: DecidedRow[]; now: number; next: string | null }) =>
  decided.length === 0 ? (
    <EmptyState icon="inbox" title={next === null ? 'Nothing that was decided fits' : 'Nothing recent fits'}>
      <p>{next === null ? 'What people decide in a task is listed here.' : 'Look further back.'}</p>
    </EmptyState>
  ) : (
    <ul class="inbox">
      {decided.map(row => (
        <Decision row={row} now={now} />
      ))}
    </ul>
  )

const Decision = ({ row, now }: { row: DecidedRow; now: number }) => {
  const { handoff, note, counted, needs } = decisionIn(row.facts)
  return (
    <li class="inbox-item" data-card={row.task}>
      <h2>
        <a href={`/tasks/${row.task}?tab=log&seq=${row.seq}`}>
          <bdi hx-ignore>{row.title}</bdi>
        </a>
      </h2>
      <span class="number secondary">
        <Time at={row.at} now={now} />
      </span>
      <p class="approval-meta" hx-ignore>
        <strong>
          {actorName(JSON.parse(row.actor) as Actor)}: {buttonName(handoff)}
        </strong>
        <span>{row.stepName}</span>
        <span>{row.workflowName}</span>
        {needs > 1 && (
          <span>
            {counted} of {needs} approvals
          </span>
        )}
        {note !== null && <q>{note}</q>}
        {row.undone !== null && <span>undone by {actorName(JSON.parse(row.undone) as Actor)}</span>}
      </p>
    </li>
  )
}

interface Facts {
  handoff: string
  note: string | null
  counted: number
  needs: number
}

/** The decision among the facts of its row in the audit. */
function decisionIn(facts: string): Facts {
  const found = factsIn<Partial<Facts> & { type: string }>(facts).find(({ type }) => type === 'decided')
  return {
    handoff: found?.handoff ?? '',
    note: found?.note ?? null,
    counted: found?.counted ?? 1,
    needs: found?.needs ?? 1,
  }
}
