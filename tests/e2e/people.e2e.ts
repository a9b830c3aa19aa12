/**
 * People come and go: invited by mail, given another role, removed; what they have open follows at once. And they decide
 * together, on phones without scripts and at desks.
 */
import type { Page } from '@playwright/test'
import type { Baton } from '../support/baton.ts'
import { expectSound } from './sound.ts'
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
