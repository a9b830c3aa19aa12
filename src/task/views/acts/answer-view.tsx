/** "Did it happen?" on a task's page: what was called, and the three answers of those who are asked. */
import type { StoryAsk } from '../../../domain/task/told/story.ts'
import { choicesOf } from '../../../domain/workflow/consequence.ts'
import { Button } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { TextArea } from '../../../http/components/field.tsx'
import { SentCall } from '../../../http/components/value/sent-call.tsx'
import { Time } from '../../../http/components/value/time.tsx'
import { Fold } from '../parts.tsx'
import type { TaskPage } from '../task-page.ts'
import { PostForm } from './command-view.tsx'

/** One question about a lost answer; the key `a` focuses its first button. */
export const AnswerForm = ({ task, ask }: { task: TaskPage; ask: StoryAsk }) => {
  const { call } = ask
  const isTyped = task.doing === 'answer'
  const mistake = isTyped ? task.mistake : null
  const choices = choicesOf(task.definition, { ...ask, given: 0 })
  return (
    <section class="stack-tight" aria-label="Did it happen?" id={`ask-${ask.visit}-${ask.run}`}>
      {call?.at != null && (
        <p class="small">
          Called <Time at={call.at} now={task.now} />:
        </p>
      )}
      {call !== undefined && <SentCall args={call.args} />}
      {mistake !== null && mistake.field !== 'output' && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <PostForm task={task} command="answer" stacked>
        <input type="hidden" name="run" value={String(ask.run)} />
        <input type="hidden" name="seen" value={ask.digest} />
        <div class="row">
          {choices.map((choice, index) => (
            <Button
              name="handoff"
              value={choice.label}
              title={choice.consequence.replace('→ ', '')}
              {...(index === 0 ? { 'data-key': 'a', 'data-key-focus': '' } : {})}
            >
              {choice.name}
            </Button>
          ))}
        </div>
        <ul class="secondary small" hx-ignore>
          {choices.map(choice => (
            <li>
              {choice.name} {choice.consequence}
            </li>
          ))}
        </ul>
        <Fold title="If it happened: what it answered (optional)" open={mistake?.field === 'output'}>
          <TextArea
            label="What it answered"
            name="output"
            id={`field-output-${ask.run}`}
            code
            rows={4}
            spellcheck={false}
            value={isTyped ? task.typed('output') : undefined}
            error={mistake?.field === 'output' ? mistake.message : undefined}
            hint="JSON or text, as the service would have sent it. Left empty, it counts as done without an answer."
          />
        </Fold>
      </PostForm>
    </section>
  )
}
