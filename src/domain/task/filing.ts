/** Files that become a task's, and cease to be. That a file lies in storage is the caller's affair; that it is a task's, the log's. */
import { keptFile, MAX_FILES, type NewFile } from '../file/file.ts'
import type { Command, Refusal } from './commands.ts'
import { begin } from './flow.ts'
import { READ_WITHIN_MS } from './reading.ts'
import { isOver } from './state.ts'
import type { TaskChange } from './task-change.ts'

type Of<T extends Command['type']> = Extract<Command, { type: T }>

/** Why these files cannot become a task's that has `has` already; null: they can. Past its time an upload may be swept any moment. */
export function againstFiles(files: readonly NewFile[], has: number, now: number): Refusal | null {
  if (files.some(({ until }) => until <= now)) return { kind: 'upload_expired' }
  return has + files.length > MAX_FILES ? { kind: 'too_many_files', has, most: MAX_FILES } : null
}

/** Files become the task's; one that is so already stays so. */
export function attach(change: TaskChange, { files }: Of<'attach'>): Refusal | null {
  const own = change.state.files
  const fresh = files.filter(({ id }) => !own.some(file => file.id === id))
  const refused = againstFiles(fresh, own.length, change.ctx.now)
  if (refused === null && fresh.length > 0)
    change.emit({ type: 'attached', files: fresh.map(file => keptFile(file, change.ctx.now)) })
  return refused
}

/** The file is the task's no more; one that it does not have, it has not. */
export function detach(change: TaskChange, { file: id }: Of<'detach'>): null {
  const file = change.state.files.find(each => each.id === id)
  if (file !== undefined) change.emit({ type: 'detached', file: id, name: file.name })
  return null
}

/** What was found in a file: its text, or why it has none. A visit that waited for it begins. */
export function read(change: TaskChange, { file: id, text, noText }: Of<'read'>): null {
  if (change.state.files.some(file => file.id === id && file.reading !== undefined)) {
    change.emit({ type: 'read', file: id, ...(text === undefined ? { noText: noText ?? 'not_finished' } : { text }) })
    goOn(change)
  }
  return null
}

/** What nobody could read in all this time has no text, so that no task hangs on it. */
export function giveUpReading(change: TaskChange): void {
  if (isOver(change.state.status)) return
  const late = change.state.files.filter(
    ({ reading }) => reading !== undefined && reading + READ_WITHIN_MS <= change.ctx.now,
  )
  for (const { id } of late) change.emit({ type: 'read', file: id, noText: 'not_finished' })
  if (late.length > 0) goOn(change)
}

/** Begins the open visit if it waits for nothing but texts of files. */
function goOn(change: TaskChange): void {
  const { halted, visit } = change.state
  if (halted === null && visit.open && visit.runs.length === 0) begin(change)
}
