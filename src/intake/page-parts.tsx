/** What the pages of intakes share: whose they are, where they lie, and how one is shown. */

import { may } from '../domain/permissions.ts'
import { cut } from '../domain/text/cut.ts'
import { publicUrl } from '../http/context.ts'
import { explain, type Problem } from '../http/errors.ts'
import { errorPage, type PageContext, page } from '../http/page/page.tsx'
import { readCursor } from '../records/cursor.ts'
import { type WorkflowRow, workflowById } from '../records/definitions/workflows.ts'
import { isId } from '../records/ids.ts'
import { listDeliveries, PER_MINUTE, titlesOf, type Verdict } from '../records/intake/deliveries.ts'
import { type IntakeRow, intakeById } from '../records/intake/intakes.ts'
import { siteKeyOf } from './form/turnstile.ts'
import { FormAbout, MailAbout } from './kinds/about.tsx'
import { emailKind } from './kinds/email.ts'
import type { FormSettings } from './kinds/form.ts'
import { settingsOf } from './kinds/kind.ts'
import { madeUpBody } from './sample.ts'
import { HowToSend } from './views/how-to-send.tsx'
import { Address, IntakePage, type IntakeView } from './views/intake-view.tsx'

/** The team's workflow that the path names. */
export async function ownWorkflow(c: PageContext): Promise<WorkflowRow | null> {
  const id = c.req.param('id') ?? ''
  return isId('wf', id) ? workflowById(c.env.DB, c.get('person').team.id, id) : null
}

/** The intake that the path names, in its own workflow, of whatever kind. */
export async function ownIntake(c: PageContext): Promise<IntakeRow | null> {
  const id = c.req.param('intake') ?? ''
  const row = isId('int', id) ? await intakeById(c.env.DB, c.get('person').team.id, id) : null
  return row !== null && row.workflow === c.req.param('id') ? row : null
}

/** The same, if deliveries come to it. */
export async function ownInbox(c: PageContext): Promise<IntakeRow | null> {
  const row = await ownIntake(c)
  return row?.kind === 'schedule' ? null : row
}

export function canChange(c: PageContext): boolean {
  return may(c.get('person'), 'intakes.change')
}

/** The page of intakes of this workflow. */
export function listOf(workflow: string): string {
  return `/workflows/${workflow}/intakes`
}

/** The page of this intake; a schedule is a part of the list. */
export function pageOf({ id, workflow, kind }: Pick<IntakeRow, 'id' | 'workflow' | 'kind'>): string {
  return kind === 'schedule' ? `${listOf(workflow)}#${id}` : `${listOf(workflow)}/${id}`
}

export function frame(title: string) {
  return { title, active: 'workflows', width: 'wide' } as const
}

/** Answers with what stood in the way. */
export function refuse(c: PageContext, what: Problem) {
  const { status, message, hint } = explain(what)
  return errorPage(c, status, { title: message, did: 'Nothing was changed.', next: hint ?? '' })
}

/** Answers with the intake's own page. */
export async function showIntake(c: PageContext, row: IntakeRow, secret?: IntakeView['secret']) {
  const asked = c.req.method === 'GET' ? c.req.query() : {}
  const q = cut((asked.q ?? '').trim(), 200)
  const verdict = isVerdict(asked.verdict) ? asked.verdict : ''
  const filter = { q: q || undefined, verdict: verdict || undefined }
  const found = await listDeliveries(c.env.DB, row.team, row.id, filter, readCursor(asked.cursor ?? ''), 25)
  const titles = await titlesOf(c.env.DB, row.team, found.items)
  const may = canChange(c)
  const at = pageOf(row)
  const deliveries = { at, rows: found.items, titles, next: found.next, verdict, q, canChange: may } as const
  const view = { row, about: await aboutOf(c, row), secret, deliveries, canChange: may }
  return page(c, frame(row.name), <IntakePage view={view} />)
}

export function isVerdict(text: string | undefined): text is Verdict {
  return text === 'accepted' || (text !== undefined && Object.hasOwn(PER_MINUTE, text))
}

async function aboutOf(c: PageContext, row: IntakeRow) {
  if (row.kind === 'email') {
    const { address, allow } = emailKind.answer(c.env, row) as { address: string; allow: string[] }
    return <MailAbout address={address} allow={allow} />
  }
  if (row.kind === 'form') {
    const checks = siteKeyOf(c.env) !== null
    return <FormAbout url={publicUrl(c.env, `/f/${row.id}`)} settings={settingsOf<FormSettings>(row)} checks={checks} />
  }
  const url = publicUrl(c.env, `/in/${row.id}`)
  const body = JSON.stringify(await madeUpBody(c.env, row))
  return (
    <Address url={url}>
      <HowToSend url={url} auth={row.config.auth} body={body} />
    </Address>
  )
}
