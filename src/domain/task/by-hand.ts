/** What people and keys order by hand: route, retry, move, raise a limit, cancel, migrate. */
import type { Json } from '../json/json.ts'
import { validate } from '../schema/validate.ts'
import { type Pinned, stepOf } from '../workflow/definition.ts'
import { COMPLETE, durationMs, hasFallback } from '../workflow/parts.ts'
import type { Command, Refusal } from './commands.ts'
import type { Course } from './course.ts'
import { begin, beginAgain, enter, goTo, reachLimit, routesOf } from './flow.ts'
import { beyondCost, durationEnd } from './limits.ts'
import { allowedIn } from './machine.ts'
import { again } from './run/attempts.ts'
import { promptOf } from './run/lease.ts'
import type { Run, TaskState } from './state.ts'
import { cancelTask } from './stop.ts'

type Of<T extends Command['type']> = Extract<Command, { type: T }>

/** Sends a task on by hand: by a label, a step's key, or to complete. */
export function route(course: Course, { handoff: name, note }: Of<'route'>): Refusal | null {
  const { step } = course
  const labelled = step.handoffs?.find(handoff => handoff.when === name)
  const fallback =
    name === 'default' && hasFallback(step)
      ? step.handoffs?.find(h => h.if === undefined && (h.when ?? 'default') === 'default')
      : undefined
  const to =
    labelled?.to ?? fallback?.to ?? (name === COMPLETE || stepOf(course.pinned.definition, name) ? name : undefined)
  if (to === undefined) return { kind: 'unknown_label', label: name, labels: routesOf(step) }
  const visit = course.state.visit.n
  course.emit({ type: 'routed', visit, outcome: name, trace: [], to, by: 'hand', note: note?.trim() || undefined })
  goTo(course, to, 'route')
  return null
}

/** The same visit's runs again, those that did not come to their end or the one that is named; a visit that could not begin begins. */
export function retry(course: Course, { run: named }: Of<'retry'>): Refusal | null {
  const { visit } = course.state
  const runs = named === undefined ? toRetry(course.state) : visit.runs.filter(run => run.id === named)
  const isAsked = (run: Run) => run.phase.name === 'asked' && course.state.status !== 'failed'
  if (!visit.open || runs.some(isAsked) || (runs.length === 0 && visit.runs.length > 0))
    return cannotRetry(course.state)
  if (visit.runs.length === 0) begin(course)
  for (const run of runs) {
    if (run.prompt === null) beginAgain(course, run)
    else again(course, run)
  }
  return null
}

/** A plain step's one run; of several, those that stand still. */
function toRetry({ status, stops, visit: { runs } }: TaskState): Run[] {
  if (runs.length < 2) return runs
  if (status === 'failed') return runs.filter(run => run.phase.name !== 'completed')
  const still = (run: Run) => ['held', 'failed', 'fenced'].includes(run.phase.name)
  return runs.filter(run => still(run) || stops.some(stop => stop.run === run.id && stop.cause !== 'nobody_assigned'))
}

function cannotRetry({ status }: TaskState): Refusal {
  return { kind: 'wrong_status', status, command: 'retry', allowed: allowedIn(status).filter(each => each !== 'retry') }
}

/** A new visit of a step, with an input that may be changed. */
export function move(course: Course, { step: key, input }: Of<'move'>): Refusal | null {
  const { definition } = course.pinned
  const step = stepOf(definition, key)
  if (step === undefined) return { kind: 'unknown_step', step: key, steps: definition.steps.map(each => each.key) }
  const errors = input === undefined ? [] : problemsOf(definition.input, input)
  if (errors.length > 0) return { kind: 'invalid_input', errors }
  leave(course, 'moved')
  enter(course, key, 'move', input)
  return null
}

function problemsOf(schema: Parameters<typeof validate>[0] | undefined, input: Json): string[] {
  return schema === undefined ? [] : validate(schema, input).map(problem => problem.message)
}

function leave(course: Course, why: 'moved' | 'migrated'): void {
  if (course.state.visit.open) course.emit({ type: 'left', visit: course.state.visit.n, why })
}

/** Raises limits of this task; what a limit kept waiting goes on. */
export function raise(course: Course, { limits }: Of<'raise'>): Refusal | null {
  const ms = limits.duration === undefined ? null : durationMs(limits.duration)
  if (limits.duration !== undefined && ms === null)
    return { kind: 'invalid_limits', message: `"${limits.duration}" is not a duration such as 12h or 30d.` }
  if (limits.steps === undefined && limits.cost === undefined && limits.calls === undefined && ms === null) {
    return { kind: 'invalid_limits', message: 'Name at least one limit: steps, cost, calls or duration.' }
  }
  const stopped = course.state.stops.filter(stop => stop.cause.startsWith('limit_'))
  course.emit({ type: 'raised', limits, until: ms === null ? course.state.until : course.state.createdAt + ms })
  const next = stopped.find(stop => stop.next !== null)?.next ?? null
  if (next !== null) enter(course, next, 'handoff')
  else if (stopped.length > 0) goOn(course)
  return null
}

/** Takes up the open visit where a limit stopped it. */
function goOn(course: Course): void {
  const { runs, n } = course.state.visit
  if (runs.length === 0) return begin(course)
  for (const run of runs) {
    if (course.state.visit.n !== n) return
    const { name } = run.phase
    if (name === 'asking' || (name === 'failed' && run.prompt === null)) beginAgain(course, run)
    else if (name === 'due' || name === 'failed') dueNow(course, run)
  }
}

function dueNow(course: Course, run: Run): void {
  const { handler, job } = course.rulesOf(run)
  if (handler.spends && beyondCost(course, job.frame, promptOf(course, run))) {
    return reachLimit(course, 'limit_cost', { run: run.id })
  }
  const attempt = run.phase.name === 'failed' ? run.attempt + 1 : run.attempt
  course.emit({ type: 'due', visit: course.state.visit.n, run: run.id, attempt, at: course.ctx.now, why: 'raised' })
}

/** Ends the task. */
export function cancel(course: Course, { note }: Of<'cancel'>): null {
  cancelTask(course, note?.trim() || null)
  return null
}

/** Takes the task to a step of another version; what it has put out stays. */
export function migrate(course: Course, command: Of<'migrate'>): Refusal | null {
  const pinned: Pinned = course.ctx.pinned(command.digest, command.pinned)
  if (stepOf(pinned.definition, command.step) === undefined) {
    return { kind: 'unknown_step', step: command.step, steps: pinned.definition.steps.map(step => step.key) }
  }
  leave(course, 'migrated')
  const until = durationEnd(pinned.definition.limits, course.state.createdAt)
  course.emit({ type: 'migrated', pinned: command.pinned, digest: command.digest, version: pinned.version, until })
  enter(course, command.step, 'migrate')
  return null
}
