/** `/intakes`: the ways into a workflow, and their settings. What came in is in delivery-routes.ts. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../domain/caller.ts'
import { type ApiContext, type ApiEnv, publicUrl } from '../http/context.ts'
import { cursorOf, cursorQuery, iso, isoTime, pageOf } from '../http/describe.ts'
import { type ApiProblem, problem } from '../http/errors.ts'
import type { Read } from '../http/request/body.ts'
import { type Routes, route } from '../http/route.ts'
import { workflowById } from '../records/definitions/workflows.ts'
import { isId } from '../records/ids.ts'
import { deleteIntake, type IntakeRow, intakeById, listIntakes } from '../records/intake/intakes.ts'
import { forgetIntake } from './entry/admit.ts'
import { changeOfKind, createOfKind, KIND_NAMES, kindAnswers, kindFields, kindOf } from './kinds/index.ts'
import { scheduleRoutes } from './schedule/routes.ts'
import {
  changedWebhook,
  changeWebhook,
  keepWebhook,
  newWebhook,
  openFields,
  openSettings,
  webhookFields,
} from './settings.ts'
import { rotatedWebhook } from './webhook-secret.ts'

export const intakeRoutes: Routes = new OpenAPIHono<ApiEnv>()
intakeRoutes.route('/', scheduleRoutes)

const TAG = 'Intakes'
const name = z.string().trim().min(1).max(120)

const intake = z
  .object({
    id: z.string(),
    url: z.string(),
    workflow: z.string(),
    kind: z.enum(['webhook', 'schedule', 'email', 'form']),
    name: z.string(),
    ...z.object(openFields).partial().shape,
    ...kindAnswers,
    createdAt: iso,
    updatedAt: iso,
    secret: z.string().optional().openapi({ description: 'A secret that was made just now; it is not shown again.' }),
  })
  .openapi('Intake')

/** Each setting is checked by itself later, so that what comes with another kind is told from what is wrong. */
const settings = z.looseObject({
  name: name.optional(),
  auth: z.unknown().optional(),
  filter: z.unknown().optional(),
  map: z.unknown().optional(),
  event: z.unknown().optional(),
  duplicates: z.unknown().optional(),
  dedupe: z.unknown().optional(),
  limit: z.unknown().optional(),
  cors: z.unknown().optional(),
  callbacks: z.unknown().optional(),
})
const documented = z
  .object({ kind: z.enum(['webhook', 'schedule', 'email', 'form']), name, ...webhookFields, ...kindFields })
  .partial()
  .required({ kind: true })
const changes = z.object({
  name: name.optional(),
  auth: webhookFields.auth.optional(),
  filter: webhookFields.filter.nullish(),
  map: webhookFields.map.nullish(),
  event: webhookFields.event.nullish(),
  duplicates: webhookFields.duplicates.nullish(),
  dedupe: webhookFields.dedupe.nullish(),
  limit: webhookFields.limit.nullish(),
  cors: webhookFields.cors.nullish(),
  callbacks: webhookFields.callbacks.nullish(),
})

route(
  intakeRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/intakes',
    tag: TAG,
    summary: "List a workflow's intakes",
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(intake), description: 'A page of intakes, newest first.' } },
  },
  async (c, { params, query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const { team } = c.get('key')
    const workflow = isId('wf', params.id) ? await workflowById(c.env.DB, team, params.id) : null
    if (!workflow) return problem(c, { kind: 'not_found' })
    const found = await listIntakes(c.env.DB, team, workflow.id, cursor.value)
    return c.json({ items: found.items.map(row => intakeOf(c, row)), next: found.next })
  },
)

route(
  intakeRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/intakes',
    tag: TAG,
    summary: 'Open an intake',
    scope: 'workflows:write',
    body: settings.extend({ kind: z.string() }),
    bodyDocument: documented,
    answers: { 201: { schema: intake, description: 'Open.' } },
  },
  async (c, { params, body }) => {
    const { team } = c.get('key')
    const actor = keyActor(c.get('key'))
    const workflow = isId('wf', params.id) ? await workflowById(c.env.DB, team, params.id) : null
    if (!workflow) return problem(c, { kind: 'not_found' })
    const other = kindOf(body.kind)
    if (other) return answerOf(c, await createOfKind(c.env, other, { team, workflow: workflow.id }, body, actor), 201)
    const { kind, name, ...given } = body
    const refused = unknownKind(kind)
    if (refused) return problem(c, refused)
    const made = await newWebhook(c.env, { team, workflow: workflow.id }, name ?? 'Webhook', given)
    if (!made.ok) return problem(c, made.problem)
    await keepWebhook(c.env, made.value.row, actor)
    return c.json({ ...intakeOf(c, made.value.row), secret: made.value.secret }, 201)
  },
)

route(
  intakeRoutes,
  {
    method: 'get',
    path: '/intakes/{id}',
    tag: TAG,
    summary: 'Read an intake',
    scope: 'workflows:read',
    answers: { 200: { schema: intake, description: 'The intake.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    return row ? c.json(intakeOf(c, row)) : problem(c, { kind: 'not_found' })
  },
)

route(
  intakeRoutes,
  {
    method: 'patch',
    path: '/intakes/{id}',
    tag: TAG,
    summary: 'Change an intake',
    description:
      'What is not named stays; null takes a setting away. Another scheme, or `auth.secret`, ends the secret before at once; `rotate` lets it count for another 24 h. Holds within 10 s.',
    scope: 'workflows:write',
    body: settings.extend({ kind: z.string().optional() }),
    bodyDocument: changes,
    answers: { 200: { schema: intake, description: 'Changed.' } },
    errors: [409],
  },
  async (c, { params, body }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const actor = keyActor(c.get('key'))
    const other = kindOf(row.kind)
    if (other) return answerOf(c, await changeOfKind(c.env, other, row, body, actor), 200)
    const { kind = row.kind, name, ...given } = body
    const refused = unknownKind(kind)
    if (refused) return problem(c, refused)
    const changed = await changeWebhook(c.env, row, now => changedWebhook(c.env, now, name ?? now.name, given), actor)
    if (!changed.ok) return problem(c, changed.problem)
    return c.json({ ...intakeOf(c, changed.value.row), secret: changed.value.secret })
  },
)

route(
  intakeRoutes,
  {
    method: 'post',
    path: '/intakes/{id}/rotate',
    tag: TAG,
    summary: 'Give an intake a new secret',
    description:
      'The one before still counts for 24 hours. `secret`: one that the sender made; without it one is made.',
    scope: 'workflows:write',
    body: z.strictObject({ secret: z.string().optional() }),
    answers: {
      200: {
        schema: z.object({ id: z.string(), secret: z.string().optional(), until: iso }),
        description:
          'The new secret, shown once, and until when the old one counts. No secret where the sender is to offer it: the next that it offers is taken.',
      },
    },
    errors: [409],
  },
  async (c, { params, body }) => {
    const row = await own(c, params.id)
    if (row?.kind !== 'webhook') return problem(c, { kind: 'not_found' })
    const rotated = await changeWebhook(
      c.env,
      row,
      now => rotatedWebhook(c.env, now, body.secret),
      keyActor(c.get('key')),
    )
    if (!rotated.ok) return problem(c, rotated.problem)
    return c.json({ id: row.id, secret: rotated.value.secret, until: isoTime(rotated.value.until) })
  },
)

route(
  intakeRoutes,
  {
    method: 'delete',
    path: '/intakes/{id}',
    tag: TAG,
    summary: 'Close an intake',
    description: 'It answers 404, within 10 s everywhere. What it held stays held.',
    scope: 'workflows:write',
    answers: { 204: { description: 'Closed.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    await deleteIntake(c.env.DB, row, keyActor(c.get('key')), Date.now())
    await kindOf(row.kind)?.close?.(c.env, row)
    forgetIntake(row.id)
    return c.body(null, 204)
  },
)

function unknownKind(kind: string): ApiProblem | null {
  return kind === 'webhook' ? null : { kind: 'invalid', message: `kind: must be ${KIND_NAMES}.`, path: 'kind' }
}

function answerOf(c: ApiContext, row: Read<IntakeRow>, status: 200 | 201): Response {
  return row.ok ? c.json(intakeOf(c, row.value), status) : problem(c, row.problem)
}

async function own(c: ApiContext, id: string): Promise<IntakeRow | null> {
  return isId('int', id) ? intakeById(c.env.DB, c.get('key').team, id) : null
}

function intakeOf(c: ApiContext, row: IntakeRow) {
  const { id, workflow, kind, name, createdAt, updatedAt } = row
  const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
  const other = kindOf(kind)
  if (other) {
    const url = publicUrl(c.env, `/workflows/${workflow}/intakes#${id}`)
    return { id, url, workflow, kind, name, ...other.answer(c.env, row), ...times }
  }
  return { id, url: publicUrl(c.env, `/in/${id}`), workflow, kind, name, ...openSettings(row), ...times }
}
