/** The delivery that made a task before, for whoever asks for the same once more: its row, or what the task's own log tells of it. */
import type { Json } from '../../domain/json/json.ts'
import type { Env } from '../../env.ts'
import { type Problem, refuse } from '../../http/errors.ts'
import {
  type DeliveryRequest,
  type DeliveryRow,
  deliveryById,
  deliveryTime,
  KEPT_MS,
  shownRequest,
} from '../../records/intake/deliveries.ts'
import { callTask } from '../../task/call.ts'

type Bindings = Pick<Env, 'DB' | 'TASKS'>

/** What the task's first event tells of the delivery that it came from. */
interface FirstEvent {
  delivery?: string
  data?: string
  request?: Omit<DeliveryRequest, 'body' | 'length'> & { ms: number }
  replays?: string
  input: Json
}

/** Answers with the first one's delivery. Two that come at one moment are answered alike: the list may not know of it yet. */
export async function firstOf(
  env: Bindings,
  team: string,
  task: string,
): Promise<{ ok: true; value: DeliveryRow } | { ok: false; problem: Problem }> {
  const source = await sourceOf(env, team, task)
  const id = source?.delivery
  const row = id === undefined ? null : await deliveryById(env.DB, team, id)
  if (row) return { ok: true, value: row }
  if (source?.request !== undefined && id !== undefined && deliveryTime(id) > Date.now() - KEPT_MS) {
    return { ok: true, value: rowOf(team, task, id, { ...source, request: source.request }) }
  }
  const message = 'This was done before; its delivery is no longer kept.'
  return refuse({ kind: 'conflict', code: 'already_replayed', message, hint: `Its task is ${task}.` })
}

function rowOf(
  team: string,
  task: string,
  id: string,
  { data, input, replays, request: { ms, ...rest } }: FirstEvent & { request: NonNullable<FirstEvent['request']> },
): DeliveryRow {
  const body = data ?? JSON.stringify(input)
  const reason = replays === undefined ? null : replays === 'test' ? 'A test' : `Replay of ${replays}`
  const request = shownRequest({ ...rest, body, length: body.length })
  return { id, team, verdict: 'accepted', status: 202, reason, task, at: deliveryTime(id), ms, request }
}

/** Null: there is no such task. */
export async function sourceOf(env: Bindings, team: string, task: string): Promise<FirstEvent | null> {
  const events = await callTask(env, team, task, stub => stub.events(0, 1))
  const data = events?.[0]?.data
  if (data === undefined) return null
  return { ...((data.source ?? {}) as Omit<FirstEvent, 'input'>), input: data.input ?? null }
}
