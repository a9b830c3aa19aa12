/** An event from outside, told to every open task of the team that bears its business key. */
import { chunks, SIDE_BY_SIDE } from '../domain/chunks.ts'
import type { Json } from '../domain/json/json.ts'
import { businessKey } from '../domain/task/business-key.ts'
import type { Actor } from '../domain/task/events.ts'
import type { Env } from '../env.ts'
import type { ApiProblem, Problem } from '../http/errors.ts'
import { newId } from '../records/ids.ts'
import { tasksWithKey } from '../records/task/keyed.ts'
import { callTask } from './call.ts'
import type { Idempotency } from './rpc.ts'

/** Longest name of an event. */
export const MAX_EVENT_NAME = 120
/** Tasks that one event reaches. */
const MOST = 500

export interface OutsideEvent {
  name: string
  key: string
  data: Json
}

/** How many tasks have it; `repeated`: all of them had it before, by the same idempotency key. */
export interface Told {
  tasks: number
  repeated: boolean
}

/**
 * Tells the open tasks with this key; each has it in its log before this answers. The same idempotency again tells none twice
 * and counts the same tasks, those that it ended included. A task is found two seconds after it began, or sooner.
 */
export async function tellKeyed(
  env: Pick<Env, 'DB' | 'TASKS'>,
  team: string,
  { name, key: given, data }: OutsideEvent,
  { actor, idempotency }: { actor: Actor; idempotency?: Idempotency },
): Promise<{ ok: true; value: Told } | { ok: false; problem: Problem }> {
  const key = businessKey(given)
  if (key === null) return { ok: false, problem: NO_KEY }
  const ids = await tasksWithKey(env.DB, team, key, { all: idempotency !== undefined, most: MOST + 1 })
  if (ids.length > MOST) return { ok: false, problem: tooMany(key) }
  // A call that is tried again after a passing fault must not count twice.
  const once = idempotency ?? { id: newId('evt'), hash: 'once' }
  const command = { type: 'event', name, data } as const
  const tell = (id: string) =>
    callTask(env, team, id, task => task.command(command, { actor, idempotency: once, flushed: false }))
  const told: Told[] = []
  for (const some of chunks(ids, SIDE_BY_SIDE)) {
    for (const answer of await Promise.all(some.map(tell))) {
      if (answer.ok) told.push({ tasks: 1, repeated: answer.repeated })
      else if (answer.refusal.kind === 'idempotency_mismatch') return { ok: false, problem: answer.refusal }
      // One that has ended, which the index does not know yet, is open no more.
      else if (answer.refusal.kind !== 'wrong_status') return { ok: false, problem: answer.refusal }
    }
  }
  return { ok: true, value: { tasks: told.length, repeated: told.length > 0 && told.every(one => one.repeated) } }
}

const NO_KEY: ApiProblem = {
  kind: 'invalid',
  code: 'invalid_key',
  message: 'key: must be a business key, 1 to 200 characters.',
  hint: 'Send the key that the tasks have, such as an invoice’s number.',
  path: 'key',
}

function tooMany(key: string): ApiProblem {
  return {
    kind: 'conflict',
    code: 'too_many_tasks',
    message: `More than ${MOST} open tasks have the key “${key}”; none was told.`,
    hint: 'Choose a key that fewer tasks share, or tell tasks one by one: POST /tasks/:id/events.',
  }
}
