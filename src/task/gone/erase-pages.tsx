/** `/tasks/:id/erase`: whoever takes words out of a task reads where they go and what stays. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { LEAST_ERASED } from '../../domain/task/log/free-text.ts'
import { isOver } from '../../domain/task/state.ts'
import type { TaskView } from '../../domain/task/told/views.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { explain } from '../../http/errors.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { eraseInTask, LONGEST_TEXT, MOST_TEXTS } from './erase-in-task.ts'
import { viewOf } from './pages.tsx'

export const erasePages = new Hono<PageEnv>()

const PATH = '/tasks/:id/erase'

erasePages.get(PATH, async c => {
  const view = await viewOf(c)
  return view === null ? errorPage(c, 404) : show(c, view, { typed: c.req.query('text') ?? '' })
})

erasePages.post(PATH, async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const view = await viewOf(c)
  if (view === null) return errorPage(c, 404)
  const typed = change.given.texts ?? ''
  const texts = typed
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
  const wrong = wrongIn(texts)
  if (wrong !== null) return show(c, view, { typed, wrong })
  const person = c.get('person')
  const erasing = { team: person.team.id, task: view.id, texts, actor: personActor(person) }
  const done = await eraseInTask(c.env, erasing, Date.now())
  if (done.ok) return goTo(c, `/tasks/${view.id}`, 'It was erased.')
  const { message, hint } = explain(done.problem)
  return show(c, view, { typed, refused: `${message} ${hint ?? ''}` })
})

function wrongIn(texts: string[]): string | null {
  if (texts.length === 0) return 'Say what is to be erased.'
  if (texts.length > MOST_TEXTS) return `${MOST_TEXTS} texts at most, please.`
  const bad = texts.find(text => text.length < LEAST_ERASED || text.length > LONGEST_TEXT)
  return bad === undefined ? null : `“${bad.slice(0, 40)}” has to have ${LEAST_ERASED} to ${LONGEST_TEXT} characters.`
}

interface Given {
  typed: string
  wrong?: string
  refused?: string
}

function show(c: PageContext, view: TaskView, given: Given) {
  const status = given.wrong ? 422 : given.refused ? 409 : 200
  return page(c, { title: `Erase in ${view.title}`, active: 'workflows' }, <ErasePage view={view} {...given} />, status)
}

const ErasePage = ({ view, typed, wrong, refused }: { view: TaskView } & Given) => (
  <div class="stack narrow">
    <header class="page-head">
      <h1 hx-ignore>
        Erase in “<bdi>{view.title}</bdi>”
      </h1>
    </header>
    {refused && <ErrorNotice>{refused}</ErrorNotice>}
    {isOver(view.status) ? (
      <form class="panel form" method="post" action={`/tasks/${view.id}/erase`}>
        <p>
          “[erased]” stands in their place from then on, in what came in, what came out, prompts, calls, notes and
          comments, in search and in what the audit log quotes. Nobody can bring them back.
        </p>
        <p>
          Its way stays, with who decided what, and the audit log is proven as before. What stands in its files is not
          looked at: take out such files on the task’s page. Corrections, callbacks and messages that quote it go.
        </p>
        <TextArea
          label="What is to be erased, a text in each line"
          name="texts"
          required
          rows={4}
          value={typed}
          error={wrong}
          hint="A name, a mail address, a number, in whatever case. Each way that it is written is a text of its own."
        />
        <div class="form-actions">
          <Button look="danger">Erase it</Button>
          <ButtonLink href={`/tasks/${view.id}`} look="quiet">
            Leave it as it is
          </ButtonLink>
        </div>
      </form>
    ) : (
      <Notice>
        It is still open. Words can be taken out of it once it is done or{' '}
        <a href={`/tasks/${view.id}?do=cancel`}>cancelled</a>.
      </Notice>
    )}
  </div>
)
