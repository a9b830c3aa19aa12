/** A delivery to an intake that takes events: told to the open tasks with its key, instead of making one. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import type { Problem } from '../../http/errors.ts'
import type { OpenIntake } from '../../records/intake/intakes.ts'
import { type OutsideEvent, type Told, tellKeyed } from '../../task/outside-event.ts'
import type { Idempotency } from '../../task/rpc.ts'
import type { Outcome } from './delivery-note.ts'

/** Tells the tasks; what the same delivery told before counts once. */
export function deliverEvent(
  env: Pick<Env, 'DB' | 'TASKS'>,
  { id, team }: Pick<OpenIntake, 'id' | 'team'>,
  event: OutsideEvent,
  by: { actor: Actor; delivery: string; idempotency?: Idempotency },
): Promise<{ ok: true; value: Told } | { ok: false; problem: Problem }> {
  // In no Idempotency-Key of a caller can a tab stand.
  const once = { id: `\tevent ${id} ${by.delivery}`, hash: by.idempotency?.hash ?? 'first' }
  return tellKeyed(env, team, event, { actor: by.actor, idempotency: once })
}

/** What the delivery's row says of an event. */
export function outcomeOfEvent({ name, key }: OutsideEvent, { tasks, repeated }: Told): Outcome {
  const whom = tasks === 0 ? 'no open task' : tasks === 1 ? 'one task' : `${tasks} tasks`
  const reason = `Event ${name} for “${key}”: ${whom}${repeated ? ', which had it before' : ''}.`
  const verdict = tasks === 0 ? 'unmatched' : repeated ? 'duplicate' : 'accepted'
  return { verdict, status: 202, reason, task: null }
}
