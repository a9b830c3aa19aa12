/** Digests: whoever wants to hear once an hour or a day gets one mail about what waits for them, however much it is. */
import { nextSlot, readCron } from '../../domain/schedule/cron.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import {
  type DigestWish,
  type DueDigest,
  dueDigests,
  hasDigestItem,
  settleDigest,
} from '../../records/people/digests.ts'
import { isGone } from '../../records/people/former-members.ts'
import { countAllQuestions, listQuestions } from '../../records/task/approvals.ts'
import { messageById } from '../../records/task/told/messages.ts'
import { messageOf, type ToTell, tryMessage } from './message.ts'
import { oneLine } from './notify.ts'

/** What was noted later than this before a slot waits for the next: the index that it is looked up in trails by seconds. */
const SETTLED_MS = 60_000
const SHOWN = 10

/** When the next digest is due; null: they are told at once. */
export function nextDigest({ how, hour, timezone }: DigestWish, after: number): number | null {
  if (how === 'now') return null
  const read = readCron(how === 'hourly' ? '0 * * * *' : `0 ${hour} * * *`, timezone)
  return read.ok ? nextSlot(read.cron, after) : null
}

/** The minute's sweep. One that cannot be settled now is settled by the next. */
export async function sweepDigests(env: Env, now: number): Promise<void> {
  for (const due of await dueDigests(env.DB, now)) {
    try {
      await settle(env, due, now)
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', at: 'digest', team: due.team, message: String(error) }))
    }
  }
}

async function settle(env: Env, due: DueDigest, now: number): Promise<void> {
  const { team, email } = due
  // Who goes over to being told at once gets the rest at once.
  const until = due.how === 'now' ? now : now - SETTLED_MS
  const told = await toTell(env, due, until)
  const message = told && (await messageOf(told, email, null))
  await settleDigest(env.DB, due, { message, until, next: nextDigest(due, now), now })
  const kept = message && (await messageById(env.DB, team, message.id))
  if (kept?.status === 'pending' && kept.attempts === 0) await tryMessage(env, kept, now)
}

/** What the digest says; null: nothing new waits, or nobody is there to be told. */
async function toTell(env: Env, { team, email, nextAt }: DueDigest, until: number): Promise<ToTell | null> {
  if (!(await hasDigestItem(env.DB, team, email, until)) || (await isGone(env.DB, team, email))) return null
  const [count, oldest] = await Promise.all([
    countAllQuestions(env.DB, team, email),
    listQuestions(env.DB, team, { of: email }, null),
  ])
  if (count === 0) return null
  const lines = oldest.items.slice(0, SHOWN).map(({ title, stepName, workflowName, ask }) => {
    const due = ask.due === null ? '' : `, due ${new Date(ask.due).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    return `- ${oneLine(title)}: ${oneLine(stepName)}, in ${oneLine(workflowName)}${due}`
  })
  const rest = count > lines.length ? `\n… and ${count - lines.length} more.` : ''
  const waits = count === 1 ? '1 question waits for you' : `${count} questions wait for you`
  return {
    kind: 'asked',
    team,
    subject: shorten(waits, 200),
    text: `${waits}${lines.length < count ? ', the oldest first' : ''}:\n\n${lines.join('\n')}${rest}\n\nThe link opens your inbox and decides nothing. How often you hear of what waits is set under Settings, Notifications.`,
    path: '/approvals',
    key: `digest:${nextAt}`,
  }
}
