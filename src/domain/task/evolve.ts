/** The fold: what each event makes of the state. It copies facts and never works anything out again. */
import type { Actor, EventType, LogRow, RunOutcome, Stored, TaskEvent, Usage } from './events.ts'
import { LOG_VERSION } from './events.ts'
import { originOf } from './source.ts'
import type { Run, RunPhase, Status, TaskState, Visit } from './state.ts'

/** When an event was recorded and who caused it. */
export interface Stamp {
  at: number
  actor: Actor
}

type EventOf<T extends EventType> = Extract<TaskEvent, { type: T }>
type Fold<T extends EventType> = (state: TaskState, event: EventOf<T>, stamp: Stamp) => TaskState

const NO_LAST = { step: null, output: null, handoff: null, note: null, by: null }

/** Names a person, key or link holder as a reader and a vote know them. A person and their link are one voter. */
export function voterOf(actor: Actor): string {
  switch (actor.kind) {
    case 'system':
      return 'system'
    case 'key':
      return `key:${actor.id}`
    default:
      return actor.id.toLowerCase()
  }
}

function born(event: EventOf<'created'>, stamp: Stamp): TaskState {
  return {
    task: event.task,
    team: event.team,
    workflow: event.workflow,
    version: event.version,
    digest: event.digest,
    pinned: event.pinned,
    title: event.title,
    input: event.input,
    source: event.source ? originOf(event.source) : null,
    startedBy: stamp.actor,
    createdAt: stamp.at,
    updatedAt: stamp.at,
    finishedAt: null,
    seq: 1,
    status: 'running',
    visit: { n: 0, step: '', enteredAt: stamp.at, by: 'start', open: false, runs: [] },
    // Of no visit of this task: its first one has number 1, theirs are 0 and less.
    steps: Object.fromEntries((event.begin?.outputs ?? []).map(({ step, ...record }) => [step, record])),
    last: event.begin?.last ?? NO_LAST,
    decided: {},
    usage: { inputTokens: 0, outputTokens: 0, cost: 0, unpriced: 0 },
    raised: { steps: null, cost: null },
    until: event.until,
    stuck: null,
    limitStepUsed: false,
    error: null,
    result: null,
    settled: {},
  }
}

/** What the task's status is when nothing but its runs decides it. */
function restingStatus(visit: Visit): Status {
  if (visit.runs.some(run => run.phase.name === 'asked')) return 'waiting'
  return visit.runs.some(run => run.phase.name === 'held') ? 'held' : 'running'
}

function newRun(id: number, at: number): Run {
  return { id, attempt: 1, firstAttempt: 1, dueAt: at, prompt: null, lapses: 0, phase: { name: 'due' } }
}

/** The state with one run changed; a run that is not there yet begins. */
function withRun(state: TaskState, id: number, stamp: Stamp, change: (run: Run) => Run): TaskState {
  const known = state.visit.runs.some(run => run.id === id)
  const runs = known
    ? state.visit.runs.map(run => (run.id === id ? change(run) : run))
    : [...state.visit.runs, change(newRun(id, stamp.at))]
  return { ...state, visit: { ...state.visit, runs } }
}

function withPhase(state: TaskState, id: number, stamp: Stamp, phase: RunPhase): TaskState {
  return withRun(state, id, stamp, run => ({ ...run, phase }))
}

function withUsage(state: TaskState, usage: Usage | null): TaskState {
  if (usage === null) return state
  const priced = usage.cost !== null && usage.cost !== undefined
  return {
    ...state,
    usage: {
      inputTokens: state.usage.inputTokens + usage.inputTokens,
      outputTokens: state.usage.outputTokens + usage.outputTokens,
      cost: Math.round((state.usage.cost + (priced ? usage.cost! : 0)) * 1e6) / 1e6,
      unpriced: state.usage.unpriced + (priced ? 0 : usage.calls),
    },
  }
}

function withOutput(state: TaskState, step: string, output: Stored<unknown>): TaskState {
  const kept = state.steps[step]
  const record = { visit: state.visit.n, output: output as Stored<never>, decision: null }
  return {
    ...state,
    steps: { ...state.steps, [step]: kept?.visit === state.visit.n ? { ...kept, output: record.output } : record },
  }
}

function reportedPhase(outcome: RunOutcome): RunPhase {
  return outcome.kind === 'completed' ? { name: 'completed' } : { name: 'failed', failure: outcome.failure }
}

const folds: { [T in EventType]: Fold<T> } = {
  created: (_state, event, stamp) => born(event, stamp),
  entered: (state, event, stamp) => ({
    ...state,
    status: 'running',
    stuck: null,
    error: null,
    input: event.input === undefined ? state.input : event.input,
    limitStepUsed: state.limitStepUsed || event.by === 'limit',
    visit: { n: event.visit, step: event.step, enteredAt: stamp.at, by: event.by, open: true, runs: [] },
  }),
  due: (state, event, stamp) => ({
    ...withRun(state, event.run, stamp, run => ({
      ...run,
      attempt: event.attempt,
      firstAttempt: event.fresh ? event.attempt : run.firstAttempt,
      dueAt: event.at,
      prompt: event.prompt ?? run.prompt,
      lapses: event.fresh ? 0 : run.lapses,
      phase: { name: 'due' },
    })),
    status: 'running',
    stuck: null,
    error: null,
  }),
  claimed: (state, event, stamp) => ({
    ...withPhase(state, event.run, stamp, { name: 'claimed', lease: event.lease, until: event.until, callOpen: null }),
    settled: event.chained === undefined ? state.settled : { ...state.settled, [event.chained]: event.lease },
  }),
  beaten: (state, event, stamp) =>
    withRun(state, event.run, stamp, run =>
      run.phase.name === 'claimed'
        ? { ...run, phase: { ...run.phase, until: event.until, callOpen: event.call ?? null } }
        : run,
    ),
  lapsed: (state, event, stamp) =>
    withRun(state, event.run, stamp, run => ({
      ...run,
      lapses: event.lapses,
      dueAt: stamp.at,
      phase: { name: 'due' },
    })),
  reported: (state, event, stamp) => {
    const next = withUsage(withPhase(state, event.run, stamp, reportedPhase(event.outcome)), event.usage)
    const settled = event.lease === '' ? next.settled : { ...next.settled, [event.lease]: null }
    return event.outcome.kind === 'completed'
      ? { ...withOutput(next, state.visit.step, event.outcome.output), settled }
      : { ...next, settled }
  },
  booked: (state, event) => ({ ...withUsage(state, event.usage), settled: { ...state.settled, [event.lease]: null } }),
  asking: (state, event, stamp) => ({
    ...withRun(state, event.run, stamp, run => ({
      ...run,
      dueAt: stamp.at,
      phase: { name: 'asking', roles: event.roles },
    })),
    status: 'running',
    stuck: null,
    error: null,
  }),
  asked: (state, event, stamp) => ({
    ...withPhase(state, event.run, stamp, { name: 'asked', ask: event.ask, votes: [] }),
    status: 'waiting',
    stuck: null,
    error: null,
  }),
  assigned: (state, event, stamp) => {
    const next = withRun(state, event.run, stamp, run =>
      run.phase.name === 'asked'
        ? {
            ...run,
            phase: {
              ...run.phase,
              ask: { ...run.phase.ask, assignees: event.to, due: event.by === 'overdue' ? null : run.phase.ask.due },
            },
          }
        : run,
    )
    return state.stuck?.cause === 'nobody_assigned' && event.to.length > 0
      ? { ...next, status: 'waiting', stuck: null }
      : next
  },
  edited: (state, event, stamp) => {
    const kept = state.steps[event.step]
    const steps = {
      ...state.steps,
      [event.step]: { visit: kept?.visit ?? state.visit.n, decision: kept?.decision ?? null, output: event.output },
    }
    return withRun({ ...state, steps }, event.run, stamp, run =>
      run.phase.name === 'asked'
        ? {
            ...run,
            phase: {
              ...run.phase,
              ask: { ...run.phase.ask, digest: event.digest, artefact: { step: event.step, output: event.output } },
            },
          }
        : run,
    )
  },
  decided: (state, event, stamp) => {
    const vote = {
      by: stamp.actor,
      voter: voterOf(stamp.actor),
      at: stamp.at,
      handoff: event.handoff,
      digest: event.digest,
    }
    const voted = withRun(state, event.run, stamp, run =>
      run.phase.name === 'asked' ? { ...run, phase: { ...run.phase, votes: [...run.phase.votes, vote] } } : run,
    )
    if (!event.settles) return voted
    const { step, n } = state.visit
    const decision = { handoff: event.handoff, note: event.note, by: voterOf(stamp.actor) }
    const kept = state.steps[step]
    return {
      ...withPhase(voted, event.run, stamp, { name: 'completed' }),
      status: 'running',
      stuck: null,
      steps: { ...state.steps, [step]: { visit: n, output: kept?.visit === n ? kept.output : null, decision } },
      decided: { ...state.decided, [event.visit]: { by: stamp.actor, at: stamp.at, handoff: event.handoff } },
    }
  },
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
  left: state => ({ ...state, visit: { ...state.visit, open: false } }),
  stuck: (state, event) => ({
    ...state,
    status: 'stuck',
    stuck: { cause: event.cause, message: event.message, fix: event.fix, next: event.next ?? null },
  }),
  failed: (state, event) => ({
    ...state,
    status: 'failed',
    error: { code: event.code, message: event.message, step: state.visit.step || null },
  }),
  held: (state, event, stamp) => ({
    ...withPhase(state, event.run, stamp, {
      name: 'held',
      reason: event.reason,
      message: event.message,
      fix: event.fix,
      until: event.until,
    }),
    status: 'held',
  }),
  released: (state, event, stamp) => ({
    ...withRun(state, event.run, stamp, run => ({ ...run, dueAt: stamp.at, phase: { name: 'due' } })),
    status: 'running',
  }),
  raised: (state, event) => ({
    ...state,
    raised: { steps: event.limits.steps ?? state.raised.steps, cost: event.limits.cost ?? state.raised.cost },
    until: event.until,
    status: state.stuck?.cause.startsWith('limit_') ? restingStatus(state.visit) : state.status,
    stuck: state.stuck?.cause.startsWith('limit_') ? null : state.stuck,
  }),
  migrated: (state, event) => ({
    ...state,
    pinned: event.pinned,
    digest: event.digest,
    version: event.version,
    until: event.until,
  }),
  noticed: state => state,
  finished: (state, event, stamp) => ({
    ...state,
    status: 'done',
    result: event.result,
    finishedAt: stamp.at,
    stuck: null,
    error: null,
  }),
  cancelled: (state, _event, stamp) => ({ ...state, status: 'cancelled', finishedAt: stamp.at, stuck: null }),
}

/** The state after one more event. `state` is null before the first, `created`. */
export function evolve(state: TaskState | null, event: TaskEvent, stamp: Stamp): TaskState {
  if (event.type === 'created') return born(event, stamp)
  const fold = folds[event.type] as Fold<EventType>
  const next = fold(state!, event as never, stamp)
  return { ...next, seq: state!.seq + 1, updatedAt: stamp.at }
}

/** Whether this code knows how to read the row; a newer release may have written what it does not. */
export function isReadable(row: LogRow): boolean {
  return row.v <= LOG_VERSION && row.events.every(event => Object.hasOwn(folds, event.type))
}

/** The state that a log comes to; null for an empty log. Rows must be readable and in order. */
export function replay(rows: Iterable<LogRow>, onto: TaskState | null = null): TaskState | null {
  let state = onto
  for (const row of rows) for (const event of row.events) state = evolve(state, event, row)
  return state
}
