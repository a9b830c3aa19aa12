/** People come and go: invited by mail, given another role, removed; what they have open follows at once. */
import { boardOf, expect, newPage, test } from './world.ts'

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
