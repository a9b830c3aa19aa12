/** What can be done with a question beside deciding it: have somebody else asked, or say something. In the question's own form. */
import { TextArea, TextField } from '../../http/components/field.tsx'
import type { Choosable } from '../../records/people/choosable.ts'
import type { FormProblem } from '../question/decision.ts'

interface Props {
  /** Members to choose from; none for whoever has only a link. */
  people: Choosable[]
  problem?: FormProblem
  typed(name: string): string | null
}

export const Besides = ({ people, problem, typed }: Props) => {
  const wrong = (field: FormProblem['field']) => (problem?.field === field ? problem.message : undefined)
  const again = (field: FormProblem['field'], name: string) =>
    wrong(field) === undefined ? undefined : (typed(name) ?? undefined)
  return (
    <details class="explain" open={wrong('to') !== undefined || wrong('comment') !== undefined}>
      <summary>Pass it on, or say something</summary>
      <div class="form">
        <TextField
          label="Somebody else of the team decides"
          name="to"
          value={again('to', 'to')}
          error={wrong('to')}
          list={people.length > 0 ? 'question-people' : undefined}
          autocomplete="off"
          hint={
            <>
              A mail address. They are asked in your place, and it is on record that you passed it on.
              <datalist id="question-people">
                {people.map(({ email, away }) => (
                  <option value={email} label={away ? `${email} (away)` : undefined} />
                ))}
              </datalist>
            </>
          }
        />
        <button class="button" type="submit" name="pass" value="1" formnovalidate>
          Pass it on
        </button>
        <TextArea
          label="Comment"
          name="comment"
          rows={2}
          maxlength={4000}
          value={again('comment', 'comment')}
          error={wrong('comment')}
          hint="It stands in the task’s timeline and decides nothing. Name members with @: they are told."
        />
        <button class="button" type="submit" name="say" value="1" formnovalidate>
          Comment
        </button>
      </div>
    </details>
  )
}
