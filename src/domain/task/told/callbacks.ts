/** What a service is told of a task, where its workflow names one. Derived from the log, so that it is told again after any crash. */
import type { Definition } from '../../workflow/definition.ts'
import type { CallbackOn } from '../../workflow/parts.ts'
import type { LogRow } from '../events.ts'

/** What became of the task in this row, as services are told of it; null: nothing of the kind. */
function cameTo({ events }: Pick<LogRow, 'events'>): CallbackOn | null {
  for (const { type } of events.toReversed()) {
    if (type === 'finished') return 'done'
    if (type === 'failed' || type === 'stuck') return type
    if (type === 'asked') return 'waiting'
    // What came before it in the same row is over.
    if (type === 'entered') return null
  }
  return null
}

/** The callback that this row of a task's log calls for, or null. `id` is the same however often it is derived. */
export function callbackOf(
  row: Pick<LogRow, 'seq' | 'events'>,
  { task, definition }: { task: string; definition: Definition },
): { id: string; type: `task.${CallbackOn}`; url: string } | null {
  const { callbacks } = definition
  if (callbacks === undefined) return null
  const what = cameTo(row)
  if (what === null || !callbacks.on.includes(what)) return null
  return { id: `msg_${task.replace(/^tsk_/, '')}_${row.seq}`, type: `task.${what}`, url: callbacks.url }
}
