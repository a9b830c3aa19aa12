/** Comments: those in the timeline, and the form for one more, which works without a script. */
import { Button } from '../../../http/components/button.tsx'
import { Select, TextArea } from '../../../http/components/field.tsx'
import { Time } from '../../../http/components/value/time.tsx'
import { actorName } from '../../../http/names.ts'
import { PlainText } from '../../../http/page/markdown.tsx'
import type { CommentStory } from '../../page/visit-story.ts'
import type { TaskPage } from '../task-page.ts'

export const Comment = ({ comment, now }: { comment: CommentStory; now: number }) => (
  <div class="stack-tight">
    <p hx-ignore>
      <strong>{actorName(comment.by)}</strong> commented
      {comment.to.length > 0 && ` for ${comment.to.join(', ')}`} <Time at={comment.at} now={now} />
    </p>
    <PlainText text={comment.text} />
  </div>
)

/** Members are named with @ in the text, or chosen. */
export const CommentForm = ({ task }: { task: TaskPage }) => (
  <form class="form" method="post" action={`/tasks/${task.view.id}/comment`} id="comment">
    <TextArea
      label="Comment"
      name="text"
      rows={3}
      maxlength={4000}
      required
      hint="Name members with @, such as @ana: they are told once. Nothing is decided by it."
    />
    <Select
      label="Also tell"
      name="tell"
      options={[
        { value: '', label: 'Nobody else' },
        ...task.members.map(({ email, away }) => ({ value: email, label: away ? `${email} (away)` : email })),
      ]}
    />
    <div class="form-actions">
      <Button>Comment</Button>
    </div>
  </form>
)
