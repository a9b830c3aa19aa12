/** The other questions that a task asks at the same time, beside the one that is shown. */
import type { Story, StoryAsk } from '../../domain/task/told/story.ts'
import { questionName } from '../../domain/workflow/consequence.ts'
import { stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'

export const OtherQuestions = ({ story, shown }: { story: Story; shown: StoryAsk | undefined }) => {
  const others = story.asks.filter(ask => ask !== shown)
  if (others.length === 0) return null
  return (
    <nav class="approval-meta" aria-label="Other questions of this task" hx-ignore>
      <span>Asked besides:</span>
      {others.map(ask => (
        <a href={`/approvals/${story.view.id}?visit=${ask.visit}&run=${ask.run}`}>{nameOf(story, ask)}</a>
      ))}
    </nav>
  )
}

function nameOf({ definition }: Story, ask: StoryAsk): string {
  const step = stepOf(definition, ask.step)
  return questionName(step === undefined ? ask.step : stepName(step), ask.name)
}
