/** A delivery to an intake that takes events: told to the open tasks with its key, instead of making one. Every kind of intake shares it. */
import type { Actor } from '../../domain/task/events.ts'
import type { Problem } from '../../http/errors.ts'
import type { OpenIntake } from '../../records/intake/intakes.ts'
import { type EventEnv, type OutsideEvent, type Told, tellKeyed } from '../../task/outside-event.ts'
import type { Idempotency } from '../../task/rpc.ts'
import type { Outcome } from './delivery-note.ts'

/** What tells an event from another one, and who sends it. */
interface Sending {
  actor: Actor
  /** The same delivery tells it once. */
  delivery: string
  idempotency?: Idempotency
  /** What stands against one that did not come before, such as the intake's limit. */
  ifNew?: () => Promise<Problem | null>
}

/** Tells the tasks; what the same delivery told before counts once. */
export function deliverEvent(
  env: EventEnv,
  intake: Pick<OpenIntake, 'id' | 'team'>,
  event: OutsideEvent,
  by: Sending,
): Promise<{ ok: true; value: Told } | { ok: false; problem: Problem }> {
  // In no Idempotency-Key of a caller can a tab stand.
  const once = { id: `\tevent ${intake.id} ${by.delivery}`, hash: by.idempotency?.hash ?? 'first' }
  return tellKeyed(env, intake.team, event, { actor: by.actor, idempotency: once, ifNew: by.ifNew })
}

/** What the delivery's row says of an event. */
export function outcomeOfEvent(event: OutsideEvent, told: Told): Outcome {
  const verdict = told.tasks === 0 ? 'unmatched' : told.repeated ? 'duplicate' : 'accepted'
  return { verdict, status: 202, reason: eventInWords(event, told), task: null }
}

/** Whom an event was for, as a sentence. */
export function eventInWords({ name, key }: OutsideEvent, { tasks, repeated }: Told): string {
  const whom = tasks === 0 ? 'no open task' : tasks === 1 ? 'one task' : `${tasks} tasks`
  return `Event ${name} for “${key}”: ${whom}${repeated ? ', which had it before' : ''}.`
}
