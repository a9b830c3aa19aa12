/** What a workflow lets in: paused, active, archived, restored, and what was held meanwhile. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { WorkflowStatus } from '../../domain/workflow/live.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { anyJson, iso, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { releaseHeld } from '../../intake/outcome/release-held.ts'
import { isId } from '../../records/ids.ts'
import { countHeld, listHeld } from '../../records/intake/held-deliveries.ts'
import { switchStatus } from '../status.ts'
import { own, status, TAG } from './shared.ts'

export const stateRoutes: Routes = new OpenAPIHono<ApiEnv>()

const state = z.object({ id: z.string(), status: status }).openapi('WorkflowState')

route(
  stateRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/pause',
    tag: TAG,
    summary: 'Pause a workflow',
    description:
      'Running tasks go on; new ones are refused with 409 `workflow_paused`, and deliveries to intakes are kept.',
    scope: 'workflows:write',
    answers: { 200: { schema: state, description: 'Paused.' } },
    errors: [409],
  },
  (c, { params }) => switchTo(c, params.id, ['active', 'paused'], 'paused'),
)

route(
  stateRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/activate',
    tag: TAG,
    summary: 'Activate a workflow',
    description:
      '`held` says how many deliveries were kept while it was paused; `POST …/held` starts or discards them.',
    scope: 'workflows:write',
    answers: { 200: { schema: state.extend({ held: z.int() }), description: 'Active.' } },
    errors: [409],
  },
  (c, { params }) => switchTo(c, params.id, ['active', 'paused'], 'active'),
)

route(
  stateRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/archive',
    tag: TAG,
    summary: 'Archive a workflow',
    description: 'It takes no new tasks until it is restored. Running tasks go on.',
    scope: 'workflows:write',
    answers: { 200: { schema: state, description: 'Archived.' } },
    errors: [409],
  },
  (c, { params }) => switchTo(c, params.id, ['draft', 'active', 'paused', 'archived'], 'archived'),
)

route(
  stateRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/restore',
    tag: TAG,
    summary: 'Restore an archived workflow',
    description: 'It comes back paused, or as a draft when nothing was published.',
    scope: 'workflows:write',
    answers: { 200: { schema: state, description: 'Restored.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    return switchTo(c, params.id, ['archived'], row?.live == null ? 'draft' : 'paused')
  },
)

const heldItem = z
  .object({
    task: z.string().openapi({ description: 'The id that its task will have.' }),
    intake: z.string(),
    at: iso,
    input: anyJson,
  })
  .openapi('Held')

route(
  stateRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/held',
    operationId: 'listHeld',
    tag: TAG,
    summary: 'List what was held while the workflow was paused',
    scope: 'workflows:read',
    answers: {
      200: {
        schema: z.object({ items: z.array(heldItem), total: z.int() }),
        description: 'The oldest 50, oldest first: the order in which they start.',
      },
    },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const [rows, total] = await Promise.all([
      listHeld(c.env.DB, row.team, row.id, 50),
      countHeld(c.env.DB, row.team, row.id),
    ])
    const items = rows.map(({ id, intake, at, input }) => ({
      task: id,
      intake,
      at: isoTime(at),
      input: JSON.parse(input),
    }))
    return c.json({ items, total })
  },
)

route(
  stateRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/held',
    operationId: 'settleHeld',
    tag: TAG,
    summary: 'Start or discard what was held',
    description:
      'Takes up to 200 a call, oldest first, past those that do not fit; `remaining` says how many are left. What a call has begun to start, no other discards. Starting needs an active workflow.',
    scope: 'workflows:write',
    body: z.object({ start: z.boolean() }),
    answers: {
      200: {
        schema: z.object({
          started: z.int(),
          discarded: z.int(),
          refused: z.array(z.object({ task: z.string(), reason: z.string() })).openapi({
            description: 'Inputs that the live version does not take; they stay held.',
          }),
          remaining: z.int(),
        }),
        description: 'What was done.',
      },
    },
    errors: [409],
  },
  async (c, { params, body }) => {
    const key = c.get('key')
    if (!isId('wf', params.id)) return problem(c, { kind: 'not_found' })
    const released = await releaseHeld(c.env, key.team, params.id, body.start, keyActor(key))
    return released.ok ? c.json(released.value) : problem(c, released.problem)
  },
)

async function switchTo(c: ApiContext, id: string, from: WorkflowStatus[], to: WorkflowStatus): Promise<Response> {
  const key = c.get('key')
  const switched = await switchStatus(c.env, { team: key.team, id, actor: keyActor(key) }, from, to)
  if (!switched.ok) return problem(c, switched.problem)
  return c.json({ id, status: to, ...(to === 'active' ? switched.value : {}) })
}
