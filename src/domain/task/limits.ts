/** A task's limits: visits, cost and duration, checked before work begins, and what happens when one is reached. */
import { dollars } from '../money.ts'
import { type Definition, stepOf } from '../workflow/definition.ts'
import { durationMs, type Limits } from '../workflow/parts.ts'
import { costLimit, spentBySteps, spentInAll } from './cost.ts'
import type { StuckCause } from './events.ts'
import type { TaskState } from './state.ts'
import type { TaskChange } from './task-change.ts'

/** Visits that a task may make unless its workflow says otherwise. */
const DEFAULT_STEPS = 20
/** Calls to the outside that a task may make unless its workflow says otherwise. */
const DEFAULT_CALLS = 100

export type LimitCause = Extract<StuckCause, `limit_${string}`>

/** When the duration limit of a task that began at `from` is reached, in ms since the epoch; null: never. */
export function durationEnd(limits: Limits | undefined, from: number): number | null {
  const ms = limits?.duration === undefined ? null : durationMs(limits.duration)
  return ms === null ? null : from + ms
}

/** How many visits the task may make in all. */
export function stepsLimit(state: TaskState, definition: Definition): number {
  return state.raised.steps ?? definition.limits?.steps ?? DEFAULT_STEPS
}

/** Whether one more call to the outside would go beyond how many the task may make. */
export function beyondCalls({ state, pinned }: TaskChange): boolean {
  return state.calls >= callsLimit(state, pinned.definition)
}

/** How many calls to the outside the task may make in all. */
export function callsLimit(state: TaskState, definition: Definition): number {
  return state.raised.calls ?? definition.limits?.calls ?? DEFAULT_CALLS
}

/** The limit that forbids one more visit, or null. */
export function visitLimit(change: TaskChange): LimitCause | null {
  const { state, ctx } = change
  if (state.until !== null && ctx.now >= state.until) return 'limit_duration'
  return state.visit.n >= stepsLimit(state, change.pinned.definition) ? 'limit_steps' : null
}

/** Whether the task's duration is over and stops it now: not while a call is in flight, nor once its step for limits was entered. */
export function isPastDuration(state: TaskState, now: number): boolean {
  const stoppable = state.status === 'running' || state.status === 'held' || state.status === 'waiting'
  const calling = state.visit.runs.some(run => run.phase.name === 'claimed')
  return stoppable && !calling && !state.limitStepUsed && state.until !== null && state.until <= now
}

/** Where the definition sends a task that reached a limit: a step's key, once; else `ask` or `fail`. */
export function reachedPolicy(change: TaskChange): { kind: 'ask' } | { kind: 'fail' } | { kind: 'step'; step: string } {
  const { definition } = change.pinned
  const reached = definition.limits?.reached ?? 'ask'
  if (reached === 'fail') return { kind: 'fail' }
  if (reached === 'ask' || change.state.limitStepUsed || stepOf(definition, reached) === undefined)
    return { kind: 'ask' }
  return { kind: 'step', step: reached }
}

/** Says which limit was reached and how to go on. */
export function explainLimit(change: TaskChange, cause: LimitCause): { message: string; fix: string } {
  const { state } = change
  const { definition } = change.pinned
  switch (cause) {
    case 'limit_steps':
      return {
        message: `It has made ${state.visit.n} visits, the limit of its workflow.`,
        fix: 'Raise the number of steps for this task, move it to another step, or cancel it.',
      }
    case 'limit_cost':
      return {
        message: `It has spent ${spentSoFar(state)}; one more call may go beyond its limit of ${dollars(costLimit(state, definition) ?? 0)}.${stepsText(state, definition)}`,
        fix: 'Raise its limit, go on with a cheaper model, finish with what there is, or cancel it.',
      }
    case 'limit_calls':
      return {
        message: `It has made ${state.calls} calls to the outside, the limit of its workflow.`,
        fix: 'Raise the number of calls for this task, move it to another step, or cancel it.',
      }
    case 'limit_duration':
      return {
        message: `It has run for longer than its workflow allows (${definition.limits?.duration}).`,
        fix: 'Raise the duration of this task, move it to another step, or cancel it.',
      }
  }
}

/** To four decimals, as a limit is met by fractions of a cent; an amount that these would show as $0.0000 is said in words. */
function spentSoFar(state: TaskState): string {
  const usd = spentInAll(state)
  if (usd === 0) return 'nothing yet'
  return usd < 0.0001 ? 'less than $0.0001' : `$${usd.toFixed(4)}`
}

/** " By step: Draft $1.20, Review $0.78 (4 calls without a price)."; '' where nothing was spent. */
function stepsText(state: TaskState, definition: Definition): string {
  const said = spentBySteps(state, definition).map(({ name, usd, unpriced }) => {
    const calls = unpriced === 0 ? '' : ` (${unpriced} ${unpriced === 1 ? 'call' : 'calls'} without a price)`
    return `${name} ${dollars(usd)}${calls}`
  })
  return said.length === 0 ? '' : ` By step: ${said.join(', ')}.`
}
