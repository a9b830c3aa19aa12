/** `POST /in/:intake`: the way in for other services, accepted durably before it is answered. The hot path: keep it short. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { type ApiContext, type ApiEnv, publicUrl } from '../http/context.ts'
import { anyJson } from '../http/describe.ts'
import { problem } from '../http/errors.ts'
import { type Routes, route } from '../http/route.ts'
import { BODY_TYPES } from './arrival/content.ts'
import { arrived } from './arrival/delivery.ts'
import { challengeByGet, type Probe } from './arrival/probe.ts'
import { find } from './entry/admit.ts'
import { allowOrigin, preflight } from './entry/origins.ts'
import { outcomeOfEvent } from './outcome/deliver-event.ts'
import { noteDelivery, type Outcome, refusedBy } from './outcome/delivery-note.ts'
import { type Fate, receive } from './receive.ts'
import { secretHeaders } from './signatures/hmac.ts'

export const webhookRoutes: Routes = new OpenAPIHono<ApiEnv>()

const accepted = z.object({
  tasks: z.int().optional().openapi({ description: 'Of an intake that takes events: how many open tasks have it.' }),
  task: z
    .object({ id: z.string(), url: z.string() })
    .optional()
    .openapi({ description: 'Absent while the workflow is paused.' }),
  duplicate: z.boolean().optional().openapi({ description: 'The same delivery came before; this is its task.' }),
  held: z
    .boolean()
    .optional()
    .openapi({ description: 'The workflow is paused; the delivery is kept until someone starts or discards it.' }),
})

const answered = z.object({
  skipped: z.boolean().optional().openapi({ description: 'The filter does not let it pass; `reason` says why.' }),
  reason: z.string().optional(),
  challenge: z.string().optional().openapi({ description: "Slack's `url_verification`, answered." }),
  plainToken: z.string().optional().openapi({ description: 'Zoom’s `endpoint.url_validation`, answered.' }),
  encryptedToken: z.string().optional(),
  text: z
    .string()
    .optional()
    .openapi({ description: 'What Slack shows to whoever typed a command; beside it what 202 holds.' }),
})

route(
  webhookRoutes,
  {
    method: 'post',
    path: '/in/{intake}',
    operationId: 'sendDelivery',
    tag: 'Intakes',
    summary: 'Send a task in',
    description:
      'The body is the input, unless the intake maps it. How to prove who sends is the intake’s `auth`: a team key with the scope `tasks:write`, a signature over the raw body, or nothing. Forms become objects of their fields, plain text `{text}`. Headers and query are kept without secrets. The header `baton-callback` names an address that is told what becomes of the task, where the intake lists its host in `callbacks`.',
    scope: null,
    open: true,
    rawBody: { schema: anyJson, types: BODY_TYPES },
    idempotent: true,
    answers: {
      202: { schema: accepted, description: 'Accepted, durably.' },
      200: {
        schema: answered,
        description:
          'Passed over by the filter, a question of the sender’s answered, or Slack’s command or button taken.',
      },
    },
    errors: [401, 403, 409, 429],
  },
  async (c, { params }) => {
    const at = Date.now()
    const found = await find(c, params.intake)
    if (!found) return problem(c, { kind: 'not_found' })
    allowOrigin(c, found.intake.config)
    const { auth } = found.intake.config
    const hidden = auth.type === 'hmac' ? secretHeaders(auth) : []
    const arrival = arrived(found.intake.id, c.req.raw.headers, c.req.url, at, hidden)
    const { delivery, fate } = await receive(c, found, arrival)
    const outcome = outcomeOf(fate)
    if (outcome !== null) c.executionCtx.waitUntil(noteDelivery(c.env, found.intake.team, delivery, outcome))
    return answer(c, fate)
  },
)

// Senders that ask whether the address listens before they send; programs and documents need not know.
webhookRoutes.on('GET', '/in/:intake', async (c, next) => {
  const challenge = challengeByGet(c.req.url)
  if (challenge === null) return next()
  return (await find(c, c.req.param('intake'))) ? c.text(challenge) : problem(c, { kind: 'not_found' })
})

// A browser asks first; programs and documents need not know.
webhookRoutes.on('OPTIONS', '/in/:intake', async c => {
  const found = await find(c, c.req.param('intake'))
  return found ? preflight(c, found.intake.config) : problem(c, { kind: 'not_found' })
})

/** Each sender in the words that it wants: Slack takes nothing but 200, and shows what a command is answered. */
function answer(c: ApiContext, fate: Fate): Response {
  switch (fate.kind) {
    case 'refused':
      return problem(c, fate.problem)
    case 'skipped':
      return c.json({ skipped: true, reason: fate.reason })
    case 'probe':
      return answerProbe(c, fate.probe)
    case 'event': {
      const { tasks } = fate.told
      return fate.slack === null ? c.json({ tasks }, 202) : c.json({ ...saidIn(fate.slack), tasks })
    }
    case 'held': {
      const told = { held: true, duplicate: fate.duplicate }
      return fate.slack === null ? c.json(told, 202) : c.json({ ...saidIn(fate.slack), ...told })
    }
    case 'accepted': {
      const told = { task: { id: fate.task, url: publicUrl(c.env, `/tasks/${fate.task}`) }, duplicate: fate.duplicate }
      return fate.slack === null ? c.json(told, 202) : c.json({ ...saidIn(fate.slack), ...told })
    }
  }
}

function saidIn(slack: 'command' | 'button') {
  return slack === 'command' ? { response_type: 'ephemeral', text: 'Received.' } : {}
}

function answerProbe(c: ApiContext, { reply }: Probe): Response {
  if ('json' in reply) return c.json(reply.json)
  if ('text' in reply) return c.text(reply.text)
  c.header(reply.header, reply.value)
  return c.body(null, 200)
}

/** What the Worker writes of it; null: nothing, as its task or what holds it does. */
function outcomeOf(fate: Fate): Outcome | null {
  switch (fate.kind) {
    case 'refused':
      return refusedBy(fate.problem)
    case 'skipped':
      return { verdict: 'skipped', status: 200, reason: fate.reason, task: null }
    case 'probe':
      return { verdict: 'skipped', status: 200, reason: fate.probe.reason, task: null }
    case 'event':
      return outcomeOfEvent(fate.event, fate.told)
    case 'accepted':
    case 'held':
      return fate.duplicate ? { verdict: 'duplicate', status: 202, reason: fate.why, task: fate.task } : null
  }
}
