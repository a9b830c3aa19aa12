/** The button by which an answer that people approved as it was drafted is offered to the team's knowledge. */
import { chooserOf } from '../../../domain/handler/of-step.ts'
import { type Definition, stepOf } from '../../../domain/workflow/definition.ts'
import { Button } from '../../../http/components/button.tsx'
import type { AskStory } from '../../page/visit-story.ts'

/** Whether people approved there what a model drafted, and changed nothing. Whether anything was changed before is asked when it is offered. */
export function isApproved({ ask, votes, edits }: AskStory, definition: Definition): boolean {
  const last = votes.at(-1)
  if (ask.kind !== 'decide' || ask.artefact === null || edits.length > 0 || last === undefined) return false
  if (last.handoff !== ask.approve || last.undone !== null || last.by.kind === 'system') return false
  const step = stepOf(definition, ask.artefact.step)
  return step !== undefined && chooserOf(step) === 'model'
}

export const Keep = ({ task, visit, run }: { task: string; visit: number; run: number }) => (
  <form method="post" action={`/tasks/${task}/keep`}>
    <input type="hidden" name="visit" value={visit} />
    <input type="hidden" name="run" value={run} />
    <Button look="quiet" icon="file">
      Offer as knowledge
    </Button>
  </form>
)
