/** `/channels` and `/messages`: where the team is told besides by mail, and what became of what was told. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoOrNull, isoTime, pageOf } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { type Channel, channelById, channelsFor, deleteChannel } from '../../records/people/channels.ts'
import { listMessages, type Message } from '../../records/task/told/messages.ts'
import { makeChannel, rollChannel } from '../tell/channel.ts'
import { TOLD_KINDS, type ToldKind } from '../tell/message.ts'
import { sendAgain, testChannel } from './send.ts'

export const channelRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Notifications'
const KINDS = Object.keys(TOLD_KINDS) as [ToldKind, ...ToldKind[]]

const kind = z.enum(['slack', 'webhook'])
const channel = z
  .object({
    id: z.string(),
    kind,
    host: z.string().openapi({ description: 'Of its address, which is not shown again.' }),
    tells: z.array(z.string()),
    createdAt: iso,
    failingSince: iso.nullable().openapi({ description: 'null: it takes what it is sent.' }),
    lastError: z.string().nullable(),
  })
  .openapi('Channel')
const secret = z.string().nullable().openapi({ description: 'What a webhook is signed with, shown this once.' })
const message = z
  .object({
    id: z.string(),
    channel: z.string().nullable().openapi({ description: 'null: by mail.' }),
    to: z.string().nullable().openapi({ description: 'null: the team.' }),
    kind: z.string(),
    subject: z.string(),
    status: z.enum(['pending', 'sent', 'failed', 'dropped']),
    attempts: z.int(),
    lastError: z.string().nullable(),
    nextAt: iso.nullable(),
    createdAt: iso,
    sentAt: iso.nullable(),
  })
  .openapi('Message')

route(
  channelRoutes,
  {
    method: 'get',
    path: '/channels',
    tag: TAG,
    summary: 'List the team’s channels',
    scope: 'admin',
    answers: { 200: { schema: z.object({ items: z.array(channel), next: z.null() }), description: 'Oldest first.' } },
  },
  async c => {
    const found = await channelsFor(c.env.DB, c.get('key').team, null)
    return c.json({ items: found.map(channelOf), next: null })
  },
)

route(
  channelRoutes,
  {
    method: 'post',
    path: '/channels',
    tag: TAG,
    summary: 'Add a channel',
    description: 'It is told everything that `tells` names; unless given, all there is.',
    scope: 'admin',
    body: z.strictObject({ kind, url: z.string().max(2000), tells: z.array(z.enum(KINDS)).min(1).max(20).optional() }),
    answers: { 201: { schema: channel.extend({ secret }).openapi('NewChannel'), description: 'Made.' } },
  },
  async (c, { body }) => {
    const { team } = c.get('key')
    const given = { team, person: null, kind: body.kind, url: body.url, tells: [...new Set(body.tells ?? KINDS)] }
    const made = await makeChannel(c.env, given, byOf(c))
    if (!made.ok) return problem(c, { kind: 'invalid', path: 'url', message: made.message })
    const row = await ownChannel(c, made.id)
    return row === null ? problem(c, { kind: 'not_found' }) : c.json({ ...channelOf(row), secret: made.secret }, 201)
  },
)

route(
  channelRoutes,
  {
    method: 'post',
    path: '/channels/{id}/test',
    operationId: 'testChannel',
    tag: TAG,
    summary: 'Send a channel a test',
    scope: 'admin',
    answers: { 200: { schema: message, description: 'What came of it.' } },
  },
  async (c, { params }) => {
    const row = await ownChannel(c, params.id)
    if (row === null) return problem(c, { kind: 'not_found' })
    return c.json(messageOf(await testChannel(c.env, row, Date.now())))
  },
)

route(
  channelRoutes,
  {
    method: 'post',
    path: '/channels/{id}/rotate',
    operationId: 'rotateChannelSecret',
    tag: TAG,
    summary: 'Give a webhook a new signing secret',
    description: 'Messages are signed with the one before, too, for another 24 hours.',
    scope: 'admin',
    answers: { 200: { schema: z.object({ secret }), description: 'The new secret; null: the channel has none.' } },
  },
  async (c, { params }) => {
    const row = await ownChannel(c, params.id)
    if (row === null) return problem(c, { kind: 'not_found' })
    return c.json({ secret: await rollChannel(c.env, row, byOf(c)) })
  },
)

route(
  channelRoutes,
  {
    method: 'delete',
    path: '/channels/{id}',
    tag: TAG,
    summary: 'Delete a channel',
    description: 'What was still to be sent to it is not sent.',
    scope: 'admin',
    answers: { 204: { description: 'Deleted.' } },
  },
  async (c, { params }) => {
    const row = await ownChannel(c, params.id)
    if (row === null) return problem(c, { kind: 'not_found' })
    await deleteChannel(c.env.DB, row, byOf(c))
    return c.body(null, 204)
  },
)

route(
  channelRoutes,
  {
    method: 'get',
    path: '/messages',
    tag: TAG,
    summary: 'List what was told',
    description: 'By channels, and by mail where it is not a question’s own. Kept for 30 days.',
    scope: 'admin',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(message), description: 'A page of messages, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const found = await listMessages(c.env.DB, c.get('key').team, null, cursor.value)
    return c.json({ items: found.items.map(messageOf), next: found.next })
  },
)

route(
  channelRoutes,
  {
    method: 'post',
    path: '/messages/{id}/send',
    operationId: 'sendMessage',
    tag: TAG,
    summary: 'Send a message again that did not arrive',
    description: 'At once, and for another day. One that arrived is let be.',
    scope: 'admin',
    answers: { 200: { schema: message, description: 'What came of it.' } },
  },
  async (c, { params }) => {
    const sent = await sendAgain(c.env, c.get('key').team, params.id, Date.now())
    return sent === null ? problem(c, { kind: 'not_found' }) : c.json(messageOf(sent))
  },
)

/** The team's; people's own are theirs. */
async function ownChannel(c: ApiContext, id: string): Promise<Channel | null> {
  const found = await channelById(c.env.DB, c.get('key').team, id)
  return found?.person === null ? found : null
}

function byOf(c: ApiContext) {
  return { actor: keyActor(c.get('key')), name: c.get('key').id, at: Date.now() }
}

function channelOf({ id, kind: of, host, tells, createdAt, failingSince, lastError }: Channel) {
  const times = { createdAt: isoTime(createdAt), failingSince: isoOrNull(failingSince) }
  return { id, kind: of, host, tells, lastError, ...times }
}

function messageOf(row: Message) {
  const { id, channel: by, recipient, kind: of, subject, status, attempts, lastError } = row
  const times = { nextAt: isoOrNull(row.nextAt), createdAt: isoTime(row.createdAt), sentAt: isoOrNull(row.sentAt) }
  return { id, channel: by, to: recipient, kind: of, subject, status, attempts, lastError, ...times }
}
