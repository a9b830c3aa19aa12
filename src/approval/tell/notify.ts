/** Tells people that they are asked: one mail each with one neutral link, which decides nothing when it is opened. */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import { wallOf } from '../../domain/schedule/zone.ts'
import { cleanLine } from '../../domain/text/clean.ts'
import { shorten } from '../../domain/text/cut.ts'
import { callName } from '../../domain/workflow/call-choices.ts'
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import { actorName } from '../../http/names.ts'
import { addDigestItem, byDigest } from '../../records/people/digests.ts'
import { readHours } from '../../records/people/working-hours.ts'
import { noteNotices, noticed } from '../../records/task/told/notices.ts'
import type { Asked } from '../../task/notice.ts'
import { type Mail, type MailResult, sendMail } from '../../team/mail/mail.ts'
import { replyAddress } from '../../team/mail/reply-address.ts'
import { codeOf } from '../codes.ts'
import { linkEnd, signLink } from '../links.ts'
import { type ToTell, tellChannels } from './message.ts'

const RENEW_MS = 10 * 60_000

/**
 * Mails everyone who was not told of this content yet; false: some mail is still to be sent, call again later. Only the
 * task's own object calls it, one call at a time. A crash between a mail and its note sends that mail again: a second
 * mail is better than none.
 */
export async function notifyAsked(env: Env, asked: Asked, now: number): Promise<boolean> {
  const told = await noticed(env.DB, asked)
  const wanted = asked.recipients.filter(recipient => isAddress(recipient) && !told.has(recipient))
  if (wanted.length === 0) return true
  await tellChannels(env, askedTold(asked), wanted, now)
  const open = await withoutDigest(env, asked, wanted, now)
  let settled = true
  for (const batch of chunks(open, SIDE_BY_SIDE)) {
    const results = await Promise.all(batch.map(recipient => mailAsked(env, asked, recipient, now)))
    const arrived = batch.filter((_, index) => isDelivered(results[index]!))
    await noteNotices(env.DB, asked, arrived, now)
    settled &&= results.every(result => result !== 'failed')
  }
  return settled
}

/** Those who are to hear at once; for the others it is noted for their next digest. */
async function withoutDigest(env: Env, asked: Asked, people: string[], now: number): Promise<string[]> {
  const { team, task, visit, run, digest } = asked
  const later = await byDigest(
    env.DB,
    team,
    people.map(each => each.toLowerCase()),
  )
  const together = people.filter(each => later.has(each.toLowerCase()))
  const item = JSON.stringify([task, visit, run, digest])
  for (const each of together) await addDigestItem(env.DB, team, each.toLowerCase(), item, now)
  await noteNotices(env.DB, asked, together, now)
  return people.filter(each => !together.includes(each))
}

/** The question as channels tell of it: many may read it there, so its link is the task's page, which asks who one is. */
export function askedTold(asked: Asked, again = false): ToTell {
  const { team, task, visit, run, digest, kind } = asked
  const [title, step, workflow] = [asked.title, asked.stepName, asked.workflow].map(oneLine)
  const { subject } = again ? reminding(wordsOf(asked, '')) : wordsOf(asked, '')
  const who = asked.recipients.map(oneLine).join(', ')
  const due = asked.due === null ? '' : `\nIt is due ${utc(asked.due)}.`
  return {
    kind: again ? 'overdue' : kind === 'decide' || kind === 'unsure' ? 'asked' : 'question',
    team,
    subject: shorten(`${subject}: ${step} (${title})`, 200),
    text: `${title}: ${step}, in ${workflow}. It waits for ${shorten(who, 300)}.${due}`,
    path: `/approvals/${task}`,
    key: `${again ? `reminded:${asked.reminded}` : 'asked'}:${task}:${visit}:${run}:${digest}`,
    about: { task, visit, run, digest },
  }
}

/** Mails one person a fresh link, at most every ten minutes. Without mail nothing is noted: there is nothing to wait for. */
export async function renewLink(env: Env, asked: Asked, recipient: string, now: number): Promise<MailResult> {
  const slot = { ...asked, digest: `renewed:${Math.floor(now / RENEW_MS)}` }
  const first = await noteNotices(env.DB, slot, [recipient], now)
  return first.length === 0 ? 'sent' : mailAsked(env, asked, recipient, now)
}

/** Whether the mail is on its way. */
export function isDelivered(result: MailResult): boolean {
  return result === 'sent' || result === 'kept'
}

/** Whether mail can be sent there. */
export function isAddress(recipient: string): boolean {
  return /^[^\s@<>",;]+@[^\s@<>",;]+$/.test(recipient)
}

/** Mails one person a link of their own to the question. `again`: they were told of it before. */
export async function mailAsked(
  env: Env,
  asked: Asked,
  recipient: string,
  now: number,
  again = false,
): Promise<MailResult> {
  const until = linkEnd(now, asked.due)
  const token = await signLink(env, { ...asked, recipient }, now, until)
  const replyTo = await replyAddress(env, asked.team, asked.task, asked.kind === 'question' ? asked.digest : null)
  const code = asked.risk === 'high' ? await codeOf(env, token) : undefined
  const timezone = asked.due === null ? undefined : (await readHours(env.DB, asked.team)).timezone
  return sendMail(env, {
    ...noticeOf(asked, recipient, publicUrl(env, `/a/${token}`), until, replyTo !== undefined, code, again, timezone),
    replyTo,
  })
}

/** The mail, in plain words; its link is the only one in it. */
export function noticeOf(
  asked: Asked,
  recipient: string,
  link: string,
  until: number,
  answers = false,
  code?: string,
  again = false,
  timezone = 'UTC',
): Mail {
  const [title, step, workflow] = [asked.title, asked.stepName, asked.workflow].map(oneLine)
  const due = asked.due === null ? '' : `It is due ${inZone(asked.due, timezone)}.\n`
  const { subject, ask, act } = again ? reminding(wordsOf(asked, recipient)) : wordsOf(asked, recipient)
  return {
    to: recipient,
    subject: shorten(`${subject}: ${step} (${title})`, 200),
    text: `${ask}

  ${title}
  ${step}, in ${workflow}

${act} here:

${link}

${code === undefined ? '' : `${codeText(code)}\n\n`}${due}Opening the link decides nothing. It is yours alone: whoever has it${code === undefined ? '' : ' and the code'} can decide as ${recipient}.
It works until ${utc(until)}.
${answers ? `\n${ANSWERED_BY_MAIL[asked.kind === 'question' ? 'question' : 'other']}\n` : ''}`,
  }
}

/** It stands in the message alone: whoever has only the link cannot decide. */
function codeText(code: string): string {
  return `The code of this link: ${code}\nWhat is asked is high-risk, so the page asks for it. Give it to nobody.`
}

/** What an answer to the mail does: what an agent wants to know can be written back, and nothing else is decided so. */
const ANSWERED_BY_MAIL = {
  question: 'You can also answer this mail: what you write above what it quotes is your answer.',
  other: 'An answer to this mail is noted on the task. It decides nothing.',
}

/** The same question once more, to whoever has not decided yet. */
function reminding({ subject, ask, act }: Words): Words {
  return { subject: `Reminder: ${subject}`, ask: `This still waits for you. ${ask}`, act }
}

interface Words {
  subject: string
  ask: string
  act: string
}

/** Whoever had approved hears that this counts no more, and why; whoever had not, that it is another text by now. */
function changedWords({ by, cleared }: NonNullable<Asked['changed']>, recipient: string): Words {
  const who = oneLine(actorName(by))
  const act = 'See what is different, and decide'
  return cleared.includes(recipient.toLowerCase())
    ? {
        subject: 'Look again',
        ask: `${who} changed what you had approved. Your approval was of the text as it was before, so you are asked again.`,
        act,
      }
    : {
        subject: 'Your decision',
        ask: `You are asked to decide. ${who} has changed the text since it was first put to you.`,
        act,
      }
}

/** What the mail is about, by the kind of its question. */
function wordsOf({ kind, tool, question, changed }: Asked, recipient: string): Words {
  const name = oneLine(callName(tool ?? ''))
  if (changed !== undefined) return changedWords(changed, recipient)
  switch (kind) {
    case 'call':
      return {
        subject: `May ${name} be called?`,
        ask: `You are asked whether ${name} may be called. It waits until you say.`,
        act: 'See what it would be called with, and allow or deny it',
      }
    case 'question':
      return {
        subject: 'A question for you',
        ask: `You are asked: ${oneLine(question ?? '')}`,
        act: 'Read it in full and answer it',
      }
    case 'outcome':
      return {
        subject: 'Did it happen?',
        ask: `A call of ${name} began, and its answer was lost. It is not made again before you say whether it happened.`,
        act: 'See what was called, with what and when, and say so',
      }
    default:
      return { subject: 'Your decision', ask: 'You are asked to decide.', act: 'Look at it and decide' }
  }
}

/** What came with a task must neither break the mail's lines nor look like a link of ours. */
export function oneLine(text: string | undefined): string {
  const line = cleanLine(text ?? '').replace(/\s+/g, ' ')
  return shorten(line.replaceAll('://', ': //'), 150)
}

/** By the clock of the team that asks. */
function inZone(at: number, timezone: string): string {
  return timezone === 'UTC' ? utc(at) : `${minuteOf(wallOf(timezone, at))} (${timezone})`
}

function utc(at: number): string {
  return `${minuteOf(at)} UTC`
}

function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}
