/** What intakes accepted while their workflow was paused: kept until someone starts or discards it. */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Source } from '../../domain/task/source.ts'
import type { Env } from '../../env.ts'
import type { Read } from '../../http/body.ts'
import { noteDiscarded } from '../../records/deliveries.ts'
import { countHeld, type HeldRow, listHeld, removeHeld } from '../../records/intakes.ts'
import { liveVersion } from '../../records/workflows.ts'
import { openTargetOf, startOnce, type Target } from '../../task/start.ts'

const PER_CALL = 200

export interface Released {
  started: number
  discarded: number
  refused: { task: string; reason: string }[]
  remaining: number
}

/** Starts or discards what is held, oldest first. A row goes only after its task was made, and its id makes that once. */
export async function releaseHeld(
  env: Pick<Env, 'DB' | 'TASKS'>,
  team: string,
  workflow: string,
  start: boolean,
): Promise<Read<Released>> {
  const live = await liveVersion(env.DB, team, workflow)
  if (!live) return { ok: false, problem: { kind: 'not_found' } }
  const rows = await listHeld(env.DB, team, workflow, null, PER_CALL)
  if (!start) {
    await removeHeld(
      env.DB,
      team,
      rows.map(row => row.id),
    )
    await noteDiscarded(
      env.DB,
      team,
      rows.flatMap(row => sourceOf(row).delivery ?? []),
    )
    return released(env, team, workflow, { started: 0, discarded: rows.length, refused: [] })
  }
  if (live.status === 'paused') return { ok: false, problem: { kind: 'workflow_paused' } }
  const into = await openTargetOf(env.DB, live)
  if (!into.ok) return into
  return released(env, team, workflow, { discarded: 0, ...(await startAll(env, into.value, rows)) })
}

async function startAll(env: Pick<Env, 'DB' | 'TASKS'>, into: Target, rows: HeldRow[]) {
  const refused: Released['refused'] = []
  let started = 0
  for (const some of chunks(rows, SIDE_BY_SIDE)) {
    const reasons = await Promise.all(some.map(row => startOne(env, into, row)))
    const made = some.filter((_, index) => reasons[index] === null)
    await removeHeld(
      env.DB,
      some[0]!.team,
      made.map(row => row.id),
    )
    started += made.length
    for (const [index, reason] of reasons.entries()) {
      if (reason !== null) refused.push({ task: some[index]!.id, reason })
    }
  }
  return { started, refused }
}

/** Starts one; answers why it could not be started, or null. */
async function startOne(env: Pick<Env, 'TASKS'>, into: Target, row: HeldRow): Promise<string | null> {
  const started = await startOnce(env, {
    task: row.id,
    idempotency: row.idempotency === null ? undefined : { id: row.idempotency, hash: row.hash },
    team: row.team,
    into,
    input: JSON.parse(row.input),
    source: sourceOf(row),
    actor: JSON.parse(row.actor) as Actor,
    flushed: false,
  })
  if (started.ok) return null
  return 'message' in started.problem ? started.problem.message : started.problem.kind
}

function sourceOf({ source, intake }: HeldRow): Source {
  return source === null ? { kind: 'webhook', id: intake } : (JSON.parse(source) as Source)
}

async function released(
  env: Pick<Env, 'DB'>,
  team: string,
  workflow: string,
  done: Omit<Released, 'remaining'>,
): Promise<Read<Released>> {
  return { ok: true, value: { ...done, remaining: await countHeld(env.DB, team, workflow) } }
}
