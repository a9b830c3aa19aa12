/**
 * A task that is over is deleted: D1 forgets it first, in one transaction and with a mark that stays; then its object is
 * emptied and files that nobody else has are deleted. What a crash leaves undone after the mark the minute's sweep does.
 */
import type { Actor } from '../../domain/task/events.ts'
import type { Status } from '../../domain/task/state.ts'
import type { Env } from '../../env.ts'
import { sweepObject } from '../../files/store.ts'
import type { ApiProblem } from '../../http/errors.ts'
import { eraseQuotes, leftToEmpty, noteEmptied, removeTask } from '../../records/task/gone.ts'
import { callTask } from '../call.ts'

type Storage = Pick<Env, 'DB' | 'FILES' | 'TASKS'>

/** A task that is to go, and who wants that. */
export interface Deleting {
  team: string
  task: string
  /** null: it is told of elsewhere. */
  actor: Actor | null
  /** Also erases what the audit quotes of it. */
  erase?: boolean
  /** How far its log was read: should it have grown since, it stays. */
  seq?: number
  /** What the index has of it, for one of which nothing else is there any more. */
  known?: { workflow: string; createdAt: number; updatedAt: number }
}

export type Deleted = { ok: true } | { ok: false; problem: ApiProblem }

/** Deletes the team's task; refused while it is open, or has something to tell D1 or another task. */
export async function deleteTask(env: Storage, deleting: Deleting, now: number): Promise<Deleted> {
  const { team, task, actor, seq, known, erase = false } = deleting
  const leaving = await callTask(env, team, task, stub => stub.leaving())
  if (leaving.as === 'unknown' && known === undefined) return { ok: false, problem: { kind: 'not_found' } }
  if (leaving.as === 'open') return { ok: false, problem: stillOpen(leaving.status) }
  if (leaving.as === 'later' || (leaving.as === 'over' && seq !== undefined && seq !== leaving.seq))
    return { ok: false, problem: { kind: 'unavailable', retryAfter: 5 } }
  const facts = leaving.as === 'unknown' ? { ...known!, delivery: null } : leaving
  const leaver = { team, task, ...facts, erased: erase }
  if (erase) await eraseQuotes(env.DB, leaver)
  const objects = await removeTask(env.DB, leaver, actor, now)
  await passingOver(task, async () => {
    await empty(env, team, task)
    for (const key of objects) await sweepObject(env, key, now)
  })
  return { ok: true }
}

/** `what` cannot be done to it yet, as in “deleted”. */
export function stillOpen(status: Status, what = 'deleted'): ApiProblem {
  const message = `The task is ${status}: only one that is done or cancelled can be ${what}.`
  return { kind: 'conflict', code: 'task_open', message, hint: 'Cancel it first.', details: { status } }
}

async function empty(env: Storage, team: string, task: string): Promise<void> {
  await callTask(env, team, task, stub => stub.forget())
  await noteEmptied(env.DB, team, task)
}

/** Empties the objects of deleted tasks that may not be empty yet. */
export async function sweepGone(env: Storage, now: number): Promise<void> {
  for (const { team, task } of await leftToEmpty(env.DB, now)) await passingOver(task, () => empty(env, team, task))
}

async function passingOver(task: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'emptying a deleted task', task, error: String(error) }))
  }
}
