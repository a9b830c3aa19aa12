/** What intakes accepted while their workflow was paused: kept until someone starts or discards it. */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { giveBack } from '../../files/keep.ts'
import type { Read } from '../../http/request/body.ts'
import { liveVersion } from '../../records/definitions/workflows.ts'
import { noteDiscarded } from '../../records/intake/deliveries.ts'
import {
  claimToStart,
  countHeld,
  type HeldRow,
  noteUnfit,
  removeHeld,
  takeToDiscard,
} from '../../records/intake/held-deliveries.ts'
import { intakeById } from '../../records/intake/intakes.ts'
import { callTask } from '../../task/call.ts'
import { openTargetOf, startOnce, type Target } from '../../task/start.ts'
import type { HeldSource } from './start-delivery.ts'

const PER_CALL = 200
/** Looked at in one call: those that do not fit are passed over, but not without end. */
const MOST_REFUSED = 400

type Bindings = Pick<Env, 'DB' | 'TASKS' | 'FILES'>

export interface Released {
  started: number
  discarded: number
  refused: { task: string; reason: string }[]
  remaining: number
}

/** Starts or discards what is held, oldest first. What one call has taken up no other decides otherwise. */
export async function releaseHeld(
  env: Bindings,
  team: string,
  workflow: string,
  start: boolean,
  actor: Actor,
): Promise<Read<Released>> {
  const live = await liveVersion(env.DB, team, workflow)
  if (!live) return { ok: false, problem: { kind: 'not_found' } }
  if (!start)
    return released(env, team, workflow, {
      started: 0,
      refused: [],
      discarded: await discard(env, team, workflow, actor),
    })
  if (live.status === 'paused') return { ok: false, problem: { kind: 'workflow_paused' } }
  const into = await openTargetOf(env.DB, live)
  if (!into.ok) return into
  return released(env, team, workflow, { discarded: 0, ...(await startHeld(env, into.value, team, workflow, actor)) })
}

/** Discards those that nobody began to start. Of a start that died, what it had made is no longer held, and was not discarded. */
async function discard(env: Bindings, team: string, workflow: string, actor: Actor): Promise<number> {
  const rows = await takeToDiscard(env.DB, team, workflow, Date.now(), PER_CALL, actor)
  const started = await Promise.all(rows.map(row => row.claimedAt !== null && isStarted(env, row)))
  const discarded = rows.filter((_, index) => !started[index])
  await noteDiscarded(
    env.DB,
    team,
    discarded.flatMap(row => sourceOf(row).delivery ?? []),
  )
  for (const row of discarded) await giveBack(env, team, sourceOf(row).files ?? [])
  return discarded.length
}

async function isStarted(env: Bindings, { team, id }: HeldRow): Promise<boolean> {
  return (await callTask(env, team, id, stub => stub.view())) !== null
}

/** Goes past those that do not fit, so that they hold up none behind them. */
async function startHeld(env: Bindings, into: Target, team: string, workflow: string, actor: Actor) {
  const began = Date.now()
  const refused: Released['refused'] = []
  let started = 0
  while (started < PER_CALL && refused.length < MOST_REFUSED) {
    const first = started + refused.length === 0 ? actor : null
    const rows = await claimToStart(env.DB, team, workflow, { now: Date.now(), began }, PER_CALL - started, first)
    if (rows.length === 0) break
    const done = await startAll(env, into, rows)
    started += done.started
    refused.push(...done.refused)
  }
  return { started, refused }
}

/** A row goes only after its task was made, and its id makes that once. */
async function startAll(env: Bindings, into: Target, rows: HeldRow[]) {
  const refused: Released['refused'] = []
  for (const some of chunks(rows, SIDE_BY_SIDE)) {
    const reasons = await Promise.all(some.map(row => startOne(env, into, row)))
    const idsOf = (fit: boolean) => some.filter((_, index) => (reasons[index] === null) === fit).map(row => row.id)
    await removeHeld(env.DB, some[0]!.team, idsOf(true))
    await noteUnfit(env.DB, some[0]!.team, idsOf(false), Date.now())
    for (const [index, reason] of reasons.entries()) {
      if (reason !== null) refused.push({ task: some[index]!.id, reason })
    }
  }
  return { started: rows.length - refused.length, refused }
}

/** Starts one; answers why it could not be started, or null. */
async function startOne(env: Bindings, into: Target, row: HeldRow): Promise<string | null> {
  const intake = await intakeById(env.DB, row.team, row.intake)
  const { files, ...source } = sourceOf(row)
  const started = await startOnce(env, {
    task: row.id,
    files,
    filesHeld: true,
    duplicates: intake?.config.duplicates,
    idempotency: row.idempotency === null ? undefined : { id: row.idempotency, hash: row.hash },
    team: row.team,
    into,
    input: JSON.parse(row.input),
    source,
    actor: JSON.parse(row.actor) as Actor,
    flushed: false,
  })
  if (started.ok) return null
  return 'message' in started.problem ? started.problem.message : started.problem.kind
}

function sourceOf({ source, intake }: HeldRow): HeldSource {
  return source === null ? { kind: 'webhook', id: intake } : (JSON.parse(source) as HeldSource)
}

async function released(
  env: Pick<Env, 'DB'>,
  team: string,
  workflow: string,
  done: Omit<Released, 'remaining'>,
): Promise<Read<Released>> {
  return { ok: true, value: { ...done, remaining: await countHeld(env.DB, team, workflow) } }
}
