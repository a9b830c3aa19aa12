/** What is sent by hand: a test of a channel, and a message that did not arrive. */
import type { Env } from '../../env.ts'
import type { Channel } from '../../records/people/channels.ts'
import { type Message, messageById, sendMessageAgain } from '../../records/task/told/messages.ts'
import { tellOne, tryMessage } from '../tell/message.ts'

/** Sends the channel a test now; answers what came of it. */
export function testChannel(env: Env, channel: Channel, now: number): Promise<Message> {
  const told = {
    kind: 'other' as const,
    team: channel.team,
    subject: 'A test from Baton',
    text: 'This channel works. Nothing needs to be done.',
    path: '/settings/notifications',
    key: `test:${crypto.randomUUID()}`,
  }
  return tellOne(env, told, channel, now)
}

/** Tries a message again that did not arrive, now and for another day; answers what came of it, null: it is not there. */
export async function sendAgain(env: Env, team: string, id: string, now: number): Promise<Message | null> {
  await sendMessageAgain(env.DB, team, id, now)
  const again = await messageById(env.DB, team, id)
  if (again?.status === 'pending') await tryMessage(env, again, now)
  return messageById(env.DB, team, id)
}
