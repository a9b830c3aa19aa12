/** One step's own page in the editor: what it is configured with, its text on a real task, and where it routes to. */
import { isDeadEnd } from '../../../domain/workflow/lint/handoffs.ts'
import { stepName } from '../../../domain/workflow/parts.ts'
import { Findings, findingsOf } from '../findings.tsx'
import { CallPanels } from '../try/call-view.tsx'
import { PreviewPanel } from '../try/preview-view.tsx'
import { AddNext } from './add-step.tsx'
import { HandoffsForm } from './handoffs-view.tsx'
import type { StepView } from './step.ts'
import { StepForm } from './step-form-view.tsx'

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
        <div class="stack">
          <PreviewPanel view={view} />
          <CallPanels view={view} />
          {isDeadEnd(view.step) && (
            <section class="panel stack-tight">
              <h3>What comes next?</h3>
              <AddNext view={view} step={view.step} />
            </section>
          )}
          <HandoffsForm view={view} />
        </div>
      </div>
    </div>
  )
}

const RewriteNote = () => (
  <p class="secondary small">
    Saving here rewrites the YAML where it changes; comments elsewhere are kept, those beside what you change may be
    lost.
  </p>
)
