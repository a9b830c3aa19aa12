/** The machine: which command is carried out in which status, and what it makes happen. One table; everything else derives from it. */
import type { Json } from '../json.ts'
import { validate } from '../schema/validate.ts'
import { cleanLine } from '../text/clean.ts'
import { cut } from '../text/cut.ts'
import { renderText } from '../text/template.ts'
import { type Definition, type Pinned, stepOf } from '../workflow/definition.ts'
import { COMPLETE, durationMs, hasFallback } from '../workflow/parts.ts'
import { assign, decideAsk, movedOn, nothingOpen, openAsk, overdue, overdueAt, resolveRoles } from './asking.ts'
import { again, beat, claim, hold, lapse, promptOf, report } from './attempts.ts'
import type { Command, CommandType, CreateTask, Refusal } from './commands.ts'
import { type Context, Course } from './course.ts'
import type { TaskEvent } from './events.ts'
import { evolve } from './evolve.ts'
import { begin, enter, getStuck, goTo, reachLimit, routesOf } from './flow.ts'
import { beyondCost, durationEnd, explainLimit } from './limits.ts'
import { STATUSES, type Status, type TaskState } from './state.ts'

export type Decision = { events: TaskEvent[]; state: TaskState } | { refusal: Refusal }

type Later = Exclude<CommandType, 'create'>
type Row = Record<Status, boolean>

const row = (
  running: boolean,
  held: boolean,
  waiting: boolean,
  stuck: boolean,
  failed: boolean,
  done: boolean,
  cancelled: boolean,
): Row => ({
  running,
  held,
  waiting,
  stuck,
  failed,
  done,
  cancelled,
})

/** Which command is carried out in which status. The board's buttons and the docs' diagram derive from it. */
//                      running  held   waiting stuck  failed  done  cancelled
export const MACHINE: Record<Later, Row> = {
  claim: /*        */ row(true, false, false, false, false, false, false),
  beat: /*         */ row(true, false, false, false, false, false, false),
  report: /*       */ row(true, true, true, true, true, true, true), // late ones book their usage
  hold: /*         */ row(true, false, false, false, false, false, false),
  resolve: /*      */ row(true, false, false, false, false, false, false),
  decide: /*       */ row(true, true, true, true, true, true, true), // late ones learn who decided
  assign: /*       */ row(false, false, true, true, false, false, false),
  route: /*        */ row(false, false, false, true, true, false, false),
  retry: /*        */ row(false, true, false, true, true, false, false),
  move: /*         */ row(true, true, true, true, true, false, false),
  raise: /*        */ row(true, true, true, true, true, false, false),
  cancel: /*       */ row(true, true, true, true, true, false, false),
  migrate: /*      */ row(true, true, true, true, true, false, false),
  event: /*        */ row(true, true, true, true, true, false, false),
  wake: /*         */ row(true, true, true, true, true, true, true),
}

/** The commands that this status takes, of those that people give. */
export function allowedIn(status: Status): Later[] {
  const byHand: Later[] = ['decide', 'assign', 'route', 'retry', 'move', 'raise', 'cancel', 'migrate']
  return byHand.filter(
    command => MACHINE[command][status] && (command !== 'decide' || status === 'waiting' || status === 'stuck'),
  )
}

/** The statuses in which a command may be carried out, for docs and tests. */
export function statusesFor(command: Later): Status[] {
  return STATUSES.filter(status => MACHINE[command][status])
}

/**
 * What a command makes of a task: events and the state they come to, or a refusal. Pure: the same input gives the same
 * answer, and a refusal leaves nothing behind.
 */
export function decide(state: TaskState | null, command: Command, ctx: Context): Decision {
  if (command.type === 'create') return create(command, ctx)
  if (state === null) return { refusal: { kind: 'unknown_task' } }
  const refusal = notNow(state, command)
  if (refusal !== null) return { refusal }
  const course = new Course(state, ctx)
  const refused = carryOut(course, command)
  return refused === null ? { events: course.events, state: course.state } : { refusal: refused }
}

/** Refuses what was meant for an earlier visit, and what this status does not take. */
function notNow(state: TaskState, command: Exclude<Command, CreateTask>): Refusal | null {
  if (isByHand(command) && command.visit !== undefined && command.visit !== state.visit.n) {
    return nothingOpen(state, command.visit)
  }
  if (command.type === 'decide') {
    const asked = openAsk(state)
    if (asked === undefined) return nothingOpen(state, command.visit)
    if (command.run !== undefined && command.run !== asked.id) return movedOn(state)
    // A limit may fail a task that waits: its question is shown to nobody until it is taken up again.
    if (state.status === 'failed') {
      return { kind: 'wrong_status', status: state.status, command: command.type, allowed: allowedIn(state.status) }
    }
  }
  if (MACHINE[command.type][state.status]) return null
  if (command.type === 'claim') return { kind: 'not_claimable', why: 'over' }
  return { kind: 'wrong_status', status: state.status, command: command.type, allowed: allowedIn(state.status) }
}

type ByHand = Extract<Command, { visit?: number }>

function isByHand(
  command: Command,
): command is Extract<
  ByHand,
  { type: 'decide' | 'assign' | 'route' | 'retry' | 'move' | 'raise' | 'cancel' | 'migrate' }
> {
  return ['decide', 'assign', 'route', 'retry', 'move', 'raise', 'cancel', 'migrate'].includes(command.type)
}

function carryOut(course: Course, command: Exclude<Command, CreateTask>): Refusal | null {
  switch (command.type) {
    case 'claim':
      return claim(course, { visit: command.visit, run: command.run, attempt: command.attempt })
    case 'beat':
      return beat(course, command)
    case 'report':
      return report(course, command)
    case 'hold':
      return hold(course, command)
    case 'resolve':
      return resolveRoles(course, command)
    case 'decide':
      return decideAsk(course, command)
    case 'assign':
      return assign(course, command.to)
    case 'route':
      return route(course, command.handoff, command.note)
    case 'retry':
      return retry(course)
    case 'move':
      return move(course, command.step, command.input)
    case 'raise':
      return raise(course, command)
    case 'cancel':
      return cancel(course, command.note)
    case 'migrate':
      return migrate(course, command)
    case 'event':
      course.emit({ type: 'noticed', name: command.name, data: command.data })
      return null
    case 'wake':
      return wake(course)
  }
}

const MAX_TITLE = 200

function create(command: CreateTask, ctx: Context): Decision {
  const { definition, workflow, version } = ctx.pinned(command.digest, command.pinned)
  const event: TaskEvent = {
    type: 'created',
    task: command.task,
    team: command.team,
    pinned: command.pinned,
    digest: command.digest,
    workflow,
    version,
    title: titleOf(definition, command),
    input: command.input,
    source: command.source,
    begin: command.begin,
    until: durationEnd(definition.limits, ctx.now),
  }
  const course = new Course(evolve(null, event, { at: ctx.now, actor: ctx.actor }), ctx)
  course.events.push(event)
  enter(course, command.begin?.step ?? definition.steps[0]?.key ?? '', 'start')
  return { events: course.events, state: course.state }
}

/** A card's title: given, rendered, or the first short text of the input. A title that cannot be rendered loses no task. */
function titleOf(definition: Definition, command: CreateTask): string {
  const task = { id: command.task, title: '', visit: 0 }
  const scope = {
    input: command.input,
    steps: {},
    last: { step: null, output: null, handoff: null, note: null, by: null },
    task,
  }
  const rendered = definition.title === undefined ? null : renderText(definition.title, scope)
  const title = command.title ?? (rendered?.ok ? rendered.text : null) ?? firstText(command.input) ?? definition.name
  return cut(cleanLine(title).replace(/\s+/g, ' '), MAX_TITLE).trim() || definition.name
}

function firstText(input: Json): string | null {
  if (typeof input !== 'object' || input === null) return typeof input === 'string' ? input : null
  const text = Object.values(input).find(
    value => typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TITLE,
  )
  return typeof text === 'string' ? text : null
}

/** Sends a task on by hand: by a label, a step's key, or to complete. */
function route(course: Course, name: string, note: string | undefined): Refusal | null {
  const { step } = course
  const labelled = step.handoffs?.find(handoff => handoff.when === name)
  const fallback =
    name === 'default' && hasFallback(step)
      ? step.handoffs?.find(h => h.if === undefined && (h.when ?? 'default') === 'default')
      : undefined
  const to =
    labelled?.to ?? fallback?.to ?? (name === COMPLETE || stepOf(course.pinned.definition, name) ? name : undefined)
  if (to === undefined) return { kind: 'unknown_label', label: name, labels: routesOf(step) }
  course.emit({
    type: 'routed',
    visit: course.state.visit.n,
    outcome: name,
    trace: [],
    to,
    by: 'hand',
    note: note?.trim() || undefined,
  })
  goTo(course, to, 'route')
  return null
}

/** The same visit's run again; a visit that could not begin begins. */
function retry(course: Course): Refusal | null {
  const { visit, status } = course.state
  const run = visit.runs[0]
  if (!visit.open || (run?.phase.name === 'asked' && status !== 'failed')) {
    return {
      kind: 'wrong_status',
      status,
      command: 'retry',
      allowed: allowedIn(status).filter(each => each !== 'retry'),
    }
  }
  if (run === undefined || run.prompt === null) begin(course)
  else again(course, run)
  return null
}

function move(course: Course, key: string, input: Json | undefined): Refusal | null {
  const { definition } = course.pinned
  const step = stepOf(definition, key)
  if (step === undefined) return { kind: 'unknown_step', step: key, steps: definition.steps.map(each => each.key) }
  if (input !== undefined && definition.input !== undefined) {
    const problems = validate(definition.input, input)
    if (problems.length > 0) return { kind: 'invalid_input', errors: problems.map(problem => problem.message) }
  }
  leave(course, 'moved')
  enter(course, key, 'move', input)
  return null
}

function leave(course: Course, why: 'moved' | 'cancelled' | 'migrated'): void {
  if (course.state.visit.open) course.emit({ type: 'left', visit: course.state.visit.n, why })
}

/** Raises limits of this task; what a limit kept waiting goes on. */
function raise(course: Course, command: Extract<Command, { type: 'raise' }>): Refusal | null {
  const { limits } = command
  const ms = limits.duration === undefined ? null : durationMs(limits.duration)
  if (limits.duration !== undefined && ms === null)
    return { kind: 'invalid_limits', message: `"${limits.duration}" is not a duration such as 12h or 30d.` }
  if (limits.steps === undefined && limits.cost === undefined && ms === null) {
    return { kind: 'invalid_limits', message: 'Name at least one limit: steps, cost or duration.' }
  }
  const { stuck } = course.state
  course.emit({ type: 'raised', limits, until: ms === null ? course.state.until : course.state.createdAt + ms })
  if (!stuck?.cause.startsWith('limit_')) return null
  if (stuck.next !== null) enter(course, stuck.next, 'handoff')
  else goOn(course)
  return null
}

/** Takes up the open visit where a limit stopped it. */
function goOn(course: Course): void {
  const run = course.state.visit.runs[0]
  const unbegun = run?.phase.name === 'asking' || (run?.phase.name === 'failed' && run.prompt === null)
  if (run === undefined || unbegun) begin(course)
  else if (run.phase.name === 'due' || run.phase.name === 'failed') {
    if (beyondCost(course, course.step, promptOf(course, run))) return reachLimit(course, 'limit_cost', null)
    const attempt = run.phase.name === 'failed' ? run.attempt + 1 : run.attempt
    course.emit({ type: 'due', visit: course.state.visit.n, run: run.id, attempt, at: course.ctx.now, why: 'raised' })
  }
}

function cancel(course: Course, note: string | undefined): null {
  leave(course, 'cancelled')
  course.emit({ type: 'cancelled', note: note?.trim() || null })
  return null
}

function migrate(course: Course, command: Extract<Command, { type: 'migrate' }>): Refusal | null {
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

/** Does what time has brought due: lapsed leases, holds that end, overdue questions, the duration limit. */
function wake(course: Course): null {
  const { ctx } = course
  for (const run of isAwaitingTime(course.state) ? course.state.visit.runs : []) {
    const { phase } = run
    if (phase.name === 'claimed' && phase.until <= ctx.now) lapse(course, { ...run, phase })
    else if (phase.name === 'held' && phase.until !== null && phase.until <= ctx.now) {
      course.emit({ type: 'released', visit: course.state.visit.n, run: run.id })
    } else if (phase.name === 'asked') {
      const at = overdueAt(phase.ask, course.step.human)
      if (at !== null && at <= ctx.now) overdue(course)
    }
  }
  endDuration(course)
  return null
}

/** Whether runs go on by themselves: not those of a task that stopped for good, or until a person acts. */
export function isAwaitingTime(state: TaskState): boolean {
  if (!state.visit.open) return false
  if (state.status === 'stuck') return state.stuck?.cause === 'nobody_assigned'
  return state.status === 'running' || state.status === 'held' || state.status === 'waiting'
}

/** A task past its duration stops where it is; a call in flight is let finish, its report ends it. */
function endDuration(course: Course): void {
  const { state, ctx } = course
  if (!isPastDuration(state, ctx.now)) return
  const { message, fix } = explainLimit(course, 'limit_duration')
  const reached = course.pinned.definition.limits?.reached ?? 'ask'
  if (reached === 'fail') course.emit({ type: 'failed', visit: state.visit.n, code: 'limit_duration', message })
  else if (reached !== 'ask' && !state.limitStepUsed && stepOf(course.pinned.definition, reached)) {
    course.emit({ type: 'left', visit: state.visit.n, why: 'limit' })
    enter(course, reached, 'limit')
  } else getStuck(course, 'limit_duration', message, fix)
}

/** Whether the duration limit stops the task now: not while a call is in flight, nor once its step for limits was entered. */
export function isPastDuration(state: TaskState, now: number): boolean {
  const stoppable = state.status === 'running' || state.status === 'held' || state.status === 'waiting'
  const calling = state.visit.runs.some(run => run.phase.name === 'claimed')
  return stoppable && !calling && !state.limitStepUsed && state.until !== null && state.until <= now
}
