/** What settles a question: from when on it holds, and where its run goes then. */
import { endRun, settle } from '../flow.ts'
import type { Run } from '../state.ts'
import type { TaskChange } from '../task-change.ts'
import type { Ask } from './ask.ts'

/** Until when what is decided now can be taken back, in ms since the epoch; null: it holds at once, as what time decides does. */
export function undoUntil({ ctx }: TaskChange, { undo }: Ask): number | null {
  return undo === undefined || undo <= 0 || ctx.actor.kind === 'system' ? null : ctx.now + undo
}

/** The decision holds: its run has ended. */
export function goOn(change: TaskChange, run: Pick<Run, 'id' | 'name'>, handoff: string): void {
  // A plain step goes where the person said; a branch has its output now, and its visit goes on when all have.
  if (run.name === null) settle(change, { kind: 'completed', label: handoff })
  else endRun(change, run.id, { kind: 'completed', handoff })
}
