/** A question about a call: may it be made, what is the answer, did it happen. What is called stands there exactly. */
import type { JsonSchema } from '../../domain/json/json.ts'
import { Notice } from '../../http/components/feedback.tsx'
import { SentCall } from '../../http/components/value/sent-call.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { Value } from '../../http/components/value/value.tsx'
import type { FormProblem } from '../question/decision.ts'
import type { Question } from '../question/question.ts'
import { EditFields } from './edit-view.tsx'

interface Props {
  question: Question
  problem?: FormProblem
  now: number
  /** Whoever only looks is asked for nothing. */
  barred?: string
}

export const CallSubject = (props: Props) => {
  switch (props.question.kind) {
    case 'question':
      return <Value value={props.question.instructions} />
    case 'call':
      return <MayBeCalled {...props} />
    default:
      return <DidItHappen {...props} />
  }
}

const MayBeCalled = ({ question, problem, barred }: Props) => {
  const { call, edit, instructions, stepName } = question
  const error = problem?.field === 'edits' ? problem.message : undefined
  return (
    <>
      <p hx-ignore>
        “{stepName}” wants to call <strong>{call!.name}</strong> with this. Nothing has been called yet.
      </p>
      <section aria-label="What it is called with" class="stack-tight">
        <div class="approval-sheet">
          <SentCall args={call!.args} />
        </div>
        <p class="approval-meta" hx-ignore>
          Why you are asked: {instructions}
        </p>
      </section>
      {edit !== null && !barred && (
        <details open={error !== undefined} class="no-print">
          <summary>Change it before you allow it</summary>
          <EditFields form={edit} error={error} hint="It is called with exactly what stands here, if you allow it." />
        </details>
      )}
    </>
  )
}

const DidItHappen = ({ question, problem, now, barred }: Props) => {
  const { call, output, stepName } = question
  const error = problem?.field === 'edits' ? problem.message : undefined
  return (
    <>
      <Notice state="stuck">
        <p hx-ignore>
          “{stepName}” called <strong>{call!.name}</strong>
          {call!.at !== null && (
            <>
              {' '}
              <Time at={call!.at} now={now} />
            </>
          )}
          , and the answer was lost. Baton does not make it twice unseen: look where it would have left a trace, then
          say whether it happened.
        </p>
      </Notice>
      <section aria-label="What was called" class="stack-tight">
        <div class="approval-sheet">
          <SentCall args={call!.args} />
        </div>
        {call!.at !== null && (
          <p class="approval-meta">
            <span>called {new Date(call!.at).toISOString().slice(0, 19).replace('T', ' ')} UTC</span>
          </p>
        )}
      </section>
      {output !== null && !barred && <Output output={output} error={error} />}
    </>
  )
}

const Output = ({ output, error }: { output: NonNullable<Question['output']>; error?: string }) => (
  <details open={error !== undefined || output.value !== ''} class="no-print">
    <summary>If it happened: what it answered (optional)</summary>
    <div class="field">
      <label class="field-label" for="field-output">
        What it answered
      </label>
      <textarea
        class="input input--code"
        id="field-output"
        name="output"
        rows={4}
        spellcheck={false}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={error === undefined ? 'field-output-hint' : 'field-output-error'}
      >
        {`\n${output.value}`}
      </textarea>
      {error !== undefined && (
        <p class="field-error" id="field-output-error" role="alert">
          {error}
        </p>
      )}
      <p class="field-hint" id="field-output-hint" hx-ignore>
        JSON or text, as the service would have sent it; later steps read it. {expectedText(output.schema)} Left empty,
        it counts as done without an answer.
      </p>
    </div>
  </details>
)

/** What the output schema asks for, in a few words. */
function expectedText(schema: JsonSchema | null): string {
  const { properties, required } = (schema ?? {}) as { properties?: object; required?: string[] }
  const names = required ?? Object.keys(properties ?? {})
  return names.length === 0 ? '' : `It should hold ${names.join(', ')}.`
}
