/** `/approvals`: what waits, whose it is, and the same decisions as behind a link. */
import { afterEach, expect, test } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { eventually } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { aQuestion, BEN, drafts, hiddenFields } from './world.ts'

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
  const href = `/approvals/${task}?visit=2&amp;run=1`
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
  expect(event!.actor).toEqual({ kind: 'person', id: member, name: 'The member' })
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
