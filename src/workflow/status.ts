/** Pausing, activating, archiving: one way for the API and the board, and open boards learn of it. */

import type { Actor } from '../domain/task/events.ts'
import type { WorkflowStatus } from '../domain/workflow/live.ts'
import { boardStub, type Env } from '../env.ts'
import type { ApiProblem } from '../http/errors.ts'
import type { Read } from '../http/request/body.ts'
import { setStatus, workflowById } from '../records/definitions/workflows.ts'
import { isId } from '../records/ids.ts'
import { countHeld } from '../records/intake/held-deliveries.ts'

/** How often a status is read anew when it was changed in between. */
const TRIES = 8

/** Sets a workflow's status if it is one of `from`, on record; `held` counts what was kept while it was paused. */
export async function switchStatus(
  env: Pick<Env, 'DB' | 'BOARDS'>,
  { team, id, actor }: { team: string; id: string; actor: Actor },
  from: WorkflowStatus[],
  to: WorkflowStatus,
): Promise<Read<{ held: number }>> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const row = isId('wf', id) ? await workflowById(env.DB, team, id) : null
    if (!row) return { ok: false, problem: { kind: 'not_found' } }
    if (!from.includes(row.status)) return { ok: false, problem: cannotSwitch(row.status, to) }
    if (row.status !== to && !(await setStatus(env.DB, row, to, actor, Date.now()))) continue
    await showChange(env, team, id)
    return { ok: true, value: { held: await countHeld(env.DB, team, id) } }
  }
  const message = 'Others changed this workflow all the while.'
  return { ok: false, problem: { kind: 'conflict', code: 'changed_meanwhile', message } }
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
