/** How what was found is shown: places and tasks as links, and the tasks of the search page with where their words stand. */
import { partWords, readPart } from '../../domain/metrics/part.ts'
import { STATUSES, type Status } from '../../domain/task/state.ts'
import { STATE_LABEL, StateMark } from '../../http/components/badge.tsx'
import { Button } from '../../http/components/button.tsx'
import { Search, WorkflowSelect } from '../../http/components/field.tsx'
import { Icon } from '../../http/components/icon.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { FOUND_FROM, FOUND_TO, type FoundTask } from '../../records/task/searched.ts'
import { OPEN, TROUBLE } from '../../records/task/tasks.ts'
import { DayField } from '../frame.tsx'
import { type Found, type SeenTask, TOLD, type Told } from './search.ts'

/** The words and filters, as the form has them. */
export interface Asked {
  q: string
  workflow: string
  status: Status | typeof TROUBLE | typeof OPEN | ''
  /** What was told of it: a model was unsure, people decided, somebody edited. */
  told: Told | ''
  /** USD that it cost at least. */
  cost: string
  /** What it consisted of, as a list asks for it. */
  part: string
  /** A day, or the moment that a link means. */
  from: string
  to: string
}

interface View {
  asked: Asked
  places: Found[]
  tasks: SeenTask[]
  next: string | null
  workflows: { id: string; name: string }[]
  now: number
}

export const SearchPage = ({ asked, places, tasks, next, workflows, now }: View) => (
  <div class="stack">
    <h1>Search</h1>
    <Filters asked={asked} workflows={workflows} />
    {(asked.q === '' && !hasFilters(asked)) || (tasks.length === 0 && next === null && places.length > 0) ? (
      <FoundList places={places} tasks={[]} q="" />
    ) : (
      <>
        {places.length > 0 && <FoundList places={places} tasks={[]} q="" />}
        <section class="stack" aria-labelledby="found-tasks">
          <h2 id="found-tasks">Tasks</h2>
          {tasks.length === 0 ? (
            <Nothing words={asked.q !== ''} filtered={next === null && hasFilters(asked)} />
          ) : (
            <ul class="found-list">
              {tasks.map(task => (
                <TaskLine task={task} now={now} />
              ))}
            </ul>
          )}
          <NextPage href={`/search?${queryOf(asked)}`} next={next} />
        </section>
      </>
    )}
  </div>
)

/** What the palette lists. */
export const FoundList = ({ places, tasks, q }: { places: Found[]; tasks: FoundTask[]; q: string }) => (
  <div class="found" data-q={q}>
    {places.length === 0 && tasks.length === 0 ? (
      <Nothing filtered={false} />
    ) : (
      <ul class="found-list">
        {places.map(({ label, href, icon, hint }) => (
          <li>
            <a class="found-item" href={href}>
              <Icon name={icon} />
              <span class="truncate" hx-ignore>
                {label}
              </span>
              <span class="found-hint" hx-ignore>
                {hint}
              </span>
            </a>
          </li>
        ))}
        {tasks.map(task => (
          <li>
            <TaskLink task={task} />
          </li>
        ))}
        {tasks.length > 0 && (
          <li>
            <a class="found-item" href={`/search?${new URLSearchParams({ q })}`}>
              <Icon name="search" />
              <span class="truncate">All tasks with these words</span>
              <span class="found-hint">Search</span>
            </a>
          </li>
        )}
      </ul>
    )}
  </div>
)

const Nothing = ({ filtered, words = true }: { filtered: boolean; words?: boolean }) => (
  <p class="secondary" role="status">
    {words
      ? 'Nothing here has all of these words. Tasks are found by words, or beginnings of words, of their titles, keys, inputs and results.'
      : 'No task fits.'}
    {filtered ? ' Take a filter away, or widen the days.' : ''}
  </p>
)

const TaskLink = ({ task: { id, title, status, workflowName } }: { task: FoundTask }) => (
  <a class="found-item" href={`/tasks/${id}`}>
    <StateMark status={status} />
    <span class="truncate" hx-ignore>
      {title}
    </span>
    <span class="found-hint" hx-ignore>
      {workflowName}
    </span>
  </a>
)

const TaskLine = ({ task, now }: { task: SeenTask; now: number }) => (
  <li>
    <TaskLink task={task} />
    <p class="found-passage secondary">
      <Time at={task.createdAt} now={now} />
      {task.passage !== '' && (
        <span hx-ignore>
          {' · '}
          <Passage text={task.passage} />
        </span>
      )}
    </p>
  </li>
)

/** The found words stand out; what surrounds them is the task's own text. */
const Passage = ({ text }: { text: string }) => (
  <>
    {text.split(FOUND_FROM).flatMap((part, n) => {
      const [found, rest] = part.split(FOUND_TO)
      return n === 0 || rest === undefined ? [part] : [<mark>{found}</mark>, rest]
    })}
  </>
)

const Filters = ({ asked, workflows }: Pick<View, 'asked' | 'workflows'>) => {
  const part = readPart(asked.part)
  return (
    <form class="form--inline" action="/search" method="get">
      <Search label="A workflow, an agent, a task, a page" value={asked.q} autofocus />
      <select class="input" name="status" aria-label="State of the task">
        <option value="">Any state</option>
        {STATUSES.map(status => (
          <option value={status} selected={status === asked.status}>
            {STATE_LABEL[status]}
          </option>
        ))}
        <option value={OPEN} selected={asked.status === OPEN}>
          Not over
        </option>
        <option value={TROUBLE} selected={asked.status === TROUBLE}>
          Failed or stuck
        </option>
      </select>
      <select class="input" name="told" aria-label="What happened to it">
        <option value="">Whatever happened</option>
        {Object.entries(TOLD).map(([told, { name }]) => (
          <option value={told} selected={told === asked.told}>
            {name}
          </option>
        ))}
      </select>
      <WorkflowSelect workflows={workflows} value={asked.workflow} />
      {part !== null && (
        <label class="check">
          <input type="checkbox" name="part" value={asked.part} checked />
          <span hx-ignore>{partWords(part)}</span>
        </label>
      )}
      <Button icon="search">Search</Button>
      {(asked.q !== '' || hasFilters(asked)) && <a href="/search">Clear</a>}
      <details class="explain" open={asked.from !== '' || asked.to !== '' || asked.cost !== ''}>
        <summary>Which days tasks began, and what they cost</summary>
        <div class="form--inline">
          <DayField name="from" value={asked.from.slice(0, 10)} />
          <DayField name="to" value={asked.to} />
          <label class="day">
            USD, at least
            <input class="input" type="text" inputmode="decimal" name="cost" value={asked.cost} size={8} />
          </label>
        </div>
      </details>
    </form>
  )
}

/** Whether anything is asked for besides words. */
export const hasFilters = ({ q: _q, ...filters }: Asked) => Object.values(filters).some(value => value !== '')

function queryOf(asked: Asked): string {
  return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== '')).toString()
}
