/**
 * What services are told of a task: the one that its workflow names, and whoever started it, where they gave an address.
 * Derived from the log, so that it is told again after any crash.
 */
import type { Definition } from '../../workflow/definition.ts'
import type { CallbackOn } from '../../workflow/parts.ts'
import type { LogRow } from '../events.ts'

export interface DueCallback {
  /** The same however often it is derived. */
  id: string
  type: `task.${CallbackOn}`
  url: string
}

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

/** The callbacks that this row of a task's log calls for. Who started it (`callback`) hears of everything, and nobody twice. */
export function callbacksOf(
  row: Pick<LogRow, 'seq' | 'events'>,
  { task, callback, definition }: { task: string; callback: string | null; definition: Definition },
): DueCallback[] {
  const what = cameTo(row)
  if (what === null) return []
  const id = `msg_${task.replace(/^tsk_/, '')}_${row.seq}`
  const type = `task.${what}` as const
  const { callbacks } = definition
  const due = callbacks?.on.includes(what) ? [{ id, type, url: callbacks.url }] : []
  return callback === null || due.some(({ url }) => url === callback)
    ? due
    : [...due, { id: `${id}_own`, type, url: callback }]
}
