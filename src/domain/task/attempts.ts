/** A run's attempts: claimed under a lease, reported once, tried again with backoff, given up when they keep dying. */

import { labelsOf } from '../handler/of-step.ts'
import type { Json } from '../json.ts'
import { costOf } from '../money.ts'
import type { Definition, Step } from '../workflow/definition.ts'
import { CONFIDENCE_FLOOR, durationMs, stepName } from '../workflow/parts.ts'
import type { AttemptRef, Command, Refusal, Work } from './commands.ts'
import { type Context, type Course, readValue } from './course.ts'
import type { RunFailure, RunOutcome, Usage, VisitOutcome } from './events.ts'
import { getStuck, reachLimit, settle } from './flow.ts'
import { beyondCost } from './limits.ts'
import type { Run, TaskState } from './state.ts'

/** A model call ends by itself after this, unless the step says otherwise (features D3). */
export const MODEL_TIMEOUT_MS = 60_000
/** A lease outlives its call by this, so that an answer in time is never void. */
export const LEASE_MARGIN_MS = 15_000
/** A run whose leases lapse this often will not do better by itself. */
export const MAX_LAPSES = 3
const MAX_BACKOFF_MS = 3_600_000
/** How long a task waits before it looks again whether its provider is there. */
const HOLD_MS = 60_000
const MAX_HOLD_MS = 900_000

type ClaimedRun = Run & { phase: Extract<Run['phase'], { name: 'claimed' }> }

export function timeoutMs(definition: Definition, step: Step): number {
  const text = step.timeout ?? definition.defaults?.timeout
  return (text === undefined ? null : durationMs(text)) ?? MODEL_TIMEOUT_MS
}

/** Claims a due run for a consumer. `chained` is the lease whose report asked for it. */
export function claim(
  course: Course,
  ref: { visit: number; run: number; attempt: number },
  chained?: string,
): Refusal | null {
  const { state, ctx, pinned } = course
  const run = state.visit.n === ref.visit && state.visit.open ? course.run(ref.run) : undefined
  if (run === undefined || run.attempt !== ref.attempt) return { kind: 'not_claimable', why: 'stale' }
  if (run.phase.name !== 'due') return { kind: 'not_claimable', why: 'claimed' }
  if (run.dueAt > ctx.now) return { kind: 'not_claimable', why: 'early' }
  const until = ctx.now + timeoutMs(pinned.definition, course.step) + LEASE_MARGIN_MS
  course.emit({ type: 'claimed', ...ref, lease: ctx.token(), until, chained })
  return null
}

/** The run that this lease still holds, or undefined: the attempt is void. */
export function leased(state: TaskState, ref: AttemptRef): ClaimedRun | undefined {
  if (state.visit.n !== ref.visit || !state.visit.open) return undefined
  return state.visit.runs.find(
    (run): run is ClaimedRun => run.id === ref.run && run.phase.name === 'claimed' && run.phase.lease === ref.lease,
  )
}

/** Prolongs a lease before a further outside call. */
export function beat(course: Course, command: Extract<Command, { type: 'beat' }>): Refusal | null {
  const run = leased(course.state, command)
  if (run === undefined || run.phase.until <= course.ctx.now) return { kind: 'stale_attempt' }
  const until = course.ctx.now + timeoutMs(course.pinned.definition, course.step) + LEASE_MARGIN_MS
  course.emit({ type: 'beaten', visit: command.visit, run: run.id, attempt: run.attempt, until, call: command.call })
  return null
}

/** Takes a report. One that comes late books its usage, once, and nothing else. */
export function report(course: Course, command: Extract<Command, { type: 'report' }>): Refusal | null {
  const usage = priced(command.usage)
  const run = leased(course.state, command)
  if (run === undefined) return book(course, command, usage)
  const { visit, attempt, lease, outcome } = command
  course.emit({ type: 'reported', visit, run: run.id, attempt, lease, outcome, usage })
  if (outcome.kind === 'completed') settle(course, judge(course.step, outcome))
  else retryOrFail(course, run, outcome.failure)
  if (command.chain) chain(course, lease)
  return null
}

function book(course: Course, ref: AttemptRef, usage: Usage | null): Refusal | null {
  if (Object.hasOwn(course.state.settled, ref.lease)) return null
  if (usage === null) return { kind: 'stale_attempt' }
  course.emit({ type: 'booked', visit: ref.visit, run: ref.run, attempt: ref.attempt, lease: ref.lease, usage })
  return null
}

function priced(usage: Usage | null): Usage | null {
  return usage === null ? null : { ...usage, cost: costOf(usage.model, usage.inputTokens, usage.outputTokens) }
}

/** Whether a model is asked how sure it is: where it must choose, or where the step sets a floor. */
export function isJudged(step: Step): boolean {
  return step.human === undefined && (step.confidence !== undefined || labelsOf(step).length > 0)
}

/** A model's answer as handoffs match it; below the floor it counts as unsure. */
function judge(step: Step, outcome: Extract<RunOutcome, { kind: 'completed' }>): VisitOutcome {
  if (isJudged(step) && (outcome.confidence ?? 0) < (step.confidence ?? CONFIDENCE_FLOOR)) return { kind: 'unsure' }
  return { kind: 'completed', label: outcome.handoff }
}

function retryOrFail(course: Course, run: Run, failure: RunFailure): void {
  const rule = retryRule(course.pinned.definition, course.step)
  const tries = run.attempt - run.firstAttempt + 1
  if (!failure.retryable || tries >= rule.attempts) {
    return settle(course, { kind: failure.code === 'timeout' ? 'timeout' : 'failed' }, failure)
  }
  if (beyondCost(course, course.step, promptOf(course, run))) return reachLimit(course, 'limit_cost', null)
  const at =
    course.ctx.now +
    Math.max(backoffMs(rule, tries, course.ctx.random()), Math.min(failure.retryAfterMs ?? 0, MAX_BACKOFF_MS))
  course.emit({
    type: 'due',
    visit: course.state.visit.n,
    run: run.id,
    attempt: run.attempt + 1,
    at,
    why: failure.code,
  })
}

/** The rendered prompt of a run, as every attempt of it gets. */
export function promptOf(course: Course, run: Run): string {
  return run.prompt === null ? '' : course.value(run.prompt)
}

interface RetryRule {
  attempts: number
  delayMs: number
  factor: number
}

/** The step's own settings over the workflow's over ours: 3 attempts, 2 s, doubling (definition.md). */
export function retryRule(definition: Definition, step: Step): RetryRule {
  const merged = { ...definition.defaults?.retry, ...step.retry }
  return {
    attempts: merged.attempts ?? 3,
    delayMs: (merged.delay === undefined ? null : durationMs(merged.delay)) ?? 2000,
    factor: merged.factor ?? 2,
  }
}

/** The pause after the `tries`-th failed try: exponential, ±20 % so that many do not come back at once, an hour at most. */
export function backoffMs(rule: RetryRule, tries: number, random: number): number {
  const pause = rule.delayMs * rule.factor ** (tries - 1)
  return Math.round(Math.min(pause, MAX_BACKOFF_MS) * (0.8 + 0.4 * random))
}

/** Hands the consumer the next plain run with the answer to its report, so that a short chain needs no queue hop. */
function chain(course: Course, lease: string): void {
  const { visit, status } = course.state
  const [run, ...others] = visit.runs
  if (status !== 'running' || run === undefined || others.length > 0) return
  if (run.phase.name === 'due' && run.dueAt <= course.ctx.now)
    claim(course, { visit: visit.n, run: run.id, attempt: run.attempt }, lease)
}

/** The attempt must wait for something outside: it is put back, not counted, and looked at again later. */
export function hold(course: Course, command: Extract<Command, { type: 'hold' }>): Refusal | null {
  const run = leased(course.state, command)
  if (run === undefined) return { kind: 'stale_attempt' }
  const { reason, message, fix } = command
  const until = course.ctx.now + holdMs(command.retryAfterMs, course.ctx.now - course.state.visit.enteredAt)
  course.emit({ type: 'held', visit: command.visit, run: run.id, reason, message, fix, until })
  return null
}

/** As long as the provider asked for; else ever longer the longer the task has been in its step, a quarter of an hour at most. */
function holdMs(asked: number | undefined, sinceEntered: number): number {
  if (asked !== undefined) return Math.min(Math.max(asked, 1000), MAX_BACKOFF_MS)
  return Math.min(Math.max(HOLD_MS, sinceEntered / 2), MAX_HOLD_MS)
}

/** A lease ended without a report. That is not an attempt, but three of them are a sign. */
export function lapse(course: Course, run: ClaimedRun): void {
  const visit = course.state.visit.n
  const { callOpen } = run.phase
  const lapses = run.lapses + 1
  course.emit({ type: 'lapsed', visit, run: run.id, attempt: run.attempt, lapses })
  if (callOpen !== null && !callOpen.repeatable) {
    return getStuck(
      course,
      'unknown_outcome',
      `A call of "${stepName(course.step)}" began and its outcome is not known; it must not be repeated unseen.`,
      'Find out whether it happened, then route the task by hand or retry it.',
    )
  }
  if (lapses >= MAX_LAPSES) {
    getStuck(
      course,
      'keeps_dying',
      `"${stepName(course.step)}" began ${lapses} times and its worker vanished each time.`,
      'Retry it; if it dies again, make the step smaller or its timeout longer.',
    )
  }
}

/** The same visit's run again, with all its attempts. */
export function again(course: Course, run: Run): void {
  course.emit({
    type: 'due',
    visit: course.state.visit.n,
    run: run.id,
    attempt: run.attempt + 1,
    at: course.ctx.now,
    fresh: true,
    why: 'retry',
  })
}

/** What the consumer works on; null when this lease holds nothing any more. */
export function workOf(state: TaskState, ctx: Pick<Context, 'pinned' | 'blob'>, lease: string): Work | null {
  const run = state.visit.runs.find(each => each.phase.name === 'claimed' && each.phase.lease === lease)
  if (run?.phase.name !== 'claimed' || !state.visit.open) return null
  const { definition, agents } = ctx.pinned(state.digest, state.pinned)
  const step = definition.steps.find(each => each.key === state.visit.step)
  if (step === undefined) return null
  return {
    task: state.task,
    team: state.team,
    workflow: state.workflow,
    visit: state.visit.n,
    run: run.id,
    attempt: run.attempt,
    lease,
    until: run.phase.until,
    step: step.key,
    stepName: stepName(step),
    agent: step.agent === undefined ? null : { key: step.agent, version: agents[step.agent] ?? 0 },
    prompt: run.prompt === null ? '' : readValue<string>(run.prompt, ctx.blob),
    model: step.model ?? definition.defaults?.model ?? null,
    timeoutMs: timeoutMs(definition, step),
    schema: (step.output as Record<string, Json> | undefined) ?? null,
    labels: modelLabels(step),
    judged: isJudged(step),
  }
}

/** A model must choose one of the step's labels, or `default` where there is a fallback. */
function modelLabels(step: Step): string[] {
  const labels = labelsOf(step)
  const fallback = (step.handoffs ?? []).some(h => h.if === undefined && (h.when === undefined || h.when === 'default'))
  return labels.length === 0 ? [] : fallback ? [...labels, 'default'] : labels
}
