/**
 * One way to tell people and teams something: by mail and by their channels, each message once. A message is kept in D1
 * before it is sent, and sent until it is taken, for a day.
 */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import { sha256Hex } from '../../records/ids.ts'
import { type Channel, channelById, channelsFor, noteHealth } from '../../records/people/channels.ts'
import { isGone } from '../../records/people/former-members.ts'
import { membersByRole } from '../../records/people/teams.ts'
import {
  addMessages,
  dueMessages,
  type Message,
  messageById,
  type NewMessage,
  settleMessage,
  takeMessage,
} from '../../records/task/told/messages.ts'
import type { NoticeKey } from '../../records/task/told/notices.ts'
import { callTask } from '../../task/call.ts'
import { sendMail } from '../../team/mail/mail.ts'
import { sendToChannel } from './channel.ts'

/** What messages are about, in the words of the settings; a channel gets those kinds that are chosen for it. */
export const TOLD_KINDS = {
  asked: 'Decisions',
  question: 'Questions and calls',
  overdue: 'Reminders',
  stuck: 'Tasks that failed or are stuck',
  budget: 'The budget',
  alert: 'Alerts',
  other: 'Everything else',
} as const
export type ToldKind = keyof typeof TOLD_KINDS

/** Something to tell. */
export interface ToTell {
  kind: ToldKind
  team: string
  subject: string
  /** In plain words, without a link. */
  text: string
  /** Where the link leads, such as `/tasks/tsk_…`: never one that decides. */
  path: string
  /** The same key is the same message: to the same person by the same way it goes once. */
  key: string
  /** The open question that it is about: once that is settled, it is not sent any more. */
  about?: NoticeKey
}

const SECOND = 1000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PAUSES_MS = [60 * SECOND, 120 * SECOND, 300 * SECOND, 900 * SECOND, 1800 * SECOND, HOUR_MS]
/** A try of which nothing is heard for this long is made again. */
const LOST_MS = 120 * SECOND

/** Something to tell these people, and the team's channels. */
export interface ToTellAll {
  told: ToTell
  /** In lower case. */
  people: string[]
}

/**
 * Tells people and the team's channels. What is told is kept in one transaction with `besides`: either both hold or neither.
 * Throws when D1 cannot keep it.
 */
export async function tellAll(env: Env, all: ToTellAll[], besides: D1PreparedStatement[], now: number): Promise<void> {
  const rows: NewMessage[] = []
  for (const { told, people } of all) {
    const ofTeam = (await channelsFor(env.DB, told.team, null)).filter(takes(told))
    for (const channel of ofTeam) rows.push(await messageOf(told, null, channel.id))
    for (const to of people) {
      const own = (await channelsFor(env.DB, told.team, to)).filter(({ person }) => person === to)
      for (const way of [null, ...own.filter(takes(told))]) rows.push(await messageOf(told, to, way?.id ?? null))
    }
  }
  const fresh = await addMessages(env.DB, rows, now, besides)
  await Promise.allSettled(fresh.map(message => tryMessage(env, message, now)))
}

/** Tells one person, by mail and by their own channels. Throws when D1 cannot keep it: nothing was told then. */
export async function tellPerson(env: Env, told: ToTell & { to: string }, now: number): Promise<void> {
  const to = told.to.toLowerCase()
  const own = (await channelsFor(env.DB, told.team, to)).filter(channel => channel.person === to)
  await tell(env, told, to, [null, ...own.filter(takes(told))], now)
}

/** Tells by channels alone: the team's, and those of these people. Throws when D1 cannot keep it. */
export async function tellChannels(env: Env, told: ToTell, people: string[], now: number): Promise<void> {
  const channels = await Promise.all(people.map(each => channelsFor(env.DB, told.team, each.toLowerCase())))
  const own = channels.flat().filter(channel => channel.person !== null)
  const ofTeam = (channels[0] ?? (await channelsFor(env.DB, told.team, null))).filter(({ person }) => person === null)
  await tell(env, told, null, ofTeam.filter(takes(told)), now)
  for (const channel of own.filter(takes(told))) await tell(env, told, channel.person, [channel], now)
}

function takes({ kind }: ToTell) {
  return ({ tells }: Channel) => tells.includes(kind)
}

async function tell(env: Env, told: ToTell, to: string | null, ways: (Channel | null)[], now: number): Promise<void> {
  const rows = await Promise.all(ways.map(way => messageOf(told, to, way?.id ?? null)))
  const fresh = await addMessages(env.DB, rows, now)
  await Promise.allSettled(fresh.map(message => tryMessage(env, message, now)))
}

/** Tells by one channel, whatever it is chosen for; answers what came of it. */
export async function tellOne(env: Env, told: ToTell, channel: Channel, now: number): Promise<Message> {
  await tell(env, told, channel.person, [channel], now)
  const { id } = await messageOf(told, channel.person, channel.id)
  const message = await messageById(env.DB, told.team, id)
  if (message === null) throw new Error('a message was kept and is not there')
  return message
}

/** The row of a message; its id says what it is about, by which way it goes and to whom. */
export async function messageOf(told: ToTell, recipient: string | null, channel: string | null): Promise<NewMessage> {
  const { team, kind, subject, text, path, key, about = null } = told
  const id = `msg_${(await sha256Hex(JSON.stringify([team, key, channel, recipient]))).slice(0, 32)}`
  return { id, team, channel, recipient, kind, subject, text, path, about }
}

/** The minute's sweep: tries what is due. Never throws for a message that fails. */
export async function sweepMessages(env: Env, now: number): Promise<void> {
  for (const some of chunks(await dueMessages(env.DB, now), SIDE_BY_SIDE))
    await Promise.allSettled(some.map(message => tryMessage(env, message, now)))
}

/** Tries a message once, unless somebody else is at it; notes what came of it. */
export async function tryMessage(env: Env, message: Message, now: number): Promise<void> {
  if (!(await takeMessage(env.DB, message, now + LOST_MS))) return
  const channel = message.channel === null ? null : await channelById(env.DB, message.team, message.channel)
  const needless = await whyNot(env, message, channel)
  if (needless !== null)
    return settleMessage(env.DB, message, { status: 'dropped', nextAt: null, lastError: needless, sentAt: null })
  const error = channel === null ? await byMail(env, message) : await sendToChannel(env, channel, message, now)
  if (channel !== null) await noteHealth(env.DB, channel.team, channel.id, error, now)
  if (error === null)
    return settleMessage(env.DB, message, { status: 'sent', nextAt: null, lastError: null, sentAt: now })
  const pause = PAUSES_MS[message.attempts] ?? HOUR_MS
  const isOver = now + pause - message.triedSince > DAY_MS
  const nextAt = isOver ? null : now + pause
  await settleMessage(env.DB, message, {
    status: isOver ? 'failed' : 'pending',
    nextAt,
    lastError: error,
    sentAt: null,
  })
  if (isOver && channel !== null) await mailInstead(env, channel, message, error, now)
}

/** Why there is nothing to send any more, or nobody; null: it is to be sent. */
async function whyNot(env: Env, message: Message, channel: Channel | null): Promise<string | null> {
  const { team, recipient, about, attempts } = message
  if (message.channel !== null && channel === null) return 'The channel was taken away.'
  if (recipient !== null && (await isGone(env.DB, team, recipient))) return `${recipient} left the team.`
  // The first try comes from the question itself.
  if (about === null || attempts === 0) return null
  const asks = (await callTask(env, team, about.task, stub => stub.asks())) ?? []
  const open = asks.find(each => each.visit === about.visit && each.run === about.run && each.digest === about.digest)
  return open === undefined ? 'The question is not open any more.' : null
}

async function byMail(env: Env, { recipient, subject, text, path }: Message): Promise<string | null> {
  if (recipient === null) return null
  const link = publicUrl(env, path)
  const result = await sendMail(env, { to: recipient, subject, text: `${text}\n\n${link}\n` })
  if (result === 'failed') return 'The mail could not be sent.'
  return result === 'unconfigured' ? 'This Baton cannot send mail yet.' : null
}

/** A channel that took nothing for a day is told of by mail, once a day: to whose it is, or to the team's admins. */
async function mailInstead(env: Env, channel: Channel, message: Message, error: string, now: number): Promise<void> {
  const { team, id, person, host } = channel
  const to = person === null ? await membersByRole(env.DB, team, 'admin') : [person]
  const told: ToTell = {
    kind: 'other',
    team,
    subject: `Baton cannot reach ${host}`,
    text: `A channel by which ${person === null ? 'your team is' : 'you are'} told, ${host}, has taken nothing for a day: ${error}\n\nWhat it was last to be told: ${message.subject}\n\nOpen questions wait in the inbox as before. Test, mend or delete the channel here:`,
    path: '/settings/notifications',
    key: `channel:${id}:${Math.floor(now / DAY_MS)}`,
  }
  const rows = await Promise.all(to.map(each => messageOf(told, each.toLowerCase(), null)))
  await addMessages(env.DB, rows, now)
}
