/** Publishing a draft and what came of it: the preview with every task in flight, the versions, and the way back. */
import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import { personActor } from '../../domain/caller.ts'
import { cut } from '../../domain/text/cut.ts'
import { changesBetween } from '../../domain/workflow/changes.ts'
import type { Definition, Pinned } from '../../domain/workflow/definition.ts'
import { explain } from '../../http/errors.ts'
import { versionNumber } from '../../http/own-list.ts'
import { errorPage, fragment, goTo, type PageContext, type PageEnv, wantsFragment } from '../../http/page/page.tsx'
import type { Read } from '../../http/request/body.ts'
import { readCursor } from '../../records/cursor.ts'
import {
  listVersions,
  type VersionRow,
  versionByNumber,
  type WorkflowRow,
} from '../../records/definitions/workflows.ts'
import { isTaskId } from '../../records/ids.ts'
import { type FlightMark, openByStep, openByVersion, openTasksOf, tasksBefore } from '../../records/task/flights.ts'
import { asYaml } from '../document/document.ts'
import { type Draft, lintOf } from '../draft.ts'
import { designPage, leadToDocs, mayChange, type Tab } from '../editor/frame.tsx'
import { openEdit, openWorkflowChange, ownDraft, ownWorkflow } from '../editor/open.ts'
import { firstError, type Linted, lintText, publish } from '../publish.ts'
import { showChange } from '../status.ts'
import { land } from './in-flight.ts'
import { Landing, type LandingView, landedText } from './landing-view.tsx'
import { planFields, planOf } from './plan.ts'
import { Publish } from './publish-view.tsx'
import { Versions } from './versions-view.tsx'

export const releasePages = new Hono<PageEnv>()

const CHANGED = 'Somebody changed the draft while you looked at it. This is how it is now: look again, then publish.'

/** Tasks that a publish lists one by one; beyond them the choice is by step. */
const MAX_TASKS = 100

releasePages.use('/workflows/:id/publish', leadToDocs)
releasePages.use('/workflows/:id/publish/*', leadToDocs)

releasePages.get('/workflows/:id/publish', async c => {
  const draft = await ownDraft(c)
  return draft ? publishPage(c, draft, { problem: draft.problem, note: '' }) : errorPage(c, 404)
})

releasePages.post('/workflows/:id/publish', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const { row } = draft
  const note = cut((given.note ?? '').trim(), 500)
  if (given.revision !== draft.revision) {
    return publishPage(c, draft, { problem: CHANGED, note }, 409)
  }
  if (draft.problem !== null || !isPublishable(draft.linted)) {
    return publishPage(c, draft, { problem: draft.problem, note }, 422)
  }
  const source = { text: draft.text, format: 'yaml', draft: row.draft } as const
  const version = await release(c, row, source, draft.linted, note || null)
  if (!version.ok) {
    const now = await ownDraft(c)
    return now ? publishPage(c, now, { problem: CHANGED, note }, 409) : errorPage(c, 404)
  }
  return landTasks(c, row, given, { version: version.value, after: null, moved: 0, restarted: 0 })
})

/** Goes on with the tasks in flight where a publish left off, or moves those that still are on an older version. */
releasePages.post('/workflows/:id/publish/tasks', async c => {
  const opened = await openWorkflowChange(c)
  if (!opened.ok) return opened.answer
  const { row, given } = opened
  if (row.live === null) return errorPage(c, 404)
  if (given.version !== undefined && Number(given.version) !== row.live) {
    const title = `Version ${row.live} was published meanwhile`
    const next = 'Look at the tasks in flight on the page Publish, and choose again.'
    return errorPage(c, 409, { title, did: 'The tasks that were not moved yet go on as they were.', next })
  }
  const count = (name: string) => Number(given[name]) || 0
  const sofar = { version: row.live, after: markOf(given), moved: count('moved'), restarted: count('restarted') }
  return landTasks(c, row, given, sofar)
})

releasePages.get('/workflows/:id/versions', async c => {
  const row = await ownWorkflow(c)
  if (!row) return errorPage(c, 404)
  const found = await listVersions(c.env.DB, row.team, row.id, readCursor(c.req.query('cursor') ?? ''))
  const [compared, open] = await Promise.all([compare(c, row), openByVersion(c.env.DB, row.team, row.id)])
  const view = {
    workflow: row.id,
    live: row.live,
    versions: found.items.map(item => ({ ...item, open: open.get(item.version) ?? 0 })),
    next: found.next,
    compared,
    mayChange: mayChange(c),
  }
  return frame(c, row, 'versions', `Versions of ${row.name}`, <Versions view={view} />)
})

releasePages.post('/workflows/:id/versions/revert', async c => {
  const opened = await openWorkflowChange(c)
  if (!opened.ok) return opened.answer
  const { row, given } = opened
  const old = await numbered(c, row, given.version)
  if (!old) return errorPage(c, 404)
  const read = await lintText(c.env, row.team, old, row.id)
  if (!read.ok || !isPublishable(read.value)) {
    const finding = read.ok ? firstError(read.value.lint) : null
    const did = `Nothing was changed. ${finding?.message ?? 'Its text cannot be read any more.'}`
    return errorPage(c, 409, { title: `Version ${old.version} cannot be published as it is`, did, next: finding?.fix })
  }
  const version = await release(c, row, { ...old, draft: null }, read.value, `Reverted to version ${old.version}`)
  if (!version.ok) {
    const { message, hint } = explain(version.problem)
    return errorPage(c, 409, { title: message, did: 'Nothing was changed.', next: hint })
  }
  return goTo(
    c,
    `/workflows/${row.id}/versions`,
    `Version ${version.value} is live; it says what version ${old.version} said.`,
  )
})

type Publishable = Linted & { definition: Definition }

function isPublishable(linted: Linted | null): linted is Publishable {
  return linted !== null && linted.definition !== null && firstError(linted.lint) === null
}

async function release(
  c: PageContext,
  row: WorkflowRow,
  { text, format, draft }: Pick<VersionRow, 'text' | 'format'> & { draft: string | null },
  { definition, agents }: Publishable,
  note: string | null,
): Promise<Read<number>> {
  const by = personActor(c.get('person'))
  const facts = { by, note, at: Date.now(), draft: draft ?? text }
  const shown = { live: row.live, draft: row.draft }
  const publication = { team: row.team, workflow: row.id, text, format, definition, agents, shown, ...facts }
  const version = await publish(c.env.DB, publication)
  await showChange(c.env, row.team, row.id)
  return version
}

type SoFar = Pick<LandingView, 'version' | 'moved' | 'restarted'> & { after: FlightMark | null }

/** Does what the form chose for the tasks in flight, and says what came of it and how many are left. */
async function landTasks(c: PageContext, row: WorkflowRow, given: Record<string, string>, sofar: SoFar) {
  const whose = { team: row.team, workflow: row.id, plan: planOf(given) }
  const landed = await land(c.env, whose, personActor(c.get('person')), sofar.after)
  const moved = sofar.moved + landed.moved
  const restarted = sofar.restarted + landed.restarted
  const { refused, next, remaining } = landed
  if (next === null && refused.length === 0) {
    const done = moved + restarted > 0 ? ` ${landedText({ moved, restarted })}` : ''
    return goTo(c, `/workflows/${row.id}`, `Version ${sofar.version} is live.${done}`)
  }
  const fields: [string, string][] = [...planFields(given), ...(next ? markFields(next) : [])]
  const view = { workflow: row.id, version: sofar.version, moved, restarted, refused, remaining, fields }
  // The next round comes into its place by itself; the last one leads on to the board.
  if (wantsFragment(c)) return fragment(c, <Landing view={view} />)
  return frame(c, (await ownWorkflow(c)) ?? row, 'publish', `Publish ${row.name}`, <Landing view={view} />)
}

function markOf(given: Record<string, string>): FlightMark | null {
  const at = Number(given['after-at'])
  const id = given['after-id'] ?? ''
  return Number.isSafeInteger(at) && at > 0 && isTaskId(id) ? { at, id } : null
}

function markFields({ at, id }: FlightMark): [string, string][] {
  return [
    ['after-at', String(at)],
    ['after-id', id],
  ]
}

async function compare(c: PageContext, row: WorkflowRow) {
  const [from, to] = await Promise.all([numbered(c, row, c.req.query('from')), numbered(c, row, c.req.query('to'))])
  if (!from || !to) return null
  const [before, after] = [from, to].map(version => (JSON.parse(version.pinned) as Pinned).definition)
  const texts: [string, string] = [asYaml(from.text, from.format), asYaml(to.text, to.format)]
  return { from: from.version, to: to.version, changes: changesBetween(before!, after!), texts }
}

async function numbered(c: PageContext, row: WorkflowRow, text: string | undefined): Promise<VersionRow | null> {
  const number = versionNumber(text ?? '')
  return number === null ? null : versionByNumber(c.env.DB, row.team, row.id, number)
}

async function publishPage(
  c: PageContext,
  draft: Draft,
  over: { problem: string | null; note: string },
  status: 200 | 409 | 422 = 200,
) {
  const { row } = draft
  const live = row.live === null ? null : await versionByNumber(c.env.DB, row.team, row.id, row.live)
  // Where there is nothing to publish, only tasks of earlier versions have a choice.
  const newest = row.draft === null && row.live !== null ? row.live : undefined
  const [flights, steps] = await Promise.all([
    newest === undefined
      ? openTasksOf(c.env.DB, row.team, row.id, MAX_TASKS)
      : tasksBefore(c.env.DB, row.team, row.id, newest, { after: null, limit: MAX_TASKS }),
    openByStep(c.env.DB, row.team, row.id, newest),
  ])
  const definition = draft.linted?.definition ?? null
  const before = live ? (JSON.parse(live.pinned) as Pinned).definition : null
  const view = {
    workflow: row.id,
    revision: draft.revision,
    live: row.live,
    draft: row.draft !== null,
    definition,
    lint: lintOf(draft),
    changes: before && definition ? changesBetween(before, definition) : [],
    texts: { before: live ? asYaml(live.text, live.format) : '', after: draft.text },
    ...flights,
    steps: [...steps],
    ...over,
  }
  return frame(c, row, 'publish', `Publish ${row.name}`, <Publish view={view} />, status)
}

function frame(
  c: PageContext,
  row: WorkflowRow,
  tab: Tab,
  title: string,
  content: Child,
  status: 200 | 409 | 422 = 200,
) {
  return designPage(c, row, { tab, title }, content, status)
}
