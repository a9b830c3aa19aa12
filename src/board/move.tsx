/** Asks where a task is to go. */
import { Button } from '../http/components/button.tsx'

export interface MoveTarget {
  key: string
  name: string
  number: number
}

/** Asks where a task is to go; board.js fills in which. Its form is also a page of its own, for no script. */
export const MoveDialog = ({ steps, back }: { steps: MoveTarget[]; back: string }) => (
  <dialog class="dialog" id="move-dialog" aria-labelledby="move-title">
    <div class="dialog-head">
      <h2 id="move-title">Move to…</h2>
      <form method="dialog">
        <Button look="quiet" size="small" icon="close" label="Close" />
      </form>
    </div>
    <MoveForm steps={steps} back={back} />
  </dialog>
)

export const MoveForm = (props: {
  steps: MoveTarget[]
  back: string
  task?: { id: string; visit: number; step: string | null }
}) => (
  <form
    class="move-form"
    id="move-form"
    method="post"
    action={props.task ? `/tasks/${props.task.id}/move` : undefined}
    data-move-form
  >
    <input type="hidden" name="visit" value={props.task?.visit ?? ''} />
    <input type="hidden" name="back" value={props.back} />
    {props.steps.map(step => (
      <button class="menu-item" type="submit" name="step" value={step.key}>
        <span class="column-number">{step.number}</span>
        <span hx-ignore>{step.name}</span>
        {props.task?.step === step.key && <span class="secondary small">is here now: begins anew</span>}
      </button>
    ))}
    <p class="menu-note">The task begins a new visit of the step; a prompt or an agent there is paid for again.</p>
  </form>
)
