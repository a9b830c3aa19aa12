/**
 * People come and go: invited by mail, given another role, removed; what they have open follows at once. And they decide
 * together, on phones without scripts and at desks.
 */
import type { Page } from '@playwright/test'
import { signLink } from '../../src/approval/links.ts'
import { type Baton, SECRET } from '../support/baton.ts'
import { expectFits, expectSound } from './sound.ts'
import { api, boardOf, expect, newPage, test } from './world.ts'

test('somebody joins by the mail they got, becomes a viewer, and is removed while they watch a board', async ({
  owner,
  baton,
  browser,
  complaints,
}) => {
  await owner.goto(`${baton.url}/settings/people`)
  await owner.getByLabel('Mail address').fill('nora@new.test')
  await owner.getByRole('button', { name: 'Invite', exact: true }).click()
  await expect(owner.getByRole('status')).toContainText('nora@new.test is invited')
  await owner.goto(`${baton.url}/outbox`)
  await owner.getByRole('link', { name: 'You are invited to Acme on Baton' }).first().click()
  const link = (await owner.locator('main a[href*="/join/"]').getAttribute('href'))!

  const theirs = await browser.newContext()
  const nora = await newPage(theirs, complaints)
  await nora.goto(link)
  await nora.getByLabel('Your name').fill('Nora')
  await nora.getByRole('button', { name: 'Join and sign in' }).click()
  await expect(nora.getByRole('status')).toContainText('You have joined Acme')
  const line = nora.waitForEvent('websocket')
  await nora.goto(await boardOf(baton, 'Customer onboarding'))
  await line
  await expect(nora.getByRole('link', { name: 'New task' })).toBeVisible()
  await expect(nora.locator('.card [data-move]').first()).toBeVisible()

  await owner.goto(`${baton.url}/settings/people`)
  await owner.getByRole('button', { name: 'Change Nora' }).click()
  await owner.getByRole('radio', { name: /^viewer/ }).check()
  await owner.getByRole('button', { name: 'Give this role' }).click()
  await expect(owner.getByRole('status')).toContainText('Nora is viewer now')
  // The board comes again by itself, without what viewers may not do.
  await expect(nora.getByRole('link', { name: 'New task' })).toHaveCount(0)
  await expect(nora.locator('.card').first()).toBeVisible()
  await expect(nora.locator('.card [data-move]').first()).toBeHidden()

  await owner.getByRole('button', { name: 'Change Nora' }).click()
  await owner.getByRole('link', { name: 'Remove from the team' }).click()
  await expect(owner.getByText('Nothing waits for them now')).toBeVisible()
  await owner.getByRole('button', { name: 'Remove from the team' }).click()
  await expect(owner.getByRole('status')).toContainText('Nora was removed')
  await expect(nora.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await theirs.close()
})

test('signing out in one tab takes the board of the other', async ({ owner, baton, complaints }) => {
  const line = owner.waitForEvent('websocket')
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  await line
  await expect(owner.locator('.card').first()).toBeVisible()
  const tab = await newPage(owner.context(), complaints)
  await tab.goto(`${baton.url}/workflows`)
  await tab.locator('.topbar summary').click()
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await expect(tab.getByRole('status')).toContainText('You are signed out')
  await expect(owner.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

/** The newest link that this person was mailed of the task, and the code beside it. */
async function mailTo(page: Page, baton: Baton, person: string, title: string, but?: string) {
  let found = { link: '', code: '' }
  await expect(async () => {
    await page.goto(`${baton.url}/outbox`)
    await page
      .getByRole('row')
      .filter({ hasText: person })
      .getByRole('link', { name: new RegExp(title) })
      .first()
      .click()
    const link = new URL((await page.locator('a[href*="/a/"]').first().getAttribute('href'))!, baton.url).href
    expect(link).not.toBe(but)
    const [, code = ''] = /code of this link: (\d{8})/.exec(await page.locator('main').innerText()) ?? []
    found = { link, code }
  }).toPass()
  return found
}

test('two of legal, then a guest: with codes, a form that is kept, an edit that begins anew, and a decision undone', async ({
  owner,
  baton,
  browser,
  complaints,
}) => {
  test.slow()
  const output = {
    type: 'object',
    required: ['amount'],
    properties: { amount: { type: 'number', minimum: 1, title: 'Amount to pay' }, express: { type: 'boolean' } },
  }
  const stages = [
    { name: 'Legal', assign: ['ana@acme.test', 'ben@acme.test'], needs: 2 },
    { name: 'Customer', assign: ['guest:pat@customer.test'] },
  ]
  const human = {
    stages,
    instructions: 'Set the amount.',
    edits: 'draft',
    reason: ['rejected'],
    undo: '30m',
    risk: 'high',
  }
  const { id: workflow } = await api<{ id: string }>(baton, '/workflows', {
    baton: 1,
    name: 'Payments',
    owner: 'ana@acme.test',
    input: { type: 'object' },
    steps: [
      { key: 'draft', name: 'Draft it', prompt: 'Write an offer.', model: 'demo', handoffs: [{ to: 'approve' }] },
      {
        key: 'approve',
        name: 'Approve the payment',
        human,
        output,
        handoffs: [
          { when: 'approved', to: 'complete' },
          { when: 'rejected', to: 'draft' },
        ],
      },
    ],
  })
  const { id: task } = await api<{ id: string }>(baton, `/workflows/${workflow}/tasks`, {
    input: {},
    title: 'Pay Nimbus',
  })
  const outbox = await newPage(owner.context(), complaints)
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false })
  const page = await phone.newPage()

  // Ben, on a phone without scripts: what he typed is kept, a wrong code and a wrong amount decide nothing.
  const ben = await mailTo(outbox, baton, 'ben@acme.test', 'Pay Nimbus')
  await page.goto(ben.link)
  await expect(page.locator('main')).toContainText('Stage 1 of 2: Legal')
  await page.getByLabel('Amount to pay').fill('0')
  await page.getByRole('button', { name: 'Keep it for later' }).click()
  await page.goto(ben.link)
  await expect(page.getByLabel('Amount to pay')).toHaveValue('0')
  await page.getByLabel('Code from the message').fill('1234567')
  await page.getByLabel('Amount to pay').fill('40')
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.locator('main')).toContainText('4 tries are left')
  await page.getByLabel('Code from the message').fill(ben.code)
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.getByRole('heading', { name: 'Your answer is recorded: 1 of 2' })).toBeVisible()

  // Ana, at her desk, edits before she approves: Ben is asked again, and told what she changed.
  await owner.goto(`${baton.url}/approvals/${task}`)
  await expectSound(owner)
  await expect(owner.getByLabel('Code from the message')).toHaveCount(0)
  await owner.getByText('Edit it before you decide').click()
  await owner.getByLabel('The text, as it should be').fill('Nimbus gets forty.')
  await owner.getByLabel('Amount to pay').fill('0')
  await owner.getByRole('button', { name: /^Approve/ }).click()
  // The browser says so before anything is sent, or the server does.
  await owner.getByLabel('Amount to pay').fill('40')
  await owner.getByRole('button', { name: /^Approve/ }).click()
  await expect(owner.getByRole('status').first()).toContainText('one of 2 approvals')
  const again = await mailTo(outbox, baton, 'ben@acme.test', 'Pay Nimbus', ben.link)
  await page.goto(again.link)
  await expect(page.locator('main')).toContainText('Ana changed this since you approved it')
  await expect(page.locator('ins').first()).toBeVisible()
  await page.getByLabel('Code from the message').fill(ben.code)
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.locator('main')).toContainText('not the code of this link')
  await page.getByLabel('Code from the message').fill(again.code)
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.locator('main')).toContainText('It is at stage 2 of 2')

  // The guest approves, thinks better of it, approves again; the owner takes that back from the task.
  const pat = await mailTo(outbox, baton, 'pat@customer.test', 'Pay Nimbus')
  // As tall as the page, so that nothing lies half beneath the choices.
  const guest = await newPage(await browser.newContext({ viewport: { width: 390, height: 1800 } }), complaints)
  await guest.goto(pat.link)
  await expectSound(guest)
  // What is typed is kept by itself where there are scripts.
  await guest.getByLabel('Amount to pay').fill('41')
  await expect(guest.getByText('Kept.')).toBeVisible()
  await guest.reload()
  await expect(guest.getByLabel('Amount to pay')).toHaveValue('41')
  await guest.getByLabel('Amount to pay').fill('40')
  await guest.getByLabel('Code from the message').fill(pat.code)
  await guest.getByRole('button', { name: /^Approve/ }).click()
  await expect(guest.getByRole('heading', { name: 'You decided this' })).toBeVisible()
  await expectSound(guest)
  await page.goto(pat.link)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('button', { name: /^Approve/ })).toBeVisible()
  await page.getByLabel('Code from the message').fill(pat.code)
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  await owner.goto(`${baton.url}/tasks/${task}`)
  await expect(owner.locator('main')).toContainText('can be undone until then')
  await expectSound(owner)
  await owner.getByRole('button', { name: 'Undo the decision' }).click()
  await expect(owner.getByRole('status').first()).toContainText('The decision was undone')
  expect(await api(baton, `/tasks/${task}`)).toMatchObject({ status: 'waiting', step: 'approve', visit: 2 })
  await guest.context().close()
  await phone.close()
})

interface Question {
  task: { id: string }
  visit: number
  run: number
  digest: string
}

test('many at once from the inbox; links that ran out, are late, are passed on, or whose person is away', async ({
  owner,
  baton,
  browser,
  complaints,
}) => {
  test.slow()
  const ends = [
    { when: 'approved', to: 'complete' },
    { when: 'rejected', to: 'complete' },
  ]
  const workflow = (name: string, human: object) =>
    api<{ id: string }>(baton, '/workflows', {
      ...{ baton: 1, name, owner: 'ana@acme.test', input: { type: 'object' } },
      steps: [
        { key: 'draft', name: 'Write it', prompt: 'Write to them.', model: 'demo', handoffs: [{ to: 'approve' }] },
        { key: 'approve', name: `Approve the ${name}`, human: { edits: 'draft', ...human }, handoffs: ends },
      ],
    })
  const two = await workflow('refund', { assign: ['ana@acme.test', 'ben@acme.test'], needs: 2 })
  const one = await workflow('credit', { assign: ['ben@acme.test'] })
  const start = async ({ id }: { id: string }, title: string) =>
    (await api<{ id: string }>(baton, `/workflows/${id}/tasks`, { input: {}, title })).id
  const [late, lapsed, changed] = [await start(two, 'Late'), await start(two, 'Lapsed'), await start(two, 'Changed')]
  const [passed, away] = [await start(one, 'Passed'), await start(one, 'Away')]
  const status = async (task: string) => (await api<{ status: string }>(baton, `/tasks/${task}`)).status
  const questions = async () => (await api<{ items: Question[] }>(baton, '/approvals')).items
  const all = [late, lapsed, changed, passed, away]
  await expect
    .poll(async () => (await questions()).filter(({ task }) => all.includes(task.id)).length, { timeout: 30_000 })
    .toBe(all.length)

  // Ana, at her desk, decides two of three in one go, from the list and after a look at each.
  await owner.goto(`${baton.url}/approvals`)
  await owner.getByRole('link', { name: 'Decide 3 of “Approve the refund” together' }).click()
  await owner.getByRole('button', { name: /^Approve/ }).click()
  await expect(owner.locator('main')).toContainText('Nothing was decided: tick what you mean')
  for (const title of ['Late', 'Lapsed']) await owner.getByRole('checkbox', { name: title, exact: true }).check()
  await owner.getByRole('button', { name: /^Approve/ }).click()
  await expect(owner.getByRole('status').first()).toContainText('2 decided: “Approve”')
  await expect(owner.getByRole('link', { name: /refund” together/ })).toHaveCount(0)

  // Ben's phone, without scripts. Decided already: whoever opens their link then is told by whom.
  const outbox = await newPage(owner.context(), complaints)
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false })
  const page = await phone.newPage()
  const to = (person: string, title: string, but?: string) => mailTo(outbox, baton, person, `\\(${title}\\)`, but)
  await page.goto((await to('ben@acme.test', 'Late')).link)
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.getByRole('heading', { name: 'You decided this' })).toBeVisible()
  await page.goto((await to('ana@acme.test', 'Late')).link)
  await expect(page.locator('main')).toContainText('ben@acme.test (by link) chose “Approve”')
  await expect(page.getByRole('button', { name: /^Approve/ })).toHaveCount(0)

  // Ran out: it decides nothing, and a new one goes to whom it was for.
  const asked = (await questions()).find(({ task }) => task.id === lapsed)!
  const before = Date.now() - 8 * 86_400_000
  const claims = { ...asked, team: baton.team, task: lapsed, recipient: 'ben@acme.test' }
  await page.goto(`${baton.url}/a/${await signLink({ BATON_SECRET: SECRET }, claims, before)}`)
  await expect(page.getByRole('heading', { name: 'This link has expired' })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Approve/ })).toHaveCount(0)
  const first = await to('ben@acme.test', 'Lapsed')
  await page.getByRole('button', { name: 'Mail a new link to ben@acme.test' }).click()
  await expect(page.getByRole('heading', { name: 'A new link is on its way' })).toBeVisible()
  await page.goto((await to('ben@acme.test', 'Lapsed', first.link)).link)
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.getByRole('heading', { name: 'You decided this' })).toBeVisible()

  // Changed since it was opened: the choice is not taken, and what is different is shown.
  await page.goto((await to('ben@acme.test', 'Changed')).link)
  await owner.goto(`${baton.url}/approvals/${changed}`)
  await owner.getByText('Edit it before you decide').click()
  await owner.getByLabel('The text, as it should be').fill('They get forty.')
  await owner.getByRole('button', { name: /^Approve/ }).click()
  await expect(owner.getByRole('status').first()).toContainText('one of 2 approvals')
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.locator('main')).toContainText('Ana changed this since you were asked')
  await expect(page.locator('ins', { hasText: 'forty' }).first()).toBeVisible()
  expect(await status(changed)).toBe('waiting')
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.getByRole('heading', { name: 'You decided this' })).toBeVisible()

  // Passed on by link; Ana, on a phone too, decides it beside her list.
  await page.goto((await to('ben@acme.test', 'Passed')).link)
  await page.getByText('Pass it on, or say something').click()
  await page.getByLabel('Somebody else of the team decides').fill('ana@acme.test')
  await page.getByRole('button', { name: 'Pass it on', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Somebody else is asked now' })).toBeVisible()
  await owner.setViewportSize({ width: 390, height: 844 })
  await expect(async () => {
    await owner.goto(`${baton.url}/approvals`)
    await owner.getByRole('link', { name: 'Passed', exact: true }).click({ timeout: 1000 })
  }).toPass()
  await expectFits(owner)
  await owner.getByRole('button', { name: /^Approve/ }).click()
  await expect.poll(() => status(passed)).toBe('done')

  // Away: what waits is shown before, goes to who stands in, and the link that was mailed decides nothing any more.
  const { link } = await to('ben@acme.test', 'Away')
  await owner.setViewportSize({ width: 1280, height: 800 })
  await owner.goto(`${baton.url}/settings/people`)
  await owner.getByRole('button', { name: 'Change Ben' }).click()
  await owner.getByRole('link', { name: 'Away…' }).last().click()
  await owner.getByLabel('Last day away').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10))
  await owner.getByLabel('Who stands in').selectOption('ana@acme.test')
  await owner.getByRole('button', { name: 'Look where it goes' }).click()
  await expect(owner.getByRole('row', { name: /^Away/ })).toContainText('ana@acme.test')
  await expectSound(owner)
  await owner.getByRole('button', { name: 'Confirm' }).click()
  await expect(owner.getByRole('row', { name: /ben@acme\.test/ })).toContainText('away until')
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'Somebody else is asked now' })).toBeVisible()
  await page.goto((await to('ana@acme.test', 'Away')).link)
  await page.getByRole('button', { name: /^Reject/ }).click()
  await expect(page.getByRole('heading', { name: 'You decided this' })).toBeVisible()
  expect(await Promise.all(all.map(status))).toEqual(all.map(() => 'done'))
  await phone.close()
})
