/** The whole way as a new user goes it: sign in, make a task, decide by link on a phone, see it done. */
import { expect, linkFor, newPage, test } from './world.ts'

test('a task is made on the board, decided from a phone without JavaScript, redrafted, approved and done', async ({
  owner,
  baton,
  browser,
  complaints,
}) => {
  await owner.goto(`${baton.url}/workflows`)
  await owner.getByRole('link', { name: 'Customer onboarding' }).first().click()
  await expect(owner.getByRole('heading', { name: 'Customer onboarding' })).toBeVisible()
  const board = owner.url()
  await expect(owner.locator('#col-research').getByText('Research the company')).toBeVisible()

  await owner.getByRole('link', { name: /New task/ }).click()
  const form = owner.locator('#new-task')
  await form.getByLabel(/company/i).fill('Journey & Sons')
  await form.getByLabel(/e-?mail/i).fill('jo@journey.test')
  await form.getByRole('button').last().click()

  // The card comes to the human column by itself.
  if (owner.url() !== board) await owner.goto(board)
  const approve = owner.locator('#col-approve')
  await expect(approve.getByText('Journey & Sons')).toBeVisible()

  const outbox = await newPage(owner.context(), complaints)
  const first = await linkFor(outbox, baton, 'Journey & Sons')
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false })
  const page = await phone.newPage()
  await page.goto(first)
  await expect(page.getByRole('heading', { name: 'Approve the mail' })).toBeVisible()
  await expect(page.getByRole('region', { name: /Output of/ })).toContainText('Journey & Sons')

  // Without its reason a rejection is asked for one.
  await page.getByRole('button', { name: /^Reject/ }).click()
  await expect(page.locator('body')).toContainText(/reason|note/i)
  await page.getByLabel('Note').fill('Mention the discount')
  await page.getByRole('button', { name: /^Reject/ }).click()
  await expect(page.locator('body')).toContainText(/ana@acme\.test|You/)

  await owner.reload()
  await expect(approve.getByText('Journey & Sons')).toBeVisible()
  await expect(async () => {
    const second = await linkFor(outbox, baton, 'Journey & Sons')
    expect(second).not.toBe(first)
    await page.goto(second)
  }).toPass()
  await expect(page.locator('body')).toContainText('Mention the discount')
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.locator('main')).toContainText('chose “Approve”')
  await page.reload()
  await expect(page.locator('main')).toContainText('chose “Approve”')

  await expect(owner.locator('#board').getByText('Journey & Sons')).toBeVisible()
  await expect(approve.getByText('Journey & Sons')).toHaveCount(0)
  await phone.close()
})

test('a robot that opens the link, runs its scripts and sends the untouched form decides nothing', async ({
  owner,
  baton,
  browser,
}) => {
  const response = await fetch(baton.intake, {
    method: 'POST',
    headers: { authorization: `Bearer ${baton.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company: 'Robot Bait', email: 'r@bots.test' }),
  })
  const { task } = (await response.json()) as { task: { id: string } }
  let link = ''
  await expect(async () => {
    link = await linkFor(owner, baton, 'Robot Bait')
  }).toPass()
  const context = await browser.newContext()
  const robot = await context.newPage()
  for (let visit = 0; visit < 5; visit++) {
    await robot.goto(link)
    const shown = robot.waitForEvent('load')
    const sent = robot.waitForResponse(response => response.request().method() === 'POST')
    await robot
      .locator('form')
      .first()
      .evaluate(form => (form as unknown as { submit(): void }).submit())
    expect((await sent).status()).toBe(422)
    await shown
  }
  await context.close()
  const read = await fetch(`${baton.url}/api/v1/tasks/${task.id}`, {
    headers: { authorization: `Bearer ${baton.apiKey}` },
  })
  expect(await read.json()).toMatchObject({ status: 'waiting', step: 'approve' })
})
