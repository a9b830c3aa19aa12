/** Files that become a task's, and cease to be. That a file lies in storage is the caller's affair; that it is a task's, the log's. */
import { keptFile, MAX_FILES, type NewFile } from '../file/file.ts'
import type { Command, Refusal } from './commands.ts'
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
  if (refused === null && fresh.length > 0) change.emit({ type: 'attached', files: fresh.map(keptFile) })
  return refused
}

/** The file is the task's no more; one that it does not have, it has not. */
export function detach(change: TaskChange, { file: id }: Of<'detach'>): null {
  const file = change.state.files.find(each => each.id === id)
  if (file !== undefined) change.emit({ type: 'detached', file: id, name: file.name })
  return null
}
