/** What services are told of tasks, by task and by workflow, telling them again, and the secret that it is signed with. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoOrNull, isoTime, pageOf } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { type WorkflowRow, workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { CALLBACK_STATES } from '../../records/schema/task.ts'
import { type Callback, callbacksOf, callbacksOfWorkflow } from '../../records/task/told/callbacks.ts'
import { callTask } from '../../task/call.ts'
import { rolledCallbackSecret } from '../../team/secrets/callback-secret.ts'
import { resend } from './deliver.ts'

export const callbackRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Callbacks'

const status = z.enum(CALLBACK_STATES)

const entry = z
  .object({
    id: z.string().openapi({ description: 'Its `webhook-id`.' }),
    task: z.string(),
    type: z.enum(['task.done', 'task.failed', 'task.stuck', 'task.waiting']),
    url: z.string(),
    status,
    attempts: z.int(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
    nextAt: iso.nullable(),
    createdAt: iso,
    deliveredAt: iso.nullable(),
  })
  .openapi('Callback')

route(
  callbackRoutes,
  {
    method: 'get',
    path: '/tasks/{id}/callbacks',
    operationId: 'listTaskCallbacks',
    tag: TAG,
    summary: 'List what services were told of a task',
    scope: 'tasks:read',
    answers: {
      200: { schema: z.object({ items: z.array(entry), next: z.null() }), description: 'Newest first, 200 at most.' },
    },
  },
  async (c, { params }) => {
    const { team } = c.get('key')
    const view = await callTask(c.env, team, params.id, stub => stub.view())
    if (view === null) return problem(c, { kind: 'not_found' })
    return c.json({ items: (await callbacksOf(c.env.DB, team, params.id)).map(entryOf), next: null })
  },
)

route(
  callbackRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/callbacks',
    operationId: 'listWorkflowCallbacks',
    tag: TAG,
    summary: 'List what services were told of a workflow’s tasks',
    scope: 'tasks:read',
    query: cursorQuery.extend({ status: status.optional() }),
    answers: { 200: { schema: pageOf(entry), description: 'A page of callbacks, newest first.' } },
  },
  async (c, { params, query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const { team } = c.get('key')
    if ((await ownWorkflow(c, params.id)) === null) return problem(c, { kind: 'not_found' })
    const whose = { team, workflow: params.id, status: query.status }
    const found = await callbacksOfWorkflow(c.env.DB, whose, cursor.value)
    return c.json({ items: found.items.map(entryOf), next: found.next })
  },
)

route(
  callbackRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/callbacks/rotate',
    operationId: 'rotateCallbackSecret',
    tag: TAG,
    summary: 'Give a workflow’s callbacks a new signing secret',
    description: 'Callbacks are signed with the one before, too, for another 24 hours.',
    scope: 'workflows:write',
    answers: {
      200: {
        schema: z.object({ callbackSecret: z.string(), until: iso }),
        description: 'The new secret, shown this once, and until when the one before signs beside it.',
      },
    },
  },
  async (c, { params }) => {
    const workflow = await ownWorkflow(c, params.id)
    if (workflow === null) return problem(c, { kind: 'not_found' })
    const key = c.get('key')
    const signer = { team: key.team, workflow: workflow.id }
    const { secret, until } = await rolledCallbackSecret(c.env, signer, keyActor(key), Date.now())
    return c.json({ callbackSecret: secret, until: isoTime(until) })
  },
)

route(
  callbackRoutes,
  {
    method: 'post',
    path: '/callbacks/{id}/resend',
    operationId: 'resendCallback',
    tag: TAG,
    summary: 'Send a callback again',
    description: 'Under the same id, with the task as it is now, for another day.',
    scope: 'tasks:write',
    answers: { 202: { schema: entry, description: 'On its way.' } },
  },
  async (c, { params }) => {
    const resent = await resend(c.env, c.get('key').team, params.id, keyActor(c.get('key')))
    return resent === null ? problem(c, { kind: 'not_found' }) : c.json(entryOf(resent), 202)
  },
)

async function ownWorkflow(c: ApiContext, id: string): Promise<WorkflowRow | null> {
  return isId('wf', id) ? workflowById(c.env.DB, c.get('key').team, id) : null
}

function entryOf({
  id,
  task,
  type,
  url,
  status,
  attempts,
  lastStatus,
  lastError,
  nextAt,
  createdAt,
  deliveredAt,
}: Callback) {
  const times = { nextAt: isoOrNull(nextAt), createdAt: isoTime(createdAt), deliveredAt: isoOrNull(deliveredAt) }
  return { id, task, type, url, status, attempts, lastStatus, lastError, ...times }
}
