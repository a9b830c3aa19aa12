/** What a publish does with the tasks in flight: those that were chosen are moved or begin again, all others stay as they are. */
import { chunks } from '../../domain/chunks.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { type ApiProblem, explain } from '../../http/errors.ts'
import { liveVersion } from '../../records/definitions/workflows.ts'
import { derivedTaskId, sha256Hex } from '../../records/ids.ts'
import { type FlightMark, type OpenTask, tasksBefore } from '../../records/task/flights.ts'
import { callTask } from '../../task/call.ts'
import { migration } from '../../task/migrate.ts'
import type { PinnedVersion } from '../../task/pinned.ts'
import { startOnce, type Target, targetOf } from '../../task/start.ts'
import { choiceFor, movesAny, type Plan } from './plan.ts'

export interface Landed {
  moved: number
  restarted: number
  /** What could not be done, and why. */
  refused: { task: string; title: string; reason: string }[]
  /** From where to go on; null: every task was looked at. */
  next: FlightMark | null
  /** How many are still to be looked at. */
  remaining: number
}

/** How many tasks are called at once. */
const AT_ONCE = 8
/** How many are moved or restarted in one request: each is a call, and somebody waits for the answer. */
const MOST_AT_ONCE = 200
/** How many are read of the index in one query. */
const PAGE = 500

interface Flight {
  task: OpenTask
  choice: { what: 'move'; step: string } | { what: 'restart' }
  visit: number
}

/**
 * Carries the plan out on the version that is live now, oldest task first from behind `after` on; at most `most` tasks,
 * and says from where to go on. A task of the live version itself stays as it is: it came since, or was moved before.
 */
export async function land(
  env: Env,
  { team, workflow, plan }: { team: string; workflow: string; plan: Plan },
  actor: Actor,
  after: FlightMark | null = null,
  most = MOST_AT_ONCE,
): Promise<Landed> {
  const landed: Landed = { moved: 0, restarted: 0, refused: [], next: null, remaining: 0 }
  if (!movesAny(plan)) return landed
  const opened = await targetOf(env.DB, await liveVersion(env.DB, team, workflow))
  if (!opened.ok) return landed
  const into = opened.value
  const { version } = into
  const { flights, next, remaining } = await gather(env.DB, { team, workflow, plan }, version, { after, most })
  // Lists are waited for where few change; a crowd would wait for them long.
  const to = { into, flushed: flights.length <= 2 * AT_ONCE }
  for (const batch of chunks(flights, AT_ONCE)) {
    const reasons = await Promise.all(batch.map(flight => carryOut(env, team, flight, to, actor)))
    reasons.forEach((reason, index) => {
      const { task, choice } = batch[index]!
      if (reason !== null) landed.refused.push({ task: task.id, title: task.title, reason })
      else if (choice.what === 'move') landed.moved += 1
      else landed.restarted += 1
    })
  }
  return { ...landed, next, remaining }
}

/** The tasks that the plan moves, as many as one request takes. */
async function gather(
  db: D1Database,
  { team, workflow, plan }: { team: string; workflow: string; plan: Plan },
  version: PinnedVersion,
  { after, most }: { after: FlightMark | null; most: number },
): Promise<{ flights: Flight[]; next: FlightMark | null; remaining: number }> {
  const flights: Flight[] = []
  for (let mark = after; ; ) {
    const page = { after: mark, limit: PAGE }
    const { tasks, total } = await tasksBefore(db, team, workflow, version.pinned.version, page)
    for (const [index, task] of tasks.entries()) {
      mark = { at: task.createdAt, id: task.id }
      const { choice, visit } = choiceFor(plan, task)
      if (choice.what !== 'finish') flights.push({ task, choice, visit })
      const remaining = total - index - 1
      if (flights.length >= most && remaining > 0) return { flights, next: mark, remaining }
    }
    if (tasks.length === total) return { flights, next: null, remaining: 0 }
  }
}

/** Answers why a task could not be moved or restarted, or null. */
function carryOut(
  env: Env,
  team: string,
  { task, choice, visit }: Flight,
  { into, flushed }: { into: Target; flushed: boolean },
  actor: Actor,
): Promise<string | null> {
  if (choice.what === 'move') {
    return moveTask(env, team, task.id, { version: into.version, step: choice.step, visit, flushed }, actor)
  }
  if (into.status !== 'active') return Promise.resolve(`the workflow is ${into.status}`)
  return restartTask(env, team, task.id, { into, visit, flushed }, actor)
}

/** Moves a task to a step of another version; outputs, log and links stay. Answers why not, or null. */
async function moveTask(
  env: Env,
  team: string,
  task: string,
  to: { version: PinnedVersion; step: string; visit: number; flushed: boolean },
  actor: Actor,
): Promise<string | null> {
  const { text: pinned, digest } = to.version
  const command = migration({ pinned, digest }, to)
  const key = `publish:${digest}:${to.step}:${to.visit}`
  const idempotency = { id: key, hash: await sha256Hex(key) }
  const context = { actor, idempotency, flushed: to.flushed }
  const answer = await callTask(env, team, task, stub => stub.command(command, context))
  return answer.ok ? null : said(answer.refusal)
}

/** Starts a new task with the same input, linked to the old one, which is then cancelled. Answers why not, or null. */
async function restartTask(
  env: Env,
  team: string,
  task: string,
  { into, visit, flushed }: { into: Target; visit: number; flushed: boolean },
  actor: Actor,
): Promise<string | null> {
  const { version } = into
  const old = await callTask(env, team, task, stub => stub.view())
  if (old === null) return 'it is not there any more'
  if (visit !== old.visit) return 'it went on meanwhile'
  const id = await derivedTaskId(team, 'task', task, 'restart', version.digest)
  const source = { kind: 'task' as const, id: task }
  const duplicates = 'allow' as const
  const began = { task: id, team, into, input: old.input, at: 'input', duplicates, source, actor, flushed }
  const started = await startOnce(env, began)
  if (!started.ok) return said(started.problem)
  const note = `Restarted on version ${version.pinned.version} as ${id}.`
  const idempotency = { id: `restart:${version.digest}`, hash: await sha256Hex(note) }
  const command = { type: 'cancel' as const, note }
  const ended = await callTask(env, team, task, stub => stub.command(command, { actor, idempotency, flushed }))
  return ended.ok ? null : `a new task runs, but the old one could not be cancelled: ${said(ended.refusal)}`
}

function said(problem: unknown): string {
  return explain(problem as ApiProblem).message
}
