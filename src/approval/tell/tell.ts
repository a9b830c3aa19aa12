/** How people hear of a task that needs them: this is what the Task DO is given as `tell` (index.ts). */
import type { Env } from '../../env.ts'
import type { Notice } from '../../task/notice.ts'
import { handOverFirst } from '../hand-over.ts'
import { notifyMentioned } from './mentioned.ts'
import { notifyAsked } from './notify.ts'
import { remindAsked } from './remind.ts'
import { notifyTrouble } from './trouble.ts'

/** Tells those who were not told yet; false: somebody is still to be told. What goes wrong comes before what is still asked. */
export async function tellPeople(env: Env, notice: Notice, now: number): Promise<boolean> {
  // What is put to others from now on has a notice of its own.
  if (await handOverFirst(env, notice)) return true
  const { trouble, asked, mentioned = [] } = notice
  let settled = trouble === null || (await notifyTrouble(env, trouble, now))
  for (const each of mentioned) await notifyMentioned(env, each, now)
  for (const each of asked) {
    settled = (await remindAsked(env, each, now)) && settled
    settled = (await notifyAsked(env, each, now)) && settled
  }
  return settled
}
