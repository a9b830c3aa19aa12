/** The page of a workflow's callbacks: where they go, the secret that signs them, what was sent and what came back. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import type { Pinned } from '../../domain/workflow/definition.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readCursor } from '../../records/cursor.ts'
import { versionByNumber, type WorkflowRow, workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { titlesOf } from '../../records/intake/deliveries.ts'
import { CALLBACK_STATES } from '../../records/schema/task.ts'
import { callbackSecret } from '../../records/task/told/callback-secrets.ts'
import { callbackById, callbacksOfWorkflow } from '../../records/task/told/callbacks.ts'
import { rolledCallbackSecret, showCallbackSecret } from '../../team/secrets/callback-secret.ts'
import { resend } from './deliver.ts'
import { Callbacks, type NewSecret } from './view.tsx'

export const callbackPages = new Hono<PageEnv>()

const AT = '/workflows/:id/callbacks'

callbackPages.get(AT, async c => {
  const row = await ownWorkflow(c)
  return row ? show(c, row) : errorPage(c, 404)
})

callbackPages.post(`${AT}/secret`, async c => {
  const opened = await open(c)
  if (!opened.ok) return opened.answer
  const { row } = opened
  const secret = await showCallbackSecret(c.env, signerOf(row), personActor(c.get('person')), Date.now())
  if (secret === null) return goTo(c, pageOf(row), 'The secret was shown before. Roll it to get another one.')
  return show(c, row, { text: secret, until: null })
})

callbackPages.post(`${AT}/rotate`, async c => {
  const opened = await open(c)
  if (!opened.ok) return opened.answer
  const { row } = opened
  const rolled = await rolledCallbackSecret(c.env, signerOf(row), personActor(c.get('person')), Date.now())
  return show(c, row, { text: rolled.secret, until: rolled.until })
})

callbackPages.post(`${AT}/:callback/resend`, async c => {
  const opened = await open(c)
  if (!opened.ok) return opened.answer
  const { row } = opened
  const found = await callbackById(c.env.DB, row.team, c.req.param('callback'))
  if (found?.workflow !== row.id) return errorPage(c, 404)
  await resend(c.env, row.team, found.id, personActor(c.get('person')))
  return goTo(c, pageOf(row), 'It is on its way again.')
})

async function ownWorkflow(c: PageContext): Promise<WorkflowRow | null> {
  const id = c.req.param('id') ?? ''
  return isId('wf', id) ? workflowById(c.env.DB, c.get('person').team.id, id) : null
}

/** The workflow of a change. */
async function open(
  c: PageContext,
): Promise<{ ok: true; row: WorkflowRow } | { ok: false; answer: Response | Promise<Response> }> {
  const change = await openChange(c)
  if (!change.ok) return change
  const row = await ownWorkflow(c)
  return row ? { ok: true, row } : { ok: false, answer: errorPage(c, 404) }
}

function signerOf({ team, id }: WorkflowRow) {
  return { team, workflow: id }
}

function pageOf({ id }: WorkflowRow): string {
  return `/workflows/${id}/callbacks`
}

async function show(c: PageContext, row: WorkflowRow, fresh: NewSecret | null = null) {
  const status = CALLBACK_STATES.find(state => state === c.req.query('status'))
  const whose = { team: row.team, workflow: row.id, status }
  const [live, secret, found] = await Promise.all([
    row.live === null ? null : versionByNumber(c.env.DB, row.team, row.id, row.live),
    callbackSecret(c.env.DB, row.team, row.id),
    callbacksOfWorkflow(c.env.DB, whose, readCursor(c.req.query('cursor') ?? '')),
  ])
  const view = {
    workflow: { id: row.id, name: row.name },
    told: live === null ? null : ((JSON.parse(live.pinned) as Pinned).definition.callbacks ?? null),
    secret: { fresh, shownAt: secret?.shownAt ?? null, until: secret?.previous?.until ?? null },
    rows: found.items,
    titles: await titlesOf(c.env.DB, row.team, found.items),
    next: found.next,
    status: status ?? '',
    canChange: may(c.get('person'), 'workflows.change'),
    now: Date.now(),
  } as const
  return page(c, { title: `Callbacks of ${row.name}`, active: 'workflows', width: 'wide' }, <Callbacks view={view} />)
}
