/** The form that adds a step: its name and who does it are all that it needs to run; everything else has a default. */
import { KINDS } from '../../../domain/handler/registry.ts'
import type { Definition, Step } from '../../../domain/workflow/definition.ts'
import { Button } from '../../../http/components/button.tsx'
import { Icon } from '../../../http/components/icon.tsx'
import { pagesFor } from '../handlers/registry.ts'

export interface AddStepView {
  workflow: string
  revision: string
  definition: Definition
  agents: string[]
}

/** On a step that leads nowhere: what comes next, or that nothing does. */
export const AddNext = ({ view, step }: { view: AddStepView; step: Step }) => (
  <details class="edit-next">
    <summary class="column-next">
      <Icon name="plus" size={14} />
      Add next step
    </summary>
    <div class="stack-tight">
      <AddStep view={view} from={step.key} />
      <form method="post" action={`/workflows/${view.workflow}/edit/finish`}>
        <input type="hidden" name="revision" value={view.revision} />
        <input type="hidden" name="step" value={step.key} />
        <Button size="small" icon="done" wide>
          Tasks are complete here
        </Button>
      </form>
    </div>
  </details>
)

export const AddStep = ({ view, from, primary }: { view: AddStepView; from?: string; primary?: boolean }) => {
  const id = from ?? 'new'
  return (
    <form class="stack-tight" method="post" action={`/workflows/${view.workflow}/edit/steps`}>
      <input type="hidden" name="revision" value={view.revision} />
      {from !== undefined && <input type="hidden" name="from" value={from} />}
      <div class="field">
        <label class="field-label" for={`name-of-${id}`}>
          What happens in it?
        </label>
        <input class="input" id={`name-of-${id}`} name="name" maxlength={120} required placeholder="Draft the mail" />
      </div>
      <div class="field">
        <label class="field-label" for={`kind-of-${id}`}>
          Who does it?
        </label>
        <select class="input" id={`kind-of-${id}`} name="kind">
          {KINDS.flatMap(kind => pagesFor(kind).offers({ agents: view.agents, from })).map(({ value, label }) => (
            <option value={value}>{label}</option>
          ))}
        </select>
      </div>
      <Button icon="plus" size={primary ? 'normal' : 'small'} look={primary ? 'primary' : 'plain'}>
        {primary ? 'Add the first step' : from === undefined ? 'Add step' : 'Add next step'}
      </Button>
    </form>
  )
}
