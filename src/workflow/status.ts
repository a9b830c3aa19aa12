/** Pausing, activating, archiving: one way for the API and the board, and open boards learn of it. */

import type { WorkflowStatus } from '../domain/workflow/live.ts'
import { boardStub, type Env } from '../env.ts'
import type { ApiProblem } from '../http/errors.ts'
import type { Read } from '../http/request/body.ts'
import { setStatus, workflowById } from '../records/definitions/workflows.ts'
import { isId } from '../records/ids.ts'
import { countHeld } from '../records/intake/held-deliveries.ts'

/** Sets a workflow's status if it is one of `from`; `held` counts what was kept while it was paused. */
export async function switchStatus(
  env: Pick<Env, 'DB' | 'BOARDS'>,
  team: string,
  id: string,
  from: WorkflowStatus[],
  to: WorkflowStatus,
): Promise<Read<{ held: number }>> {
  const row = isId('wf', id) ? await workflowById(env.DB, team, id) : null
  if (!row) return { ok: false, problem: { kind: 'not_found' } }
  const done = await setStatus(env.DB, team, id, from, to, Date.now())
  if (!done) {
    // It may have changed since it was read.
    const now = await workflowById(env.DB, team, id)
    return { ok: false, problem: now ? cannotSwitch(now.status, to) : { kind: 'not_found' } }
  }
  await showChange(env, team, id)
  return { ok: true, value: { held: await countHeld(env.DB, team, id) } }
}

/** Has open boards of the workflow fetched again. Nothing depends on it: whoever opens a board later sees the same. */
export async function showChange(env: Pick<Env, 'BOARDS'>, team: string, workflow: string): Promise<void> {
  await boardStub(env, team, workflow)
    .refresh()
    .catch(() => {})
}

function cannotSwitch(status: WorkflowStatus, to: WorkflowStatus): ApiProblem {
  if (status === 'draft') return { kind: 'not_published' }
  if (status === 'archived') return { kind: 'workflow_archived' }
  return { kind: 'conflict', code: 'wrong_status', message: `A workflow that is ${status} cannot become ${to}.` }
}
