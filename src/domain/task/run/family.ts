/** Tasks that start one another: which of them a task still waits for, and what it and they have to tell each other. */
import type { Standing } from '../log/source.ts'
import { type Child, isOver, standingOf, type TaskState } from '../state.ts'

/** What one task has to tell another. */
export type BetweenTasks =
  | /** Tell the task that started this one how it stands. */ { kind: 'tell'; standing: Standing }
  | /** Cancel a task that is no longer wanted. */ { kind: 'recall'; child: string }

/** A task is heard of by the worker that started it; only if that was lost it has to tell of itself. */
const BIRTH_MS = 10_000

/** Whether nothing can come of the child any more. */
export function isGone({ ended }: Child): boolean {
  return ended !== null && ended.standing !== 'failed'
}

/** Whether the run that started the child waits for it now. */
function isAwaited({ visit, status }: TaskState, { visit: n, run: id, task }: Child): boolean {
  if (!visit.open || visit.n !== n || isOver(status)) return false
  const phase = visit.runs.find(run => run.id === id)?.phase
  return phase?.name === 'awaiting' && phase.child === task
}

/**
 * The children that are no longer wanted and do not know it yet. One that failed stays for people to look at, until its
 * task is cancelled or its run starts another in its place.
 */
export function unwanted(state: TaskState): Child[] {
  return state.children.filter(child => {
    if (!child.waits || child.recalledAt !== null || isGone(child) || isAwaited(state, child)) return false
    return child.ended === null || state.status === 'cancelled' || isReplaced(state, child)
  })
}

function isReplaced({ visit }: TaskState, { visit: n, run: id, attempt }: Child): boolean {
  return visit.n === n && visit.runs.some(run => run.id === id && run.attempt > attempt)
}

/** What is to be told to other tasks, and since when: it is said again until it is known to be heard. */
export function betweenTasks(state: TaskState): { work: BetweenTasks; since: number }[] {
  const recalled = state.children.filter(child => child.recalledAt !== null && !isGone(child))
  return [...recalled.map(({ task, recalledAt }) => ({ work: recallOf(task), since: recalledAt ?? 0 })), ...told(state)]
}

function recallOf(child: string): BetweenTasks {
  return { kind: 'recall', child }
}

function told(state: TaskState): { work: BetweenTasks; since: number }[] {
  if (state.source?.parent === undefined) return []
  const standing = standingOf(state)
  if (standing === state.told) return []
  const work: BetweenTasks = { kind: 'tell', standing }
  if (standing !== 'open') return [{ work, since: state.updatedAt }]
  // That one which failed goes on after all is nobody's business until it comes to something.
  return state.told === null ? [{ work, since: state.createdAt + BIRTH_MS }] : []
}
