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
import { hold, type OpenIntake } from '../records/intakes.ts'
import { cameBefore, liveOf, type Start, startTask } from '../task/start.ts'
import { admitByKey, type Found, find, wrongSignature } from './admit.ts'
import { startOf } from './begin.ts'
import { arrived, type Delivery, withContent } from './came.ts'
import { BODY_TYPES, readContent } from './content.ts'
import { deliveryKey } from './dedupe.ts'
import { examine } from './examine.ts'
import { overLimit } from './limit.ts'
import { note, type Outcome, rowOf } from './note.ts'
import { allowOrigin, preflight } from './origins.ts'

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
    const end = await receive(c, found, arrived(found.intake.id, c.req.raw.headers, c.req.url, at))
    const outcome = outcomeOf(end.came)
    if (outcome !== null) c.executionCtx.waitUntil(note(c.env, rowOf(found.intake.team, end.delivery, outcome)))
    return answer(c, end.came)
  },
)

// A browser asks first; programs and documents need not know.
webhookRoutes.on('OPTIONS', '/in/:intake', async c => {
  const found = await find(c, c.req.param('intake'))
  return found ? preflight(c, found.intake.config) : problem(c, { kind: 'not_found' })
})

/** What became of a delivery. */
type Came =
  | { kind: 'refused'; problem: Problem }
  | { kind: 'skipped'; reason: string }
  | { kind: 'challenge'; challenge: string }
  | { kind: 'accepted'; task: string; duplicate: boolean }
  | { kind: 'held'; task: string; duplicate: boolean }

interface End {
  delivery: Delivery
  came: Came
}

/** Checks who sends, then reads what was sent. */
async function receive(c: ApiContext, found: Found, delivery: Delivery): Promise<End> {
  const { intake } = found
  const admitted = await admitByKey(c, found)
  if (!admitted.ok) return refused(delivery, admitted.problem)
  const given = idempotencyKey(c)
  if (!given.ok) return refused(delivery, given.problem)
  const raw = await readRaw(c, { limit: LIMIT, types: BODY_TYPES })
  if (!raw.ok) return refused(delivery, raw.problem)
  const { bytes } = raw.value
  const type = raw.value.type ?? 'application/json'
  const seen = () => withUnread(delivery, bytes, type)
  const wrong = await wrongSignature(c, intake, bytes)
  if (wrong) return refused(seen(), wrong)
  const content = await readContent(raw.value, c.req.header('content-type') ?? null)
  if (!content.ok) return refused(seen(), content.problem)
  const read = withContent(delivery, content.value, type)
  const same = await sameness(c, intake, given.value, read, bytes)
  return { delivery: read, came: await take(c, intake, read, same, admitted.key) }
}

/** The delivery with the beginning of a body that was not taken for one. */
function withUnread(delivery: Delivery, bytes: Uint8Array, type: string): Delivery {
  const text = new TextDecoder().decode(bytes.slice(0, UNREAD_CHARS))
  return { ...delivery, type, text, length: bytes.length > UNREAD_CHARS ? bytes.length : text.length }
}

function refused(delivery: Delivery, what: ApiProblem): End {
  return { delivery, came: { kind: 'refused', problem: what } }
}

type Same = Pick<Start, 'task' | 'idempotency'>

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
async function take(
  c: ApiContext,
  intake: OpenIntake,
  delivery: Delivery,
  same: Same,
  key: TeamKey | null,
): Promise<Came> {
  const challenge = intake.config.auth.type === 'slack' ? challengeIn(delivery.scope.body) : null
  if (challenge !== null) return { kind: 'challenge', challenge }
  const version = await liveOf(c.env.DB, intake)
  if (!version.ok) return { kind: 'refused', problem: version.problem }
  const { skipped, input, problem: wrong } = examine(intake.config, version.value, delivery)
  if (skipped !== null) return { kind: 'skipped', reason: skipped }
  const refusal = wrong ?? (intake.status === 'archived' ? ({ kind: 'workflow_archived' } as const) : null)
  // A delivery that came before is answered as then, whatever stands in its way now.
  if (refusal && !(await cameBefore(c.env, { ...same, team: intake.team })))
    return { kind: 'refused', problem: refusal }
  const limited = await overLimit(c.env, intake)
  if (limited) return { kind: 'refused', problem: limited }
  const actor: Actor = key ? keyActor(key) : { kind: 'system' }
  const start = startOf(intake, version.value, delivery, input ?? null, { ...same, actor, flushed: false })
  return intake.status === 'paused' ? keep(c, intake, delivery, start) : accept(c, start)
}

/** Starts the task. */
async function accept(c: ApiContext, start: Start): Promise<Came> {
  const started = await startTask(c.env, start)
  if (!started.ok) return { kind: 'refused', problem: started.refusal }
  return { kind: 'accepted', task: started.value.id, duplicate: started.repeated }
}

/** Keeps a delivery to a paused workflow, unless it came before the pause or the pause has just ended. */
async function keep(c: ApiContext, intake: OpenIntake, delivery: Delivery, start: Start): Promise<Came> {
  if (await cameBefore(c.env, start)) return accept(c, start)
  const { task, team, input, actor, idempotency, source } = start
  const row = {
    id: task,
    team,
    workflow: intake.workflow,
    intake: intake.id,
    actor: JSON.stringify(actor satisfies Actor),
    idempotency: idempotency?.id ?? null,
    hash: idempotency?.hash ?? '',
    input: JSON.stringify(input),
    at: delivery.at,
    source: JSON.stringify(source),
  }
  const shown = rowOf(team, delivery, { verdict: 'held', status: 202, reason: null, task })
  const outcome = await hold(c.env.DB, row, shown)
  if (outcome === 'gone') return accept(c, start)
  if (outcome === 'mismatch') return { kind: 'refused', problem: { kind: 'idempotency_mismatch' } }
  return { kind: 'held', task, duplicate: outcome === 'again' }
}

/** Slack asks a new address to prove that it listens. */
function challengeIn(body: Json): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null
  const { type, challenge } = body
  return type === 'url_verification' && typeof challenge === 'string' ? challenge : null
}

function answer(c: ApiContext, came: Came): Response {
  switch (came.kind) {
    case 'refused':
      return problem(c, came.problem)
    case 'skipped':
      return c.json({ skipped: true, reason: came.reason })
    case 'challenge':
      return c.json({ challenge: came.challenge })
    case 'held':
      return c.json({ held: true, duplicate: came.duplicate }, 202)
    case 'accepted': {
      const task = { id: came.task, url: publicUrl(c.env, `/tasks/${came.task}`) }
      return c.json({ task, duplicate: came.duplicate }, 202)
    }
  }
}

/** What the Worker writes of it; null: nothing, as its task or what holds it does. */
function outcomeOf(came: Came): Outcome | null {
  switch (came.kind) {
    case 'refused': {
      const { status, code, message } = explain(came.problem)
      return { verdict: 'refused', status, reason: `${code}: ${message}`, task: null }
    }
    case 'skipped':
      return { verdict: 'skipped', status: 200, reason: came.reason, task: null }
    case 'challenge':
      return { verdict: 'skipped', status: 200, reason: 'Slack’s challenge was answered.', task: null }
    case 'accepted':
    case 'held':
      return came.duplicate ? { verdict: 'duplicate', status: 202, reason: null, task: came.task } : null
  }
}
