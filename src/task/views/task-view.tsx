/** A task's page or drawer: its head, the form that is open, and the part that looks again by itself while work goes on. */
import { withFileNames } from '../../domain/file/file.ts'
import { shownAs } from '../../domain/file/type.ts'
import { isOver } from '../../domain/task/state.ts'
import { stepsToCome } from '../../domain/workflow/to-come.ts'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { FileList, type ShownFile } from '../../http/components/file-list.tsx'
import { StoredValue } from '../../http/components/value/stored-value.tsx'
import { Value } from '../../http/components/value/value.tsx'
import { CommandForm } from './acts/command-view.tsx'
import { CommentForm } from './acts/comment-view.tsx'
import { Consequences, panelLink, TaskFacts, TaskHead, Why } from './head-view.tsx'
import { Fold, nameOf } from './parts.tsx'
import { looksAgain, type TaskPage } from './task-page.ts'
import { Timeline } from './visit/visit-view.tsx'

/** The whole panel. A form that is open lies outside the part that refreshes, so nothing is taken from under a hand. */
export const TaskPanel = ({ task }: { task: TaskPage }) => (
  <article class="task stack" id="task-panel" data-task={task.view.id} tabindex={-1}>
    <TaskHead task={task} />
    {task.refused !== null && <ErrorNotice>{task.refused}</ErrorNotice>}
    {task.doing !== null && task.doing !== 'answer' && <CommandForm task={task} command={task.doing} />}
    <TaskLive task={task} />
    {task.canAct && <CommentForm task={task} />}
  </article>
)

export const TaskLive = ({ task }: { task: TaskPage }) => {
  const seconds = looksAgain(task)
  const again =
    seconds !== null
      ? {
          'hx-get': `/tasks/${task.view.id}?part=live`,
          'hx-trigger': `every ${seconds}s`,
          'hx-swap': 'outerMorph',
          'hx-target': 'this',
        }
      : {}
  return (
    <div id="task-live" {...again}>
      <header class="task-head">
        <TaskFacts task={task} />
        <Why task={task} />
        <Consequences task={task} />
        <FileList files={filesOf(task)} />
      </header>
      <Tabs task={task} current="timeline" />
      <Timeline {...timelineProps(task)} />
      <ToCome task={task} />
      <Outcome task={task} />
    </div>
  )
}

function timelineProps(task: TaskPage) {
  const { view, visits, definition, pins, related, now } = task
  const to = view.finishedAt === null ? now : Date.parse(view.finishedAt)
  const acting = task.canAct && !isOver(view.status) ? view.visit : null
  return {
    task: view.id,
    related,
    visits,
    definition,
    pins,
    from: Date.parse(view.createdAt),
    to,
    now,
    acting,
    mayKeep: task.canAct,
  }
}

export const Tabs = ({ task, current }: { task: TaskPage; current: 'timeline' | 'log' }) => (
  <nav class="subnav" aria-label="Views of this task">
    <a
      href={`/tasks/${task.view.id}`}
      {...panelLink(task, '')}
      aria-current={current === 'timeline' ? 'page' : undefined}
    >
      Timeline
    </a>
    <a
      href={`/tasks/${task.view.id}?tab=log`}
      {...panelLink(task, 'tab=log')}
      aria-current={current === 'log' ? 'page' : undefined}
    >
      Log ({task.events.at(-1)?.seq ?? 0})
    </a>
    <a href={`/tasks/${task.view.id}/document`}>Save or share</a>
    <a href={`/tasks/${task.view.id}/compare`}>Compare</a>
  </nav>
)

/** What is still to come, as far as the workflow tells: greyed, as nothing of it has happened. */
const ToCome = ({ task: { view, definition } }: { task: TaskPage }) => {
  const steps = isOver(view.status) || view.step === null ? [] : stepsToCome(definition, view.step)
  if (steps.length === 0) return null
  return (
    <section class="section stack-tight" aria-label="Still to come" id="to-come">
      <h2 class="secondary">Still to come</h2>
      <ol class="to-come">
        {steps.map(({ name, sure }) => (
          <li class="secondary">
            <span hx-ignore>{name}</span>
            {!sure && <small> perhaps</small>}
          </li>
        ))}
      </ol>
    </section>
  )
}

function filesOf({ view }: TaskPage): ShownFile[] {
  return view.files.map(file => ({ ...file, href: `/files/${file.id}`, shown: shownAs(file.type) }))
}

const Outcome = ({ task }: { task: TaskPage }) => (
  <section class="section stack-tight" aria-label="Input and result">
    <Fold title="What came in">
      <Value value={withFileNames(task.view.input, task.view.files)} />
    </Fold>
    {task.began !== null && (
      <Fold title="What it took over">
        {task.began.outputs.map(({ step, output }) => (
          <section class="stack-tight">
            <h3>{nameOf(task.definition, step)}</h3>
            <StoredValue value={output} href={`/tasks/${task.view.id}?tab=log&seq=1`} />
          </section>
        ))}
      </Fold>
    )}
    {task.view.result !== null && (
      <Fold title="Result" open>
        <StoredValue value={task.view.result} />
      </Fold>
    )}
  </section>
)
