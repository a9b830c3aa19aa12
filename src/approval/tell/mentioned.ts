/** Tells members of a team that somebody named them in a comment: once for each comment. */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import { actorName } from '../../http/names.ts'
import { isGone } from '../../records/people/former-members.ts'
import { noteNotices, noticed } from '../../records/task/notices.ts'
import type { Mentioned } from '../../task/notice.ts'
import { type Mail, sendMail } from '../../team/mail/mail.ts'
import { isAddress, isDelivered, oneLine } from './notify.ts'

/** Mails whoever was not told yet; false: some mail is still to be sent, call again later. */
export async function notifyMentioned(env: Env, mentioned: Mentioned, now: number): Promise<boolean> {
  const key = { task: mentioned.task, visit: 0, run: 0, digest: `comment:${mentioned.seq}` }
  const told = await noticed(env.DB, key)
  const open = mentioned.recipients.filter(recipient => isAddress(recipient) && !told.has(recipient))
  let settled = true
  for (const batch of chunks(open, SIDE_BY_SIDE)) {
    const results = await Promise.all(batch.map(recipient => tell(env, mentioned, recipient)))
    await noteNotices(
      env.DB,
      key,
      batch.filter((_, index) => results[index]),
      now,
    )
    settled &&= results.every(Boolean)
  }
  return settled
}

/** Whether they need not be told any more. Whoever has left the team meanwhile hears nothing of it. */
async function tell(env: Env, mentioned: Mentioned, recipient: string): Promise<boolean> {
  if (await isGone(env.DB, mentioned.team, recipient)) return true
  return isDelivered(await sendMail(env, mailOf(mentioned, recipient, publicUrl(env, `/tasks/${mentioned.task}`))))
}

/** The mail: its beginning alone, as what people write to each other belongs on the task. */
function mailOf({ title, workflow, by, text }: Mentioned, to: string, link: string): Mail {
  const [task, of, who] = [title, workflow, actorName(by)].map(oneLine)
  return {
    to,
    subject: shorten(`${who} named you: ${task}`, 200),
    text: `${who} named you in a comment.

  ${task}
  ${of}

${oneLine(shorten(text, 500))}

Read it and answer here: ${link}
`,
  }
}
