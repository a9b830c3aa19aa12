/** A newcomer's first ten minutes: from an empty team to a published workflow with a branch and an approval, and a task in it. */
import type { Locator, Page } from '@playwright/test'
import type { Baton } from '../support/baton.ts'
import { NEWCOMER, startWithEmptyTeam } from '../support/empty-team.ts'
import { expectSound, unfold } from './sound.ts'
import { test as base, expect, newPage } from './world.ts'

const test = base.extend<object, { newcomers: Baton }>({
  newcomers: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const baton = await startWithEmptyTeam()
      await use(baton)
      await baton.stop()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
})

/** Signs in by the link that the outbox of this machine keeps. */
async function signIn(page: Page, baton: Baton): Promise<void> {
  await page.goto(`${baton.url}/sign-in`)
  await page.getByLabel('Mail address').fill(NEWCOMER)
  await page.getByRole('button', { name: 'Mail me a link' }).click()
  await page.getByRole('link', { name: 'open the outbox' }).click()
  await page.locator('main').getByRole('link', { name: 'Your sign-in link' }).first().click()
  await page.locator('a[href*="/sign-in/link"]').first().click()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Workflows', exact: true })).toBeVisible()
}

for (const [screen, viewport, colorScheme] of [
  ['wide', { width: 1280, height: 800 }, 'light'],
  ['phone', { width: 390, height: 844 }, 'dark'],
] as const) {
  test(`from an empty team to a published workflow and a task with a person, on a ${screen} screen`, async ({
    newcomers,
    browser,
    complaints,
  }) => {
    test.setTimeout(180_000)
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
    const page = await newPage(context, complaints)
    page.setDefaultTimeout(15_000)
    const name = `Refunds on a ${screen} screen`
    await signIn(page, newcomers)
    if (screen === 'wide') await expect(page.getByRole('heading', { name: 'No workflows yet' })).toBeVisible()
    await expectSound(page)
    await page
      .getByRole('link', { name: /Create a workflow|New workflow/ })
      .first()
      .click()
    await expectSound(page)
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Create workflow' }).click()

    // Nothing is wrong with what was only just begun.
    await expect(page.getByRole('heading', { name: 'This board has no steps yet' })).toBeVisible()
    await expect(page.locator('.finding')).toHaveCount(0)
    await expectSound(page)
    await page.getByLabel('What happens in it?').fill('Read the request')
    await page.getByRole('button', { name: 'Add the first step' }).click()
    await expectSound(page)
    await addNext(page, 'Write an answer', 'prompt')
    await addNext(page, 'Approve the answer', 'approval')
    await expectSound(page)

    // What a task brings, as a table; words that are no names become one.
    await page.getByRole('link', { name: 'All steps' }).click()
    await expect(page.getByText('Nothing is wrong with this draft.')).toBeVisible()
    await expectSound(page)
    await page.getByRole('link', { name: 'Change what it brings' }).click()
    await page.getByLabel('Fields', { exact: true }).check()
    await page.getByLabel('Name of field 1').fill('Customer name')
    await page.getByLabel('Field 1 is required').check()
    await page.getByLabel('Name of field 2').fill('amount')
    await page.getByLabel('Type of field 2').selectOption('Number')
    // Another row comes as the last one is filled.
    await expect(page.getByLabel('Name of field 3')).toBeVisible()
    await expectSound(page)
    await page.getByRole('button', { name: 'Save', exact: true }).click()

    // The branch: small amounts need no answer.
    await page.getByRole('link', { name: 'Read the request' }).first().click()
    const routes = page.locator('#handoffs')
    const fresh = routes.locator('[data-new]')
    await fresh.getByLabel('If the field').fill('input.amount')
    await fresh.getByLabel('Comparison').selectOption('is less than')
    await fresh.getByLabel('Value').fill('50')
    await fresh.getByLabel('go to').selectOption('Complete')
    await routes.getByRole('button', { name: 'Save the routes' }).click()
    // By drag where there is a mouse, by its button where there is none.
    if (screen === 'wide')
      await drag(page, routes.locator('.handoff-grip').nth(1), routes.locator('.handoff-grip').first())
    else await routes.getByRole('button', { name: 'Move route 2 up' }).click()
    await expect(routes.getByLabel('If the field').first()).toHaveValue('input.amount')

    // The text is seen on sample values as one types, and what is wrong with it in words.
    const prompt = page.getByRole('textbox', { name: 'What the model is to do' })
    await prompt.fill('Read it for {{ input.nobody }}')
    await expect(page.locator('#preview')).toContainText('`input.nobody` is missing')
    await prompt.fill('Read the request of ')
    await page.getByRole('button', { name: 'input.customer_name' }).click()
    await expect(prompt).toHaveValue('Read the request of {{ input.customer_name }}')
    await expect(page.locator('#preview .preview-text')).toContainText('Read the request of')
    await expect(page.locator('#preview .preview-text')).not.toContainText('{{')
    await expectSound(page)
    await page.getByRole('button', { name: 'Save the step' }).click()

    await page.getByRole('link', { name: 'Publish…' }).click()
    await expectSound(page)
    await page.getByRole('button', { name: 'Publish version 1' }).click()
    await expect(page.getByText('Version 1 is live.')).toBeVisible()
    await expectSound(page)

    await startTask(page, 'Mo Small', '20')
    await expect(page.locator('#board').getByText('Mo Small')).toBeVisible()
    await startTask(page, 'Mo Large', '200')
    const person = page.locator('#col-approve_the_answer')
    await expect(person.getByText('Mo Large')).toBeVisible()
    await expect(person.getByText('Mo Small')).toHaveCount(0)
    await page.getByRole('link', { name: 'Approvals' }).first().click()
    await expect(page.getByText('Mo Large').first()).toBeVisible()
    await expectSound(page)

    // On a real task now: the preview holds its words, the trial its verdicts.
    await page.goto(`${newcomers.url}/workflows`)
    await page.getByRole('link', { name }).first().click()
    await page.getByRole('link', { name: 'Edit' }).first().click()
    await page.getByRole('link', { name: 'Read the request' }).first().click()
    await expect(page.locator('#preview .preview-text')).toHaveText(/Read the request of Mo Large/)
    await page.getByText('Try the routes').click()
    await page.getByRole('button', { name: 'Try it' }).click()
    const trial = page.locator('#trial')
    await expect(trial).toContainText('goes to Write an answer')
    await expect(trial).toContainText('input.amount = 200')
    await expect(trial).toContainText('did not match')
    await page.getByLabel('On what came out of this step for').selectOption({ label: 'Mo Small' })
    await page.getByRole('button', { name: 'Try it' }).click()
    await expect(trial).toContainText('goes to the end')
    await expect(trial).toContainText('would match, but an earlier one is taken')
    await expectSound(page)
    await context.close()
  })
}

test('research beside legal, a table, three days for a reply, then a follow-up: made, published and run without docs', async ({
  newcomers,
  browser,
  complaints,
}) => {
  test.setTimeout(180_000)
  const [wide, phone] = [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]
  const context = await browser.newContext({ viewport: wide, reducedMotion: 'reduce' })
  const page = await newPage(context, complaints)
  page.setDefaultTimeout(15_000)
  const onBoth = async () => {
    await expectSound(page)
    await page.setViewportSize(phone)
    await expectSound(page)
    await page.setViewportSize(wide)
  }
  await signIn(page, newcomers)
  await page
    .getByRole('link', { name: /Create a workflow|New workflow/ })
    .first()
    .click()
  await page.getByLabel('Name').fill('Supplier desk')
  await page.getByRole('button', { name: 'Create workflow' }).click()

  await page.getByLabel('What happens in it?').fill('Look at the supplier')
  await page.getByLabel('Who does it?').selectOption('Parallel: branches side by side')
  await page.getByRole('button', { name: 'Add the first step' }).click()
  for (const [index, name] of ['research', 'legal'].entries()) {
    await page.getByLabel(`Name of branch ${index + 1}`).fill(name)
    const work = page.getByRole('group', { name: `Branch ${index + 1}` })
    await work.getByRole('textbox', { name: 'What the model is to do' }).fill(`Do ${name} on {{ input.company }}.`)
  }
  await onBoth()
  await page.getByRole('button', { name: 'Save the step' }).click()

  await addNext(page, 'Sort by size', 'rule')
  await page.getByRole('textbox', { name: /^Column 1/ }).fill('size')
  await page.getByLabel(/^What column 1 looks at/).fill('input.employees')
  await page.getByRole('button', { name: 'Save the step' }).click()
  await addNext(page, 'Wait for a reply', 'wait_event')
  await page.getByRole('textbox', { name: /^At most/ }).fill('3d')
  await onBoth()
  await page.getByRole('button', { name: 'Save the step' }).click()
  await addNext(page, 'Follow up', 'prompt')
  await page.locator('.edit-next').getByText('Add next step').first().click()
  await page.getByRole('button', { name: 'Tasks are complete here' }).click()
  await page.getByRole('link', { name: 'Wait for a reply' }).first().click()
  const routes = page.locator('#handoffs')
  // Nobody has to know that silence has an outcome of its own: it stands there.
  await expect(routes.getByLabel('When this comes').first()).toHaveValue('timeout')
  await routes.getByLabel('go to').first().selectOption('Follow up')
  await routes.getByLabel('When this comes').nth(1).fill('reply')
  await routes.getByLabel('go to').nth(1).selectOption('Complete')
  await routes.getByRole('button', { name: 'Save the routes' }).click()
  await expect(page.getByText('the task goes to “Follow up”')).toBeVisible()

  // What was typed and not saved is not lost by a link.
  await page.getByRole('textbox', { name: /^At most/ }).fill('4d')
  const asked: string[] = []
  page.once('dialog', dialog => {
    asked.push(dialog.type())
    return dialog.accept()
  })
  await page.getByRole('link', { name: 'Graph' }).click()
  const graph = page.locator('.graph').first()
  for (const text of ['research ∥ legal → all', 'reply, 3d at most', 'timeout', 'reply'])
    await expect(graph.getByText(text, { exact: true }).first()).toBeVisible()
  expect(asked).toEqual(['beforeunload'])
  await onBoth()

  await page.getByRole('link', { name: 'Steps' }).click()
  await page.getByRole('link', { name: 'Change what it brings' }).click()
  await page.getByLabel('Fields', { exact: true }).check()
  await page.getByLabel('Name of field 1').fill('company')
  await page.getByLabel('Name of field 2').fill('employees')
  await page.getByLabel('Type of field 2').selectOption('Number')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Nothing is wrong with this draft.')).toBeVisible()
  await page.getByRole('link', { name: 'Publish…' }).click()
  await page.getByRole('button', { name: 'Publish version 1' }).click()
  await expect(page.getByText('Version 1 is live.')).toBeVisible()

  await page
    .getByRole('link', { name: /New task/ })
    .first()
    .click()
  const form = page.locator('#new-task')
  await form.getByLabel(/company/i).fill('Globex')
  await form.getByLabel(/employees/i).fill('12')
  await form.getByRole('button', { name: 'Start task' }).click()
  const card = page.locator('#col-wait_for_a_reply').getByRole('link', { name: 'Globex' })
  await expect(card).toBeVisible()
  await card.click()
  await page.waitForURL(/\/tasks\//)
  await page.reload()
  await expect(page.getByText('"Wait for a reply" waits for "reply" until')).toBeVisible()
  await unfold(page)
  for (const name of ['research', 'legal']) await expect(page.getByText(name, { exact: true }).first()).toBeVisible()
  await onBoth()
  await context.close()
})

/** As a hand drags: pressed, moved over several places, let go. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.scrollIntoViewIfNeeded()
  await page.waitForLoadState()
  const [start, end] = [(await from.boundingBox())!, (await to.boundingBox())!]
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2)
  await page.mouse.down()
  await page.mouse.move(end.x + end.width / 2, start.y - 20, { steps: 5 })
  await page.mouse.move(end.x + end.width / 2, end.y + 10, { steps: 10 })
  await page.mouse.up()
}

async function addNext(page: Page, name: string, kind: string): Promise<void> {
  const next = page.locator('.edit-next')
  await next.getByText('Add next step').first().click()
  await next.getByLabel('What happens in it?').fill(name)
  await next.getByLabel('Who does it?').selectOption(kind)
  await next.getByRole('button', { name: 'Add next step' }).click()
  await expect(page.getByRole('heading', { name: new RegExp(name) })).toBeVisible()
}

async function startTask(page: Page, customer: string, amount: string): Promise<void> {
  await page
    .getByRole('link', { name: /New task/ })
    .first()
    .click()
  const form = page.locator('#new-task')
  await form.getByLabel(/Customer name/).fill(customer)
  await form.getByLabel(/amount/i).fill(amount)
  await form.getByRole('button', { name: 'Start task' }).click()
  await expect(form).toBeHidden()
}

/** Moves the focus there as a keyboard user does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let i = 0; i < 120; i++) {
    if (await target.evaluate(element => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the focus never came to ${target}`)
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
}

test('the same by keyboard alone, a step reordered and a task approved', async ({ newcomers, browser, complaints }) => {
  test.setTimeout(180_000)
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  const page = await newPage(context, complaints)
  page.setDefaultTimeout(15_000)
  // Nothing below may use the mouse.
  const noMouse = () => Promise.reject(new Error('a mouse was used'))
  Object.assign(page.mouse, { click: noMouse, move: noMouse, down: noMouse })

  await page.goto(`${newcomers.url}/sign-in`)
  await type(page, page.getByLabel('Mail address'), NEWCOMER)
  await page.keyboard.press('Enter')
  await press(page, page.getByRole('link', { name: 'open the outbox' }))
  await press(page, page.locator('main').getByRole('link', { name: 'Your sign-in link' }).first())
  await press(page, page.locator('a[href*="/sign-in/link"]').first())
  await press(page, page.getByRole('button', { name: 'Sign in' }))
  await expect(page.getByRole('heading', { name: 'Workflows', exact: true })).toBeVisible()

  await page.waitForLoadState()
  await page.keyboard.press('c')
  await expect(page.getByLabel('Name')).toBeFocused()
  await page.keyboard.type('By keys')
  await page.keyboard.press('Enter')
  await type(page, page.getByLabel('What happens in it?'), 'Read it')
  await page.keyboard.press('Enter')
  await nextByKeys(page, 'Write it', 'Prompt')
  await nextByKeys(page, 'Check it', 'Human: app')
  await press(page, page.getByRole('link', { name: 'All steps' }))

  // Reordered: the focus stays on the button, so that it can be pressed again.
  const names = page.locator('.column-name a')
  await press(page, page.getByRole('button', { name: 'Move Check it up, to place 2' }))
  await expect(names).toHaveText(['Read it', 'Check it', 'Write it'])
  await expect(page.getByText('“Check it” is now 2 of 3.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Move Check it up, to place 1' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Move Check it down, to place 3' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(names).toHaveText(['Read it', 'Write it', 'Check it'])

  // The branch, and its place among the routes.
  await press(page, page.getByRole('link', { name: 'Read it', exact: true }))
  const routes = page.locator('#handoffs')
  const fresh = routes.locator('[data-new]')
  await type(page, fresh.getByLabel('If the field'), 'input.text')
  await tabTo(page, fresh.getByLabel('Comparison'))
  await page.keyboard.type('contains')
  await type(page, fresh.getByLabel('Value'), 'spam')
  await tabTo(page, fresh.getByLabel('go to'))
  await page.keyboard.type('Comp')
  await press(page, routes.getByRole('button', { name: 'Save the routes' }))
  await press(page, routes.getByRole('button', { name: 'Move route 2 up' }))
  await expect(routes.getByLabel('If the field').first()).toHaveValue('input.text')
  await press(page, page.getByText('Try the routes'))
  await tabTo(page, page.getByLabel('or on this output, as JSON or text'))
  await page.keyboard.type('Anything')
  await press(page, page.getByRole('button', { name: 'Try it' }))
  await expect(page.locator('#trial')).toContainText('goes to Write it')

  await press(page, page.getByRole('link', { name: 'Publish…' }))
  await press(page, page.getByRole('button', { name: 'Publish version 1' }), 'Space')
  await expect(page.getByText('Version 1 is live.')).toBeVisible()

  await page.waitForLoadState()
  await page.keyboard.press('c')
  await expect(page.locator('#new-task')).toBeVisible()
  await type(page, page.getByLabel('Input'), 'Please refund me')
  await press(page, page.getByRole('button', { name: 'Start task' }))
  const person = page.locator('#col-check_it')
  await expect(person.locator('[data-card]')).toHaveCount(1)
  await press(page, person.locator('[data-card] a').first())
  await press(page, page.getByRole('link', { name: 'Look at it and decide' }))
  await press(page, page.getByRole('button', { name: /^Approve/ }))
  await expect(person.locator('[data-card]')).toHaveCount(0)
  await context.close()
})

async function nextByKeys(page: Page, name: string, kind: string): Promise<void> {
  const next = page.locator('.edit-next')
  await press(page, next.getByText('Add next step').first())
  await type(page, next.getByLabel('What happens in it?'), name)
  await tabTo(page, next.getByLabel('Who does it?'))
  await page.keyboard.type(kind)
  await press(page, next.getByRole('button', { name: 'Add next step' }))
  await expect(page.getByRole('heading', { name: new RegExp(name) })).toBeVisible()
}
