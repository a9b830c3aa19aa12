/** `/tasks/:id/delete`: whoever deletes a task reads what goes and what stays, and types its title. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { isOver } from '../../domain/task/state.ts'
import type { TaskView } from '../../domain/task/told/views.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Check, TextField } from '../../http/components/field.tsx'
import { explain } from '../../http/errors.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { isTaskId } from '../../records/ids.ts'
import { callTask } from '../call.ts'
import { deleteTask } from './delete-task.ts'

export const gonePages = new Hono<PageEnv>()

const PATH = '/tasks/:id/delete'

gonePages.get(PATH, async c => {
  const view = await viewOf(c)
  return view === null ? errorPage(c, 404) : show(c, view, { erase: c.req.query('erase') === 'yes' })
})

gonePages.post(PATH, async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const view = await viewOf(c)
  if (view === null) return errorPage(c, 404)
  const typed = sent.form.get('name') ?? ''
  const erase = sent.form.get('erase') === 'yes'
  if (typed.trim() !== view.title.trim()) return show(c, view, { typed, erase, wrong: 'It has another title.' })
  const person = c.get('person')
  const deleting = { team: person.team.id, task: view.id, actor: personActor(person), erase }
  const done = await deleteTask(c.env, deleting, Date.now())
  if (done.ok) return goTo(c, `/workflows/${view.workflow}`, 'The task was deleted.')
  const { message, hint } = explain(done.problem)
  return show(c, view, { typed, erase, refused: `${message} ${hint ?? ''}` })
})

/** The team's task that the address names. */
export async function viewOf(c: PageContext): Promise<TaskView | null> {
  const id = c.req.param('id') ?? ''
  return isTaskId(id) ? callTask(c.env, c.get('person').team.id, id, stub => stub.view()) : null
}

interface Wrong {
  erase?: boolean
  typed?: string
  wrong?: string
  refused?: string
}

function show(c: PageContext, view: TaskView, wrong: Wrong = {}) {
  const status = wrong.wrong ? 422 : wrong.refused ? 409 : 200
  return page(c, { title: `Delete ${view.title}`, active: 'workflows' }, <DeletePage view={view} {...wrong} />, status)
}

const DeletePage = ({ view, typed, wrong, refused, erase }: { view: TaskView } & Wrong) => (
  <div class="stack narrow">
    <header class="page-head">
      <h1 hx-ignore>
        Delete “<bdi>{view.title}</bdi>”
      </h1>
    </header>
    {refused && <ErrorNotice>{refused}</ErrorNotice>}
    {isOver(view.status) ? (
      <form class="panel form" method="post" action={`/tasks/${view.id}/delete`}>
        <p>
          Its log goes for good, with what came in, what came out, comments, links and callbacks, and its files, where
          no other task has them. Nobody can bring it back.
        </p>
        <p>What the audit log has of it stays for as long as that is kept, and figures go on counting it.</p>
        <Check
          name="erase"
          value="yes"
          checked={erase}
          label="Also erase what the audit log quotes of it: its title, notes and names"
          hint="Its entries stay, with who did what and when, and are still proven by the digests that are left."
        />
        <TextField
          label="Its title, to confirm"
          name="name"
          required
          value={typed}
          error={wrong}
          autocomplete="off"
          hint={<bdi>{view.title}</bdi>}
        />
        <div class="form-actions">
          <Button look="danger">Delete the task</Button>
          <ButtonLink href={`/tasks/${view.id}`} look="quiet">
            Leave it as it is
          </ButtonLink>
        </div>
      </form>
    ) : (
      <Notice>
        It is still open. <a href={`/tasks/${view.id}?do=cancel`}>Cancel it</a> first; then it can be deleted.
      </Notice>
    )}
  </div>
)
