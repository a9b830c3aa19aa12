/** Taking a decision back while nothing has come of it, and what comes of it once that time is over. */
import type { Command, Refusal } from '../commands.ts'
import type { Run, TaskState } from '../state.ts'
import type { TaskChange } from '../task-change.ts'
import { digestOf } from './asking.ts'
import { nothingOpen } from './meant.ts'
import { goOn } from './settling.ts'
import { voterOf } from './voter.ts'

/** A run whose decision can still be taken back. */
export type UndoableRun = Run & { phase: Extract<Run['phase'], { name: 'undoable' }> }

/** The runs of the open visit whose decision can still be taken back, by what the log says; time may have passed. */
export function undoable(state: TaskState): UndoableRun[] {
  return state.visit.open ? state.visit.runs.filter((run): run is UndoableRun => run.phase.name === 'undoable') : []
}

type Undo = Extract<Command, { type: 'undo' }>

/** The decision that is meant: the named run's, or the only one that there is; else why there is none. */
export function meantUndo(state: TaskState, { visit, run }: Pick<Undo, 'visit' | 'run'>): UndoableRun | Refusal {
  const found = undoable(state)
  const meant = run === undefined ? found[0] : found.find(each => each.id === run)
  if (meant !== undefined && (visit === undefined || visit === state.visit.n)) {
    if (run !== undefined || found.length === 1) return meant
    return { kind: 'several_open', visit: state.visit.n, runs: found.map(({ id, name }) => ({ run: id, name })) }
  }
  const nothing = nothingOpen(state, visit, run)
  if (nothing.kind === 'already_decided') return { ...nothing, kind: 'too_late' }
  return nothing.kind === 'moved_on' && visit !== undefined && visit !== state.visit.n
    ? nothing
    : { kind: 'nothing_to_undo' }
}

/** Takes the decision back: whoever made it may, and owners. It is asked again as before. */
export function undo(change: TaskChange, command: Undo): Refusal | null {
  const { ctx, state, pinned } = change
  const found = meantUndo(state, command)
  if ('kind' in found) return found
  const { by, at, until, handoff } = found.phase.decision
  if (until <= ctx.now) return { kind: 'too_late', visit: state.visit.n, by, at, handoff }
  const isOwner = command.owner === true || voterOf(ctx.actor) === pinned.definition.owner?.toLowerCase()
  if (voterOf(ctx.actor) !== voterOf(by) && !isOwner) return { kind: 'not_yours', by }
  const { ask } = found.phase.asked
  const digest = digestOf(change, { ...ask, undone: (ask.undone ?? 0) + 1 })
  change.emit({ type: 'undone', visit: state.visit.n, run: found.id, digest })
  return null
}

/** What the decision leads to, once it can no longer be taken back. */
export function takeEffect(change: TaskChange, run: UndoableRun): void {
  const { decision } = run.phase
  if (decision.until > change.ctx.now) return
  change.emit({ type: 'effected', visit: change.state.visit.n, run: run.id })
  goOn(change, run, decision.handoff)
}
