/** Rows of deliveries that made no task: refused, passed over, or come before. So few a minute that a flood cannot fill the database. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import {
  type DeliveryRow,
  insertCapped,
  KEPT_CHARS,
  PER_MINUTE,
  SHOWN_CHARS,
  shownRequest,
  type Verdict,
} from '../../records/deliveries.ts'
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
  const { id, at, scope, type, text, length } = delivery
  const whole = outcome.verdict === 'refused' || outcome.verdict === 'skipped'
  const came = { headers: scope.headers, query: scope.query, type, body: text, length }
  const request = shownRequest(came, whole ? KEPT_CHARS : SHOWN_CHARS)
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

/** Writes the row, unless the intake had its share of such rows. A note only: nothing depends on it. */
export async function noteDelivery(env: Pick<Env, 'DB'>, row: DeliveryRow): Promise<void> {
  if (row.verdict === 'accepted') return
  const cap = PER_MINUTE[row.verdict]
  if (!hasRoom(`${row.id.slice(0, 24)} ${row.verdict}`, cap, row.at)) return
  await insertCapped(env.DB, row, cap).catch(error => {
    console.error(JSON.stringify({ level: 'warn', what: 'delivery not noted', error: String(error) }))
  })
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
