/** How people hear of a task that needs them: this is what the Task DO is given as `tell` (index.ts). */
import type { Env } from '../env.ts'
import type { Notice } from '../task/notice.ts'
import { notifyAsked } from './notify.ts'
import { notifyTrouble } from './trouble.ts'

/** Mails whoever was not told yet; false: some mail is still to be sent. */
export function tellPeople(env: Env, notice: Notice, now: number): Promise<boolean> {
  return notice.kind === 'asked' ? notifyAsked(env, notice.asked, now) : notifyTrouble(env, notice.trouble, now)
}
