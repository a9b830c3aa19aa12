/** From a delivery that was checked to its task: started, or kept while the workflow is paused. Mail and forms share it. */
import type { Json } from '../domain/json.ts'
import type { Source } from '../domain/task/source.ts'
import type { Env } from '../env.ts'
import type { Problem } from '../http/errors.ts'
import { hold } from '../records/intakes.ts'
import type { FoundIntake } from '../records/open-intakes.ts'
import type { PinnedVersion } from '../task/pinned.ts'
import { cameBefore, type Start, startTask } from '../task/start.ts'
import type { Delivery } from './came.ts'

export type TakenIn = { ok: true; task: string; held: boolean; repeated: boolean } | { ok: false; problem: Problem }

/** The task that a delivery stands for; `key` tells deliveries that are the same. Without a `hash` the first wins, whatever the second says. */
export function startOfDelivery(
  intake: FoundIntake,
  version: PinnedVersion,
  delivery: Delivery,
  { task, key, hash = intake.id, input }: { task: string; key: string; hash?: string; input: Json },
): Start {
  const { id, scope, type, text, at } = delivery
  const request = { headers: scope.headers, query: scope.query, type: type ?? '', ms: Date.now() - at }
  const data = intake.config.map === undefined ? undefined : text
  const source: Source = { kind: intake.kind, id: intake.id, delivery: id, request, data }
  const idempotency = { id: key, hash }
  return { task, team: intake.team, version, input, source, actor: { kind: 'system' }, idempotency, flushed: false }
}

/** Starts it, or keeps it while the workflow is paused, unless it came before the pause or the pause has just ended. */
export async function takeIn(env: Env, intake: FoundIntake, start: Start): Promise<TakenIn> {
  if (intake.status === 'archived') return { ok: false, problem: { kind: 'workflow_archived' } }
  if (intake.status !== 'paused' || (await cameBefore(env, start))) return begin(env, start)
  const { task: id, team, input, actor, idempotency, source } = start
  const row = {
    id,
    team,
    workflow: intake.workflow,
    intake: intake.id,
    actor: JSON.stringify(actor),
    idempotency: idempotency?.id ?? null,
    hash: idempotency?.hash ?? '',
    input: JSON.stringify(input),
    at: Date.now(),
    source: JSON.stringify(source),
  }
  const outcome = await hold(env.DB, row)
  if (outcome === 'gone') return begin(env, start)
  if (outcome === 'mismatch') return { ok: false, problem: { kind: 'idempotency_mismatch' } }
  return { ok: true, task: id, held: true, repeated: outcome !== 'held' }
}

async function begin(env: Env, start: Start): Promise<TakenIn> {
  const answer = await startTask(env, start)
  if (!answer.ok) return { ok: false, problem: answer.refusal }
  return { ok: true, task: start.task, held: false, repeated: answer.repeated }
}
