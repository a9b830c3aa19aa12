/** One visit in a task's timeline: a line that says what it was, and, unfolded, everything that happened in it. */
import type { Json } from '../../domain/json/json.ts'
import type { EnteredBy, Stored } from '../../domain/task/events.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { HandlerBadge, StateMark } from '../../http/components/badge.tsx'
import { compact, Money } from '../../http/components/value/money.tsx'
import { StoredValue } from '../../http/components/value/stored-value.tsx'
import { duration, Time } from '../../http/components/value/time.tsx'
import { Waterfall } from '../../http/components/value/waterfall.tsx'
import { actorName } from '../../http/names.ts'
import type { Attempt, NewsStory, RunStory, StopStory, Visit } from '../page/visit-story.ts'
import { AskView } from './ask-view.tsx'
import { CallsView } from './calls-view.tsx'
import { Fold, nameOf, wholeOf } from './parts.tsx'
import { RouteTrace } from './route-view.tsx'
import { RunInput } from './run-input-view.tsx'

export interface TimelineProps {
  task: string
  visits: Visit[]
  definition: Definition
  /** The task's whole time, in ms since the epoch. */
  from: number
  to: number
  now: number
}

/** The visits, first to last, each with its place in the task's whole time. */
export const Timeline = (props: TimelineProps) => (
  <ol class="timeline" aria-label="Visits">
    {props.visits.map((visit, index) => (
      <VisitRow visit={visit} open={index === props.visits.length - 1} {...props} />
    ))}
  </ol>
)

const VisitRow = ({ visit, open, ...props }: TimelineProps & { visit: Visit; open: boolean }) => {
  const name = nameOf(props.definition, visit.step)
  const end = visit.endedAt ?? props.to
  const { inputTokens, outputTokens, calls, cost } = visit.usage
  return (
    <li class="timeline-row" id={`visit-${visit.n}`} data-state={visit.state}>
      <details open={open} id={`visit-${visit.n}-details`}>
        <summary>
          <span class="timeline-n">{visit.n}</span>
          <span class="timeline-step" hx-ignore>
            {name}
          </span>
          <HandlerBadge handler={visit.handler} />
          <Waterfall
            spans={spansOf(visit, props)}
            state={visit.state}
            label={`took ${duration(end - visit.enteredAt)}`}
          />
          <span class="timeline-fact timeline-fact--keep">{duration(end - visit.enteredAt)}</span>
          <span class="timeline-fact">{calls > 0 ? compact(inputTokens + outputTokens) : ''}</span>
          <span class="timeline-fact">{calls > 0 ? <Money usd={cost} /> : ''}</span>
          <span class="timeline-state">
            <StateMark status={visit.state} />
          </span>
        </summary>
        <div class="timeline-body">
          <Entered visit={visit} {...props} />
          {visit.runs.map(run => (
            <Run run={run} visit={visit} {...props} />
          ))}
          {visit.news.map(news => (
            <News news={news} task={props.task} now={props.now} />
          ))}
          {visit.routes.map((route, index) => (
            <RouteTrace
              route={route}
              definition={props.definition}
              now={props.now}
              place={`visit ${visit.n}${index === 0 ? '' : `, ${index + 1}`}`}
            />
          ))}
          {visit.stops.map(stop => (
            <Stop stop={stop} now={props.now} />
          ))}
          {visit.left !== null && (
            <p>
              {LEFT[visit.left.why]} by {actorName(visit.left.by)} <Time at={visit.left.at} now={props.now} />
            </p>
          )}
        </div>
      </details>
    </li>
  )
}

/** An answer by mail is shown as its text; of any other event, all that came with it. */
const News = ({ news: { at, by, name, data, seq }, task, now }: { news: NewsStory; task: string; now: number }) => {
  // Only the mail's own sender makes one; a program may call its event by the same name.
  const text =
    by.kind === 'link' && name === 'reply' && data !== null && typeof data === 'object' && 'text' in data
      ? data.text
      : undefined
  return (
    <div class="stack-tight" id={`event-${seq}`}>
      <p>
        {text === undefined ? (
          <>
            Event <strong hx-ignore>{name}</strong> by
          </>
        ) : (
          'Answer by mail from'
        )}{' '}
        {actorName(by)} <Time at={at} now={now} />
      </p>
      <Fold title="What it says" open={text !== undefined}>
        <StoredValue value={text ?? data} href={wholeOf(task, seq)} />
      </Fold>
    </div>
  )
}

const LEFT = {
  moved: 'Left, as the task was moved,',
  cancelled: 'Cancelled',
  migrated: 'Left, as the task was taken to another version,',
  limit: 'Left, as a limit was reached,',
} as const

/** Where in the task's whole time the visit waited and worked. */
function spansOf(visit: Visit, { from, to }: Pick<TimelineProps, 'from' | 'to'>) {
  const whole = Math.max(1, to - from)
  const place = (at: number) => Math.min(1, Math.max(0, (at - from) / whole))
  const stay = { from: place(visit.enteredAt), to: place(visit.endedAt ?? to), kind: 'wait' as const }
  const attempts = visit.runs.flatMap(run => run.attempts).filter(attempt => attempt.claimedAt !== null)
  const work = attempts.map(({ claimedAt, endedAt }) => ({
    from: place(claimedAt!),
    to: place(endedAt ?? to),
    kind: 'work' as const,
  }))
  return [stay, ...work]
}

const ENTERED: Record<EnteredBy, string> = {
  start: 'Started',
  handoff: 'Handed over',
  route: 'Sent here by hand',
  move: 'Moved here',
  limit: 'Sent here, as a limit was reached,',
  migrate: 'Taken to this version',
}

const Entered = ({ visit, definition, now, task }: TimelineProps & { visit: Visit }) => (
  <>
    <p class="secondary small">
      {ENTERED[visit.by]}
      {visit.from === null ? '' : ` from ${nameOf(definition, visit.from)}`}
      {visit.enteredBy.kind === 'system' ? '' : ` by ${actorName(visit.enteredBy)}`}{' '}
      <Time at={visit.enteredAt} now={now} />
      {visit.waitMs > 0 && `; in line for ${duration(visit.waitMs)}`}
      {visit.workMs > 0 && `, worked on for ${duration(visit.workMs)}`}
    </p>
    {visit.input !== null && (
      <Fold title="Changed input">
        <StoredValue value={visit.input} href={wholeOf(task, null)} />
      </Fold>
    )}
  </>
)

const Run = ({ run, visit, task, to, now }: TimelineProps & { run: RunStory; visit: Visit }) => {
  const done = run.attempts.findLast(attempt => attempt.outcome === 'completed')
  const eventful =
    run.attempts.length > 1 || run.attempts.some(attempt => attempt.failure !== null || attempt.lapses > 0)
  return (
    <section class="stack-tight" aria-label={visit.runs.length > 1 ? `Run ${run.name ?? run.id}` : undefined}>
      {run.name !== null && (
        <h4 hx-ignore>
          {run.name}
          {run.fencedAt !== null && <span class="secondary small"> (no longer needed)</span>}
        </h4>
      )}
      {visit.usage.models.length > 0 && run.attempts.length > 0 && <Model visit={visit} />}
      {run.prompt !== null && <RunInput run={run} handler={visit.handler} task={task} />}
      <CallsView run={run} task={task} from={visit.enteredAt} to={visit.endedAt ?? to} now={now} />
      {eventful && <Attempts attempts={run.attempts} />}
      {done !== undefined && <Result attempt={done} task={task} />}
      {run.waits.map(({ at, until, endedAt }) => (
        <p class="secondary small">
          The wait began <Time at={at} now={now} /> and {endedAt === null ? 'ends' : 'ended'}{' '}
          <Time at={endedAt ?? until} now={now} />.
        </p>
      ))}
      {run.asks.map(asked => (
        <AskView asked={asked} task={task} now={now} />
      ))}
    </section>
  )
}

const Model = ({ visit }: { visit: Visit }) => {
  const { models, inputTokens, outputTokens, calls, cost } = visit.usage
  return (
    <p class="small">
      <span class="tag" hx-ignore>
        {models.join(', ')}
      </span>{' '}
      <span class="secondary">
        {compact(inputTokens)} tokens in, {compact(outputTokens)} out, {calls} {calls === 1 ? 'call' : 'calls'},{' '}
        <Money usd={cost} />
      </span>
    </p>
  )
}

const Result = ({ attempt, task }: { attempt: Attempt; task: string }) => (
  <>
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

const Attempts = ({ attempts }: { attempts: Attempt[] }) => (
  <section class="table-scroll" aria-label="Attempts" tabindex={0}>
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
    default:
      return attempt.why === null ? 'in line' : `in line, as ${attempt.why}`
  }
}

const Stop = ({ stop, now }: { stop: StopStory; now: number }) => (
  <div class={stop.kind === 'failed' ? 'timeline-error' : 'notice'} data-state={stop.kind} hx-ignore>
    <p>
      {stop.message} {stop.fix} <Time at={stop.at} now={now} />
    </p>
  </div>
)
