/** Every page in both themes: nothing serious for axe, headings in order, tables' heads and targets as the standards have them, no violation of the policy, nothing wider than the screen. */
import type { Baton } from '../support/baton.ts'
import { expectSound, unfold } from './sound.ts'
import { api, boardOf, expect, newPage, test } from './world.ts'

interface Tasks {
  items: { id: string; status: string; title: string }[]
}
interface Approvals {
  items: { links: Record<string, string>; task: { id: string } }[]
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

for (const scheme of ['light', 'dark'] as const) {
  for (const [screen, viewport] of [
    ['wide', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test(`pages are accessible and keep within the ${screen} screen, ${scheme}`, async ({
      browser,
      baton,
      complaints,
    }) => {
      test.setTimeout(600_000)
      const context = await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: 'reduce' })
      const page = await newPage(context, complaints)
      await page.goto(baton.signIn)
      const board = await boardOf(baton, 'Customer onboarding')
      const tasks = await tasksOf(baton)
      const approvals = await api<Approvals>(baton, '/approvals')
      const addresses = [
        '/workflows',
        '/workflows/new',
        board,
        ...[
          'edit',
          'edit/yaml',
          'edit/settings',
          'edit/steps/approve',
          'graph',
          'publish',
          'versions',
          'docs',
          'manage',
        ].map(page => `${board}/${page}`),
        '/workflows/import',
        '/templates',
        '/agents',
        '/agents/new',
        '/agents/researcher',
        `${board}/intakes`,
        `${board}/callbacks`,
        `${board}/metrics`,
        ...['waiting', 'done'].map(status => `/tasks/${tasks.find(task => task.status === status)!.id}`),
        ...LONG_TITLES.map(title => `/tasks/${tasks.find(task => task.title === title)!.id}`),
        '/approvals',
        `/approvals/${approvals.items[0]!.task.id}`,
        '/settings/keys',
        '/settings/secrets',
        '/settings/people',
        '/metrics',
        '/audit',
        '/health',
        '/search?q=o',
        '/outbox',
        Object.values(approvals.items[0]!.links)[0]!,
        '/no-such-page',
      ]
      const look = async (address: string) => {
        const { href } = new URL(address, baton.url)
        const answer = await page.goto(href)
        // What is looked at is that page, and not the one that somebody was sent to.
        expect.soft([page.url(), answer?.status()]).toEqual([href, address === '/no-such-page' ? 404 : 200])
        await unfold(page)
        await expectSound(page)
      }
      for (const address of addresses) await look(address)
      // Whoever is signed in is sent on from here, so it is looked at by a stranger.
      await context.clearCookies()
      await look('/sign-in')
      await context.close()
    })
  }
}
