/** What the simulation is run on: the engine as it is, and the same with one bug planted in it at a time. */
import type { Command } from '../../../src/domain/task/commands.ts'
import type { Context } from '../../../src/domain/task/context.ts'
import { type Decision, decide } from '../../../src/domain/task/decide.ts'
import { due, dueBetween, nextAlarm } from '../../../src/domain/task/due.ts'
import { LOG_VERSION, type LogRow, type TaskEvent } from '../../../src/domain/task/events.ts'
import { replay } from '../../../src/domain/task/evolve.ts'
import type { Child, Run, RunPhase, TaskState } from '../../../src/domain/task/state.ts'
import { HOUR } from '../task-builders.ts'
import { PLANTED_IN_GATE } from './gate/planted.ts'
import type { Engine, HostBugs } from './host.ts'
import type { Subject } from './schedule.ts'

const REAL: Engine = { decide, replay, due, dueBetween, nextAlarm }

/** The engine as it is. */
export const BATON: Subject = { engine: REAL, bugs: {} }

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>

/**
 * The engine with one command meeting another state, or becoming another command. Its events are what is wrong then: the
 * state that they come to is folded as ever.
 */
function twisted<T extends Command['type']>(
  type: T,
  twist: (state: TaskState, command: CommandOf<T>, ctx: Context) => { state?: TaskState; command?: Command } | null,
): Subject {
  const broken = (state: TaskState | null, command: Command, ctx: Context): Decision => {
    const other = state !== null && command.type === type ? twist(state, command as CommandOf<T>, ctx) : null
    if (other === null) return decide(state, command, ctx)
    const decision = decide(other.state ?? state, other.command ?? command, ctx)
    if ('refusal' in decision) return decision
    const row = { seq: 0, v: LOG_VERSION, at: ctx.now, actor: ctx.actor, events: decision.events }
    return { events: decision.events, state: replay([row], state)! }
  }
  return { engine: { ...REAL, decide: broken }, bugs: {} }
}

/** The engine whose fold makes something else of events. */
function misfolding(tweak: (after: TaskState, events: TaskEvent[]) => TaskState): Subject {
  const misreplay = (rows: Iterable<LogRow>, onto: TaskState | null = null) =>
    [...rows].reduce<TaskState | null>((state, row) => tweak(replay([row], state)!, row.events), onto)
  const misdecide = (state: TaskState | null, command: Command, ctx: Context): Decision => {
    const decision = decide(state, command, ctx)
    return 'refusal' in decision ? decision : { ...decision, state: tweak(decision.state, decision.events) }
  }
  return { engine: { ...REAL, decide: misdecide, replay: misreplay }, bugs: {} }
}

function withHost(bugs: HostBugs): Subject {
  return { engine: REAL, bugs }
}

function withAlarm(broken: Engine['nextAlarm']): Subject {
  return { engine: { ...REAL, nextAlarm: broken }, bugs: {} }
}

/** The state with the open visit's run changed. */
function withRun(state: TaskState, change: (run: Run) => Partial<Run>): TaskState {
  return { ...state, visit: { ...state.visit, runs: state.visit.runs.map(run => ({ ...run, ...change(run) })) } }
}

const DUE: RunPhase = { name: 'due' }

/** The engine as it is, but for some of the events that it answers this command with. */
function losing(type: Command['type'], isLost: (event: TaskEvent, state: TaskState) => boolean): Subject {
  const broken = (state: TaskState | null, command: Command, ctx: Context): Decision => {
    const decision = decide(state, command, ctx)
    if (state === null || command.type !== type || 'refusal' in decision) return decision
    const events = decision.events.filter(event => !isLost(event, state))
    if (events.length === 0) return type === 'release' ? { events, state } : decision
    return { events, state: replay([{ seq: 0, v: LOG_VERSION, at: ctx.now, actor: ctx.actor, events }], state)! }
  }
  return { engine: { ...REAL, decide: broken }, bugs: {} }
}

/** The state of a visit of several runs with these changed; another state as it is. */
function ofSeveral(state: TaskState, change: (run: Run, all: Run[]) => Partial<Run>): TaskState {
  if (state.visit.plan === null) return state
  const all = state.visit.runs
  return withRun(state, run => change(run, all))
}

const QUEUED: RunPhase = { name: 'queued' }

const ASKED_AGAIN = { model: 'gpt-5-mini', inputTokens: 7, outputTokens: 7, calls: 1, durationMs: 1 }

function isRecorded({ outcome }: CommandOf<'report'>): boolean {
  return outcome.kind === 'completed' && outcome.recorded !== undefined
}

/** Bugs of visits with several runs. */
const OF_SEVERAL: Record<string, Subject> = {
  'a run does not wait for its turn': twisted('report', state => ({
    state: { ...state, visit: { ...state.visit, plan: state.visit.plan && { ...state.visit.plan, atOnce: null } } },
  })),
  'nobody has the next turn': losing('report', (event, state) => event.type === 'due' && isQueued(state, event.run)),
  'a run that was cut short may still report': twisted('report', (state, command) => ({
    state: ofSeveral(state, ({ id, phase }) =>
      id === command.run && phase.name === 'fenced'
        ? { phase: { name: 'claimed', lease: command.lease, until: 0 } }
        : {},
    ),
  })),
  'an answer that was recorded is paid for again': twisted('report', (_, command) => ({
    command: isRecorded(command) ? { ...command, usage: ASKED_AGAIN } : command,
  })),
  'what failed counts as done': twisted('report', state => ({
    state: ofSeveral(state, ({ phase }) => (phase.name === 'failed' ? { phase: { name: 'completed' } } : {})),
  })),
  'what failed is forgotten by the join': twisted('report', state => ({
    state: ofSeveral(state, ({ phase }) => (phase.name === 'failed' ? { phase: QUEUED } : {})),
  })),
  'the join takes what is still at work for done': twisted('decide', state => ({
    state: ofSeveral(state, ({ phase }) => (phase.name === 'claimed' ? { phase: { name: 'completed' } } : {})),
  })),
  'what the others still do counts after the join': losing('report', ({ type }) => type === 'fenced'),
  'an output is another branch’s': twisted('report', state => ({
    state: ofSeveral(state, ({ phase, output }, all) =>
      phase.name === 'completed' ? { output: all.find(run => run.phase.name === 'completed')?.output ?? output } : {},
    ),
  })),
  'a decision in a branch is another’s': twisted('decide', (state, command) => ({
    command: { ...command, run: state.visit.runs.find(run => run.phase.name === 'asked')?.id, seen: undefined },
  })),
  'a retry by hand does again what was done': twisted('retry', state => ({
    state: ofSeveral(state, ({ phase }) =>
      phase.name === 'completed'
        ? { phase: { name: 'failed', failure: { code: 'timeout', message: 'x', retryable: false } } }
        : {},
    ),
  })),
  'a retry by hand begins all at once': twisted('retry', state => ({
    state: { ...state, visit: { ...state.visit, plan: state.visit.plan && { ...state.visit.plan, atOnce: null } } },
  })),
  'what was cut short stays so when the visit is retried': losing('retry', (event, { visit }) => {
    const begins = ['queued', 'due', 'asking', 'asked'].includes(event.type)
    return begins && 'run' in event && visit.runs.find(run => run.id === event.run)?.phase.name === 'fenced'
  }),
  'one lease that lapses ends all': misfolding((after, events) =>
    events.some(event => event.type === 'lapsed')
      ? ofSeveral(after, ({ phase }) => (phase.name === 'claimed' ? { phase: DUE } : {}))
      : after,
  ),
  'only the first of several is sent': {
    engine: { ...REAL, due: (state, from, now) => due(state, from, now).slice(0, 1) },
    bugs: {},
  },
  'only the first of several is watched': withAlarm((state, definition, now) =>
    nextAlarm({ ...state, visit: { ...state.visit, runs: state.visit.runs.slice(0, 1) } }, definition, now),
  ),
  'an edit is shown to whoever made it alone': losing(
    'decide',
    (event, state) => event.type === 'edited' && event.run !== state.visit.runs.find(isAsked)?.id,
  ),
}

function isQueued({ visit }: TaskState, id: number): boolean {
  return visit.runs.find(run => run.id === id)?.phase.name === 'queued'
}

function isAsked({ phase }: Run): boolean {
  return phase.name === 'asked'
}

/** The children with these changed. */
function ofChildren(state: TaskState, change: (child: Child) => Partial<Child>): TaskState {
  return { ...state, children: state.children.map(child => ({ ...child, ...change(child) })) }
}

function withWords(broken: Engine['dueBetween']): Subject {
  return { engine: { ...REAL, dueBetween: broken }, bugs: {} }
}

/** Bugs of files that are read. */
const OF_FILES: Record<string, Subject> = {
  'a file that nobody reads has no alarm': withAlarm((state, definition, now) =>
    nextAlarm({ ...state, files: [] }, definition, now),
  ),
  'what was read begins a visit that has begun': twisted('read', state => ({
    state: { ...state, visit: { ...state.visit, runs: [] } },
  })),
  'what was read begins nothing': twisted('read', state => ({ state: { ...state, halted: 'stuck' } })),
}

/** Bugs of tasks that start others. */
const OF_FAMILIES: Record<string, Subject> = {
  'whoever takes a run over starts another task': withHost({ childPerDelivery: true }),
  'a child that is started again is another': twisted('note', (state, { note }) =>
    'started' in note ? { state: { ...state, children: [] } } : null,
  ),
  'the end of a child counts each time that it is told': twisted('heard', state => ({
    state: ofChildren(state, () => ({ ended: null })),
  })),
  'the end of a child is told once': withWords((state, from, now) =>
    dueBetween(state, from, now).filter(({ kind }) => kind !== 'tell' || from === now),
  ),
  'the end of a child is lost with its host': withAlarm((state, definition, now) =>
    state.halted === null || state.halted === 'stuck' ? nextAlarm(state, definition, now) : null,
  ),
  'only what is done is told': withWords((state, from, now) =>
    dueBetween(state, from, now).filter(said => said.kind !== 'tell' || said.standing !== 'failed'),
  ),
  'a cancel is not passed on': losing('cancel', ({ type }) => type === 'recalled'),
  'a child is called back once': withWords((state, from, now) =>
    dueBetween(state, from, now).filter(({ kind }) => kind !== 'recall' || from === now),
  ),
  'what is moved on leaves its child alone': losing('move', ({ type }) => type === 'recalled'),
  'a join leaves the children of the others alone': losing(
    'heard',
    ({ type }, { visit }) => type === 'recalled' && visit.plan !== null,
  ),
  'a child that nobody waits for is let be': losing('heard', ({ type }) => type === 'recalled'),
  'nobody hears of a child whose worker was lost': withWords((state, from, now) =>
    dueBetween(state, from, now).filter(said => said.kind !== 'tell' || said.standing !== 'open'),
  ),
  'a child of an earlier attempt ends the run': twisted('heard', (state, { child, attempt }) => ({
    state: withRun(state, ({ phase, attempt: own }) =>
      phase.name === 'awaiting' && own !== attempt ? { phase: { ...phase, child } } : {},
    ),
  })),
  'how long a child may take is not watched': withAlarm((state, definition, now) =>
    nextAlarm(
      withRun(state, ({ phase }) => (phase.name === 'awaiting' ? { phase: { ...phase, until: null } } : {})),
      definition,
      now,
    ),
  ),
  'what a child has spent counts once more each time that it is told': misfolding((after, events) => {
    const told = events.flatMap(event => (event.type === 'returned' ? [event.child] : []))
    return ofChildren(after, ({ task, spent }) => (told.includes(task) ? { spent: 2 * spent } : {}))
  }),
  'a child that failed counts as done': twisted('heard', (_state, command) =>
    command.standing === 'failed' ? { command: { ...command, standing: 'done', result: 'all is well' } } : null,
  ),
}

/** Bugs of tasks that wait for their turn, and of the Gate that gives it. */
const OF_TURNS: Record<string, Subject> = {
  'a run whose turn has come stays held': losing('release', ({ type }) => type === 'released'),
  'leave counts for nothing once it is taken': {
    ...BATON,
    gate: PLANTED_IN_GATE['leave counts for nothing once it is taken'],
  },
  'a restarted Gate forgets who is at work': { ...BATON, gate: PLANTED_IN_GATE['a restart forgets who is at work'] },
}

/** A bug, in words → the engine or shell that has it. */
export const PLANTED: Record<string, Subject> = {
  ...OF_TURNS,
  'a click decides whatever is open': twisted('decide', (_state, command) => ({
    command: { ...command, visit: undefined, run: undefined, seen: undefined },
  })),
  'content is approved that was not seen': twisted('decide', (_state, command) => ({
    command: { ...command, seen: undefined },
  })),
  'a report needs no lease': twisted('report', (state, command) => {
    const phase = state.visit.runs[0]?.phase
    if (phase?.name !== 'claimed') return null
    return { command: { ...command, visit: state.visit.n, lease: phase.lease } }
  }),
  'a lease that lapsed may still report': twisted('report', (state, command) => ({
    state: withRun(state, run =>
      run.phase.name === 'due' && !Object.hasOwn(state.settled, command.lease)
        ? { phase: { name: 'claimed', lease: command.lease, until: 0, callOpen: null } }
        : {},
    ),
  })),
  'a claimed run may be claimed again': twisted('claim', state => ({
    state: withRun(state, run => (run.phase.name === 'claimed' ? { phase: DUE } : {})),
  })),
  'a repeated report is booked again': twisted('report', (state, command) => {
    const { [command.lease]: _forgotten, ...settled } = state.settled
    return { state: { ...state, settled } }
  }),
  'a repeated report claims the next run anew': twisted('report', (state, command) => {
    const [run] = state.visit.runs
    const repeated = Object.hasOwn(state.settled, command.lease)
    if (!repeated || !command.chain || run?.phase.name !== 'claimed') return null
    const { n } = state.visit
    return {
      state: withRun(state, () => ({ phase: DUE })),
      command: { type: 'claim', visit: n, run: run.id, attempt: run.attempt },
    }
  }),
  'attempts never run out': twisted('report', state => ({
    state: withRun(state, run => ({ firstAttempt: run.attempt })),
  })),
  'a failed run is tried again at once': misfolding((after, events) => {
    for (const event of events) if (event.type === 'due') event.at = after.updatedAt
    return withRun(after, run => (run.phase.name === 'due' ? { dueAt: after.updatedAt } : {}))
  }),
  'the limit of steps is not looked at': twisted('report', state => ({
    state: { ...state, raised: { ...state.raised, steps: 1000 } },
  })),
  'a person counts twice': twisted('decide', state => ({
    state: withRun(state, ({ phase }) =>
      phase.name === 'asked'
        ? { phase: { ...phase, votes: phase.votes.map(vote => ({ ...vote, voter: `${vote.voter}, again` })) } }
        : {},
    ),
  })),
  'an edit does not clear approvals': misfolding(after =>
    withRun(after, ({ phase }) =>
      phase.name === 'asked'
        ? { phase: { ...phase, votes: phase.votes.map(vote => ({ ...vote, digest: phase.ask.digest })) } }
        : {},
    ),
  ),
  'one approval is enough for a stage': twisted('decide', state => ({
    state: withRun(state, ({ phase }) =>
      phase.name === 'asked' && phase.ask.stages !== undefined
        ? { phase: { ...phase, ask: { ...phase.ask, needs: 1 } } }
        : {},
    ),
  })),
  'a change in a later stage does not lead back to the first': losing(
    'decide',
    event => event.type === 'staged' && event.stage === 0,
  ),
  'a decision that can be undone takes effect at once': twisted('wake', (state, _command, _ctx) => ({
    state: withRun(state, ({ phase }) =>
      phase.name === 'undoable' ? { phase: { ...phase, decision: { ...phase.decision, until: 0 } } } : {},
    ),
  })),
  'a decision is undone after its time': twisted('undo', state => ({
    state: withRun(state, ({ phase }) =>
      phase.name === 'undoable'
        ? { phase: { ...phase, decision: { ...phase.decision, until: Number.POSITIVE_INFINITY } } }
        : {},
    ),
  })),
  'nobody watches when a decision takes effect': withAlarm((state, definition, now) =>
    state.visit.runs.some(run => run.phase.name === 'undoable') ? null : nextAlarm(state, definition, now),
  ),
  'an undo forgets the approvals of others': misfolding((after, events) =>
    events.some(event => event.type === 'undone')
      ? withRun(after, ({ phase }) => (phase.name === 'asked' ? { phase: { ...phase, votes: [] } } : {}))
      : after,
  ),
  'a click that was undone decides once more': twisted('decide', (state, command) => {
    const isAgain = state.visit.runs.some(({ phase }) => phase.name === 'asked' && phase.ask.undone !== undefined)
    return isAgain ? { command: { ...command, seen: undefined } } : null
  }),
  'nobody watches when people are to be reminded': withAlarm((state, definition, now) => {
    const isReminded = state.visit.runs.some(({ phase }) => phase.name === 'asked' && phase.ask.remind !== undefined)
    const without = withRun(state, ({ phase }) =>
      phase.name === 'asked' ? { phase: { ...phase, ask: { ...phase.ask, remind: undefined } } } : {},
    )
    return nextAlarm(isReminded ? without : state, definition, now)
  }),
  'a reminder is told each time the task wakes': misfolding((after, events) =>
    events.some(event => event.type === 'reminded')
      ? withRun(after, ({ phase }) => (phase.name === 'asked' ? { phase: { ...phase, reminded: undefined } } : {}))
      : after,
  ),
  'who has decided is reminded, too': twisted('wake', state => ({
    state: withRun(state, ({ phase }) => (phase.name === 'asked' ? { phase: { ...phase, votes: [] } } : {})),
  })),
  'a question is left out without a word': losing('resolve', ({ type }) => type === 'skipped'),
  'silence approves': twisted('wake', (state, _command, ctx) => {
    const phase = state.visit.runs[0]?.phase
    const late = state.visit.open && phase?.name === 'asked' && phase.ask.due !== null && phase.ask.due <= ctx.now
    return late && state.status === 'waiting'
      ? { command: { type: 'decide', handoff: phase.ask.approve ?? '', note: 'x' } }
      : null
  }),
  'late usage is added twice': misfolding((after, events) => {
    const [event] = events
    if (event?.type !== 'booked') return after
    return { ...after, usage: { ...after.usage, inputTokens: after.usage.inputTokens + event.usage.inputTokens } }
  }),
  'an unclaimed run is not watched': withAlarm((state, definition, now) => {
    const due = state.visit.runs.some(run => run.phase.name === 'due' && run.dueAt <= now)
    return state.status === 'running' && due ? null : nextAlarm(state, definition, now)
  }),
  'the end of a lease is not watched': withAlarm((state, definition, now) => {
    const claimed = state.visit.runs.some(run => run.phase.name === 'claimed')
    return state.visit.open && claimed ? null : nextAlarm(state, definition, now)
  }),
  'the end of a lease is noticed an hour late': withAlarm((state, definition, now) => {
    const at = nextAlarm(state, definition, now)
    const claimed = state.visit.open && state.visit.runs.some(run => run.phase.name === 'claimed')
    return at !== null && claimed ? at + HOUR : at
  }),
  'the end of a hold is not watched': withAlarm((state, definition, now) =>
    state.visit.runs.some(run => run.phase.name === 'held') ? null : nextAlarm(state, definition, now),
  ),
  'a taken event is kept': misfolding((after, events) => {
    const taken = events.flatMap(event =>
      event.type === 'awaited' && event.took ? [{ ...event.took, data: event.output }] : [],
    )
    const again = taken.map(({ event: seq, name, data }) => ({ seq, at: after.updatedAt, name, data }))
    return again.length === 0 ? after : { ...after, events: [...after.events, ...again] }
  }),
  'an event that nobody waits for yet is dropped': misfolding(after => ({ ...after, events: [] })),
  'the latest event is taken first': twisted('event', state => ({
    state: { ...state, events: [...state.events].reverse() },
  })),
  'an event that comes too late ends the wait': twisted('event', state => ({
    state: withRun(state, ({ phase }) =>
      phase.name === 'awaiting' && phase.until !== null ? { phase: { ...phase, until: phase.until + HOUR } } : {},
    ),
  })),
  'an event of any name ends the wait': twisted('event', state => ({
    state: withRun(state, ({ phase }) =>
      phase.name === 'awaiting' && phase.names.length > 0
        ? { phase: { ...phase, names: [...phase.names, 'other', 'paid', 'stop'] } }
        : {},
    ),
  })),
  'the end of a wait is not watched': withAlarm((state, definition, now) =>
    state.visit.runs.some(run => run.phase.name === 'awaiting') ? null : nextAlarm(state, definition, now),
  ),
  'a wait ends as soon as anybody looks': twisted('event', state => ({
    state: withRun(state, ({ phase }) => (phase.name === 'awaiting' ? { phase: { ...phase, until: 0 } } : {})),
  })),
  'an event that is sent twice counts twice': withHost({ forgetsKeys: true }),
  'an alarm that comes late sends nothing': {
    engine: { ...REAL, due: (state, from, now) => due(state, from, now).filter(() => from === now) },
    bugs: {},
  },
  'slots are counted from when the alarm fires': withHost({ slotsFromNow: true }),
  'the flush cursor is moved before D1 confirmed': withHost({ cursorBeforeConfirmation: true }),
  'a confirmed flush drops what came meanwhile': withHost({ confirmsWhatCameLater: true }),
  'a restart forgets what was not flushed': withHost({ forgetsUnflushed: true }),
  'a task that is over takes its alarm back before D1 has all of it': withHost({ clearsAlarmEarly: true }),
  'audit rows are inserted unseen': withHost({ plainInsert: true }),
  'an old flush overwrites a newer one': withHost({ noSeqGuard: true }),
  'an alarm that throws is gone': withHost({ alarmConsumed: true }),
  'the alarm is set after the commit': withHost({ alarmAfterCommit: true }),
  'a restart folds the last row twice': withHost({ foldsLastRowTwice: true }),
  'memory is ahead of the disk': withHost({ memoryAheadOfDisk: true }),
  ...OF_SEVERAL,
  ...Object.fromEntries(Object.entries(OF_FILES).map(([bug, subject]) => [bug, { ...subject, ofFiles: true }])),
  ...Object.fromEntries(Object.entries(OF_FAMILIES).map(([bug, subject]) => [bug, { ...subject, ofFamilies: true }])),
}
