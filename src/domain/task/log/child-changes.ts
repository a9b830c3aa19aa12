/** The state with one task more that it started, or with one of these changed. */
import type { Child, TaskState } from '../state.ts'
import { type EventOf, goingOn, type Stamp, withPhase } from './changes.ts'

/** It has started a task, which its run waits for or does not. */
export function withStarted(state: TaskState, event: EventOf<'started'>, stamp: Stamp): TaskState {
  const { child: task, of: name, workflow, visit, run, attempt, waits, until } = event
  const child: Child = { task, workflow, name, visit, run, attempt, waits, recalledAt: null, ended: null, spent: 0 }
  const next = { ...state, children: [...state.children, child] }
  if (!waits) return next
  const ref = { run, ...(event.name === undefined ? {} : { name: event.name }) }
  const phase = { name: 'awaiting' as const, until, names: [], passed: [], child: task }
  return { ...withPhase(next, ref, stamp, phase), ...goingOn(state, run) }
}

export function withChild(state: TaskState, task: string, changed: Partial<Child>): TaskState {
  return { ...state, children: state.children.map(child => (child.task === task ? { ...child, ...changed } : child)) }
}
