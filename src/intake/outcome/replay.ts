/** Deliveries once more: sent again as they came, tried out as a test, or looked at without making a task. */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import type { Evaluated } from '../../domain/handoff/condition.ts'
import type { Json } from '../../domain/json/json.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { type ApiProblem, explain, type Problem, refuse } from '../../http/errors.ts'
import type { Cursor } from '../../records/cursor.ts'
import { derivedTaskId, newTaskId } from '../../records/ids.ts'
import {
  type DeliveryFilter,
  type DeliveryRequest,
  type DeliveryRow,
  intakeOfDelivery,
  listDeliveries,
} from '../../records/intake/deliveries.ts'
import { bodyOfDelivery } from '../../records/intake/delivery-bodies.ts'
import { findIntake, type IntakeRow, type OpenIntake } from '../../records/intake/intakes.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import { keyedTaskId } from '../../task/keyed-id.ts'
import type { EventEnv } from '../../task/outside-event.ts'
import type { Idempotency } from '../../task/rpc.ts'
import { openTargetOf, type Start, startOnce, type Target } from '../../task/start.ts'
import { contentOf, readContent, unwrapsPayload } from '../arrival/content.ts'
import { type Delivery, madeUp } from '../arrival/delivery.ts'
import { applySettings } from './apply-settings.ts'
import { callbackIn } from './callback.ts'
import { deliverEvent, outcomeOfEvent } from './deliver-event.ts'
import { deliveryRow, noteDelivery, type Outcome, refusedBy } from './delivery-note.ts'
import { firstOf, sourceOf } from './first-delivery.ts'
import { startOf } from './start-delivery.ts'

type Tried<T> = { ok: true; value: T } | { ok: false; problem: Problem }
type Bindings = EventEnv & Pick<Env, 'BATON_LOCAL'>

/** A delivery by its parts. */
export interface Parts {
  body: Json
  headers?: Record<string, string>
  query?: Record<string, string>
}

export interface By {
  actor: Actor
  idempotency?: Idempotency
}

/**
 * Sends a delivery again as it came: past the signature, through filter, map and schema, to a task of its own. One that
 * was kept back to be looked at is let in by this, once: its sender follows the task that it becomes.
 */
export async function replay(env: Bindings, row: DeliveryRow, by: By): Promise<Tried<DeliveryRow>> {
  if (row.verdict === 'held' && row.task === null) return replayOnce(env, row, by.actor)
  const task = await taskOf(env, row.team, by, 'replay', row.id)
  return again(env, row, { ...by, task: task ?? newTaskId() })
}

/** The task that a caller's key stands for, if there is one. */
async function taskOf(env: Bindings, team: string, { actor, idempotency }: By, ...what: string[]) {
  const caller = actor.kind === 'system' ? '' : actor.id
  return idempotency && keyedTaskId(env, team, caller, ...what, idempotency.id)
}

/** The same, but only once for each delivery, however often it is asked for. */
async function replayOnce(env: Bindings, row: DeliveryRow, actor: Actor): Promise<Tried<DeliveryRow>> {
  const task = await onceReplayed(row.team, row.id)
  return again(env, row, { actor, task, idempotency: { id: '\treplay', hash: 'once' } })
}

/** The task that a delivery becomes when it is replayed once and for all. */
export function onceReplayed(team: string, delivery: string): Promise<string> {
  return derivedTaskId(team, 'replay', delivery)
}

export interface Again {
  delivery: string
  sent: Tried<DeliveryRow>
}

/** A replay of many takes a task each. */
const MANY = 50

/** Sends a page of deliveries again, each once, however often this is called. Those that did not prove who sent them stay. */
export async function replayMany(
  env: Bindings,
  { team, id }: { team: string; id: string },
  filter: DeliveryFilter,
  cursor: Cursor | null,
  actor: Actor,
): Promise<{ items: Again[]; next: string | null }> {
  const found = await listDeliveries(env.DB, team, id, filter, cursor, MANY)
  const proven = found.items.filter(isProven)
  const items: Again[] = []
  for (const some of chunks(proven, SIDE_BY_SIDE)) {
    const send = async (row: DeliveryRow) => ({ delivery: row.id, sent: await replayOnce(env, row, actor) })
    items.push(...(await Promise.all(some.map(send))))
  }
  return { items, next: found.next }
}

function isProven({ status }: DeliveryRow): boolean {
  return status !== 401 && status !== 403
}

async function again(env: Bindings, row: DeliveryRow, by: By & { task: string }): Promise<Tried<DeliveryRow>> {
  if (row.verdict === 'held' && row.task !== null) return refuse(HELD)
  const opened = await openIntake(env, row.team, intakeOfDelivery(row.id))
  if (!opened.ok) return opened
  const delivery = await deliveryAgain(env, row, opened.value.intake)
  if (!delivery.ok) return delivery
  // Of a refused one it is the task that had its key.
  const own = row.verdict === 'accepted' ? row.task : null
  const filesOf = own === null ? undefined : ({ task: own, which: 'delivered' } as const)
  return run(env, opened.value, delivery.value, { ...by, replays: row.id, filesOf })
}

const HELD: ApiProblem = {
  kind: 'conflict',
  code: 'delivery_held',
  message: 'This delivery is held until its workflow is active.',
  hint: 'Activate the workflow, then start what was held.',
}

/** Sends a made-up delivery in, as if it had been signed: it makes a real task. */
export async function sendTest(
  env: Bindings,
  team: string,
  intake: string,
  parts: Parts,
  by: By,
): Promise<Tried<DeliveryRow>> {
  const opened = await openIntake(env, team, intake)
  if (!opened.ok) return opened
  const task = await taskOf(env, team, by, 'test', intake)
  return run(env, opened.value, fromParts(intake, parts), { ...by, task: task ?? newTaskId(), replays: 'test' })
}

export interface Preview {
  verdict: 'accepted' | 'skipped' | 'refused'
  reason: string | null
  filter: Evaluated | null
  input?: Json
  errors: { code: string; message: string; path?: string }[]
}

/** What would become of a delivery under these settings, or those that the intake has. */
export async function preview(
  env: Bindings,
  team: string,
  intake: string,
  what: DeliveryRow | Parts,
  settings: Pick<IntakeConfig, 'filter' | 'map' | 'event'> | null,
): Promise<Tried<Preview>> {
  const opened = await openIntake(env, team, intake)
  if (!opened.ok) return opened
  const delivery =
    'verdict' in what
      ? await deliveryAgain(env, what, opened.value.intake)
      : { ok: true as const, value: fromParts(intake, what) }
  if (!delivery.ok) return delivery
  const { intake: found, into } = opened.value
  const said = settings === null ? found.config : { event: found.config.event, ...settings }
  const { filter, skipped, input, problem } = applySettings(said, into.version, delivery.value)
  const errors = problem ? [toldOf(problem)] : []
  const verdict = skipped !== null ? 'skipped' : problem ? 'refused' : 'accepted'
  return { ok: true, value: { verdict, reason: skipped ?? errors[0]?.message ?? null, filter, input, errors } }
}

/** The newest delivery that was let in. */
export async function lastParts(
  env: Bindings,
  intake: Pick<IntakeRow, 'team' | 'id' | 'config'>,
): Promise<Parts | null> {
  const { items } = await listDeliveries(env.DB, intake.team, intake.id, {}, null, 20)
  for (const row of items) {
    if (!isProven(row)) continue
    const delivery = await deliveryAgain(env, row, intake)
    if (delivery.ok) return delivery.value.scope
  }
  return null
}

interface Opened {
  intake: OpenIntake
  into: Target
}

/** The team's intake and the version that it feeds, as of now. A paused workflow takes nothing by hand. */
async function openIntake(env: Bindings, team: string, id: string): Promise<Tried<Opened>> {
  const { intake } = await findIntake(env.DB, id, null)
  if (intake?.team !== team) return refuse({ kind: 'not_found' })
  const into = await openTargetOf(env.DB, intake)
  return into.ok ? { ok: true, value: { intake, into: into.value } } : into
}

async function run(
  env: Bindings,
  { intake, into }: Opened,
  delivery: Delivery,
  by: By & { task: string; replays: string } & Pick<Start, 'filesOf'>,
): Promise<Tried<DeliveryRow>> {
  if (intake.status === 'paused') return refuse({ kind: 'workflow_paused' })
  const { skipped, event, input, problem } = applySettings(intake.config, into.version, delivery)
  if (skipped !== null)
    return noted(env, intake, delivery, { verdict: 'skipped', status: 200, reason: skipped, task: null })
  if (event !== null) {
    const sent = await deliverEvent(env, intake, event, { actor: by.actor, delivery: by.task })
    if (!sent.ok) return refuse(sent.problem)
    const outcome = outcomeOfEvent(event, sent.value)
    const why = by.replays === 'test' ? 'A test' : `Replay of ${by.replays}`
    return noted(env, intake, delivery, { ...outcome, reason: `${why}. ${outcome.reason}` })
  }
  const told = callbackIn(env, intake, delivery)
  const wrong = problem ?? (told.ok ? null : told.problem)
  if (wrong) return noted(env, intake, delivery, refusedBy(wrong))
  const callback = told.ok ? told.value : undefined
  const start = startOf(intake, into, delivery, { ...by, input, refused: null, callback })
  const started = await startOnce(env, { ...start, flushed: true })
  if (!started.ok && started.problem.kind === 'duplicate_key')
    return noted(env, intake, delivery, refusedBy(started.problem))
  if (!started.ok) return refuse(started.problem)
  const { id } = started.view
  if (started.repeated) return firstOf(env, intake.team, id)
  const reason = by.replays === 'test' ? 'A test' : `Replay of ${by.replays}`
  const row = deliveryRow(intake.team, delivery, { verdict: 'accepted', status: 202, reason, task: id })
  // As the task's log has it, so that whoever comes at the same moment is told the same.
  return { ok: true, value: { ...row, ms: start.source.request?.ms ?? row.ms } }
}

async function noted(
  env: Bindings,
  { team }: OpenIntake,
  delivery: Delivery,
  outcome: Outcome,
): Promise<Tried<DeliveryRow>> {
  return { ok: true, value: await noteDelivery(env, team, delivery, outcome) }
}

/** All of a body, as text: from the row or beside it, or from the log of the task that it made; null when only its beginning was kept. */
export async function wholeBody(env: Bindings, row: DeliveryRow): Promise<string | null> {
  const request = JSON.parse(row.request) as DeliveryRequest
  if (request.kept !== undefined) {
    const bytes = await bodyOfDelivery(env.DB, row.team, row.id)
    if (bytes) return new TextDecoder().decode(bytes)
  }
  if (request.body.length === request.length) return request.body
  if (row.verdict !== 'accepted' || row.task === null) return null
  const first = await sourceOf(env, row.team, row.task)
  return first && (first.data ?? JSON.stringify(first.input))
}

/** Read as the intake reads what comes now: what could not be read then, or was not let in, may be today. */
async function deliveryAgain(
  env: Bindings,
  row: DeliveryRow,
  intake: Pick<OpenIntake, 'config'>,
): Promise<Tried<Delivery>> {
  const request = JSON.parse(row.request) as DeliveryRequest
  const { headers, query, type } = request
  const content = await contentAgain(env, row, request, unwrapsPayload(intake.config))
  if (!content.ok) return content
  const { value, text, isForm, repaired } = content.value
  const as = {
    type: request.kept === 'bytes' ? content.value.type : (type ?? content.value.type),
    text,
    isForm,
    repaired,
  }
  const parts = { body: value, headers, query }
  return { ok: true, value: madeUp(intakeOfDelivery(row.id), parts, as, Date.now()) }
}

async function contentAgain(env: Bindings, row: DeliveryRow, request: DeliveryRequest, unwraps: boolean) {
  const { headers, type } = request
  const bytes = request.kept === 'bytes' ? await bodyOfDelivery(env.DB, row.team, row.id) : null
  if (bytes) {
    const contentEncoding = headers['content-encoding'] ?? null
    return readContent({ bytes, contentType: headers['content-type'] ?? null, contentEncoding }, unwraps)
  }
  const text = await wholeBody(env, row)
  if (text === null || type === null) return refuse(NOT_KEPT)
  return contentOf(text, type, unwraps)
}

const NOT_KEPT: ApiProblem = {
  kind: 'conflict',
  code: 'body_not_kept',
  message: 'Only the beginning of this delivery was kept.',
  hint: 'Have its sender send it again.',
}

function fromParts(intake: string, { body, headers = {}, query = {} }: Parts): Delivery {
  const as = { type: 'application/json', text: JSON.stringify(body), isForm: false }
  return madeUp(intake, { body, headers, query }, as, Date.now())
}

function toldOf(problem: Problem) {
  const { code, message, path } = explain(problem)
  return { code, message, path }
}
