/** `/tasks/:id/callbacks` and `/callbacks/:id/resend`: what services were told of a task, and telling them again. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from '../../http/context.ts'
import { iso, isoOrNull, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { type Callback, callbackById, callbacksOf, resendCallback } from '../../records/task/callbacks.ts'
import { callTask } from '../../task/call.ts'
import { sendCallback } from '../../task/object/lanes.ts'

export const callbackRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Callbacks'

const entry = z
  .object({
    id: z.string().openapi({ description: 'Its `webhook-id`.' }),
    type: z.enum(['task.done', 'task.failed', 'task.stuck', 'task.waiting']),
    url: z.string(),
    status: z.enum(['pending', 'delivered', 'failed']),
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
    const { team } = c.get('key')
    if ((await callbackById(c.env.DB, team, params.id)) === null) return problem(c, { kind: 'not_found' })
    await resendCallback(c.env.DB, team, params.id, Date.now())
    await sendCallback(c.env, { v: 1, team, callback: params.id })
    return c.json(entryOf((await callbackById(c.env.DB, team, params.id))!), 202)
  },
)

function entryOf({ id, type, url, status, attempts, lastStatus, lastError, nextAt, createdAt, deliveredAt }: Callback) {
  const times = { nextAt: isoOrNull(nextAt), createdAt: isoTime(createdAt), deliveredAt: isoOrNull(deliveredAt) }
  return { id, type, url, status, attempts, lastStatus, lastError, ...times }
}
