/** What every page keeps: nothing serious for axe, the standards that it leaves out unless asked, and the screen's width. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './world.ts'

/** Moderate to axe, or asked of it only here. */
const KEPT = ['heading-order', 'landmark-unique', 'target-size', 'page-has-heading-one', 'empty-table-header']

/** Opens whatever is folded. */
export function unfold(page: Page): Promise<void> {
  return page.locator('details:not(.menu)').evaluateAll(folds => {
    for (const fold of folds) fold.setAttribute('open', '')
  })
}

/** Looks at the page as it is; what is wrong fails the test, which goes on. */
export async function expectSound(page: Page): Promise<void> {
  const { href } = new URL(page.url())
  const heads = page.locator('th:not([scope])')
  expect
    .soft(await heads.evaluateAll(all => all.map(head => head.outerHTML)), `${href}: heads without scope`)
    .toEqual([])
  // A choice that is required begins with none, so that nobody makes it by leaving it.
  const answered = page.locator('select[required]:not(:has(option:first-child[value=""]))')
  expect.soft(await answered.evaluateAll(all => all.map(select => select.outerHTML)), `${href}: answered`).toEqual([])
  await expectFits(page)
  // What lies half beneath the header has only scrolled there; axe would take what is seen of it for its size.
  await page.locator('html').evaluate(root => root.scrollTo({ top: 0, behavior: 'instant' }))
  const rules = Object.fromEntries(KEPT.map(rule => [rule, { enabled: true }]))
  const { violations, passes } = await new AxeBuilder({ page }).options({ rules }).analyze()
  expect.soft(passes.length, `${href}: rules that axe tried`).toBeGreaterThan(10)
  const wrong = violations.filter(
    ({ impact, id }) => impact === 'serious' || impact === 'critical' || KEPT.includes(id),
  )
  expect.soft(wrong.map(each => `${href}: ${each.id}: ${each.nodes[0]?.html}`)).toEqual([])
}

/** What goes by the size of the screen: things to touch are large enough, and nothing is wider than it. */
export async function expectFits(page: Page): Promise<void> {
  const { href, pathname } = new URL(page.url())
  // Approvals are decided in a hurry, on a phone.
  const least = /^\/(a|approvals)(\/|$)/.test(pathname) ? 44 : 24
  const small = await page.locator('summary').evaluateAll(
    (all, least) =>
      all
        .filter(summary => summary.checkVisibility())
        .filter(summary => {
          const { width, height } = summary.getBoundingClientRect()
          return width < 24 || height < least
        })
        .map(summary => summary.outerHTML),
    least,
  )
  expect.soft(small, `${href}: summaries under ${least} px`).toEqual([])
  const overflow = await page.locator('html').evaluate(root => root.scrollWidth - root.clientWidth)
  expect.soft(overflow, `${href} is wider than the screen`).toBeLessThanOrEqual(0)
}
