/** An open wait: the event that it takes, the end of its time, and what either comes to. */
import type { Json } from '../../json/json.ts'
import type { Course } from '../course.ts'
import type { RunFailure, TaskEvent } from '../events.ts'
import { type KeptEvent, mayGoOn, type Run, type RunPhase } from '../state.ts'

/** How a wait ended: its label is the name of the event that it took, if it waited for one. */
export type WaitEnd = { kind: 'completed'; handoff?: string } | { kind: 'failed'; failure: RunFailure }

/** The event that says so of a run which begins to wait. A time alone is said as it ever was. */
export function begunWait(
  ref: { visit: number; run: number; name?: string },
  { until, names = [] }: { until: number | null; names?: string[] },
): TaskEvent {
  if (until !== null && names.length === 0) return { type: 'awaiting', ...ref, until }
  return { type: 'listening', ...ref, names, until }
}

type Awaiting = Extract<RunPhase, { name: 'awaiting' }>

/**
 * What an open wait comes to now; null: it goes on waiting. Events go before the time: one that came before the end of the
 * time is taken though nobody looked until after it.
 */
export function endOfWait(course: Course, run: Run): WaitEnd | null {
  const { phase } = run
  if (phase.name !== 'awaiting' || !mayGoOn(course.state, run)) return null
  const visit = course.state.visit.n
  for (const event of course.state.events) {
    if (!isFor(phase, event)) continue
    const { data, name, seq } = event
    const { verdict, ...why } = weigh(course, run, event)
    if (verdict === 'taken') {
      course.emit({ type: 'awaited', visit, run: run.id, output: data, took: { event: seq, name } })
      return { kind: 'completed', handoff: name }
    }
    course.emit({ type: 'weighed', visit, run: run.id, event: seq, verdict, ...why })
  }
  return phase.until !== null && phase.until <= course.ctx.now ? timeIsOver(course, run, phase) : null
}

function isFor({ names, passed, until }: Awaiting, { name, seq, at }: KeptEvent): boolean {
  return names.includes(name) && !passed.includes(seq) && (until === null || at < until)
}

function weigh(course: Course, run: Run, { name, data }: KeptEvent) {
  const { handler, job } = course.rulesOf(run)
  const event = { name, data: course.value<Json>(data) }
  return handler.takes?.(job, course.scope(), event) ?? { verdict: 'taken' as const }
}

function timeIsOver(course: Course, run: Run, { names }: Awaiting): WaitEnd {
  const ref = { visit: course.state.visit.n, run: run.id }
  if (names.length === 0) {
    course.emit({ type: 'awaited', ...ref, output: null })
    return { kind: 'completed' }
  }
  const { handler, job } = course.rulesOf(run)
  const message = handler.missed?.(job) ?? 'What it waited for did not come.'
  const failure: RunFailure = { code: 'timeout', message, retryable: false }
  const outcome = { kind: 'failed' as const, failure }
  course.emit({ type: 'reported', ...ref, attempt: run.attempt, lease: '', outcome, usage: null })
  return { kind: 'failed', failure }
}
