/** `POST /in/:intake`: the way in for other services, accepted durably before it is answered. The hot path: keep it short. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor, type TeamKey } from '../domain/caller.ts'
import type { Json } from '../domain/json.ts'
import type { Actor } from '../domain/task/events.ts'
import { bodyHash, idempotencyKey, KIB, readRaw } from '../http/body.ts'
import { type ApiContext, type ApiEnv, publicUrl } from '../http/context.ts'
import { anyJson } from '../http/describe.ts'
import { type ApiProblem, explain, type Problem, problem } from '../http/errors.ts'
import { type Routes, route } from '../http/route.ts'
import { derivedTaskId, newTaskId } from '../records/ids.ts'
import type { OpenIntake } from '../records/intakes.ts'
import { targetOf } from '../task/start.ts'
import { BODY_TYPES, readContent } from './arrival/content.ts'
import { arrived, type Delivery, withContent } from './arrival/delivery.ts'
import { deliveryKey } from './arrival/same-delivery.ts'
import { admitByKey, type Found, find, wrongSignature } from './entry/admit.ts'
import { allowOrigin, preflight } from './entry/origins.ts'
import { applySettings } from './outcome/apply-settings.ts'
import { deliveryRow, noteDelivery, type Outcome } from './outcome/delivery-note.ts'
import { type Making, startDelivery } from './outcome/start-delivery.ts'

export const webhookRoutes: Routes = new OpenAPIHono<ApiEnv>()

const LIMIT = 1024 * KIB
/** What is shown of a body that was never taken for one. */
const UNREAD_CHARS = 2048

const accepted = z.object({
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
      'The body is the input, unless the intake maps it. How to prove who sends is the intake’s `auth`: a team key with the scope `tasks:write`, a signature over the raw body, or nothing. Forms become objects of their fields, plain text `{text}`. Headers and query are kept without secrets.',
    scope: null,
    open: true,
    rawBody: { schema: anyJson, types: BODY_TYPES },
    idempotent: true,
    answers: {
      202: { schema: accepted, description: 'Accepted, durably.' },
      200: { schema: answered, description: 'Passed over by the filter, or a challenge answered.' },
    },
    errors: [401, 403, 409, 429],
  },
  async (c, { params }) => {
    const at = Date.now()
    const found = await find(c, params.intake)
    if (!found) return problem(c, { kind: 'not_found' })
    allowOrigin(c, found.intake.config)
    const arrival = arrived(found.intake.id, c.req.raw.headers, c.req.url, at)
    const { delivery, fate } = await receive(c, found, arrival)
    const outcome = outcomeOf(fate)
    if (outcome !== null)
      c.executionCtx.waitUntil(noteDelivery(c.env, deliveryRow(found.intake.team, delivery, outcome)))
    return answer(c, fate)
  },
)

// A browser asks first; programs and documents need not know.
webhookRoutes.on('OPTIONS', '/in/:intake', async c => {
  const found = await find(c, c.req.param('intake'))
  return found ? preflight(c, found.intake.config) : problem(c, { kind: 'not_found' })
})

/** What became of a delivery. */
type Fate =
  | { kind: 'refused'; problem: Problem }
  | { kind: 'skipped'; reason: string }
  | { kind: 'challenge'; challenge: string }
  | { kind: 'accepted'; task: string; duplicate: boolean }
  | { kind: 'held'; task: string; duplicate: boolean }

interface Received {
  delivery: Delivery
  fate: Fate
}

/** What came, may it in, what becomes of it: a key is checked before the body is read, a signature over its raw bytes. */
async function receive(c: ApiContext, found: Found, arrival: Delivery): Promise<Received> {
  const { intake } = found
  const admitted = await admitByKey(c, found)
  if (!admitted.ok) return refused(arrival, admitted.problem)
  const given = idempotencyKey(c)
  if (!given.ok) return refused(arrival, given.problem)
  const raw = await readRaw(c, { limit: LIMIT, types: BODY_TYPES })
  if (!raw.ok) return refused(arrival, raw.problem)
  const { bytes } = raw.value
  const type = raw.value.type ?? 'application/json'
  const wrong = await wrongSignature(c, intake, bytes)
  if (wrong) return refused(withUnread(arrival, bytes, type), wrong)
  const content = await readContent(raw.value, c.req.header('content-type') ?? null)
  if (!content.ok) return refused(withUnread(arrival, bytes, type), content.problem)
  const delivery = withContent(arrival, content.value, type)
  const same = await sameness(c, intake, given.value, delivery, bytes)
  return { delivery, fate: await fateOf(c, intake, delivery, same, admitted.key) }
}

/** The delivery with the beginning of a body that was not taken for one. */
function withUnread(arrival: Delivery, bytes: Uint8Array, type: string): Delivery {
  const text = new TextDecoder().decode(bytes.slice(0, UNREAD_CHARS))
  return { ...arrival, type, text, length: bytes.length > UNREAD_CHARS ? bytes.length : text.length }
}

function refused(delivery: Delivery, what: ApiProblem): Received {
  return { delivery, fate: { kind: 'refused', problem: what } }
}

type Same = Pick<Making, 'task' | 'idempotency'>

/** In no Idempotency-Key, so that it can be none of those that come later for the same task. */
const FIRST = { id: '\tdelivery', hash: 'first' }

/** Which task a delivery makes, so that the same one makes it once. Of a service's own ids the first wins, whatever the body. */
async function sameness(
  c: ApiContext,
  intake: OpenIntake,
  given: string | undefined,
  delivery: Delivery,
  bytes: Uint8Array,
): Promise<Same> {
  const { team, id, config } = intake
  const own = deliveryKey(config, c.req.raw.headers, delivery.scope.body)
  if (own !== null) return { task: await derivedTaskId(team, 'delivery', id, own), idempotency: FIRST }
  if (given === undefined) return { task: newTaskId(), idempotency: undefined }
  return {
    task: await derivedTaskId(team, 'intake', id, given),
    idempotency: { id: given, hash: await bodyHash({ bytes }) },
  }
}

/** Filters, maps and checks what was read, then starts its task or holds it. */
async function fateOf(
  c: ApiContext,
  intake: OpenIntake,
  delivery: Delivery,
  same: Same,
  key: TeamKey | null,
): Promise<Fate> {
  const challenge = intake.config.auth.type === 'slack' ? challengeIn(delivery.scope.body) : null
  if (challenge !== null) return { kind: 'challenge', challenge }
  const into = await targetOf(c.env.DB, intake)
  if (!into.ok) return { kind: 'refused', problem: into.problem }
  const { skipped, input, problem: wrong } = applySettings(intake.config, into.value.version, delivery)
  if (skipped !== null) return { kind: 'skipped', reason: skipped }
  const actor: Actor = key ? keyActor(key) : { kind: 'system' }
  const making = { ...same, input, refused: wrong, actor }
  const started = await startDelivery(c.env, intake, into.value, delivery, making)
  if (!started.ok) return { kind: 'refused', problem: started.problem }
  return { kind: 'held' in started ? 'held' : 'accepted', task: same.task, duplicate: started.repeated }
}

/** Slack asks a new address to prove that it listens. */
function challengeIn(body: Json): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null
  const { type, challenge } = body
  return type === 'url_verification' && typeof challenge === 'string' ? challenge : null
}

function answer(c: ApiContext, fate: Fate): Response {
  switch (fate.kind) {
    case 'refused':
      return problem(c, fate.problem)
    case 'skipped':
      return c.json({ skipped: true, reason: fate.reason })
    case 'challenge':
      return c.json({ challenge: fate.challenge })
    case 'held':
      return c.json({ held: true, duplicate: fate.duplicate }, 202)
    case 'accepted': {
      const task = { id: fate.task, url: publicUrl(c.env, `/tasks/${fate.task}`) }
      return c.json({ task, duplicate: fate.duplicate }, 202)
    }
  }
}

/** What the Worker writes of it; null: nothing, as its task or what holds it does. */
function outcomeOf(fate: Fate): Outcome | null {
  switch (fate.kind) {
    case 'refused': {
      const { status, code, message } = explain(fate.problem)
      return { verdict: 'refused', status, reason: `${code}: ${message}`, task: null }
    }
    case 'skipped':
      return { verdict: 'skipped', status: 200, reason: fate.reason, task: null }
    case 'challenge':
      return { verdict: 'skipped', status: 200, reason: 'Slack’s challenge was answered.', task: null }
    case 'accepted':
    case 'held':
      return fate.duplicate ? { verdict: 'duplicate', status: 202, reason: null, task: fate.task } : null
  }
}
