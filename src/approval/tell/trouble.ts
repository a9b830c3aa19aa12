/** Tells a workflow's owner that a task failed or is stuck: once for each task, and one mail an hour for one cause. */
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import { isGone } from '../../records/people/former-members.ts'
import { membersByRole } from '../../records/people/teams.ts'
import { forgetNotice, noteNotices, noticed } from '../../records/task/told/notices.ts'
import type { Trouble } from '../../task/notice.ts'
import { type Mail, type MailResult, sendMail } from '../../team/mail/mail.ts'
import { replyAddress } from '../../team/mail/reply-address.ts'
import { type ToTell, tellChannels } from './message.ts'
import { oneLine } from './notify.ts'

const HOUR_MS = 3_600_000

/**
 * Mails the owner; false: it could not be sent, call again later. A hundred tasks that fail alike are one mail: the others
 * are on the board, to which it leads. Only the task's own object calls it, one call at a time.
 */
export async function notifyTrouble(env: Env, trouble: Trouble, now: number): Promise<boolean> {
  const { task, visit, workflow, status, cause } = trouble
  const own = { task, visit, run: 0, digest: `${status}:${cause}` }
  const told = await noticed(env.DB, own)
  const { owner: named, team } = trouble
  const isThere = named !== null && !(await isGone(env.DB, team, named))
  const owners = isThere ? [named] : await membersByRole(env.DB, team, 'owner')
  if (owners.some(each => !told.has(each))) await tellChannels(env, troubleTold(trouble, now), owners, now)
  for (const owner of owners.filter(each => !told.has(each))) {
    const hour = { task: workflow, visit: Math.floor(now / HOUR_MS), run: 0, digest: own.digest }
    const [first] = await noteNotices(env.DB, hour, [owner], now)
    if (first !== undefined && (await mail(env, trouble, owner)) === 'failed') {
      await forgetNotice(env.DB, hour, owner)
      return false
    }
    await noteNotices(env.DB, own, [owner], now)
  }
  return true
}

/** As channels tell of it: one message an hour for one cause, as by mail. */
function troubleTold(trouble: Trouble, now: number): ToTell {
  const [title, step, workflow] = [trouble.title, trouble.stepName, trouble.workflowName].map(oneLine)
  const { team, task, workflow: id, status, cause } = trouble
  return {
    kind: 'stuck',
    team,
    subject: shorten(`${status === 'failed' ? 'Failed' : 'Stuck'}: ${title} (${step})`, 200),
    text: `${step}, in ${workflow}. ${oneLine(trouble.message)}`,
    path: `/tasks/${task}`,
    key: `${status}:${cause}:${id}:${Math.floor(now / HOUR_MS)}`,
  }
}

async function mail(env: Env, trouble: Trouble, to: string): Promise<MailResult> {
  const replyTo = await replyAddress(env, trouble.team, trouble.task)
  return sendMail(env, { ...mailOf(env, trouble, to), replyTo })
}

/** The mail, in plain words. */
function mailOf(env: Env, trouble: Trouble, to: string): Mail {
  const [title, step, workflow] = [trouble.title, trouble.stepName, trouble.workflowName].map(oneLine)
  const happened = trouble.status === 'failed' ? 'has failed' : 'is stuck'
  const fix = trouble.fix === null ? '' : `What helps: ${oneLine(trouble.fix)}\n`
  return {
    to,
    subject: shorten(`${trouble.status === 'failed' ? 'Failed' : 'Stuck'}: ${title} (${step})`, 200),
    text: `A task of yours ${happened} and waits for a person. Nothing of it is lost.

  ${title}
  ${step}, in ${workflow}

${oneLine(trouble.message)}
${fix}
The task: ${publicUrl(env, `/tasks/${trouble.task}`)}
All like it: ${publicUrl(env, `/workflows/${trouble.workflow}?status=${trouble.status}`)}

Tasks that come to the same within the hour are not mailed one by one.
`,
  }
}
