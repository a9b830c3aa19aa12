/** Cards moved by a finger: a swipe scrolls, a long press lifts, the edge brings the next column. */
import type { Page } from '@playwright/test'
import { boardOf, expect, newPage, test } from './world.ts'

/** One finger on the glass. */
async function finger(page: Page) {
  const session = await page.context().newCDPSession(page)
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points })
  return {
    down: (x: number, y: number) => send('touchStart', [{ x, y }]),
    move: (x: number, y: number) => send('touchMove', [{ x, y }]),
    up: () => send('touchEnd', []),
  }
}

test('on a phone a swipe scrolls the board, and a card that is held is dragged to the next step', async ({
  browser,
  baton,
  complaints,
}) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const page = await newPage(context, complaints)
  await page.goto(baton.signIn)
  await page.goto(await boardOf(baton, 'Customer onboarding'))
  await page.locator('.step-picker a', { hasText: 'Approve the mail' }).tap()
  const card = page.locator('#col-approve .card').first()
  await expect(card).toBeInViewport()
  const id = await card.getAttribute('data-card')
  const columns = page.locator('#board-columns')
  const scrolled = () => columns.evaluate(element => element.scrollLeft)
  await expect.poll(scrolled).toBeGreaterThan(300)
  const touch = await finger(page)
  const at = async () => {
    const box = (await card.boundingBox())!
    return { x: box.x + 100, y: box.y + 30 }
  }

  // Quickly: it scrolls back towards the first columns, and no card has moved.
  const before = await scrolled()
  const swipe = await at()
  await touch.down(swipe.x, swipe.y)
  for (let i = 1; i <= 8; i++) await touch.move(swipe.x + i * 20, swipe.y)
  await touch.up()
  await expect.poll(scrolled).toBeLessThan(before)
  await expect(page.locator('.is-pending')).toHaveCount(0)
  // A finger that comes down on something that still rolls only stops it.
  await page.waitForTimeout(1000)

  // Held: it is lifted, and the left edge brings the step before.
  await page.locator('.step-picker a', { hasText: 'Approve the mail' }).tap()
  await expect(card).toBeInViewport()
  await expect.poll(scrolled).toBe(before)
  const hold = await at()
  await touch.down(hold.x, hold.y)
  await page.waitForTimeout(400)
  for (let i = 1; i <= 10; i++) await touch.move(hold.x - (i * (hold.x - 20)) / 10, hold.y + 10)
  await expect(page.locator('.is-lifted')).toHaveCount(1)
  await expect(async () => {
    await touch.move(20 + Math.random() * 4, hold.y + 10)
    expect(await page.locator('#col-draft.is-over, #col-research.is-over').count()).toBe(1)
  }).toPass({ intervals: [40] })
  await touch.up()
  const moved = page.locator(`#card-${id}`)
  await expect(moved).toHaveClass(/is-pending/)
  await page.getByRole('button', { name: 'Undo' }).tap()
  await expect(page.locator(`#col-approve #card-${id}`)).toHaveCount(1)
  await context.close()
})
