/** "Why isn't it moving?": one sentence for every task, made without a model, and the one act that unblocks it. */
import { namesText } from '../../handler/parts/wait-shape.ts'
import { type Definition, stepOf } from '../../workflow/definition.ts'
import { stepName } from '../../workflow/parts.ts'
import type { CommandType } from '../commands.ts'
import type { AskKind } from '../people/ask.ts'
import { type AskedRun, openAsks } from '../people/asking.ts'
import type { Child, Pending, Run, RunPhase, TaskState } from '../state.ts'

export interface Why {
  sentence: string
  /** The command that unblocks it; null: nothing needs doing. */
  act: CommandType | null
}

/** Explains where the task is. `now` in ms since the epoch. */
export function whyOf(state: TaskState, definition: Definition, now: number): Why {
  const step = stepOf(definition, state.visit.step)
  const name = step === undefined ? 'its first step' : `"${stepName(step)}"`
  switch (state.status) {
    case 'done':
      return { sentence: 'It is done.', act: null }
    case 'cancelled':
      return { sentence: 'It was cancelled.', act: null }
    case 'failed':
      return failed(state, name)
    case 'stuck':
      return { sentence: `${endSentence(state.stuck?.message)} ${state.stuck?.fix ?? ''}`.trim(), act: actFor(state) }
    case 'waiting':
      return waiting(state, name, now)
    case 'running':
    case 'held':
      return { sentence: atWork(state, name, now), act: null }
  }
}

/** A visit that was left cannot be retried: a limit failed the task on its way to the next step. */
function failed(state: TaskState, name: string): Why {
  const fix = state.visit.open ? 'Retry it, move it, or cancel it.' : 'Move it to a step or cancel it.'
  return {
    sentence: `${name} failed: ${endSentence(state.error?.message)} ${fix}`,
    act: state.visit.open ? 'retry' : 'move',
  }
}

function endSentence(text: string | undefined): string {
  const said = text?.trim() || 'no reason was given'
  return /[.!?]$/.test(said) ? said : `${said}.`
}

function actFor(state: TaskState): CommandType {
  switch (state.stuck?.cause) {
    case 'limit_steps':
    case 'limit_cost':
    case 'limit_duration':
    case 'limit_calls':
      return 'raise'
    case 'nobody_assigned':
      return 'assign'
    case 'unknown_outcome':
      return openAsks(state).length > 0 ? 'answer' : 'route'
    case 'keeps_dying':
      return 'retry'
    case 'no_handoff_matched':
    case 'no_handoffs':
    case 'unknown_target':
    case undefined:
      return 'route'
  }
}

function waiting(state: TaskState, name: string, now: number): Why {
  const asked = openAsks(state)
  const [first] = asked
  if (first === undefined) return { sentence: atWork(state, name, now), act: null }
  const sentence = asked.length === 1 && first.name === null ? waitsFor(first, name, now) : atWork(state, name, now)
  return { sentence, act: 'decide' }
}

function waitsFor({ phase: { ask, votes } }: AskedRun, name: string, now: number): string {
  const approvals = votes.filter(vote => vote.digest === ask.digest && vote.handoff === ask.approve)
  const open = ask.assignees.filter(person => !approvals.some(vote => vote.voter === person))
  const who = open.length > 0 ? open.join(' or ') : 'another approver'
  const counted = ask.needs > 1 ? `${approvals.length} of ${ask.needs} approvals` : ''
  const stage = ask.stages === undefined ? '' : `, stage ${ask.stages.at + 1} of ${ask.stages.of.length}`
  const late = ask.due !== null && ask.due < now ? ' It is overdue.' : ''
  const what = WAITS[ask.kind](name, ask.call?.tool ?? '')
  const isFree = ask.kind === 'question' && ask.reason.length > 0
  const said = `${counted}${stage}`.replace(/^, /, '')
  const count = said === '' ? '' : ` (${said})`
  const answers = isFree ? 'to answer' : `to decide${count}: ${ask.labels.join(' or ')}`
  return `${what} ${who} ${answers}.${late}`
}

const WAITS: Record<AskKind, (name: string, tool: string) => string> = {
  decide: name => `${name} waits for`,
  unsure: name => `The model was not sure at ${name}; it waits for`,
  call: (name, tool) => `${name} asks before it calls ${tool}; it waits for`,
  question: name => `${name} has a question; it waits for`,
  outcome: (name, tool) => `It is not known whether ${tool} of ${name} happened; it waits for`,
}

/** Runs that are told one by one; of more their number is told. */
const MAX_TOLD = 5

/** What the visit's runs are at: a plain step's in one sentence, of several each that is not done. */
function atWork(state: TaskState, name: string, now: number): string {
  const { runs } = state.visit
  const [run, ...others] = runs
  if (run === undefined) return notBegun(state, name)
  if (run.name === null && others.length === 0) return runAt(run, name, state, now)
  const done = runs.filter(each => each.phase.name === 'completed').length
  const count = `${name}: ${done} of ${runs.length} ${runs.length === 1 ? 'is' : 'are'} done.`
  const open = runs.filter(each => !['completed', 'fenced', 'queued'].includes(each.phase.name))
  const queued = runs.filter(each => each.phase.name === 'queued').length
  const turns = queued === 0 ? [] : [`${queued} ${queued === 1 ? 'waits' : 'wait'} for a turn.`]
  if (open.length > MAX_TOLD) return [count, ...counted(open), ...turns].join(' ')
  const parts = open.map(each => runAt(each, `"${each.name ?? each.id}"`, state, now))
  return [count, ...parts, ...turns].join(' ')
}

function notBegun({ files }: TaskState, name: string): string {
  const unread = files.filter(({ reading }) => reading !== undefined)
  if (unread.length === 0) return `${name} is about to begin.`
  const what = unread.length === 1 ? `“${unread[0]!.name}” is` : `${unread.length} files are`
  return `${name} begins once ${what} read.`
}

/** People come first, as they are what it waits for. */
const COUNTED: [RunPhase['name'], (count: number) => string][] = [
  ['asked', count => `${count} ${count === 1 ? 'waits' : 'wait'} for people.`],
  ['undoable', count => `${count} ${count === 1 ? 'is' : 'are'} decided, and can be undone.`],
  ['claimed', count => `${count} ${count === 1 ? 'is' : 'are'} being worked on.`],
  ['due', count => `${count} ${count === 1 ? 'waits' : 'wait'} for a free worker.`],
  [
    'awaiting',
    count => `${count} ${count === 1 ? 'waits' : 'wait'} for a task that ${count === 1 ? 'it' : 'they'} started.`,
  ],
  ['held', count => `${count} ${count === 1 ? 'is' : 'are'} held.`],
  ['failed', count => `${count} failed.`],
]

function counted(runs: Run[]): string[] {
  return COUNTED.flatMap(([phase, say]) => {
    const count = runs.filter(run => run.phase.name === phase).length
    return count === 0 ? [] : [say(count)]
  })
}

function runAt(run: Run, name: string, { children }: TaskState, now: number): string {
  const { phase } = run
  switch (phase.name) {
    case 'queued':
      return `${name} waits for its turn.`
    case 'claimed':
      return `${name} is being worked on${attemptOf(run)}.`
    case 'held':
      return `${name} is held: ${endSentence(phase.message)} ${phase.fix}`
    case 'asking':
      return `${name} is finding out whom to ask.`
    case 'asked':
      return waitsFor({ ...run, phase }, name, now)
    case 'undoable':
      return undoableUntil(phase.decision, name, now)
    case 'awaiting':
      return phase.child === undefined ? awaits(name, phase) : waitsForTask(name, phase.child, children)
    case 'due':
      return run.dueAt > now
        ? `${name} failed and is tried again in ${seconds(run.dueAt - now)}${attemptOf(run)}.`
        : `${name} waits for a free worker${attemptOf(run)}.`
    case 'failed':
      return `${name} failed: ${endSentence(phase.failure.message)}`
    case 'completed':
    case 'fenced':
      return `${name} is going on.`
  }
}

function undoableUntil({ by, handoff, until }: Pending, name: string, now: number): string {
  const who = by.kind === 'system' ? 'Baton' : ('name' in by && by.name) || by.id
  return `${name} was decided by ${who}: ${handoff}. It takes effect in ${seconds(Math.max(0, until - now))}, and can be undone until then.`
}

function awaits(name: string, { names, until }: Extract<RunPhase, { name: 'awaiting' }>): string {
  const events = names.length === 0 ? '' : ` for ${namesText(names)}`
  return `${name} waits${events}${until === null ? '' : ` until ${timeText(until)}`}.`
}

function waitsForTask(name: string, task: string, children: readonly Child[]): string {
  const of = children.find(child => child.task === task)?.name
  return `${name} waits for ${of === undefined ? 'a task' : `"${of}"`} ${shortId(task)}.`
}

/** `#k7wq2m`: enough to tell tasks apart by. */
function shortId(task: string): string {
  return `#${task.replace(/^tsk_/, '').slice(0, 6)}`
}

/** To the minute, in UTC: the sentence is the same for whoever reads it. */
function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function attemptOf(run: Run): string {
  return run.attempt > 1 ? ` (attempt ${run.attempt})` : ''
}

function seconds(ms: number): string {
  const s = Math.ceil(ms / 1000)
  return s < 120 ? `${s} s` : `${Math.ceil(s / 60)} min`
}
