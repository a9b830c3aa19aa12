/** The state with one thing changed: what the fold in evolve.ts is put together from. */
import type { Json } from '../../json/json.ts'
import type { Actor, EventType, TaskEvent } from '../events.ts'
import type { AskedCall } from '../people/ask.ts'
import type { RunOutcome, Usage } from '../run/outcome.ts'
import type { Call, Run, RunPhase, Stuck, TaskState } from '../state.ts'
import type { Stored } from './blob.ts'
import { originOf } from './source.ts'

/** When an event was recorded and who caused it. */
export interface Stamp {
  at: number
  actor: Actor
}

export type EventOf<T extends EventType> = Extract<TaskEvent, { type: T }>

const NO_LAST = { step: null, output: null, handoff: null, note: null, by: null }

export function born(event: EventOf<'created'>, stamp: Stamp): TaskState {
  return {
    task: event.task,
    team: event.team,
    workflow: event.workflow,
    version: event.version,
    digest: event.digest,
    pinned: event.pinned,
    title: event.title,
    key: event.key ?? null,
    duplicateOf: event.duplicateOf ?? null,
    input: event.input,
    source: event.source ? originOf(event.source) : null,
    callback: event.source?.callback ?? null,
    startedBy: stamp.actor,
    createdAt: stamp.at,
    updatedAt: stamp.at,
    finishedAt: null,
    seq: 1,
    status: 'running',
    halted: null,
    stops: [],
    visit: { n: 0, step: '', enteredAt: stamp.at, by: 'start', open: false, runs: [], plan: null },
    // Of no visit of this task: its first one has number 1, theirs are 0 and less.
    steps: Object.fromEntries((event.begin?.outputs ?? []).map(({ step, ...record }) => [step, record])),
    last: event.begin?.last ?? NO_LAST,
    decided: {},
    usage: { inputTokens: 0, outputTokens: 0, cost: 0, unpriced: 0 },
    spent: {},
    terms: event.terms ?? { budget: null },
    raised: { steps: null, cost: null, calls: null, model: null },
    files: (event.files ?? []).map(file => ({ ...file, by: stamp.actor })),
    events: [],
    comments: [],
    children: [],
    told: null,
    calls: 0,
    until: event.until,
    stuck: null,
    limitStepUsed: false,
    error: null,
    result: null,
    settled: {},
  }
}

export function newRun(id: number, name: string | null, at: number): Run {
  const nothing = { prompt: null, output: null, calls: [], turns: [], firstTurn: 0, lapses: 0 }
  return { id, name, attempt: 1, firstAttempt: 1, dueAt: at, ...nothing, phase: { name: 'due' } }
}

/** The task goes on: nothing stops it as a whole, nor this run of it. */
export function goingOn(state: TaskState, run: number): Pick<TaskState, 'halted' | 'stops' | 'error'> {
  return { ...withoutStops(state, stop => stop.run === null || stop.run === run), error: null }
}

/** Without what it was stuck at there; a task that is stuck at nothing is not stuck. */
export function withoutStops(state: TaskState, gone: (stop: Stuck) => boolean): Pick<TaskState, 'halted' | 'stops'> {
  const stops = state.stops.filter(stop => !gone(stop))
  return { stops, halted: stops.length > 0 ? 'stuck' : null }
}

/** What names the run of an event. */
interface RunRef {
  run: number
  name?: string
}

/** The state with one run changed; a run that is not there yet begins. */
export function withRun(
  state: TaskState,
  { run: id, name }: RunRef,
  stamp: Stamp,
  change: (run: Run) => Run,
): TaskState {
  const known = state.visit.runs.some(run => run.id === id)
  const runs = known
    ? state.visit.runs.map(run => (run.id === id ? change(run) : run))
    : [...state.visit.runs, change(newRun(id, name ?? null, stamp.at))]
  return { ...state, visit: { ...state.visit, runs } }
}

export function withPhase(state: TaskState, ref: RunRef, stamp: Stamp, phase: RunPhase): TaskState {
  return withRun(state, ref, stamp, run => ({ ...run, phase }))
}

/** What was used in the visit counts, to the task and to the visit's step. */
export function withUsage(state: TaskState, { visit, usage }: { visit: number; usage: Usage | null }): TaskState {
  if (usage === null) return state
  const step = stepOfVisit(state, visit)
  const used = { cost: usage.cost ?? 0, unpriced: usage.cost === null || usage.cost === undefined ? usage.calls : 0 }
  return {
    ...state,
    usage: {
      inputTokens: state.usage.inputTokens + usage.inputTokens,
      outputTokens: state.usage.outputTokens + usage.outputTokens,
      ...plus(state.usage, used),
    },
    spent: { ...state.spent, [step]: plus(state.spent[step] ?? { cost: 0, unpriced: 0 }, used) },
  }
}

type Spent = TaskState['spent'][string]

function plus(sum: Spent, { cost, unpriced }: Spent): Spent {
  return { cost: Math.round((sum.cost + cost) * 1e6) / 1e6, unpriced: sum.unpriced + unpriced }
}

/** What comes late belongs to the step that it was used at, as far as that is still known. */
function stepOfVisit({ visit, steps }: TaskState, n: number): string {
  if (visit.n === n) return visit.step
  return Object.entries(steps).find(([, record]) => record.visit === n)?.[0] ?? visit.step
}

export function withOutput(state: TaskState, step: string, output: Stored<unknown>): TaskState {
  const kept = state.steps[step]
  const record = { visit: state.visit.n, output: output as Stored<never>, decision: null }
  return {
    ...state,
    steps: { ...state.steps, [step]: kept?.visit === state.visit.n ? { ...kept, output: record.output } : record },
  }
}

/** The decision is the step's; its output is what was filled in, if anything was. */
export function withDecision(
  state: TaskState,
  decision: NonNullable<TaskState['steps'][string]['decision']>,
  filled?: Stored<Json>,
): TaskState {
  const { step, n } = state.visit
  const kept = state.steps[step]
  const output = filled ?? (kept?.visit === n ? kept.output : null)
  return { ...state, steps: { ...state.steps, [step]: { visit: n, output, decision } } }
}

export function prolonged(run: Run, until: number): Run {
  return run.phase.name === 'claimed' ? { ...run, phase: { ...run.phase, until } } : run
}

/** The run's calls with this one begun; made again, it takes the place of its earlier try. */
export function withCall(run: Run, { call: id, tool, args, safe, attempt }: EventOf<'called'>, at: number): Call[] {
  const earlier = run.calls.find(call => call.id === id)
  const call = { id, tool, args, at, attempt, safe, open: true, receipt: null, allowed: earlier?.allowed ?? null }
  return [...run.calls.filter(each => each.id !== id), call]
}

export function withAskedCall(run: Run, { id, tool, args }: AskedCall, at: number): Call[] {
  const known = run.calls.find(call => call.id === id)
  if (known !== undefined) return run.calls.map(call => (call.id === id ? { ...call, open: false } : call))
  const call = { id, tool, args, at, attempt: run.attempt, safe: true, open: false, receipt: null, allowed: null }
  return [...run.calls, call]
}

export function answeredCall(call: Call, { ok, status, result, failure }: EventOf<'answered'>): Call {
  const receipt = { ok, status: status ?? null, result: result ?? null, failure: failure ?? null }
  return { ...call, open: false, receipt }
}

export function reportedPhase(outcome: RunOutcome): RunPhase {
  return outcome.kind === 'completed' ? { name: 'completed' } : { name: 'failed', failure: outcome.failure }
}

/** A run's phase once its lease is given; that it was held before stays known. */
export function claimedPhase(phase: RunPhase, { lease, until }: EventOf<'claimed'>): RunPhase {
  return { name: 'claimed', lease, until, ...(phase.name === 'due' && phase.waited && { waited: true }) }
}
