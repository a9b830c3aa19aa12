/** A call between its intent and its receipt, so that whoever takes over knows what was done. Blueprint: handlers.md, Calls to the outside. */
import type { Json } from '../../domain/json/json.ts'
import type { CallNote } from '../../domain/task/commands.ts'
import type { RunFailure } from '../../domain/task/events.ts'
import type { Result } from './tool.ts'

/** Tells the task; false: the attempt is void, at a limit, or waits for people. */
export type Note = (note: CallNote) => Promise<boolean>

/** Notes the intent, makes the call and notes its receipt; null: this worker has nothing more to do. */
export async function withReceipt(
  note: Note,
  called: Extract<CallNote, { called: unknown }>['called'],
  make: () => Promise<Result>,
): Promise<Result | null> {
  if (!(await note({ called }))) return null
  const began = Date.now()
  const result = await make()
  // Without a receipt the call stays open: whether it happened is for a person to say.
  if (result.kind === 'failed' && result.lost) return result
  const { call } = called
  const answered = { call, ok: result.kind === 'done', status: result.status, result: toldOf(result) }
  return (await note({ answered: { ...answered, ms: Date.now() - began } })) ? result : null
}

/** What a call came to, as its receipt tells of it, and a model. */
export function toldOf(result: Result): Json {
  if (result.kind === 'done') return result.result
  const { code, message } = result.failure
  return result.result ?? { error: code, message }
}

/** Why a call failed, as its run is reported: one whose answer was lost may have happened. */
export function failureOf({ failure, lost }: Extract<Result, { kind: 'failed' }>): RunFailure {
  return lost ? { ...failure, code: 'unknown_outcome', retryable: false } : failure
}
