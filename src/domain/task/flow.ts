/** The way of a task through its steps: entering a step, beginning its runs, joining them, going on, getting stuck. */

import { withFiles } from '../file/file.ts'
import type { Joined, Start, View } from '../handler/handler.ts'
import { labelsOf } from '../handler/of-step.ts'
import { handlerOf } from '../handler/registry.ts'
import { routeVisit } from '../handoff/route.ts'
import type { Json } from '../json/json.ts'
import { renderValue } from '../template/template.ts'
import { type Step, stepOf } from '../workflow/definition.ts'
import { COMPLETE, stepName } from '../workflow/parts.ts'
import { beyondCost } from './cost.ts'
import type { EnteredBy } from './events.ts'
import { explainLimit, type LimitCause, reachedPolicy, visitLimit } from './limits.ts'
import { type AskingRun, ask, askOwner, refOf, shownOutput } from './people/asking.ts'
import { awaitsTexts } from './reading.ts'
import { givenTo } from './run/lease.ts'
import type { Completed, RunFailure, TriedHandoff, VisitOutcome } from './run/outcome.ts'
import { hasEnded, joinedOf, nextInLine, underWay } from './run/side-by-side.ts'
import { begunWait, endOfWait } from './run/waiting.ts'
import { depthOf, PLAIN_RUN, type Run } from './state.ts'
import { fail, getStuck } from './stop.ts'
import type { TaskChange } from './task-change.ts'

/** Enters a step: a new visit, unless a limit stands in the way. What a person does by hand is not limited. */
export function enter(change: TaskChange, key: string, by: EnteredBy, input?: Json): void {
  const limit = by === 'handoff' ? visitLimit(change) : null
  if (limit !== null) return reachLimit(change, limit, { next: key })
  const step = stepOf(change.pinned.definition, key)
  if (step === undefined) {
    const message = `A handoff leads to "${key}", which is not a step of this version.`
    return getStuck(change, { cause: 'unknown_target', message, fix: 'Move the task to a step.' })
  }
  const { visit } = change.state
  const from = visit.step || null
  change.emit({ type: 'entered', visit: visit.n + 1, step: key, handler: handlerOf(step), by, from, input })
  begin(change)
}

/** Begins the work of the open visit: its one run, or those that it is done in. */
export function begin(change: TaskChange): void {
  // It begins once they are read, by the command that says so.
  if (awaitsTexts(change.state, change.pinned.definition)) return
  const { handler, job } = change.rules
  if (handler.spread !== undefined) return plan(change)
  const [start] = handler.begin(job, viewOf(change))
  if (start === undefined) return
  if (costsTooMuch(change, PLAIN, start)) return reachLimit(change, 'limit_cost', {})
  startRun(change, PLAIN, start)
}

const PLAIN = { id: PLAIN_RUN, name: null }

/** Says which runs the visit's work is done in, and begins as many as may be at work. */
function plan(change: TaskChange): void {
  const { handler, job } = change.rules
  const planned = handler.spread!.plan(job, viewOf(change))
  const visit = change.state.visit.n
  if (planned.kind === 'failed') {
    const { failure } = planned
    const outcome = { kind: 'failed' as const, failure }
    change.emit({ type: 'reported', visit, run: PLAIN_RUN, attempt: 1, lease: '', outcome, usage: null })
    return settle(change, failedAs(failure), failure)
  }
  const { names, items, atOnce } = planned
  change.emit({ type: 'planned', visit, names, items, atOnce })
  advance(change)
}

/** Ends a visit of several runs once they have come to something together; until then lets those begin whose turn it is. */
export function advance(change: TaskChange): void {
  const visit = change.state.visit.n
  // Each turn begins or stops one run more, so that this ends.
  for (;;) {
    if (change.state.visit.n !== visit || !change.state.visit.open) return
    const joined = joinedOf(change)
    if (joined.kind !== 'open') return conclude(change, joined)
    const next = nextInLine(change)
    if (next === undefined || !takeTurn(change, next)) return
  }
}

/** Begins the run; false: what others may cost that are under way leaves too little, so that it waits for their end. */
function takeTurn(change: TaskChange, run: Run): boolean {
  const start = run.prompt === null ? startOf(change, run) : { kind: 'due' as const, ...givenTo(change, run) }
  if (costsTooMuch(change, run, start)) {
    if (underWay(change, run.id) !== null) return false
    reachLimit(change, 'limit_cost', { run: run.id })
    return true
  }
  if (run.prompt === null) recordStart(change, run, start)
  else again(change, run)
  return true
}

/** The same visit's run again: with all its attempts, or from nothing where it never came to be worked on. */
export function beginAgain(change: TaskChange, run: Run): void {
  if (run.prompt !== null) return again(change, run)
  const start = startOf(change, run)
  if (costsTooMuch(change, run, start)) return reachLimit(change, 'limit_cost', {})
  startRun(change, run, start)
}

function again(change: TaskChange, { id, name, attempt }: Run): void {
  const visit = change.state.visit.n
  const { now } = change.ctx
  change.emit({
    type: 'due',
    visit,
    ...refOf({ id, name }),
    attempt: attempt + 1,
    at: now,
    fresh: true,
    why: 'retry',
  })
}

function startOf(change: TaskChange, run: AskingRun): Start {
  const { handler, job } = change.rulesOf(run)
  return handler.begin(job, viewOf(change, run))[0]!
}

function costsTooMuch(change: TaskChange, run: AskingRun, start: Start): boolean {
  if (start.kind !== 'due') return false
  return beyondCost(change, change.rulesOf(run), start, underWay(change, run.id) ?? 0)
}

/** Begins a run; one that is over at once, as it failed or needs no work, may end its visit. */
export function startRun(change: TaskChange, run: AskingRun, start: Start): void {
  recordStart(change, run, start)
  if (start.kind === 'completed') endRun(change, run.id, { kind: 'completed' })
  if (start.kind === 'failed') endRun(change, run.id, { kind: 'failed', failure: start.failure })
  if (start.kind === 'awaiting') endWaits(change)
}

/** Ends the waits whose time is over, or whose event is there. */
export function endWaits(change: TaskChange): void {
  const { n, runs } = change.state.visit
  for (const { id } of runs) {
    // What one of them comes to may have ended the visit.
    const run = change.state.visit.n === n ? change.run(id) : undefined
    const end = run === undefined ? null : endOfWait(change, run)
    if (end !== null) endRun(change, id, end)
  }
}

function recordStart(change: TaskChange, run: AskingRun, how: Start): void {
  const ref = { visit: change.state.visit.n, ...refOf(run) }
  switch (how.kind) {
    case 'due':
      return change.emit({
        type: 'due',
        ...ref,
        ...kindOf(change, run),
        attempt: 1,
        at: change.ctx.now,
        prompt: how.prompt,
        ...(how.files && { files: how.files }),
      })
    case 'asking': {
      const { kind: type, ...needed } = how
      return change.emit({ type, ...ref, ...needed })
    }
    case 'asked':
      return ask(change, run, how.question)
    case 'awaiting':
      return change.emit(begunWait(ref, how))
    case 'completed': {
      const { kind, output, reasoning } = how
      return change.emit({
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
      return change.emit({ type: 'reported', ...ref, attempt: 1, lease: '', outcome, usage: null })
    }
  }
}

/** What handles a branch, as its visit does not say so. */
function kindOf(change: TaskChange, run: AskingRun): { handler?: string } {
  return run.name === null ? {} : { handler: change.rulesOf(run).job.kind }
}

/** What handlers see of the task; `run`: what that one reads besides. */
export function viewOf(change: TaskChange, run?: AskingRun): View {
  const { now, token } = change.ctx
  const { redact = [] } = change.pinned.definition
  const scope = () => {
    const known = change.scope()
    return run === undefined ? known : { ...known, ...inPlace(itemOf(change, run), known.files ?? []) }
  }
  const { remind } = change.state.terms
  const shown: View['shown'] = step => shownOutput(change.state, step)
  return { now, token, redact, depth: depthOf(change.state), scope, shown, ...(remind && { remind }) }
}

/** Items name files by their ids. */
function inPlace(item: Record<string, Json>, files: readonly Json[]): Record<string, Json> {
  const byId = new Map(files.map(file => [(file as { id: string }).id, file]))
  return withFiles(item, byId) as Record<string, Json>
}

function itemOf(change: TaskChange, { id, name }: AskingRun): Record<string, Json> {
  const { handler, job } = change.rules
  const { plan } = change.state.visit
  if (name === null || plan === null || plan.items === null) return {}
  const items = change.value<Json>(plan.items) as Json[]
  const index = id - PLAIN_RUN
  return handler.spread?.reads?.(job, index, items[index] ?? null) ?? {}
}

/** What a run came to at its end; what it put out is in the state. */
export type RunEnd = Pick<Completed, 'kind' | 'handoff' | 'confidence'> | { kind: 'failed'; failure: RunFailure }

/** A run has ended: the visit with it, or once enough others have. */
export function endRun(change: TaskChange, id: number, end: RunEnd): void {
  const { handler, job } = change.rules
  if (handler.spread !== undefined) return advance(change)
  if (end.kind === 'failed') return settle(change, failedAs(end.failure), end.failure)
  const output = change.run(id)?.output ?? null
  change.emit({ type: 'joined', visit: change.state.visit.n, output })
  settle(change, handler.judge(job, { ...end, output }))
}

/** Ends a visit of several runs: those that are still at work count no more. */
function conclude(change: TaskChange, joined: Exclude<Joined, { kind: 'open' }>): void {
  fence(change)
  if (joined.kind === 'failed') return settle(change, failedAs(joined.failure), joined.failure)
  change.emit({ type: 'joined', visit: change.state.visit.n, output: joined.output })
  settle(change, joined.outcome)
}

/** What is still at work counts no more; what never began waits on, for nothing. */
function fence(change: TaskChange): void {
  const { n, runs } = change.state.visit
  for (const run of runs) {
    if (!hasEnded(run) && run.phase.name !== 'queued') change.emit({ type: 'fenced', visit: n, run: run.id })
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
export function settle(change: TaskChange, outcome: VisitOutcome, failure?: RunFailure): void {
  const { step, state } = change
  const record = state.steps[step.key]
  const output = record?.visit === state.visit.n ? change.value<Json>(record.output) : null
  const { chosen, trace } = routeVisit(step, outcome, { ...change.scope(), output })
  change.emit({
    type: 'routed',
    visit: state.visit.n,
    outcome: outcomeName(outcome),
    trace,
    to: chosen?.to ?? null,
    by: 'handoff',
  })
  if (chosen !== null) return goTo(change, chosen.to, 'handoff')
  switch (outcome.kind) {
    case 'completed':
      return stickAt(change, step, trace)
    case 'unsure':
      return askOwner(change)
    case 'failed':
    case 'timeout':
      return fail(change, failure?.code ?? 'failed', failure?.message ?? 'The step failed.')
  }
}

/** Goes where a handoff leads: to a step, or to the end. */
export function goTo(change: TaskChange, to: string, by: 'handoff' | 'route'): void {
  if (to === COMPLETE) return finish(change)
  enter(change, to, by)
}

/** A task comes to what its definition names, else to its latest output; so, too, where a step that is named was never reached. */
function finish(change: TaskChange): void {
  const { result } = change.pinned.definition
  const named = result === undefined ? null : renderValue(result, change.scope())
  if (named?.ok) return change.emit({ type: 'finished', result: named.value })
  const latest = Object.values(change.state.steps)
    .filter(record => record.output !== null)
    .sort((a, b) => b.visit - a.visit)[0]
  change.emit({ type: 'finished', result: latest?.output ?? null })
}

function stickAt(change: TaskChange, step: Step, trace: TriedHandoff[]): void {
  const name = `"${stepName(step)}"`
  if (trace.length === 0) {
    const message = `${name} has no handoffs, so the task has nowhere to go.`
    const fix = 'Route it to a step or to complete, and give the step a handoff.'
    return getStuck(change, { cause: 'no_handoffs', message, fix })
  }
  const broken = trace.find(tried => tried.verdict === 'error')
  const why = broken ? ` One condition could not be evaluated: ${broken.error}.` : ''
  const message = `None of the ${trace.length} handoffs of ${name} matched its outcome.${why}`
  const fix = 'Route it by hand, and add a handoff without a condition as the fallback.'
  getStuck(change, { cause: 'no_handoff_matched', message, fix })
}

/**
 * A limit forbids going on. `next` is the step that was to be entered, if not the open visit was to begin its work; `run`
 * the one run that may not go on.
 */
export function reachLimit(change: TaskChange, cause: LimitCause, at: { next?: string; run?: number }): void {
  const { message, fix } = explainLimit(change, cause)
  const policy = reachedPolicy(change)
  if (policy.kind === 'ask') return getStuck(change, { cause, message, fix, ...at })
  if (policy.kind === 'fail') {
    // Others of its visit may be at work: what they still do counts no more.
    if (change.state.visit.plan !== null) fence(change)
    return fail(change, cause, message)
  }
  if (change.state.visit.open) change.emit({ type: 'left', visit: change.state.visit.n, why: 'limit' })
  enter(change, policy.step, 'limit')
}

/** The handoffs that a person may choose by hand, as names: labels, step keys, `complete`. */
export function routesOf(step: Step): string[] {
  const targets = (step.handoffs ?? []).map(handoff => handoff.to)
  return [...new Set([...labelsOf(step), ...targets, COMPLETE])]
}
