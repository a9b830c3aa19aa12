/** The board of a workflow that is not published yet: says what to do next, and leads there. */
import { ButtonLink } from '../http/components/button.tsx'
import { EmptyState } from '../http/components/feedback.tsx'
import { WorkflowBadge } from '../workflow/badge.tsx'
import type { WorkflowView } from './board-view.ts'

export const DraftBoard = ({ workflow, steps, canAct }: { workflow: WorkflowView; steps: number; canAct: boolean }) => {
  const at = `/workflows/${workflow.id}`
  return (
    <>
      <div class="page-head">
        <div>
          <div class="row">
            <h1 hx-ignore>{workflow.name}</h1>
            <WorkflowBadge status={workflow.status} />
          </div>
          {workflow.description && <p hx-ignore>{workflow.description}</p>}
        </div>
      </div>
      {steps === 0 ? (
        <EmptyState icon="columns" title="This board has no steps yet">
          <p>Each step becomes a column; tasks travel through them from left to right.</p>
          {canAct && (
            <ButtonLink href={`${at}/edit`} icon="plus" look="primary">
              Add the first step
            </ButtonLink>
          )}
        </EmptyState>
      ) : (
        <EmptyState
          icon="columns"
          title={`${steps === 1 ? 'One step' : `${steps} steps`} in the draft, nothing published`}
        >
          <p>{nextOf(workflow.status, canAct)}</p>
          {canAct ? (
            <div class="row">
              {workflow.status === 'archived' ? (
                <ButtonLink href={`${at}/manage`} icon="undo" look="primary">
                  Restore it…
                </ButtonLink>
              ) : (
                <ButtonLink href={`${at}/publish`} icon="send" look="primary">
                  Publish…
                </ButtonLink>
              )}
              <ButtonLink href={`${at}/edit`} icon="edit">
                Edit the steps
              </ButtonLink>
            </div>
          ) : (
            <ButtonLink href={`${at}/docs`} icon="file">
              Read what it does
            </ButtonLink>
          )}
        </EmptyState>
      )}
    </>
  )
}

function nextOf(status: WorkflowView['status'], canAct: boolean): string {
  if (status === 'archived') return 'It is archived, and takes no tasks until it is restored and published.'
  return canAct ? 'Publish it, and the board takes tasks.' : 'Once it is published, the board takes tasks.'
}
