/** What is done with a workflow as a whole: cloned, kept as a template, archived, restored, deleted by typing its name. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { cut } from '../../domain/text/cut.ts'
import type { WorkflowStatus } from '../../domain/workflow/live.ts'
import { Button, Copyable } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { TextField } from '../../http/components/field.tsx'
import { publicUrl } from '../../http/context.ts'
import { explain } from '../../http/errors.ts'
import { errorPage, goTo, type PageContext, type PageEnv } from '../../http/page/page.tsx'
import { isTemplate, setTemplate } from '../../records/definitions/drafts.ts'
import { startersOf } from '../../records/definitions/workflow-uses.ts'
import { deleteWorkflow, type WorkflowRow } from '../../records/definitions/workflows.ts'
import { openByStep } from '../../records/task/flights.ts'
import { rewriteYaml } from '../document/rewrite.ts'
import { openDraft } from '../draft.ts'
import { designPage, leadToDocs } from '../editor/frame.tsx'
import { openWorkflowChange, ownWorkflow } from '../editor/open.ts'
import { makeWorkflow, planOf } from '../exchange/make.ts'
import { switchStatus } from '../status.ts'

export const managePages = new Hono<PageEnv>()

for (const path of ['manage', 'clone', 'template', 'archive', 'restore', 'delete'])
  managePages.use(`/workflows/:id/${path}`, leadToDocs)

managePages.get('/workflows/:id/manage', async c => {
  const row = await ownWorkflow(c)
  return row ? managePage(c, row, null) : errorPage(c, 404)
})

managePages.post('/workflows/:id/clone', async c => {
  const opened = await openWorkflowChange(c)
  if (!opened.ok) return opened.answer
  const draft = await openDraft(c.env, opened.row)
  const person = c.get('person')
  const document = draft.linted?.document
  if (typeof document !== 'object' || document === null)
    return managePage(c, opened.row, 'Its text cannot be read.', 409)
  const name = `${cut(opened.row.name, 113)} (copy)`
  const { text } = rewriteYaml(draft.text, { ...document, name, owner: person.email })
  const bundle = { text, agents: [] }
  const plan = await planOf(c.env, person.team.id, bundle)
  if (!plan) return managePage(c, opened.row, 'Its text cannot be read.', 409)
  const id = await makeWorkflow(c.env, person, bundle, plan, { live: false })
  return goTo(c, `/workflows/${id}/edit/settings`, 'The copy is made, as a draft. Give it a name of its own.')
})

managePages.post('/workflows/:id/template', async c => {
  const opened = await openWorkflowChange(c)
  if (!opened.ok) return opened.answer
  const { row, given } = opened
  const on = given.template === 'on'
  await setTemplate(c.env.DB, row, on, personActor(c.get('person')), Date.now())
  return goTo(c, `/workflows/${row.id}/manage`, on ? 'It is a template now.' : 'It is no template any more.')
})

managePages.post('/workflows/:id/archive', c => change(c, ['draft', 'active', 'paused'], 'archived', 'It is archived.'))

managePages.post('/workflows/:id/restore', async c => {
  const row = await ownWorkflow(c)
  const to = row?.live == null ? 'draft' : 'paused'
  return change(c, ['archived'], to, to === 'paused' ? 'It is back, paused. Activate it on its board.' : 'It is back.')
})

managePages.post('/workflows/:id/delete', async c => {
  const opened = await openWorkflowChange(c)
  if (!opened.ok) return opened.answer
  const { row, given } = opened
  if (!mayDelete(c, row)) return errorPage(c, 403, { title: 'Its owner or an admin can delete a workflow' })
  if ((given.name ?? '').trim() !== row.name.trim())
    return managePage(c, row, 'The name that you typed is another. Nothing was deleted.', 422)
  if (!(await deleteWorkflow(c.env.DB, row, personActor(c.get('person')), Date.now()))) {
    if (!(await ownWorkflow(c))) return errorPage(c, 404)
    return managePage(
      c,
      row,
      'Deliveries are held for it, and would be lost: start or discard them on its board first.',
      409,
    )
  }
  return goTo(c, '/workflows', `“${row.name}” is deleted. Its tasks’ logs stay.`)
})

async function change(c: PageContext, from: WorkflowStatus[], to: WorkflowStatus, message: string): Promise<Response> {
  const opened = await openWorkflowChange(c)
  if (!opened.ok) return opened.answer
  const { row } = opened
  const done = await switchStatus(c.env, { team: row.team, id: row.id, actor: personActor(c.get('person')) }, from, to)
  return done.ok
    ? goTo(c, `/workflows/${row.id}/manage`, message)
    : managePage(c, row, explain(done.problem).message, 409)
}

function mayDelete(c: PageContext, row: WorkflowRow): boolean {
  const person = c.get('person')
  return may(person, 'workflows.delete') || row.owner?.toLowerCase() === person.email.toLowerCase()
}

async function managePage(c: PageContext, row: WorkflowRow, problem: string | null, status: 200 | 409 | 422 = 200) {
  const [template, open, starters] = await Promise.all([
    isTemplate(c.env.DB, row.team, row.id),
    openByStep(c.env.DB, row.team, row.id),
    startersOf(c.env.DB, row.team, row.id),
  ])
  const running = [...open.values()].reduce((sum, n) => sum + n, 0)
  const view = {
    row,
    template,
    running,
    starters: starters.filter(({ id }) => id !== row.id),
    link: publicUrl(c.env, `/workflows/${row.id}`),
    problem,
    mayDelete: mayDelete(c, row),
  }
  return designPage(c, row, { tab: 'manage', title: `Manage ${row.name}` }, <Manage view={view} />, status)
}

interface ManageView {
  row: WorkflowRow
  template: boolean
  running: number
  /** The workflows that start tasks of it. */
  starters: { id: string; name: string }[]
  link: string
  problem: string | null
  mayDelete: boolean
}

const Manage = ({ view: { row, template, running, starters, link, problem, mayDelete } }: { view: ManageView }) => {
  const at = `/workflows/${row.id}`
  return (
    <div class="stack prose-width">
      {problem !== null && <ErrorNotice>{problem}</ErrorNotice>}
      <section class="panel stack-tight">
        <h2>Link</h2>
        <Copyable text={link} />
        <dl class="facts" hx-ignore>
          <dt>Owner</dt>
          <dd>{row.owner ?? 'nobody'}</dd>
          <dt>Tags</dt>
          <dd>{row.tags.length > 0 ? row.tags.join(', ') : 'none'}</dd>
        </dl>
        {starters.length > 0 && (
          <p>
            Used by <Starters of={starters} />. What is published keeps to it whatever it is called; in drafts its new
            name has to be chosen anew.
          </p>
        )}
        <p>
          <a href={`${at}/edit/settings`}>Change name, owner and tags</a>
        </p>
      </section>
      <section class="panel stack-tight">
        <h2>Copies</h2>
        <form method="post" action={`${at}/clone`}>
          <Button icon="copy">Clone it as a new draft</Button>
        </form>
        <form method="post" action={`${at}/template`}>
          {!template && <input type="hidden" name="template" value="on" />}
          <Button icon="file">{template ? 'No longer use as template' : 'Use as template'}</Button>
        </form>
        <p>
          <a href={`${at}/export`}>Export it with its agents as a file</a>
        </p>
      </section>
      <section class="panel stack-tight">
        <h2>Archive</h2>
        {row.status === 'archived' ? (
          <form method="post" action={`${at}/restore`}>
            <Button icon="undo">Restore it</Button>
          </form>
        ) : (
          <>
            {starters.length > 0 && <Starting of={starters} gone="archived" />}
            <p>It takes no new tasks and leaves the list until it is restored. Tasks under way go on.</p>
            <form method="post" action={`${at}/archive`}>
              <Button icon="inbox">Archive it</Button>
            </form>
          </>
        )}
      </section>
      {mayDelete && (
        <section class="panel">
          <form class="form" method="post" action={`${at}/delete`}>
            <h2>Delete</h2>
            {starters.length > 0 && <Starting of={starters} gone="deleted" />}
            {running > 0 && (
              <Notice icon="alert" state="waiting">
                {running} {running === 1 ? 'task is' : 'tasks are'} under way; they go on, and their logs stay.
              </Notice>
            )}
            <TextField label={`Type its name to delete it: ${row.name}`} name="name" required autocomplete="off" />
            <div class="form-actions">
              <Button look="danger" icon="trash">
                Delete the workflow
              </Button>
            </div>
          </form>
        </section>
      )}
    </div>
  )
}

const Starters = ({ of }: { of: ManageView['starters'] }) => (
  <>
    {of.map(({ id, name }, index) => (
      <>
        {index > 0 && (index === of.length - 1 ? ' and ' : ', ')}
        <a href={`/workflows/${id}`} hx-ignore>
          {name}
        </a>
      </>
    ))}
  </>
)

const Starting = ({ of, gone }: { of: ManageView['starters']; gone: 'archived' | 'deleted' }) => (
  <Notice icon="alert" state="waiting">
    <Starters of={of} /> {of.length === 1 ? 'starts' : 'start'} tasks of it: once it is {gone}, those steps fail.
  </Notice>
)
