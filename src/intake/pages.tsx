/** The pages of a workflow's intakes: listed, opened, changed and closed. What comes to them is in delivery-pages.tsx. */

import { Hono } from 'hono'
import { personActor } from '../domain/caller.ts'
import { cut } from '../domain/text/cut.ts'
import { explain, type Problem } from '../http/errors.ts'
import { openChange } from '../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { deleteIntake, type IntakeRow } from '../records/intake/intakes.ts'
import { deliveryPages } from './delivery-pages.tsx'
import { forgetIntake } from './entry/admit.ts'
import { changeOfKind, createOfKind, kindOf } from './kinds/index.ts'
import { KindForm, kindGiven, kindSettings, type PagedKind } from './kinds/kind-form.tsx'
import { showList } from './kinds/pages.tsx'
import { mailDomain } from './mail/settings.ts'
import { frame, listOf, ownInbox, ownIntake, ownWorkflow, pageOf, refuse, showIntake } from './page-parts.tsx'
import { changedWebhook, changeWebhook, keepWebhook, newWebhook } from './settings.ts'
import { givenOf, IntakeForm, settingsOf } from './views/intake-form.tsx'
import { ClosePage } from './views/intake-view.tsx'
import type { Fault, Given } from './views/setting-fields.tsx'
import { rotatedWebhook } from './webhook-secret.ts'

export const intakePages = new Hono<PageEnv>()

intakePages.route('/', deliveryPages)

intakePages.get('/workflows/:id/intakes', async c => {
  const workflow = await ownWorkflow(c)
  return workflow ? showList(c, workflow, null, 200) : errorPage(c, 404)
})

intakePages.get('/workflows/:id/intakes/new', async c => {
  const workflow = await ownWorkflow(c)
  if (!workflow) return errorPage(c, 404)
  const kind = c.req.query('kind')
  return isPaged(kind) ? kindForm(c, workflow.id, kind, null, {}) : webhookForm(c, workflow.id, null, FRESH)
})

intakePages.post('/workflows/:id/intakes', async c => {
  const workflow = await ownWorkflow(c)
  if (!workflow) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const place = { team: workflow.team, workflow: workflow.id }
  if (isPaged(given.kind)) {
    const settings = { ...present(kindSettings(given.kind, given)), kind: given.kind }
    const made = await createOfKind(c.env, kindOf(given.kind)!, place, settings, actorOf(c))
    if (!made.ok) return kindForm(c, workflow.id, given.kind, null, given, faultOf(made.problem))
    return goTo(c, pageOf(made.value), `“${made.value.name}” is open.`)
  }
  const made = await newWebhook(c.env, place, nameOf(given, 'Webhook'), present(settingsOf(given)))
  if (!made.ok) return webhookForm(c, workflow.id, null, given, faultOf(made.problem))
  const { row, secret } = made.value
  await keepWebhook(c.env, row, actorOf(c))
  if (secret === undefined) return goTo(c, pageOf(row), 'The intake is open.')
  return showIntake(c, row, { text: secret, until: null })
})

intakePages.get('/workflows/:id/intakes/:intake', async c => {
  const row = await ownInbox(c)
  return row ? showIntake(c, row) : errorPage(c, 404)
})

intakePages.get('/workflows/:id/intakes/:intake/edit', async c => {
  const row = await ownInbox(c)
  if (!row) return errorPage(c, 404)
  return isPaged(row.kind)
    ? kindForm(c, row.workflow, row.kind, row, kindGiven(row))
    : webhookForm(c, row.workflow, row, givenOf(row.name, row.config))
})

intakePages.post('/workflows/:id/intakes/:intake/edit', async c => {
  const row = await ownInbox(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  if (isPaged(row.kind)) {
    const changed = await changeOfKind(c.env, kindOf(row.kind)!, row, kindSettings(row.kind, given), actorOf(c))
    if (!changed.ok) return kindForm(c, row.workflow, row.kind, row, given, faultOf(changed.problem))
    return goTo(c, pageOf(row), 'Saved.')
  }
  const make = (now: IntakeRow) => changedWebhook(c.env, now, nameOf(given, now.name), settingsOf(given))
  const changed = await changeWebhook(c.env, row, make, actorOf(c))
  if (!changed.ok) return webhookForm(c, row.workflow, row, given, faultOf(changed.problem))
  const { secret } = changed.value
  if (secret === undefined) return goTo(c, pageOf(row), 'Saved. It holds within 10 s.')
  return showIntake(c, changed.value.row, { text: secret, until: null })
})

intakePages.post('/workflows/:id/intakes/:intake/rotate', async c => {
  const row = await ownIntake(c)
  if (row?.kind !== 'webhook') return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const rotated = await changeWebhook(c.env, row, now => rotatedWebhook(c.env, now, undefined), actorOf(c))
  if (!rotated.ok) return refuse(c, rotated.problem)
  const { secret, until } = rotated.value
  if (secret === undefined) return goTo(c, pageOf(row), 'Its sender may now offer another secret.')
  return showIntake(c, rotated.value.row, { text: secret, until })
})

intakePages.get('/workflows/:id/intakes/:intake/delete', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const content = <ClosePage row={row} at={`${listOf(row.workflow)}/${row.id}`} back={pageOf(row)} />
  return page(c, frame(`Close ${row.name}`), content)
})

intakePages.post('/workflows/:id/intakes/:intake/delete', async c => {
  const row = await ownIntake(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  await deleteIntake(c.env.DB, row, actorOf(c), Date.now())
  await kindOf(row.kind)?.close?.(c.env, row)
  forgetIntake(row.id)
  return goTo(c, listOf(row.workflow), `“${row.name}” is closed.`)
})

const FRESH = givenOf('', { auth: { type: 'key' } })

function actorOf(c: PageContext) {
  return personActor(c.get('person'))
}

function isPaged(kind: string | undefined): kind is PagedKind {
  return kind === 'email' || kind === 'form'
}

function nameOf(given: Given, otherwise: string): string {
  return cut(given.name?.trim() ?? '', 120) || otherwise
}

/** Without what a form left empty. */
function present(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null))
}

function faultOf(problem: Problem): NonNullable<Fault> {
  const { message, path } = explain(problem)
  return { message, path }
}

/** Where a form is sent, and where its way back leads. */
function waysOf(workflow: string, row: IntakeRow | null) {
  const list = listOf(workflow)
  return { action: row ? `${pageOf(row)}/edit` : list, back: row ? pageOf(row) : list, isNew: row === null }
}

function webhookForm(c: PageContext, workflow: string, row: IntakeRow | null, given: Given, fault: Fault = null) {
  const view = { ...waysOf(workflow, row), given, fault }
  return showForm(c, row ? `Edit ${row.name}` : 'New webhook', <IntakeForm view={view} />, fault)
}

const NEW = { email: 'New e-mail address', form: 'New form' }

function kindForm(
  c: PageContext,
  workflow: string,
  kind: PagedKind,
  row: IntakeRow | null,
  given: Given,
  fault: Fault = null,
) {
  const view = { kind, ...waysOf(workflow, row), given, fault, domain: mailDomain(c.env) }
  return showForm(c, row ? `Edit ${row.name}` : NEW[kind], <KindForm view={view} />, fault)
}

function showForm(c: PageContext, title: string, form: unknown, fault: Fault) {
  const content = (
    <div class="stack">
      <header class="page-head">
        <h1 hx-ignore>{title}</h1>
      </header>
      {form as never}
    </div>
  )
  return page(c, { title, active: 'workflows' }, content, fault ? 422 : 200)
}
