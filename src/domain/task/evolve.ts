/** The fold: what each event makes of the state. It copies facts and never works anything out again. */
import { type EventType, LOG_VERSION, type LogRow, type TaskEvent } from './events.ts'
import {
  withAssignees,
  withEdit,
  withEffect,
  withFields,
  withoutPending,
  withoutReview,
  withoutVote,
  withReminder,
  withStage,
  withVote,
} from './log/asked-changes.ts'
import {
  answeredCall,
  born,
  claimedPhase,
  type EventOf,
  goingOn,
  newRun,
  prolonged,
  reportedPhase,
  type Stamp,
  withAskedCall,
  withCall,
  withOutput,
  withoutStops,
  withPhase,
  withRun,
  withUsage,
} from './log/changes.ts'
import { withChild, withStarted } from './log/child-changes.ts'
import { upcast } from './log/upcast.ts'
import { voterOf } from './people/voter.ts'
import { PLAIN_RUN, statusOf, type TaskState } from './state.ts'

type Fold<T extends EventType> = (state: TaskState, event: EventOf<T>, stamp: Stamp) => TaskState

const folds: { [T in EventType]: Fold<T> } = {
  created: (_state, event, stamp) => born(event, stamp),
  entered: (state, event, stamp) => ({
    ...state,
    halted: null,
    stops: [],
    error: null,
    input: event.input === undefined ? state.input : event.input,
    limitStepUsed: state.limitStepUsed || event.by === 'limit',
    visit: { n: event.visit, step: event.step, enteredAt: stamp.at, by: event.by, open: true, runs: [], plan: null },
  }),
  planned: (state, { names, items, atOnce }, stamp) => ({
    ...state,
    visit: {
      ...state.visit,
      runs: names.map((name, index) => ({ ...newRun(PLAIN_RUN + index, name, stamp.at), phase: { name: 'queued' } })),
      plan: { items: items ?? null, atOnce: atOnce ?? null },
    },
    ...withoutStops(state, () => true),
    error: null,
  }),
  queued: (state, event, stamp) => ({
    ...withPhase(state, event, stamp, { name: 'queued' }),
    ...goingOn(state, event.run),
  }),
  due: (state, event, stamp) => ({
    ...withRun(state, event, stamp, run => ({
      ...run,
      attempt: event.attempt,
      firstAttempt: event.fresh ? event.attempt : run.firstAttempt,
      dueAt: event.at,
      prompt: event.prompt ?? run.prompt,
      ...(event.files !== undefined && { files: event.files }),
      lapses: event.fresh ? 0 : run.lapses,
      firstTurn: event.fresh ? run.turns.length : run.firstTurn,
      phase: { name: 'due' },
    })),
    ...goingOn(state, event.run),
  }),
  claimed: (state, event, stamp) => ({
    ...withRun(state, event, stamp, run => ({
      ...run,
      // What an earlier attempt left open is made again, or was answered by a person.
      calls: run.calls.filter(call => !call.open),
      phase: claimedPhase(run.phase, event),
    })),
    settled: event.chained === undefined ? state.settled : { ...state.settled, [event.chained]: event.lease },
  }),
  called: (state, event, stamp) => ({
    ...withRun(state, event, stamp, run => ({ ...prolonged(run, event.until), calls: withCall(run, event, stamp.at) })),
    calls: state.calls + 1,
  }),
  answered: (state, event, stamp) =>
    withRun(state, event, stamp, run => ({
      ...prolonged(run, event.until),
      calls: run.calls.map(call => (event.call === null || call.id === event.call ? answeredCall(call, event) : call)),
    })),
  turned: (state, event, stamp) =>
    withUsage(
      withRun(state, event, stamp, run => ({
        ...prolonged(run, event.until),
        turns: [...run.turns, { text: event.text, calls: event.calls }],
      })),
      event,
    ),
  allowed: (state, event, stamp) =>
    withRun(state, event, stamp, run => ({
      ...run,
      calls: run.calls.map(call => (call.id === event.call ? { ...call, allowed: event.args } : call)),
    })),
  lapsed: (state, event, stamp) =>
    withRun(state, event, stamp, run => ({
      ...run,
      lapses: event.lapses,
      dueAt: stamp.at,
      phase: { name: 'due' },
    })),
  reported: (state, event, stamp) => {
    const { outcome } = event
    const phase = reportedPhase(outcome)
    const output = outcome.kind === 'completed' ? outcome.output : null
    const next = withUsage(
      withRun(state, event, stamp, run => ({ ...run, output, phase })),
      event,
    )
    const settled = event.lease === '' ? next.settled : { ...next.settled, [event.lease]: null }
    return { ...(event.joins ? withOutput(next, state.visit.step, output) : next), settled }
  },
  joined: (state, event) => withOutput(state, state.visit.step, event.output),
  fenced: (state, event, stamp) => withPhase(state, event, stamp, { name: 'fenced' }),
  booked: (state, event) => ({
    ...withUsage(state, event),
    settled: { ...state.settled, [event.lease]: null },
  }),
  asking: (state, event, stamp) => ({
    ...withRun(state, event, stamp, run => ({
      ...run,
      dueAt: stamp.at,
      phase: {
        name: 'asking',
        roles: event.roles,
        ...(event.hours && { hours: event.hours }),
        ...(event.sample && { sample: event.sample }),
      },
    })),
    ...goingOn(state, event.run),
  }),
  asked: (state, event, stamp) => ({
    ...withRun(state, event, stamp, run => ({
      ...run,
      calls: event.ask.call === undefined ? run.calls : withAskedCall(run, event.ask.call, stamp.at),
      phase: { name: 'asked', ask: event.ask, votes: [] },
    })),
    ...goingOn(state, event.run),
  }),
  awaiting: (state, event, stamp) => ({
    ...withPhase(state, event, stamp, { name: 'awaiting', until: event.until, names: [], passed: [] }),
    ...goingOn(state, event.run),
  }),
  awaited: (state, event, stamp) => ({
    ...withRun(state, event, stamp, run => ({ ...run, output: event.output, phase: { name: 'completed' } })),
    events: state.events.filter(({ seq }) => seq !== event.took?.event),
  }),
  listening: (state, { names, until, ...event }, stamp) => ({
    ...withPhase(state, event, stamp, { name: 'awaiting', until, names, passed: [] }),
    ...goingOn(state, event.run),
  }),
  weighed: (state, event, stamp) =>
    withRun(state, event, stamp, run =>
      run.phase.name === 'awaiting'
        ? { ...run, phase: { ...run.phase, passed: [...run.phase.passed, event.event] } }
        : run,
    ),
  started: withStarted,
  recalled: (state, { child }, { at }) => withChild(state, child, { recalledAt: at }),
  returned: (state, { child, standing, result, message, spent = 0 }) =>
    withChild(state, child, { ended: { standing, result, message }, spent }),
  told: (state, { standing }) => ({ ...state, told: standing }),
  assigned: withAssignees,
  edited: withEdit,
  filled: withFields,
  decided: withVote,
  reminded: withReminder,
  undone: withoutVote,
  effected: withEffect,
  skipped: withoutReview,
  staged: withStage,
  routed: (state, event, stamp) => {
    if (event.to === null) return state
    const record = state.steps[state.visit.step]
    const own = record?.visit === state.visit.n ? record : undefined
    return {
      ...state,
      visit: { ...state.visit, open: false },
      last: {
        step: state.visit.step,
        output: own?.output ?? null,
        handoff: event.outcome,
        note: event.note ?? own?.decision?.note ?? null,
        by: event.by === 'hand' ? voterOf(stamp.actor) : (own?.decision?.by ?? null),
      },
    }
  },
  left: state => ({ ...withoutPending(state), visit: { ...state.visit, open: false } }),
  stuck: (state, { cause, message, fix, next, run }) => {
    const stop = { cause, message, fix, next: next ?? null, run: run ?? null }
    return { ...state, halted: 'stuck', stops: [...state.stops.filter(each => each.run !== stop.run), stop] }
  },
  failed: (state, event) => ({
    ...state,
    halted: 'failed',
    stops: [],
    error: { code: event.code, message: event.message, step: state.visit.step || null },
  }),
  held: (state, { reason, message, fix, until, ...event }, stamp) =>
    withPhase(state, event, stamp, { name: 'held', reason, message, fix, until }),
  released: (state, event, stamp) =>
    withRun(state, event, stamp, run => ({ ...run, dueAt: stamp.at, phase: { name: 'due', waited: true } })),
  raised: (state, event) => ({
    ...state,
    raised: {
      steps: event.limits.steps ?? state.raised.steps,
      cost: event.limits.cost ?? state.raised.cost,
      calls: event.limits.calls ?? state.raised.calls,
      model: event.model ?? state.raised.model,
    },
    until: event.until,
    ...(state.halted === 'stuck' ? withoutStops(state, ({ cause }) => cause.startsWith('limit_')) : {}),
  }),
  migrated: (state, event) => ({
    ...state,
    pinned: event.pinned,
    digest: event.digest,
    version: event.version,
    until: event.until,
  }),
  noticed: (state, { name, data }, { at }) => ({
    ...state,
    events: [...state.events, { seq: state.seq + 1, at, name, data }],
  }),
  attached: (state, { files }, { actor: by }) => ({
    ...state,
    files: [...state.files, ...files.map(file => ({ ...file, by }))],
  }),
  detached: (state, { file }) => ({ ...state, files: state.files.filter(({ id }) => id !== file) }),
  read: (state, { file: id, text, noText }) => ({
    ...state,
    files: state.files.map(file => {
      if (file.id !== id) return file
      const { reading: _reading, ...rest } = file
      return { ...rest, ...(text !== undefined && { text }), ...(noText !== undefined && { noText }) }
    }),
  }),
  commented: (state, { text, to }, { at, actor: by }) => ({
    ...state,
    comments: [...state.comments, { seq: state.seq + 1, at, by, text, to }],
  }),
  finished: (state, event, stamp) => ({
    ...state,
    halted: 'done',
    stops: [],
    result: event.result,
    finishedAt: stamp.at,
    error: null,
  }),
  cancelled: (state, _event, stamp) => ({ ...state, halted: 'cancelled', stops: [], finishedAt: stamp.at }),
}

/** The state after one more event. `state` is null before the first, `created`. */
export function evolve(state: TaskState | null, event: TaskEvent, stamp: Stamp): TaskState {
  if (event.type === 'created') return born(event, stamp)
  const fold = folds[event.type] as Fold<EventType>
  const next = fold(state!, event as never, stamp)
  const status = statusOf(next)
  return { ...next, status, stuck: next.stops.at(-1) ?? null, seq: state!.seq + 1, updatedAt: stamp.at }
}

/** Whether this code knows how to read the row; a newer release may have written what it does not. */
export function isReadable(row: LogRow): boolean {
  return row.v <= LOG_VERSION && upcast(row).every(event => Object.hasOwn(folds, event.type))
}

/** The state that a log comes to; null for an empty log. Rows must be readable and in order. */
export function replay(rows: Iterable<LogRow>, onto: TaskState | null = null): TaskState | null {
  let state = onto
  for (const row of rows) for (const event of upcast(row)) state = evolve(state, event, row)
  return state
}
