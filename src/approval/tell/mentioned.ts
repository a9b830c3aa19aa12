/** Tells members of a team that somebody named them in a comment, by mail and by their own channels: once for each comment. */
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { actorName } from '../../http/names.ts'
import { noteNotices, noticed } from '../../records/task/told/notices.ts'
import type { Mentioned } from '../../task/notice.ts'
import { type ToTell, tellPerson } from './message.ts'
import { isAddress, oneLine } from './notify.ts'

/** Tells whoever was not told yet; what is kept to be told is tried for a day. Throws when D1 cannot keep it: call again later. */
export async function notifyMentioned(env: Env, mentioned: Mentioned, now: number): Promise<void> {
  const key = { task: mentioned.task, visit: 0, run: 0, digest: `comment:${mentioned.seq}` }
  const told = await noticed(env.DB, key)
  const open = mentioned.recipients.filter(recipient => isAddress(recipient) && !told.has(recipient))
  for (const to of open) {
    await tellPerson(env, { ...toTell(mentioned), to }, now)
    await noteNotices(env.DB, key, [to], now)
  }
}

/** The comment's beginning alone, as what people write to each other belongs on the task. */
function toTell({ team, task, title, workflow, by, text, seq }: Mentioned): ToTell {
  const [name, of, who] = [title, workflow, actorName(by)].map(oneLine)
  return {
    kind: 'other',
    team,
    subject: shorten(`${who} named you: ${name}`, 200),
    text: `${who} named you in a comment.\n\n  ${name}\n  ${of}\n\n${oneLine(shorten(text, 500))}\n\nRead it and answer here:`,
    path: `/tasks/${task}`,
    key: `comment:${task}:${seq}`,
  }
}
