/** The way of a task through its steps: entering a step, beginning its runs, joining them, going on, getting stuck. */

import type { JoinedRun, Start, View } from '../handler/handler.ts'
import { labelsOf } from '../handler/of-step.ts'
import { handlerOf } from '../handler/registry.ts'
import { routeVisit } from '../handoff/route.ts'
import type { Json } from '../json/json.ts'
import { type Step, stepOf } from '../workflow/definition.ts'
import { COMPLETE, stepName } from '../workflow/parts.ts'
import type { Course } from './course.ts'
import type { Completed, EnteredBy, RunFailure, TriedHandoff, VisitOutcome } from './events.ts'
import { beyondCost, explainLimit, type LimitCause, reachedPolicy, visitLimit } from './limits.ts'
import { ask, askOwner, PLAIN_RUN, refOf, shownOutput } from './people/asking.ts'
import type { Run } from './state.ts'
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

/** Begins the work of the open visit, with every run that its handler asks for. */
export function begin(course: Course): void {
  const { handler, job } = course.rules
  start(
    course,
    handler.begin(job, viewOf(course)).map((each, index) => ({ id: PLAIN_RUN + index, start: each })),
  )
}

/** Begins one run of the open visit again, from nothing. */
export function beginAgain(course: Course, { id, name }: Run): void {
  const { handler, job } = course.rules
  const starts = handler.begin(job, viewOf(course))
  const again = name === null ? starts[0] : starts.find(each => each.name === name)
  if (again !== undefined) start(course, [{ id, start: again }])
}

interface Beginning {
  id: number
  start: Start
}

/** Begins these runs. One that is over at once may end the visit; whether it does is asked once all have begun. */
function start(course: Course, beginnings: Beginning[]): void {
  if (beginnings.some(each => costsTooMuch(course, each))) return reachLimit(course, 'limit_cost', {})
  for (const each of beginnings) startRun(course, each)
  const over = beginnings.find(({ start: { kind } }) => kind === 'failed' || kind === 'completed')
  if (over?.start.kind === 'failed') endRun(course, over.id, { kind: 'failed', failure: over.start.failure })
  if (over?.start.kind === 'completed') endRun(course, over.id, { kind: 'completed' })
}

function costsTooMuch(course: Course, { start: { name, ...how } }: Beginning): boolean {
  if (how.kind !== 'due') return false
  const { handler, job } = course.rulesOf({ name: name ?? null })
  return handler.spends && beyondCost(course, job.frame, how.prompt)
}

/** Records how a run begins. */
export function startRun(course: Course, { id, start: how }: Beginning): void {
  const { ctx } = course
  const ref = { visit: course.state.visit.n, ...refOf({ id, name: how.name ?? null }) }
  switch (how.kind) {
    case 'due':
      return course.emit({ type: 'due', ...ref, attempt: 1, at: ctx.now, prompt: how.prompt })
    case 'asking':
      return course.emit({ type: 'asking', ...ref, roles: how.roles })
    case 'asked':
      return ask(course, { id, name: how.name ?? null }, how.question)
    case 'awaiting':
      return course.emit({ type: 'awaiting', ...ref, until: how.until })
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

/** What handlers see of the task. */
export function viewOf(course: Course): View {
  const { now, token } = course.ctx
  const { redact = [] } = course.pinned.definition
  return { now, token, redact, scope: () => course.scope(), shown: step => shownOutput(course.state, step) }
}

/** What a run came to at its end; what it put out is in the state. */
export type RunEnd = Pick<Completed, 'kind' | 'handoff' | 'confidence'> | { kind: 'failed'; failure: RunFailure }

/** A run has ended: the visit with it, or once enough others have. */
export function endRun(course: Course, id: number, end: RunEnd): void {
  const { handler, job } = course.rules
  if (handler.join !== undefined) return join(course)
  if (end.kind === 'failed') return settle(course, failedAs(end.failure), end.failure)
  const output = course.run(id)?.output ?? null
  course.emit({ type: 'joined', visit: course.state.visit.n, output })
  settle(course, handler.judge(job, { ...end, output }))
}

/** Asks what the visit's runs come to together; once that is said, the runs that are still at work count no more. */
function join(course: Course): void {
  const { handler, job } = course.rules
  const joined = handler.join!(
    job,
    course.state.visit.runs.map(run => asJoined(course, run)),
  )
  if (joined.kind === 'open') return
  fence(course)
  if (joined.kind === 'failed') return settle(course, failedAs(joined.failure), joined.failure)
  course.emit({ type: 'joined', visit: course.state.visit.n, output: joined.output })
  settle(course, joined.outcome)
}

function asJoined(course: Course, { name, phase, output }: Run): JoinedRun {
  const failure = phase.name === 'failed' ? phase.failure : null
  const state = phase.name === 'completed' ? 'completed' : failure === null ? 'open' : 'failed'
  return { name, state, output: course.value<Json>(output), failure }
}

function fence(course: Course): void {
  const { n, runs } = course.state.visit
  for (const { id, phase } of runs) {
    if (!['completed', 'failed', 'fenced'].includes(phase.name)) course.emit({ type: 'fenced', visit: n, run: id })
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

function finish(course: Course): void {
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
  if (policy.kind === 'fail') return fail(course, cause, message)
  if (course.state.visit.open) course.emit({ type: 'left', visit: course.state.visit.n, why: 'limit' })
  enter(course, policy.step, 'limit')
}

/** The handoffs that a person may choose by hand, as names: labels, step keys, `complete`. */
export function routesOf(step: Step): string[] {
  const targets = (step.handoffs ?? []).map(handoff => handoff.to)
  return [...new Set([...labelsOf(step), ...targets, COMPLETE])]
}
