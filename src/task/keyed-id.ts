/** Which task a keyed request arrives at again, where the key stands for its caller as well as for what it repeats. */
import type { Env } from '../env.ts'
import { derivedTaskId } from '../records/ids.ts'
import { callTask } from './call.ts'

/**
 * The task that this caller's request makes: another caller's key of the same value is another request. What was made
 * before callers were told apart stays the answer for the one who made it.
 */
export async function keyedTaskId(
  env: Pick<Env, 'TASKS'>,
  team: string,
  caller: string,
  ...parts: string[]
): Promise<string> {
  const shared = await derivedTaskId(team, ...parts)
  const [made] = (await callTask(env, team, shared, task => task.events(0, 1))) ?? []
  const isOwn = made !== undefined && made.actor.kind !== 'system' && made.actor.id === caller
  return isOwn ? shared : derivedTaskId(team, ...parts, caller)
}
