/** The whole way as a new user goes it: sign in, make a task, decide by link on a phone, see it done. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import AxeBuilder from '@axe-core/playwright'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { invoicesByMail } from '../../src/workflow/templates/invoices-by-mail.ts'
import type { Baton } from '../support/baton.ts'
import { BOOK, FIND, mcpServerOf } from '../support/mcp-tools.ts'
import { expectSound, unfold } from './sound.ts'
import { api, expect, linkFor, newPage, test } from './world.ts'

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

  // What the second draft changed is kept beside the reason for it.
  await owner.goto(`${baton.url}/corrections`)
  const corrected = owner.getByRole('row').filter({ hasText: 'Mention the discount' }).first()
  await expect(corrected).toContainText('sent back')
  await expect(corrected.getByRole('link', { name: 'Journey & Sons' })).toBeVisible()
})

test('an invoice that came by mail is seen on a phone without JavaScript, approved with a file, and found by its number', async ({
  owner,
  baton,
  browser,
  complaints,
}) => {
  const number = `R-${randomUUID().slice(0, 8)}`
  const supplier = `Paper ${number.slice(2)}`
  const made = await api<{ id: string }>(baton, '/workflows', invoicesByMail.text)
  const box = { kind: 'email', address: 'bills', allow: ['hank@shop.test'] }
  const { address } = await api<{ address: string }>(baton, `/workflows/${made.id}/intakes`, box)
  const lines = [`supplier: ${supplier}`, `number: ${number}`, 'amount: 480.00']
  await mailIn(baton, address, `Invoice of ${supplier}`, await aPdf(lines))

  const outbox = await newPage(owner.context(), complaints)
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false })
  const page = await phone.newPage()
  const openLink = (heading: string) =>
    expect(async () => {
      await page.goto(await linkFor(outbox, baton, supplier))
      await expect(page.getByRole('heading', { name: heading })).toBeVisible({ timeout: 500 })
    }).toPass({ timeout: 40_000 })
  await openLink('Check the supplier')
  await page.getByRole('button', { name: /^Known/ }).click()
  await openLink('Approve the payment')
  await expect(page.locator('main')).toContainText(`Pay 480 to ${supplier} for invoice ${number}?`)
  const files = page.getByRole('region', { name: 'Files' })
  const shown = await files.getByRole('link', { name: 'invoice.pdf', exact: true }).getAttribute('href')
  const content = await page.request.get(new URL(shown!, baton.url).href)
  expect(content.headers()).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': expect.stringMatching(/^inline/),
  })
  expect((await content.body()).subarray(0, 5).toString()).toBe('%PDF-')
  await expect(files.getByRole('link', { name: 'Save invoice.pdf' })).toBeVisible()
  // axe needs scripts.
  await outbox.setViewportSize({ width: 390, height: 844 })
  await outbox.goto(page.url())
  await unfold(outbox)
  await expectSound(outbox)
  await page.getByText('Add files to your decision').click()
  await page
    .getByLabel('Your files')
    .setInputFiles([{ name: 'delivery note.txt', mimeType: 'text/plain', buffer: Buffer.from('40 boxes came.') }])
  await page.getByLabel('Note').fill('All of it came.')
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.locator('main')).toContainText('chose “Approve”')
  await expect(page.locator('main')).toContainText('Added: delivery note.txt')
  await phone.close()

  await expect(async () => {
    await owner.goto(`${baton.url}/search?q=${number}`)
    await expect(owner.getByRole('link', { name: `Invoice of ${supplier}` })).toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await owner.getByRole('link', { name: `Invoice of ${supplier}` }).click()
  const kept = owner.getByRole('region', { name: 'Files' })
  await expect(kept).toContainText('delivery note.txt')
  await expect(kept).toContainText('added by')
  await expect(owner.locator('main')).toContainText('; added delivery note.txt')
  await expectSound(owner)
})

/** Hands a mail with this attachment to the mail intakes, as Cloudflare's mail routing does. */
async function mailIn(baton: Baton, to: string, subject: string, pdf: Uint8Array): Promise<void> {
  const mail = [
    'From: Hank <hank@shop.test>',
    `To: ${to}`,
    `Message-ID: <${randomUUID()}@shop.test>`,
    `Subject: ${subject}`,
    'Authentication-Results: mx.shop.test; dmarc=pass',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'See the invoice.',
    '--b',
    'Content-Type: application/pdf; name="invoice.pdf"',
    'Content-Disposition: attachment; filename="invoice.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(pdf).toString('base64').replaceAll(/.{76}/g, '$&\r\n'),
    '--b--',
    '',
  ].join('\r\n')
  const query = new URLSearchParams({ from: 'hank@shop.test', to })
  const answer = await fetch(`${baton.url}/cdn-cgi/handler/email?${query}`, { method: 'POST', body: mail })
  expect(answer.status, await answer.text()).toBe(200)
}

async function aPdf(lines: string[]): Promise<Uint8Array> {
  const made = await PDFDocument.create()
  made.addPage().drawText(lines.join('\n'), { font: await made.embedFont(StandardFonts.Helvetica), size: 12, y: 700 })
  return made.save()
}

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

/** A service that answers refunds, and loses every first answer of a booking. */
async function aBank() {
  const heard: { url: string; body: unknown }[] = []
  const lost = new Set<string>()
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const url = request.url ?? ''
    heard.push({ url, body: JSON.parse(text) })
    if (url.startsWith('/bookings') && !lost.has(url)) {
      lost.add(url)
      request.socket.destroy()
      return
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: `r${heard.length}` }))
  })
  await new Promise<void>(up => server.listen(0, '127.0.0.1', up))
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

test('a call is changed and allowed from a phone without JavaScript; “Did it happen?” is answered there, and by keyboard', async ({
  owner,
  baton,
  browser,
}) => {
  const bank = await aBank()
  const parameters = {
    type: 'object',
    required: ['order', 'amount'],
    properties: { order: { type: 'string' }, amount: { type: 'number' } },
  }
  const refund = { url: `${bank.url}/refunds`, body: { order: '{{ args.order }}', amount: '{{ args.amount }}' } }
  await api(baton, '/tools', { key: 'refund', description: 'Pays money back.', parameters, http: refund, ask: true })
  const booking = { url: `${bank.url}/bookings/{{ input.order }}`, body: { amount: '{{ steps.pay.output }}' } }
  const steps = [
    {
      ...{ key: 'pay', name: 'Pay it back', tool: 'refund', handoffs: [{ to: 'book' }] },
      with: { order: '{{ input.order }}', amount: 40 },
    },
    { key: 'book', name: 'Book it', http: booking, handoffs: [{ to: 'complete' }] },
  ]
  const made = await api<{ id: string }>(baton, '/workflows', {
    ...{ baton: 1, name: 'Refunds', owner: 'ana@acme.test' },
    steps,
  })
  const start = (order: string) =>
    api<{ id: string }>(baton, `/workflows/${made.id}/tasks`, { input: { order }, title: `Order ${order}` })
  const statusOf = async (id: string) => (await api<{ status: string }>(baton, `/tasks/${id}`)).status

  const { id } = await start('A-7')
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false })
  const page = await phone.newPage()
  await expect(async () => {
    await page.goto(await linkFor(owner, baton, 'Order A-7'))
    await expect(page.getByRole('heading', { name: 'May refund be called?' })).toBeVisible({ timeout: 1000 })
  }).toPass()
  await expect(page.getByRole('region', { name: 'What it is called with' })).toContainText('A-7')
  await page.getByText('Change it before you allow it').click()
  await page.getByLabel('amount').fill('25')
  await page.getByRole('button', { name: /^Allow/ }).click()
  await expect(page.locator('main')).toContainText('chose “Allow”')
  await expect.poll(() => statusOf(id)).toBe('stuck')
  expect(bank.heard[0]).toEqual({ url: '/refunds', body: { order: 'A-7', amount: 25 } })

  await expect(async () => {
    await page.goto(await linkFor(owner, baton, 'Order A-7'))
    await expect(page.getByRole('heading', { name: 'Did it happen?' })).toBeVisible({ timeout: 1000 })
  }).toPass()
  await expect(page.getByRole('region', { name: 'What was called' })).toContainText('/bookings/A-7')
  await page.getByText('If it happened: what it answered').click()
  await page.getByLabel('What it answered').fill('{"id": "found in the books"}')
  await page.getByRole('button', { name: /^It happened/ }).click()
  await expect(page.locator('main')).toContainText('chose “It happened”')
  await expect.poll(() => statusOf(id)).toBe('done')
  expect(bank.heard.map(({ url }) => url)).toEqual(['/refunds', '/bookings/A-7'])
  await phone.close()

  const other = await start('B-9')
  await expect.poll(() => statusOf(other.id)).toBe('waiting')
  await owner.goto(`${baton.url}/approvals/${other.id}`)
  await accessible()
  await owner.keyboard.press('a')
  await expect(owner.getByRole('button', { name: /^Allow/ })).toBeFocused()
  await owner.keyboard.press('Enter')
  await expect.poll(() => statusOf(other.id)).toBe('stuck')
  // From the card into the drawer, to the first answer, on to the second.
  await owner.goto(`${baton.url}/workflows/${made.id}`)
  const card = owner.locator(`#card-${other.id}`)
  await expect(card.getByText('Did it happen?')).toBeVisible()
  await card.getByRole('link', { name: 'Order B-9' }).focus()
  await owner.keyboard.press('a')
  await expect(owner.getByRole('button', { name: 'It happened' })).toBeVisible()
  await accessible()
  await owner.keyboard.press('a')
  await expect(owner.getByRole('button', { name: 'It happened' })).toBeFocused()
  await owner.keyboard.press('Tab')
  await expect(owner.getByRole('button', { name: 'It did not' })).toBeFocused()
  await owner.keyboard.press('Enter')
  await expect.poll(() => statusOf(other.id)).toBe('done')
  expect(bank.heard.slice(2).map(({ url }) => url)).toEqual(['/refunds', '/bookings/B-9', '/bookings/B-9'])
  await owner.goto(`${baton.url}/tasks/${other.id}`)
  await accessible()
  bank.close()

  async function accessible() {
    // What is still fading in has no contrast of its own yet.
    await owner.locator('html').evaluate(async root => {
      const moving: { finished: Promise<unknown> }[] = root.getAnimations({ subtree: true })
      const still = Promise.allSettled(moving.map(each => each.finished))
      await Promise.race([still, new Promise(resolve => setTimeout(resolve, 1000))])
    })
    const { violations } = await new AxeBuilder({ page: owner }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect.soft(serious.map(({ id: rule, nodes }) => `${owner.url()}: ${rule}: ${nodes[0]?.html}`)).toEqual([])
  }
})

test('a newcomer sets a secret, makes a tool of a pasted curl line whose token becomes another, tries it out, and gives it to an agent', async ({
  owner,
  baton,
  browser,
}) => {
  test.slow()
  const heard: { url: string; headers: IncomingHttpHeaders; body: string }[] = []
  let offered = [FIND, BOOK]
  const mcp = createMcpHandler(() => mcpServerOf(() => offered))
  const service = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    if (request.url === '/mcp') {
      const headers = new Headers(request.headers as Record<string, string>)
      const asked = new Request('http://localhost/mcp', { method: 'POST', headers, body })
      const answer = await mcp.fetch(asked)
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
      return
    }
    heard.push({ url: request.url!, headers: request.headers, body })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: 41, echo: request.headers['x-api-key'] }))
  })
  await new Promise<void>(resolve => service.listen(0, 'localhost', resolve))
  try {
    const { port } = service.address() as AddressInfo
    await owner.getByRole('link', { name: 'Settings' }).first().click()
    await owner.getByRole('link', { name: 'Secrets' }).click()
    await owner.getByLabel('Name', { exact: true }).fill('desk')
    await owner.getByLabel('Value', { exact: true }).fill('canary-desk-1')
    await owner.getByLabel(/May go to|Hosts/).fill('localhost')
    await owner.getByRole('button', { name: 'Set the secret' }).click()
    await expect(owner.getByRole('row', { name: /desk/ })).toContainText('localhost')

    await owner.getByRole('link', { name: 'Tools', exact: true }).first().click()
    await owner.getByRole('link', { name: 'New tool' }).click()
    const line = `curl 'http://localhost:${port}/contacts?source=web' -H 'Authorization: Bearer {{ secrets.desk }}' -H 'X-Api-Key: canary-key-22' --json '{"email":"kim@nimbus.test"}'`
    await owner.getByLabel('Paste a curl line').fill(line)
    await owner.getByRole('button', { name: 'Fill in the form' }).click()
    await expect(owner.getByLabel('Header 1: name')).toHaveValue('X-Api-Key')
    await expect(owner.getByLabel('Header 1: kind').locator('option:checked')).toHaveText(/^Secret localhost/)
    await owner.getByLabel('Key', { exact: true }).fill('add_contact')
    await owner.getByLabel('Description').fill('Adds a contact to the desk.')
    await owner.getByRole('button', { name: 'Make the tool' }).click()
    await expect(owner.getByRole('heading', { name: 'add_contact' })).toBeVisible()

    const box = owner.locator('#try')
    await box.getByLabel('Source').fill('fair')
    await box.getByLabel('Email').fill('ben@nimbus.test')
    await box.getByRole('button', { name: 'Call it' }).click()
    await expect(box).toContainText('It answered · 200')
    await expect(box).toContainText('[secret: localhost]')
    await expect(owner.locator('body')).not.toContainText('canary')
    expect(heard).toMatchObject([
      {
        url: '/contacts?source=fair',
        headers: { authorization: 'Bearer canary-desk-1', 'x-api-key': 'canary-key-22' },
        body: '{"email":"ben@nimbus.test"}',
      },
    ])
    const { violations } = await new AxeBuilder({ page: owner }).analyze()
    expect(violations).toEqual([])

    await owner.getByLabel('Ask a person first').selectOption('Before each call')
    await owner.getByRole('button', { name: 'Save as version 2' }).click()
    await anAgentUsesIt()
    await expect.poll(() => heard.length).toBe(2)
    expect(heard[1]).toMatchObject({ body: '{"email":"kim@nimbus.test"}', headers: { 'x-api-key': 'canary-key-22' } })
    await owner.goto(new URL('/search?q=Kim+of+Nimbus', owner.url()).href)
    await owner
      .getByRole('link', { name: /Kim of Nimbus/ })
      .first()
      .click()
    await owner.waitForURL(/\/tasks\//)
    await owner.reload()
    await unfold(owner)
    const call = owner.locator('main').getByText('add_contact').first()
    await expect(call).toBeVisible()
    await expect(owner.locator('main')).toContainText('41')

    await owner.goto(new URL('/tools', owner.url()).href)
    await owner.getByRole('link', { name: 'MCP server' }).click()
    await owner.getByLabel('Short name').fill('desk')
    await owner.getByLabel('Address').fill(`http://localhost:${port}/mcp`)
    await owner.getByRole('button', { name: 'Read its tools' }).click()
    await owner.getByLabel('desk.find').check()
    await owner.getByRole('button', { name: 'Save the choice' }).click()
    await expect(owner.getByLabel('desk.find')).toBeChecked()
    offered = [{ ...FIND, description: 'Finds a contact and a company.' }, BOOK]
    await owner.getByRole('button', { name: 'Read its list again' }).click()
    const change = owner.getByRole('region', { name: 'Change of desk.find' })
    await expect(change).toContainText('+Finds a contact and a company.')
    expect((await new AxeBuilder({ page: owner }).analyze()).violations).toEqual([])
    await owner.setViewportSize({ width: 390, height: 800 })
    expect(await owner.locator('html').evaluate(root => root.scrollWidth - root.clientWidth)).toBe(0)
    await change.getByRole('button', { name: 'Accept' }).click()
    await expect(change).toHaveCount(0)

    const own = ['/tools', '/tools/new', '/tools/import', '/tools/add_contact', '/tools/send_email', '/tools/desk.find']
    for (const page of [...own, '/mcp-servers/new', '/mcp-servers/desk']) {
      await owner.goto(new URL(page, owner.url()).href)
      const wide = await owner.locator('html').evaluate(root => root.scrollWidth - root.clientWidth)
      expect([page, wide]).toEqual([page, 0])
      expect([page, (await new AxeBuilder({ page: owner }).analyze()).violations]).toEqual([page, []])
    }
  } finally {
    await new Promise(resolve => service.close(resolve))
  }

  /** An agent with the tool, a step for it, a task, and the call allowed from a phone by its link. */
  async function anAgentUsesIt() {
    await owner.getByRole('link', { name: 'Agents' }).first().click()
    await owner.getByRole('link', { name: 'New agent' }).click()
    await owner.getByLabel('Name', { exact: true }).first().fill('Desk clerk')
    await owner.getByLabel('Description').fill('You keep the contacts of the desk.')
    await owner.getByLabel('add_contact').check()
    await owner.getByRole('button', { name: 'Make the agent' }).click()
    await owner.getByRole('link', { name: 'Workflows' }).first().click()
    await owner.getByRole('link', { name: 'New workflow' }).first().click()
    await owner.getByLabel('Name', { exact: true }).fill('Keep contacts')
    await owner.getByRole('button', { name: 'Create workflow' }).click()
    await owner.getByLabel('What happens in it?').fill('Add the contact')
    await owner.getByLabel('Who does it?').selectOption('Agent: desk_clerk')
    await owner.getByRole('button', { name: 'Add the first step' }).click()
    await owner.getByRole('textbox', { name: 'Instructions' }).fill('Add the contact kim@nimbus.test, source: fair.')
    await owner.getByRole('button', { name: 'Save the step' }).click()
    await owner.locator('.edit-next').getByText('Add next step').first().click()
    await owner.getByRole('button', { name: 'Tasks are complete here' }).click()
    await owner.getByRole('link', { name: 'Publish…' }).click()
    await owner.getByRole('button', { name: 'Publish version 1' }).click()
    await owner
      .getByRole('link', { name: /New task/ })
      .first()
      .click()
    await owner.locator('#new-task').getByLabel('Title').fill('Kim of Nimbus')
    await owner.locator('#new-task').getByRole('button', { name: 'Start task' }).click()

    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false })
    const page = await phone.newPage()
    await expect(async () => {
      await page.goto(await linkFor(owner, baton, 'Kim of Nimbus'))
      await expect(page.getByRole('heading', { name: 'May add_contact be called?' })).toBeVisible({ timeout: 1000 })
    }).toPass()
    await page.getByRole('button', { name: /^Allow/ }).click()
    await expect(page.locator('main')).toContainText('chose “Allow”')
    await phone.close()
  }
})
