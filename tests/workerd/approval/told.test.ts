/** Being told by channels and digests: once, later where a service is down, and never what or whom it does not concern any more. */
import { createHmac } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { tellBudget } from '../../../src/approval/tell/budget.ts'
import { makeChannel, rollChannel } from '../../../src/approval/tell/channel.ts'
import { nextDigest, sweepDigests } from '../../../src/approval/tell/digest.ts'
import { sweepMessages, TOLD_KINDS, tellPerson } from '../../../src/approval/tell/message.ts'
import { notifyAsked } from '../../../src/approval/tell/notify.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { newId, newTaskId } from '../../../src/records/ids.ts'
import { channelById, channelsFor, deleteChannel } from '../../../src/records/people/channels.ts'
import { putDigestWish } from '../../../src/records/people/digests.ts'
import { rememberFormer } from '../../../src/records/people/former-members.ts'
import { listMessages } from '../../../src/records/task/told/messages.ts'
import type { Asked } from '../../../src/task/notice.ts'
import { outsideAnswers } from '../../support/outside.ts'
import { aTeam, env, eventually } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { ANA, aQuestion, choose } from './world.ts'

afterEach(() => {
  scriptModels(null)
  setNetwork(null)
  vi.restoreAllMocks()
})

const MINUTE = 60_000
const SLACK = 'https://hooks.slack.test-1.example/services/T0/B0/canary-of-slack-4711'
const BY = { actor: { kind: 'system' } as const, name: 'test', at: 1 }

async function aChannel(team: string, over: { person?: string; kind?: 'slack' | 'webhook'; url?: string } = {}) {
  const { person = null, kind = 'slack', url = SLACK } = over
  const made = await makeChannel(env, { team, person, kind, url, tells: Object.keys(TOLD_KINDS) }, BY)
  if (!made.ok) throw new Error(made.message)
  return { ...made, channel: (await channelById(env.DB, team, made.id))! }
}

const asked = (team: string, over: Partial<Asked> = {}): Asked => ({
  team,
  task: newTaskId(),
  visit: 1,
  run: 1,
  digest: 'd',
  title: 'Nimbus',
  workflow: 'Welcome mails',
  stepName: 'Approve',
  kind: 'decide',
  tool: null,
  question: null,
  due: null,
  recipients: ['dan@guests.test'],
  ...over,
})

const messages = async (team: string) => (await listMessages(env.DB, team, null, null)).items

async function mailsTo(recipient: string) {
  const sql = 'SELECT subject, text FROM outbox WHERE recipient = ?1 ORDER BY id'
  return (await env.DB.prepare(sql).bind(recipient).all<{ subject: string; text: string }>()).results
}

test('Slack is down for an hour: the team is told later, once, and nothing of the address is kept or logged', async () => {
  const log = [vi.spyOn(console, 'error'), vi.spyOn(console, 'log')]
  let down = true
  const { heard } = outsideAnswers(() => {
    if (down) throw new Error(`connect to ${SLACK} failed`)
    return new Response('ok')
  })
  const world = await aQuestion()
  const { channel } = await aChannel(world.team.id)
  const [open] = (await world.stub.asks())!
  const about = { task: world.task, visit: open!.visit, run: open!.run, digest: open!.digest }
  const now = Date.now()
  const question = asked(world.team.id, about)
  await notifyAsked(env, question, now)
  await notifyAsked(env, { ...question, recipients: ['dan@guests.test', 'eve@guests.test'] }, now)
  for (let minute = 1; minute <= 60; minute++) await sweepMessages(env, now + minute * MINUTE)
  const [waits] = await messages(world.team.id)
  expect(waits).toMatchObject({ status: 'pending', lastError: expect.stringContaining('could not be reached') })
  expect(waits!.attempts).toBeGreaterThan(3)
  expect((await channelById(env.DB, world.team.id, channel.id))!.failingSince).not.toBeNull()
  const tries = heard.length
  down = false
  for (let minute = 61; minute <= 180; minute++) await sweepMessages(env, now + minute * MINUTE)
  expect(heard).toHaveLength(tries + 1)
  expect(await messages(world.team.id)).toMatchObject([{ status: 'sent', recipient: null, lastError: null }])
  expect((await channelById(env.DB, world.team.id, channel.id))!.failingSince).toBeNull()
  const link = JSON.parse(heard.at(-1)!.body).text
  expect(link).toContain(`<https://baton.test/approvals/${world.task}|Open in Baton>`)
  expect(link).not.toContain('/a/')
  const dump = [...(await messages(world.team.id)), await channelById(env.DB, world.team.id, channel.id)]
  expect(JSON.stringify(dump) + JSON.stringify(log.map(spy => spy.mock.calls))).not.toContain('canary-of-slack')
})

test('what is not open any more when a channel heals is not sent', async () => {
  let down = true
  const { heard } = outsideAnswers(() => new Response('', { status: down ? 503 : 200 }))
  const world = await aQuestion()
  await aChannel(world.team.id)
  const [open] = (await world.stub.asks())!
  const about = { task: world.task, visit: open!.visit, run: open!.run, digest: open!.digest }
  await notifyAsked(env, asked(world.team.id, about), Date.now())
  expect(heard).toHaveLength(1)
  expect((await choose(await world.link(ANA), 'approved')).status).toBe(303)
  down = false
  await eventually(async () => expect((await world.stub.asks())![0]!.digest).not.toBe(about.digest))
  await sweepMessages(env, Date.now() + 2 * MINUTE)
  const [first] = (await messages(world.team.id)).filter(each => each.about?.digest === about.digest)
  expect(first).toMatchObject({ status: 'dropped', lastError: 'The question is not open any more.' })
})

test('a title cannot ring a channel of Slack, nor put a link of its own there', async () => {
  const { heard } = outsideAnswers(() => new Response('ok'))
  const team = newId('team')
  await aChannel(team)
  const title = '<!channel> <https://evil.test|Open in Baton> & <@U1>\n<!here>'
  await notifyAsked(env, asked(team, { title, stepName: '<!everyone>' }), Date.now())
  const { text } = JSON.parse(heard[0]!.body)
  expect(text).not.toMatch(/<[!@#]/)
  expect(text.match(/<[^>]*>/g)).toHaveLength(1)
  expect(text).toContain('&lt;!channel&gt;')
})

test('a webhook is signed in the manner of Standard Webhooks, by both secrets for a day after a roll', async () => {
  const { heard } = outsideAnswers(() => new Response(null, { status: 204 }))
  const team = newId('team')
  const { secret, channel } = await aChannel(team, { kind: 'webhook', url: 'https://hear.example.com/in' })
  const now = Date.now()
  const rolled = (await rollChannel(env, channel, { ...BY, at: now }))!
  const signedBy = (call: (typeof heard)[number], by: string) => {
    const { 'webhook-id': id, 'webhook-timestamp': at } = call.headers
    const key = Buffer.from(by.replace('whsec_', ''), 'base64')
    const signature = createHmac('sha256', key).update(`${id}.${at}.${call.body}`).digest('base64')
    return call.headers['webhook-signature']!.split(' ').includes(`v1,${signature}`)
  }
  await notifyAsked(env, asked(team), now)
  await notifyAsked(env, asked(team), now + 25 * 60 * MINUTE)
  expect(heard.map(call => [signedBy(call, secret!), signedBy(call, rolled)])).toEqual([
    [true, true],
    [false, true],
  ])
  expect(JSON.parse(heard[0]!.body)).toMatchObject({ type: 'notice.asked', data: { kind: 'asked', to: null } })
})

test('a channel that takes nothing for a day is given up, and its people are told so by mail, once', async () => {
  outsideAnswers(() => new Response('', { status: 404 }))
  const { id: team } = await aTeam()
  const person = `${crypto.randomUUID()}@guests.test`
  await aChannel(team, { person })
  const now = Date.now()
  const told = {
    kind: 'other',
    team,
    subject: 'Mentioned',
    text: 'Ben mentioned you.',
    path: '/tasks',
    to: person,
  } as const
  for (const key of ['one', 'one', 'two']) await tellPerson(env, { ...told, key }, now)
  expect(await mailsTo(person)).toHaveLength(2)
  for (let hour = 1; hour <= 26; hour++) await sweepMessages(env, now + hour * 60 * MINUTE)
  const byChannel = (await messages(team)).filter(each => each.channel !== null)
  expect(byChannel.map(each => each.status)).toEqual(['failed', 'failed'])
  const mails = (await mailsTo(person)).filter(({ subject }) => subject.startsWith('Baton cannot reach'))
  expect(mails).toHaveLength(1)
  expect(mails[0]!.text).toContain('answered 404')
})

test('mail is down for an hour: what was to be told is told later, once; the removed are not told any more', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const send = vi.fn(async (_mail: { to: string }) => ({ messageId: 'm' })).mockRejectedValue(new Error('down'))
  const deployed = { ...env, BATON_LOCAL: '0', EMAIL: { send } as never, BATON_MAIL_FROM: 'Baton <baton@acme.test>' }
  const team = newId('team')
  const now = Date.now()
  const told = { kind: 'other', team, subject: 'Mentioned', text: 'Here.', path: '/tasks', key: 'm' } as const
  const [stays, goes] = [`${crypto.randomUUID()}@a.test`, `${crypto.randomUUID()}@a.test`]
  await tellPerson(deployed, { ...told, to: stays }, now)
  await tellPerson(deployed, { ...told, to: goes }, now)
  for (let minute = 1; minute <= 60; minute++) await sweepMessages(deployed, now + minute * MINUTE)
  await rememberFormer(env.DB, { team, email: goes, membership: 'none', at: now }).run()
  send.mockClear()
  send.mockResolvedValue({ messageId: 'm' })
  for (let minute = 61; minute <= 180; minute++) await sweepMessages(deployed, now + minute * MINUTE)
  const ours = send.mock.calls.map(([mail]) => mail.to).filter(to => [stays, goes].includes(to))
  expect(ours).toEqual([stays])
  expect((await messages(team)).map(each => [each.recipient, each.status]).sort()).toEqual(
    [
      [stays, 'sent'],
      [goes, 'dropped'],
    ].sort(),
  )
})

test('what was still to go to a channel that was taken away is not sent', async () => {
  const { heard } = outsideAnswers(() => new Response('', { status: 500 }))
  const team = newId('team')
  const { channel } = await aChannel(team)
  const now = Date.now()
  await notifyAsked(env, asked(team), now)
  await deleteChannel(env.DB, channel, BY)
  await sweepMessages(env, now + 5 * MINUTE)
  expect(heard).toHaveLength(1)
  expect((await messages(team))[0]).toMatchObject({ status: 'dropped' })
})

test('200 open decisions are one digest, in the oldest’s order, also where the sweep runs twice or begins anew', async () => {
  const team = newId('team')
  const person = `${crypto.randomUUID()}@guests.test`
  const slot = nextDigest({ how: 'daily', hour: 9, timezone: 'Europe/Berlin' }, Date.now())!
  await putDigestWish(env.DB, { team, email: person, how: 'daily', hour: 9, timezone: 'Europe/Berlin', nextAt: slot })
  const before = slot - 10 * MINUTE
  const all = Array.from({ length: 200 }, (_, nth) =>
    asked(team, { recipients: [person], title: `Company ${nth}`, digest: `d${nth}` }),
  )
  for (const [nth, each] of all.entries()) {
    await openIn(each, before - (200 - nth) * 1000, person)
    await notifyAsked(env, each, before)
  }
  expect(await mailsTo(person)).toEqual([])
  await Promise.all([sweepDigests(env, slot), sweepDigests(env, slot)])
  await sweepDigests(env, slot + MINUTE)
  await sweepMessages(env, slot + MINUTE)
  const mails = await mailsTo(person)
  expect(mails.map(({ subject }) => subject)).toEqual(['200 questions wait for you'])
  const { text } = mails[0]!
  expect(text.match(/Company \d+/g)).toEqual(Array.from({ length: 10 }, (_, nth) => `Company ${nth}`))
  expect(text).toContain('… and 190 more.')
  expect(text.match(/https?:\/\/\S+/g)).toEqual(['https://baton.test/approvals'])
  // Nothing new came: the next slot brings nothing.
  await sweepDigests(env, slot + 24 * 60 * MINUTE)
  expect(await mailsTo(person)).toHaveLength(1)
})

/** D1 as a Worker meets it that is killed right before this statement, which so never runs. */
function killedBefore(statement: RegExp) {
  const deaths = vi.fn()
  const die = () => {
    deaths()
    throw new Error('killed')
  }
  const DB = new Proxy(env.DB, {
    get(db, name) {
      const value = Reflect.get(db, name)
      if (typeof value !== 'function') return value
      if (name === 'batch' && statement.test('batch')) return die
      if (name !== 'prepare') return value.bind(db)
      return (sql: string) => (statement.test(sql) ? die() : db.prepare(sql))
    },
  })
  return { dying: { ...env, DB }, deaths }
}

test.each([
  ['before the digest is kept', /^batch$/, 1],
  ['once it is kept, before it is taken up', /FROM messages WHERE id/, 1],
  // Whether the mail left is known to nobody then: told twice is better than not at all.
  ['when it was sent, before that is marked', /^UPDATE messages SET status/, 2],
])('a Worker that is killed %s: the digest is told', async (_when, statement, times) => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const team = newId('team')
  const person = `${crypto.randomUUID()}@guests.test`
  const slot = nextDigest({ how: 'daily', hour: 9, timezone: 'UTC' }, Date.now())!
  await putDigestWish(env.DB, { team, email: person, how: 'daily', hour: 9, timezone: 'UTC', nextAt: slot })
  const question = asked(team, { recipients: [person] })
  await openIn(question, slot - 10 * MINUTE, person)
  await notifyAsked(env, question, slot - 10 * MINUTE)
  const { dying, deaths } = killedBefore(statement)
  await sweepDigests(dying, slot)
  expect(deaths).toHaveBeenCalledOnce()
  for (let minute = 1; minute <= 30; minute++) {
    await sweepDigests(env, slot + minute * MINUTE)
    await sweepMessages(env, slot + minute * MINUTE)
  }
  const mails = await mailsTo(person)
  expect(mails.map(({ subject }) => subject)).toEqual(Array(times).fill('1 question waits for you'))
  expect(await messages(team)).toMatchObject([{ status: 'sent', recipient: person }])
})

test('whoever is named in a comment, and whoever a question is passed on to, hears it by their own channels, too, once', async () => {
  const { heard } = outsideAnswers(() => new Response('ok'))
  const world = await aQuestion()
  const cleo = await aMember(world.team.id)
  await aChannel(world.team.id, { person: cleo })
  const by = { actor: { kind: 'person', id: ANA } as const, flushed: true }
  await world.stub.command({ type: 'comment', text: 'Look at the tone. '.repeat(60), mentions: [cleo] }, by)
  await world.stub.command({ type: 'delegate', to: cleo }, by)
  const texts = () => heard.map(call => JSON.parse(call.body).text as string)
  await eventually(async () => expect(heard).toHaveLength(2))
  expect(texts().find(text => text.includes('named you'))).toContain(`|Open in Baton>`)
  expect(texts().find(text => text.includes('Your decision'))).toContain(`It waits for`)
  await eventually(async () => {
    const subjects = (await mailsTo(cleo)).map(({ subject }) => subject.split(':')[0]).sort()
    expect(subjects).toEqual(['Your decision', `${ANA} named you`])
  })
  await world.stub.wake(true)
  await sweepMessages(env, Date.now() + 5 * MINUTE)
  expect([heard.length, (await mailsTo(cleo)).length]).toEqual([2, 2])
})

test('a mark of the budget is told once: to admins by mail, to the team by its channels that are to hear of it', async () => {
  const { heard } = outsideAnswers(() => new Response('ok'))
  const { id: team } = await aTeam()
  const admin = await aMember(team, 'admin')
  const member = await aMember(team, 'member')
  await aChannel(team)
  await makeChannel(env, { team, person: null, kind: 'slack', url: SLACK, tells: ['asked'] }, BY)
  const crossing = { period: 'day', name: '2026-11-28', percent: 80, spent: 4, limit: 5 } as const
  for (let twice = 0; twice < 2; twice++) await tellBudget(env, team, crossing)
  expect(heard.map(call => JSON.parse(call.body).text.split('\n')[0])).toEqual([
    '80 % of your team’s budget for the day is spent',
  ])
  expect(await mailsTo(member)).toEqual([])
  const [mail, ...more] = await mailsTo(admin)
  expect(more).toEqual([])
  expect(mail!.text).toContain('https://baton.test/settings/limits')
})

test('a daily digest keeps to its hour over the change of clocks', () => {
  const wish = { how: 'daily', hour: 9, timezone: 'Europe/Berlin' } as const
  const saturday = nextDigest(wish, Date.parse('2027-03-27T00:00Z'))!
  expect(new Date(saturday).toISOString()).toBe('2027-03-27T08:00:00.000Z')
  expect(new Date(nextDigest(wish, saturday)!).toISOString()).toBe('2027-03-28T07:00:00.000Z')
})

test('the page: hooks are added, tested, retried and shown by host alone; the team’s are for its admins, one’s own for oneself', async () => {
  let down = true
  const { heard } = outsideAnswers(() => new Response('', { status: down ? 503 : 200 }))
  const team = await aTeam()
  const [admin, member, viewer] = [new Browser(), new Browser(), new Browser()]
  await admin.signIn(await aMember(team.id, 'admin'))
  const email = await aMember(team.id, 'member')
  await member.signIn(email)
  await viewer.signIn(await aMember(team.id, 'viewer'))
  const at = '/settings/notifications'
  const slack = { kind: 'slack', url: SLACK, 'tells.asked': 'on' }
  expect((await member.send(`${at}/channels`, { ...slack, for: 'team' })).status).toBe(403)
  for (const url of ['ftp://a.example.com', 'https://10.0.0.1/x', 'https://user:pass@a.example.com'])
    expect((await admin.send(`${at}/channels`, { ...slack, for: 'team', url })).status).toBe(422)
  expect((await admin.send(`${at}/channels`, { ...slack, for: 'team' })).status).toBe(303)
  expect((await member.send(`${at}/channels`, { ...slack, for: 'you' })).status).toBe(303)
  const channels = await channelsFor(env.DB, team.id, email)
  const [ours, own] = [channels.find(each => each.person === null)!, channels.find(each => each.person !== null)!]
  expect((await member.send(`${at}/channels/${ours.id}/test`, {})).status).toBe(403)
  expect((await admin.send(`${at}/channels/${own.id}/test`, {})).status).toBe(404)
  expect((await viewer.send(`${at}/channels/${own.id}/delete`, {})).status).toBe(404)
  expect(heard).toHaveLength(0)
  await admin.send(`${at}/channels/${ours.id}/test`, {})
  const seen = (await admin.open(at)).text
  expect(seen).toContain('answered 503')
  expect(seen).not.toContain('canary-of-slack')
  const [message] = await messages(team.id)
  expect((await member.send(`${at}/messages/${message!.id}/send`, {})).status).toBe(404)
  down = false
  await admin.send(`${at}/messages/${message!.id}/send`, {})
  expect((await messages(team.id))[0]).toMatchObject({ status: 'sent', attempts: 2 })
  expect((await member.open(at)).text).not.toContain('A test from Baton')
  const listed = await team.call('GET', '/channels')
  expect(listed.body.items).toMatchObject([{ id: ours.id, kind: 'slack', failingSince: null, tells: ['asked'] }])
  expect((await team.call('POST', `/channels/${own.id}/test`)).status).toBe(404)
  expect((await team.call('POST', `/channels/${ours.id}/test`)).body).toMatchObject({ status: 'sent', attempts: 1 })
  const told = await team.call('GET', '/messages')
  expect(told.body.items).toHaveLength(2)
  expect(listed.text + told.text).not.toContain('canary-of-slack')
  const made = await member.send(`${at}/channels`, { ...slack, kind: 'webhook', for: 'you' })
  const [secret] = /whsec_[\w+/=]+/.exec(made.text)!
  expect((await member.open(at)).text).not.toContain(secret)
})

test('who is told once a day is told so from the page on, and hears of the rest when they go back', async () => {
  const { id: team } = await aTeam()
  const browser = new Browser()
  const email = await aMember(team, 'member')
  await browser.signIn(email)
  const at = '/settings/notifications'
  expect((await browser.send(at, { how: 'daily', hour: '25', timezone: 'UTC' })).status).toBe(422)
  expect((await browser.send(at, { how: 'daily', hour: '9', timezone: 'Mars' })).status).toBe(422)
  expect((await browser.send(at, { how: 'daily', hour: '9', timezone: 'UTC' })).status).toBe(303)
  const before = await mailsTo(email)
  const question = asked(team, { recipients: [email] })
  await openIn(question, Date.now(), email)
  await notifyAsked(env, question, Date.now())
  await sweepDigests(env, Date.now())
  expect(await mailsTo(email)).toHaveLength(before.length)
  await browser.send(at, { how: 'now', hour: '9', timezone: 'UTC' })
  await sweepDigests(env, Date.now())
  await notifyAsked(env, question, Date.now())
  const fresh = (await mailsTo(email)).slice(before.length)
  expect(fresh.map(({ subject }) => subject)).toEqual(['1 question waits for you'])
})

/** The task's row in the index, as a flush writes it. */
async function openIn({ team, task, visit, run, digest, title }: Asked, since: number, email: string) {
  const ask = {
    visit,
    run,
    digest,
    kind: 'decide',
    step: 'approve',
    since,
    due: null,
    assignees: [{ email, decided: false }],
  }
  const card = JSON.stringify({ asks: [ask] })
  await env.DB.prepare(
    `INSERT INTO tasks (id, team, workflow, version, title, status, step, visit, over, seq, created_at, updated_at, card, searched, told)
     VALUES (?1, ?2, 'wf_x', 1, ?3, 'waiting', 'approve', 1, 0, 1, ?4, ?4, ?5, '', 0)`,
  )
    .bind(task, team, title, since, card)
    .run()
}
