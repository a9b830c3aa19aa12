/** What the board shows on pages of their own: one column in full, and where to move a task. */
import { ButtonLink } from '../http/components/button.tsx'
import type { BoardFilter } from '../records/task/boards.ts'
import type { WorkflowView } from './board-view.ts'
import { CardItem } from './card.tsx'
import type { CardView } from './card-view.ts'
import { columnHref, LIST_SIZE } from './columns.tsx'
import { MoveForm, type MoveTarget } from './move.tsx'

export interface ColumnListView {
  workflow: WorkflowView
  filter: BoardFilter
  key: string
  name: string
  page: number
  total: number
  cards: CardView[]
}

/** A column's tasks, a page at a time; the order is the board's. */
export const ColumnList = ({ list }: { list: ColumnListView }) => {
  const { workflow, name, key, page, total, cards } = list
  const first = (page - 1) * LIST_SIZE + 1
  const href = (to: number) => columnHref(list, key, to)
  return (
    <>
      <div class="page-head">
        <div>
          <h1 hx-ignore>{name}</h1>
          <p>
            {cards.length > 0 ? `${first}–${first + cards.length - 1} of ${total} tasks` : `${total} tasks`} in{' '}
            <a href={`/workflows/${workflow.id}`}>{workflow.name}</a>
          </p>
        </div>
        <ButtonLink href={`/workflows/${workflow.id}`} icon="arrow-left">
          Back to the board
        </ButtonLink>
      </div>
      <h2 class="visually-hidden">Tasks</h2>
      <div class="card-list">
        {cards.map(card => (
          <CardItem card={card} />
        ))}
      </div>
      {cards.length === 0 && <p class="secondary">No tasks are on this page any more.</p>}
      <nav class="pages row" aria-label="Pages">
        {page > 1 && (
          <ButtonLink href={href(page - 1)} rel="prev">
            Previous
          </ButtonLink>
        )}
        {first + cards.length <= total && (
          <ButtonLink href={href(page + 1)} rel="next">
            Next
          </ButtonLink>
        )}
      </nav>
    </>
  )
}

/** The menu of "Move to…" as a page: it works without a script. */
export const MovePage = (props: { card: CardView; steps: MoveTarget[]; back: string }) => {
  const { card, steps, back } = props
  return (
    <div class="narrow stack">
      <h1>
        Move <span hx-ignore>“{card.title}”</span> to…
      </h1>
      <p class="secondary" hx-ignore>
        {card.why}
      </p>
      <div class="panel">
        <MoveForm steps={steps} back={back} task={card} />
      </div>
      <p>
        <a href={back}>Leave it where it is</a>
      </p>
    </div>
  )
}
