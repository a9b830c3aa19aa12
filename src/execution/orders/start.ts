/** The order `start`: a task of another workflow, once however often it is carried out; what it comes to it says itself. */
import { crashPoint } from '../../crash-points.ts'
import type { StartOrder } from '../../domain/handler/order.ts'
import type { Env } from '../../env.ts'
import { explain, type Problem } from '../../http/errors.ts'
import { liveVersion, workflowById } from '../../records/definitions/workflows.ts'
import { derivedTaskId, sha256Hex } from '../../records/ids.ts'
import type { Report } from '../../task/rpc.ts'
import { startOnce, type Target, targetOf } from '../../task/start.ts'
import type { Performer, Performing } from './performer.ts'
import { reportFailure, reportOutcome, STORAGE_AWAY } from './report.ts'

/** Starts the task, in the version that is live now. One that is waited for is the run's affair from then on. */
export const performStart: Performer<StartOrder> = async (order, performing, env) => {
  const { team, chain, note } = performing
  const target = await targetFor(order, env, team)
  if (target === 'away') return STORAGE_AWAY
  if (target === null) return closed(order.use, 'There is no such workflow in this team any more.', chain)
  if ('problem' in target) return refused(order, target.problem, chain)
  const { into, name } = target
  const task = await derivedTaskId(team, 'child', order.key)
  const started = await startOnce(env, { ...(await startOf(order, performing, into)), task })
  if (!started.ok) return refused(order, started.problem, chain)
  await crashPoint('C19')
  const isNoted = await note({ started: { child: task, workflow: into.version.pinned.workflow, of: name } })
  // A run that is over by now hears of the task from itself, and calls it back.
  if (!isNoted || order.parent !== null) return null
  const output = { task, status: started.view.status, result: null }
  return reportOutcome({ kind: 'completed', output }, null, chain)
}

async function startOf({ key, input, facts, parent }: StartOrder, { team }: Performing, into: Target) {
  const idempotency = { id: key, hash: await sha256Hex(JSON.stringify([into.version.pinned.workflow, input])) }
  return {
    team,
    into,
    input,
    filesOf: { task: facts.task.id, which: 'named' as const },
    source: { kind: 'task' as const, id: facts.task.id, depth: facts.depth + 1, ...(parent && { parent }) },
    actor: { kind: 'system' as const },
    idempotency,
    flushed: false,
  }
}

type Found = { into: Target; name: string } | { problem: Problem }

async function targetFor({ workflow }: StartOrder, env: Pick<Env, 'DB'>, team: string): Promise<Found | null | 'away'> {
  if (workflow === null) return null
  try {
    const [live, row] = await Promise.all([liveVersion(env.DB, team, workflow), workflowById(env.DB, team, workflow)])
    if (live === null || row === null) return null
    const into = await targetOf(env.DB, live)
    return into.ok ? { into: into.value, name: row.name } : { problem: into.problem }
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'start', workflow, error: String(error) }))
    return 'away'
  }
}

function refused({ use }: StartOrder, problem: Problem, chain: boolean): Report {
  const { message, hint } = explain(problem)
  if (problem.kind === 'workflow_paused') {
    return {
      kind: 'hold',
      reason: 'workflow_paused',
      message: `“${use}” is paused and takes no new tasks.`,
      fix: `Resume “${use}”: the task goes on by itself then.`,
    }
  }
  const said = [message, hint].filter(Boolean).join(' ')
  if (problem.kind !== 'invalid') return closed(use, said, chain)
  return reportFailure(
    { code: 'invalid_input', message: `“${use}” does not take this input: ${said}`, retryable: false },
    chain,
  )
}

function closed(use: string, why: string, chain: boolean): Report {
  const message = `No task of “${use}” could be started: ${why}`
  return reportFailure({ code: 'workflow_closed', message, retryable: false }, chain)
}
