/** Publishing a draft and what came of it: the preview with every task in flight, the versions, and the way back. */
import { Hono } from 'hono'
import { changesBetween } from '../../domain/workflow/changes.ts'
import type { Definition, Pinned } from '../../domain/workflow/definition.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page.tsx'
import { readCursor } from '../../records/cursor.ts'
import { openTasksOf } from '../../records/flights.ts'
import { isTaskId } from '../../records/ids.ts'
import { listVersions, type VersionRow, versionByNumber, type WorkflowRow } from '../../records/workflows.ts'
import { personActor } from '../../task/actor.ts'
import { isViewer, requirePerson } from '../../team/session.ts'
import { asYaml } from '../document.ts'
import { type Draft, lintOf } from '../draft.ts'
import { DesignFrame, type Tab } from '../editor/frame.tsx'
import { openEdit, openWorkflowChange, ownDraft, ownWorkflow } from '../editor/open.ts'
import { firstError, type Linted, lintText, publish } from '../publish.ts'
import { showChange } from '../status.ts'
import { choiceOf, type Flight, type Landed, land } from './in-flight.ts'
import { Publish } from './publish-view.tsx'
import { Versions } from './versions-view.tsx'

export const releasePages = new Hono<PageEnv>()

/** Tasks that a publish lists; what is not listed finishes on its version. */
const MAX_TASKS = 100

releasePages.use('/workflows/:id/publish', requirePerson)
releasePages.use('/workflows/:id/versions', requirePerson)
releasePages.use('/workflows/:id/versions/*', requirePerson)

releasePages.get('/workflows/:id/publish', async c => {
  const draft = await ownDraft(c)
  return draft ? publishPage(c, draft, { problem: draft.problem, note: '' }) : errorPage(c, 404)
})

releasePages.post('/workflows/:id/publish', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const { row } = draft
  const note = (given.note ?? '').trim().slice(0, 500)
  if (given.revision !== draft.revision) {
    const problem =
      'Somebody changed the draft while you looked at it. This is how it is now: look again, then publish.'
    return publishPage(c, draft, { problem, note }, 409)
  }
  if (draft.problem !== null || !isPublishable(draft.linted)) {
    return publishPage(c, draft, { problem: draft.problem, note }, 422)
  }
  const version = await release(c, row, draft.text, 'yaml', draft.linted, note || null)
  const landed = await land(c.env, row.team, row.id, flightsOf(given), personActor(c.get('person')))
  return goTo(c, `/workflows/${row.id}`, `Version ${version} is live.${landedText(landed)}`)
})

releasePages.get('/workflows/:id/versions', async c => {
  const row = await ownWorkflow(c)
  if (!row) return errorPage(c, 404)
  const found = await listVersions(c.env.DB, row.team, row.id, readCursor(c.req.query('cursor') ?? ''))
  const compared = await compare(c, row)
  const view = {
    workflow: row.id,
    live: row.live,
    versions: found.items.map(item => ({ ...item, open: 0 })),
    next: found.next,
    compared,
    mayChange: !isViewer(c.get('person')),
  }
  return frame(c, row, 'versions', `Versions of ${row.name}`, <Versions view={view} />)
})

releasePages.post('/workflows/:id/versions/revert', async c => {
  const opened = await openWorkflowChange(c, 'publish workflows')
  if (!opened.ok) return opened.answer
  const { row, given } = opened
  const old = await numbered(c, row, given.version)
  if (!old) return errorPage(c, 404)
  const read = await lintText(c.env.DB, row.team, old)
  if (!read.ok || !isPublishable(read.value)) {
    const finding = read.ok ? firstError(read.value.lint) : null
    const did = `Nothing was changed. ${finding?.message ?? 'Its text cannot be read any more.'}`
    return errorPage(c, 409, { title: `Version ${old.version} cannot be published as it is`, did, next: finding?.fix })
  }
  const version = await release(c, row, old.text, old.format, read.value, `Reverted to version ${old.version}`)
  return goTo(
    c,
    `/workflows/${row.id}/versions`,
    `Version ${version} is live; it says what version ${old.version} said.`,
  )
})

type Publishable = Linted & { definition: Definition }

function isPublishable(linted: Linted | null): linted is Publishable {
  return linted !== null && linted.definition !== null && firstError(linted.lint) === null
}

async function release(
  c: PageContext,
  row: WorkflowRow,
  text: string,
  format: VersionRow['format'],
  { definition, agents }: Publishable,
  note: string | null,
): Promise<number> {
  const by = c.get('person').email
  const publication = { team: row.team, workflow: row.id, text, format, definition, agents, by, note, at: Date.now() }
  const version = await publish(c.env.DB, publication)
  await showChange(c.env, row.team, row.id)
  return version
}

/** What the form chose for each task; one choice for all stands above those for each. */
function flightsOf(given: Record<string, string>): Flight[] {
  const all = given.all === undefined || given.all === 'each' ? null : choiceOf(given.all)
  return Object.entries(given)
    .flatMap(([name, value]) => {
      const task = name.startsWith('task-') ? name.slice('task-'.length) : ''
      if (!isTaskId(task)) return []
      const visit = Number(given[`visit-${task}`]) || undefined
      return [{ task, visit, choice: all ?? choiceOf(value) }]
    })
    .slice(0, MAX_TASKS)
}

function landedText({ moved, restarted, refused }: Landed): string {
  const parts = [
    moved > 0 && `${moved} ${moved === 1 ? 'task was' : 'tasks were'} moved`,
    restarted > 0 && `${restarted} restarted`,
    refused.length > 0 && `${refused.length} stayed as they were (${refused[0]?.reason})`,
  ].filter(Boolean)
  return parts.length === 0 ? '' : ` ${parts.join('; ')}.`
}

async function compare(c: PageContext, row: WorkflowRow) {
  const [from, to] = await Promise.all([numbered(c, row, c.req.query('from')), numbered(c, row, c.req.query('to'))])
  if (!from || !to) return null
  const [before, after] = [from, to].map(version => (JSON.parse(version.pinned) as Pinned).definition)
  const texts: [string, string] = [asYaml(from.text, from.format), asYaml(to.text, to.format)]
  return { from: from.version, to: to.version, changes: changesBetween(before!, after!), texts }
}

async function numbered(c: PageContext, row: WorkflowRow, text: string | undefined): Promise<VersionRow | null> {
  return /^[1-9]\d{0,8}$/.test(text ?? '') ? versionByNumber(c.env.DB, row.team, row.id, Number(text)) : null
}

async function publishPage(
  c: PageContext,
  draft: Draft,
  over: { problem: string | null; note: string },
  status: 200 | 409 | 422 = 200,
) {
  const { row } = draft
  const live = row.live === null ? null : await versionByNumber(c.env.DB, row.team, row.id, row.live)
  const flights = await openTasksOf(c.env.DB, row.team, row.id, MAX_TASKS)
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
    ...over,
  }
  return frame(c, row, 'publish', `Publish ${row.name}`, <Publish view={view} />, status)
}

function frame(
  c: PageContext,
  row: WorkflowRow,
  tab: Tab,
  title: string,
  content: unknown,
  status: 200 | 409 | 422 = 200,
) {
  return page(
    c,
    { title, active: 'workflows', width: 'wide', styles: ['editor'] },
    <DesignFrame row={row} tab={tab}>
      {content as never}
    </DesignFrame>,
    status,
  )
}
