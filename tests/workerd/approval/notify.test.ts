/** Everyone who is asked gets one mail with one link, whatever fails on the way. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import { noticeOf, notifyAsked } from '../../../src/approval/tell/notify.ts'
import { opensAt } from '../../../src/domain/schedule/working-hours.ts'
import { wallOf } from '../../../src/domain/schedule/zone.ts'
import type { Ask } from '../../../src/domain/task/people/ask.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { newId, newTaskId } from '../../../src/records/ids.ts'
import { putAbsence } from '../../../src/records/people/absences.ts'
import { hoursInForce } from '../../../src/records/people/working-hours.ts'
import type { Asked } from '../../../src/task/notice.ts'
import { termsOfTask } from '../../../src/team/limits/terms.ts'
import { atLater } from '../../support/engine.ts'
import { aTeam, env, eventually, fetchApi } from '../api/client.ts'
import { aMember } from '../team/browser.ts'
import { ANA, aQuestion, BEN, choose, drafts, type World, waiting } from './world.ts'

afterEach(() => {
  scriptModels(null)
  vi.restoreAllMocks()
})

/** The links that this person was mailed for this task, oldest first. */
async function mailed({ task }: Pick<World, 'task'>, recipient: string): Promise<string[]> {
  const { results } = await env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1 ORDER BY id')
    .bind(recipient)
    .all<{ text: string }>()
  const links = results.flatMap(({ text }) => text.match(/https:\/\/baton\.test\/a\/\S+/g) ?? [])
  return links.filter(link => claimsOf(link).task === task).map(link => new URL(link).pathname)
}

function claimsOf(link: string): { task: string; visit: number } {
  const body = link.split('/a/')[1]!.split('.')[0]!
  return JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/')))
}

test('each assignee is mailed one link, which opens the question', async () => {
  const world = await aQuestion()
  const [link] = await eventually(async () => {
    const links = await mailed(world, ANA)
    expect(links).toHaveLength(1)
    expect(await mailed(world, BEN)).toHaveLength(1)
    return links
  })
  expect((await fetchApi(link!)).text).toContain(`for ${ANA}`)
  expect((await choose(link!, 'approved')).status).toBe(303)
  await eventually(async () => expect(await mailed(world, BEN)).toHaveLength(2))
  expect(await mailed(world, ANA)).toHaveLength(1)
})

test('a wake, an alarm and a lost memory mail nobody twice', async () => {
  const world = await aQuestion()
  await eventually(async () => expect(await mailed(world, ANA)).toHaveLength(1))
  const stub = env.TASKS.getByName(`${world.team.id}:${world.task}`)
  await runDurableObjectAlarm(stub)
  await evictDurableObject(stub)
  await world.stub.wake(true)
  await runDurableObjectAlarm(stub)
  await new Promise(resolve => setTimeout(resolve, 100))
  expect([await mailed(world, ANA), await mailed(world, BEN)].map(links => links.length)).toEqual([1, 1])
})

test('what was not mailed before the object lost its memory is mailed by the alarm that the commit had set', async () => {
  const world = await aQuestion()
  await eventually(async () => expect(await mailed(world, BEN)).toHaveLength(1))
  // As a crash between the commit and the mail leaves it.
  await env.DB.batch([
    env.DB.prepare('DELETE FROM notices WHERE task = ?1').bind(world.task),
    env.DB.prepare('DELETE FROM outbox WHERE recipient IN (?1, ?2)').bind(ANA, BEN),
  ])
  const stub = env.TASKS.getByName(`${world.team.id}:${world.task}`)
  await evictDurableObject(stub)
  expect(await runDurableObjectAlarm(stub)).toBe(true)
  expect([await mailed(world, ANA), await mailed(world, BEN)].map(links => links.length)).toEqual([1, 1])
})

test('a redraft asks anew; an edit asks those whose approval it cleared; a new assignee is asked alone', async () => {
  const world = await aQuestion(drafts({ needs: 2 }))
  expect((await choose(await world.link(ANA), 'approved')).status).toBe(303)
  expect((await choose(await world.link(BEN), 'approved', { edits: 'Rather so.' })).status).toBe(303)
  await eventually(async () => expect(await mailed(world, ANA)).toHaveLength(2))
  expect(await mailed(world, BEN)).toHaveLength(1)
  const again = await env.DB.prepare("SELECT text FROM outbox WHERE recipient = ?1 AND subject LIKE 'Look again: %'")
    .bind(ANA)
    .first<string>('text')
  expect(again).toContain(`${BEN} (by link) changed what you had approved.`)
  await world.team.call('POST', `/tasks/${world.task}/assign`, { to: [ANA, 'cleo@guests.test'] })
  await eventually(async () => expect(await mailed(world, 'cleo@guests.test')).toHaveLength(1))
  expect(await mailed(world, ANA)).toHaveLength(2)
  expect((await choose(await world.link(ANA), 'rejected', { note: 'Again' })).status).toBe(303)
  await waiting(world, 2)
  await eventually(async () => expect(await mailed(world, BEN)).toHaveLength(2))
})

test('a reminder is mailed once, in the team’s hours, to who has not decided: not to who hears of it only now, nor is away', async () => {
  const team = await aTeam()
  const [cleo, dora, eve] = [await aMember(team.id), await aMember(team.id), await aMember(team.id)]
  const week = { hours: { mon: '09:00-17:00', tue: '09:00-17:00' }, holidays: [], remind: { every: '1d' } }
  expect((await team.call('PUT', '/working-hours', week)).status).toBe(200)
  expect((await team.call('PUT', '/settings', { timezone: 'Europe/Berlin' })).status).toBe(200)
  const definition = { ...drafts({ assign: [cleo, dora], needs: 2, due: '2 working days' }), owner: cleo }
  const world = await aQuestion(definition, 'Hi.', { company: 'Nimbus' }, 'Nimbus', team)
  await eventually(async () => expect(await mailed(world, dora)).toHaveLength(1))
  const [ask] = (await world.stub.asks())!
  const asked = (await world.stub.events(0, 100))!.find(({ type }) => type === 'asked')!.data.ask as unknown as Ask
  expect(asked.remind).toMatchObject({ every: 86_400_000, hours: { timezone: 'Europe/Berlin', hours: week.hours } })
  expect([1, 2]).toContain(new Date(ask!.due!).getUTCDay())
  const mail = env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1')
  const due = new Date(wallOf('Europe/Berlin', Date.parse(ask!.due!))).toISOString().slice(0, 16).replace('T', ' ')
  expect(await mail.bind(dora).first<string>('text')).toContain(`It is due ${due} (Europe/Berlin).`)

  expect((await choose(await world.link(dora), 'approved')).status).toBe(303)
  const away = { email: cleo, backup: eve, awayUntil: Date.now() + 30 * 86_400_000 }
  await putAbsence(env.DB, away, { team: team.id, actor: { kind: 'system' }, at: Date.now() })
  const stub = env.TASKS.getByName(`${team.id}:${world.task}`)
  await atLater(opensAt(asked.remind!.hours!, Date.now() + 86_400_000) + 1000 - Date.now(), async () => {
    await world.stub.wake(true)
    await runDurableObjectAlarm(stub)
    await evictDurableObject(stub)
    await world.stub.wake(true)
    await runDurableObjectAlarm(stub)
    await eventually(async () => expect(await mailed(world, eve)).toHaveLength(1))
  })
  expect([await mailed(world, cleo), await mailed(world, dora)].map(links => links.length)).toEqual([1, 1])
  const reminded = (await world.stub.events(0, 200))!.filter(({ type }) => type === 'reminded')
  expect(reminded.map(({ data }) => data.to)).toEqual([[cleo]])
})

test('a task takes the team’s reminders along with the hours in which they are sent, by the team’s clock', async () => {
  const team = await aTeam()
  const remind = { before: [], every: '1d' }
  const hours = { mon: '09:00-17:00' }
  expect((await team.call('PUT', '/working-hours', { hours, remind })).status).toBe(200)
  const inForce = await hoursInForce(env.DB, team.id)
  expect(inForce).toMatchObject({ timezone: 'UTC' })
  expect(await termsOfTask(env.DB, team.id, '{}')).toMatchObject({ remind: { every: '1d' }, hours: inForce })
  await team.call('PUT', '/working-hours', { hours, remind: null })
  expect(await termsOfTask(env.DB, team.id, '{}')).not.toHaveProperty('hours')
})

test('whoever was told before is reminded once for each reminder', async () => {
  const world = await aQuestion(drafts({ remind: { every: '1d' } }))
  await eventually(async () => expect(await mailed(world, BEN)).toHaveLength(1))
  const stub = env.TASKS.getByName(`${world.team.id}:${world.task}`)
  await atLater(86_401_000, async () => {
    for (let again = 0; again < 2; again++) {
      await world.stub.wake(true)
      await runDurableObjectAlarm(stub)
      await eventually(async () => expect(await mailed(world, ANA)).toHaveLength(2))
      await evictDurableObject(stub)
    }
  })
  const sql = "SELECT text FROM outbox WHERE recipient = ?1 AND subject LIKE 'Reminder: %'"
  const { results } = await env.DB.prepare(sql).bind(ANA).all<{ text: string }>()
  expect(results.filter(({ text }) => text.includes('This still waits for you.'))).toHaveLength(1)
  expect(await mailed(world, BEN)).toHaveLength(2)
})

const asked: Asked = {
  team: 'team_a',
  task: 'tsk_a',
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
}

test('while mail cannot be sent it stays to be done, and is done once it can', async () => {
  const task = `tsk_${crypto.randomUUID()}`
  const send = vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValue({})
  const deployed = { ...env, BATON_LOCAL: '0', EMAIL: { send } as never, BATON_MAIL_FROM: 'Baton <baton@acme.test>' }
  vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(await notifyAsked(deployed, { ...asked, task }, Date.now())).toBe(false)
  expect(await notifyAsked(deployed, { ...asked, task }, Date.now())).toBe(true)
  expect(await notifyAsked(deployed, { ...asked, task }, Date.now())).toBe(true)
  expect(send).toHaveBeenCalledTimes(2)
})

test('answers go to the task itself where mail comes in, and the mail says what they do', async () => {
  const task = newTaskId()
  const send = vi.fn(async (_mail: Record<string, string>) => ({ messageId: 'm' }))
  const deployed = { ...env, BATON_LOCAL: '0', EMAIL: { send } as never, BATON_MAIL_FROM: 'Baton <baton@acme.test>' }
  const [one, two] = [newId('team'), newId('team')]
  await notifyAsked({ ...deployed, BATON_MAIL_DOMAIN: 'In.Acme.test' }, { ...asked, team: one, task }, Date.now())
  await notifyAsked({ ...deployed, BATON_MAIL_DOMAIN: '' }, { ...asked, team: two, task: newTaskId() }, Date.now())
  const [first, last] = [send.mock.calls[0]![0], send.mock.calls.at(-1)![0]]
  expect(first.replyTo).toMatch(/^reply\+[a-z2-7]{54}@in\.acme\.test$/)
  expect(first.text).toContain('It decides nothing.')
  expect([last.replyTo, last.text!.includes('An answer to this mail')]).toEqual([undefined, false])
})

test('what came with a task neither breaks the mail nor puts a second link into it', () => {
  const title = 'Hi\r\nBcc: eve@evil.test\u2028 https://evil.test/x \u202egnp'
  const mail = noticeOf({ ...asked, title }, 'dan@guests.test', 'https://baton.test/a/x.y', Date.now())
  expect(mail.subject).not.toMatch(/[\r\n\u2028\u202e]/)
  expect(mail.text.match(/https?:\/\//g)).toHaveLength(1)
  expect(mail.text).not.toMatch(/^Bcc/m)
})

test('a mail says what is asked of a call, and what a model wants to know stays one line without a link', () => {
  const mailOf = (over: Partial<Asked>) =>
    noticeOf({ ...asked, ...over }, 'dan@guests.test', 'https://baton.test/a/x.y', 0, true)
  const call = mailOf({ kind: 'call', tool: 'refund' })
  expect(call.subject).toBe('May refund be called?: Approve (Nimbus)')
  expect(call.text).toContain('You are asked whether refund may be called. It waits until you say.')
  const question = mailOf({
    kind: 'question',
    tool: 'ask_person',
    question: 'Which?\r\nBcc: eve@evil.test https://evil.test/x',
  })
  expect(question.subject).toBe('A question for you: Approve (Nimbus)')
  expect(question.text).toContain('You are asked: Which? Bcc: eve@evil.test https: //evil.test/x')
  expect(question.text.match(/https?:\/\//g)).toHaveLength(1)
  // Only what a model wants to know can be written back.
  expect(question.text).toContain('You can also answer this mail')
  expect(call.text).toContain('An answer to this mail is noted on the task. It decides nothing.')
  expect(mailOf({ kind: 'outcome', tool: 'http' }).text).toContain('A call of the service began')
})

test('a subject keeps joined emoji and the joiners of words, and is cut between characters', () => {
  const subjectOf = (title: string) =>
    noticeOf({ ...asked, title }, 'dan@guests.test', 'https://baton.test/a/x.y', Date.now()).subject
  expect(subjectOf('می‌خواهم 👨‍👩‍👧‍👦')).toContain('(می‌خواهم 👨‍👩‍👧‍👦)')
  for (let room = 1; room < 12; room++)
    expect(subjectOf(`${'a'.repeat(150 - room)}👨‍👩‍👧‍👦 tail`)).toMatch(/\(a+…\)$|\(a+👨‍👩‍👧‍👦…\)$/u)
})
