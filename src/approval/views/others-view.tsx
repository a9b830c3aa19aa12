/** Ways on from a question: to the others that its task asks, to the task, to other people. */
import type { Story, StoryAsk } from '../../domain/task/told/story.ts'
import { questionName } from '../../domain/workflow/consequence.ts'
import { stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { Button, CopyButton } from '../../http/components/button.tsx'

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

interface LinksProps {
  task: string
  ask: StoryAsk | undefined
  /** Whether the reader may ask somebody else. */
  canAct: boolean
  /** The address of the question, to be passed on to somebody of the team; null: not shown. */
  address: string | null
}

/** What a reader with an account may do besides deciding. It stands in the question's form, whose visit and run it sends. */
export const QuestionLinks = ({ task, ask, canAct, address }: LinksProps) => (
  <p class="row no-print">
    <a href={`/tasks/${task}`}>Look at the task</a>
    {ask !== undefined && canAct && <a href={`/tasks/${task}?do=assign&run=${ask.run}`}>Ask somebody else</a>}
    {ask !== undefined && address !== null && <CopyButton text={address}>Copy the link</CopyButton>}
    {ask !== undefined && canAct && (
      <Button look="quiet" size="small" icon="mail" formaction={`/approvals/${task}/resend`} formnovalidate>
        Mail it again
      </Button>
    )}
  </p>
)
