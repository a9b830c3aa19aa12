/** What every browser test shares: a served Baton of its file's own, the demo owner signed in, and a console that must stay free of violations. */
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { type Baton, startBaton } from '../support/baton.ts'

interface Worker {
  /** Serves one Baton at a time. */
  serving: { of(file: string): Promise<Baton> }
}

interface World {
  /** Baton, served anew for each file: what one file's tests leave there is nothing that another's could find. */
  baton: Baton
  owner: Page
  complaints: string[]
}

export const test = base.extend<World, Worker>({
  serving: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      let served: { file: string; baton: Baton } | undefined
      await use({
        async of(file) {
          if (served?.file === file) return served.baton
          await served?.baton.stop()
          served = { file, baton: await startBaton() }
          return served.baton
        },
      })
      await served?.baton.stop()
    },
    { scope: 'worker', timeout: 200_000 },
  ],
  baton: [
    async ({ serving }, use, { file }) => {
      await use(await serving.of(file))
    },
    { timeout: 200_000 },
  ],
  /** What the browser complained of: policy violations and uncaught errors fail the test that caused them. */
  // biome-ignore lint/correctness/noEmptyPattern: see above.
  complaints: async ({}, use) => {
    const complaints: string[] = []
    await use(complaints)
    expect(complaints).toEqual([])
  },
  /** A page on which Ana, the demo owner, is signed in. */
  owner: async ({ context, baton, complaints }, use) => {
    const page = await newPage(context, complaints)
    await page.goto(baton.signIn)
    await use(page)
  },
})

export { expect }

/** A page whose complaints are kept. */
export async function newPage(context: BrowserContext, complaints: string[]): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', error => {
    // Chromium's word for an animation between two pages that came too late; the page itself is whole.
    if (!error.message.startsWith('Transition was aborted')) complaints.push(`error: ${error.message}`)
  })
  page.on('console', message => {
    if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text())
  })
  return page
}

/** Calls the API with the seeded key; a text is a definition as YAML. */
export async function api<T>(baton: Baton, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${baton.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${baton.apiKey}`,
      'content-type': typeof body === 'string' ? 'application/yaml' : 'application/json',
    },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

interface Listed {
  items: { id: string; name: string }[]
}

/** The address of the board of the seeded workflow with this name. */
export async function boardOf(baton: Baton, name: string): Promise<string> {
  const { items } = await api<Listed>(baton, '/workflows')
  return `${baton.url}/workflows/${items.find(workflow => workflow.name === name)!.id}`
}

/** The signed link of the newest mail in the outbox that speaks of this task. */
export async function linkFor(page: Page, baton: Baton, title: string): Promise<string> {
  await page.goto(`${baton.url}/outbox`)
  await page
    .getByRole('link', { name: new RegExp(title) })
    .first()
    .click()
  const link = await page.locator('a[href*="/a/"]').first().getAttribute('href')
  return new URL(link!, baton.url).href
}
