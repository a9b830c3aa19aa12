/** From a delivery to the start of its task, whichever way it came: sent in, sent again, or tried out. */
import type { Json } from '../domain/json.ts'
import type { Actor } from '../domain/task/events.ts'
import type { Source } from '../domain/task/source.ts'
import type { OpenIntake } from '../records/intakes.ts'
import type { PinnedVersion } from '../task/pinned.ts'
import type { Idempotency } from '../task/rpc.ts'
import type { Start } from '../task/start.ts'
import type { Delivery } from './came.ts'

/** Which task it is to be, and who is to be named as the one who started it. */
export interface Begin {
  task: string
  idempotency?: Idempotency
  actor: Actor
  /** The delivery that it repeats, or `test`. */
  replays?: string
  flushed: boolean
}

/** The task that this delivery starts, with all that its first event tells of it. */
export function startOf(
  intake: OpenIntake,
  version: PinnedVersion,
  delivery: Delivery,
  input: Json,
  { replays, ...begin }: Begin,
): Start {
  const { id, scope, type, text } = delivery
  const request = { headers: scope.headers, query: scope.query, type: type ?? '', ms: Date.now() - delivery.at }
  // The input says it all when it is the body itself.
  const data = isBody(intake, delivery) ? undefined : text
  const source: Source = { kind: intake.kind, id: intake.id, delivery: id, request, data, replays }
  return { ...begin, team: intake.team, version, input, source }
}

function isBody(intake: OpenIntake, { type, isForm }: Delivery): boolean {
  return intake.config.map === undefined && !isForm && type !== 'text/plain'
}
