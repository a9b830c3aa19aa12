/** A call between its intent and its receipt, so that whoever takes over knows what was done. */

import type { MadeCall } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json/json.ts'
import type { CallNote } from '../../domain/task/commands.ts'
import type { RunFailure } from '../../domain/task/run/outcome.ts'
import { type Failed, failed, type Result, type Send } from './tool.ts'

type Called = Extract<CallNote, { called: unknown }>['called']
type Receipt = NonNullable<MadeCall['receipt']>

/** Tells the task; false: the attempt is void, at a limit, or waits for people. */
export type Note = (note: CallNote) => Promise<boolean>

/** null: this worker has nothing more to do. `away`: Baton's own storage is, and nothing was sent that may not be sent again. */
export type Noted = Result | null | 'away'

/**
 * Gets the call ready, notes its intent, sends it and notes its receipt. Between intent and sending nothing can fail, so that
 * an intent without a receipt means a call whose outcome nobody knows.
 */
export async function withReceipt(note: Note, called: Called, ready: () => Promise<Send | Failed>): Promise<Noted> {
  const prepared = await whileThere(called, ready)
  if (prepared === 'away') return 'away'
  const send = typeof prepared === 'function' ? prepared : async () => prepared
  // What was refused is sent to nobody, however often.
  const safe = called.safe || typeof prepared !== 'function'
  if (!(await note({ called: { ...called, safe } }))) return null
  const began = Date.now()
  const result = safe ? await whileThere(called, send) : await send()
  if (result === 'away') return 'away'
  // Without a receipt the call stays open: whether it happened is for a person to say.
  if (result.kind === 'failed' && result.lost) return result
  const failure = result.kind === 'failed' ? result.failure : undefined
  const { call } = called
  const kept = result.kind === 'done' ? result.kept : undefined
  const answered = { call, ok: result.kind === 'done', status: result.status, result: toldOf(result), failure }
  const files = kept && [kept.file]
  const isNoted = await note({ answered: { ...answered, ...(files && { files }), ms: Date.now() - began } })
  // One that was not noted may be another worker's by now: the sweep asks the task.
  if (isNoted) await kept?.confirm()
  return isNoted ? result : null
}

/** What only storage can throw. */
async function whileThere<T>({ tool }: Called, work: () => Promise<T>): Promise<T | 'away'> {
  try {
    return await work()
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'call', tool, error: String(error) }))
    return 'away'
  }
}

/** What a receipt in the log says the call came to. */
export function receivedResult({ ok, status, result, failure }: Receipt): Result {
  if (ok) return { kind: 'done', result, ...(status === null ? {} : { status }) }
  if (failure !== null) return { kind: 'failed', failure, result, lost: false }
  // Logs of before told of a failure only what a model is told.
  const { message } = (result ?? {}) as { message?: Json }
  return failed('tool_failed', typeof message === 'string' ? message : 'The call failed.')
}

/** What a call came to, as its receipt tells of it, and a model. */
export function toldOf(result: Result): Json {
  if (result.kind === 'done') return result.result
  const { code, message } = result.failure
  return result.result ?? { error: code, message }
}

/** Why a call failed, as its run is reported: one whose answer was lost may have happened. */
export function failureOf({ failure, lost }: Failed): RunFailure {
  return lost ? { ...failure, code: 'unknown_outcome', retryable: false } : failure
}
