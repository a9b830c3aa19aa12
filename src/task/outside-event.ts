/** An event from outside, told to every open task of the team that bears its business key: to many of them by and by. */
import { chunks, SIDE_BY_SIDE } from '../domain/chunks.ts'
import type { Json } from '../domain/json/json.ts'
import { businessKey } from '../domain/task/business-key.ts'
import type { Actor } from '../domain/task/events.ts'
import type { Env } from '../env.ts'
import type { ApiProblem, Problem } from '../http/errors.ts'
import { newId } from '../records/ids.ts'
import { countWithKey, type KeyedMark, openWithKey } from '../records/task/keyed.ts'
import { keepEvent, moveEvent, stoppedEvents, type ToldEvent, toldEvent } from '../records/task/outside-events.ts'
import { callTask } from './call.ts'
import { sendEvent } from './object/lanes.ts'
import type { Idempotency } from './rpc.ts'

/** Longest name of an event. */
export const MAX_EVENT_NAME = 120
/** So many tasks are told while its sender waits; where there are more, all are told from the queue. */
const AT_ONCE = 200
/** So many are told by one message of the queue. */
const PAGE = 400
/** An event whose telling was not heard of for this long is taken up again. */
const LOST_MS = 120_000

export interface OutsideEvent {
  name: string
  key: string
  data: Json
}

/** How many tasks it is for; `repeated`: it came before, by the same idempotency key. */
export interface Told {
  tasks: number
  repeated: boolean
}

/** What telling it takes: the queue, too, where it is for many. */
export type EventEnv = Pick<Env, 'DB' | 'TASKS' | 'STEPS_0' | 'STEPS_1' | 'STEPS_2' | 'STEPS_3'>

/** What of an event is still to be told: all that it takes, and behind which task. */
interface Left extends OutsideEvent {
  actor: Actor
  hash: string
  after: KeyedMark
}

/**
 * Tells the open tasks with this key, those that have just begun included. Each has it in its log before this answers; where
 * they are many it is kept, and they have it soon. `ifNew`: what else stands against one that did not come before. The same idempotency again tells none twice and is answered the same.
 */
export async function tellKeyed(
  env: EventEnv,
  team: string,
  { name, key: given, data }: OutsideEvent,
  { actor, idempotency, ifNew }: { actor: Actor; idempotency?: Idempotency; ifNew?: () => Promise<Problem | null> },
  most = AT_ONCE,
): Promise<{ ok: true; value: Told } | { ok: false; problem: Problem }> {
  const key = businessKey(given)
  if (key === null) return { ok: false, problem: NO_KEY }
  const before = idempotency ? await toldEvent(env.DB, team, idempotency.id) : null
  if (before && before.hash !== idempotency!.hash) return { ok: false, problem: { kind: 'idempotency_mismatch' } }
  if (before) return { ok: true, value: { tasks: before.tasks, repeated: true } }
  const against = (await ifNew?.()) ?? null
  if (against) return { ok: false, problem: against }
  // A call that is tried again after a passing fault must not count twice.
  const { id, hash } = idempotency ?? { id: newId('evt'), hash: 'once' }
  const at = Date.now()
  const found = await openWithKey(env.DB, { team, key, at }, null, most + 1)
  const left: Left = { name, key, data, actor, hash, after: null }
  if (found.length > most) {
    const tasks = await countWithKey(env.DB, { team, key, at })
    await keepEvent(env.DB, { team, id, hash, at, tasks, left: JSON.stringify(left) }, at + LOST_MS)
    await sendEvent(env, { v: 1, team, event: id })
    return { ok: true, value: { tasks, repeated: false } }
  }
  const told = await tellTasks(env, { team, id }, left, found)
  if (!told.ok) return told
  const { value } = told
  // One that nobody had may come again once there is a task.
  if (idempotency && value.tasks > 0)
    await keepEvent(env.DB, { team, id, hash, at, tasks: value.tasks, left: null }, null)
  return told
}

/** Tells the next page of an event that is for many, and sends what is left on its way. */
export async function tellOn(
  env: EventEnv,
  { team, event: id }: { team: string; event: string },
  most = PAGE,
): Promise<void> {
  const event = await toldEvent(env.DB, team, id)
  if (event === null || event.left === null) return
  const left = JSON.parse(event.left) as Left
  const found = await openWithKey(env.DB, { team, key: left.key, at: event.at }, left.after, most)
  const told = await tellTasks(env, event, left, found)
  if (!told.ok) throw new Error(`an event cannot be told: ${told.problem.kind}`)
  const last = found.length < most ? undefined : found.at(-1)
  const next = last && JSON.stringify({ ...left, after: last } satisfies Left)
  await moveEvent(env.DB, event, next ?? null, next ? Date.now() + LOST_MS : null)
  if (next) await sendEvent(env, { v: 1, team, event: id })
}

/** The minute's sweep: an event whose message was lost is taken up again. */
export async function sweepEvents(env: EventEnv, now: number): Promise<void> {
  const stopped = await stoppedEvents(env.DB, now)
  await Promise.all(stopped.map(({ team, id }) => sendEvent(env, { v: 1, team, event: id })))
}

/** Puts it into the log of each; what came there before counts once. */
async function tellTasks(
  env: Pick<Env, 'TASKS'>,
  { team, id }: Pick<ToldEvent, 'team' | 'id'>,
  { name, data, actor, hash }: Left,
  tasks: { task: string }[],
): Promise<{ ok: true; value: Told } | { ok: false; problem: Problem }> {
  const command = { type: 'event', name, data } as const
  const context = { actor, idempotency: { id, hash }, flushed: false }
  const tell = ({ task }: { task: string }) => callTask(env, team, task, stub => stub.command(command, context))
  const told: boolean[] = []
  for (const some of chunks(tasks, SIDE_BY_SIDE)) {
    for (const answer of await Promise.all(some.map(tell))) {
      if (answer.ok) told.push(answer.repeated)
      // One that has ended, or was lost before it began, which the index does not know yet, is not open.
      else if (!['wrong_status', 'unknown_task'].includes(answer.refusal.kind))
        return { ok: false, problem: answer.refusal }
    }
  }
  return { ok: true, value: { tasks: told.length, repeated: told.length > 0 && told.every(Boolean) } }
}

const NO_KEY: ApiProblem = {
  kind: 'invalid',
  code: 'invalid_key',
  message: 'key: must be a business key, 1 to 200 characters.',
  hint: 'Send the key that the tasks have, such as an invoice’s number.',
  path: 'key',
}
