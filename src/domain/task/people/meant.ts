/** Which open question a command means, and what whoever comes too late is told. */
import type { Refusal } from '../commands.ts'
import type { TaskState } from '../state.ts'
import { type AskedRun, openAsks } from './asking.ts'

/** The open question that is meant: the named run's, or the only one there is. */
export function meantAsk(state: TaskState, { visit, run }: { visit?: number; run?: number }): AskedRun | Refusal {
  const asked = openAsks(state)
  const meant = run === undefined ? asked[0] : asked.find(each => each.id === run)
  if (meant === undefined || (visit !== undefined && visit !== state.visit.n)) return nothingOpen(state, visit, run)
  // Without a run a click that comes twice would decide the next question.
  if (run === undefined && asked.length > 1) {
    return { kind: 'several_open', visit: state.visit.n, runs: asked.map(({ id, name }) => ({ run: id, name })) }
  }
  return meant
}

/** What was meant is no longer open: whoever comes late learns who decided it, the latest one if they named none. */
export function nothingOpen(state: TaskState, visit?: number, run?: number): Refusal {
  const meant = visit ?? (run === undefined ? Math.max(...Object.keys(state.decided).map(Number)) : state.visit.n)
  const byRun = state.decided[meant] ?? {}
  const latest = Object.values(byRun).toSorted((a, b) => b.at - a.at)[0]
  const decided = run === undefined ? latest : byRun[run]
  return decided === undefined ? movedOn(state) : { kind: 'already_decided', visit: meant, ...decided }
}

function movedOn(state: TaskState): Refusal {
  return { kind: 'moved_on', visit: state.visit.n, step: state.visit.step || null }
}
