/** One decision: what a command makes of a task. Everything it may not make up (time, ids, chance) comes in `Context`. */

import { keptFile } from '../file/file.ts'
import { stepOf } from '../workflow/definition.ts'
import { keyOf, titleOf } from './beginning.ts'
import { cancel, migrate, move, raise, retry, route, standsStill } from './by-hand.ts'
import type { Command, CreateTask, Refusal } from './commands.ts'
import { comment } from './commenting.ts'
import type { Context } from './context.ts'
import type { TaskEvent } from './events.ts'
import { evolve } from './evolve.ts'
import { againstFiles, attach, detach, giveUpReading, read } from './filing.ts'
import { endWaits, enter } from './flow.ts'
import { durationEnd, explainLimit, isPastDuration } from './limits.ts'
import { allowedIn, isByHand, MACHINE } from './machine.ts'
import { openAsks, overdueAt } from './people/asking.ts'
import { answerOutcome, assign, decideAsk, overdue, resolveRoles } from './people/deciding.ts'
import { delegate } from './people/delegating.ts'
import { meantAsk, nothingOpen } from './people/meant.ts'
import { remind } from './people/reminding.ts'
import { meantUndo, takeEffect, undo } from './people/undoing.ts'
import { claim, hold, lapse, release, report } from './run/attempts.ts'
import { note } from './run/calling.ts'
import { endChildren, heard, recall, toldParent } from './run/children.ts'
import { mayGoOn, type Run, type TaskState } from './state.ts'
import { fail, getStuck } from './stop.ts'
import { TaskChange } from './task-change.ts'

export type Decision = { events: TaskEvent[]; state: TaskState } | { refusal: Refusal }

type Later = Exclude<Command, CreateTask>

/**
 * What a command makes of a task: events and the state they come to, or a refusal. Pure: the same input gives the same
 * answer, and a refusal leaves nothing behind.
 */
export function decide(state: TaskState | null, command: Command, ctx: Context): Decision {
  if (command.type === 'create') return create(command, ctx)
  if (state === null) return { refusal: { kind: 'unknown_task' } }
  const refusal = notNow(state, command)
  if (refusal !== null) return { refusal }
  const change = new TaskChange(state, ctx)
  const refused = carryOut(change, command)
  if (refused === null) recall(change)
  return refused === null ? { events: change.events, state: change.state } : { refusal: refused }
}

/** Refuses what was meant for an earlier visit, and what people may not order in this status. */
function notNow(state: TaskState, command: Later): Refusal | null {
  if (!isByHand(command.type)) return null
  const { visit, run } = command as { visit?: number; run?: number }
  if (visit !== undefined && visit !== state.visit.n && command.type !== 'undo') return nothingOpen(state, visit, run)
  // Whoever decides too late learns who did, whatever the status; so does whoever takes it back too late.
  if (command.type === 'decide' || command.type === 'undo') {
    const meant = command.type === 'decide' ? meantAsk(state, command) : meantUndo(state, command)
    if ('kind' in meant && meant.kind !== 'nothing_to_undo') return meant
  }
  if (MACHINE[command.type][state.status]) return null
  if (command.type === 'retry' && command.run !== undefined && standsStill(state, command.run)) return null
  return { kind: 'wrong_status', status: state.status, command: command.type, allowed: allowedIn(state.status) }
}

function carryOut(change: TaskChange, command: Later): Refusal | null {
  switch (command.type) {
    case 'claim':
      return claim(change, { visit: command.visit, run: command.run, attempt: command.attempt })
    case 'note':
      return note(change, command)
    case 'report':
      return report(change, command)
    case 'hold':
      return hold(change, command)
    case 'release':
      return release(change, command)
    case 'resolve':
      return resolveRoles(change, command)
    case 'decide':
      return decideAsk(change, command)
    case 'undo':
      return undo(change, command)
    case 'assign':
      return assign(change, command)
    case 'delegate':
      return delegate(change, command)
    case 'comment':
      return comment(change, command)
    case 'route':
      return route(change, command)
    case 'answer':
      return answerOutcome(change, command)
    case 'retry':
      return retry(change, command)
    case 'move':
      return move(change, command)
    case 'raise':
      return raise(change, command)
    case 'cancel':
      return cancel(change, command)
    case 'migrate':
      return migrate(change, command)
    case 'event':
      change.emit({ type: 'noticed', name: command.name, data: command.data })
      endWaits(change)
      return null
    case 'attach':
      return attach(change, command)
    case 'detach':
      return detach(change, command)
    case 'read':
      return read(change, command)
    case 'heard':
      return heard(change, command)
    case 'told':
      toldParent(change, command.standing)
      return null
    case 'wake':
      return wake(change)
  }
}

function create(command: CreateTask, ctx: Context): Decision {
  const { definition, workflow, version } = ctx.pinned(command.digest, command.pinned)
  const files = command.files ?? []
  const refused = againstFiles(files, 0, ctx.now)
  if (refused !== null) return { refusal: refused }
  const key = keyOf(command, definition)
  const event: TaskEvent = {
    type: 'created',
    task: command.task,
    team: command.team,
    pinned: command.pinned,
    digest: command.digest,
    workflow,
    version,
    title: titleOf(command, definition),
    ...(key === null ? {} : { key }),
    ...(command.duplicateOf === undefined ? {} : { duplicateOf: command.duplicateOf }),
    input: command.input,
    source: command.source,
    ...(command.terms === undefined ? {} : { terms: command.terms }),
    begin: command.begin,
    ...(files.length === 0 ? {} : { files: files.map(file => keptFile(file, ctx.now)) }),
    until: durationEnd(definition.limits, ctx.now),
  }
  const change = new TaskChange(evolve(null, event, { at: ctx.now, actor: ctx.actor }), ctx)
  change.events.push(event)
  enter(change, command.begin?.step ?? definition.steps[0]?.key ?? '', 'start')
  return { events: change.events, state: change.state }
}

/** Does what time has brought due: lapsed leases, holds and waits that end, overdue questions, the duration limit. */
function wake(change: TaskChange): null {
  const { n, runs } = change.state.visit
  for (const { id } of runs) {
    // What one run comes to may have ended the visit.
    const run = change.state.visit.n === n ? change.run(id) : undefined
    if (run !== undefined && mayGoOn(change.state, run)) wakeRun(change, run)
  }
  giveUpReading(change)
  endDuration(change)
  return null
}

function wakeRun(change: TaskChange, run: Run): void {
  const { now } = change.ctx
  const { phase } = run
  const visit = change.state.visit.n
  switch (phase.name) {
    case 'claimed':
      if (phase.until <= now) lapse(change, { ...run, phase })
      return
    case 'held':
      if (phase.until !== null && phase.until <= now) change.emit({ type: 'released', visit, run: run.id })
      return
    case 'awaiting':
      endWaits(change)
      return endChildren(change)
    case 'asked': {
      const at = overdueAt(change.step, { ...run, phase })
      if (at !== null && at <= now) overdue(change, { ...run, phase })
      const open = openAsks(change.state).find(({ id }) => id === run.id)
      if (open !== undefined && change.state.visit.n === visit) remind(change, open)
      return
    }
    case 'undoable':
      return takeEffect(change, { ...run, phase })
    case 'queued':
    case 'due':
    case 'asking':
    case 'completed':
    case 'failed':
    case 'fenced':
  }
}

/** A task past its duration stops where it is; a call in flight is let finish, its report ends it. */
function endDuration(change: TaskChange): void {
  const { state, ctx } = change
  if (!isPastDuration(state, ctx.now)) return
  const { message, fix } = explainLimit(change, 'limit_duration')
  const reached = change.pinned.definition.limits?.reached ?? 'ask'
  if (reached === 'fail') fail(change, 'limit_duration', message)
  else if (reached !== 'ask' && !state.limitStepUsed && stepOf(change.pinned.definition, reached)) {
    change.emit({ type: 'left', visit: state.visit.n, why: 'limit' })
    enter(change, reached, 'limit')
  } else getStuck(change, { cause: 'limit_duration', message, fix })
}
