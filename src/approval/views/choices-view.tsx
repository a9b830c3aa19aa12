/** The end of a question's page: by when, by how many and until when it is decided, and the buttons. */
import type { Choice } from '../../domain/workflow/consequence.ts'
import { duration, Time } from '../../http/components/value/time.tsx'
import type { Question } from '../question/question.ts'

/** Due time, stage, approvals so far, and the link's end. */
export const Terms = ({ question, expires, now }: { question: Question; expires: number | null; now: number }) => (
  <p class="approval-meta">
    {question.due !== null && (
      <span>
        {question.due < now ? 'Overdue since ' : 'Due '}
        <Time at={question.due} now={now} />
      </span>
    )}
    {question.stage !== null && (
      <span>
        Stage {question.stage.n} of {question.stage.of}
        {question.stage.name !== null && `: ${question.stage.name}`}
      </span>
    )}
    {question.undo !== null && <span>Can be undone for {duration(question.undo)}</span>}
    {question.needs > 1 && (
      <span>
        {question.given} of {question.needs} approvals so far
      </span>
    )}
    {expires !== null && (
      <span>
        This link ends <Time at={expires} now={now} />
      </span>
    )}
  </p>
)

/** The key `a` goes to the one that approves; where none does, to the first. */
export const Choices = ({ question: { choices } }: { question: Question }) => {
  const first = choices.find(choice => choice.primary) ?? choices[0]
  // What needs no fields is not held up by an empty one.
  const fills = choices.some(choice => choice.fills)
  return (
    <>
      {choices.map(choice => (
        <ChoiceButton choice={choice} keyed={choice === first} novalidate={fills && !choice.fills} />
      ))}
    </>
  )
}

const ChoiceButton = ({ choice, keyed, novalidate }: { choice: Choice; keyed: boolean; novalidate: boolean }) => (
  <button
    class={choice.primary ? 'choice choice--primary' : 'choice'}
    type="submit"
    name="handoff"
    value={choice.label}
    formnovalidate={novalidate}
    data-key={keyed ? 'a' : undefined}
    data-key-focus={keyed ? '' : undefined}
  >
    <strong>{choice.name}</strong>
    <span>
      {choice.consequence}
      {choice.reason ? '; needs a note' : ''}
      {choice.fills ? '; needs the fields above' : ''}
    </span>
  </button>
)
