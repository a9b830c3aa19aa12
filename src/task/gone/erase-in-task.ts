/** Words are taken out of a task that is over: out of its log first, then out of all that D1 tells of it. Said again it does the same. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import type { ApiProblem } from '../../http/errors.ts'
import { eraseTask } from '../../records/task/erased.ts'
import { callTask } from '../call.ts'
import { stillOpen } from './delete-task.ts'

/** Texts at once, and characters of each. */
export const MOST_TEXTS = 20
export const LONGEST_TEXT = 200

interface Erasing {
  team: string
  task: string
  texts: readonly string[]
  actor: Actor
}

/** Takes these texts out of the team's task; refused while it is open, or has something to tell D1. */
export async function eraseInTask(
  env: Pick<Env, 'DB' | 'TASKS'>,
  { team, task, texts, actor }: Erasing,
  now: number,
): Promise<{ ok: true } | { ok: false; problem: ApiProblem }> {
  const leaving = await callTask(env, team, task, stub => stub.leaving())
  if (leaving.as === 'unknown') return { ok: false, problem: { kind: 'not_found' } }
  if (leaving.as === 'open') return { ok: false, problem: stillOpen(leaving.status, 'erased from') }
  const told = leaving.as === 'later' ? null : await callTask(env, team, task, stub => stub.erase(texts))
  if (told === null || leaving.as === 'later') return { ok: false, problem: { kind: 'unavailable', retryAfter: 5 } }
  await eraseTask(env.DB, { team, task, ...leaving, ...told }, texts, actor, now)
  return { ok: true }
}
