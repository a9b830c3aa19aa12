/** A wait as a task's page tells it, event by event of its log. */
import type { TaskEvent } from '../../domain/task/events.ts'
import type { RunStory, Visit } from './visit-story.ts'

type Of<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }> & { at: number }

/** It begins, for a time or for events. */
export function tellWait(run: RunStory, event: Of<'awaiting'> | Of<'listening'>): void {
  const { at, until } = event
  const names = event.type === 'listening' ? event.names : []
  run.waits.push({ at, until, names, endedAt: null, took: null, passed: [] })
}

/** It did not take an event. */
export function tellPassed(run: RunStory, { at, event: seq, error, reads }: Of<'weighed'>): void {
  run.waits.at(-1)?.passed.push({ at, seq, error: error ?? null, reads: reads ?? {} })
}

/** It is over: with an event, or with its time. */
export function tellWaited(run: RunStory, at: number, took?: Of<'awaited'>['took']): void {
  const wait = run.waits.at(-1)
  if (wait === undefined || wait.endedAt !== null) return
  wait.endedAt = at
  wait.took = took ? { seq: took.event, name: took.name } : null
}

/** Names the step whose wait took an event, at whatever visit the event came. */
export function markTaken(visits: Visit[]): void {
  const news = new Map(visits.flatMap(visit => visit.news).map(one => [one.seq, one]))
  for (const { step, runs } of visits) {
    for (const { took } of runs.flatMap(run => run.waits)) {
      const taken = took === null ? undefined : news.get(took.seq)
      if (taken !== undefined) taken.takenBy = step
    }
  }
}
