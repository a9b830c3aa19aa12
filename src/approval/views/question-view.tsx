/** A question to a person, as the signed link and the inbox show it: what it is about, what led to it, and the choices. */
import type { Child } from 'hono/jsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { FileList, type ShownFile } from '../../http/components/file-list.tsx'
import { Money } from '../../http/components/value/money.tsx'
import { duration, Time } from '../../http/components/value/time.tsx'
import { Value } from '../../http/components/value/value.tsx'
import { actorName } from '../../http/names.ts'
import { PlainText } from '../../http/page/markdown.tsx'
import type { Choosable } from '../../records/people/choosable.ts'
import type { FormProblem } from '../question/decision.ts'
import { textOf } from '../question/differences.ts'
import type { Question } from '../question/question.ts'
import { AddFiles } from './add-files-view.tsx'
import { Besides } from './besides-view.tsx'
import { CallSubject } from './call-question-view.tsx'
import { Choices, Terms } from './choices-view.tsx'
import { Differences } from './differences-view.tsx'
import { EditFields } from './edit-view.tsx'
import { FillView } from './fill-view.tsx'
import { PastVisits } from './past-view.tsx'
import { ProofView } from './proof-view.tsx'

export interface QuestionProps {
  question: Question
  /** Where the form goes. */
  action: string
  /** When the link ends; null: behind a session. */
  expires: number | null
  now: number
  /** The task's files. */
  files: ShownFile[]
  /** What was wrong with the form that was sent. */
  problem?: FormProblem
  /** What was typed into the note before. */
  note?: string
  /** An edit that was made to content which has changed since; it is given back, not taken over. */
  unusedEdit?: string | null
  /** Why this reader only looks. */
  barred?: string
  /** What a high-risk question needs besides its link. */
  proof?: { signedIn: boolean }
  /** Members of the team to choose from; none for whoever has only a link. */
  people: Choosable[]
  /** Files may be added; `lost`: some were sent and not kept. null: there is no storage for them. */
  adding: { lost: boolean } | null
  /** What was typed into the form before. */
  typed(name: string): string | null
  /** Ways on from here, where the reader has an account. */
  links?: Child
  /** Fields that the form carries besides. */
  children?: Child
}

/** The whole question in one plain form: it works without a script. */
export const QuestionView = (props: QuestionProps) => {
  const { question, action, problem, note, now } = props
  return (
    <form class="approval" method="post" action={action} enctype="multipart/form-data">
      {/* Enter in a field presses a form's first button: this one, which is disabled and so does nothing. */}
      <button type="submit" disabled hidden />
      <input type="hidden" name="seen" value={question.digest} />
      <input type="hidden" name="visit" value={String(question.visit)} />
      <input type="hidden" name="run" value={String(question.run)} />
      {props.children}
      <Heading question={question} now={now} />
      {/* Where files are added lies far below, in a fold. */}
      {(problem?.field === 'handoff' || problem?.field === 'files') && <ErrorNotice>{problem.message}</ErrorNotice>}
      <Changed {...props} />
      {question.call === null ? <Subject question={question} now={now} /> : <CallSubject {...props} />}
      <FileList files={props.files} />
      <Folds {...props} />
      {!props.barred && question.form !== null && (
        <FillView
          form={question.form}
          needed={question.choices.filter(each => each.fills).map(each => each.name)}
          now={now}
        />
      )}
      {!props.barred && question.kind !== 'outcome' && <Note question={question} note={note} problem={problem} />}
      {!props.barred && props.adding !== null && question.call === null && (
        <AddFiles lost={props.adding.lost || problem?.field === 'files'} />
      )}
      {!props.barred && props.proof !== undefined && (
        <ProofView
          {...props.proof}
          path={`/approvals/${question.task.id}`}
          error={problem?.field === 'code' ? problem.message : undefined}
        />
      )}
      <Terms {...props} />
      {!props.barred && <Besides {...props} />}
      {props.links}
      <div class={question.choices.length > 3 ? 'approval-actions is-many' : 'approval-actions'}>
        {props.barred ? <p>{props.barred}</p> : <Choices question={question} />}
      </div>
    </form>
  )
}

const Heading = ({ question, now }: { question: Question; now: number }) => (
  <header class="stack-tight">
    <h1 class="approval-ask">{question.title}</h1>
    <p class="approval-meta">
      <strong>
        <bdi>{question.task.title}</bdi>
      </strong>
      {question.title !== question.stepName && <span>{question.stepName}</span>}
      <span>{question.workflow}</span>
      <span>
        asked <Time at={question.askedAt} now={now} />
      </span>
    </p>
    {question.kind === 'unsure' && (
      <Notice state="waiting">
        <p>A model did this step and was not sure how it came out. You choose how it goes on.</p>
      </Notice>
    )}
  </header>
)

const Changed = ({ question, unusedEdit, now }: QuestionProps) =>
  question.changed === null ? null : (
    <Notice state="waiting" icon="edit">
      <p>
        <strong>
          <WhatChanged question={question} now={now} />
        </strong>{' '}
        {question.cleared
          ? 'Your approval was of the text as it was before, so it counts no more.'
          : 'Nothing was decided.'}{' '}
        Here is what is different; look at it as it is now, then choose.
      </p>
      <Differences changes={question.changed} />
      {unusedEdit ? (
        <details>
          <summary>Your own edit, which was not taken over</summary>
          <PlainText text={unusedEdit} />
        </details>
      ) : null}
    </Notice>
  )

const WhatChanged = ({ question: { changedBy, cleared }, now }: { question: Question; now: number }) => {
  const since = cleared ? 'since you approved it' : 'since you were asked'
  if (changedBy === null) return <>This has changed {since}.</>
  return (
    <>
      {actorName(changedBy.by)} changed this {since}, <Time at={changedBy.at} now={now} />.
    </>
  )
}

const Subject = ({ question, now }: { question: Question; now: number }) => {
  const { artefact, instructions } = question
  return (
    <>
      {instructions !== '' && <Value value={instructions} />}
      {artefact !== null && (
        <section aria-label={`Output of ${artefact.stepName}`} class="stack-tight">
          <div class="approval-sheet" hx-ignore>
            <Value value={artefact.value} />
          </div>
          <p class="approval-meta">
            <span>from the step {artefact.stepName}</span>
            {artefact.edited !== null && (
              <span>
                as {actorName(artefact.edited.by)} changed it, <Time at={artefact.edited.at} now={now} />
              </span>
            )}
          </p>
        </section>
      )}
    </>
  )
}

/** What may be looked at besides, folded: the draft in other lights, and what led to it. */
const Folds = ({ question, problem, barred, now }: QuestionProps) => {
  const { artefact, redrafted, past, input } = question
  return (
    <div class="approval-folds">
      {redrafted !== null && (
        <details>
          <summary>Changes since the draft before</summary>
          <Differences changes={redrafted} />
        </details>
      )}
      {question.edit !== null && question.call === null && !barred && (
        <details open={problem?.field === 'edits'} class="no-print">
          <summary>Edit it before you decide</summary>
          <EditFields form={question.edit} error={problem?.field === 'edits' ? problem.message : undefined} />
        </details>
      )}
      {artefact !== null && (
        <details class="no-print">
          <summary>As plain text</summary>
          <PlainText text={textOf(artefact.value)} />
        </details>
      )}
      {past.length > 0 && (
        <details>
          <summary>
            <Spent question={question} />
          </summary>
          <PastVisits visits={past} now={now} />
        </details>
      )}
      <details>
        <summary>What came in</summary>
        <Value value={input} />
      </details>
    </div>
  )
}

const Spent = ({ question: { past, spent } }: { question: Question }) => {
  const worked = past.reduce((ms, visit) => ms + visit.workMs, 0)
  return (
    <span>
      What was done: {past.length} {past.length === 1 ? 'step' : 'steps'}, <Money usd={spent.cost} />
      {worked > 0 && `, ${duration(worked)} of work`}
    </span>
  )
}

const Note = ({ question, note, problem }: { question: Question; note?: string; problem?: FormProblem }) => {
  const error = problem?.field === 'note' ? problem.message : undefined
  const needed = question.reasonFor.map(name => `“${name}”`).join(', ')
  const { label, hint } = noteWords(question, needed)
  return (
    <div class="field">
      <label class="field-label" for="field-note">
        {label}
        {needed === '' ? <span class="field-optional"> (optional)</span> : null}
      </label>
      <textarea
        class="input"
        id="field-note"
        name="note"
        rows={2}
        maxlength={5000}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={error === undefined ? 'field-note-hint' : 'field-note-error'}
        autofocus={error !== undefined}
      >
        {`\n${note ?? ''}`}
      </textarea>
      {error === undefined ? (
        <p class="field-hint" id="field-note-hint">
          {hint}
        </p>
      ) : (
        <p class="field-error" id="field-note-error" role="alert">
          {error}
        </p>
      )}
    </div>
  )
}

function noteWords({ kind, choices }: Question, needed: string): { label: string; hint: string } {
  if (kind === 'call') return { label: 'Note', hint: 'If you deny it, whoever asked for the call hears this.' }
  if (kind === 'question' && needed !== '') {
    return { label: 'Your answer', hint: `The work goes on with it once you press “${choices[0]!.name}”.` }
  }
  const hint =
    needed === '' ? 'Kept with your decision.' : `Say why, if you choose ${needed}: whoever does it again reads this.`
  return { label: 'Note', hint }
}
