/** What happened in one run of a visit: what it was given, its calls, attempts, output and questions. */
import type { Json } from '../../../domain/json/json.ts'
import type { Stored } from '../../../domain/task/log/blob.ts'
import type { Definition } from '../../../domain/workflow/definition.ts'
import { compact, Money } from '../../../http/components/value/money.tsx'
import { StoredValue } from '../../../http/components/value/stored-value.tsx'
import { duration, Time } from '../../../http/components/value/time.tsx'
import type { Attempt, RunStory, Totals, Visit } from '../../page/visit-story.ts'
import { Fold, wholeOf } from '../parts.tsx'
import type { Related } from '../task-page.ts'
import { AskView } from './ask-view.tsx'
import { CallsView } from './calls-view.tsx'
import { ChildView } from './child-view.tsx'
import { isApproved, Keep } from './keep-view.tsx'
import { RunInput } from './run-input-view.tsx'
import { WaitView } from './wait-view.tsx'

export interface RunProps {
  run: RunStory
  visit: Visit
  task: string
  related: Related
  /** Until when the task's time is drawn, in ms since the epoch. */
  to: number
  now: number
  /** By which an answer can be told that may be kept; null: the reader may keep none. */
  definition?: Definition | null
}

export const Run = ({ run, visit, task, related, to, now, definition = null }: RunProps) => {
  const done = run.attempts.findLast(attempt => attempt.outcome === 'completed')
  const eventful =
    run.attempts.length > 1 || run.attempts.some(attempt => attempt.failure !== null || attempt.lapses > 0)
  return (
    <>
      {run.prompt !== null && <RunInput run={run} handler={run.handler ?? visit.handler} task={task} />}
      <CallsView run={run} task={task} from={visit.enteredAt} to={visit.endedAt ?? to} now={now} />
      {eventful && (
        <Attempts
          attempts={run.attempts}
          of={run.name === null ? `visit ${visit.n}` : `${run.name}, visit ${visit.n}`}
        />
      )}
      {done !== undefined && <Result attempt={done} task={task} now={now} />}
      {run.waits.map(wait => (
        <WaitView wait={wait} now={now} />
      ))}
      {run.children.map(child => (
        <ChildView child={child} related={related} now={now} />
      ))}
      {run.skipped !== null && (
        <p class="small" hx-ignore>
          Not reviewed (sampled): it went on as “{run.skipped.handoff}” <Time at={run.skipped.at} now={now} />. People
          had approved the last ones unchanged, and one in {run.skipped.oneIn} is looked at.
        </p>
      )}
      {run.asks.map(asked => (
        <>
          <AskView asked={asked} task={task} now={now} />
          {definition !== null && isApproved(asked, definition) && <Keep task={task} visit={visit.n} run={run.id} />}
        </>
      ))}
    </>
  )
}

export const Model = ({ usage }: { usage: Totals }) => {
  const { models, knew, saw, inputTokens, outputTokens, calls, cost } = usage
  return (
    <p class="small">
      <span class="tag" hx-ignore>
        {models.join(', ')}
      </span>{' '}
      <span class="secondary">
        {compact(inputTokens)} tokens in, {compact(outputTokens)} out, {calls} {calls === 1 ? 'call' : 'calls'},{' '}
        <Money usd={cost} />
      </span>
      {saw.length > 0 && (
        <span class="secondary" hx-ignore>
          {' · it was given '}
          <bdi>{saw.join(', ')}</bdi>
        </span>
      )}
      {knew.length > 0 && (
        <span class="secondary" hx-ignore>
          {' · it had before it '}
          {knew.map((one, index) => (
            <>
              {index > 0 && ', '}
              <KnownText named={one} />
            </>
          ))}
        </span>
      )}
    </p>
  )
}

/** A text of the team’s knowledge, in the version that was told. */
const KnownText = ({ named }: { named: string }) => {
  const [key, version] = named.split('@')
  return (
    <a href={`/knowledge/${key}?version=${version}`}>
      {key} v{version}
    </a>
  )
}

const Result = ({ attempt, task, now }: { attempt: Attempt; task: string; now: number }) => (
  <>
    {attempt.recorded !== null && (
      <p class="secondary small">
        Taken from the answer of <Time at={attempt.recorded.at} now={now} />,{' '}
        {attempt.recorded.task === task ? (
          'of this task'
        ) : (
          <a href={`/tasks/${attempt.recorded.task}`}>task {attempt.recorded.task}</a>
        )}
        , at no cost.
      </p>
    )}
    {attempt.output !== null && (
      <Fold title="Output" open>
        <StoredValue value={attempt.output as Stored<Json>} href={wholeOf(task, attempt.seq)} />
      </Fold>
    )}
    {attempt.reasoning !== null && (
      <Fold title="Reasoning">
        <p hx-ignore>{attempt.reasoning}</p>
      </Fold>
    )}
    {(attempt.confidence !== null || attempt.handoff !== null) && (
      <p class="secondary small" hx-ignore>
        {attempt.handoff !== null && `Chose “${attempt.handoff}”. `}
        {attempt.confidence !== null && `Confidence ${Math.round(attempt.confidence * 100)} %.`}
      </p>
    )}
  </>
)

/** `of`: what they are attempts of; unlike any other on the page. */
const Attempts = ({ attempts, of }: { attempts: Attempt[]; of: string }) => (
  <section class="table-scroll" aria-label={`Attempts of ${of}`} tabindex={0}>
    <table class="table trace">
      <thead>
        <tr>
          <th scope="col">Attempt</th>
          <th scope="col" class="number">
            In line
          </th>
          <th scope="col" class="number">
            Worked
          </th>
          <th scope="col">Came to</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map(attempt => (
          <tr>
            <td>{attempt.n}</td>
            <td class="number">{span(attempt.dueAt, attempt.claimedAt)}</td>
            <td class="number">{span(attempt.claimedAt, attempt.endedAt)}</td>
            <td hx-ignore>
              {outcomeOf(attempt)}
              {attempt.lapses > 0 && ` It was lost ${attempt.lapses} times and taken up again.`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

function span(from: number | null, to: number | null): string {
  return from === null || to === null ? '–' : duration(Math.max(0, to - from))
}

function outcomeOf(attempt: Attempt): string {
  switch (attempt.outcome) {
    case 'failed':
      return `${attempt.failure?.code ?? 'failed'}: ${attempt.failure?.message ?? ''}`
    case 'completed':
      return 'completed'
    case 'working':
      return 'at work'
    case 'cut':
      return 'no longer needed'
    default:
      return attempt.why === null ? 'in line' : `in line, as ${attempt.why}`
  }
}
