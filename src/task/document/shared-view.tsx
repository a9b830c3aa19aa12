/** A task as its shared page shows it: the document that was chosen, and nothing else. */
import type { TaskDocument } from '../../domain/task/told/document/document.ts'
import type { DocumentChoice } from '../../domain/task/told/document/telling.ts'
import { StatusPill } from '../../http/components/badge.tsx'
import { Money } from '../../http/components/value/money.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { Value } from '../../http/components/value/value.tsx'

type Step = TaskDocument['steps'][number]

/** What a shared page tells: never the log, and nobody by name. */
export function sharedChoice(share: { detail: DocumentChoice['detail']; inputs: 0 | 1 }): DocumentChoice {
  return { detail: share.detail, inputs: share.inputs === 1, log: false, people: false }
}

export const SharedTask = ({ document }: { document: TaskDocument }) => {
  const { title, status, step, createdAt, finishedAt, steps, result, input, comments = [], files } = document
  return (
    <article class="stack" id="shared" hx-ignore>
      <header class="stack-tight">
        <h1>
          <bdi>{title}</bdi>
        </h1>
        <p class="row">
          <StatusPill status={status} />
          {step !== null && <span>at {step}</span>}
          <span>
            Started <Time at={createdAt} />
          </span>
          {finishedAt !== null && (
            <span>
              Ended <Time at={finishedAt} />
            </span>
          )}
        </p>
      </header>
      {input !== undefined && (
        <section class="stack-tight">
          <h2>What came in</h2>
          <Value value={input} />
          {files.length > 0 && (
            <ul>
              {files.map(file => (
                <li>{file.name}</li>
              ))}
            </ul>
          )}
        </section>
      )}
      <section class="stack-tight">
        <h2>Steps</h2>
        {steps.map(each => (
          <StepOf step={each} />
        ))}
      </section>
      {comments.length > 0 && (
        <section class="stack-tight">
          <h2>Comments</h2>
          {comments.map(({ at, by, text }) => (
            <p>
              {by}, <Time at={at} />: {text}
            </p>
          ))}
        </section>
      )}
      {result !== null && (
        <section class="stack-tight">
          <h2>Result</h2>
          <Value value={result} />
        </section>
      )}
    </article>
  )
}

const StepOf = ({ step }: { step: Step }) => (
  <section class="panel stack-tight">
    <h3>
      {step.visit}. {step.step}
    </h3>
    <p class="secondary small">
      <Time at={step.from} />
      {step.outcome !== null && ` · ${step.outcome}`}
      {step.next !== null && ` · then ${step.next}`}
      {step.models.length > 0 && (
        <>
          {' · '}
          <Money usd={step.cost} />
        </>
      )}
    </p>
    {step.decisions.map(({ handoff, by, at, note, undone }) => (
      <p>
        <strong>{handoff}</strong> by {by}, <Time at={at} />
        {undone && ', taken back'}
        {note !== undefined && `: ${note}`}
      </p>
    ))}
    {step.reasoning !== undefined && step.reasoning !== '' && <p>{step.reasoning}</p>}
    {step.output !== undefined && <Value value={step.output} />}
  </section>
)

export const ShareEnded = () => (
  <section class="stack">
    <h1>There is nothing to see here any more</h1>
    <p>This link has ended or was taken back. Ask whoever sent it to you for another.</p>
  </section>
)

export const ShareForged = () => (
  <section class="stack">
    <h1>This link is not valid</h1>
    <p>Check that you copied all of it.</p>
  </section>
)
