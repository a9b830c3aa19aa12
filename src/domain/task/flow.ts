/** The way of a task through its steps: entering a step, beginning its runs, joining them, going on, getting stuck. */

import type { Joined, Start, View } from '../handler/handler.ts'
import { labelsOf } from '../handler/of-step.ts'
import { handlerOf } from '../handler/registry.ts'
import { routeVisit } from '../handoff/route.ts'
import type { Json } from '../json/json.ts'
import { renderValue } from '../template/template.ts'
import { type Step, stepOf } from '../workflow/definition.ts'
import { COMPLETE, stepName } from '../workflow/parts.ts'
import type { Course } from './course.ts'
import type { Completed, EnteredBy, RunFailure, TriedHandoff, VisitOutcome } from './events.ts'
import { beyondCost, explainLimit, type LimitCause, reachedPolicy, visitLimit } from './limits.ts'
import { type AskingRun, ask, askOwner, refOf, shownOutput } from './people/asking.ts'
import { promptOf } from './run/lease.ts'
import { hasEnded, joinedOf, nextInLine, underWay } from './run/side-by-side.ts'
import { begunWait, endOfWait } from './run/waiting.ts'
import { PLAIN_RUN, type Run } from './state.ts'
import { fail, getStuck } from './stop.ts'

/** Enters a step: a new visit, unless a limit stands in the way. What a person does by hand is not limited. */
export function enter(course: Course, key: string, by: EnteredBy, input?: Json): void {
  const limit = by === 'handoff' ? visitLimit(course) : null
  if (limit !== null) return reachLimit(course, limit, { next: key })
  const step = stepOf(course.pinned.definition, key)
  if (step === undefined) {
    const message = `A handoff leads to "${key}", which is not a step of this version.`
    return getStuck(course, { cause: 'unknown_target', message, fix: 'Move the task to a step.' })
  }
  const { visit } = course.state
  const from = visit.step || null
  course.emit({ type: 'entered', visit: visit.n + 1, step: key, handler: handlerOf(step), by, from, input })
  begin(course)
}

/** Begins the work of the open visit: its one run, or those that it is done in. */
export function begin(course: Course): void {
  const { handler, job } = course.rules
  if (handler.spread !== undefined) return plan(course)
  const [start] = handler.begin(job, viewOf(course))
  if (start === undefined) return
  if (costsTooMuch(course, PLAIN, start)) return reachLimit(course, 'limit_cost', {})
  startRun(course, PLAIN, start)
}

const PLAIN = { id: PLAIN_RUN, name: null }

/** Says which runs the visit's work is done in, and begins as many as may be at work. */
function plan(course: Course): void {
  const { handler, job } = course.rules
  const planned = handler.spread!.plan(job, viewOf(course))
  const visit = course.state.visit.n
  if (planned.kind === 'failed') {
    const { failure } = planned
    const outcome = { kind: 'failed' as const, failure }
    course.emit({ type: 'reported', visit, run: PLAIN_RUN, attempt: 1, lease: '', outcome, usage: null })
    return settle(course, failedAs(failure), failure)
  }
  const { names, items, atOnce } = planned
  course.emit({ type: 'planned', visit, names, items, atOnce })
  advance(course)
}

/** Ends a visit of several runs once they have come to something together; until then lets those begin whose turn it is. */
export function advance(course: Course): void {
  const visit = course.state.visit.n
  // Each turn begins or stops one run more, so that this ends.
  for (;;) {
    if (course.state.visit.n !== visit || !course.state.visit.open) return
    const joined = joinedOf(course)
    if (joined.kind !== 'open') return conclude(course, joined)
    const next = nextInLine(course)
    if (next === undefined || !takeTurn(course, next)) return
  }
}

/** Begins the run; false: what others may cost that are under way leaves too little, so that it waits for their end. */
function takeTurn(course: Course, run: Run): boolean {
  const start = run.prompt === null ? startOf(course, run) : { kind: 'due' as const, prompt: promptOf(course, run) }
  if (costsTooMuch(course, run, start)) {
    if (underWay(course, run.id) !== null) return false
    reachLimit(course, 'limit_cost', { run: run.id })
    return true
  }
  if (run.prompt === null) recordStart(course, run, start)
  else again(course, run)
  return true
}

/** The same visit's run again: with all its attempts, or from nothing where it never came to be worked on. */
export function beginAgain(course: Course, run: Run): void {
  if (run.prompt !== null) return again(course, run)
  const start = startOf(course, run)
  if (costsTooMuch(course, run, start)) return reachLimit(course, 'limit_cost', {})
  startRun(course, run, start)
}

function again(course: Course, { id, name, attempt }: Run): void {
  const visit = course.state.visit.n
  const { now } = course.ctx
  course.emit({
    type: 'due',
    visit,
    ...refOf({ id, name }),
    attempt: attempt + 1,
    at: now,
    fresh: true,
    why: 'retry',
  })
}

function startOf(course: Course, run: AskingRun): Start {
  const { handler, job } = course.rulesOf(run)
  return handler.begin(job, viewOf(course, run))[0]!
}

function costsTooMuch(course: Course, run: AskingRun, start: Start): boolean {
  if (start.kind !== 'due') return false
  const { handler, job } = course.rulesOf(run)
  return handler.spends && beyondCost(course, job.frame, start.prompt, underWay(course, run.id) ?? 0)
}

/** Begins a run; one that is over at once, as it failed or needs no work, may end its visit. */
export function startRun(course: Course, run: AskingRun, start: Start): void {
  recordStart(course, run, start)
  if (start.kind === 'completed') endRun(course, run.id, { kind: 'completed' })
  if (start.kind === 'failed') endRun(course, run.id, { kind: 'failed', failure: start.failure })
  if (start.kind === 'awaiting') endWaits(course)
}

/** Ends the waits whose time is over, or whose event is there. */
export function endWaits(course: Course): void {
  const { n, runs } = course.state.visit
  for (const { id } of runs) {
    // What one of them comes to may have ended the visit.
    const run = course.state.visit.n === n ? course.run(id) : undefined
    const end = run === undefined ? null : endOfWait(course, run)
    if (end !== null) endRun(course, id, end)
  }
}

function recordStart(course: Course, run: AskingRun, how: Start): void {
  const ref = { visit: course.state.visit.n, ...refOf(run) }
  switch (how.kind) {
    case 'due':
      return course.emit({
        type: 'due',
        ...ref,
        ...kindOf(course, run),
        attempt: 1,
        at: course.ctx.now,
        prompt: how.prompt,
      })
    case 'asking':
      return course.emit({ type: 'asking', ...ref, roles: how.roles })
    case 'asked':
      return ask(course, run, how.question)
    case 'awaiting':
      return course.emit(begunWait(ref, how))
    case 'completed': {
      const { kind, output, reasoning } = how
      return course.emit({
        type: 'reported',
        ...ref,
        attempt: 1,
        lease: '',
        outcome: { kind, output, reasoning },
        usage: null,
      })
    }
    case 'failed': {
      const outcome = { kind: 'failed' as const, failure: how.failure }
      return course.emit({ type: 'reported', ...ref, attempt: 1, lease: '', outcome, usage: null })
    }
  }
}

/** What handles a branch, as its visit does not say so. */
function kindOf(course: Course, run: AskingRun): { handler?: string } {
  return run.name === null ? {} : { handler: course.rulesOf(run).job.kind }
}

/** What handlers see of the task; `run`: what that one reads besides. */
export function viewOf(course: Course, run?: AskingRun): View {
  const { now, token } = course.ctx
  const { redact = [] } = course.pinned.definition
  const scope = () => ({ ...course.scope(), ...(run === undefined ? {} : itemOf(course, run)) })
  return { now, token, redact, scope, shown: step => shownOutput(course.state, step) }
}

function itemOf(course: Course, { id, name }: AskingRun): Record<string, Json> {
  const { handler, job } = course.rules
  const { plan } = course.state.visit
  if (name === null || plan === null || plan.items === null) return {}
  const items = course.value<Json>(plan.items) as Json[]
  const index = id - PLAIN_RUN
  return handler.spread?.reads?.(job, index, items[index] ?? null) ?? {}
}

/** What a run came to at its end; what it put out is in the state. */
export type RunEnd = Pick<Completed, 'kind' | 'handoff' | 'confidence'> | { kind: 'failed'; failure: RunFailure }

/** A run has ended: the visit with it, or once enough others have. */
export function endRun(course: Course, id: number, end: RunEnd): void {
  const { handler, job } = course.rules
  if (handler.spread !== undefined) return advance(course)
  if (end.kind === 'failed') return settle(course, failedAs(end.failure), end.failure)
  const output = course.run(id)?.output ?? null
  course.emit({ type: 'joined', visit: course.state.visit.n, output })
  settle(course, handler.judge(job, { ...end, output }))
}

/** Ends a visit of several runs: those that are still at work count no more. */
function conclude(course: Course, joined: Exclude<Joined, { kind: 'open' }>): void {
  fence(course)
  if (joined.kind === 'failed') return settle(course, failedAs(joined.failure), joined.failure)
  course.emit({ type: 'joined', visit: course.state.visit.n, output: joined.output })
  settle(course, joined.outcome)
}

/** What is still at work counts no more; what never began waits on, for nothing. */
function fence(course: Course): void {
  const { n, runs } = course.state.visit
  for (const run of runs) {
    if (!hasEnded(run) && run.phase.name !== 'queued') course.emit({ type: 'fenced', visit: n, run: run.id })
  }
}

function failedAs(failure: RunFailure): VisitOutcome {
  return { kind: failure.code === 'timeout' ? 'timeout' : 'failed' }
}

/** The outcome as the log and `last.handoff` name it. */
function outcomeName(outcome: VisitOutcome): string {
  return outcome.kind === 'completed' ? (outcome.label ?? 'done') : outcome.kind
}

/** Ends the visit with this outcome: its handoffs say where the task goes. */
export function settle(course: Course, outcome: VisitOutcome, failure?: RunFailure): void {
  const { step, state } = course
  const record = state.steps[step.key]
  const output = record?.visit === state.visit.n ? course.value<Json>(record.output) : null
  const { chosen, trace } = routeVisit(step, outcome, { ...course.scope(), output })
  course.emit({
    type: 'routed',
    visit: state.visit.n,
    outcome: outcomeName(outcome),
    trace,
    to: chosen?.to ?? null,
    by: 'handoff',
  })
  if (chosen !== null) return goTo(course, chosen.to, 'handoff')
  switch (outcome.kind) {
    case 'completed':
      return stickAt(course, step, trace)
    case 'unsure':
      return askOwner(course)
    case 'failed':
    case 'timeout':
      return fail(course, failure?.code ?? 'failed', failure?.message ?? 'The step failed.')
  }
}

/** Goes where a handoff leads: to a step, or to the end. */
export function goTo(course: Course, to: string, by: 'handoff' | 'route'): void {
  if (to === COMPLETE) return finish(course)
  enter(course, to, by)
}

/** A task comes to what its definition names, else to its latest output; so, too, where a step that is named was never reached. */
function finish(course: Course): void {
  const { result } = course.pinned.definition
  const named = result === undefined ? null : renderValue(result, course.scope())
  if (named?.ok) return course.emit({ type: 'finished', result: named.value })
  const latest = Object.values(course.state.steps)
    .filter(record => record.output !== null)
    .sort((a, b) => b.visit - a.visit)[0]
  course.emit({ type: 'finished', result: latest?.output ?? null })
}

function stickAt(course: Course, step: Step, trace: TriedHandoff[]): void {
  const name = `"${stepName(step)}"`
  if (trace.length === 0) {
    const message = `${name} has no handoffs, so the task has nowhere to go.`
    const fix = 'Route it to a step or to complete, and give the step a handoff.'
    return getStuck(course, { cause: 'no_handoffs', message, fix })
  }
  const broken = trace.find(tried => tried.verdict === 'error')
  const why = broken ? ` One condition could not be evaluated: ${broken.error}.` : ''
  const message = `None of the ${trace.length} handoffs of ${name} matched its outcome.${why}`
  const fix = 'Route it by hand, and add a handoff without a condition as the fallback.'
  getStuck(course, { cause: 'no_handoff_matched', message, fix })
}

/**
 * A limit forbids going on. `next` is the step that was to be entered, if not the open visit was to begin its work; `run`
 * the one run that may not go on.
 */
export function reachLimit(course: Course, cause: LimitCause, at: { next?: string; run?: number }): void {
  const { message, fix } = explainLimit(course, cause)
  const policy = reachedPolicy(course)
  if (policy.kind === 'ask') return getStuck(course, { cause, message, fix, ...at })
  if (policy.kind === 'fail') {
    // Others of its visit may be at work: what they still do counts no more.
    if (course.state.visit.plan !== null) fence(course)
    return fail(course, cause, message)
  }
  if (course.state.visit.open) course.emit({ type: 'left', visit: course.state.visit.n, why: 'limit' })
  enter(course, policy.step, 'limit')
}

/** The handoffs that a person may choose by hand, as names: labels, step keys, `complete`. */
export function routesOf(step: Step): string[] {
  const targets = (step.handoffs ?? []).map(handoff => handoff.to)
  return [...new Set([...labelsOf(step), ...targets, COMPLETE])]
}
