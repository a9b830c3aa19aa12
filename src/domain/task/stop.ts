/** What stops a task: it is stuck until a person unblocks it, or it has failed. */

import type { StuckCause } from './events.ts'
import type { TaskChange } from './task-change.ts'

/** Why it is stuck and what unblocks it. `next`: the step that a limit forbids; `run`: the one run that is stuck. */
export interface Trouble {
  cause: StuckCause
  message: string
  fix: string
  next?: string
  run?: number
}

/** The task cannot go on by itself. */
export function getStuck(change: TaskChange, trouble: Trouble): void {
  change.emit({ type: 'stuck', visit: change.state.visit.n, ...trouble })
}

/** The task has failed where it is. */
export function fail(change: TaskChange, code: string, message: string): void {
  change.emit({ type: 'failed', visit: change.state.visit.n, code, message })
}

/** Ends the task; nothing more happens to it. */
export function cancelTask(change: TaskChange, note: string | null): void {
  if (change.state.visit.open) change.emit({ type: 'left', visit: change.state.visit.n, why: 'cancelled' })
  change.emit({ type: 'cancelled', note })
}
