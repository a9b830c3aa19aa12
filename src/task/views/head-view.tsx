/** The head of a task: how it stands, what it cost, why it is not moving, and the one act that unblocks it. */
import type { Child } from 'hono/jsx'
import type { AskKind } from '../../domain/task/people/ask.ts'
import { isOver } from '../../domain/task/state.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { choicesOf, questionName } from '../../domain/workflow/consequence.ts'
import { type Definition, stepOf } from '../../domain/workflow/definition.ts'
import { StatusPill } from '../../http/components/badge.tsx'
import { Button, ButtonLink, CopyButton } from '../../http/components/button.tsx'
import { Menu, MenuLink } from '../../http/components/dialog.tsx'
import { Icon, type IconName } from '../../http/components/icon.tsx'
import { compact, Money } from '../../http/components/value/money.tsx'
import { absolute, duration, Elapsed, Time } from '../../http/components/value/time.tsx'
import { actorName } from '../../http/names.ts'
import type { MenuCommand } from '../page/command-form.ts'
import { AnswerForm } from './acts/answer-view.tsx'
import { CommandForm, PostForm } from './acts/command-view.tsx'
import { CostChoices } from './acts/cost-view.tsx'
import { UndoForms } from './acts/undo-view.tsx'
import { nameOf } from './parts.tsx'
import type { TaskPage } from './task-page.ts'

/** Title, and the menu of everything that can be done. */
export const TaskHead = ({ task }: { task: TaskPage }) => (
  <div class="row row-between">
    <h1 hx-ignore>
      <bdi>{task.view.title}</bdi>
    </h1>
    {task.canAct && <CommandMenu task={task} />}
    <p class="only-print">
      {task.view.id} · printed {absolute(task.now)}
    </p>
  </div>
)

/** The line of facts. */
export const TaskFacts = ({ task }: { task: TaskPage }) => {
  const { view, definition, now } = task
  const over = isOver(view.status)
  return (
    <div class="task-line">
      <StatusPill status={view.status} />
      {view.key !== null && (
        <span title="Business key: outside events find the task by it" hx-ignore>
          Key {view.key}
        </span>
      )}
      {view.duplicateOf !== null && (
        <span>
          duplicate of{' '}
          <a href={`/tasks/${view.duplicateOf}`} hx-ignore>
            an earlier task
          </a>
        </span>
      )}
      {view.skipped?.map(key => (
        <span hx-ignore>{nameOf(definition, key)}: not reviewed (sampled)</span>
      ))}
      {view.step !== null && <span hx-ignore>at {nameOf(definition, view.step)}</span>}
      <Money usd={view.usage.cost} />
      <span>{compact(view.usage.inputTokens + view.usage.outputTokens)} tokens</span>
      {over ? (
        <span>{duration(Date.parse(view.finishedAt ?? view.updatedAt) - Date.parse(view.createdAt))}</span>
      ) : (
        <Elapsed since={view.createdAt} now={now} />
      )}
      <span>
        <a href={`/workflows/${view.workflow}`} hx-ignore>
          {definition.name}
        </a>{' '}
        v{view.version}
      </span>
      <span>
        by {actorName(task.startedBy)} <Time at={view.createdAt} now={now} />
      </span>
      {task.source?.kind === 'task' && task.source.id !== undefined && (
        <a href={`/tasks/${task.source.id}`} hx-ignore>
          {originText(task.source, task.related.get(task.source.id)?.title)}
        </a>
      )}
      {task.began !== null && (
        <span hx-ignore>Began at {nameOf(definition, task.began.step)}, with the outputs before it</span>
      )}
      {task.proven !== null && (
        <a href="/audit/proof" hx-ignore>
          Proven up to <Time at={task.proven} now={now} />
        </a>
      )}
    </div>
  )
}

/** `parent`: what the task is called that waits for this one. */
function originText(source: NonNullable<TaskPage['source']>, parent: string | undefined): string {
  if (source.depth === undefined) return 'rerun of an earlier task'
  if (source.parent === undefined) return 'started by a task'
  return parent === undefined ? 'part of the task that started it' : `part of “${parent}”`
}

/** Why it is where it is; a running task needs no more than the sentence. */
export const Why = ({ task }: { task: TaskPage }) => (
  <div class="task-why stack-tight" data-state={task.view.status}>
    <p hx-ignore>{task.view.why}</p>
    <UndoForms task={task} />
    {task.canAct && <Act task={task} />}
    {task.canAct && task.act !== 'decide' && <Decide task={task} asks={task.asks.filter(ask => isLeft(task, ask))} />}
  </div>
)

/** Whether there is anybody to answer it, and no buttons for it stand here yet. */
function isLeft({ act, viewer }: TaskPage, ask: StoryAsk): boolean {
  if (act === 'answer' && ask.kind === 'outcome' && isMine(ask, viewer)) return false
  return ask.assignees.length > 0
}

function isMine({ assignees }: StoryAsk, viewer: string): boolean {
  return assignees.some(each => each.email === viewer && !each.decided)
}

/** The one act that unblocks the task. */
const Act = ({ task }: { task: TaskPage }) => {
  switch (task.act) {
    case 'decide':
      return <Decide task={task} asks={task.asks} />
    case 'retry':
      return (
        <PostForm task={task} command="retry">
          <Button look="primary" icon="retry">
            Retry {task.view.step === null ? '' : nameOf(task.definition, task.view.step)}
          </Button>
        </PostForm>
      )
    case 'route':
      return <RouteChoices task={task} />
    case 'answer': {
      const lost = task.asks.filter(ask => ask.kind === 'outcome')
      const mine = lost.filter(ask => isMine(ask, task.viewer))
      if (lost.every(ask => ask.assignees.length === 0) && task.doing !== 'assign') {
        return <CommandForm task={task} command="assign" primary />
      }
      return (
        <>
          {mine.map(ask => (
            <AnswerForm task={task} ask={ask} />
          ))}
        </>
      )
    }
    case 'raise':
      return task.costAsk === null ? <InFull task={task} act="raise" /> : <CostChoices task={task} ask={task.costAsk} />
    case 'assign':
    case 'move':
      return <InFull task={task} act={task.act} />
    default:
      return null
  }
}

/** The command's form, unless it is asked for in full elsewhere already. */
const InFull = ({ task, act }: { task: TaskPage; act: MenuCommand }) =>
  task.doing === act ? null : <CommandForm task={task} command={act} primary />

/** Each open question with the way to it; those that the reader can decide stand out. */
const Decide = ({ task, asks }: { task: TaskPage; asks: StoryAsk[] }) => {
  const first = asks.find(ask => isMine(ask, task.viewer)) ?? asks[0]
  return (
    <>
      {asks.map(ask => (
        <div class="row" id={`ask-${ask.visit}-${ask.run}`}>
          <ButtonLink
            href={`/approvals/${task.view.id}?visit=${ask.visit}&run=${ask.run}`}
            look={isMine(ask, task.viewer) ? 'primary' : 'plain'}
            icon="human"
            data-key={ask === first ? 'a' : undefined}
          >
            {questionName(isMine(ask, task.viewer) ? TO_DO[ask.kind] : 'Look at the question', ask.name)}
          </ButtonLink>
          {!isMine(ask, task.viewer) && <span class="secondary">Only those who are asked can decide.</span>}
        </div>
      ))}
    </>
  )
}

/** What waits behind the button, for whoever is asked. */
const TO_DO: Record<AskKind, string> = {
  decide: 'Look at it and decide',
  unsure: 'Look at it and decide',
  call: 'Look at the call and decide',
  question: 'Read the question and answer',
  outcome: 'Look at the call and answer',
}

/** The ways on from here, each with what it triggers. */
const RouteChoices = ({ task }: { task: TaskPage }) => {
  const { view, definition } = task
  const step = view.step === null ? undefined : stepOf(definition, view.step)
  const targets = [...new Set((step?.handoffs ?? []).map(handoff => handoff.to)), 'complete']
  return (
    <PostForm task={task} command="route">
      {[...new Set(targets)].map(to => (
        <Button name="handoff" value={to} icon="route-to">
          {to === 'complete' ? 'Complete: the task is done' : `Send to ${nameOf(definition, to)}`}
        </Button>
      ))}
      <ButtonLink href={`/tasks/${view.id}?do=move`} look="quiet" {...panelLink(task, 'do=move')}>
        Another step…
      </ButtonLink>
    </PostForm>
  )
}

/** A link within the panel: followed by the browser, or fetched into place by htmx. */
export function panelLink(task: TaskPage, query: string) {
  return { 'hx-get': `/tasks/${task.view.id}?${query}`, 'hx-target': '#task-panel', 'hx-swap': 'outerHTML' }
}

const LABELS: Record<MenuCommand, { label: string; icon: IconName }> = {
  retry: { label: 'Retry here', icon: 'retry' },
  move: { label: 'Move to a step…', icon: 'move' },
  route: { label: 'Send on…', icon: 'route-to' },
  assign: { label: 'Ask someone else…', icon: 'users' },
  raise: { label: 'Raise its limits…', icon: 'flag' },
  rerun: { label: 'Run again as a new task…', icon: 'refresh' },
  cancel: { label: 'Cancel…', icon: 'cancelled' },
}

/** A retry, where it is offered, comes first in the menu and so takes its key. */
const KEYS: Partial<Record<MenuCommand, string>> = { move: 'm', rerun: 'r' }

const CommandMenu = ({ task }: { task: TaskPage }) => (
  <div class="row no-print">
    <CopyButton text={task.view.id} look="quiet" label="Copy ID" />
    <Menu label="What can be done" small>
      {task.commands.map(command => (
        <MenuEntry task={task} command={command} />
      ))}
      {task.canDelete && (
        <MenuLink href={`/tasks/${task.view.id}/delete`} icon="trash">
          Delete…
        </MenuLink>
      )}
    </Menu>
  </div>
)

const MenuEntry = ({ task, command }: { task: TaskPage; command: MenuCommand }) => {
  const { label, icon } = LABELS[command]
  const content: Child = (
    <>
      <Icon name={icon} />
      {label}
    </>
  )
  if (command === 'retry') {
    return (
      <PostForm task={task} command="retry">
        <button class="menu-item" type="submit" data-key="r">
          {content}
        </button>
      </PostForm>
    )
  }
  return (
    <a
      class="menu-item"
      href={`/tasks/${task.view.id}?do=${command}`}
      {...panelLink(task, `do=${command}`)}
      data-key={KEYS[command]}
    >
      {content}
    </a>
  )
}

/** What each choice of the open questions triggers, for the reader who may not decide. */
export const Consequences = ({ task }: { task: TaskPage }) => {
  if (task.view.status !== 'waiting') return null
  return (
    <>
      {task.asks.map(ask => (
        <ConsequencesOf ask={ask} definition={task.definition} />
      ))}
    </>
  )
}

const ConsequencesOf = ({ ask, definition }: { ask: StoryAsk; definition: Definition }) => {
  const given = ask.votes.filter(vote => vote.digest === ask.digest && vote.handoff === ask.approve).length
  return (
    <ul class="secondary small" hx-ignore>
      {choicesOf(definition, { ...ask, given, fills: ask.form?.labels, next: ask.stage?.next }).map(choice => (
        <li>
          {ask.name !== undefined && `${ask.name}: `}
          {choice.name} {choice.consequence}
        </li>
      ))}
    </ul>
  )
}
