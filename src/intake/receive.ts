/** A delivery to a webhook: what came, may it in, what becomes of it, in that order. */
import { keyActor } from '../domain/caller.ts'
import type { Actor } from '../domain/task/events.ts'
import { bodyHash, idempotencyKey } from '../http/body.ts'
import type { ApiContext } from '../http/context.ts'
import type { ApiProblem, Problem } from '../http/errors.ts'
import { derivedTaskId, newTaskId } from '../records/ids.ts'
import type { OpenIntake } from '../records/intakes.ts'
import { taskOfSignedBody } from '../records/signed-bodies.ts'
import { targetOf } from '../task/start.ts'
import { type Content, readContent, unwrapsPayload } from './arrival/content.ts'
import { type Delivery, withContent, withUnread } from './arrival/delivery.ts'
import { handshake, isSlackCall, isSslCheck, type Probe, probeIn, SSL_CHECK } from './arrival/probe.ts'
import { deliveryKey, signsNoId } from './arrival/same-delivery.ts'
import { readSent, type Sent } from './arrival/sent.ts'
import { admitByKey, checkSignature, type Found } from './entry/admit.ts'
import { applySettings } from './outcome/apply-settings.ts'
import { type Making, startDelivery } from './outcome/start-delivery.ts'

/** What became of a delivery. */
export type Fate =
  | { kind: 'refused'; problem: Problem }
  | { kind: 'skipped'; reason: string }
  | { kind: 'probe'; probe: Probe }
  | { kind: 'accepted' | 'held'; task: string; duplicate: boolean; slack: 'command' | 'button' | null }

export interface Received {
  delivery: Delivery
  fate: Fate
}

/** Takes a delivery in. Whatever is refused is kept as it came, so that it can be sent again once its reason is gone. */
export async function receive(c: ApiContext, found: Found, arrival: Delivery): Promise<Received> {
  const { intake } = found
  const admitted = await admitByKey(c, found)
  const sent = await readSent(c)
  if (!sent.ok) return refused(arrival, admitted.ok ? sent.problem : admitted.problem)
  const unread = withUnread(arrival, sent.value)
  if (!admitted.ok) return refused(unread, admitted.problem)
  const given = idempotencyKey(c)
  if (!given.ok) return refused(unread, given.problem)
  const { type } = intake.config.auth
  const asked = handshake(type, c.req.raw.headers, c.req.url)
  if (asked) return { delivery: unread, fate: { kind: 'probe', probe: asked } }
  const signed = await checkSignature(c, intake, sent.value.bytes)
  if (!signed.ok && isSslCheck(type, unread.text))
    return { delivery: unread, fate: { kind: 'probe', probe: SSL_CHECK } }
  if (!signed.ok) return refused(unread, signed.problem)
  const content = await readContent(sent.value, unwrapsPayload(intake.config))
  if (!content.ok) return refused(unread, content.problem)
  const delivery = withContent(arrival, content.value)
  const probe = isSslCheck(type, delivery.text) ? SSL_CHECK : probeIn(type, c.req.raw.headers, content.value.value)
  if (probe) return { delivery, fate: { kind: 'probe', probe } }
  const request = { sent: sent.value, content: content.value, idempotencyKey: given.value, signedId: signed.id }
  const actor: Actor = admitted.key ? keyActor(admitted.key) : { kind: 'system' }
  return { delivery, fate: await fateOf(c, intake, delivery, request, actor) }
}

function refused(delivery: Delivery, problem: ApiProblem): Received {
  return { delivery, fate: { kind: 'refused', problem } }
}

/** A request that was let in. */
interface Admitted {
  sent: Sent
  content: Content
  idempotencyKey: string | undefined
  /** The id that its signature covers. */
  signedId: string | null
}

/** Filters, maps and checks what was read, then starts its task or holds it. */
async function fateOf(
  c: ApiContext,
  intake: OpenIntake,
  delivery: Delivery,
  request: Admitted,
  actor: Actor,
): Promise<Fate> {
  const into = await targetOf(c.env.DB, intake)
  if (!into.ok) return { kind: 'refused', problem: into.problem }
  const { skipped, input, problem } = applySettings(intake.config, into.value.version, delivery)
  if (skipped !== null) return { kind: 'skipped', reason: skipped }
  const same = await sameness(c, intake, request)
  const making = { ...same, input, refused: problem, actor }
  const started = await startDelivery(c.env, intake, into.value, delivery, making)
  if (!started.ok) return { kind: 'refused', problem: started.problem }
  const kind = 'held' in started ? 'held' : 'accepted'
  const slack = isSlackCall(intake.config.auth.type, request.content.value)
  return { kind, task: same.task, duplicate: started.repeated, slack }
}

type Same = Pick<Making, 'task' | 'idempotency'>

/** In no Idempotency-Key, so that it can be none of those that come later for the same task. */
const FIRST = { id: '\tdelivery', hash: 'first' }

/** Which task a delivery makes, so that the same one makes it once. Of a service's own ids the first wins, whatever the body. */
async function sameness(
  c: ApiContext,
  intake: OpenIntake,
  { sent, content, idempotencyKey: given, signedId }: Admitted,
): Promise<Same> {
  const { team, id, config } = intake
  const key = deliveryKey(config, c.req.raw.headers, content.value, signedId)
  const own = key === null ? null : await derivedTaskId(team, 'delivery', id, key)
  if (signsNoId(config)) return { task: await firstOfBody(c, intake, sent, own ?? newTaskId()), idempotency: FIRST }
  if (own !== null) return { task: own, idempotency: FIRST }
  if (given === undefined) return { task: newTaskId(), idempotency: undefined }
  const hash = await bodyHash(sent)
  return { task: await derivedTaskId(team, 'intake', id, given), idempotency: { id: given, hash } }
}

/** What is signed is the body: another id beside it, which anyone can write, does not make it another delivery. */
async function firstOfBody(c: ApiContext, { id }: OpenIntake, sent: Sent, task: string): Promise<string> {
  const digest = await bodyHash(sent)
  try {
    return await taskOfSignedBody(c.env.DB, { intake: id, digest, task }, Date.now())
  } catch (error) {
    console.error(JSON.stringify({ level: 'warn', what: 'signed body not looked up', error: String(error) }))
    return task
  }
}
