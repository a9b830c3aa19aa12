/** The board's pages and what is done on them: a workflow's tasks in columns, live; new tasks; pausing and activating. */

import { Hono } from 'hono'
import { personActor } from '../domain/caller.ts'
import { may } from '../domain/permissions.ts'
import { STATUSES } from '../domain/task/state.ts'
import { cut } from '../domain/text/cut.ts'
import { stepName } from '../domain/workflow/parts.ts'
import { readPageForm, withFileIds } from '../files/page-form.ts'
import { ErrorNotice } from '../http/components/feedback.tsx'
import { explain, type Problem } from '../http/errors.ts'
import { openChange } from '../http/page/change.ts'
import {
  errorPage,
  fragment,
  goTo,
  isLocal,
  type PageContext,
  type PageEnv,
  page,
  wantsFragment,
} from '../http/page/page.tsx'
import { exampleOf, type Given, givenOf, inputForm } from '../http/request/input-form.ts'
import { releaseHeld } from '../intake/outcome/release-held.ts'
import { liveVersion, type WorkflowRow, workflowById } from '../records/definitions/workflows.ts'
import { isId, isTaskId } from '../records/ids.ts'
import { countHeld } from '../records/intake/held-deliveries.ts'
import { type BoardFilter, boardRows, cardRow, columnRows, OTHER_STEPS } from '../records/task/boards.ts'
import { livePinned, type PinnedVersion } from '../task/pinned.ts'
import { openTargetOf } from '../task/start.ts'
import { readDocument } from '../workflow/document/document.ts'
import { switchStatus } from '../workflow/status.ts'
import { Board } from './board.tsx'
import { boardView, type WorkflowView } from './board-view.ts'
import { cardOfRow } from './card-view.ts'
import { DraftBoard } from './draft-board.tsx'
import { ColumnList, MovePage } from './lists.tsx'
import { openSocket } from './live.ts'
import { MoveDialog, type MoveTarget } from './move.tsx'
import { NewTask } from './new-task.tsx'
import { startByHand } from './start-by-hand.ts'

export const boardPages = new Hono<PageEnv>()

boardPages.get('/workflows/:id', async c => {
  const found = await ownWorkflow(c)
  if (!found) return errorPage(c, 404)
  const { row, version } = found
  const frame = {
    title: row.name,
    active: 'workflows',
    width: 'full',
    scripts: ['board'],
    styles: ['columns'],
  } satisfies Parameters<typeof page>[1]
  if (version === null)
    return page(
      c,
      { title: row.name, active: 'workflows' },
      <DraftBoard {...draftOf(row)} canAct={may(c.get('person'), 'tasks.act')} />,
    )
  const { definition } = version.pinned
  const keys = definition.steps.map(step => step.key)
  const filter = filterOf(c)
  const column = c.req.query('step')
  if (column !== undefined) return columnPage(c, found.row, version, column, filter)
  const [rows, held] = await Promise.all([
    boardRows(c.env.DB, row.team, row.id, keys, filter),
    countHeld(c.env.DB, row.team, row.id),
  ])
  const board = boardView(workflowView(row), definition, rows, { filter, held })
  const content = <Board board={board} url={ownUrl(c)} canAct={may(c.get('person'), 'tasks.act')} />
  if (wantsFragment(c)) return fragment(c, content)
  return page(
    c,
    frame,
    <>
      <div id="board-live" hx-ws:connect={`/workflows/${row.id}/live`} />
      {content}
      <MoveDialog steps={targetsOf(version)} back={ownUrl(c)} />
    </>,
  )
})

boardPages.get('/workflows/:id/live', async c => {
  const id = c.req.param('id')
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') return c.text('This address takes WebSockets only.', 426)
  if (!isOwnOrigin(c)) return c.text('Sockets are for pages of Baton.', 403)
  const person = c.get('person')
  const row = isId('wf', id) ? await workflowById(c.env.DB, person.team.id, id) : null
  if (!row) return c.text('Nothing is here.', 404)
  return openSocket(c.env, person, row.id)
})

boardPages.get('/workflows/:id/move', async c => {
  const found = await ownWorkflow(c)
  const task = c.req.query('task') ?? ''
  const card = found && isTaskId(task) ? await cardRow(c.env.DB, found.row.team, found.row.id, task) : null
  if (!found?.version || !card) return errorPage(c, 404)
  const back = `/workflows/${found.row.id}`
  const content = <MovePage card={cardOfRow(found.row.id, card)} steps={targetsOf(found.version)} back={back} />
  return page(c, { title: 'Move a task', active: 'workflows' }, content)
})

boardPages.get('/workflows/:id/tasks/new', async c => {
  const found = await ownWorkflow(c)
  if (!found?.version) return errorPage(c, 404)
  const { input } = found.version.pinned.definition
  const example = c.req.query('example') === '1' ? exampleOf(input) : null
  const given = example === null ? {} : givenOf(inputForm(input), example)
  return newTask(c, found.row, found.version, { given, errors: {} })
})

boardPages.post('/workflows/:id/tasks', async c => {
  const id = c.req.param('id')
  const person = c.get('person')
  const live = isId('wf', id) ? await liveVersion(c.env.DB, person.team.id, id) : null
  const into = await openTargetOf(c.env.DB, live)
  if (!into.ok) return refuse(c, into.problem)
  const row = await workflowById(c.env.DB, person.team.id, id)
  if (!row) return errorPage(c, 404)
  const read = await readPageForm(c, { team: person.team.id, from: 'hand', by: personActor(person) })
  if (!read.ok && read.message === undefined) return errorPage(c, read.status)
  if (!read.ok)
    return newTask(
      c,
      row,
      into.value.version,
      { given: Object.fromEntries(read.form ?? []), errors: { '': read.message! } },
      422,
    )
  const { fields } = inputForm(into.value.version.pinned.definition.input, 'files')
  const given = withFileIds(fields, Object.fromEntries(read.form), read.files)
  const started = await startByHand(c, id, into.value, given, read.files)
  if (!started.ok) return newTask(c, row, into.value.version, { given, errors: started.errors }, 422)
  return goTo(c, `/workflows/${id}`, `“${started.title}” has started.`)
})

boardPages.post('/workflows/:id/pause', c => switchTo(c, 'paused', 'The workflow is paused.'))
boardPages.post('/workflows/:id/activate', c => switchTo(c, 'active', 'The workflow is active.'))

boardPages.post('/workflows/:id/held', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const id = c.req.param('id')
  if (!isId('wf', id)) return errorPage(c, 404)
  const start = change.given.do === 'start'
  const person = c.get('person')
  const released = await releaseHeld(c.env, person.team.id, id, start, personActor(person))
  if (!released.ok) return refuse(c, released.problem)
  const { started, discarded, refused, remaining } = released.value
  const parts = [
    start ? `${started} started` : `${discarded} discarded`,
    refused.length > 0 && `${refused.length} do not fit the input schema any more and stay`,
    remaining > refused.length && `${remaining} are left`,
  ]
  return goTo(c, `/workflows/${id}`, `${parts.filter(Boolean).join('; ')}.`)
})

/** The team's workflow and its live version, which a draft lacks; null: there is none. */
async function ownWorkflow(c: PageContext): Promise<{ row: WorkflowRow; version: PinnedVersion | null } | null> {
  const id = c.req.param('id') ?? ''
  if (!isId('wf', id)) return null
  const team = c.get('person').team.id
  const [row, live] = await Promise.all([workflowById(c.env.DB, team, id), liveVersion(c.env.DB, team, id)])
  if (!row || !live) return null
  return { row, version: await livePinned(c.env.DB, live) }
}

function draftOf(row: WorkflowRow) {
  const read = row.draft === null ? null : readDocument(row.draft, row.draftFormat ?? 'yaml')
  const steps = read?.ok ? (read.value as { steps?: unknown } | null)?.steps : []
  return { workflow: workflowView(row), steps: Array.isArray(steps) ? steps.length : 0 }
}

function workflowView(row: WorkflowRow): WorkflowView {
  const { id, name, description, status, live } = row
  return { id, name, description, status, version: live, hasDraft: row.draft !== null }
}

function targetsOf({ pinned }: PinnedVersion): MoveTarget[] {
  return pinned.definition.steps.map((step, index) => ({ key: step.key, name: stepName(step), number: index + 1 }))
}

/** Unknown values of a filter are left out, as a shared address may be old. */
function filterOf(c: PageContext): BoardFilter {
  const { q, status, assignee, stuck } = c.req.query()
  return {
    q: cut(q?.trim() ?? '', 200) || undefined,
    status: STATUSES.find(one => one === status),
    assignee: assignee === 'me' ? c.get('person').email : undefined,
    stuck: stuck === '1' || undefined,
  }
}

function ownUrl(c: PageContext): string {
  const { pathname, search } = new URL(c.req.url)
  return pathname + search
}

async function columnPage(c: PageContext, row: WorkflowRow, version: PinnedVersion, key: string, filter: BoardFilter) {
  const { steps } = version.pinned.definition
  const step = steps.find(one => one.key === key)
  if (!step && key !== OTHER_STEPS) return errorPage(c, 404)
  const number = Math.min(1000, Math.max(1, Number.parseInt(c.req.query('page') ?? '1', 10) || 1))
  const keys = steps.map(one => one.key)
  const { cards, total } = await columnRows(c.env.DB, row.team, row.id, keys, { step: key, page: number }, filter)
  const view = {
    workflow: workflowView(row),
    filter,
    key,
    name: step ? stepName(step) : 'Other steps',
    page: number,
    total,
    cards: cards.map(card => cardOfRow(row.id, card)),
  }
  return page(c, { title: `${view.name} · ${row.name}`, active: 'workflows' }, <ColumnList list={view} />)
}

/** The page's own origin; in local mode any name that the machine was reached by. */
function isOwnOrigin(c: PageContext): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined) return false
  const own = new URL(c.env.BATON_URL).origin
  return origin === own || (isLocal(c.env) && origin === new URL(c.req.url).origin)
}

async function newTask(
  c: PageContext,
  row: WorkflowRow,
  version: PinnedVersion,
  filled: { given: Given; errors: Record<string, string> },
  status: 200 | 422 = 200,
) {
  const form = inputForm(version.pinned.definition.input, 'files')
  const key = filled.given._key || crypto.randomUUID()
  const hasExample = exampleOf(version.pinned.definition.input) !== null
  const content = <NewTask view={{ workflow: row, form, hasExample, ...filled, key }} />
  if (wantsFragment(c)) return fragment(c, content, status)
  return page(c, { title: 'New task', active: 'workflows' }, content, status)
}

async function switchTo(c: PageContext, to: 'paused' | 'active', message: string) {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const id = c.req.param('id') ?? ''
  const person = c.get('person')
  const switched = await switchStatus(
    c.env,
    { team: person.team.id, id, actor: personActor(person) },
    ['active', 'paused'],
    to,
  )
  return switched.ok ? goTo(c, `/workflows/${id}`, message) : refuse(c, switched.problem)
}

function refuse(c: PageContext, problem: Problem) {
  const { status, message } = explain(problem)
  if (wantsFragment(c)) return fragment(c, <ErrorNotice>{message}</ErrorNotice>, status)
  return errorPage(c, status, { title: message })
}
