/** The business key of a task that is about to begin: noted in D1 first, so that two with the same key cannot both be the first. */
import { keyOf } from '../../domain/task/beginning.ts'
import type { CreateTask, Refusal } from '../../domain/task/commands.ts'
import type { Pinned } from '../../domain/workflow/definition.ts'
import type { Env } from '../../env.ts'
import { freeKey, type KeyTaker, takeKey } from '../../records/task/keyed.ts'
import { callTask } from '../call.ts'

/** A task begins at most this long after its key was noted, or not at all. */
const BEGINS_MS = 30_000
/** A key whose task has not begun this long after is free again. */
const LOST_MS = 2 * BEGINS_MS

/** What the key comes to: the task begins, as a duplicate of another or not, or it is refused. */
export type KeyTaken = { ok: true; duplicateOf?: string } | { ok: false; refusal: Refusal }

/**
 * Notes the key of a task that is about to begin, and says what its workflow, or its way in, makes of an earlier task with
 * it. The same task again gets the same answer. Throws when D1 cannot tell: nothing has begun then.
 */
export async function claimKey(
  env: Pick<Env, 'DB' | 'TASKS'>,
  command: Omit<CreateTask, 'type'>,
  { workflow, definition }: Pinned,
): Promise<KeyTaken> {
  const key = keyOf(command, definition)
  if (key === null) return { ok: true }
  const duplicates = command.duplicates ?? definition.duplicates ?? 'allow'
  const began = Date.now()
  const own: KeyTaker = { team: command.team, key, workflow, task: command.task, at: began }
  const claim = () => takeKey(env.DB, own, duplicates === 'refuse')
  let claimed = await claim()
  if (claimed.first !== null && duplicates !== 'allow' && !(await isThere(env, own, claimed.first))) {
    // Its own row would go on naming the lost one.
    if (claimed.taken) await freeKey(env.DB, own, Number.MAX_SAFE_INTEGER)
    claimed = await claim()
  }
  if (Date.now() - began > BEGINS_MS) throw new Error('D1 takes too long to tell who has a business key')
  const { taken, first } = claimed
  if (!taken) return { ok: false, refusal: { kind: 'duplicate_key', key, task: first ?? '' } }
  return first === null || duplicates === 'allow' ? { ok: true } : { ok: true, duplicateOf: first }
}

/** Whether the task that noted the key before has begun, or may still; of one that was lost on its way the key is freed. */
async function isThere(env: Pick<Env, 'DB' | 'TASKS'>, own: KeyTaker, first: string): Promise<boolean> {
  if ((await callTask(env, own.team, first, stub => stub.view())) !== null) return true
  return !(await freeKey(env.DB, { ...own, task: first }, Date.now() - LOST_MS))
}
