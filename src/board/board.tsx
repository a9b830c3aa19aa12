/** The board's page: columns are steps, cards are tasks. Its HTML holds its cards; public/js/board.js and the socket only keep them true. */
import type { Child } from 'hono/jsx'
import { STATUSES } from '../domain/task/state.ts'
import { STATE_LABEL } from '../http/components/badge.tsx'
import { Button, ButtonLink } from '../http/components/button.tsx'
import { Notice } from '../http/components/feedback.tsx'
import { Check, Search } from '../http/components/field.tsx'
import { Icon } from '../http/components/icon.tsx'
import { WorkflowBadge } from '../workflow/badge.tsx'
import { type BoardView, isFiltered } from './board-view.ts'
import { Column, columnId, Recent, Total } from './columns.tsx'

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
