/** When several runs have come to something together: enough are done, or too many have failed. */
import type { Json } from '../../json/json.ts'
import type { RunFailure } from '../../task/run/outcome.ts'
import type { Joined, JoinedRun } from '../handler.ts'

/** Failures that are told one by one. */
const MAX_TOLD = 3

/** What the runs put out together. */
type Output = () => Json

/** Comes to an output once `need` of the runs are done, to a failure once so many cannot be any more. */
export function joinAt(need: number, runs: readonly JoinedRun[], output: Output): Joined {
  const done = runs.filter(run => run.state === 'completed')
  if (done.length >= need) return joined(output)
  const failed = runs.filter(run => run.state === 'failed')
  if (runs.length - failed.length >= need) return { kind: 'open' }
  return { kind: 'failed', failure: failureOf(failed, need, runs.length) }
}

/** Comes to an output once all runs have ended, as they may. */
export function joinEnded(runs: readonly JoinedRun[], output: Output): Joined {
  return runs.some(run => run.state === 'open') ? { kind: 'open' } : joined(output)
}

function joined(output: Output): Joined {
  return { kind: 'joined', output: output(), outcome: { kind: 'completed', label: 'done' } }
}

function failureOf(failed: JoinedRun[], need: number, all: number): RunFailure {
  const telling = failed.find(run => run.failure?.code !== 'timeout') ?? failed[0]
  if (telling?.failure == null) {
    const message = `${need} must complete, but there are only ${all}.`
    return { code: 'too_few_items', message, retryable: false }
  }
  const each = failed.slice(0, MAX_TOLD).map(run => `${run.name}: ${run.failure?.message}`)
  const more = failed.length > MAX_TOLD ? [`${failed.length - MAX_TOLD} more failed.`] : []
  const lead = failed.length > 1 ? [`${failed.length} of ${all} failed.`] : []
  return { code: telling.failure.code, message: [...lead, ...each, ...more].join(' '), retryable: false }
}
