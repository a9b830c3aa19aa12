/** `/approvals`: what waits for people over all workflows, oldest first, and beside it the question that is open. */
import type { Child } from 'hono/jsx'
import type { CardAsk } from '../../domain/task/told/card.ts'
import { callName } from '../../domain/workflow/call-choices.ts'
import { buttonName, questionName } from '../../domain/workflow/consequence.ts'
import { EmptyState } from '../../http/components/feedback.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { actorName } from '../../http/names.ts'
import type { DecidedRow, StoppedRow, WaitingRow } from '../../records/task/approvals.ts'
import { type Asked, isNarrowed, type Place, placeText, queryOf, SHOWN, type Shown } from './asked.ts'
import { DecidedList } from './decided-view.tsx'
import { Filters } from './filters-view.tsx'
import { Stopped } from './stopped-view.tsx'

export interface InboxProps {
  asked: Asked
  items: WaitingRow[]
  /** Of the view `decided`. */
  decided: DecidedRow[]
  /** Tasks that a limit stopped. */
  stopped: StoppedRow[]
  next: string | null
  workflows: { id: string; name: string }[]
  /** In lower case. */
  viewer: string
  now: number
  /** The question that is open beside the list, and its page. */
  open: { place: Place; content: Child } | null
}

const NAMES: Record<Shown, string> = {
  mine: 'Mine',
  all: "My team's",
  overdue: 'Overdue',
  unsure: 'Escalations',
  call: 'May it be called?',
  outcome: 'Did it happen?',
  decided: 'Decided',
}

export const Inbox = (props: InboxProps) => {
  const { asked, open, next } = props
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Approvals</h1>
          <p>
            {asked.show === 'decided' ? 'What people decided, newest first.' : 'What waits for a person, oldest first.'}
          </p>
        </div>
      </div>
      <nav class="subnav" aria-label="Which approvals">
        {SHOWN.map(show => (
          <a href={`/approvals?${queryOf(asked, { show })}`} aria-current={show === asked.show ? 'page' : undefined}>
            {NAMES[show]}
          </a>
        ))}
      </nav>
      <Filters {...props} />
      <div class={open === null ? 'inbox-split' : 'inbox-split is-open'}>
        <div class="inbox-list">
          <Alike {...props} />
          <Stopped {...props} />
          {asked.show === 'decided' ? <DecidedList {...props} /> : <Items {...props} />}
          <NextPage
            href={`/approvals?${queryOf(asked)}`}
            next={next}
            label={asked.show === 'decided' ? 'Older' : 'Newer'}
          />
        </div>
        {open !== null && (
          <section class="inbox-pane" aria-label="The question that is open">
            <p class="inbox-back">
              <a href={`/approvals?${queryOf(asked)}`}>Back to the list</a>
            </p>
            {open.content}
          </section>
        )}
      </div>
    </>
  )
}

/** Questions of one step that wait for the viewer: they can be decided together. */
const Alike = ({ items, viewer }: InboxProps) => {
  const groups = alikeOf(items, viewer)
  if (groups.length === 0) return null
  return (
    <p class="approval-meta">
      {groups.map(({ first, n }) => (
        <a href={`/approvals/together?${togetherQuery(first)}`}>
          Decide {n} of “{questionName(first.stepName, first.ask.name)}” together
        </a>
      ))}
    </p>
  )
}

function alikeOf(items: WaitingRow[], viewer: string): { first: WaitingRow; n: number }[] {
  const groups = new Map<string, { first: WaitingRow; n: number }>()
  for (const item of items) {
    // What is to be filled in is so for each.
    if (item.ask.kind !== 'decide' || item.ask.fills !== undefined || !isMine(item.ask, viewer)) continue
    const key = togetherQuery(item)
    groups.set(key, { first: groups.get(key)?.first ?? item, n: (groups.get(key)?.n ?? 0) + 1 })
  }
  return [...groups.values()].filter(({ n }) => n > 1)
}

function togetherQuery({ workflow, ask }: WaitingRow): string {
  return new URLSearchParams({
    workflow,
    step: ask.step,
    ...(ask.name === undefined ? {} : { name: ask.name }),
  }).toString()
}

const Items = (props: InboxProps) =>
  props.items.length === 0 ? (
    <Nothing {...props} />
  ) : (
    <ul class="inbox">
      {props.items.map(item => (
        <Item {...props} item={item} />
      ))}
    </ul>
  )

const Item = ({ item, viewer, now, asked, open }: InboxProps & { item: WaitingRow }) => {
  const { ask } = item
  const late = ask.due !== null && ask.due < now
  const place = placeText({ task: item.task, visit: ask.visit, run: ask.run })
  const isOpen = open !== null && placeText(open.place) === place
  return (
    <li class={late ? 'inbox-item is-overdue' : 'inbox-item'} data-card={item.task}>
      <h2>
        <a
          href={`/approvals?${queryOf(asked, { open: place })}`}
          data-key="a"
          aria-current={isOpen ? 'true' : undefined}
        >
          <bdi hx-ignore>{item.title}</bdi>
        </a>
      </h2>
      <span class="number secondary">
        <Time at={item.since} now={now} />
      </span>
      <Meta item={item} viewer={viewer} />
      <span class="number">
        {ask.due !== null && (
          <span class={late ? 'field-error' : 'secondary'}>
            {late ? 'overdue since ' : 'due '}
            <Time at={ask.due} now={now} />
          </span>
        )}
      </span>
    </li>
  )
}

const Meta = ({ item, viewer }: { item: WaitingRow; viewer: string }) => {
  const { ask } = item
  const given = ask.given ?? ask.assignees.filter(each => each.decided).length
  return (
    <p class="approval-meta" hx-ignore>
      <strong>{questionName(item.stepName, ask.name)}</strong>
      <span>{item.workflowName}</span>
      {ASKS[ask.kind] !== undefined && <span>{ASKS[ask.kind]!(ask.tool ?? '')}</span>}
      {ask.changed !== undefined && <ChangedBy changed={ask.changed} viewer={viewer} />}
      {ask.stage !== undefined && (
        <span>
          stage {ask.stage.n} of {ask.stage.of}
          {ask.stage.name !== null && `: ${ask.stage.name}`}
        </span>
      )}
      {ask.risk === 'high' && <span>high risk</span>}
      {ask.needs > 1 && (
        <span>
          {given} of {ask.needs} approvals
        </span>
      )}
      {!isMine(ask, viewer) && <span>asked: {ask.assignees.map(each => each.email).join(', ') || 'nobody'}</span>}
      {ask.kind !== 'question' && <span>{ask.labels.map(label => buttonName(label, ask.kind)).join(' or ')}</span>}
    </p>
  )
}

/** Whether it still waits for the viewer. */
function isMine(ask: CardAsk, viewer: string): boolean {
  return ask.assignees.some(each => each.email === viewer && !each.decided)
}

interface ChangedProps {
  changed: NonNullable<CardAsk['changed']>
  viewer: string
}

const ChangedBy = ({ changed: { by, cleared }, viewer }: ChangedProps) => (
  <span>
    {actorName(by)} changed it{cleared.includes(viewer) ? ' since you approved it' : ''}
  </span>
)

/** What is asked, where it is not the step's own question. */
const ASKS: Partial<Record<CardAsk['kind'], (tool: string) => string>> = {
  unsure: () => 'the model was not sure',
  call: tool => `may ${callName(tool)} be called?`,
  question: () => 'asks you something',
  outcome: tool => `did the call of ${callName(tool)} happen?`,
}

const NOTHING: Record<Exclude<Shown, 'decided'>, string> = {
  mine: 'Nothing waits for you',
  all: 'Nothing waits here',
  overdue: 'Nothing is overdue',
  unsure: 'No model was unsure',
  call: 'No call waits to be allowed',
  outcome: 'No call is in doubt',
}

const Nothing = ({ asked, next }: InboxProps) => {
  if (isNarrowed(asked)) {
    return (
      <EmptyState icon="inbox" title={next === null ? 'Nothing that waits fits' : 'Nothing among the oldest fits'}>
        <p>
          {next === null
            ? 'Take a filter away, or look at your team’s.'
            : 'Look further, or narrow it down by workflow.'}
        </p>
        <a class="button" href={`/approvals?show=${asked.show}`}>
          Show everything
        </a>
      </EmptyState>
    )
  }
  return (
    <EmptyState icon="inbox" title={NOTHING[asked.show as keyof typeof NOTHING]}>
      <p>
        A step with a person in it asks them here and by mail, with a link that needs no account. A task that waits for
        you shows up within two seconds.
      </p>
      {asked.show === 'mine' && (
        <a class="button button--primary" href="/approvals?show=all">
          See what waits for your team
        </a>
      )}
    </EmptyState>
  )
}
