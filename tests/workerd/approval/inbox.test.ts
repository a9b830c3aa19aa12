/** `/approvals`: what waits, whose it is, and the same decisions as behind a link. */
import { afterEach, expect, test } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { env, eventually } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { aQuestion, BEN, drafts, hiddenFields, waiting } from './world.ts'

afterEach(() => scriptModels(null))

async function asked(human: Record<string, unknown> = {}) {
  const definition = drafts(human)
  const world = await aQuestion(definition)
  const owner = new Browser()
  await owner.signIn(world.team.owner)
  return { ...world, owner }
}

test('mine is what waits for me; my team’s is everything; overdue is what is late', async () => {
  const { team, task, owner } = await asked({ due: '1s' })
  const member = await aMember(team.id)
  await team.call('POST', `/tasks/${task}/assign`, { to: [member.toUpperCase(), BEN] })
  const browser = new Browser()
  await browser.signIn(member)
  const href = `open=${task}%3A2%3A1`
  await eventually(async () => expect((await browser.open('/approvals')).text).toContain(href))
  await eventually(async () => expect((await browser.open('/approvals?show=overdue')).text).toContain(href))
  const mine = await owner.open('/approvals')
  expect(mine.text).not.toContain(href)
  expect(mine.text).toContain('Nothing waits for you')
  const all = await owner.open('/approvals?show=all')
  expect(all.text).toContain(href)
  for (const said of ['Nimbus', 'Approve the mail', 'Welcome mails', BEN, 'overdue since', 'Approve or Reject']) {
    expect(all.text).toContain(said)
  }
  expect((await browser.open('/approvals?show=all&cursor=nonsense')).status).toBe(200)
})

test('an assignee decides there as by link, by name; the link then says so', async () => {
  const { team, task, stub, link } = await asked()
  const member = await aMember(team.id)
  await team.call('POST', `/tasks/${task}/assign`, { to: [member, BEN] })
  const bens = await link(BEN)
  const browser = new Browser()
  await browser.signIn(member)
  const path = `/approvals/${task}`
  const page = await browser.open(`${path}?visit=2&run=1`)
  expect(page.text).toContain('→ sends to &quot;Send it&quot;')
  const fields = hiddenFields(page.text.slice(page.text.indexOf('class="approval"')))
  expect((await browser.send(path, fields)).status).toBe(422)
  expect((await browser.send(path, { ...fields, handoff: 'rejected' })).status).toBe(422)
  expect((await browser.send(path, { ...fields, handoff: 'approved', seen: 'x' })).status).toBe(409)
  expect(
    (await browser.send(path, { ...fields, handoff: 'approved' }, { 'Sec-Fetch-Site': 'cross-site' })).status,
  ).toBe(403)
  expect((await stub.view())!.visit).toBe(2)
  const decided = await browser.send(path, { ...fields, handoff: 'approved', note: 'Good' })
  expect([decided.status, decided.location]).toEqual([303, '/approvals'])
  const event = (await stub.events(0, 100))!.find(each => each.type === 'decided')
  expect(event!.actor).toMatchObject({ kind: 'person', id: member, name: 'The member' })
  expect((await browser.send(path, { ...fields, handoff: 'approved' })).status).toBe(409)
  expect((await browser.open(bens)).text).toContain('The member')
})

test('whoever is not asked looks, an owner too, and cannot decide', async () => {
  const { owner, task, stub, team } = await asked()
  const page = await owner.open(`/approvals/${task}`)
  expect(page.status).toBe(200)
  expect(page.text).toContain('can decide this.')
  expect(page.text).not.toContain('name="handoff"')
  const fields = hiddenFields(page.text.slice(page.text.indexOf('class="approval"')))
  expect((await owner.send(`/approvals/${task}`, { ...fields, handoff: 'approved' })).status).toBe(403)
  expect((await owner.send(`/tasks/${task}/decide`, { ...fields, handoff: 'approved' })).status).toBe(403)
  expect((await stub.view())!.visit).toBe(2)
  await team.call('POST', `/tasks/${task}/assign`, { to: team.owner })
  expect((await owner.send(`/tasks/${task}/decide`, { ...fields, handoff: 'approved' })).status).toBe(303)
  expect((await stub.view())!.step).toBe('send')
})

test("another team's question and an unknown one are not there", async () => {
  const one = await asked()
  const two = await asked()
  expect((await one.owner.open(`/approvals/${two.task}`)).status).toBe(404)
  expect((await one.owner.send(`/approvals/${two.task}`, { handoff: 'approved' })).status).toBe(404)
  expect((await one.owner.open('/approvals/nonsense')).status).toBe(404)
  expect((await new Browser().open('/approvals')).status).toBe(303)
})

/** Three tasks of one workflow, each with its draft, that all wait for the owner. */
async function three(human: Record<string, unknown> = {}) {
  const world = await asked(human)
  const { team, workflow, owner } = world
  const start = (company: string) =>
    team.call('POST', `/workflows/${workflow}/tasks`, { input: { company }, title: company })
  const others = [(await start('Orbit')).body.id, (await start('Zenith')).body.id] as string[]
  const tasks = [world.task, ...others]
  for (const task of tasks) {
    await waiting({ team, task })
    expect((await team.call('POST', `/tasks/${task}/assign`, { to: [team.owner] })).status).toBe(200)
  }
  await eventually(async () => {
    expect(JSON.parse((await owner.open('/approvals/count')).text)).toEqual({ waiting: 3 })
  })
  return { ...world, tasks }
}

test('one question is open beside the list; its decision leads to the next one, in the same view', async () => {
  const { owner, tasks, workflow } = await three()
  const [first, second] = tasks
  const listed = await owner.open(`/approvals?show=mine&workflow=${workflow}`)
  expect(listed.text).toContain('3<span class="visually-hidden"> waiting for you</span>')
  const open = await owner.open(`/approvals?show=mine&workflow=${workflow}&open=${first}:2:1`)
  const pane = open.text.slice(open.text.indexOf('class="approval"'))
  expect(pane).toContain('→ sends to &quot;Send it&quot;')
  const fields: Record<string, string> = { ...hiddenFields(pane), back: `show=mine&workflow=${workflow}` }
  expect(pane).toContain(`name="back" value="show=mine&amp;workflow=${workflow}"`)
  expect(fields.next).toBe(`${second}:2:1`)
  // What is wrong with the form is said, and the place in the list is kept.
  const wrong = await owner.send(`/approvals/${first}`, { ...fields, handoff: 'rejected' })
  expect([wrong.status, hiddenFields(wrong.text.slice(wrong.text.indexOf('class="approval"'))).next]).toEqual([
    422,
    fields.next,
  ])
  const decided = await owner.send(`/approvals/${first}`, { ...fields, handoff: 'approved' })
  expect([decided.status, decided.location]).toEqual([
    303,
    `/approvals?show=mine&workflow=${workflow}&open=${encodeURIComponent(`${second}:2:1`)}`,
  ])
  // Nothing of the address is taken over but what the inbox knows.
  const forged = await owner.send(`/approvals/${second}`, {
    ...hiddenFields((await owner.open(`/approvals?open=${second}:2:1`)).text.split('class="approval"')[1]!),
    back: 'show=nonsense&to=https://evil.test',
    next: 'https://evil.test',
    handoff: 'approved',
  })
  expect(forged.location).toBe('/approvals?show=mine')
})

test('the list is narrowed by words, workflow, person and age, and tells what was decided by whom', async () => {
  const { owner, tasks, workflow, team } = await three()
  const shown = async (query: string) => {
    const { text } = await owner.open(`/approvals?${query}`)
    return ['Nimbus', 'Orbit', 'Zenith'].filter(name => text.includes(`>${name}</bdi>`))
  }
  expect(await shown('show=all')).toHaveLength(3)
  expect(await shown('show=all&q=orb')).toEqual(['Orbit'])
  expect(await shown(`show=mine&workflow=${workflow}`)).toHaveLength(3)
  expect(await shown('show=mine&workflow=wf_other')).toEqual([])
  expect(await shown(`show=all&person=${encodeURIComponent(team.owner)}`)).toHaveLength(3)
  expect(await shown('show=all&person=nobody@acme.test')).toEqual([])
  expect(await shown('show=all&age=1d')).toEqual([])
  for (const kind of ['unsure', 'call', 'outcome', 'overdue']) expect(await shown(`show=${kind}`)).toEqual([])
  expect((await team.call('POST', `/tasks/${tasks[1]}/decide`, { handoff: 'approved', note: 'Go' })).status).toBe(200)
  await eventually(async () => expect(await shown('show=decided')).toEqual(['Orbit']))
  const { text } = await owner.open('/approvals?show=decided')
  for (const said of ['Approve the mail', 'Welcome mails', '<q>Go</q>', ': Approve']) expect(text).toContain(said)
  expect(await shown('show=decided&q=zen')).toEqual([])
  expect(await shown('show=decided&person=nobody@acme.test')).toEqual([])
})

test('what is alike is decided together, each as it was shown; what needs a reason is not offered', async () => {
  const { owner, tasks, team } = await three()
  const list = await owner.open('/approvals')
  expect(list.text).toContain('Decide 3 of “Approve the mail” together')
  const path = /href="(\/approvals\/together[^"]*)"/.exec(list.text)![1]!.replaceAll('&amp;', '&')
  const { text } = await owner.open(path)
  expect(text.match(/Hi Nimbus team, welcome/g)!.length).toBeGreaterThanOrEqual(3)
  expect(text).toContain('value="approved"')
  expect(text).not.toContain('value="rejected"')
  const picks = [...text.matchAll(/name="pick" value="([^"]*)"/g)].map(([, value]) => value!)
  const fields = { ...hiddenFields(text), handoff: 'approved', note: 'All fine' }
  expect((await owner.send('/approvals/together', fields)).status).toBe(422)
  // One changes while it is looked at: it is left alone.
  const edits = 'Another text'
  expect(
    (await team.call('POST', `/tasks/${tasks[2]}/decide`, { handoff: 'rejected', note: 'No', edits })).status,
  ).toBe(200)
  const done = await owner.send('/approvals/together', { ...fields, pick: picks })
  expect([done.status, done.location]).toEqual([303, '/approvals'])
  expect((await owner.open('/approvals')).text).toContain(
    '2 decided: “Approve”. 1 was decided or changed by somebody else meanwhile',
  )
  for (const task of tasks.slice(0, 2)) {
    expect((await team.call('GET', `/tasks/${task}`)).body.step).toBe('send')
  }
})

test('its link is mailed again to whoever is still to answer, and not twice at once', async () => {
  const { owner, task, team } = await asked()
  const people = [await aMember(team.id), await aMember(team.id)]
  await team.call('POST', `/tasks/${task}/assign`, { to: people })
  const mails = async () => {
    const counted = env.DB.prepare('SELECT count(*) AS n FROM outbox WHERE recipient IN (?1, ?2)').bind(...people)
    return (await counted.first<number>('n')) ?? 0
  }
  const again = (run: string) => owner.send(`/approvals/${task}/resend`, { visit: '2', run })
  await eventually(async () => expect(await mails()).toBe(2))
  expect((await again('1')).status).toBe(303)
  expect(await mails()).toBe(4)
  expect((await again('1')).status).toBe(303)
  expect(await mails()).toBe(4)
  expect((await again('9')).status).toBe(404)
})
