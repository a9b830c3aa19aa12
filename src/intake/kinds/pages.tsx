/** What people do to schedules, mail addresses and forms on a workflow's page of intakes; `otherIntakes` is that part of the page. */
import { Hono } from 'hono'
import { openChange } from '../../http/change.ts'
import { explain, type Problem } from '../../http/errors.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page.tsx'
import { isId } from '../../records/ids.ts'
import { deleteIntake, type IntakeRow, intakeById, listIntakes } from '../../records/intakes.ts'
import { workflowById } from '../../records/workflows.ts'
import { requirePerson } from '../../team/session.ts'
import { mailDomain } from '../mail/settings.ts'
import { runNow } from '../schedule/run.ts'
import { type Faulty, ScheduleSection } from '../schedule/section.tsx'
import { scheduleView } from '../schedule/view.ts'
import { changeOfKind, createOfKind, kindOf } from './index.ts'
import { FormSection, MailSection } from './section.tsx'

export const kindPages = new Hono<PageEnv>()

kindPages.use('/workflows/:id/intakes/*', requirePerson)
kindPages.use('/intakes/*', requirePerson)

/** The sections of a workflow's schedules, mail addresses and forms. */
export async function otherIntakes(c: PageContext, workflow: string, faulty: Faulty | null) {
  const { items } = await listIntakes(c.env.DB, c.get('person').team.id, workflow, null)
  const of = (kind: IntakeRow['kind']) => items.filter(row => row.kind === kind)
  const answer = (row: IntakeRow) => kindOf(row.kind)!.answer(c.env, row) as Record<string, never>
  const now = Date.now()
  const schedules = await Promise.all(of('schedule').map(row => scheduleView(c.env, row, now)))
  const mails = of('email').map(row => ({
    id: row.id,
    name: row.name,
    address: answer(row).address!,
    allow: answer(row).allow!,
  }))
  const forms = of('form').map(row => ({ id: row.id, name: row.name, url: answer(row).url! }))
  return (
    <>
      <ScheduleSection workflow={workflow} schedules={schedules} faulty={faulty} />
      <MailSection workflow={workflow} mails={mails} domain={mailDomain(c.env)} faulty={faulty} />
      <FormSection workflow={workflow} forms={forms} faulty={faulty} />
    </>
  )
}

kindPages.post('/workflows/:id/intakes/new', async c => {
  const workflow = await ownWorkflow(c)
  if (!workflow) return errorPage(c, 404)
  const change = await openChange(c, 'change intakes')
  if (!change.ok) return change.answer
  const { kind = '', ...given } = change.given
  const maker = kindOf(kind)
  if (!maker) return errorPage(c, 422)
  const settings = settingsOf(kind, given)
  const made = settings.ok
    ? await createOfKind(c.env, maker, { team: workflow.team, workflow: workflow.id }, settings.value)
    : settings
  if (!made.ok) return show(c, workflow, { id: null, kind, message: explain(made.problem).message, given }, 422)
  return goTo(c, `/workflows/${workflow.id}/intakes`, `“${made.value.name}” is there.`)
})

kindPages.post('/intakes/:id/change', async c => {
  const row = await ownIntake(c)
  const kind = row && kindOf(row.kind)
  if (!row || !kind) return errorPage(c, 404)
  const change = await openChange(c, 'change intakes')
  if (!change.ok) return change.answer
  const { given } = change
  const settings = settingsOf(row.kind, given)
  const changed = settings.ok ? await changeOfKind(c.env, kind, row, settings.value) : settings
  if (changed.ok) return goTo(c, pathOf(row), `“${changed.value.name}” is changed.`)
  const workflow = await workflowById(c.env.DB, row.team, row.workflow)
  if (!workflow) return errorPage(c, 404)
  return show(c, workflow, { id: row.id, kind: row.kind, message: explain(changed.problem).message, given }, 422)
})

kindPages.post('/intakes/:id/run', async c => {
  const row = await ownIntake(c)
  if (row?.kind !== 'schedule') return errorPage(c, 404)
  const change = await openChange(c, 'run schedules')
  if (!change.ok) return change.answer
  const { email, name } = c.get('person')
  const ran = await runNow(c.env, row, { kind: 'person', id: email, name }, crypto.randomUUID())
  return ran.ok ? goTo(c, `/tasks/${ran.task}`, `“${row.name}” has run.`) : refuse(c, ran.problem)
})

kindPages.post('/intakes/:id/pause', c => setPaused(c, true))
kindPages.post('/intakes/:id/resume', c => setPaused(c, false))

kindPages.post('/intakes/:id/close', async c => {
  const row = await ownIntake(c)
  const kind = row && kindOf(row.kind)
  if (!row || !kind) return errorPage(c, 404)
  const change = await openChange(c, 'close intakes')
  if (!change.ok) return change.answer
  await deleteIntake(c.env.DB, row.team, row.id, Date.now())
  await kind.close?.(c.env, row)
  return goTo(c, pathOf(row), `“${row.name}” is closed.`)
})

async function setPaused(c: PageContext, paused: boolean) {
  const row = await ownIntake(c)
  const kind = row && kindOf(row.kind)
  if (row?.kind !== 'schedule' || !kind) return errorPage(c, 404)
  const change = await openChange(c, 'pause schedules')
  if (!change.ok) return change.answer
  const changed = await changeOfKind(c.env, kind, row, { paused })
  return changed.ok
    ? goTo(c, pathOf(row), `“${row.name}” is ${paused ? 'paused' : 'running'}.`)
    : refuse(c, changed.problem)
}

type Settings = { ok: true; value: Record<string, unknown> } | { ok: false; problem: Problem }

/** A form's texts as the settings that they stand for; empty ones are not given. */
function settingsOf(kind: string, given: Record<string, string>): Settings {
  const { input, allow, ...rest } = given
  const value: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).filter(([, text]) => text.trim() !== ''),
  )
  if (kind === 'email') value.allow = (allow ?? '').split(/[\s,;]+/).filter(one => one !== '')
  if (kind !== 'schedule' || (input ?? '').trim() === '') return { ok: true, value }
  try {
    return { ok: true, value: { ...value, input: JSON.parse(input!) as unknown } }
  } catch {
    return { ok: false, problem: { kind: 'invalid', message: 'input: This is not well-formed JSON.', path: 'input' } }
  }
}

async function show(c: PageContext, workflow: { id: string; name: string }, faulty: Faulty | null, status: 200 | 422) {
  const content = (
    <>
      <header class="page-head">
        <h1>Intakes</h1>
        <p class="secondary">
          Ways into <a href={`/workflows/${workflow.id}`}>{workflow.name}</a>
        </p>
      </header>
      {await otherIntakes(c, workflow.id, faulty)}
    </>
  )
  return page(c, { title: `Intakes · ${workflow.name}`, active: 'workflows' }, content, status)
}

function refuse(c: PageContext, problem: Problem) {
  const { status, message } = explain(problem)
  return errorPage(c, status, { title: message })
}

function pathOf({ workflow }: IntakeRow): string {
  return `/workflows/${workflow}/intakes`
}

async function ownWorkflow(c: PageContext) {
  const id = c.req.param('id') ?? ''
  return isId('wf', id) ? workflowById(c.env.DB, c.get('person').team.id, id) : null
}

async function ownIntake(c: PageContext): Promise<IntakeRow | null> {
  const id = c.req.param('id') ?? ''
  return isId('int', id) ? intakeById(c.env.DB, c.get('person').team.id, id) : null
}
