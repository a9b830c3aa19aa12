/** `/approvals`: what waits for people, over all workflows, oldest first. */

import type { CardAsk } from '../../domain/task/told/card.ts'
import { callName } from '../../domain/workflow/call-choices.ts'
import { buttonName, questionName } from '../../domain/workflow/consequence.ts'
import { EmptyState } from '../../http/components/feedback.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { actorName } from '../../http/names.ts'
import type { WaitingRow } from '../../records/task/approvals.ts'

export const SHOWN = ['mine', 'all', 'overdue'] as const
type Shown = (typeof SHOWN)[number]

export interface InboxProps {
  shown: Shown
  items: WaitingRow[]
  next: string | null
  /** In lower case. */
  viewer: string
  now: number
}

const NAMES: Record<Shown, string> = { mine: 'Mine', all: "My team's", overdue: 'Overdue' }

export const Inbox = (props: InboxProps) => (
  <>
    <div class="page-head">
      <div>
        <h1>Approvals</h1>
        <p>What waits for a person, oldest first.</p>
      </div>
    </div>
    <nav class="subnav" aria-label="Which approvals">
      {SHOWN.map(shown => (
        <a href={`/approvals?show=${shown}`} aria-current={shown === props.shown ? 'page' : undefined}>
          {NAMES[shown]}
        </a>
      ))}
    </nav>
    {props.items.length === 0 ? <Nothing shown={props.shown} /> : <Items {...props} />}
    <NextPage href={`/approvals?show=${props.shown}`} next={props.next} label="Newer" />
  </>
)

const Items = ({ items, viewer, now }: InboxProps) => (
  <ul class="inbox">
    {items.map(item => (
      <Item item={item} viewer={viewer} now={now} />
    ))}
  </ul>
)

const Item = ({ item, viewer, now }: { item: WaitingRow; viewer: string; now: number }) => {
  const { ask } = item
  const late = ask.due !== null && ask.due < now
  const given = ask.assignees.filter(each => each.decided).length
  const mine = ask.assignees.some(each => each.email === viewer && !each.decided)
  return (
    <li
      class={late ? 'inbox-item is-overdue' : 'inbox-item'}
      id={`ask-${item.task}-${ask.visit}-${ask.run}`}
      data-card={item.task}
    >
      <h2>
        <a href={`/approvals/${item.task}?visit=${ask.visit}&run=${ask.run}`} data-key="a">
          <bdi hx-ignore>{item.title}</bdi>
        </a>
      </h2>
      <span class="number secondary">
        <Time at={item.since} now={now} />
      </span>
      <p class="approval-meta" hx-ignore>
        <strong>{questionName(item.stepName, ask.name)}</strong>
        <span>{item.workflowName}</span>
        {ASKS[ask.kind] !== undefined && <span>{ASKS[ask.kind]!(ask.tool ?? '')}</span>}
        {ask.changed !== undefined && <ChangedBy changed={ask.changed} viewer={viewer} />}
        {ask.needs > 1 && (
          <span>
            {given} of {ask.needs} approvals
          </span>
        )}
        {!mine && <span>asked: {ask.assignees.map(each => each.email).join(', ') || 'nobody'}</span>}
        {ask.kind !== 'question' && <span>{ask.labels.map(label => buttonName(label, ask.kind)).join(' or ')}</span>}
      </p>
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

const ChangedBy = ({
  changed: { by, cleared },
  viewer,
}: {
  changed: NonNullable<CardAsk['changed']>
  viewer: string
}) => (
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

const Nothing = ({ shown }: { shown: Shown }) => (
  <EmptyState icon="inbox" title={shown === 'mine' ? 'Nothing waits for you' : 'Nothing waits here'}>
    <p>
      A step with a person in it asks them here and by mail, with a link that needs no account. A task that waits for
      you shows up within two seconds.
    </p>
    {shown === 'mine' && (
      <a class="button button--primary" href="/approvals?show=all">
        See what waits for your team
      </a>
    )}
  </EmptyState>
)
