/** What people and keys order by hand: route, retry, move, raise a limit, cancel, migrate. */
import type { Json } from '../json/json.ts'
import { validate } from '../schema/validate.ts'
import { type Pinned, stepOf } from '../workflow/definition.ts'
import { COMPLETE, durationMs, hasFallback } from '../workflow/parts.ts'
import type { Command, Refusal } from './commands.ts'
import { beyondCost } from './cost.ts'
import { advance, begin, beginAgain, endWaits, enter, goTo, reachLimit, routesOf } from './flow.ts'
import { durationEnd } from './limits.ts'
import { allowedIn } from './machine.ts'
import { refOf } from './people/asking.ts'
import { unknownOutcome } from './run/calling.ts'
import { endChildren } from './run/children.ts'
import { givenTo } from './run/lease.ts'
import { underWay } from './run/side-by-side.ts'
import { isOver, type Run, type TaskState } from './state.ts'
import { cancelTask } from './stop.ts'
import type { TaskChange } from './task-change.ts'

type Of<T extends Command['type']> = Extract<Command, { type: T }>

/** Sends a task on by hand: by a label, a step's key, or to complete. */
export function route(change: TaskChange, { handoff: name, note }: Of<'route'>): Refusal | null {
  const { step } = change
  const labelled = step.handoffs?.find(handoff => handoff.when === name)
  const fallback =
    name === 'default' && hasFallback(step)
      ? step.handoffs?.find(h => h.if === undefined && (h.when ?? 'default') === 'default')
      : undefined
  const to =
    labelled?.to ?? fallback?.to ?? (name === COMPLETE || stepOf(change.pinned.definition, name) ? name : undefined)
  if (to === undefined) return { kind: 'unknown_label', label: name, labels: routesOf(step) }
  const visit = change.state.visit.n
  change.emit({ type: 'routed', visit, outcome: name, trace: [], to, by: 'hand', note: note?.trim() || undefined })
  goTo(change, to, 'route')
  return null
}

/**
 * The same visit's runs again, those that did not come to their end or the one that is named; a visit that could not begin
 * begins.
 */
export function retry(change: TaskChange, { run: named }: Of<'retry'>): Refusal | null {
  const { visit } = change.state
  if (change.rules.handler.spread !== undefined && visit.plan !== null) return retrySome(change, named)
  const isAsked = visit.runs.some(run => run.phase.name === 'asked' && change.state.status !== 'failed')
  const [run] = visit.runs
  if (!visit.open || isAsked || (named !== undefined && named !== run?.id)) return cannotRetry(change.state)
  if (run === undefined || change.rules.handler.spread !== undefined) begin(change)
  else beginAgain(change, run)
  return null
}

/** Of several runs: those that are to begin again wait for their turn. */
function retrySome(change: TaskChange, named: number | undefined): Refusal | null {
  const { visit } = change.state
  const runs = visit.open ? toRetry(change.state, named) : []
  if (runs.length === 0) return cannotRetry(change.state)
  for (const [index, run] of runs.entries()) {
    const lost = run.calls.find(call => call.open && !call.safe)
    // Nobody heard what came of a call that it was in the midst of when the others decided the visit.
    if (run.phase.name === 'fenced' && lost !== undefined) unknownOutcome(change, run, lost)
    else if (run.phase.name !== 'queued' || index === 0) change.emit({ type: 'queued', visit: visit.n, run: run.id })
  }
  advance(change)
  return null
}

/** Those that stand still, or the one that is named; of a visit that failed besides those that it did not wait for. */
function toRetry({ status, stops, visit: { runs } }: TaskState, named: number | undefined): Run[] {
  const isMeant = (run: Run) => run.phase.name !== 'completed' && (named === undefined || run.id === named)
  if (status === 'failed') {
    const chosen = runs.filter(isMeant)
    return chosen.length === 0 ? [] : runs.filter(run => chosen.includes(run) || isCutShort(run))
  }
  const isStopped = ({ id }: Run) => stops.some(stop => stop.run === id && stop.cause !== 'nobody_assigned')
  return runs.filter(run => isMeant(run) && (['held', 'failed'].includes(run.phase.name) || isStopped(run)))
}

function isCutShort({ phase }: Run): boolean {
  return phase.name === 'fenced' || phase.name === 'queued'
}

/** Whether the run stands still in a visit that goes on without it, so that it may be begun again whatever the others do. */
export function standsStill({ visit, status }: TaskState, id: number): boolean {
  const phase = visit.runs.find(run => run.id === id)?.phase.name
  return visit.plan !== null && visit.open && !isOver(status) && (phase === 'held' || phase === 'failed')
}

function cannotRetry({ status }: TaskState): Refusal {
  return { kind: 'wrong_status', status, command: 'retry', allowed: allowedIn(status).filter(each => each !== 'retry') }
}

/** A new visit of a step, with an input that may be changed. */
export function move(change: TaskChange, { step: key, input }: Of<'move'>): Refusal | null {
  const { definition } = change.pinned
  const step = stepOf(definition, key)
  if (step === undefined) return { kind: 'unknown_step', step: key, steps: definition.steps.map(each => each.key) }
  const errors = input === undefined ? [] : problemsOf(definition.input, input)
  if (errors.length > 0) return { kind: 'invalid_input', errors }
  leave(change, 'moved')
  enter(change, key, 'move', input)
  return null
}

function problemsOf(schema: Parameters<typeof validate>[0] | undefined, input: Json): string[] {
  return schema === undefined ? [] : validate(schema, input).map(problem => problem.message)
}

function leave(change: TaskChange, why: 'moved' | 'migrated'): void {
  if (change.state.visit.open) change.emit({ type: 'left', visit: change.state.visit.n, why })
}

/** Raises limits of this task, or has it go on with another model; what a limit kept waiting goes on. */
export function raise(change: TaskChange, { limits, model }: Of<'raise'>): Refusal | null {
  const ms = limits.duration === undefined ? null : durationMs(limits.duration)
  if (limits.duration !== undefined && ms === null)
    return { kind: 'invalid_limits', message: `"${limits.duration}" is not a duration such as 12h or 30d.` }
  const raisesNone =
    limits.steps === undefined && limits.cost === undefined && limits.calls === undefined && ms === null
  if (raisesNone && model === undefined) {
    return { kind: 'invalid_limits', message: 'Name at least one limit (steps, cost, calls or duration), or a model.' }
  }
  const stopped = change.state.stops.filter(stop => stop.cause.startsWith('limit_'))
  const until = ms === null ? change.state.until : change.state.createdAt + ms
  change.emit({ type: 'raised', limits, until, ...(model && { model }) })
  const next = stopped.find(stop => stop.next !== null)?.next ?? null
  if (next !== null) enter(change, next, 'handoff')
  else if (stopped.length > 0)
    goOn(
      change,
      stopped.map(stop => stop.run),
    )
  // What waits for a turn may have been left waiting by the limit alone, before anything stopped the task.
  else if (change.state.visit.open && change.state.visit.plan !== null) advance(change)
  const helpsNot = raisesNone && change.state.stops.some(({ cause }) => cause === 'limit_cost')
  return helpsNot
    ? { kind: 'invalid_limits', message: `A call of ${model?.name} does not fit either. ${TOO_LITTLE}` }
    : null
}

const TOO_LITTLE = 'Raise the cost limit as well, or choose a cheaper model.'

/** Takes up the open visit where a limit stopped it: the whole of it, or these runs. */
function goOn(change: TaskChange, stopped: readonly (number | null)[]): void {
  const { runs, n, plan } = change.state.visit
  if (runs.length === 0) return begin(change)
  for (const run of runs) {
    if (change.state.visit.n !== n) return
    if (plan !== null && !stopped.includes(run.id) && !stopped.includes(null)) continue
    const { name } = run.phase
    if (name === 'awaiting') {
      endWaits(change)
      endChildren(change)
    } else if (name === 'asking' || (name === 'failed' && run.prompt === null)) beginAgain(change, run)
    else if (name === 'due' || (name === 'failed' && stopped.includes(run.id)) || (name === 'failed' && plan === null))
      dueNow(change, run)
  }
  if (plan !== null) advance(change)
}

function dueNow(change: TaskChange, run: Run): void {
  if (beyondCost(change, change.rulesOf(run), givenTo(change, run), underWay(change, run.id) ?? 0)) {
    return reachLimit(change, 'limit_cost', { run: run.id })
  }
  const attempt = run.phase.name === 'failed' ? run.attempt + 1 : run.attempt
  const visit = change.state.visit.n
  change.emit({ type: 'due', visit, ...refOf(run), attempt, at: change.ctx.now, why: 'raised' })
}

/** Ends the task. */
export function cancel(change: TaskChange, { note }: Of<'cancel'>): null {
  cancelTask(change, note?.trim() || null)
  return null
}

/** Takes the task to a step of another version; what it has put out stays. */
export function migrate(change: TaskChange, command: Of<'migrate'>): Refusal | null {
  const pinned: Pinned = change.ctx.pinned(command.digest, command.pinned)
  if (stepOf(pinned.definition, command.step) === undefined) {
    return { kind: 'unknown_step', step: command.step, steps: pinned.definition.steps.map(step => step.key) }
  }
  leave(change, 'migrated')
  const until = durationEnd(pinned.definition.limits, change.state.createdAt)
  change.emit({ type: 'migrated', pinned: command.pinned, digest: command.digest, version: pinned.version, until })
  enter(change, command.step, 'migrate')
  return null
}
