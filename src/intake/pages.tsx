/** The pages of a workflow's intakes: opened, changed, tried out and closed; what came to them, and sent again. */
import { Hono } from 'hono'
import type { Json } from '../domain/json.ts'
import { readJson } from '../http/body.ts'
import { openChange } from '../http/change.ts'
import { publicUrl } from '../http/context.ts'
import { explain, type Problem } from '../http/errors.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page.tsx'
import { readCursor } from '../records/cursor.ts'
import { type DeliveryRow, deliveryById, listDeliveries, PER_MINUTE, type Verdict } from '../records/deliveries.ts'
import { isId } from '../records/ids.ts'
import {
  deleteIntake,
  type IntakeRow,
  insertIntake,
  intakeById,
  listIntakes,
  updateIntake,
} from '../records/intakes.ts'
import { type WorkflowRow, workflowById } from '../records/workflows.ts'
import { isViewer, requirePerson } from '../team/session.ts'
import { forgetIntake } from './admit.ts'
import { usualParts } from './delivery-routes.ts'
import { otherIntakes } from './kinds/pages.tsx'
import { preview, replay, sendTest, wholeBody } from './replay.ts'
import { changedWebhook, newWebhook, rotatedWebhook, wrongFilter, wrongMap } from './settings.ts'
import { type Given, givenOf, IntakeForm, readMap, settingsOf } from './views/intake-form.tsx'
import { ClosePage, IntakePage, Intakes, type IntakeView } from './views/intake-view.tsx'
import { PreviewPage, type PreviewView } from './views/preview-view.tsx'

export const intakePages = new Hono<PageEnv>()

intakePages.use('/workflows/:id/intakes', requirePerson)
intakePages.use('/workflows/:id/intakes/*', requirePerson)

intakePages.get('/workflows/:id/intakes', async c => {
  const workflow = await ownWorkflow(c)
  if (!workflow) return errorPage(c, 404)
  const { items } = await listIntakes(c.env.DB, workflow.team, workflow.id, null)
  const lines = items.filter(row => row.kind === 'webhook').map(row => ({ row, url: urlOf(c, row) }))
  const view = { workflow, lines, canChange: !isViewer(c.get('person')) }
  return page(
    c,
    frame(`Intakes of ${workflow.name}`),
    <Intakes view={view}>{await otherIntakes(c, workflow.id, null)}</Intakes>,
  )
})

intakePages.get('/workflows/:id/intakes/new', async c => {
  const workflow = await ownWorkflow(c)
  return workflow ? form(c, workflow.id, null, FRESH) : errorPage(c, 404)
})

intakePages.post('/workflows/:id/intakes', async c => {
  const workflow = await ownWorkflow(c)
  if (!workflow) return errorPage(c, 404)
  const change = await openChange(c, 'open intakes')
  if (!change.ok) return change.answer
  const { given } = change
  const wanted = Object.entries(settingsOf(given)).filter(([, value]) => value !== null)
  const place = { team: workflow.team, workflow: workflow.id }
  const made = await newWebhook(c.env, place, nameOf(given, 'Webhook'), Object.fromEntries(wanted))
  if (!made.ok) return form(c, workflow.id, null, given, explain(made.problem))
  const { row, secret } = made.value
  await insertIntake(c.env.DB, row)
  if (secret === undefined) return goTo(c, at(row), 'The intake is open.')
  return show(c, row, { text: secret, until: null })
})

intakePages.get('/workflows/:id/intakes/:intake', async c => {
  const row = await ownIntake(c)
  return row ? show(c, row) : errorPage(c, 404)
})

intakePages.get('/workflows/:id/intakes/:intake/edit', async c => {
  const row = await ownIntake(c)
  return row ? form(c, row.workflow, row, givenOf(row.name, row.config)) : errorPage(c, 404)
})

intakePages.post('/workflows/:id/intakes/:intake/edit', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c, 'change intakes')
  if (!change.ok) return change.answer
  const { given } = change
  const changed = await changedWebhook(c.env, row, nameOf(given, row.name), settingsOf(given))
  if (!changed.ok) return form(c, row.workflow, row, given, explain(changed.problem))
  await updateIntake(c.env.DB, changed.value.row)
  forgetIntake(row.id)
  const { secret } = changed.value
  if (secret === undefined) return goTo(c, at(row), 'Saved. It holds within 10 s.')
  return show(c, changed.value.row, { text: secret, until: null })
})

intakePages.post('/workflows/:id/intakes/:intake/rotate', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c, 'rotate secrets')
  if (!change.ok) return change.answer
  const rotated = await rotatedWebhook(c.env, row, undefined)
  if (!rotated.ok) return refuse(c, rotated.problem)
  await updateIntake(c.env.DB, rotated.value.row)
  forgetIntake(row.id)
  return show(c, rotated.value.row, { text: rotated.value.secret, until: rotated.value.until })
})

intakePages.get('/workflows/:id/intakes/:intake/delete', async c => {
  const row = await ownIntake(c)
  return row ? page(c, frame(`Close ${row.name}`), <ClosePage row={row} at={at(row)} />) : errorPage(c, 404)
})

intakePages.post('/workflows/:id/intakes/:intake/delete', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c, 'close intakes')
  if (!change.ok) return change.answer
  await deleteIntake(c.env.DB, row.team, row.id, Date.now())
  forgetIntake(row.id)
  return goTo(c, `/workflows/${row.workflow}/intakes`, `“${row.name}” is closed.`)
})

intakePages.post('/workflows/:id/intakes/:intake/test', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c, 'send tests')
  if (!change.ok) return change.answer
  const sent = await sendTest(c.env, row.team, row.id, await usualParts(c.env, row), { actor: actorOf(c) })
  return sent.ok ? goTo(c, at(row), toldOf('The test', sent.value)) : refuse(c, sent.problem)
})

intakePages.post('/workflows/:id/intakes/:intake/deliveries/:delivery/replay', async c => {
  const row = await ownIntake(c)
  const delivery = row && (await deliveryById(c.env.DB, row.team, c.req.param('delivery')))
  if (!delivery) return errorPage(c, 404)
  const change = await openChange(c, 'replay deliveries')
  if (!change.ok) return change.answer
  const sent = await replay(c.env, delivery, { actor: actorOf(c) })
  return sent.ok ? goTo(c, at(row), toldOf('The replay', sent.value)) : refuse(c, sent.problem)
})

intakePages.get('/workflows/:id/intakes/:intake/preview', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const { filter, map } = givenOf(row.name, row.config)
  return tryOut(c, row, { delivery: c.req.query('delivery') ?? '', filter: filter!, map: map! })
})

intakePages.post('/workflows/:id/intakes/:intake/preview', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c, 'try out settings')
  return change.ok ? tryOut(c, row, change.given) : change.answer
})

const FRESH = givenOf('', { auth: { type: 'key' } })

function frame(title: string) {
  return { title, active: 'workflows', width: 'wide' } as const
}

function at(row: IntakeRow): string {
  return `/workflows/${row.workflow}/intakes/${row.id}`
}

function urlOf(c: PageContext, row: IntakeRow): string {
  return publicUrl(c.env, `/in/${row.id}`)
}

function nameOf(given: Given, otherwise: string): string {
  return given.name?.trim().slice(0, 120) || otherwise
}

function actorOf(c: PageContext) {
  const { email, name } = c.get('person')
  return { kind: 'person', id: email, name } as const
}

function form(
  c: PageContext,
  workflow: string,
  row: IntakeRow | null,
  given: Given,
  error: { message: string; path?: string } | null = null,
) {
  const list = `/workflows/${workflow}/intakes`
  const view = { action: row ? `${at(row)}/edit` : list, back: row ? at(row) : list, given, error, isNew: row === null }
  const title = row ? `Edit ${row.name}` : 'New webhook'
  const content = (
    <div class="stack">
      <header class="page-head">
        <h1 hx-ignore>{title}</h1>
      </header>
      <IntakeForm view={view} />
    </div>
  )
  return page(c, { title, active: 'workflows' }, content, error ? 422 : 200)
}

async function show(c: PageContext, row: IntakeRow, secret?: IntakeView['secret']) {
  const asked = c.req.method === 'GET' ? c.req.query() : {}
  const q = (asked.q ?? '').trim().slice(0, 200)
  const verdict = isVerdict(asked.verdict) ? asked.verdict : ''
  const filter = { q: q || undefined, verdict: verdict || undefined }
  const found = await listDeliveries(c.env.DB, row.team, row.id, filter, readCursor(asked.cursor ?? ''), 25)
  const canChange = !isViewer(c.get('person'))
  const deliveries = { at: at(row), rows: found.items, next: found.next, verdict, q, canChange } as const
  const view = { row, url: urlOf(c, row), secret, deliveries, canChange }
  return page(c, frame(row.name), <IntakePage view={view} />)
}

function isVerdict(text: string | undefined): text is Verdict {
  return text === 'accepted' || (text !== undefined && Object.hasOwn(PER_MINUTE, text))
}

async function tryOut(c: PageContext, row: IntakeRow, given: Given) {
  const delivery = given.delivery ? await deliveryById(c.env.DB, row.team, given.delivery) : null
  const { filter = '', map = '' } = given
  const shown = delivery ? ((await wholeBody(c.env, delivery)) ?? '') : (given.body ?? '{}')
  const view: PreviewView = {
    at: at(row),
    delivery: delivery?.id ?? '',
    body: shown,
    filter,
    map,
    seen: null,
    error: null,
  }
  const settings = { filter: filter.trim() || undefined, map: map.trim() ? readMap(map) : undefined }
  const wrong = wrongFilter(settings.filter) ?? wrongMap(settings.map)
  const what = delivery ?? partsOf(shown)
  if (wrong || what === null) view.error = wrong ? explain(wrong).message : 'The body is not JSON.'
  else {
    const seen = await preview(c.env, row.team, row.id, what, settings)
    if (seen.ok) view.seen = seen.value
    else view.error = explain(seen.problem).message
  }
  const content = <PreviewPage view={view} />
  return page(c, { title: 'Preview', active: 'workflows' }, content, view.error === null ? 200 : 422)
}

function partsOf(text: string) {
  const read = readJson(text)
  return read.ok ? { body: read.value as Json } : null
}

/** What became of something that was sent on behalf of the person. */
function toldOf(what: string, row: DeliveryRow): string {
  if (row.verdict === 'accepted') return `${what} made a task.`
  return `${what} was ${row.verdict === 'skipped' ? 'passed over' : 'refused'}. ${row.reason ?? ''}`
}

function refuse(c: PageContext, what: Problem) {
  const { status, message, hint } = explain(what)
  return errorPage(c, status, { title: message, did: 'Nothing was changed.', next: hint ?? '' })
}

async function ownWorkflow(c: PageContext): Promise<WorkflowRow | null> {
  const id = c.req.param('id') ?? ''
  return isId('wf', id) ? workflowById(c.env.DB, c.get('person').team.id, id) : null
}

/** The webhook intake that the path names, in its own workflow. */
async function ownIntake(c: PageContext): Promise<IntakeRow | null> {
  const id = c.req.param('intake') ?? ''
  const row = isId('int', id) ? await intakeById(c.env.DB, c.get('person').team.id, id) : null
  return row?.kind === 'webhook' && row.workflow === c.req.param('id') ? row : null
}
