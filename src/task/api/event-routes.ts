/** `POST /events`: an outside event for every open task with a business key. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { Json } from '../../domain/json/json.ts'
import { MAX_BUSINESS_KEY } from '../../domain/task/business-key.ts'
import type { ApiEnv } from '../../http/context.ts'
import { anyJson } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { bodyHash, idempotencyKey, KIB } from '../../http/request/body.ts'
import { type Routes, route } from '../../http/route.ts'
import { MAX_EVENT_NAME, tellKeyed } from '../outside-event.ts'
import { MAX_INPUT } from '../start.ts'

export const eventRoutes: Routes = new OpenAPIHono<ApiEnv>()

route(
  eventRoutes,
  {
    method: 'post',
    path: '/events',
    tag: 'Tasks',
    summary: 'Tell the tasks with a business key of an outside event',
    description:
      'Every open task of the team with this `key` has the event in its log; `tasks` says how many. A step that waits for its name takes it; until one does, it is kept with the task. With an Idempotency-Key each task has it once, however often it is sent.',
    scope: 'tasks:write',
    body: z.strictObject({
      name: z.string().min(1).max(MAX_EVENT_NAME),
      key: z.string().min(1).max(MAX_BUSINESS_KEY),
      data: anyJson.optional(),
    }),
    limit: MAX_INPUT + 16 * KIB,
    idempotent: true,
    answers: { 202: { schema: z.object({ tasks: z.int() }), description: 'Told; 0: no open task has this key.' } },
    errors: [409],
  },
  async (c, { body, raw }) => {
    const given = idempotencyKey(c)
    if (!given.ok) return problem(c, given.problem)
    const key = c.get('key')
    // A task's own Idempotency-Keys are others: no tab can stand in them.
    const idempotency =
      given.value === undefined ? undefined : { id: `\tevents ${given.value}`, hash: `event:${await bodyHash(raw)}` }
    const event = { name: body.name, key: body.key, data: (body.data ?? null) as Json }
    const told = await tellKeyed(c.env, key.team, event, { actor: keyActor(key), idempotency })
    if (!told.ok) return problem(c, told.problem)
    if (told.value.repeated) c.header('Idempotent-Replayed', 'true')
    return c.json({ tasks: told.value.tasks }, 202)
  },
)
