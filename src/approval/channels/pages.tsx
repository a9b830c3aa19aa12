/** `/settings/notifications`: how one is told oneself, by which channels, and what became of what was told; the team's for its admins. */
import { Hono } from 'hono'
import { type Person, personActor } from '../../domain/caller.ts'
import { may, onlyFor } from '../../domain/permissions.ts'
import { isTimezone } from '../../domain/schedule/cron.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { readCursor } from '../../records/cursor.ts'
import { type Channel, channelById, channelsFor, deleteChannel } from '../../records/people/channels.ts'
import { DIGEST_HOWS, type DigestWish, digestWish, putDigestWish } from '../../records/people/digests.ts'
import { listMessages, messageById } from '../../records/task/told/messages.ts'
import { makeChannel, rollChannel } from '../tell/channel.ts'
import { nextDigest } from '../tell/digest.ts'
import { TOLD_KINDS, type ToldKind } from '../tell/message.ts'
import { sendAgain, testChannel } from './send.ts'
import { type NewSecret, Notifications, type Wrong } from './view.tsx'

export const channelPages = new Hono<PageEnv>()

const AT = '/settings/notifications'

channelPages.get(AT, c => show(c))

channelPages.post(AT, async c => {
  const { id: team } = c.get('person').team
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { how: said = 'now', hour: text = '', timezone = '' } = change.given
  const how = DIGEST_HOWS.find(each => each === said) ?? 'now'
  const hour = /^([01]?\d|2[0-3])$/.test(text.trim()) ? Number(text) : null
  if (hour === null) return show(c, { wrong: { field: 'hour', message: 'Give an hour from 0 to 23, such as 9.' } })
  if (!isTimezone(timezone.trim()))
    return show(c, { wrong: { field: 'timezone', message: 'Name a time zone such as Europe/Berlin.' } })
  const wish: DigestWish = { how, hour, timezone: timezone.trim() }
  const now = Date.now()
  // Who goes over to being told at once hears of the rest with the next minute.
  await putDigestWish(c.env.DB, { ...wish, team, email: emailOf(c), nextAt: nextDigest(wish, now) ?? now })
  return goTo(c, AT, 'That is how you are told from now on.')
})

channelPages.post(`${AT}/channels`, async c => {
  const person = c.get('person')
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const { form } = sent
  const isTeams = form.get('for') === 'team'
  if (isTeams && !may(person, 'limits.change')) return refused(c)
  const kind = form.get('kind') === 'webhook' ? 'webhook' : 'slack'
  const tells = (Object.keys(TOLD_KINDS) as ToldKind[]).filter(each => form.has(`tells.${each}`))
  const url = (form.get('url') ?? '').trim()
  if (tells.length === 0) return show(c, { wrong: { field: 'tells', message: 'Choose what is told there.' } })
  const channel = { team: person.team.id, person: isTeams ? null : emailOf(c), kind, tells, url } as const
  const made = await makeChannel(c.env, channel, byOf(person))
  if (!made.ok) return show(c, { wrong: { field: 'url', message: made.message } })
  if (made.secret === null) return goTo(c, AT, 'The channel is there. Send a test to see that it works.')
  return show(c, { fresh: { text: made.secret, rolled: false } })
})

channelPages.post(`${AT}/channels/:channel/test`, async c => {
  const found = await ownChannel(c)
  if ('answer' in found) return found.answer
  const message = await testChannel(c.env, found.channel, Date.now())
  return goTo(c, AT, message.status === 'sent' ? 'The test arrived.' : `It did not arrive: ${message.lastError ?? ''}`)
})

channelPages.post(`${AT}/channels/:channel/rotate`, async c => {
  const found = await ownChannel(c)
  if ('answer' in found) return found.answer
  const secret = await rollChannel(c.env, found.channel, byOf(c.get('person')))
  return secret === null
    ? goTo(c, AT, 'It has no secret, or it was rolled this moment.')
    : show(c, { fresh: { text: secret, rolled: true } })
})

channelPages.post(`${AT}/channels/:channel/delete`, async c => {
  const found = await ownChannel(c)
  if ('answer' in found) return found.answer
  await deleteChannel(c.env.DB, found.channel, byOf(c.get('person')))
  return goTo(c, AT, 'The channel is gone.')
})

channelPages.post(`${AT}/messages/:message/send`, async c => {
  const person = c.get('person')
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { id: team } = person.team
  const message = await messageById(c.env.DB, team, c.req.param('message'))
  const isOwn = message?.recipient === emailOf(c)
  if (message === null || !(isOwn || may(person, 'limits.change'))) return errorPage(c, 404)
  await sendAgain(c.env, team, message.id, Date.now())
  return goTo(c, `${AT}#messages`, 'It was tried again.')
})

/** A channel that whoever asks may change: their own, or the team's. */
async function ownChannel(c: PageContext): Promise<{ channel: Channel } | { answer: Response | Promise<Response> }> {
  const change = await openChange(c)
  if (!change.ok) return { answer: change.answer }
  const person = c.get('person')
  const channel = await channelById(c.env.DB, person.team.id, c.req.param('channel') ?? '')
  if (channel === null || (channel.person !== null && channel.person !== emailOf(c)))
    return { answer: errorPage(c, 404) }
  return channel.person === null && !may(person, 'limits.change') ? { answer: refused(c) } : { channel }
}

function refused(c: PageContext) {
  return errorPage(c, 403, { title: onlyFor('limits.change') })
}

function emailOf(c: PageContext): string {
  return c.get('person').email.toLowerCase()
}

function byOf(person: Person) {
  return { actor: personActor(person), name: person.email, at: Date.now() }
}

async function show(c: PageContext, { fresh = null, wrong }: { fresh?: NewSecret | null; wrong?: Wrong } = {}) {
  const person = c.get('person')
  const { id: team } = person.team
  const admin = may(person, 'limits.change')
  const [wish, channels, messages] = await Promise.all([
    digestWish(c.env.DB, team, emailOf(c)),
    channelsFor(c.env.DB, team, emailOf(c)),
    listMessages(c.env.DB, team, admin ? null : emailOf(c), readCursor(c.req.query('cursor') ?? '')),
  ])
  const view = { wish, channels, messages: messages.items, next: messages.next, fresh, wrong, admin, now: Date.now() }
  const content = <Notifications view={view} />
  return page(c, { title: 'Notifications', active: 'settings' }, content, wrong === undefined ? 200 : 422)
}
