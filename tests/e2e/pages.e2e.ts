/** Every page in both themes: nothing serious for axe, headings in order, tables' heads and targets as the standards have them, no violation of the policy, nothing wider than the screen. */
import type { Page } from '@playwright/test'
import type { Baton } from '../support/baton.ts'
import { notEmpty } from '../support/not-empty.ts'
import { PAGES, type PageWorld } from '../support/pages.ts'
import { expectFits, expectSound, unfold } from './sound.ts'
import { api, boardOf, expect, newPage, test } from './world.ts'

interface Tasks {
  items: { id: string; status: string; title: string }[]
}
interface Approvals {
  items: {
    links: Record<string, string>
    task: { id: string }
    workflow: string
    step: string
    visit: number
    run: number
  }[]
}

/** Titles as long as they may be, of many words and of one: no page may become as wide as they are. */
const LONG_TITLES = ['A quite long name of a company '.repeat(6).trim(), 'W'.repeat(190)]

/** The tasks of the demo team, and with them one of each long title that waits for a person. */
async function tasksOf(baton: Baton): Promise<Tasks['items']> {
  const { items } = await api<Tasks>(baton, '/tasks')
  const missing = LONG_TITLES.filter(company => !items.some(({ title }) => title === company))
  if (missing.length === 0) return items
  const workflow = (await boardOf(baton, 'Customer onboarding')).split('/').at(-1)
  for (const company of missing)
    await api(baton, `/workflows/${workflow}/tasks`, {
      input: { company, email: 'long@acme.test' },
      // Nobody listens there: the page of callbacks has something to show.
      callback: `${baton.url.replace(/:\d+$/, ':9')}/told/${'x'.repeat(200)}`,
    })
  const waiting = async () => {
    const { items } = await api<Tasks>(baton, '/tasks?status=waiting')
    return items.filter(({ title }) => LONG_TITLES.includes(title)).length
  }
  await expect.poll(waiting, { timeout: 30_000 }).toBe(LONG_TITLES.length)
  return tasksOf(baton)
}

/** A task whose step has started two others, which wait for a person; all are called as long as may be. */
async function parentOf(baton: Baton): Promise<string> {
  const { items } = await api<Tasks>(baton, '/tasks')
  const known = items.find(({ title }) => title === PARENT)
  if (known !== undefined) return known.id
  const use = { workflow: { use: 'Customer onboarding', input: { company: PARENT, email: 'long@acme.test' } } }
  const steps = [{ key: 'both', parallel: { branches: { one: use, two: use } }, handoffs: [{ to: 'complete' }] }]
  const made = await api<{ id: string }>(baton, '/workflows', { baton: 1, name: 'Both at once', steps })
  const { id } = await api<{ id: string }>(baton, `/workflows/${made.id}/tasks`, { input: {}, title: PARENT })
  const children = async () => {
    const { children = [] } = await api<{ children?: { status: string }[] }>(baton, `/tasks/${id}`)
    return children.map(({ status }) => status)
  }
  await expect.poll(children, { timeout: 30_000 }).toEqual(['waiting', 'waiting'])
  return id
}

const PARENT = 'Two companies at once '.repeat(8).trim()

const WIDE = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

/** What the pages are about: what the demo has, a tool of the team's own, and a skill. */
async function worldOf(page: Page, baton: Baton): Promise<PageWorld> {
  const board = await boardOf(baton, 'Customer onboarding')
  const tasks = await tasksOf(baton)
  const [asked] = (await api<Approvals>(baton, '/approvals')).items
  const first = asked!
  const http = { method: 'POST', url: 'https://crm.example.com/contacts', body: '{{ args | json }}' }
  const parameters = { type: 'object', properties: { email: { type: 'string', description: 'x '.repeat(100) } } }
  const { items } = await api<{ items: { key: string }[] }>(baton, '/tools')
  if (!items.some(({ key }) => key === 'add_contact'))
    await api(baton, '/tools', { key: 'add_contact', description: 'Adds somebody.', parameters, http })
  const skills = await api<{ items: { key: string }[] }>(baton, '/skills')
  if (skills.items.length === 0) {
    await api(baton, '/skills', {
      key: 'house_style',
      description: 'How we write.',
      text: 'Be brief and kind. '.repeat(40),
    })
  }
  await page.goto(`${baton.url}/outbox`)
  const mail = await page.locator('main a[href^="/outbox/"]').first().getAttribute('href')
  const shown = [
    ...['waiting', 'done'].map(status => tasks.find(task => task.status === status)!),
    ...LONG_TITLES.map(title => tasks.find(task => task.title === title)!),
  ]
  return {
    board,
    tasks: [...shown.map(({ id }) => id), await parentOf(baton)].map(id => `/tasks/${id}`),
    approval: `/approvals/${first.task.id}`,
    beside: `/approvals?show=all&open=${first.task.id}%3A${first.visit}%3A${first.run}`,
    together: `/approvals/together?workflow=${first.workflow}&step=${first.step}`,
    link: Object.values(first.links)[0]!,
    mail: mail!,
  }
}

// Each page is opened in both themes and looked at in both sizes; axe looks once for each theme.
for (const [name, colorScheme, viewport, other] of [
  ['wide and light', 'light', WIDE, PHONE],
  ['narrow and dark', 'dark', PHONE, WIDE],
] as const) {
  test(`pages are accessible and keep within the screen, ${name}`, async ({ browser, baton, complaints }) => {
    test.setTimeout(600_000)
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
    const page = await newPage(context, complaints)
    await page.goto(baton.signIn)
    const world = await worldOf(page, baton)
    const look = async (address: string) => {
      const { href } = new URL(address, baton.url)
      await page.setViewportSize(viewport)
      const answer = await page.goto(href)
      // What is looked at is that page, and not the one that somebody was sent to.
      expect.soft([page.url(), answer?.status()]).toEqual([href, address === '/no-such-page' ? 404 : 200])
      await unfold(page)
      await expectSound(page)
      await page.setViewportSize(other)
      await expectFits(page)
    }
    const pages = Object.values(PAGES).flatMap(page => ('see' in page ? [page] : []))
    const addresses = (as?: 'stranger') =>
      notEmpty(pages.filter(page => page.as === as)).flatMap(({ see }) => see(world))
    for (const address of [...addresses(), '/no-such-page']) await look(address)
    // Whoever is signed in is sent on from here, so they are looked at by a stranger.
    await context.clearCookies()
    for (const address of addresses('stranger')) await look(address)
    await context.close()
  })
}
