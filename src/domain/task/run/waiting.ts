/** An open wait: the event that it takes, the end of its time, and what either comes to. */
import type { Json } from '../../json/json.ts'
import type { TaskEvent } from '../events.ts'
import { type KeptEvent, mayGoOn, type Run, type RunPhase } from '../state.ts'
import type { TaskChange } from '../task-change.ts'
import type { RunFailure } from './outcome.ts'

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
export function endOfWait(change: TaskChange, run: Run): WaitEnd | null {
  const { phase } = run
  if (phase.name !== 'awaiting' || phase.child !== undefined || !mayGoOn(change.state, run)) return null
  const visit = change.state.visit.n
  for (const event of change.state.events) {
    if (!isFor(phase, event)) continue
    const { data, name, seq } = event
    const { verdict, ...why } = weigh(change, run, event)
    if (verdict === 'taken') {
      change.emit({ type: 'awaited', visit, run: run.id, output: data, took: { event: seq, name } })
      return { kind: 'completed', handoff: name }
    }
    change.emit({ type: 'weighed', visit, run: run.id, event: seq, verdict, ...why })
  }
  return phase.until !== null && phase.until <= change.ctx.now ? timeIsOver(change, run, phase) : null
}

function isFor({ names, passed, until }: Awaiting, { name, seq, at }: KeptEvent): boolean {
  return names.includes(name) && !passed.includes(seq) && (until === null || at < until)
}

function weigh(change: TaskChange, run: Run, { name, data }: KeptEvent) {
  const { handler, job } = change.rulesOf(run)
  const event = { name, data: change.value<Json>(data) }
  return handler.takes?.(job, change.scope(), event) ?? { verdict: 'taken' as const }
}

function timeIsOver(change: TaskChange, run: Run, { names }: Awaiting): WaitEnd {
  const ref = { visit: change.state.visit.n, run: run.id }
  if (names.length === 0) {
    change.emit({ type: 'awaited', ...ref, output: null })
    return { kind: 'completed' }
  }
  const { handler, job } = change.rulesOf(run)
  const message = handler.missed?.(job) ?? 'What it waited for did not come.'
  const failure: RunFailure = { code: 'timeout', message, retryable: false }
  const outcome = { kind: 'failed' as const, failure }
  change.emit({ type: 'reported', ...ref, attempt: run.attempt, lease: '', outcome, usage: null })
  return { kind: 'failed', failure }
}
