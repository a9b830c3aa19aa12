/** The board’s columns, one for each step, and the rail of what was done last. */
import { HandlerBadge } from '../http/components/badge.tsx'
import { Icon } from '../http/components/icon.tsx'
import { COLUMN_SIZE, RECENT_SIZE } from '../records/task/boards.ts'
import type { BoardView, ColumnView, RouteView } from './board-view.ts'
import { CardItem, DoneItem } from './card.tsx'

/** The one spelling of a column's id in the page. */
export const columnId = (key: string) => `col-${key}`

export const Column = ({ column, board }: { column: ColumnView; board: BoardView }) => {
  const headingId = `${columnId(column.key)}-name`
  return (
    <section class="column" id={columnId(column.key)} data-column={column.key} aria-labelledby={headingId}>
      <header class="column-head">
        <h2 class="column-name" id={headingId}>
          {column.number !== null && <span class="column-number">{column.number}</span>}
          <span hx-ignore>{column.name}</span>
        </h2>
        <div class="column-meta">
          {column.handler !== null && <HandlerBadge handler={column.handler} />}
          <span class="leader" />
          <Total column={column} />
        </div>
      </header>
      <div class="column-cards" id={`${columnId(column.key)}-cards`} data-cards>
        {column.cards.map(card => (
          <CardItem card={card} />
        ))}
        <p class="column-empty" id={`${columnId(column.key)}-empty`} hidden={column.total > 0}>
          {column.teaches}
        </p>
        <p class="column-more" id={`${columnId(column.key)}-more`} hidden={column.total <= column.cards.length}>
          <a href={columnHref(board, column.key, 2)}>
            <span data-more>{column.total - column.cards.length}</span> more
          </a>
        </p>
      </div>
      <Routes column={column} workflow={board.workflow.id} />
    </section>
  )
}

/** "2/4": two of four are being worked on. */
export const Total = ({ column: { total, running } }: { column: ColumnView }) => (
  <span data-total title={`${total} here, ${running} running`}>
    {running > 0 ? `${running}/${total}` : total}
  </span>
)

const Routes = ({ column, workflow }: { column: ColumnView; workflow: string }) => {
  if (column.number === null) {
    return <footer class="column-foot">Steps of earlier versions. Their tasks go on as they began.</footer>
  }
  return (
    <footer class="column-foot">
      {column.routes.length > 0 && <span>Routes to:</span>}
      {column.routes.map(route => (
        <Route route={route} />
      ))}
      {column.deadEnd && <DeadEnd workflow={workflow} />}
    </footer>
  )
}

const DeadEnd = ({ workflow }: { workflow: string }) => (
  <>
    <span class="state" data-state="stuck">
      <Icon name="alert" size={14} />
      Tasks will stick here: nothing comes next.
    </span>
    <a class="column-next" href={`/workflows/${workflow}/edit`}>
      <Icon name="plus" size={14} />
      Add next step
    </a>
  </>
)

const Route = ({ route }: { route: RouteView }) => (
  <span class="route" title={route.by.text || undefined} hx-ignore>
    {route.by.text && <span class={`route-by${route.by.kind === 'condition' ? ' mono' : ''}`}>{route.by.text}</span>}
    <Icon name={route.back ? 'undo' : 'arrow-right'} label={route.back ? 'back to' : 'to'} />
    {route.to}
  </span>
)

export const Recent = ({ board }: { board: BoardView }) => (
  <section class="rail" aria-labelledby="recent-name">
    <h2 class="rail-name" id="recent-name">
      Recently completed
    </h2>
    <div id="recent" data-size={RECENT_SIZE}>
      {board.recent.map(card => (
        <DoneItem card={card} />
      ))}
      <p class="column-empty" id="recent-empty" hidden={board.recent.length > 0}>
        Finished tasks show up here.
      </p>
    </div>
  </section>
)

/** The address of a column's list, under the board's filters. */
export function columnHref(
  { workflow, filter }: Pick<BoardView, 'workflow' | 'filter'>,
  key: string,
  page: number,
): string {
  const query = new URLSearchParams({ step: key })
  if (filter.q) query.set('q', filter.q)
  if (filter.status) query.set('status', filter.status)
  if (filter.assignee) query.set('assignee', 'me')
  if (filter.stuck) query.set('stuck', '1')
  if (page > 1) query.set('page', String(page))
  return `/workflows/${workflow.id}?${query}`
}

/** How many cards of a column its list shows on a page. */
export const LIST_SIZE = COLUMN_SIZE
