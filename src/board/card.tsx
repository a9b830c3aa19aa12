/** A card, and a line of "Recently completed": what the board's page holds and the socket sends anew. */
import type { Child } from 'hono/jsx'
import { shortName } from '../domain/address.ts'
import { dollars } from '../domain/money.ts'
import type { CommandType } from '../domain/task/commands.ts'
import { STATE_LABEL, StateMark } from '../http/components/badge.tsx'
import { Button } from '../http/components/button.tsx'
import { Popover } from '../http/components/dialog.tsx'
import { Icon } from '../http/components/icon.tsx'
import { Money } from '../http/components/value/money.tsx'
import { Elapsed, Time } from '../http/components/value/time.tsx'
import type { CardView } from './card-view.ts'

/** The one spelling of a card's id in the page. */
const cardId = (task: string) => `card-${task}`
const doneId = (task: string) => `done-${task}`

/** What people and models wrote stands in elements that htmx ignores, so that it could do nothing even unescaped. */
export const CardItem = ({ card }: { card: CardView }) => (
  <article
    class={`card${isMovable(card) ? ' is-movable' : ''}`}
    id={cardId(card.id)}
    data-card={card.id}
    data-state={card.status}
    data-step={card.step ?? ''}
    data-seq={card.seq}
    data-visit={card.visit}
    data-rank={card.rank}
  >
    <div class="card-head">
      <h3 class="card-title">
        <a
          href={`/tasks/${card.id}`}
          hx-get={`/tasks/${card.id}`}
          hx-target="#drawer-body"
          hx-push-url="true"
          draggable="false"
        >
          <span hx-ignore>{card.title}</span>
        </a>
      </h3>
      <span class="card-state">
        <Standing card={card} />
      </span>
    </div>
    {card.why && (
      <p class="card-why" hx-ignore>
        {card.why}
      </p>
    )}
    <Foot card={card} />
  </article>
)

/** The state with its second cue: an elapsed time, a name, a word. */
const Standing = ({ card }: { card: CardView }) => {
  switch (card.status) {
    case 'running':
      return (
        <StateMark status="running">
          <Elapsed since={card.enteredAt} />
        </StateMark>
      )
    case 'waiting':
      return (
        <StateMark status="waiting">
          <span hx-ignore title={card.assignees.join(', ')}>
            {namesOf(card.assignees)}
          </span>
        </StateMark>
      )
    default:
      return <StateMark status={card.status}>{STATE_LABEL[card.status]}</StateMark>
  }
}

function namesOf(assignees: string[]): string {
  const [first, ...others] = assignees
  if (first === undefined) return STATE_LABEL.waiting
  return others.length > 0 ? `${shortName(first)} +${others.length}` : shortName(first)
}

const Foot = ({ card }: { card: CardView }) => (
  <div class="card-foot">
    <span title="In this step since">
      <Time at={card.enteredAt} focusable={false} />
    </span>
    {card.due !== null && (
      <span class={card.due < Date.now() ? 'is-late' : undefined}>
        due <Time at={card.due} focusable={false} />
      </span>
    )}
    {card.parts !== null && (
      <span title="Parts of this step that are done">
        {card.parts.done} of {card.parts.of}
      </span>
    )}
    {card.key !== null && (
      <span class="card-key" title="Business key" hx-ignore>
        {card.key}
      </span>
    )}
    {card.duplicateOf !== null && <span title={`An earlier task has this key: ${card.duplicateOf}`}>duplicate</span>}
    {card.skipped && <span title="One in several is looked at, and this was not one">not reviewed (sampled)</span>}
    {card.files > 0 && <span>{card.files === 1 ? '1 file' : `${card.files} files`}</span>}
    {card.attempt > 1 && <span>attempt {card.attempt}</span>}
    {card.cost !== 0 && <Money usd={card.cost} />}
    <span class="card-do">
      <Fix card={card} />
      <a
        class="button button--quiet button--small button--icon"
        href={`/workflows/${card.workflow}/move?task=${card.id}`}
        data-move
        data-key="m"
        title="Move to…"
        aria-label="Move to…"
        draggable="false"
      >
        <Icon name="move" size={14} />
      </a>
    </span>
  </div>
)

const FIX: Partial<Record<CommandType, string>> = {
  decide: 'Decide',
  route: 'Choose the next step',
  raise: 'Raise the limit',
  assign: 'Assign someone',
  answer: 'Did it happen?',
}

/** The one act that unblocks the task. A retry needs no more than a click; the rest is filled in on the task's page. */
const Fix = ({ card }: { card: CardView }) => {
  if (card.act === 'retry') {
    return (
      <CardForm card={card} command="retry">
        <Button size="small" data-key="r">
          Retry
        </Button>
      </CardForm>
    )
  }
  if (card.act === 'raise' && card.costLimit !== null) return <AtCostLimit card={card} limit={card.costLimit} />
  const label = card.act === null ? undefined : FIX[card.act]
  if (label === undefined) return null
  // The task's page begins with the buttons of this act.
  const path = `/tasks/${card.id}`
  return (
    <a
      class="button button--small"
      href={path}
      hx-get={path}
      hx-target="#drawer-body"
      hx-push-url="true"
      data-key={card.act === 'decide' || card.act === 'answer' ? 'a' : undefined}
      draggable="false"
    >
      {label}
    </a>
  )
}

/** The ways on from a cost limit; which models are cheaper is for the task's page to say. */
const AtCostLimit = ({ card, limit }: { card: CardView; limit: number }) => {
  const path = `/tasks/${card.id}`
  const id = `limit-${card.id}`
  return (
    <>
      <Button type="button" size="small" popovertarget={id}>
        Choose how to go on
      </Button>
      <Popover id={id} title={`At its limit of ${dollars(limit)}`}>
        <div class="stack-tight">
          <CardForm card={card} command="raise">
            <input type="hidden" name="from" value={String(limit)} />
            <Button look="primary" icon="flag" name="by" value="1">
              Raise by $1, to {dollars(limit + 1)}
            </Button>
          </CardForm>
          <a class="button" href={path} hx-get={path} hx-target="#drawer-body" hx-push-url="true" draggable="false">
            <Icon name="refresh" size={14} />
            Go on with a cheaper model…
          </a>
          <CardForm card={card} command="route">
            <Button name="handoff" value="complete" icon="check">
              Finish with what there is
            </Button>
          </CardForm>
        </div>
      </Popover>
    </>
  )
}

/** The card is replaced before the answer comes; a target that is gone would swallow the answer's toast. */
const CardForm = (props: { card: CardView; command: 'retry' | 'raise' | 'route'; children?: Child }) => {
  const path = `/tasks/${props.card.id}/${props.command}`
  return (
    <form method="post" action={path} hx-post={path} hx-target="#toasts" hx-swap="none">
      <input type="hidden" name="visit" value={props.card.visit} />
      <input type="hidden" name="back" value={`/workflows/${props.card.workflow}`} />
      {props.children}
    </form>
  )
}

/** A running card would take its call's cost with it: it is moved by the menu or after it was cancelled, not by a slip. */
function isMovable({ status }: CardView): boolean {
  return status !== 'running'
}

export const DoneItem = ({ card }: { card: CardView }) => (
  <a
    class="rail-item"
    id={doneId(card.id)}
    href={`/tasks/${card.id}`}
    hx-get={`/tasks/${card.id}`}
    hx-target="#drawer-body"
    hx-push-url="true"
    data-state="done"
    data-seq={card.seq}
    data-rank={card.finishedAt ?? 0}
  >
    <Icon name="done" />
    <span class="truncate" hx-ignore>
      {card.title}
    </span>
    <Time at={card.finishedAt ?? card.enteredAt} focusable={false} />
  </a>
)
