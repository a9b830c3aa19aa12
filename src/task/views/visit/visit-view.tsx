/** One visit in a task's timeline: a line that says what it was, and, unfolded, everything that happened in it. */
import type { EnteredBy } from '../../../domain/task/events.ts'
import type { Story } from '../../../domain/task/told/story.ts'
import { type Definition, stepOf } from '../../../domain/workflow/definition.ts'
import { HandlerBadge, StateMark } from '../../../http/components/badge.tsx'
import { compact, Money } from '../../../http/components/value/money.tsx'
import { StoredValue } from '../../../http/components/value/stored-value.tsx'
import { duration, Time } from '../../../http/components/value/time.tsx'
import { Waterfall } from '../../../http/components/value/waterfall.tsx'
import { actorName } from '../../../http/names.ts'
import type { NewsStory, StopStory, Visit } from '../../page/visit-story.ts'
import { Comment } from '../acts/comment-view.tsx'
import { RouteTrace } from '../acts/route-view.tsx'
import { Fold, nameOf, wholeOf } from '../parts.tsx'
import type { Related } from '../task-page.ts'
import { Branches } from './branches-view.tsx'
import { GivenBesides } from './given-view.tsx'
import { Model, Run } from './run-view.tsx'

export interface TimelineProps {
  task: string
  related: Related
  visits: Visit[]
  definition: Definition
  pins: Story['pins']
  /** The task's whole time, in ms since the epoch. */
  from: number
  to: number
  now: number
  /** The visit whose runs the reader may begin again; null: of none. */
  acting: number | null
  /** Whether the reader may offer approved answers as knowledge. */
  mayKeep: boolean
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
          {visit.usage.models.length > 0 && <Model usage={visit.usage} />}
          {visit.usage.models.length > 0 && (
            <GivenBesides step={stepOf(props.definition, visit.step)} pins={props.pins} />
          )}
          {visit.runs.some(run => run.name !== null) ? (
            <Branches visit={visit} {...runProps(props)} mayAct={props.acting === visit.n} />
          ) : (
            visit.runs.map(run => <Run run={run} visit={visit} {...runProps(props)} />)
          )}
          {visit.news.map(news => (
            <News news={news} definition={props.definition} task={props.task} now={props.now} />
          ))}
          {visit.comments.map(comment => (
            <Comment comment={comment} now={props.now} />
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

function runProps({ task, related, to, now, definition, mayKeep }: TimelineProps) {
  return { task, related, to, now, definition: mayKeep ? definition : null }
}

/** An answer by mail is shown as its text; of any other event, all that came with it. */
const News = ({
  news,
  definition,
  task,
  now,
}: Pick<TimelineProps, 'definition' | 'task' | 'now'> & { news: NewsStory }) => {
  const { at, by, name, data, seq, takenBy } = news
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
        <span class="secondary small" hx-ignore>
          {takenBy === null ? ', kept: no step has taken it' : `, taken by ${nameOf(definition, takenBy)}`}
        </span>
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

const Stop = ({ stop, now }: { stop: StopStory; now: number }) => (
  <div class={stop.kind === 'failed' ? 'timeline-error' : 'notice'} data-state={stop.kind} hx-ignore>
    <p>
      {stop.message} {stop.fix} <Time at={stop.at} now={now} />
    </p>
  </div>
)
