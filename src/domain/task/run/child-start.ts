/** The moment at which a run's child is there: from then on the run waits for it, unless it only had to be started. */
import type { WorkflowJob } from '../../handler/workflow.ts'
import { durationMs } from '../../workflow/parts.ts'
import type { StartedChild } from '../commands.ts'
import { refOf } from '../people/asking.ts'
import type { Run } from '../state.ts'
import type { TaskChange } from '../task-change.ts'

/** The child of this run is there; a time that the step gives it begins now. */
export function childIsThere(change: TaskChange, run: Run, started: StartedChild): void {
  // Only started, and started again by whoever took over from a worker that was lost.
  if (change.state.children.some(child => child.task === started.child)) return
  const { waits, frame } = change.rulesOf(run).job as WorkflowJob
  const ms = waits && frame.timeout !== undefined ? durationMs(frame.timeout) : null
  const until = ms === null ? null : change.ctx.now + ms
  const ref = { visit: change.state.visit.n, ...refOf(run), attempt: run.attempt }
  change.emit({ type: 'started', ...ref, ...started, waits, until })
}
