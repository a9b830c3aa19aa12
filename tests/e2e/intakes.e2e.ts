/** The ways in, by browser: a webhook from its curl to its task, a schedule from its sentence to its slot, a form from a stranger's phone to its result. */
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { promisify } from 'node:util'
import type { Browser, Page } from '@playwright/test'
import { expectFits, expectSound, unfold } from './sound.ts'
import { api, boardOf, expect, newPage, test } from './world.ts'

const run = promisify(execFile)

/** Opens the page of intakes of the seeded workflow. */
async function openIntakes(page: Page, board: string): Promise<void> {
  await page.goto(`${board}/intakes`)
  await expect(page.getByRole('heading', { name: 'Intakes', exact: true })).toBeVisible()
}

test('a webhook is opened, its curl copied and run, and its delivery followed to its task, tried out and sent again', async ({
  owner,
  baton,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  await owner.getByRole('link', { name: 'New webhook' }).click()
  await owner.getByLabel('Name', { exact: true }).fill('Web shop')
  await owner.getByLabel('Senders prove who they are by').selectOption('github')
  await owner.getByRole('button', { name: 'Open the intake' }).click()

  // The secret is shown once; the line that signs with it works as it stands.
  const secret = await owner.locator('.notice code').innerText()
  const line = owner.locator('.copy').filter({ hasText: 'curl' })
  await line.getByRole('button', { name: 'Copy' }).click()
  const copied = await owner.evaluate<string>('navigator.clipboard.readText()')
  expect(copied).toContain('openssl dgst -sha256')
  expect(copied).not.toContain(secret)
  const sent = await run('bash', ['-c', `${copied} -s`], { env: { ...process.env, SECRET: secret } })
  const { task } = JSON.parse(sent.stdout) as { task: { id: string; url: string } }

  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  await owner.getByRole('link', { name: 'Web shop' }).click()
  const at = owner.url()
  await expect(owner.locator('body')).not.toContainText(secret)
  const rows = owner.locator('#deliveries tbody tr')
  await expect(async () => {
    await owner.reload()
    await expect(rows).toHaveCount(1)
  }).toPass()
  await expect(rows.first()).toContainText('Accepted')
  await expect(rows.first()).toContainText('202')
  await rows
    .first()
    .getByText(/What came/)
    .click()
  await expect(rows.first()).toContainText('"company"')
  await expect(rows.first()).not.toContainText('authorization')
  await rows.first().getByRole('link', { name: 'Globex' }).click()
  expect(owner.url()).toContain(task.id)

  // Filter and map are tried on what really came, then kept.
  await owner.goto(at)
  await rows.first().getByRole('link', { name: 'Preview' }).click()
  await expect(owner.locator('#verdict')).toContainText('It would make a task')
  await owner.getByLabel('Filter').fill('body.company == "Initech"')
  await owner.getByRole('button', { name: 'Try' }).click()
  await expect(owner.locator('#verdict')).toContainText('It would be passed over')
  await expect(owner.locator('#verdict')).toContainText('Globex')
  await owner.getByLabel('Filter').fill('body.company == ')
  await owner.getByRole('button', { name: 'Try' }).click()
  await expect(owner.getByRole('alert')).toBeVisible()
  await owner.getByLabel('Filter').fill('body.company == "Globex"')
  await owner.getByLabel('Map').fill('company: {{ body.company | upcase }}\nemail: {{ body.email }}')
  await owner.getByRole('button', { name: 'Try' }).click()
  await expect(owner.locator('#verdict')).toContainText('GLOBEX')
  await owner.getByRole('button', { name: 'Keep filter and map' }).click()
  await expect(owner.locator('.facts').first()).toContainText('body.company == "Globex"')

  await rows.first().getByRole('button', { name: 'Replay' }).click()
  await expect(owner.getByRole('status')).toContainText('The replay made a task.')
  await expect(async () => {
    await owner.reload()
    await expect(rows).toHaveCount(2)
  }).toPass()
  await expect(rows.first()).toContainText('Replay of dlv_')
  await rows.first().getByRole('link', { name: 'GLOBEX' }).click()
  await expect(owner.getByRole('heading', { level: 1 })).toContainText('GLOBEX')

  await owner.goto(at)
  await owner.getByRole('link', { name: 'Close' }).click()
  await owner.getByRole('button', { name: 'Close it' }).click()
  await expect(owner.locator('#webhooks')).not.toContainText('Web shop')
})

test('a service is chosen by its name, what it signs is taken, and what was repaired is told in words', async ({
  owner,
  baton,
}) => {
  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  await owner.getByRole('link', { name: 'New webhook' }).click()
  await owner.getByLabel('Name', { exact: true }).fill('Chats')
  await owner.getByLabel('Senders prove who they are by').selectOption('hmac')
  await owner.locator('summary', { hasText: 'Another service, HMAC or a token' }).click()
  await owner.getByLabel(/^Service/).selectOption('Intercom')
  await owner.getByRole('button', { name: 'Open the intake' }).click()
  const secret = await owner.locator('.notice code').innerText()
  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  await owner.getByRole('link', { name: 'Chats' }).click()
  const at = owner.url()

  const body = `\ufeff${JSON.stringify({ company: 'Chatty', email: 'c@chat.test' })}`
  const signed = createHmac('sha1', secret).update(body).digest('hex')
  const sent = await fetch(`${baton.url}/in/${at.split('/').at(-1)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature': `sha1=${signed}` },
    body,
  })
  expect(sent.status).toBe(202)
  const rows = owner.locator('#deliveries tbody tr')
  await expect(async () => {
    await owner.reload()
    await expect(rows).toHaveCount(1)
  }).toPass()
  await rows
    .first()
    .getByText(/What came/)
    .click()
  await expect(rows.first()).toContainText('Repaired, as its sender cannot change it: ')
  await expect(rows.first()).toContainText('byte order mark')
  await owner.getByRole('link', { name: 'Edit' }).first().click()
  await expect(owner.getByLabel(/^Service/)).toHaveValue('intercom')
})

test('a schedule is made, says what it does and when, explains the clock, runs now, pauses and closes', async ({
  owner,
  baton,
}) => {
  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  const section = owner.locator('#schedules')
  await section.getByText('New schedule').click()
  const form = section.locator('form', { has: owner.getByRole('button', { name: 'Make schedule' }) })
  await form.getByLabel('Name (optional)', { exact: true }).fill('Night watch')
  await form.getByLabel('When (cron)').fill('30 2 * * 8')
  await form.getByLabel('Time zone').fill('Europe/Berlin')
  await form.getByLabel('Input, as JSON').fill('{"company": "Night of {{ slot }}", "email": "night@watch.test"}')
  await form.getByRole('button', { name: 'Make schedule' }).click()
  await expect(section.getByRole('alert')).toContainText('cron')
  await expect(form.getByLabel('Name (optional)', { exact: true })).toHaveValue('Night watch')
  await form.getByLabel('When (cron)').fill('30 2 * * *')
  await form.getByRole('button', { name: 'Make schedule' }).click()

  const card = section.locator('article').filter({ hasText: 'Night watch' })
  await expect(card).toContainText('Every day at 02:30, Berlin time.')
  await expect(card).toContainText('Next five runs, Europe/Berlin')
  const runs = await card.locator('ol li time').evaluateAll(times => times.map(time => time.getAttribute('datetime')!))
  expect(runs).toHaveLength(5)
  for (const [index, at] of runs.entries()) {
    expect(Date.parse(at)).toBeGreaterThan(Date.parse(runs[index - 1] ?? new Date().toISOString()))
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' })
    expect(['02:30', '03:00']).toContain(clock.format(Date.parse(at)))
  }
  await expect(card).toContainText('clocks go forward: 02:30 does not exist')
  await expect(card).toContainText('clocks go back: 02:30 comes twice and runs once')

  await card.getByRole('button', { name: 'Run now' }).click()
  await expect(owner.getByRole('heading', { level: 1 })).toContainText('Night of 20')
  const task = owner.url()
  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  await expect(card.locator('tbody tr')).toHaveCount(1)
  await expect(card.locator('tbody tr')).toContainText('by hand')
  await card.getByRole('link', { name: 'started' }).click()
  expect(owner.url()).toBe(task)

  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  await card.getByRole('button', { name: 'Pause' }).click()
  await expect(card).toContainText('paused')
  await expect(card).not.toContainText('Next five runs')
  await card.getByRole('button', { name: 'Resume' }).click()
  await expect(card).toContainText('Next five runs')
  await card.getByText('Change').click()
  await card.getByLabel('When (cron)').fill('0 9 * * 1-5')
  await card.getByRole('button', { name: 'Save' }).click()
  await expect(card).toContainText('At 09:00 on Monday to Friday, Berlin time.')
  await card.getByRole('link', { name: 'Close' }).click()
  await owner.getByRole('button', { name: 'Close it' }).click()
  await expect(section).not.toContainText('Night watch')
})

/** A stranger on a phone, without JavaScript and without an account. */
async function stranger(browser: Browser): Promise<Page> {
  const viewport = { width: 390, height: 844 }
  return (await browser.newContext({ viewport, javaScriptEnabled: false, colorScheme: 'dark' })).newPage()
}

test('a form is made, filled in by a stranger on a phone without JavaScript, and followed until it is done', async ({
  owner,
  baton,
  browser,
}) => {
  await openIntakes(owner, await boardOf(baton, 'Customer onboarding'))
  await owner.getByRole('link', { name: 'New form' }).click()
  await owner.getByLabel('Heading').fill('Become a customer')
  await owner.getByLabel('What it says once it was sent').fill('We will write to you.')
  await owner.getByLabel('Senders may follow what they sent').selectOption('result')
  await owner.getByRole('button', { name: 'Open the form' }).click()
  const intake = owner.url()
  const address = (await owner.locator('.copy code').first().innerText()).trim()

  const page = await stranger(browser)
  await page.goto(address)
  await expect(page.getByRole('heading', { name: 'Become a customer' })).toBeVisible()
  const overflow = () => page.locator('html').evaluate(root => root.scrollWidth - root.clientWidth)
  expect(await overflow()).toBeLessThanOrEqual(0)
  await page.getByLabel('Company').fill('Stranger & Sons')
  await page.getByLabel('E-mail').fill('stranger@example.test')
  // Nobody fills in a form within two seconds.
  await page.waitForTimeout(2100)
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible()
  await expect(page.locator('main')).toContainText('We will write to you.')
  expect(await overflow()).toBeLessThanOrEqual(0)
  await page.getByRole('link', { name: 'Open it' }).click()
  await expect(page.getByRole('heading', { name: 'Stranger & Sons' })).toBeVisible()
  await expect(page.locator('#sent')).toContainText('stranger@example.test')
  expect(await overflow()).toBeLessThanOrEqual(0)
  const status = page.url()

  await owner.goto(intake)
  const row = owner.locator('#deliveries tbody tr')
  await expect(async () => {
    await owner.reload()
    await expect(row).toHaveCount(1)
  }).toPass()
  await row.getByRole('link', { name: 'Stranger & Sons' }).click()
  await expect(owner.getByRole('heading', { level: 1 })).toContainText('Stranger & Sons')
  const task = /tsk_[a-z2-7]{26}/.exec(owner.url())![0]
  await expect(async () =>
    expect(await api(baton, `/tasks/${task}`)).toMatchObject({ status: 'waiting', step: 'approve' }),
  ).toPass()
  await page.reload()
  await expect(page.locator('#status')).toContainText('It waits for a person to look at it.')
  await expect(page.locator('#status')).not.toContainText('ana@acme.test')
  await api(baton, `/tasks/${task}/decide`, { handoff: 'approved' })
  await expect(async () => {
    await page.goto(status)
    await expect(page.locator('#status')).toContainText('Everything is done.')
  }).toPass()
  await expect(page.locator('#result')).toBeVisible()

  // Taken back, the link has ended.
  await owner.goto(`${intake}/edit`)
  await owner.getByLabel('Senders may follow what they sent').selectOption('no')
  await owner.getByRole('button', { name: 'Save' }).click()
  await page.reload()
  await expect(page.getByRole('heading')).toContainText('There is nothing to see here any more')
  await page.context().close()
})

test('an address for mail is opened with a limit and changed on its page', async ({ owner, baton }) => {
  await openIntakes(owner, await boardOf(baton, 'Support triage'))
  await owner.getByRole('link', { name: 'New address' }).click()
  await owner.getByLabel(/^Address, before/).fill('postmaster')
  await owner.getByRole('button', { name: 'Open the address' }).click()
  await expect(owner.locator('.field-error')).toContainText('own use')
  await owner.getByLabel(/^Address, before/).fill('help')
  await owner.getByLabel('Who may write').fill('@example.test')
  await owner.getByText('Filter, map, repeats and limit').click()
  await owner.getByLabel('At most this many tasks').fill('20')
  await owner.getByLabel('in so many seconds').fill('3600')
  await owner.getByRole('button', { name: 'Open the address' }).click()
  await expect(owner.locator('main')).toContainText('@example.test')
  await expect(owner.locator('main')).toContainText('20 tasks in 3600 s')
  await owner.getByRole('link', { name: 'Edit' }).click()
  await expect(owner.getByLabel('At most this many tasks')).toHaveValue('20')
  await owner.getByLabel('At most this many tasks').fill('')
  await owner.getByLabel('in so many seconds').fill('')
  await owner.getByLabel('Who may write').fill('*')
  await owner.getByRole('button', { name: 'Save' }).click()
  await expect(owner.locator('main')).toContainText('anyone')
  await expect(owner.locator('main')).not.toContainText('20 tasks')
})

for (const [screen, width, colorScheme] of [
  ['wide', 1280, 'light'],
  ['phone', 390, 'dark'],
] as const) {
  test(`each page of the ways in is accessible and keeps within the ${screen} screen, ${colorScheme}`, async ({
    browser,
    baton,
    complaints,
  }) => {
    test.setTimeout(180_000)
    const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce' })
    const page = await newPage(context, complaints)
    await page.goto(baton.signIn)
    const board = await boardOf(baton, 'Customer onboarding')
    const make = (body: object) =>
      api<{ id: string; url: string }>(baton, `${new URL(board).pathname}/intakes`, {
        ...body,
        name: `${screen} ${colorScheme}`,
      })
    const form = await make({ kind: 'form', follow: 'result' })
    const mail = await make({ kind: 'email', limit: { count: 5, seconds: 60 } })
    const webhook = await make({ kind: 'webhook', auth: { type: 'stripe' }, filter: 'body.type == "x"' })
    await make({ kind: 'schedule', cron: '30 2 * * *', timezone: 'Europe/Berlin' })
    await fetch(`${baton.url}/in/${webhook.id}`, { method: 'POST', body: '{}' })
    const list = `${board}/intakes`
    const own = [form, mail, webhook].flatMap(({ id }) =>
      ['', '/edit', '/preview', '/delete'].map(path => `${list}/${id}${path}`),
    )
    await page.goto(form.url)
    await page.getByLabel('Company').fill('Follower')
    await page.getByLabel('E-mail').fill('follower@example.test')
    // Nobody fills in a form within two seconds.
    await page.waitForTimeout(2100)
    await page.getByRole('button', { name: 'Send' }).click()
    const status = (await page.getByRole('link', { name: 'Open it' }).getAttribute('href'))!
    const kinds = ['', '?kind=email', '?kind=form'].map(kind => `${list}/new${kind}`)
    for (const address of [list, ...kinds, ...own, form.url, new URL(status, baton.url).href]) {
      await page.setViewportSize({ width, height: 844 })
      await page.goto(address)
      await unfold(page)
      await expectSound(page)
      await page.setViewportSize({ width: width === 390 ? 1280 : 390, height: 844 })
      await expectFits(page)
    }
    await context.close()
  })
}
