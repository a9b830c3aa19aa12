/** A step's routes tried on an output: which handoff takes it, and for each what its condition read and came to. */
import type { TriedHandoff } from '../../../domain/task/run/outcome.ts'
import { type Definition, stepOf } from '../../../domain/workflow/definition.ts'
import { COMPLETE, stepName } from '../../../domain/workflow/parts.ts'
import { Button } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { TraceTable } from '../../../task/views/acts/route-view.tsx'

export interface TrialView {
  /** null: on sample values. */
  task: { id: string; title: string } | null
  /** The visits of the step that this task made, and the one that was tried. */
  visits: number[]
  visit: number | null
  outcome: string
  /** The output that was tried, as JSON. */
  output: string
  /** Every handoff by itself. */
  trace: TriedHandoff[]
  /** The place of the one that is taken. */
  taken: number | null
  problem: string | null
  definition: Definition
  /** Where another visit is asked for. */
  action: string
}

/** How a try is asked for: the whole form of handoffs goes along, and the answer stands below it. */
export const TRY = { 'hx-include': '#handoffs', 'hx-target': '#trial', 'hx-swap': 'innerHTML' } as const

export const Trial = ({ trial }: { trial: TrialView }) => {
  const { task, visits, visit, outcome, output, trace, taken, definition, action } = trial
  if (trial.problem !== null) return <ErrorNotice>{trial.problem}</ErrorNotice>
  return (
    <div class="stack-tight">
      <p hx-ignore>
        {task ? <a href={`/tasks/${task.id}`}>{task.title}</a> : 'Sample values'}
        {visit !== null && `, visit ${visit}`}, outcome “{outcome}”:{' '}
        <strong>
          {taken === null
            ? 'no route takes it; the task would be stuck'
            : `goes to ${target(trace[taken]!, definition)}`}
        </strong>
      </p>
      {visits.length > 1 && (
        <p class="row small">
          Its visits here:
          {visits.map(n => (
            <Button
              size="small"
              look={n === visit ? 'plain' : 'quiet'}
              name="visit"
              value={String(n)}
              aria-pressed={n === visit ? 'true' : 'false'}
              formaction={`${action}#try`}
              formnovalidate
              {...TRY}
              hx-post={action}
            >
              {n}
            </Button>
          ))}
        </p>
      )}
      <details class="explain">
        <summary>The output that was tried</summary>
        <pre class="code" tabindex={0} hx-ignore>
          {output}
        </pre>
      </details>
      <TraceTable trace={trace} definition={definition} taken={taken} />
    </div>
  )
}

function target({ to }: TriedHandoff, definition: Definition): string {
  const step = stepOf(definition, to)
  return to === COMPLETE ? 'the end' : step ? stepName(step) : to
}
