/** What stops a task: it is stuck until a person unblocks it, or it has failed. */
import type { Course } from './course.ts'
import type { StuckCause } from './events.ts'

/** Why it is stuck and what unblocks it. `next`: the step that a limit forbids; `run`: the one run that is stuck. */
export interface Trouble {
  cause: StuckCause
  message: string
  fix: string
  next?: string
  run?: number
}

/** The task cannot go on by itself. */
export function getStuck(course: Course, trouble: Trouble): void {
  course.emit({ type: 'stuck', visit: course.state.visit.n, ...trouble })
}

/** The task has failed where it is. */
export function fail(course: Course, code: string, message: string): void {
  course.emit({ type: 'failed', visit: course.state.visit.n, code, message })
}

/** Ends the task; nothing more happens to it. */
export function cancelTask(course: Course, note: string | null): void {
  if (course.state.visit.open) course.emit({ type: 'left', visit: course.state.visit.n, why: 'cancelled' })
  course.emit({ type: 'cancelled', note })
}
