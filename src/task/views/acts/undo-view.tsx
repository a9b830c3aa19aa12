/** Taking decisions back from the task's page, while nothing has come of them. */
import { questionName } from '../../../domain/workflow/consequence.ts'
import { Button } from '../../../http/components/button.tsx'
import { Left } from '../../../http/components/value/time.tsx'
import type { TaskPage } from '../task-page.ts'

/** Each decision that can be taken back, for whoever made it and for owners. */
export const UndoForms = ({ task: { view, viewer, isOwner } }: { task: TaskPage }) => (
  <>
    {(view.undo ?? [])
      .filter(({ by }) => isOwner || (by.kind !== 'system' && by.id.toLowerCase() === viewer))
      .map(({ run, name, until }) => (
        <form class="row" method="post" action={`/approvals/${view.id}`}>
          <input type="hidden" name="undo" value="1" />
          <input type="hidden" name="from" value="task" />
          <input type="hidden" name="visit" value={String(view.visit)} />
          <input type="hidden" name="run" value={String(run)} />
          <Button look="primary">{questionName('Undo the decision', name)}</Button>
          <span class="secondary">
            <Left until={Date.parse(until)} /> left
          </span>
        </form>
      ))}
  </>
)
