/** The board's page: columns are steps, cards are tasks. Its HTML holds its cards; public/js/board.js and the socket only keep them true. */
import type { Child } from 'hono/jsx'
import { STATUSES } from '../domain/task/state.ts'
import { HandlerBadge, STATE_LABEL } from '../http/components/badge.tsx'
import { Button, ButtonLink } from '../http/components/button.tsx'
import { Notice } from '../http/components/feedback.tsx'
import { Check, Search } from '../http/components/field.tsx'
import { Icon } from '../http/components/icon.tsx'
import { COLUMN_SIZE, RECENT_SIZE } from '../records/task/boards.ts'
import { WorkflowBadge } from '../workflow/badge.tsx'
import { type BoardView, type ColumnView, isFiltered, type RouteView } from './board-view.ts'
import { CardItem, DoneItem } from './card.tsx'

const PAUSED =
  "This workflow is paused. Tasks already running keep going, but new ones won't start until you activate it."

/** The whole board; the same part is fetched again and morphed in when the socket was away. Who only looks is offered nothing. */
export const Board = ({ board, url, canAct }: { board: BoardView; url: string; canAct: boolean }) => {
  const { workflow, columns, filter } = board
  const at = `/workflows/${workflow.id}`
  return (
    <div
      class="board"
      id="board"
      data-url={url}
      data-filtered={isFiltered(filter) ? '' : undefined}
      data-looking={canAct ? undefined : ''}
    >
      <BoardHead board={board} canAct={canAct} />
      {workflow.status === 'paused' && (
        <div class="board-notice">
          <Notice icon="pause">
            <p>{PAUSED}</p>
            {board.held > 0 && <p>{deliveries(board.held)} kept meanwhile.</p>}
            {canAct && (
              <PostButton action={`${at}/activate`} icon="play">
                Activate
              </PostButton>
            )}
          </Notice>
        </div>
      )}
      {canAct && workflow.status === 'active' && board.held > 0 && <HeldNotice at={at} held={board.held} />}
      <Filters board={board} />
      <nav class="step-picker" aria-label="Steps">
        {columns.map(column => (
          <a href={`#${columnId(column.key)}`}>
            {column.name} <Total column={column} />
          </a>
        ))}
      </nav>
      {/* It scrolls sideways, also where no card in it can take the focus. */}
      <section class="board-columns" id="board-columns" tabindex={0} aria-label="Columns">
        {columns.map(column => (
          <Column column={column} board={board} />
        ))}
        <Recent board={board} />
      </section>
    </div>
  )
}

const BoardHead = ({ board: { workflow }, canAct }: { board: BoardView; canAct: boolean }) => {
  const at = `/workflows/${workflow.id}`
  return (
    <div class="board-head">
      <div class="board-title">
        <h1 hx-ignore>{workflow.name}</h1>
        <WorkflowBadge status={workflow.status} />
        <span class="secondary small">v{workflow.version}</span>
        {workflow.hasDraft && <a href={canAct ? `${at}/edit` : `${at}/docs`}>unpublished draft</a>}
      </div>
      <div class="page-tools">
        <a class="button button--quiet button--icon no-js" href={at} title="Refresh" aria-label="Refresh">
          <Icon name="refresh" />
        </a>
        {canAct && workflow.status === 'active' && (
          <PostButton action={`${at}/pause`} icon="pause" look="quiet">
            Pause
          </PostButton>
        )}
        <ButtonLink href={`${at}/intakes`} icon="inbox" look="quiet">
          Intakes
        </ButtonLink>
        <ButtonLink href={`${at}/callbacks`} icon="webhook" look="quiet">
          Callbacks
        </ButtonLink>
        <ButtonLink href={`${at}/metrics`} icon="activity" look="quiet">
          Metrics
        </ButtonLink>
        <ButtonLink href={canAct ? `${at}/edit` : `${at}/docs`} icon={canAct ? 'edit' : 'file'} look="quiet">
          {canAct ? 'Edit' : 'Docs'}
        </ButtonLink>
        {canAct && workflow.status === 'active' && (
          <ButtonLink
            href={`${at}/tasks/new`}
            look="primary"
            icon="plus"
            hx-get={`${at}/tasks/new`}
            hx-target="#drawer-body"
            data-key="c"
          >
            New task
          </ButtonLink>
        )}
      </div>
    </div>
  )
}

/** A button that is a form of its own: it works without a script. */
const PostButton = (props: {
  action: string
  icon?: 'pause' | 'play'
  look?: 'primary' | 'quiet'
  name?: string
  value?: string
  children?: Child
}) => (
  <form method="post" action={props.action}>
    <Button icon={props.icon} look={props.look} name={props.name} value={props.value}>
      {props.children}
    </Button>
  </form>
)

const HeldNotice = ({ at, held }: { at: string; held: number }) => (
  <div class="board-notice">
    <Notice icon="inbox">
      <p>{deliveries(held)} kept while this workflow was paused. Start them now, or discard them for good.</p>
      <div class="row">
        <PostButton action={`${at}/held`} name="do" value="start">
          Start {held === 1 ? 'it' : 'them'}
        </PostButton>
        <PostButton action={`${at}/held`} name="do" value="discard" look="quiet">
          Discard
        </PostButton>
      </div>
    </Notice>
  </div>
)

function deliveries(n: number): string {
  return n === 1 ? 'One delivery was' : `${n} deliveries were`
}

/** A plain GET form, so that a view has an address that can be shared. */
const Filters = ({ board: { workflow, filter } }: { board: BoardView }) => (
  <form class="filters" action={`/workflows/${workflow.id}`} method="get" data-filters>
    <Search label="Filter by title" value={filter.q ?? ''} />
    <select class="input" name="status" aria-label="State" id="filter-status">
      <option value="">Any state</option>
      {STATUSES.filter(status => status !== 'done' && status !== 'cancelled').map(status => (
        <option value={status} selected={status === filter.status}>
          {STATE_LABEL[status]}
        </option>
      ))}
    </select>
    <Check name="assignee" value="me" checked={Boolean(filter.assignee)} label="Waits for me" />
    <Check name="stuck" value="1" checked={Boolean(filter.stuck)} label="Stuck or failed" />
    <Button class="no-js" size="small" icon="filter">
      Filter
    </Button>
    {isFiltered(filter) && <a href={`/workflows/${workflow.id}`}>Clear</a>}
  </form>
)

/** The one spelling of a column's id in the page. */
const columnId = (key: string) => `col-${key}`

const Column = ({ column, board }: { column: ColumnView; board: BoardView }) => {
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
const Total = ({ column: { total, running } }: { column: ColumnView }) => (
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

const Recent = ({ board }: { board: BoardView }) => (
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

export interface MoveTarget {
  key: string
  name: string
  number: number
}

/** Asks where a task is to go; board.js fills in which. Its form is also a page of its own, for no script. */
export const MoveDialog = ({ steps, back }: { steps: MoveTarget[]; back: string }) => (
  <dialog class="dialog" id="move-dialog" aria-labelledby="move-title">
    <div class="dialog-head">
      <h2 id="move-title">Move to…</h2>
      <form method="dialog">
        <Button look="quiet" size="small" icon="close" label="Close" />
      </form>
    </div>
    <MoveForm steps={steps} back={back} />
  </dialog>
)

export const MoveForm = (props: {
  steps: MoveTarget[]
  back: string
  task?: { id: string; visit: number; step: string | null }
}) => (
  <form
    class="move-form"
    id="move-form"
    method="post"
    action={props.task ? `/tasks/${props.task.id}/move` : undefined}
    data-move-form
  >
    <input type="hidden" name="visit" value={props.task?.visit ?? ''} />
    <input type="hidden" name="back" value={props.back} />
    {props.steps.map(step => (
      <button class="menu-item" type="submit" name="step" value={step.key}>
        <span class="column-number">{step.number}</span>
        <span hx-ignore>{step.name}</span>
        {props.task?.step === step.key && <span class="secondary small">is here now: begins anew</span>}
      </button>
    ))}
    <p class="menu-note">The task begins a new visit of the step; a prompt or an agent there is paid for again.</p>
  </form>
)

/** How many cards of a column its list shows on a page. */
export const LIST_SIZE = COLUMN_SIZE
