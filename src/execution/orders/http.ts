/** The order `http`: one call to a service; its answer is the step's output. */
import { literalHost } from '../../domain/call/address.ts'
import type { RenderedCall } from '../../domain/call/render.ts'
import { shownCall } from '../../domain/call/shown.ts'
import { type HttpOrder, ONLY_CALL } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json.ts'
import { callOut } from '../egress/call-out.ts'
import { errorOf } from '../tools/call.ts'
import { resultOf } from '../tools/outcome.ts'
import type { Result } from '../tools/tool.ts'
import type { Performer, Performing } from './performer.ts'
import { reportCall } from './report.ts'

/** Makes the call, unless it was made in this attempt and only its report was lost. */
export const performHttp: Performer<HttpOrder> = async (order, performing, env) => {
  const { call, receipt } = order
  const made = receipt === null ? await make(order, performing, env) : resultOf(asOutcome(receipt), about(call))
  return made === null
    ? null
    : reportCall(made, order.schema, output => (output as { body: Json }).body, performing.chain)
}

const make = async (
  { call, key, timeoutMs }: HttpOrder,
  { team, note }: Performing,
  env: Parameters<typeof callOut>[0],
): Promise<Result | null> => {
  const called = { call: ONLY_CALL, tool: 'http', args: shownCall(call, key) as unknown as Json, safe: call.safe, key }
  if (!(await note({ called }))) return null
  const began = Date.now()
  const result = resultOf(await callOut(env, team, { call, key, timeoutMs }), about(call))
  if (result.kind === 'failed' && result.lost) return result
  const receipt = result.kind === 'done' ? result.result : (result.result ?? errorOf(result))
  const answered = {
    call: ONLY_CALL,
    ok: result.kind === 'done',
    status: result.status,
    result: receipt,
    ms: Date.now() - began,
  }
  return (await note({ answered })) ? result : null
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
