/** `/tasks/:id`: a task as people see and steer it, as a page or in the board's drawer, and every command on it as a form. */
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type Person, personActor } from '../../domain/caller.ts'
import type { Json } from '../../domain/json/json.ts'
import { may, roleOf } from '../../domain/permissions.ts'
import { taskStub } from '../../env.ts'
import { ToastPartial } from '../../http/components/feedback.tsx'
import { explain, type Problem } from '../../http/errors.ts'
import {
  errorPage,
  fragment,
  goTo,
  type PageContext,
  type PageEnv,
  page,
  wantsFragment,
} from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { liveVersion } from '../../records/definitions/workflows.ts'
import { derivedTaskId, sha256Hex } from '../../records/ids.ts'
import { choosable } from '../../records/people/choosable.ts'
import { welcomed } from '../../records/people/former-members.ts'
import { provenUntil } from '../../records/proof.ts'
import { tasksById } from '../../records/task/tasks.ts'
import { safeNext } from '../../team/sign-in/session.ts'
import { callTask } from '../call.ts'
import { cheaperModels, chosenModel } from '../cheaper.ts'
import { startOnce, targetOf } from '../start.ts'
import { EventPanel, LogPanel } from '../views/log-view.tsx'
import { type TaskPage, taskPageOf } from '../views/task-page.ts'
import { TaskLive, TaskPanel } from '../views/task-view.tsx'
import { childrenIn } from './child-story.ts'
import {
  type Field,
  type FormMistake,
  PAGE_COMMANDS,
  type PageCommand,
  readCommand,
  readInput,
  readVisit,
} from './command-form.ts'
import { commentPages } from './comment-pages.ts'
import { type Loaded, loadStory } from './load.ts'

export const taskPages = new Hono<PageEnv>()

taskPages.route('/', commentPages)

taskPages.get('/tasks/:id', async c => {
  const loaded = await loadStory(c.env, c.get('person').team.id, c.req.param('id'))
  if (loaded === null) return errorPage(c, 404)
  const { part, tab } = c.req.query()
  if (tab === 'log') return showLog(c, loaded)
  const doing = PAGE_COMMANDS.find(command => command === c.req.query('do')) ?? null
  const task = await pageOf(c, loaded, { doing })
  return part === 'live' ? fragment(c, <TaskLive task={task} />) : show(c, task)
})

taskPages.post('/tasks/:id/rerun', async c => {
  const opened = await open(c)
  return 'answer' in opened ? opened.answer : rerun(c, opened.loaded, opened.field)
})

taskPages.post('/tasks/:id/:command{cancel|retry|move|route|assign|raise|answer}', async c => {
  const type = c.req.param('command') as Exclude<PageCommand, 'rerun'>
  const opened = await open(c)
  if ('answer' in opened) return opened.answer
  const { loaded, field } = opened
  const person = c.get('person')
  const name = type === 'raise' ? field('model')?.trim() : undefined
  const chosen = name ? await chosenModel(c.env, person.team.id, name) : undefined
  if (chosen?.ok === false) return again(c, loaded, type, field, { ...chosen, field: 'model' })
  const read = readCommand(type, field, loaded.story, chosen?.model)
  if (!read.ok) return again(c, loaded, type, field, read)
  const given = { actor: personActor(person), flushed: true }
  const command = await withWelcome(c, read.command)
  const answer = await taskStub(c.env, person.team.id, loaded.story.view.id).command(command, given)
  return answer.ok
    ? done(c, loaded, field, type === 'answer' && field('handoff') === 'stop' ? DONE.cancel : DONE[type])
    : refuse(c, loaded, type, field, answer.refusal)
})

/** Whoever is named by hand is a guest, also where they belonged to the team once. */
async function withWelcome<C extends { type: string; to?: string | string[] }>(c: PageContext, command: C): Promise<C> {
  if (command.type !== 'assign' && command.type !== 'delegate') return command
  const to = await welcomed(c.env.DB, c.get('person').team.id, [command.to ?? []].flat())
  return { ...command, to: command.type === 'assign' ? to : to[0] }
}

const DONE: Record<Exclude<PageCommand, 'rerun'>, string> = {
  cancel: 'The task was cancelled.',
  retry: 'It is tried again.',
  move: 'The task was moved.',
  route: 'The task was sent on.',
  assign: 'They are asked now.',
  raise: 'It goes on from where the limit stopped it.',
  answer: 'It goes on as you said.',
}

type Opened = { loaded: Loaded; field: Field } | { answer: Response | Promise<Response> }

/** The task that a form is for, and the form; an answer instead, where there is nothing to do. */
async function open(c: PageContext): Promise<Opened> {
  const person = c.get('person')
  const form = await readForm(c)
  if (!form.ok) return { answer: errorPage(c, form.status) }
  const loaded = await loadStory(c.env, person.team.id, c.req.param('id') ?? '')
  if (loaded === null) return { answer: errorPage(c, 404) }
  return { loaded, field: name => form.form.get(name) ?? undefined }
}

/** Starts a new task with this one's input, or another, on the live version. A form that comes twice starts one. */
async function rerun(c: PageContext, loaded: Loaded, field: Field): Promise<Response> {
  const { view } = loaded.story
  const { team } = c.get('person')
  const changed = readInput(field, view.input)
  if (!changed.ok) return again(c, loaded, 'rerun', field, changed)
  const input: Json = changed.input === undefined ? view.input : changed.input
  const meant = readVisit(field)
  if (meant !== undefined && meant !== view.visit) {
    return refuse(c, loaded, 'rerun', field, { kind: 'moved_on', visit: view.visit, step: view.step })
  }
  const into = await targetOf(c.env.DB, await liveVersion(c.env.DB, team.id, view.workflow))
  if (!into.ok) return refuse(c, loaded, 'rerun', field, into.problem)
  const from = field('from') || undefined
  const key = field('key') || crypto.randomUUID()
  const started = await startOnce(c.env, {
    task: await derivedTaskId(team.id, 'task', view.id, 'rerun-by-hand', key),
    idempotency: { id: key, hash: await sha256Hex(JSON.stringify([input, from ?? null])) },
    team: team.id,
    into: into.value,
    input,
    at: 'input',
    rerun: { task: view.id, from },
    source: { kind: 'task', id: view.id },
    actor: personActor(c.get('person')),
    flushed: true,
  })
  if (!started.ok) return refuse(c, loaded, 'rerun', field, started.problem)
  return goTo(c, `/tasks/${started.view.id}`, 'A new task has started, with the one before it linked.')
}

/** The command was carried out: the panel as it is now, a toast, or the page that they came from. */
async function done(c: PageContext, before: Loaded, field: Field, message: string): Promise<Response> {
  const { id } = before.story.view
  if (!wantsFragment(c)) {
    const back = field('back')
    return goTo(c, back ? safeNext(back) : `/tasks/${id}`, message)
  }
  if (!isForPanel(c)) return fragment(c, <ToastPartial message={message} />)
  const loaded = (await loadStory(c.env, c.get('person').team.id, id)) ?? before
  const task = await pageOf(c, loaded)
  return fragment(
    c,
    <>
      <TaskPanel task={task} />
      <ToastPartial message={message} />
    </>,
  )
}

/** The form comes back with what was wrong in it. */
async function again(c: PageContext, loaded: Loaded, doing: PageCommand, field: Field, mistake: FormMistake) {
  if (wantsFragment(c) && !isForPanel(c)) return fragment(c, <ToastPartial message={mistake.message} />, 422)
  return show(c, await pageOf(c, loaded, { doing, mistake, typed: field }), 422)
}

/** Kinds of refusals that are about a field of the form, which is then shown again. */
const OF_FIELD: Record<string, string> = {
  unknown_label: 'handoff',
  unknown_step: 'step',
  invalid_input: 'input',
  invalid_limits: 'steps',
  invalid_edits: 'output',
  invalid: 'input',
  cannot_delegate: 'to',
}

/** The task did not take it: the panel says why, over the task as it is now. */
async function refuse(c: PageContext, before: Loaded, doing: PageCommand, field: Field, problem: Problem) {
  const { status, message, hint } = explain(problem)
  const of = OF_FIELD[problem.kind]
  if (of !== undefined) return again(c, before, doing, field, { ok: false, field: of, message })
  const said = problem.kind === 'wrong_status' && hint ? `${message} ${hint}` : message
  if (wantsFragment(c) && !isForPanel(c)) return fragment(c, <ToastPartial message={said} />, status)
  const loaded = (await loadStory(c.env, c.get('person').team.id, before.story.view.id)) ?? before
  return show(c, await pageOf(c, loaded, { refused: said }), status)
}

/** Whether htmx puts the answer where the task's panel is; the board's forms only want to hear of it. */
function isForPanel(c: PageContext): boolean {
  return /#(task-panel|drawer-body)$/.test(c.req.header('HX-Target') ?? '')
}

/** Tasks that one page tells of; of more it has the log's word. */
const MOST_RELATED = 500

type Doing = Partial<Pick<TaskPage, 'doing' | 'mistake' | 'refused' | 'typed'>>

async function pageOf(c: PageContext, { story, visits }: Loaded, doing: Doing = {}): Promise<TaskPage> {
  const person = c.get('person')
  const canAct = may(person, 'tasks.act')
  // The part that looks again by itself has no form.
  const isWhole = canAct && c.req.query('part') === undefined
  const members = isWhole ? await choosable(c.env.DB, person.team.id, Date.now()) : []
  const started = story.source?.parent === undefined ? [] : [story.source.id ?? '']
  const ids = [...started, ...childrenIn(visits).slice(0, MOST_RELATED)]
  const [related, proven] = await Promise.all([
    tasksById(c.env.DB, person.team.id, ids),
    provenUntil(c.env.DB, person.team.id, story.view.id, Date.parse(story.view.createdAt)),
  ])
  const cheaper = story.costAsk === null ? [] : await cheaperModels(c.env, person.team.id, story.costAsk)
  const seen = { related, proven, members, cheaper, now: Date.now() }
  const looking = {
    ...seen,
    viewer: person.email.toLowerCase(),
    canAct,
    canDelete: may(person, 'tasks.delete'),
    isOwner: isOwner(person, story),
  }
  return taskPageOf(story, { ...looking, key: crypto.randomUUID(), ...doing })
}

/** Whether they own the team or the task's workflow. */
function isOwner({ role, email }: Person, { definition }: Loaded['story']): boolean {
  return roleOf(role) === 'owner' || definition.owner?.toLowerCase() === email.toLowerCase()
}

function show(c: PageContext, task: TaskPage, status: ContentfulStatusCode = 200) {
  const panel = <TaskPanel task={task} />
  return wantsFragment(c) ? fragment(c, panel, status) : page(c, frameOf(task), panel, status)
}

function frameOf(task: TaskPage) {
  return { title: task.view.title, active: 'workflows' } as const
}

async function showLog(c: PageContext, loaded: Loaded) {
  const task = await pageOf(c, loaded)
  const seq = numberOf(c.req.query('seq'))
  const panel =
    seq === null ? <LogPanel task={task} after={numberOf(c.req.query('after')) ?? 0} /> : await eventPanel(c, task, seq)
  if (panel === null) return errorPage(c, 404)
  return wantsFragment(c) ? fragment(c, panel) : page(c, frameOf(task), panel)
}

async function eventPanel(c: PageContext, task: TaskPage, seq: number) {
  const { team } = c.get('person')
  const [event] = (await callTask(c.env, team.id, task.view.id, stub => stub.events(seq - 1, 1))) ?? []
  return event?.seq === seq ? <EventPanel task={task} event={event} /> : null
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null
}
