/** A task's log as it is stored: number, time, type, actor and data of each event. */
import type { EventView } from '../../domain/task/told/views.ts'
import { absolute } from '../../http/components/value/time.tsx'
import { JsonText } from '../../http/components/value/value.tsx'
import { actorName } from '../../http/names.ts'
import { TaskFacts, TaskHead } from './head-view.tsx'
import { nameOf } from './parts.tsx'
import type { TaskPage } from './task-page.ts'
import { Tabs } from './task-view.tsx'

const LOG_PAGE = 200

/** A page of the log, from the event after `after` on. */
export const LogPanel = ({ task, after }: { task: TaskPage; after: number }) => {
  const rest = task.events.filter(event => event.seq > after)
  const events = rest.slice(0, LOG_PAGE)
  const last = events.at(-1)?.seq ?? after
  return (
    <article class="task stack" id="task-panel" data-task={task.view.id}>
      <TaskHead task={task} />
      <header class="task-head">
        <TaskFacts task={task} />
      </header>
      <Tabs task={task} current="log" />
      <div class="log">
        {events.map(event => (
          <Row event={event} task={task} />
        ))}
      </div>
      {rest.length > events.length && (
        <nav class="pages" aria-label="More">
          <a class="button" href={`/tasks/${task.view.id}?tab=log&after=${last}`}>
            Later events
          </a>
        </nav>
      )}
    </article>
  )
}

const Row = ({ event, task }: { event: EventView; task: TaskPage }) => (
  <div class="log-row" id={`event-${event.seq}`}>
    <span class="time" title={event.at}>
      #{event.seq} {event.at.slice(11, 19)}
    </span>
    <div class="grow">
      <details>
        <summary hx-ignore>
          <strong>{event.type}</strong>
          {event.step === null ? '' : ` · ${nameOf(task.definition, event.step)}`} · {actorName(event.actor)}
        </summary>
        <JsonText value={event.data} />
        <p class="small">
          <a href={`/tasks/${task.view.id}?tab=log&seq=${event.seq}`}>This event in full</a>
        </p>
      </details>
    </div>
  </div>
)

/** One event with every value whole. */
export const EventPanel = ({ task, event }: { task: TaskPage; event: EventView }) => (
  <article class="task stack" id="task-panel" data-task={task.view.id}>
    <TaskHead task={task} />
    <Tabs task={task} current="log" />
    <p hx-ignore>
      <strong>
        #{event.seq} {event.type}
      </strong>
      {event.step === null ? '' : ` at ${nameOf(task.definition, event.step)}`}, by {actorName(event.actor)},{' '}
      {absolute(Date.parse(event.at))}
    </p>
    <JsonText value={event.data} />
  </article>
)
