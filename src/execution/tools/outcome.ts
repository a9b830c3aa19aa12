/** What an answer from outside comes to: done, a failure that another try may mend, or one whose effect nobody knows. */
import { isOk } from '../../domain/call/http-call.ts'
import type { Json } from '../../domain/json/json.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Outcome, readyCall } from '../egress/call-out.ts'
import { type Failed, failed, type Result, type Send } from './tool.ts'

/** Statuses after which the same call may go better. */
export const RETRIED = [408, 425, 429, 500, 502, 503, 504]
const SHOWN_CHARS = 300

/** A call that is ready, as a tool hands it on; `read` says what its outcome comes to. */
export function sendOf(
  ready: Awaited<ReturnType<typeof readyCall>>,
  read: (outcome: Outcome) => Result,
): Send | Failed {
  if (typeof ready === 'function') return async () => read(await ready())
  const { failure, ...rest } = failed(ready.code, ready.message)
  // What never left may be sent, whatever it does.
  return { ...rest, failure: { ...failure, retryable: ready.code === 'unreachable' } }
}

/** `safe`: whether the call may be made again. `host`: who answered, for the message. */
export function resultOf(
  outcome: Outcome,
  { ok, safe, host }: { ok: number[] | null; safe: boolean; host: string },
): Result {
  if (outcome.kind === 'failed') {
    const { code, message, reached } = outcome
    const isLost = reached && (code === 'timeout' || code === 'unreachable')
    return { kind: 'failed', failure: { code, message, retryable: safe && isLost }, lost: isLost && !safe }
  }
  const { answer, retryAfterMs } = outcome
  const { status } = answer
  const result = answer as unknown as Json
  if (isOk(ok, status)) return { kind: 'done', result, status, ...(outcome.kept && { kept: outcome.kept }) }
  const message = `${host} answered ${status}${saidIn(answer.body)}`
  const retryable = safe && RETRIED.includes(status)
  return {
    kind: 'failed',
    failure: { code: 'http_status', message, retryable, retryAfterMs },
    result,
    status,
    lost: false,
  }
}

function saidIn(body: Json): string {
  if (body === null || body === '') return '.'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return `: ${shorten(text.replace(/\s+/g, ' '), SHOWN_CHARS)}`
}
