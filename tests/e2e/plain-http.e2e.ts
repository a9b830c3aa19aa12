/** Baton on a home network: plain http and no localhost, where browsers send no Sec-Fetch-Site and judge a form by its Origin alone. */
import { chromium } from '@playwright/test'
import { api, expect, linkFor, test } from './world.ts'

const HOST = 'baton.home.test'

test('a question is decided by its link over plain http; the same form on a foreign page is refused', async ({
  owner,
  baton,
}, info) => {
  const { items } = await api<{ items: { id: string; name: string }[] }>(baton, '/workflows')
  const workflow = items.find(one => one.name === 'Customer onboarding')!.id
  await api(baton, `/workflows/${workflow}/tasks`, { input: { company: 'Plain & Open', email: 'p@plain.test' } })
  const link = await expect
    .poll(async () => linkFor(owner, baton, 'Plain & Open').catch(() => null), { timeout: 30_000 })
    .toBeTruthy()
    .then(() => linkFor(owner, baton, 'Plain & Open'))
  const { launchOptions } = info.project.use
  const rules = `--host-resolver-rules=MAP ${HOST} 127.0.0.1, MAP evil.test 127.0.0.1`
  const browser = await chromium.launch({ ...launchOptions, args: [...(launchOptions?.args ?? []), rules] })
  try {
    const { port, pathname } = new URL(link)
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    const here = `http://${HOST}:${port}${pathname}`

    // The same fields, sent from a page of another site.
    await page.goto(here)
    const fields = await page
      .locator('form:has(button[name=handoff]) input[type=hidden]')
      .evaluateAll(inputs => inputs.map(input => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? '']))
    const inputs = fields.map(([name, value]) => `<input name="${name}" value="${value}">`).join('')
    const form = `<form method="post" action="${here}">${inputs}<button name="handoff" value="approved">Go</button></form>`
    const foreign = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await foreign.route('http://evil.test/', route => route.fulfill({ contentType: 'text/html', body: form }))
    await foreign.goto('http://evil.test/')
    const [refused] = await Promise.all([
      foreign.waitForResponse(one => one.url() === here),
      foreign.getByText('Go').click(),
    ])
    expect(refused.status()).toBe(403)

    const [sent] = await Promise.all([
      page.waitForRequest(request => request.method() === 'POST'),
      page.getByRole('button', { name: /^Approve/ }).click(),
    ])
    const headers = await sent.allHeaders()
    // What makes this test one of its kind.
    expect(headers['sec-fetch-site']).toBeUndefined()
    expect(headers.origin).toBe(`http://${HOST}:${port}`)
    await expect(page.locator('body')).toContainText('chose “Approve”')
    expect((await sent.response())!.status()).toBe(303)
  } finally {
    await browser.close()
  }
})
