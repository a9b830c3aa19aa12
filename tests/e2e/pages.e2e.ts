/** Every page in both themes: nothing serious for axe, no violation of the policy, nothing wider than the screen. */
import AxeBuilder from '@axe-core/playwright'
import { api, boardOf, expect, newPage, test } from './world.ts'

interface Tasks {
  items: { id: string; status: string }[]
}
interface Approvals {
  items: { links: Record<string, string>; task: { id: string } }[]
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
      test.setTimeout(180_000)
      const context = await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: 'reduce' })
      const page = await newPage(context, complaints)
      await page.goto(baton.signIn)
      const board = await boardOf(baton, 'Customer onboarding')
      const tasks = await api<Tasks>(baton, '/tasks')
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
        '/agents/researcher',
        `${board}/intakes`,
        ...['waiting', 'done']
          .flatMap(status => tasks.items.filter(task => task.status === status).slice(0, 1))
          .map(task => `/tasks/${task.id}`),
        '/approvals',
        '/settings/keys',
        '/settings/people',
        '/metrics',
        `${board}/metrics`,
        '/audit',
        '/health',
        '/search?q=o',
        '/outbox',
        Object.values(approvals.items[0]!.links)[0]!,
        '/sign-in',
        '/no-such-page',
      ]
      for (const address of addresses) {
        await page.goto(new URL(address, baton.url).href)
        const { violations } = await new AxeBuilder({ page }).analyze()
        const serious = violations.filter(each => each.impact === 'serious' || each.impact === 'critical')
        expect.soft(serious.map(each => `${address}: ${each.id}: ${each.nodes[0]?.html}`)).toEqual([])
        const overflow = await page.locator('html').evaluate(root => root.scrollWidth - root.clientWidth)
        expect.soft(overflow, `${address} is wider than the screen`).toBeLessThanOrEqual(0)
      }
      await context.close()
    })
  }
}
