/** `/tasks` and `/workflows/:id/tasks`: starting tasks, reading them, and every command on them. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../domain/caller.ts'
import type { Json } from '../domain/json.ts'
import type { Command, CreateTask, TaskView } from '../domain/task/commands.ts'
import { STATUSES } from '../domain/task/state.ts'
import type { LiveVersion } from '../domain/workflow/live.ts'
import { limitsSchema } from '../domain/workflow/parts.ts'
import { taskStub } from '../env.ts'
import { type Body, bodyHash, idempotencyKey, KIB } from '../http/body.ts'
import { type ApiContext, type ApiEnv, publicUrl } from '../http/context.ts'
import { anyJson, cursorOf, cursorQuery, isoOrNull, isoTime, pageOf, someJson } from '../http/describe.ts'
import { problem } from '../http/errors.ts'
import { type Routes, route } from '../http/route.ts'
import { welcomed } from '../records/former-members.ts'
import { derivedTaskId, isTaskId, newTaskId } from '../records/ids.ts'
import { listTasks, type TaskRow } from '../records/tasks.ts'
import { liveVersion, versionByNumber } from '../records/workflows.ts'
import { callTask } from './call.ts'
import { eventDocument, startedDocument, taskDocument, taskItem } from './describe.ts'
import { keyedTaskId } from './keyed-id.ts'
import { migration } from './migrate.ts'
import type { TaskVerbs } from './rpc.ts'
import { MAX_INPUT, type Start, startOnce, targetOf } from './start.ts'

export const taskRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Tasks'
/** An input of 256 KiB, and what stands around it. */
const START_LIMIT = MAX_INPUT + 16 * KIB
const visit = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'The visit that it is meant for; left out: the one that is open.' })
const run = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'The run that asks, where a visit has several: without it, 409 `several_open`.' })
const note = z.string().max(5000).optional()
const title = z.string().trim().min(1).max(200).optional()

route(
  taskRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/tasks',
    tag: TAG,
    summary: 'Start a task',
    description:
      'Answers once the first step was entered. The same Idempotency-Key and body again: 200 with the same id.',
    scope: 'tasks:write',
    body: z.strictObject({ input: someJson, title }),
    limit: START_LIMIT,
    idempotent: true,
    answers: {
      201: { schema: startedDocument, description: 'Started.' },
      200: {
        schema: startedDocument,
        description: 'It was started before by the same request (`Idempotent-Replayed: true`).',
      },
    },
    errors: [409],
  },
  async (c, { params, body, raw }) => {
    const key = c.get('key')
    const given = idempotencyKey(c)
    if (!given.ok) return problem(c, given.problem)
    const scope = given.value === undefined ? null : ['api', params.id, key.id, given.value]
    return start(c, {
      live: c.get('live'),
      input: body.input,
      title: body.title,
      source: { kind: 'api', id: key.id },
      task: scope ? await derivedTaskId(key.team, ...scope) : newTaskId(),
      idempotency: given.value === undefined ? undefined : { id: given.value, hash: await bodyHash(raw) },
      at: 'input',
    })
  },
)

const filters = cursorQuery.extend({
  workflow: z.string().max(40).optional(),
  status: z.enum(STATUSES).optional(),
  step: z.string().max(40).optional(),
})

route(
  taskRoutes,
  {
    method: 'get',
    path: '/tasks',
    tag: TAG,
    summary: 'List tasks',
    description:
      'From the index, which trails the tasks by up to 2 s. Read one task for its input, outputs and errors.',
    scope: 'tasks:read',
    query: filters,
    answers: { 200: { schema: pageOf(taskItem), description: 'A page of tasks, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const { cursor: _cursor, ...filter } = query
    const found = await listTasks(c.env.DB, c.get('key').team, filter, cursor.value)
    return c.json({ items: found.items.map(row => itemOf(c, row)), next: found.next })
  },
)

route(
  taskRoutes,
  {
    method: 'get',
    path: '/tasks/{id}',
    tag: TAG,
    summary: 'Read a task',
    description: 'As it is this moment, from its Durable Object.',
    scope: 'tasks:read',
    answers: { 200: { schema: taskDocument, description: 'The task.' } },
  },
  async (c, { params }) => {
    const view = await readTask(c, params.id)
    return view ? c.json(resourceOf(c, view)) : problem(c, { kind: 'not_found' })
  },
)

const EVENTS_PAGE = 50

route(
  taskRoutes,
  {
    method: 'get',
    path: '/tasks/{id}/events',
    tag: TAG,
    summary: "Read a task's log",
    description: 'Oldest first, `seq` without gaps.',
    scope: 'tasks:read',
    query: z.object({
      cursor: z
        .string()
        .regex(/^\d{1,9}$/, "must be a page's `next`")
        .optional(),
    }),
    answers: { 200: { schema: pageOf(eventDocument), description: 'A page of events, oldest first.' } },
  },
  async (c, { params, query }) => {
    if (!isTaskId(params.id)) return problem(c, { kind: 'not_found' })
    const after = Number(query.cursor ?? 0)
    const events = await callTask(c.env, c.get('key').team, params.id, task => task.events(after, EVENTS_PAGE + 1))
    if (events === null) return problem(c, { kind: 'not_found' })
    const items = events.slice(0, EVENTS_PAGE)
    return c.json({ items, next: events.length > EVENTS_PAGE ? String(items.at(-1)!.seq) : null })
  },
)

route(
  taskRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/events',
    tag: TAG,
    summary: 'Tell a task of an outside event',
    scope: 'tasks:write',
    body: z.strictObject({ name: z.string().min(1).max(120), data: anyJson.optional() }),
    limit: START_LIMIT,
    idempotent: true,
    answers: { 200: { schema: taskDocument, description: 'The task, with the event in its log.' } },
    errors: [409],
  },
  (c, { params, body, raw }) =>
    command(c, params.id, raw, { type: 'event', name: body.name, data: (body.data ?? null) as Json }),
)

route(
  taskRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/decide',
    tag: TAG,
    summary: 'Decide for a task that waits',
    description:
      'Counts as one voter named by the key. 409 `already_decided` says who decided and when; `moved_on` where it is now.',
    scope: 'approve',
    body: z.strictObject({
      handoff: z.string().min(1).max(80).openapi({ description: "One of the question's labels." }),
      note,
      edits: anyJson.optional().openapi({
        description: 'The whole output, as edited, of the step that may be edited; of a call, its whole arguments.',
      }),
      visit,
      run,
      seen: z
        .string()
        .max(64)
        .optional()
        .openapi({ description: 'The digest of what was seen; another one now: 409 `content_changed`.' }),
    }),
    limit: START_LIMIT,
    idempotent: true,
    answers: { 200: { schema: taskDocument, description: 'Decided; the task as it is now.' } },
    errors: [409],
  },
  (c, { params, body, raw }) =>
    command(c, params.id, raw, { ...body, type: 'decide', edits: body.edits as Json | undefined }),
)

/** The commands that need no more than a body and its translation. */
const taken = { 200: { schema: taskDocument, description: 'Done; the task as it is now.' } }
const usual = {
  method: 'post',
  tag: TAG,
  scope: 'tasks:write',
  idempotent: true,
  answers: taken,
  errors: [409],
} as const

route(
  taskRoutes,
  { ...usual, path: '/tasks/{id}/cancel', summary: 'Cancel a task', body: z.strictObject({ note, visit }) },
  (c, { params, body, raw }) => command(c, params.id, raw, { ...body, type: 'cancel' }),
)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/retry',
    summary: "Run the open visit's work again",
    body: z.strictObject({ visit }),
  },
  (c, { params, body, raw }) => command(c, params.id, raw, { ...body, type: 'retry' }),
)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/move',
    summary: 'Move a task to a step, as a new visit',
    body: z.strictObject({ step: z.string().min(1).max(40), input: anyJson.optional(), visit }),
    limit: START_LIMIT,
  },
  (c, { params, body, raw }) =>
    command(c, params.id, raw, { ...body, type: 'move', input: body.input as Json | undefined }),
)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/route',
    summary: 'Send a stuck or failed task on',
    body: z.strictObject({ handoff: z.string().min(1).max(80), note, visit }),
  },
  (c, { params, body, raw }) => command(c, params.id, raw, { ...body, type: 'route' }),
)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/answer',
    summary: 'Say whether a call happened whose answer was lost',
    description: 'With `happened: true`, `output` is what the service answered; with false the call is made again.',
    body: z.strictObject({ happened: z.boolean(), output: anyJson.optional(), visit, run }),
  },
  (c, { params, body, raw }) =>
    command(c, params.id, raw, { ...body, type: 'answer', output: body.output as Json | undefined }),
)

const people = z.array(z.string().min(1).max(254)).min(1).max(50)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/assign',
    summary: 'Ask other people',
    body: z.strictObject({ to: z.union([people, z.string().min(1).max(254)]), visit, run }),
  },
  async (c, { params, body, raw }) => {
    const to = await welcomed(c.env.DB, c.get('key').team, [body.to].flat())
    return command(c, params.id, raw, { ...body, type: 'assign', to })
  },
)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/raise',
    summary: "Raise a task's limits",
    body: z.strictObject({ limits: limitsSchema, visit }),
  },
  (c, { params, body, raw }) => command(c, params.id, raw, { ...body, type: 'raise' }),
)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/migrate',
    summary: 'Move a task to another version of its workflow',
    description: 'Closes its visit and opens one of `step`, in that version. Outputs stay.',
    body: z.strictObject({ version: z.int().min(1), step: z.string().min(1).max(40), visit }),
  },
  async (c, { params, body, raw }) => {
    const view = await readTask(c, params.id)
    if (!view) return problem(c, { kind: 'not_found' })
    const row = await versionByNumber(c.env.DB, c.get('key').team, view.workflow, body.version)
    if (!row) {
      const message = `There is no version ${body.version} of this workflow.`
      return problem(c, { kind: 'invalid', code: 'unknown_version', message, path: 'version' })
    }
    return command(c, params.id, raw, migration(row, body))
  },
)

route(
  taskRoutes,
  {
    ...usual,
    path: '/tasks/{id}/rerun',
    summary: 'Start a new task like this one',
    description:
      'With the same input unless another is given, on the live version, linked to this task. `from` begins at that step, with the outputs that this task had when it last came there.',
    body: z.strictObject({ input: anyJson.optional(), from: z.string().min(1).max(40).optional(), title, visit }),
    limit: START_LIMIT,
    answers: {
      201: { schema: startedDocument, description: 'Started.' },
      200: {
        schema: startedDocument,
        description: 'It was started before by the same request (`Idempotent-Replayed: true`).',
      },
    },
  },
  async (c, { params, body, raw }) => {
    const given = idempotencyKey(c)
    if (!given.ok) return problem(c, given.problem)
    const old = await readTask(c, params.id)
    if (!old) return problem(c, { kind: 'not_found' })
    const moved = body.visit !== undefined && body.visit !== old.visit
    const key = c.get('key')
    const { team } = key
    const live = await liveVersion(c.env.DB, team, old.workflow)
    return start(c, {
      live,
      refused: moved ? { kind: 'moved_on', visit: old.visit, step: old.step } : undefined,
      input: body.input === undefined ? old.input : body.input,
      title: body.title,
      rerun: { task: old.id, from: body.from },
      source: { kind: 'task', id: old.id },
      task:
        given.value === undefined
          ? newTaskId()
          : await keyedTaskId(c.env, team, key.id, 'task', old.id, 'rerun', given.value),
      idempotency: given.value === undefined ? undefined : { id: given.value, hash: await bodyHash(raw) },
      at: 'input',
    })
  },
)

/** Starts a task for a key, or says why not. */
async function start(
  c: ApiContext,
  { live, ...begin }: Omit<Start, 'team' | 'into' | 'actor' | 'flushed'> & { live: LiveVersion | null },
): Promise<Response> {
  const key = c.get('key')
  const into = await targetOf(c.env.DB, live)
  if (!into.ok) return problem(c, into.problem)
  const started = await startOnce(c.env, {
    ...begin,
    team: key.team,
    into: into.value,
    actor: keyActor(key),
    flushed: true,
  })
  if (!started.ok) return problem(c, started.problem)
  if (started.repeated) c.header('Idempotent-Replayed', 'true')
  const { id, status } = started.view
  return c.json({ id, status, url: taskUrl(c, id) }, started.repeated ? 200 : 201)
}

type GivenCommand = Exclude<Command, CreateTask>

/** Gives a command to a task and answers with the task as it is then. */
async function command(c: ApiContext, id: string, raw: Body, what: GivenCommand): Promise<Response> {
  if (!isTaskId(id)) return problem(c, { kind: 'not_found' })
  const given = idempotencyKey(c)
  if (!given.ok) return problem(c, given.problem)
  const key = c.get('key')
  // Caller and command are part of what a key stands for: the task reads the command from the hash.
  const idempotency =
    given.value === undefined ? undefined : { id: given.value, hash: `${what.type}:${await bodyHash(raw)}` }
  const give = (task: TaskVerbs) => task.command(what, { actor: keyActor(key), idempotency, flushed: true })
  // Without a key the platform's fault is the client's to judge: a second try might be a second command.
  const answer = idempotency ? await callTask(c.env, key.team, id, give) : await give(taskStub(c.env, key.team, id))
  if (!answer.ok) return problem(c, answer.refusal)
  if (answer.repeated) c.header('Idempotent-Replayed', 'true')
  return c.json(resourceOf(c, answer.value))
}

/** The team's task, from its Durable Object; null when there is none. */
async function readTask(c: ApiContext, id: string): Promise<TaskView | null> {
  return isTaskId(id) ? callTask(c.env, c.get('key').team, id, task => task.view()) : null
}

function resourceOf(c: ApiContext, view: TaskView) {
  return { ...view, url: taskUrl(c, view.id) }
}

function taskUrl(c: ApiContext, id: string): string {
  return publicUrl(c.env, `/tasks/${id}`)
}

function itemOf(c: ApiContext, row: TaskRow) {
  const { id, workflow, version, title, status, step, visit } = row
  const why = (JSON.parse(row.card) as { why?: string }).why ?? ''
  const times = {
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
    finishedAt: isoOrNull(row.finishedAt),
  }
  return {
    id,
    url: taskUrl(c, id),
    workflow,
    version,
    title,
    status,
    step,
    visit,
    why,
    usage: { cost: row.cost },
    ...times,
  }
}
