/** The lease of an attempt: who holds it, until when, and what a worker is given with it. */
import { costOf } from '../../money.ts'
import type { Definition } from '../../workflow/definition.ts'
import { durationMs } from '../../workflow/parts.ts'
import type { AttemptRef } from '../commands.ts'
import type { Run, TaskState } from '../state.ts'
import type { TaskChange } from '../task-change.ts'
import type { Usage } from './outcome.ts'
import type { Rules } from './rules.ts'

/** A model call ends by itself after this, unless the step says otherwise (features D3). */
const MODEL_TIMEOUT_MS = 60_000
/** A lease outlives its call by this, so that an answer in time is never void. */
const LEASE_MARGIN_MS = 15_000

export type ClaimedRun = Run & { phase: Extract<Run['phase'], { name: 'claimed' }> }

/** How long one attempt at this step may take, in ms. */
export function timeoutMs(definition: Definition, { handler, job }: Rules): number {
  if (handler.leaseMs !== undefined) return handler.leaseMs
  const text = job.frame.timeout ?? definition.defaults?.timeout
  return (text === undefined ? null : durationMs(text)) ?? handler.patienceMs ?? MODEL_TIMEOUT_MS
}

/** When a lease that is given or prolonged now ends, in ms since the epoch. */
export function leaseEnd(change: TaskChange, run: Run): number {
  return change.ctx.now + timeoutMs(change.pinned.definition, change.rulesOf(run)) + LEASE_MARGIN_MS
}

/** The run that this lease still holds, or undefined: the attempt is void. */
export function leased(state: TaskState, ref: AttemptRef): ClaimedRun | undefined {
  if (state.visit.n !== ref.visit || !state.visit.open) return undefined
  return state.visit.runs.find(
    (run): run is ClaimedRun => run.id === ref.run && run.phase.name === 'claimed' && run.phase.lease === ref.lease,
  )
}

/** The rendered prompt of a run, as every attempt of it gets. */
function promptOf(change: TaskChange, run: Run): string {
  return run.prompt === null ? '' : change.value(run.prompt)
}

/** What the run's model is given: its prompt, and the ids of files. */
export function givenTo(change: TaskChange, run: Run): { prompt: string; files?: string[] } {
  return { prompt: promptOf(change, run), ...(run.files && { files: run.files }) }
}

/** The usage with what it cost: as its worker says, who knows the team's prices, else by the list. */
export function priced(usage: Usage): Usage {
  if (usage.cost !== undefined) return usage
  return { ...usage, cost: costOf(usage.model, usage) }
}
