/** Pages of other origins that may send to an intake, as its owner allows. */
import type { ApiContext } from '../../http/context.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'

const SENT = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'Baton-Callback',
  'Webhook-Id',
  'Webhook-Timestamp',
  'Webhook-Signature',
]
const SHOWN = 'Retry-After, X-Request-Id'

/** Says to the browser that this origin may read the answer, if it may. */
export function allowOrigin(c: ApiContext, { cors }: IntakeConfig): boolean {
  if (cors === undefined) return false
  c.header('Vary', 'Origin')
  const origin = c.req.header('origin')
  if (origin === undefined || !(cors.includes('*') || cors.includes(origin))) return false
  c.header('Access-Control-Allow-Origin', cors.includes('*') ? '*' : origin)
  c.header('Access-Control-Expose-Headers', SHOWN)
  return true
}

/** Answers a browser that asks before it sends. */
export function preflight(c: ApiContext, config: IntakeConfig): Response {
  if (allowOrigin(c, config)) {
    const own = config.dedupe !== undefined && 'header' in config.dedupe ? [config.dedupe.header] : []
    c.header('Access-Control-Allow-Methods', 'POST')
    c.header('Access-Control-Allow-Headers', [...SENT, ...own].join(', '))
    c.header('Access-Control-Max-Age', '600')
  }
  return c.body(null, 204)
}
