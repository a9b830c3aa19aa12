/** The way of a task through its steps: entering a step, settling a visit, going on, getting stuck. */

import { labelsOf } from '../handler/of-step.ts'
import { handlerOf } from '../handler/registry.ts'
import { routeVisit } from '../handoff/route.ts'
import type { Json } from '../json.ts'
import { renderText } from '../text/template.ts'
import { type Step, stepOf } from '../workflow/definition.ts'
import { COMPLETE, type Handoff, stepName } from '../workflow/parts.ts'
import { askOwner, askPeople } from './asking.ts'
import type { Course } from './course.ts'
import type { EnteredBy, RunFailure, StuckCause, TriedHandoff, VisitOutcome } from './events.ts'
import { beyondCost, explainLimit, type LimitCause, reachedPolicy, visitLimit } from './limits.ts'

/** The one run of a plain step. Parallel and map steps number theirs from here. */
export const PLAIN_RUN = 1

/** Enters a step: a new visit, unless a limit stands in the way. What a person does by hand is not limited. */
export function enter(course: Course, key: string, by: EnteredBy, input?: Json): void {
  const limit = by === 'handoff' ? visitLimit(course) : null
  if (limit !== null) return reachLimit(course, limit, key)
  const step = stepOf(course.pinned.definition, key)
  if (step === undefined) {
    return getStuck(
      course,
      'unknown_target',
      `A handoff leads to "${key}", which is not a step of this version.`,
      'Move the task to a step.',
    )
  }
  const { visit } = course.state
  course.emit({
    type: 'entered',
    visit: visit.n + 1,
    step: key,
    handler: handlerOf(step),
    by,
    from: visit.step || null,
    input,
  })
  begin(course)
}

/** Begins the work of the visit that is open and has no run yet. */
export function begin(course: Course): void {
  const { step } = course
  return step.human !== undefined ? askPeople(course, step.human) : beginModel(course, step)
}

function beginModel(course: Course, step: Step): void {
  const rendered = renderText(step.prompt ?? step.instructions ?? '', course.scope())
  if (!rendered.ok) return failRun(course, { code: 'template', message: rendered.message, retryable: false })
  if (beyondCost(course, step, rendered.text)) return reachLimit(course, 'limit_cost', null)
  const { visit } = course.state
  course.emit({ type: 'due', visit: visit.n, run: PLAIN_RUN, attempt: 1, at: course.ctx.now, prompt: rendered.text })
}

/** A run that fails before anyone could work on it. */
export function failRun(course: Course, failure: RunFailure): void {
  const visit = course.state.visit.n
  course.emit({
    type: 'reported',
    visit,
    run: PLAIN_RUN,
    attempt: 1,
    lease: '',
    outcome: { kind: 'failed', failure },
    usage: null,
  })
  settle(course, { kind: 'failed' }, failure)
}

/** The outcome as the log and `last.handoff` name it. */
export function outcomeName(outcome: VisitOutcome): string {
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
    default:
      return giveUp(course, failure)
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

function giveUp(course: Course, failure: RunFailure | undefined): void {
  const code = failure?.code ?? 'failed'
  course.emit({ type: 'failed', visit: course.state.visit.n, code, message: failure?.message ?? 'The step failed.' })
}

function stickAt(course: Course, step: Step, trace: TriedHandoff[]): void {
  if (trace.length === 0) {
    return getStuck(
      course,
      'no_handoffs',
      `"${stepName(step)}" has no handoffs, so the task has nowhere to go.`,
      'Route it to a step or to complete, and give the step a handoff.',
    )
  }
  const broken = trace.find(tried => tried.verdict === 'error')
  const why = broken ? ` One condition could not be evaluated: ${broken.error}.` : ''
  getStuck(
    course,
    'no_handoff_matched',
    `None of the ${trace.length} handoffs of "${stepName(step)}" matched its outcome.${why}`,
    'Route it by hand, and add a handoff without a condition as the fallback.',
  )
}

export function getStuck(course: Course, cause: StuckCause, message: string, fix: string, next?: string): void {
  course.emit({ type: 'stuck', visit: course.state.visit.n, cause, message, fix, next })
}

/** A limit forbids going on; `next` is the step that was to be entered, null when the open visit was to begin its work. */
export function reachLimit(course: Course, cause: LimitCause, next: string | null): void {
  const { message, fix } = explainLimit(course, cause)
  const policy = reachedPolicy(course)
  if (policy.kind === 'ask') return getStuck(course, cause, message, fix, next ?? undefined)
  if (policy.kind === 'fail') return course.emit({ type: 'failed', visit: course.state.visit.n, code: cause, message })
  if (course.state.visit.open) course.emit({ type: 'left', visit: course.state.visit.n, why: 'limit' })
  enter(course, policy.step, 'limit')
}

/** The handoffs that a person may choose by hand, as names: labels, step keys, `complete`. */
export function routesOf(step: Step): string[] {
  const targets = (step.handoffs ?? []).map((handoff: Handoff) => handoff.to)
  return [...new Set([...labelsOf(step), ...targets, COMPLETE])]
}
