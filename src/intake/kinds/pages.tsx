/** A workflow's page of intakes, and what people do on it to its schedules: made, changed, run now, paused. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { guardJson } from '../../domain/json/json-guard.ts'
import { Tag } from '../../http/components/badge.tsx'
import { publicUrl } from '../../http/context.ts'
import { explain, type Problem } from '../../http/errors.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { type WorkflowRow, workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { type IntakeRow, intakeById, listIntakes } from '../../records/intake/intakes.ts'
import type { EmailSettings } from '../mail/settings.ts'
import { canChange, frame, listOf, ownWorkflow, pageOf, refuse } from '../page-parts.tsx'
import { runNow } from '../schedule/run.ts'
import { type Faulty, ScheduleSection } from '../schedule/section.tsx'
import { scheduleView } from '../schedule/view.ts'
import { Intakes } from '../views/intake-view.tsx'
import { eventSettings } from '../views/setting-fields.tsx'
import { whoMayWrite } from './about.tsx'
import { changeOfKind, createOfKind, kindOf } from './index.ts'
import { settingsOf } from './kind.ts'
import { type Line, LinesSection } from './section.tsx'

export const kindPages = new Hono<PageEnv>()

/** Answers with the page of intakes; `faulty`: a schedule that could not be kept as it was filled in. */
export async function showList(c: PageContext, workflow: WorkflowRow, faulty: Faulty | null, status: 200 | 422) {
  const { items } = await listIntakes(c.env.DB, workflow.team, workflow.id, null)
  const of = (kind: IntakeRow['kind']) => items.filter(row => row.kind === kind)
  const now = Date.now()
  const schedules = await Promise.all(of('schedule').map(row => scheduleView(c.env, row, now)))
  const may = canChange(c)
  const add = (label: string, query = '') => (may ? { href: `${listOf(workflow.id)}/new${query}`, label } : null)
  const content = (
    <Intakes workflow={workflow}>
      <LinesSection
        id="webhooks"
        title="Webhooks"
        head="Proof"
        lines={of('webhook').map(row => lineOf(c, row))}
        add={add('New webhook')}
      >
        No webhooks yet. A webhook gives other services an address that drops tasks into this workflow.
      </LinesSection>
      <ScheduleSection workflow={workflow.id} schedules={schedules} faulty={faulty} canChange={may} />
      <LinesSection
        id="mail"
        title="E-mail"
        head="Who may write"
        lines={of('email').map(row => lineOf(c, row))}
        add={add('New address', '?kind=email')}
      >
        Mail to an address of its own becomes a task; whoever may not write gets it back.
      </LinesSection>
      <LinesSection
        id="forms"
        title="Forms"
        head="Senders follow"
        lines={of('form').map(row => lineOf(c, row))}
        add={add('New form', '?kind=form')}
      >
        A public page with the fields of the input schema; what is sent becomes a task.
      </LinesSection>
    </Intakes>
  )
  return page(c, frame(`Intakes of ${workflow.name}`), content, status)
}

const FOLLOWS: Record<string, string> = { no: 'no', status: 'how it stands', result: 'the result, too' }

function lineOf(c: PageContext, row: IntakeRow): Line {
  const common = { href: pageOf(row), name: row.name, since: row.createdAt }
  if (row.kind === 'webhook') {
    const { type } = row.config.auth
    return { ...common, address: publicUrl(c.env, `/in/${row.id}`), note: <Tag>{type}</Tag> }
  }
  const { address = '', url = '', follow = 'no' } = kindOf(row.kind)!.answer(c.env, row) as Record<string, string>
  return row.kind === 'email'
    ? { ...common, address, note: whoMayWrite(settingsOf<EmailSettings>(row).allow) }
    : { ...common, address: url, note: FOLLOWS[follow] }
}

kindPages.post('/workflows/:id/intakes/new', async c => {
  const workflow = await ownWorkflow(c)
  if (!workflow) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const settings = settingsIn(given)
  const place = { team: workflow.team, workflow: workflow.id }
  const actor = personActor(c.get('person'))
  const made = settings.ok ? await createOfKind(c.env, kindOf('schedule')!, place, settings.value, actor) : settings
  if (!made.ok) return showList(c, workflow, { id: null, message: explain(made.problem).message, given }, 422)
  return goTo(c, pageOf(made.value), `“${made.value.name}” is there.`)
})

kindPages.post('/intakes/:id/change', async c => {
  const row = await ownSchedule(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const settings = settingsIn(given)
  const actor = personActor(c.get('person'))
  const changed = settings.ok ? await changeOfKind(c.env, kindOf('schedule')!, row, settings.value, actor) : settings
  if (changed.ok) return goTo(c, pageOf(row), `“${changed.value.name}” is changed.`)
  const workflow = await workflowById(c.env.DB, row.team, row.workflow)
  if (!workflow) return errorPage(c, 404)
  return showList(c, workflow, { id: row.id, message: explain(changed.problem).message, given }, 422)
})

kindPages.post('/intakes/:id/run', async c => {
  const row = await ownSchedule(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const ran = await runNow(c.env, row, personActor(c.get('person')), crypto.randomUUID())
  if (!ran.ok) return refuse(c, ran.problem)
  if (ran.task === null) return goTo(c, pageOf(row), `“${row.name}” has run. ${ran.said}`)
  return goTo(c, `/tasks/${ran.task}`, `“${row.name}” has run.`)
})

kindPages.post('/intakes/:id/pause', c => setPaused(c, true))
kindPages.post('/intakes/:id/resume', c => setPaused(c, false))

async function setPaused(c: PageContext, paused: boolean) {
  const row = await ownSchedule(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const changed = await changeOfKind(c.env, kindOf('schedule')!, row, { paused }, personActor(c.get('person')))
  return changed.ok
    ? goTo(c, pageOf(row), `“${row.name}” is ${paused ? 'paused' : 'running'}.`)
    : refuse(c, changed.problem)
}

type Settings = { ok: true; value: Record<string, unknown> } | { ok: false; problem: Problem }

/** A schedule's form as the settings that it stands for; empty fields are not given. */
function settingsIn(given: Record<string, string>): Settings {
  const { input = '', kind: _kind, eventName: _name, eventKey: _key, duplicates: _rule, ...rest } = given
  const value: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(rest).filter(([, text]) => text.trim() !== '')),
    ...eventSettings(given),
  }
  // An input that was emptied is none: the slot alone is what the task then gets.
  if (input.trim() === '') return { ok: true, value: { ...value, input: undefined } }
  const read = guardJson(input)
  if (read.ok) return { ok: true, value: { ...value, input: read.value } }
  const path = read.path ? `input.${read.path}` : 'input'
  const message = read.code === 'malformed_json' ? 'This is not well-formed JSON.' : read.message
  return { ok: false, problem: { kind: 'invalid', message: `${path}: ${message}`, path: 'input' } }
}

async function ownSchedule(c: PageContext): Promise<IntakeRow | null> {
  const id = c.req.param('id') ?? ''
  const row = isId('int', id) ? await intakeById(c.env.DB, c.get('person').team.id, id) : null
  return row?.kind === 'schedule' ? row : null
}
