/** `/tasks` and `/workflows/:id/tasks`: starting tasks, listing and reading them. What is done to one is command-routes.ts. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { readPart } from '../../domain/metrics/part.ts'
import { STATUSES, type Status } from '../../domain/task/state.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { anyJson, cursorOf, cursorQuery, isoOrNull, isoTime, pageOf, periodTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { bodyHash, idempotencyKey, KIB } from '../../http/request/body.ts'
import { type Routes, route } from '../../http/route.ts'
import { PAGE_SIZE } from '../../records/cursor.ts'
import { liveVersion } from '../../records/definitions/workflows.ts'
import { derivedTaskId, isTaskId, newTaskId } from '../../records/ids.ts'
import { tasksFound, tokensOf } from '../../records/task/searched.ts'
import { listTasks, type TaskFilter, type TaskRow, tasksOf } from '../../records/task/tasks.ts'
import { callTask } from '../call.ts'
import { keyedTaskId } from '../keyed-id.ts'
import { MAX_INPUT } from '../start.ts'
import { eventDocument, startedDocument, taskDocument, taskItem, visit } from './describe.ts'
import { readTask, resourceOf, taskUrl } from './resource.ts'
import { callbackOf, start, startBody, startByForm, startForm, title } from './starting.ts'

export const taskRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Tasks'
/** An input of 256 KiB, and what stands around it. */
const START_LIMIT = MAX_INPUT + 16 * KIB
route(
  taskRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/tasks',
    tag: TAG,
    summary: 'Start a task',
    description:
      'Answers once the first step was entered. The same Idempotency-Key and body again: 200 with the same id. With files: multipart/form-data with the part `input` (JSON), and `file` for each file; a part that has the name of a field with `format: file` fills that field.',
    scope: 'tasks:write',
    body: startBody,
    multipart: { schema: startForm, take: startByForm },
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
    const told = callbackOf(c, body.callback)
    if (!told.ok) return problem(c, told.problem)
    return start(c, {
      live: c.get('live'),
      input: body.input,
      title: body.title,
      key: body.key,
      source: { kind: 'api', id: key.id, callback: told.value },
      task: scope ? await derivedTaskId(key.team, ...scope) : newTaskId(),
      idempotency: given.value === undefined ? undefined : { id: given.value, hash: await bodyHash(raw) },
      at: 'input',
    })
  },
)

const NO_PART = {
  kind: 'invalid',
  message: 'part: this names no part of a task.',
  hint: 'Write `step:KEY`, `left:KEY`, `at:KEY`, `agent:KEY`, `model:NAME`, `intake:ID` or `version:N`.',
  path: 'part',
} as const
const filters = cursorQuery.extend({
  workflow: z.string().max(40).optional(),
  status: z.enum(STATUSES).optional(),
  step: z.string().max(40).optional(),
  from: periodTime,
  to: periodTime,
  part: z.string().max(200).optional().openapi({
    description:
      'What it consisted of: `step:KEY` (it came there), `left:KEY` (it left it), `at:KEY` (it is open and there), `agent:KEY`, `model:NAME`, `intake:ID`, `version:N`.',
  }),
  q: z.string().trim().max(200).optional().openapi({
    description: 'Words, or the beginnings of words, of titles, keys, inputs and outputs, all of which the task has.',
  }),
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
    const { cursor: _cursor, q, part: named, ...rest } = query
    const part = named === undefined ? undefined : (readPart(named) ?? null)
    if (part === null) return problem(c, NO_PART)
    const filter = { ...rest, part }
    const found = await (q
      ? tasksWithWords(c, q, filter, query.cursor)
      : listTasks(c.env.DB, c.get('key').team, filter, cursor.value))
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
    return view ? c.json(await resourceOf(c, view)) : problem(c, { kind: 'not_found' })
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
    path: '/tasks/{id}/rerun',
    tag: TAG,
    summary: 'Start a new task like this one',
    description:
      'With the same input unless another is given, on the live version, linked to this task. `from` begins at that step, with the outputs that this task had when it last came there.',
    body: z.strictObject({ input: anyJson.optional(), from: z.string().min(1).max(40).optional(), title, visit }),
    scope: 'tasks:write',
    limit: START_LIMIT,
    idempotent: true,
    errors: [409],
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

/** Those found by words; the last to end, or else to begin, come first. */
async function tasksWithWords(
  c: ApiContext,
  q: string,
  filter: TaskFilter & { status?: Status },
  cursor: string | undefined,
) {
  const { team } = c.get('key')
  const search = { ...filter, words: tokensOf(q) }
  const { items, next } = await tasksFound(c.env.DB, team, search, cursor ?? null, PAGE_SIZE)
  const ids = items.map(({ id }) => id)
  return { items: await tasksOf(c.env.DB, team, ids), next }
}

function itemOf(c: ApiContext, row: TaskRow) {
  const { id, workflow, version, title, key, status, step, visit } = row
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
    key,
    status,
    step,
    visit,
    why,
    usage: { cost: row.cost },
    ...times,
  }
}
