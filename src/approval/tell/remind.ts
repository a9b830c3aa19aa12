/** Tells those again who were told of a question and have not decided: once for each reminder that the task's log has. */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import type { Env } from '../../env.ts'
import { noteNotices, noticed } from '../../records/task/told/notices.ts'
import type { Asked } from '../../task/notice.ts'
import { tellChannels } from './message.ts'
import { askedTold, isAddress, isDelivered, mailAsked } from './notify.ts'

/**
 * Reminds whoever is to be; false: some mail is still to be sent, call again later. It goes before the mails of a question
 * itself: whoever hears of it only now needs no reminder, now or later.
 */
export async function remindAsked(env: Env, asked: Asked, now: number): Promise<boolean> {
  if (asked.reminded === undefined) return true
  const slot = { ...asked, digest: `reminded:${asked.reminded}` }
  const [told, reminded] = await Promise.all([noticed(env.DB, asked), noticed(env.DB, slot)])
  const open = asked.recipients.filter(recipient => isAddress(recipient) && !reminded.has(recipient))
  const late = open.filter(recipient => told.has(recipient))
  if (late.length > 0) await tellChannels(env, askedTold(asked, true), late, now)
  let settled = true
  for (const batch of chunks(open, SIDE_BY_SIDE)) {
    const results = await Promise.all(
      batch.map(
        async recipient => !told.has(recipient) || isDelivered(await mailAsked(env, asked, recipient, now, true)),
      ),
    )
    const arrived = batch.filter((_, index) => results[index])
    await noteNotices(env.DB, slot, arrived, now)
    settled &&= results.every(Boolean)
  }
  return settled
}
