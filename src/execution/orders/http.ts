/** The order `http`: one call to a service; its answer is the step's output. */
import { literalHost } from '../../domain/call/address.ts'
import type { RenderedCall } from '../../domain/call/render.ts'
import { shownCall } from '../../domain/call/shown.ts'
import { type HttpOrder, ONLY_CALL } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json/json.ts'
import type { Env } from '../../env.ts'
import { isId } from '../../records/ids.ts'
import { readyCall } from '../egress/call-out.ts'
import { keeping } from '../egress/keep-answer.ts'
import { askedOfService, record, takeRecorded } from '../recorded.ts'
import { resultOf, sendOf } from '../tools/outcome.ts'
import { type Noted, receivedResult, withReceipt } from '../tools/receipt.ts'
import type { Result } from '../tools/tool.ts'
import type { Performer, Performing } from './performer.ts'
import { reportCall, reportOutcome, STORAGE_AWAY } from './report.ts'

/** Makes the call, unless it was made in this attempt and only its report was lost. */
export const performHttp: Performer<HttpOrder> = async (order, performing, env) => {
  const { call, receipt } = order
  const { team, task, chain } = performing
  const asked = receipt === null ? await askedOfService(order, env, team) : null
  const recorded = await takeRecorded(env, team, asked, Date.now())
  if (recorded !== null) return reportOutcome(recorded, null, chain)
  const made = receipt === null ? await make(order, performing, env) : received(receipt, call)
  if (made === null) return null
  if (made === 'away') return STORAGE_AWAY
  const report = reportCall(made, order.schema, output => (output as { body: Json }).body, chain)
  // A file is this task's alone.
  const isRecorded = asked !== null && !(made.kind === 'done' && isFile(made.result))
  if (isRecorded && report.kind === 'outcome' && report.outcome.kind === 'completed') {
    await record(env, team, asked, { answer: report.outcome, task }, Date.now())
  }
  return report
}

/** Whether the answer became a file. */
function isFile(result: Json): boolean {
  const { body } = result as { body?: { file?: Json } | null }
  return typeof body?.file === 'string' && isId('fil', body.file)
}

function make({ call, key, timeoutMs }: HttpOrder, { team, task, note }: Performing, env: Env): Promise<Noted> {
  const args = shownCall(call, key) as unknown as Json
  const called = { call: ONLY_CALL, tool: 'http', args, safe: call.safe, key }
  return withReceipt(note, called, async () =>
    sendOf(await readyCall(env, team, { call, key, timeoutMs, keep: keeping(env, team, task) }), outcome =>
      resultOf(outcome, about(call)),
    ),
  )
}

/** What came of it before; logs of before keep the answer alone. */
function received(receipt: NonNullable<HttpOrder['receipt']>, call: RenderedCall): Result {
  return receipt.failure === null ? resultOf(asOutcome(receipt), about(call)) : receivedResult(receipt)
}

function about({ ok, safe, url }: RenderedCall) {
  return { ok, safe, host: literalHost(url) ?? 'The service' }
}

/** An answer that the log has. */
function asOutcome({ result, status }: NonNullable<HttpOrder['receipt']>): Parameters<typeof resultOf>[0] {
  const answer = result as {
    status?: number
    headers?: Record<string, string>
    body?: Json
    error?: string
    message?: string
  }
  if (status === null) {
    const { error = 'unreachable', message = 'The call failed.' } = answer
    return { kind: 'failed', code: error as never, message, reached: false }
  }
  return { kind: 'answered', answer: { status, headers: answer.headers ?? {}, body: answer.body ?? null } }
}
