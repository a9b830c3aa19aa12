/** How people hear of a task that needs them: this is what the Task DO is given as `tell` (index.ts). */
import type { Env } from '../env.ts'
import type { Notice } from '../task/notice.ts'
import { notifyAsked } from './notify.ts'
import { notifyTrouble } from './trouble.ts'

/** Tells those who were not told yet; false: somebody is still to be told. What goes wrong comes before what is still asked. */
export async function tellPeople(env: Env, { trouble, asked }: Notice, now: number): Promise<boolean> {
  let settled = trouble === null || (await notifyTrouble(env, trouble, now))
  for (const each of asked) settled = (await notifyAsked(env, each, now)) && settled
  return settled
}
