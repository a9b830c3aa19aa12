/** The page of a review: what models were unsure of, what failed, what was corrected, and which steps were slow or dear. */
import { dollars } from '../../domain/money.ts'
import type { Alike, Place, Review, StepReview } from '../../domain/review/review.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Head } from '../../http/components/table.tsx'
import { duration, Time } from '../../http/components/value/time.tsx'
import type { namesOf } from '../../records/audit.ts'
import type { ApprovedAnswer } from '../../records/definitions/offered-answers.ts'
import type { WorkflowRow } from '../../records/definitions/workflows.ts'
import type { ReviewHow } from '../../records/task/reviews/in-review.ts'
import type { CorrectionRow } from '../../records/task/reviews/learned.ts'
import { CorrectionTable } from '../corrections/correction-view.tsx'
import { DayField, Insight } from '../frame.tsx'
import { dayText, type Range } from '../range.ts'

interface View {
  workflow: WorkflowRow
  range: Range
  review: Review
  /** Whether all of the period was read. */
  whole: boolean
  corrections: CorrectionRow[]
  /** Answers that were approved as they were drafted, latest first. */
  approved: ApprovedAnswer[]
  how: ReviewHow
  mayChange: boolean
  /** Whether the reader may offer answers as knowledge. */
  mayKeep: boolean
  names: Awaited<ReturnType<typeof namesOf>>
  now: number
}

export const ReviewPage = ({ view }: { view: View }) => (
  <Insight at="metrics">
    <header class="page-head">
      <div>
        <h1 hx-ignore>Review of {view.workflow.name}</h1>
        <p>
          Of the {view.review.tasks === 1 ? 'one task' : `${view.review.tasks} tasks`} that were worked on in these days
          {view.whole ? '' : '; only the latest of it was read: choose fewer days to see the rest'}.
        </p>
      </div>
      <ButtonLink href={`/workflows/${view.workflow.id}`} icon="columns" look="quiet">
        Board
      </ButtonLink>
    </header>
    <div class="stack">
      <form class="form--inline" action={`/workflows/${view.workflow.id}/review`} method="get">
        <DayField name="from" value={dayText(view.range.from)} />
        <DayField name="to" value={dayText(view.range.to - 1)} />
        <Button>Show</Button>
      </form>
      <Happened
        title="Where models were unsure"
        none="No model was unsure."
        alike={view.review.escalations}
        view={view}
      />
      <Corrections view={view} />
      <Approved view={view} />
      <Happened
        title="What failed or got stuck"
        none="Nothing failed or got stuck."
        alike={view.review.failures}
        view={view}
      />
      <Steps view={view} />
      {view.mayChange && <ByMail view={view} />}
    </div>
  </Insight>
)

const Happened = ({ title, none, alike, view }: { title: string; none: string; alike: Alike[]; view: View }) => (
  <section class="stack-tight" aria-label={title}>
    <h2>{title}</h2>
    {alike.length === 0 ? (
      <p class="secondary">{none}</p>
    ) : (
      <div class="table-scroll">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Times</th>
              <th scope="col">The latest</th>
            </tr>
          </thead>
          <tbody>
            {alike.map(one => (
              <tr>
                <th scope="row" hx-ignore>
                  <StepLink step={one.step} view={view} />
                  {one.code !== '' && (
                    <div class="small secondary">
                      {one.code}
                      {one.message === '' ? '' : `: ${one.message}`}
                    </div>
                  )}
                </th>
                <td class="number">{one.times}</td>
                <td hx-ignore>
                  {one.latest.map(place => (
                    <div>
                      <TaskLink place={place} view={view} /> <Time at={place.at} now={view.now} />
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

const StepLink = ({ step, view }: { step: string; view: View }) =>
  step === '' ? (
    <span class="secondary">a step from before these days</span>
  ) : (
    <>
      {step}{' '}
      {view.mayChange && (
        <a
          class="small"
          href={`/workflows/${view.workflow.id}/edit/steps/${step}`}
          aria-label={`Edit the step ${step}`}
        >
          Edit the step
        </a>
      )}
    </>
  )

const TaskLink = ({ place: { task, seq }, view }: { place: Pick<Place, 'task' | 'seq'>; view: View }) => (
  <a href={`/tasks/${task}?tab=log&seq=${seq}`}>{view.names.tasks.get(task) ?? task}</a>
)

const Approved = ({ view: { approved, mayKeep, names, now } }: { view: View }) => (
  <section class="stack-tight" aria-label="What was approved unchanged">
    <h2>What was approved unchanged</h2>
    {approved.length === 0 ? (
      <p class="secondary">No draft of a model was approved as it was.</p>
    ) : (
      <div class="table-scroll">
        <table class="table">
          <Head names={['Task', 'Drafted by', 'Approved by', 'As knowledge']} />
          <tbody>
            {approved.map(({ task, visit, run, at, step, agent, person, status }) => (
              <tr>
                <th scope="row" hx-ignore>
                  <a href={`/tasks/${task}`}>{names.tasks.get(task) ?? task}</a>
                </th>
                <td hx-ignore>{agent ?? step}</td>
                <td hx-ignore>
                  {person} <Time at={at} now={now} />
                </td>
                <td>
                  {status !== null && STATUS[status]}
                  {status === null && mayKeep && (
                    <form method="post" action={`/tasks/${task}/keep`}>
                      <input type="hidden" name="visit" value={visit} />
                      <input type="hidden" name="run" value={run} />
                      <Button look="quiet" icon="file">
                        Offer it
                      </Button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

const STATUS = { offered: 'Waits to be looked at', taken: 'Taken', turned_down: 'Turned down' }

const Corrections = ({ view }: { view: View }) => {
  const { workflow, range, corrections, names, now } = view
  const query = new URLSearchParams({
    workflow: workflow.id,
    from: dayText(range.from),
    to: dayText(range.to - 1),
  })
  return (
    <section class="stack-tight" aria-label="What people corrected">
      <h2>What people corrected</h2>
      {corrections.length === 0 ? (
        <p class="secondary">Nothing was corrected.</p>
      ) : (
        <CorrectionTable rows={corrections} names={names} now={now} />
      )}
      <p>
        <a href={`/corrections?${query}`}>All corrections, and how much was approved unchanged</a>
      </p>
    </section>
  )
}

const Steps = ({ view }: { view: View }) => (
  <section class="stack-tight" aria-label="Slow and dear steps">
    <h2>Slow and dear steps</h2>
    {view.review.steps.length === 0 ? (
      <p class="secondary">No task came to a step.</p>
    ) : (
      <div class="table-scroll">
        <table class="table figures">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Came to it</th>
              <th scope="col">Time, on average</th>
              <th scope="col">Slowest</th>
              <th scope="col">Cost</th>
              <th scope="col">Dearest</th>
            </tr>
          </thead>
          <tbody>
            {view.review.steps.map(step => (
              <StepLine step={step} view={view} />
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

const StepLine = ({ step, view }: { step: StepReview; view: View }) => (
  <tr>
    <th scope="row" hx-ignore>
      <StepLink step={step.step} view={view} />
    </th>
    <td class="number">{step.visits}</td>
    <td class="number">{step.ended === 0 ? '–' : duration(step.ms / step.ended)}</td>
    <td class="number" hx-ignore>
      {step.slowest === null ? (
        '–'
      ) : (
        <>
          {duration(step.slowest.ms)} · <TaskLink place={step.slowest} view={view} />
        </>
      )}
    </td>
    <td class="number">{step.cost === 0 ? '–' : dollars(step.cost)}</td>
    <td class="number" hx-ignore>
      {step.dearest === null ? (
        '–'
      ) : (
        <>
          {dollars(step.dearest.cost)} · <TaskLink place={step.dearest} view={view} />
        </>
      )}
    </td>
  </tr>
)

const ByMail = ({ view: { workflow, how } }: { view: View }) => (
  <form class="form--inline" action={`/workflows/${workflow.id}/review`} method="post">
    <select class="input" name="how" aria-label="By mail to the workflow’s owner">
      {HOWS.map(([value, words]) => (
        <option value={value} selected={value === how}>
          {words}
        </option>
      ))}
    </select>
    <Button>Save</Button>
  </form>
)

const HOWS: [ReviewHow, string][] = [
  ['off', 'Not by mail'],
  ['weekly', 'By mail to the owner every Monday'],
  ['monthly', 'By mail to the owner on the first of each month'],
]
