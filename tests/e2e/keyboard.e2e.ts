/** The whole way without a mouse: not one click, and no address typed after the first. */
import type { Locator, Page } from '@playwright/test'
import { api, expect, newPage, test } from './world.ts'

/** Moves the focus there as a keyboard user does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let i = 0; i < 80; i++) {
    if (await target.evaluate(element => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error('the focus never came there')
}

/** Presses keys one after the other, once the page's scripts are there. */
async function press(page: Page, ...keys: string[]): Promise<void> {
  await page.waitForLoadState()
  for (const key of keys) await page.keyboard.press(key)
}

/** Tabs there and presses Enter. */
async function follow(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('Enter')
}

/** Goes from card to card until this one has the focus. */
async function walkTo(page: Page, title: string): Promise<void> {
  const card = page.locator('[data-card]:focus-within', { hasText: title })
  for (let i = 0; i < 40 && (await card.count()) === 0; i++) {
    await page.keyboard.press('j')
    if ((await page.locator('[data-card]:focus-within').count()) > 0 && (await card.count()) === 0 && i % 8 === 7) {
      await page.keyboard.press('l')
    }
  }
  await expect(card).toHaveCount(1)
}

/** From the form for the address to the list of workflows, by the mail in the outbox. */
async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await expect(page.getByLabel('Mail address')).toBeFocused()
  await page.keyboard.type('ana@acme.test')
  await page.keyboard.press('Enter')
  await follow(page, page.getByRole('link', { name: 'open the outbox' }))
  await follow(page, page.getByRole('link', { name: 'Your sign-in link for Baton' }).first())
  await follow(page, page.locator('main a[href*="/sign-in/link"]'))
  await follow(page, page.getByRole('button', { name: 'Sign in' }))
  await expect(page.getByRole('heading', { name: 'Workflows' })).toBeVisible()
}

test('from sign-in to done by keyboard alone: a task is made, rejected with a reason, redrafted, approved', async ({
  context,
  baton,
  complaints,
}) => {
  const page = await newPage(context, complaints)
  await signIn(page, baton.url)
  await follow(page, page.getByRole('link', { name: 'Customer onboarding' }).first())
  await expect(page.locator('#col-research')).toBeVisible()
  const board = page.url()

  await press(page, 'c')
  await expect(page.locator('#new-task').getByLabel(/company/i)).toBeFocused()
  await page.keyboard.type('Keys & Sons')
  await tabTo(page, page.locator('#new-task').getByLabel(/e-?mail/i))
  await page.keyboard.type('k@keys.test')
  await press(page, 'Enter')

  // The board is there again; the card comes to the human column by itself.
  const waiting = page.locator('#col-approve .card', { hasText: 'Keys & Sons' })
  await expect(waiting).toBeVisible()
  expect(page.url()).toBe(board)
  await walkTo(page, 'Keys & Sons')
  await press(page, 'Enter')
  await follow(page, page.locator('.drawer').getByRole('link', { name: 'Look at it and decide' }))
  await tabTo(page, page.getByLabel('Note'))
  await page.keyboard.type('Mention the discount')
  await follow(page, page.getByRole('button', { name: /^Reject/ }))
  await expect(page.getByRole('heading', { name: 'Approvals' })).toBeVisible()

  // Redrafted: it is there anew, with what was said of it.
  await press(page, 'g', 'b')
  await expect(waiting).toBeVisible()
  expect(page.url()).toBe(board)
  await walkTo(page, 'Keys & Sons')
  // To the task, to its question, to the button that approves; Enter presses it.
  await press(page, 'a')
  await expect(page.locator('.drawer').getByRole('link', { name: 'Look at it and decide' })).toBeVisible()
  await press(page, 'a')
  await expect(page.getByRole('region', { name: /Output of/ })).toBeVisible()
  await expect(page.locator('main')).toContainText('Mention the discount')
  await press(page, 'a')
  await expect(page.getByRole('button', { name: /^Approve/ })).toBeFocused()
  await press(page, 'Enter')
  await expect(page.getByRole('status')).toContainText('Decided: “Approve”')
  await press(page, 'g', 'b')
  await expect(page.locator('#recent').getByText('Keys & Sons')).toBeVisible()
  await expect(waiting).toHaveCount(0)
})

test('cards are walked, moved with time to undo, and run again, with keys alone', async ({ owner, baton }) => {
  const title = 'Walker & Co'
  await fetch(baton.intake, {
    method: 'POST',
    headers: { authorization: `Bearer ${baton.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company: title, email: 'w@walk.test' }),
  })
  await follow(owner, owner.getByRole('link', { name: 'Customer onboarding' }).first())
  const card = owner.locator('#col-approve .card', { hasText: title })
  await expect(card).toBeVisible()
  await walkTo(owner, title)
  const at = () => owner.locator('[data-card]:focus-within').getAttribute('id')
  const own = await at()
  await press(owner, 'k', 'ArrowUp')
  await walkTo(owner, title)
  expect(await at()).toBe(own)

  // Move, and undo: nothing has happened.
  await press(owner, 'm')
  await expect(owner.locator('#move-dialog')).toBeVisible()
  await press(owner, 'Enter')
  const moved = owner.locator('#col-research .card', { hasText: title })
  await expect(moved).toBeVisible()
  await expect(owner.locator('#live')).toHaveText(/Moved to Research the company, 1 of/)
  expect(await at()).toBe(own)
  await press(owner, 'Control+z')
  await expect(card).toBeVisible()
  expect(await at()).toBe(own)

  // Run again: the form for it opens beside the board, and Escape gives the card its focus back.
  await press(owner, 'r')
  const again = owner.locator('.drawer #do-rerun')
  await expect(again).toBeVisible()
  await press(owner, 'Escape')
  await expect(again).toBeHidden()
  expect(await at()).toBe(own)
})

test('the filter, the help, the places to go, and the setting that turns single keys off', async ({ owner, baton }) => {
  await press(owner, '?')
  await expect(owner.locator('#key-help')).toBeVisible()
  await press(owner, 'Escape')
  await expect(owner.locator('#key-help')).toBeHidden()

  for (const [key, path] of [
    ['i', '/approvals'],
    ['m', '/metrics'],
    ['s', '/settings/people'],
    ['w', '/workflows'],
  ] as const) {
    await press(owner, 'g', key)
    await owner.waitForURL(`${baton.url}${path}`)
  }

  await follow(owner, owner.getByRole('link', { name: 'Customer onboarding' }).first())
  await owner.waitForURL(/workflows\/wf_/)
  await press(owner, '/')
  await expect(owner.getByRole('searchbox', { name: 'Filter by title' })).toBeFocused()
  // While typing, keys are letters.
  await owner.keyboard.type('gimcar')
  await press(owner, 'Enter')
  await owner.waitForURL(/q=gimcar/)
  await expect(owner.getByRole('link', { name: 'Clear' })).toBeVisible()

  await press(owner, '?')
  await tabTo(owner, owner.getByLabel(/Single-key shortcuts/))
  await press(owner, 'Space', 'Escape')
  await press(owner, 'c', '?')
  await press(owner, 'g', 'i')
  await expect(owner.locator('dialog[open]')).toHaveCount(0)
  expect(owner.url()).toMatch(/q=gimcar/)
  // A key with Ctrl is no single key.
  await press(owner, 'Control+k')
  await expect(owner.locator('#palette')).toBeVisible()
})

test('Ctrl K leads to boards, pages, agents, tasks and new tasks', async ({ owner, baton }) => {
  const { items } = await api<{ items: { id: string; title: string }[] }>(baton, '/tasks')
  const task = items.find(one => one.title === 'Globex')!
  const goTo = async (text: string, first: RegExp) => {
    await press(owner, 'Control+k')
    await expect(owner.locator('#palette input')).toBeFocused()
    await owner.keyboard.type(text)
    await expect(owner.locator('#palette-list a').first()).toContainText(first)
    await press(owner, 'Enter')
  }
  await goTo('onboard', /Customer onboarding/)
  await owner.waitForURL(/workflows\/wf_\w+$/)
  await goTo('approv', /Approvals/)
  await owner.waitForURL(/approvals$/)
  await goTo('writer', /writer/i)
  await owner.waitForURL(/agents\/writer$/)
  await goTo('new task onb', /New task in Customer onboarding/)
  await owner.waitForURL(/tasks\/new$/)
  await expect(owner.locator('#new-task').getByLabel(/company/i)).toBeFocused()
  // Also while typing.
  await goTo('globex', /Globex/)
  await owner.waitForURL(`${baton.url}/tasks/${task.id}`)
  await press(owner, 'Control+k')
  await owner.keyboard.type('no such thing')
  await expect(owner.locator('#palette')).toContainText('Nothing here has all of these words')
  await press(owner, 'Escape')

  // Down to the second, and a letter goes back to the field.
  await press(owner, 'Control+k')
  await expect(owner.locator('#palette-list a').first()).toBeVisible()
  await press(owner, 'ArrowDown', 'ArrowDown')
  await expect(owner.locator('#palette-list a').nth(1)).toBeFocused()
  await press(owner, 'h')
  await expect(owner.locator('#palette input')).toBeFocused()
  await expect(owner.locator('#palette input')).toHaveValue('h')
  await press(owner, 'Escape')
  // Where no board offers a new task, `c` asks for which workflow.
  await press(owner, 'c')
  await expect(owner.locator('#palette-list a').first()).toContainText('New task in')
})
