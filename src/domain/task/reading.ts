/** Reading what stands in a task's files, which takes longer than a request: who waits for it, and when it is asked for again. */
import { type Definition, type Step, stepOf } from '../workflow/definition.ts'
import { isOver, type TaskState } from './state.ts'

/** After this nobody waits for a text any more. */
export const READ_WITHIN_MS = 3_600_000

type Reading = { id: string; since: number }

/** The files that are to be read. A task that is over asks for nothing again: what was asked for still comes. */
export function filesToRead({ status, files }: Pick<TaskState, 'status' | 'files'>): Reading[] {
  if (isOver(status)) return []
  return files.flatMap(({ id, reading }) => (reading === undefined ? [] : [{ id, since: reading }]))
}

/** Whether the visit that is open cannot begin yet, as its step may name a text that is being read. */
export function awaitsTexts(state: TaskState, definition: Definition): boolean {
  if (state.files.every(({ reading }) => reading === undefined)) return false
  const step = stepOf(definition, state.visit.step)
  return step !== undefined && mayNameFiles(step, definition)
}

/** A file is named as itself or as a value of an input or output, in a step's texts or in what the task comes to. */
function mayNameFiles(step: Step, { result }: Definition): boolean {
  return /\b(?:files|input)\b|\boutput\b(?!":)/.test(JSON.stringify([step, result ?? null]))
}
