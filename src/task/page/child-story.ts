/** A task of another workflow as the page of the one that started it tells it, event by event of its log. */
import type { TaskEvent } from '../../domain/task/events.ts'
import type { ChildStory, RunStory, Visit } from './visit-story.ts'

type Of<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }> & { at: number; seq: number }

/** It is there. */
export function tellStarted(run: RunStory, { at, seq, child: task, workflow, of, waits }: Of<'started'>): void {
  run.children.push({ at, seq, task, workflow, of, waits, recalledAt: null, ended: null })
  // The worker had only to start it.
  const attempt = run.attempts.at(-1)
  if (waits && attempt?.outcome === 'working') Object.assign(attempt, { endedAt: at, outcome: 'pending' })
}

/** It is no longer wanted. */
export function tellRecalled(run: RunStory, { at, child }: Of<'recalled'>): void {
  const story = storyOf(run, child)
  if (story !== undefined) story.recalledAt = at
}

/** It says what it came to. */
export function tellReturned(run: RunStory, { at, child, standing, message }: Of<'returned'>): void {
  const story = storyOf(run, child)
  if (story !== undefined) story.ended = { at, standing, message }
}

function storyOf(run: RunStory, task: string): ChildStory | undefined {
  return run.children.find(child => child.task === task)
}

/** Every task that these visits started, newest first. */
export function childrenIn(visits: readonly Visit[]): string[] {
  return visits
    .flatMap(visit => visit.runs)
    .flatMap(run => run.children.map(child => child.task))
    .reverse()
}
