/** The page of a workflow's reviews: each human step with its figures, its record, and whether it is, or could be, sampled. */
import { ButtonLink } from '../../http/components/button.tsx'
import { EmptyState, Notice } from '../../http/components/feedback.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { StepStanding } from './standing.ts'

interface View {
  workflow: string
  steps: StepStanding[]
  now: number
  mayChange: boolean
}

export const ReviewsPage = ({ view }: { view: View }) => (
  <div class="stack">
    <p class="secondary">
      How often people approve what models draft here as it is, in the last 30 days.{' '}
      <a href={`/corrections?workflow=${view.workflow}`}>What they corrected</a>
    </p>
    {view.steps.length === 0 ? (
      <EmptyState icon="check" title="No person decides here">
        <p>Publish a step at which a person approves a draft: its reviews are counted here.</p>
      </EmptyState>
    ) : (
      view.steps.map(step => <StepReviews step={step} view={view} />)
    )}
  </div>
)

const StepReviews = ({ step, view }: { step: StepStanding; view: View }) => (
  <section class="panel stack-tight" aria-labelledby={`reviews-${step.step}`}>
    <h2 id={`reviews-${step.step}`} hx-ignore>
      {step.name}
    </h2>
    <p>{figures(step)}</p>
    <Standing step={step} view={view} />
  </section>
)

function figures({ sums }: StepStanding): string {
  const sum = (of: 'decided' | 'unchanged' | 'edited' | 'rejected' | 'sampled') =>
    sums.reduce((total, one) => total + one[of], 0)
  const [decided, unchanged, sampled] = [sum('decided'), sum('unchanged'), sum('sampled')]
  const left = sampled === 0 ? '' : ` ${sampled} went on without a person.`
  if (decided === 0) return `Nothing was decided about a draft.${left}`
  const percent = Math.round((100 * unchanged) / decided)
  return `${unchanged} of ${decided} drafts were approved unchanged (${percent} %); ${sum('edited')} edited, ${sum('rejected')} rejected.${left}`
}

const Standing = ({ step, view: { workflow, now, mayChange } }: { step: StepStanding; view: View }) => {
  const { never, sample, ended, unchanged, needed } = step
  if (never !== null) return <p class="secondary">Every draft is put to people, always. {never}</p>
  const earned = unchanged >= needed
  return (
    <>
      {earned && sample !== null && (
        <Notice>
          <strong>One draft in {sample} is put to people.</strong> The others go on as approved, and say “not reviewed
          (sampled)”. An edit or a rejection brings back all of them at once.
        </Notice>
      )}
      {earned && sample === null && (
        <p>
          <strong>The last {needed} drafts were approved unchanged.</strong> You can have one in five looked at, drawn
          by lot; the others go on as approved, and say so. Any edit or rejection brings back all of them.
        </p>
      )}
      {!earned && (
        <p class="secondary">
          Every draft is put to people. {unchanged} of {needed} in a row were approved unchanged;{' '}
          {sample === null
            ? `after ${needed} you can have some of them looked at only.`
            : `after ${needed} one in ${sample} is, as the step says.`}
        </p>
      )}
      {!earned && ended !== null && (
        <p class="small secondary">
          Counted anew since <Time at={ended.at} now={now} />:{' '}
          {ended.verdict === 'changed' ? (
            'what is drafted, or asked, is another now'
          ) : (
            <>
              <span hx-ignore>{ended.person}</span> {ended.verdict} <a href={`/tasks/${ended.task}`}>a draft</a>
            </>
          )}
          .
        </p>
      )}
      {earned && sample === null && mayChange && (
        <p>
          <ButtonLink href={`/workflows/${workflow}/edit/steps/${step.step}`} look="primary">
            Look at one in five…
          </ButtonLink>
        </p>
      )}
    </>
  )
}
