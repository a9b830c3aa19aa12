/** `/tasks/:id/…`: every command on a task, each with its body and its refusals. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Json } from '../../domain/json/json.ts'
import { MAX_COMMENT } from '../../domain/task/commenting.ts'
import { limitsSchema } from '../../domain/workflow/parts.ts'
import type { ApiEnv } from '../../http/context.ts'
import { anyJson } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { KIB } from '../../http/request/body.ts'
import { type Routes, route } from '../../http/route.ts'
import { versionByNumber } from '../../records/definitions/workflows.ts'
import { welcomed } from '../../records/people/former-members.ts'
import { chosenModel } from '../cheaper.ts'
import { mentionedIn } from '../comment.ts'
import { migration } from '../migrate.ts'
import { MAX_EVENT_NAME } from '../outside-event.ts'
import { MAX_INPUT } from '../start.ts'
import { command } from './command.ts'
import { taskDocument, visit } from './describe.ts'
import { readTask } from './resource.ts'

export const commandRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Tasks'
/** As large as an input may be, and what stands around it. */
const LARGE_LIMIT = MAX_INPUT + 16 * KIB
const run = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'The run that asks, where a visit has several: without it, 409 `several_open`.' })
const one = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'One of the step’s branches or items; without it, all that did not come to their end.' })
const note = z.string().max(5000).optional()

route(
  commandRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/events',
    tag: TAG,
    summary: 'Tell a task of an outside event',
    scope: 'tasks:write',
    body: z.strictObject({ name: z.string().min(1).max(MAX_EVENT_NAME), data: anyJson.optional() }),
    limit: LARGE_LIMIT,
    idempotent: true,
    answers: { 200: { schema: taskDocument, description: 'The task, with the event in its log.' } },
    errors: [409],
  },
  (c, { params, body, raw }) =>
    command(c, params.id, raw, { type: 'event', name: body.name, data: (body.data ?? null) as Json }),
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
  commandRoutes,
  { ...usual, path: '/tasks/{id}/cancel', summary: 'Cancel a task', body: z.strictObject({ note, visit }) },
  (c, { params, body, raw }) => command(c, params.id, raw, { ...body, type: 'cancel' }),
)

route(
  commandRoutes,
  {
    ...usual,
    path: '/tasks/{id}/retry',
    summary: "Run the open visit's work again",
    body: z.strictObject({ visit, run: one }),
  },
  (c, { params, body, raw }) => command(c, params.id, raw, { ...body, type: 'retry' }),
)

route(
  commandRoutes,
  {
    ...usual,
    path: '/tasks/{id}/move',
    summary: 'Move a task to a step, as a new visit',
    body: z.strictObject({ step: z.string().min(1).max(40), input: anyJson.optional(), visit }),
    limit: LARGE_LIMIT,
  },
  (c, { params, body, raw }) =>
    command(c, params.id, raw, { ...body, type: 'move', input: body.input as Json | undefined }),
)

route(
  commandRoutes,
  {
    ...usual,
    path: '/tasks/{id}/route',
    summary: 'Send a stuck or failed task on',
    body: z.strictObject({ handoff: z.string().min(1).max(80), note, visit }),
  },
  (c, { params, body, raw }) => command(c, params.id, raw, { ...body, type: 'route' }),
)

route(
  commandRoutes,
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
  commandRoutes,
  {
    ...usual,
    path: '/tasks/{id}/assign',
    summary: 'Ask other people',
    body: z.strictObject({
      to: z.union([people, z.string().min(1).max(254)]),
      insteadOf: z.string().min(1).max(254).optional().openapi({
        description:
          'Somebody who is asked: `to`, one person, is asked in their place, and the others stay asked. Without it, `to` are asked instead of all.',
      }),
      visit,
      run,
    }),
  },
  async (c, { params, body, raw }) => {
    const { insteadOf, visit, run } = body
    const to = await welcomed(c.env.DB, c.get('key').team, [body.to].flat())
    if (insteadOf === undefined) return command(c, params.id, raw, { type: 'assign', to, visit, run })
    const [one, ...others] = to
    if (one === undefined || others.length > 0)
      return problem(c, {
        kind: 'invalid',
        message: 'One person is asked in the place of another: name one.',
        path: 'to',
      })
    return command(c, params.id, raw, { type: 'delegate', from: insteadOf, to: one, visit, run })
  },
)

route(
  commandRoutes,
  {
    ...usual,
    path: '/tasks/{id}/raise',
    summary: "Raise a task's limits, or go on with another model",
    description:
      '`model` is asked in place of every model that the rest of the task names. Its provider must be set up, it must have a price, and one of its calls must fit the cost limit.',
    body: z.strictObject({
      limits: limitsSchema.optional(),
      model: z.string().min(1).max(200).optional(),
      visit,
    }),
  },
  async (c, { params, body, raw }) => {
    const { limits = {}, model: name, visit } = body
    const chosen = name === undefined ? undefined : await chosenModel(c.env, c.get('key').team, name)
    if (chosen?.ok === false) return problem(c, { kind: 'invalid', ...chosen, path: 'model' })
    return command(c, params.id, raw, { type: 'raise', limits, model: chosen?.model, visit })
  },
)

route(
  commandRoutes,
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
  commandRoutes,
  {
    ...usual,
    path: '/tasks/{id}/comments',
    summary: 'Say something about a task',
    description:
      'It stands in the timeline and among the events (`commented`), and decides nothing. Members that the text names (`@ana`) or `tell` does are told once.',
    body: z.strictObject({
      text: z.string().min(1).max(MAX_COMMENT),
      tell: z
        .array(z.string().max(254))
        .max(20)
        .optional()
        .openapi({ description: 'Addresses of members; others are told nothing.' }),
    }),
  },
  async (c, { params, body, raw }) => {
    const mentions = await mentionedIn(c.env.DB, c.get('key').team, body.text, body.tell ?? [])
    return command(c, params.id, raw, { type: 'comment', text: body.text, mentions })
  },
)
