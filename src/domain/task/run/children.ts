/** Tasks of other workflows that runs start: begun, heard of, ended, and called back when nobody waits for them any more. */
import type { WorkflowJob } from '../../handler/workflow.ts'
import type { Json } from '../../json/json.ts'
import { validate } from '../../schema/validate.ts'
import type { Command, Refusal } from '../commands.ts'
import { endRun } from '../flow.ts'
import type { Standing } from '../log/source.ts'
import { refOf } from '../people/asking.ts'
import { type Child, mayGoOn, type Run, standingOf } from '../state.ts'
import type { TaskChange } from '../task-change.ts'
import { retryOrFail } from './attempts.ts'
import { childIsThere } from './child-start.ts'
import { isGone, unwanted } from './family.ts'
import type { RunFailure } from './outcome.ts'

type Heard = Extract<Command, { type: 'heard' }>

/**
 * A child says how it stands. One that nobody has heard of yet was started by a worker that was lost; if its run no longer
 * waits for it, it is called back.
 */
export function heard(change: TaskChange, said: Heard): Refusal | null {
  const known = change.state.children.find(child => child.task === said.child)
  if (known === undefined) childOutOfTheBlue(change, said)
  else if (known.visit !== said.visit || known.run !== said.run) return { kind: 'stale_attempt' }
  // What was said before a child came to its end may be heard after it.
  const isOver = known !== undefined && isGone(known)
  if (isOver || said.standing === 'open' || known?.ended?.standing === said.standing) return null
  const { visit, run, child, of, standing, result, message, spent } = said
  change.emit({ type: 'returned', visit, run, child, of, standing, result, message, spent })
  endChildren(change)
  return null
}

/** It is awaited if its run is still at the attempt that it was started in; else it comes to nothing. */
function childOutOfTheBlue(change: TaskChange, { visit, run: id, attempt, child, workflow, of }: Heard): void {
  const { state } = change
  const run = state.visit.n === visit && state.visit.open ? change.run(id) : undefined
  const isMeant = run?.attempt === attempt && ['due', 'claimed', 'held'].includes(run.phase.name)
  if (isMeant && state.halted !== 'failed') return childIsThere(change, run, { child, workflow, of })
  change.emit({ type: 'started', visit, run: id, attempt, child, workflow, of, waits: false, until: null })
  change.emit({ type: 'recalled', visit, run: id, child, of })
}

/** The task that started this one has heard; what has changed since then is still to be told. */
export function toldParent(change: TaskChange, standing: Standing): void {
  const { state } = change
  if (standing === standingOf(state) && standing !== state.told) change.emit({ type: 'told', standing })
}

/** Calls back the children that nobody waits for any more. */
export function recall(change: TaskChange): void {
  for (const { visit, run, task, name } of unwanted(change.state)) {
    change.emit({ type: 'recalled', visit, run, child: task, of: name })
  }
}

/** Ends the runs whose child has come to something, or that waited for one as long as they may. */
export function endChildren(change: TaskChange): void {
  const { n, runs } = change.state.visit
  for (const { id } of runs) {
    // What one of them comes to may have ended the visit.
    const run = change.state.visit.n === n ? change.run(id) : undefined
    if (run !== undefined) endOfChild(change, run)
  }
}

function endOfChild(change: TaskChange, run: Run): void {
  const { phase } = run
  if (phase.name !== 'awaiting' || phase.child === undefined || !mayGoOn(change.state, run)) return
  const child = change.state.children.find(each => each.task === phase.child)
  if (child === undefined) return
  if (child.ended === null) {
    if (phase.until !== null && phase.until <= change.ctx.now) failed(change, run, tookTooLong(change, run, child))
    return
  }
  if (child.ended.standing !== 'done') return failed(change, run, failureOf(change, run, child))
  const result = change.value<Json>(child.ended.result)
  const fault = faultOf(change, run, child, result)
  if (fault !== null) return failed(change, run, fault)
  const output = { task: child.task, status: 'done', result }
  change.emit({ type: 'awaited', visit: change.state.visit.n, run: run.id, output })
  endRun(change, run.id, { kind: 'completed' })
}

function failed(change: TaskChange, run: Run, failure: RunFailure): void {
  const outcome = { kind: 'failed' as const, failure }
  const ref = { visit: change.state.visit.n, ...refOf(run), attempt: run.attempt }
  change.emit({ type: 'reported', ...ref, lease: '', outcome, usage: null })
  retryOrFail(change, run, failure)
}

function jobOf(change: TaskChange, run: Run): WorkflowJob {
  return change.rulesOf(run).job as WorkflowJob
}

/** Another child is started in its place only where the step asks for retries: it has had attempts of its own. */
function failureOf(change: TaskChange, run: Run, { name, ended }: Child): RunFailure {
  if (ended?.standing === 'cancelled') {
    const message = `The task of “${name}” was cancelled${ended.message === null ? '.' : `: ${ended.message}`}`
    return { code: 'child_cancelled', message, retryable: false }
  }
  const message = `The task of “${name}” failed: ${ended?.message ?? 'it does not say why.'}`
  return { code: 'child_failed', message, retryable: jobOf(change, run).frame.retry !== undefined }
}

function tookTooLong(change: TaskChange, run: Run, { name }: Child): RunFailure {
  const message = `The task of “${name}” was not done within ${jobOf(change, run).frame.timeout}.`
  return { code: 'timeout', message, retryable: false }
}

const MAX_ERRORS = 3

function faultOf(change: TaskChange, run: Run, { name }: Child, result: Json): RunFailure | null {
  const schema = jobOf(change, run).frame.output
  const problems = schema === undefined ? [] : validate(schema, result)
  if (problems.length === 0) return null
  const told = problems.slice(0, MAX_ERRORS).map(problem => problem.message)
  const message = `What “${name}” came to does not fit the output schema of the step: ${told.join('; ')}.`
  return { code: 'invalid_output', message, retryable: false }
}
