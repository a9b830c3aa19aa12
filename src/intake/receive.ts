/** A delivery to a webhook: what came, may it in, what becomes of it, in that order. */
import { keyActor, type TeamKey } from '../domain/caller.ts'
import type { Actor } from '../domain/task/events.ts'
import { giveBack } from '../files/keep.ts'
import { forTask } from '../files/page-form.ts'
import type { ApiContext } from '../http/context.ts'
import type { Problem } from '../http/errors.ts'
import { bodyHash, idempotencyKey } from '../http/request/body.ts'
import { derivedTaskId, newTaskId, sha256Hex } from '../records/ids.ts'
import type { OpenIntake } from '../records/intake/intakes.ts'
import { type MessageTask, taskOfMessage } from '../records/intake/signed-bodies.ts'
import type { OutsideEvent, Told } from '../task/outside-event.ts'
import { targetOf } from '../task/start.ts'
import { type Content, readContent, unwrapsPayload } from './arrival/content.ts'
import { type Delivery, withContent, withUnread } from './arrival/delivery.ts'
import { bringsFiles, readFormWithFiles } from './arrival/form-files.ts'
import { challengeIn, handshake, isSlackCall, isSslCheck, type Probe, probeIn, SSL_CHECK } from './arrival/probe.ts'
import { type Name, type Proof, type Sameness, samenessOf, whyRepeated } from './arrival/same-delivery.ts'
import { readSent, type Sent } from './arrival/sent.ts'
import { admitByKey, checkSignature, type Found } from './entry/admit.ts'
import { offerIn, takeOffer } from './entry/handshake.ts'
import { overLimit } from './entry/limit.ts'
import { applySettings } from './outcome/apply-settings.ts'
import { callbackIn } from './outcome/callback.ts'
import { deliverEvent } from './outcome/deliver-event.ts'
import { type Making, startDelivery } from './outcome/start-delivery.ts'

/** What became of a delivery. */
export type Fate =
  | { kind: 'refused'; problem: Problem }
  | { kind: 'skipped'; reason: string }
  | { kind: 'probe'; probe: Probe }
  | { kind: 'event'; event: OutsideEvent; told: Told; slack: Taken['slack'] }
  | Taken

/** `why`: what told a duplicate. */
interface Taken {
  kind: 'accepted' | 'held'
  task: string
  duplicate: boolean
  why: string | null
  slack: 'command' | 'button' | null
}

export interface Received {
  delivery: Delivery
  fate: Fate
}

/** Takes a delivery in. Whatever is refused is kept as it came, so that it can be sent again once its reason is gone. */
export async function receive(c: ApiContext, found: Found, arrival: Delivery): Promise<Received> {
  const { intake } = found
  const admitted = await admitByKey(c, found)
  // A form that nobody signs need not be there whole before its files are kept.
  const { type: how } = intake.config.auth
  if (admitted.ok && (how === 'key' || how === 'open') && bringsFiles(c.env, c.req.raw.headers))
    return receiveForm(c, found, arrival, { key: admitted.key, request: c.req.raw, proof: UNSIGNED })
  const sent = await readSent(c)
  if (!sent.ok) return refused(arrival, admitted.ok ? sent.problem : admitted.problem)
  const unread = withUnread(arrival, sent.value)
  if (!admitted.ok) return refused(unread, admitted.problem)
  const given = idempotencyKey(c)
  if (!given.ok) return refused(unread, given.problem)
  const { auth } = intake.config
  const { type } = auth
  const offer = offerIn(intake.config, c.req.raw.headers)
  if (offer) {
    const taken = await takeOffer(c.env, intake, offer)
    return taken.ok ? { delivery: unread, fate: { kind: 'probe', probe: taken.value } } : refused(unread, taken.problem)
  }
  const asked = handshake(type, c.req.raw.headers, c.req.url)
  if (asked) return { delivery: unread, fate: { kind: 'probe', probe: asked } }
  const signed = await checkSignature(c, intake, sent.value.bytes)
  if (!signed.ok && isSslCheck(type, unread.text))
    return { delivery: unread, fate: { kind: 'probe', probe: SSL_CHECK } }
  if (!signed.ok) return refused(unread, signed.problem)
  if (bringsFiles(c.env, c.req.raw.headers)) {
    const request = { body: new Response(sent.value.bytes).body, headers: c.req.raw.headers }
    return receiveForm(c, found, arrival, { key: admitted.key, request, proof: signed.proof })
  }
  const content = await readContent(sent.value, unwrapsPayload(intake.config))
  if (!content.ok) return refused(unread, content.problem)
  const delivery = withContent(arrival, content.value)
  const { headers } = c.req.raw
  const probe = isSslCheck(type, delivery.text)
    ? SSL_CHECK
    : (probeIn(auth, headers, content.value.value) ?? (await challengeIn(auth, content.value.value, signed.sign)))
  if (probe) return { delivery, fate: { kind: 'probe', probe } }
  const request = { sent: sent.value, content: content.value, idempotencyKey: given.value, proof: signed.proof }
  const actor: Actor = admitted.key ? keyActor(admitted.key) : { kind: 'system' }
  return { delivery, fate: await fateOf(c, intake, delivery, request, actor) }
}

const UNSIGNED: Proof = { id: null, message: null }

/** A form with files: they are its task's, or given back. */
async function receiveForm(
  c: ApiContext,
  { intake }: Found,
  arrival: Delivery,
  { key, request, proof }: { key: TeamKey | null; request: Pick<Request, 'body' | 'headers'>; proof: Proof },
): Promise<Received> {
  const given = idempotencyKey(c)
  if (!given.ok) return refused(arrival, given.problem)
  const by: Actor = key ? keyActor(key) : { kind: 'system' }
  const read = await readFormWithFiles(c.env, { team: intake.team, by }, request, unwrapsPayload(intake.config))
  if (!read.ok) return refused(arrival, read.problem)
  const { sent, content, files } = read.value
  const delivery = { ...withContent(arrival, content), files }
  const fate = await fateOf(c, intake, delivery, { sent, content, idempotencyKey: given.value, proof }, by)
  if (fate.kind !== 'accepted' && fate.kind !== 'held')
    await giveBack(
      c.env,
      intake.team,
      files.map(({ file }) => file),
    )
  return { delivery, fate }
}

function refused(delivery: Delivery, problem: Problem): Received {
  return { delivery, fate: { kind: 'refused', problem } }
}

/** A request that was let in. */
interface Admitted {
  sent: Sent
  content: Content
  idempotencyKey: string | undefined
  proof: Proof
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
  const { skipped, event, input, problem } = applySettings(intake.config, into.value.version, delivery)
  if (skipped !== null) return { kind: 'skipped', reason: skipped }
  const key = samenessOf(intake.config, c.req.raw.headers, request.content.value, request.proof, request.idempotencyKey)
  const same = await taskFor(c, intake, key, request)
  await forTask(c, intake.team, delivery.files ?? [], same.task)
  const slack = isSlackCall(intake.config.auth.type, request.content.value)
  if (event !== null) {
    const { idempotency, task: name } = same
    const ifNew = () => overLimit(c.env, intake)
    const sent = await deliverEvent(c.env, intake, event, { actor, delivery: name, idempotency, ifNew })
    return sent.ok ? { kind: 'event', event, told: sent.value, slack } : { kind: 'refused', problem: sent.problem }
  }
  // Nothing that is an event, and yet none: it makes no task.
  if (intake.config.event !== undefined && problem) return { kind: 'refused', problem }
  const told = callbackIn(c.env, intake, delivery)
  const refused = problem ?? (told.ok ? null : told.problem)
  const callback = told.ok ? told.value : undefined
  const making = { task: same.task, idempotency: same.idempotency, input, refused, callback, actor }
  const started = await startDelivery(c.env, intake, into.value, delivery, making)
  if (!started.ok) return { kind: 'refused', problem: started.problem }
  const kind = 'held' in started ? 'held' : 'accepted'
  const why = started.repeated ? whyRepeated(key, same.byMessage) : null
  return { kind, task: same.task, duplicate: started.repeated, why, slack }
}

type Same = Pick<Making, 'task' | 'idempotency'>

/** In no Idempotency-Key, so that it can be none of those that come later for the same task. */
const FIRST = { id: '\tdelivery', hash: 'first' }

/** Which task a delivery makes, so that the same one makes it once; `byMessage`: another with the same signed content made it. */
async function taskFor(
  c: ApiContext,
  { team, id }: OpenIntake,
  sameness: Sameness,
  { sent, proof }: Admitted,
): Promise<Same & { byMessage: boolean }> {
  const derived = (kind: string, text: string) => derivedTaskId(team, kind, id, text)
  switch (sameness.by) {
    case 'nothing':
      return { task: newTaskId(), byMessage: false }
    case 'dedupe':
    case 'signed id':
      return { task: await derived('delivery', sameness.text), idempotency: FIRST, byMessage: false }
    case 'name':
      return { ...(await named(sameness.name)), byMessage: false }
    case 'message': {
      const own = sameness.name === null ? { task: newTaskId(), idempotency: FIRST } : await named(sameness.name)
      const key = own.idempotency === FIRST ? null : own.idempotency.id
      const first = await firstOfMessage(c, id, proof.message!, { task: own.task, idempotency: key })
      if (first.task === own.task) return { ...own, byMessage: false }
      // Whoever made it made it of the same content, so under the same hash.
      const hash = await bodyHash(sent)
      const idempotency = first.idempotency === null ? FIRST : { id: first.idempotency, hash }
      return { task: first.task, idempotency, byMessage: true }
    }
  }

  /** Of a service's own ids the first wins, whatever the body. */
  async function named({ by, text }: Name) {
    if (by === 'id') return { task: await derived('delivery', text), idempotency: FIRST }
    return { task: await derived('intake', text), idempotency: { id: text, hash: await bodyHash(sent) } }
  }
}

/** Not knowing whether it came before is no reason to lose it. */
async function firstOfMessage(c: ApiContext, intake: string, message: Uint8Array, own: MessageTask) {
  const digest = await sha256Hex(message)
  try {
    return await taskOfMessage(c.env.DB, { intake, digest }, own, Date.now())
  } catch (error) {
    console.error(JSON.stringify({ level: 'warn', what: 'signed message not looked up', error: String(error) }))
    return own
  }
}
