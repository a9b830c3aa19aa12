/** Rows of deliveries that made no task: refused, passed over, come before, or told to tasks as an event. So few a minute that a flood cannot fill the database. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { explain, type Problem } from '../../http/errors.ts'
import {
  type DeliveryRow,
  insertCapped,
  KEPT_CHARS,
  PER_MINUTE,
  SHOWN_CHARS,
  shownRequest,
  type Verdict,
} from '../../records/intake/deliveries.ts'
import { insertBody } from '../../records/intake/delivery-bodies.ts'
import type { Delivery } from '../arrival/delivery.ts'

export interface Outcome {
  verdict: Verdict
  /** The status of the answer. */
  status: number
  /** `code: sentence`. */
  reason: string | null
  task: string | null
}

/** The row that tells what became of a delivery. */
export function deliveryRow(team: string, delivery: Delivery, outcome: Outcome): DeliveryRow {
  const { id, at, scope, type, text, length, repaired } = delivery
  const kept = isAllThereIs(outcome) ? bodyBeside(delivery)?.as : undefined
  const told = repaired.length > 0 ? { repaired } : {}
  const whole = { headers: scope.headers, query: scope.query, type, body: text, length, kept, ...told }
  const request = shownRequest(whole, isAllThereIs(outcome) ? KEPT_CHARS : SHOWN_CHARS)
  return {
    id,
    team,
    at,
    ms: Date.now() - at,
    request,
    ...outcome,
    reason: outcome.reason && shorten(outcome.reason, 1000),
  }
}

/** The row of what was refused; with the earlier task, where that is why. */
export function refusedBy(problem: Problem): Outcome {
  const { status, code, message } = explain(problem)
  const task = problem.kind === 'duplicate_key' ? problem.task : null
  return { verdict: 'refused', status, reason: `${code}: ${message}`, task }
}

/** Of other deliveries a task's log, or what is held, has the rest. */
function isAllThereIs({ verdict, task }: Outcome): boolean {
  return verdict === 'refused' || (task === null && verdict !== 'duplicate')
}

/** A body that its row does not hold to the end, or not as it came. */
function bodyBeside({ unread, text }: Delivery): { as: 'bytes' | 'text'; body: Uint8Array } | null {
  if (unread) return unread.byteLength === 0 ? null : { as: 'bytes', body: unread }
  return text.length > KEPT_CHARS ? { as: 'text', body: new TextEncoder().encode(text) } : null
}

/** Writes the row, unless the intake had its share of such rows. A note only: nothing depends on it. */
export async function noteDelivery(
  env: Pick<Env, 'DB'>,
  team: string,
  delivery: Delivery,
  outcome: Outcome,
): Promise<DeliveryRow> {
  const row = deliveryRow(team, delivery, outcome)
  // That of a task is written with it; an event has the row of its delivery.
  if (row.verdict === 'accepted' && row.task !== null) return row
  const cap = PER_MINUTE[row.verdict]
  if (!hasRoom(`${row.id.slice(0, 24)} ${row.verdict}`, cap, row.at)) return row
  const beside = isAllThereIs(outcome) ? bodyBeside(delivery) : null
  const body = beside && insertBody(env.DB, row, beside.body)
  await insertCapped(env.DB, row, cap, body ? [body] : []).catch(error => {
    console.error(JSON.stringify({ level: 'warn', what: 'delivery not noted', error: String(error) }))
  })
  return row
}

const MINUTE_MS = 60_000
const MAX_COUNTED = 500
const counted = new BoundedCache<{ minute: number; n: number }>(MAX_COUNTED)

/** Counts in this isolate first, so that a flood does not even ask D1; there the count is exact. */
function hasRoom(name: string, cap: number, now: number): boolean {
  const minute = Math.floor(now / MINUTE_MS)
  const known = counted.peek(name)
  if (known?.minute === minute) return ++known.n <= cap
  counted.keep(name, { minute, n: 1 })
  return true
}
