/** The runs of a visit beside one another: which may begin, what those under way may cost, what all come to together. */
import type { Joined, JoinedRun } from '../../handler/handler.ts'
import type { Json } from '../../json/json.ts'
import { validate } from '../../schema/validate.ts'
import { lengthOf, reserveOf } from '../cost.ts'
import { isOver, mayGoOn, type Run, type RunPhase } from '../state.ts'
import type { TaskChange } from '../task-change.ts'
import type { RunFailure } from './outcome.ts'

/** What several runs put out together, as JSON (definition.md, Sizes). */
const MAX_JOINED = 256 * 1024
const MAX_ERRORS = 3

/** Phases of a run that nothing more happens to by itself. */
const ENDED: readonly RunPhase['name'][] = ['completed', 'failed', 'fenced']

/** Whether the run has come to its end. */
export function hasEnded({ phase }: Run): boolean {
  return ENDED.includes(phase.name)
}

/** The run whose turn it is; undefined: none waits, no more may be at work, or a limit or the task's end stands in the way. */
export function nextInLine({ state, ctx }: TaskChange): Run | undefined {
  const { runs, plan, open } = state.visit
  if (!open || isOver(state.status) || state.stops.some(stop => stop.cause.startsWith('limit_'))) return undefined
  // Past its time nothing more begins; what is under way is let finish.
  if (state.until !== null && ctx.now >= state.until && !state.limitStepUsed) return undefined
  const atWork = runs.filter(run => !hasEnded(run) && run.phase.name !== 'queued').length
  if (plan !== null && plan.atOnce !== null && atWork >= plan.atOnce) return undefined
  return runs.find(run => run.phase.name === 'queued' && mayGoOn(state, run))
}

/** USD that the other runs may cost which are under way; null: none is. */
export function underWay(change: TaskChange, except: number): number | null {
  const { state } = change
  const spending = state.visit.runs.filter(run => {
    const works = run.phase.name === 'due' || run.phase.name === 'claimed'
    return works && run.id !== except && mayGoOn(state, run) && change.rulesOf(run).handler.spends === 'calls'
  })
  if (spending.length === 0) return null
  const costs = spending.map(run => reserveOf(change, change.rulesOf(run).job.frame, lengthOf(state, run)))
  return costs.reduce((sum, cost) => sum + cost, 0)
}

/** What the visit's runs come to together, checked like any step's output. */
export function joinedOf(change: TaskChange): Joined {
  const { handler, job } = change.rules
  const runs = change.state.visit.runs.map(run => asJoined(change, run))
  const joined = handler.spread!.join(job, runs)
  if (joined.kind !== 'joined') return joined
  const failure = faultOf(joined.output, job.frame.output)
  return failure === null ? joined : { kind: 'failed', failure }
}

/** A run whose next attempt a limit forbids has not failed for good: it goes on once the limit is raised. */
function asJoined(change: TaskChange, { id, name, phase, output }: Run): JoinedRun {
  const isStopped = change.state.stops.some(stop => stop.run === id && stop.cause.startsWith('limit_'))
  const failure = phase.name === 'failed' && !isStopped ? phase.failure : null
  const state = phase.name === 'completed' ? 'completed' : failure === null ? 'open' : 'failed'
  return { name: name ?? '', state, failure, output: () => change.value<Json>(output) }
}

function faultOf(output: Json, schema: Parameters<typeof validate>[0] | undefined): RunFailure | null {
  const { length } = JSON.stringify(output)
  if (length > MAX_JOINED) {
    const message = `What the step put out together has ${Math.ceil(length / 1024)} KiB; ${MAX_JOINED / 1024} KiB are the most.`
    return { code: 'output_too_large', message, retryable: false }
  }
  const problems = schema === undefined ? [] : validate(schema, output)
  if (problems.length === 0) return null
  const told = problems.slice(0, MAX_ERRORS).map(problem => problem.message)
  const message = `What the step put out together does not fit its schema: ${told.join('; ')}.`
  return { code: 'invalid_output', message, retryable: false }
}
