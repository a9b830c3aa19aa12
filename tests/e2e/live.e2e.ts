/** The live board: cards come, move and go without reloading, also after the connection was away. */
import type { Page } from '@playwright/test'
import { api, boardOf, expect, test } from './world.ts'

const send = (baton: { intake: string; apiKey: string }, company: string) =>
  fetch(baton.intake, {
    method: 'POST',
    headers: { authorization: `Bearer ${baton.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company, email: 'l@live.test' }),
  }).then(response => response.json() as Promise<{ task: { id: string } }>)

test('a task that comes by webhook appears, and leaves for Recently completed when an API client approves it', async ({
  owner,
  baton,
}) => {
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  const { task } = await send(baton, 'Live Wire')
  await expect(owner.locator('#col-approve').getByText('Live Wire')).toBeVisible()
  await api(baton, `/tasks/${task.id}/decide`, { handoff: 'approved' })
  await expect(owner.locator('#col-approve').getByText('Live Wire')).toHaveCount(0)
  await expect(owner.locator('#board').getByText('Live Wire')).toBeVisible()
})

test('what happened while the browser was offline is there when it comes back', async ({ owner, baton, context }) => {
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  await owner.waitForTimeout(500)
  await context.setOffline(true)
  await send(baton, 'Meanwhile Inc')
  await owner.waitForTimeout(1500)
  await context.setOffline(false)
  await expect(owner.locator('#col-approve').getByText('Meanwhile Inc')).toBeVisible({ timeout: 30_000 })
})

/** Stands between the page and the server: what it lets through, and how many lines were opened. */
async function between(page: Page) {
  const line = {
    opened: 0,
    isCut: false,
    heard: [] as string[],
    close: (_: { code: number; reason: string }) => {},
    say: (_: string) => {},
  }
  await page.routeWebSocket(/\/live$/, ours => {
    line.opened++
    const theirs = ours.connectToServer()
    const first = line.opened === 1
    const through = () => !(first && line.isCut)
    ours.onMessage(message => through() && theirs.send(message))
    line.say = text => ours.send(text)
    theirs.onMessage(message => {
      line.heard.push(String(message))
      if (through()) ours.send(message)
    })
    if (first) line.close = close => void ours.close(close)
  })
  return line
}

test('when the server ends the line after its hour, the page opens another and misses nothing', async ({
  owner,
  baton,
}) => {
  const line = await between(owner)
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  await expect.poll(() => line.opened).toBe(1)
  await send(baton, 'Before the hour')
  await expect(owner.locator('#col-approve').getByText('Before the hour')).toBeVisible()
  line.close({ code: 1012, reason: 'an hour is over' })
  await send(baton, 'In between')
  await expect.poll(() => line.opened).toBe(2)
  await expect(owner.locator('#col-approve').getByText('In between')).toBeVisible()
  await send(baton, 'After the hour')
  await expect(owner.locator('#col-approve').getByText('After the hour')).toBeVisible()
})

test('a line that a sleep has cut looks open; the page notices, opens another and catches up', async ({
  owner,
  baton,
}) => {
  await owner.clock.install()
  const line = await between(owner)
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  await expect.poll(() => line.opened).toBe(1)
  await expect(owner.locator('.card').first()).toBeVisible()
  await owner.clock.fastForward(1000)
  line.isCut = true
  await send(baton, 'While asleep')
  await expect(async () => {
    // Two beats without an answer, then the wait before a new try.
    await owner.clock.fastForward(26_000)
    expect(line.opened).toBeGreaterThan(1)
  }).toPass()
  await owner.clock.resume()
  await expect(owner.locator('#col-approve').getByText('While asleep')).toBeVisible()
})

test('a board that is left open shows its tasks and nothing else that came down the line', async ({ owner, baton }) => {
  await owner.clock.install()
  const line = await between(owner)
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  await expect.poll(() => line.opened).toBe(1)
  await expect(owner.locator('.card').first()).toBeVisible()
  await expect(async () => {
    await owner.clock.fastForward(26_000)
    expect(line.heard).toContain('pong')
  }).toPass()
  const others = [
    'hello',
    '',
    '"quoted"',
    '7',
    'null',
    '{"content":"<b>content</b>"}',
    '{"payload":"payload"}',
    '{"cards":1}',
  ]
  for (const frame of others) line.say(frame)
  await owner.clock.resume()
  await send(baton, 'After the others')
  await expect(owner.locator('#col-approve').getByText('After the others')).toBeVisible()
  await expect(owner.locator('#board-live')).toBeEmpty()
  for (const text of ['pong', 'hello', 'quoted', 'content', 'payload']) {
    expect(await owner.getByText(text, { exact: true }).count(), text).toBe(0)
  }
  expect(line.opened).toBe(1)
})

test('what happened before the board’s script was there is fetched when it comes', async ({ owner, baton }) => {
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  await owner.route('**/js/board.js', async route => {
    await held
    await route.continue()
  })
  const line = owner.waitForEvent('websocket')
  await owner.goto(await boardOf(baton, 'Customer onboarding'), { waitUntil: 'commit' })
  const socket = await line
  const heard = socket.waitForEvent('framereceived', frame => String(frame.payload).includes('Early Bird'))
  await send(baton, 'Early Bird')
  await heard
  release()
  await expect(owner.locator('#col-approve').getByText('Early Bird')).toBeVisible()
})

test('what is done in the drawer is told there, and its card has the focus again when it closes', async ({
  owner,
  baton,
}) => {
  const failing = {
    baton: 1,
    name: 'Always fails',
    steps: [{ key: 'only', prompt: '{{ input.missing }}', model: 'demo', handoffs: [{ to: 'complete' }] }],
  }
  const { id } = await api<{ id: string }>(baton, '/workflows', failing)
  await api(baton, `/workflows/${id}/tasks`, { input: {}, title: 'Falls over' })
  await owner.goto(`${baton.url}/workflows/${id}`)
  await owner.getByRole('link', { name: 'Falls over' }).click()
  const drawer = owner.locator('.drawer')
  await drawer
    .getByRole('button', { name: /^Retry/ })
    .first()
    .click()
  await expect(drawer.getByRole('status')).toContainText('It is tried again')
  await owner.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
  await expect(owner.getByRole('link', { name: 'Falls over' })).toBeFocused()
  await expect(owner.locator('body > #toasts')).toContainText('It is tried again')
})

test('hostile text on a card stays text', async ({ owner, baton }) => {
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script><b hx-get="/x">bold</b>'
  await send(baton, hostile)
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  await expect(owner.locator('#col-approve').getByText('<img src=x', { exact: false }).first()).toBeVisible()
  expect(await owner.locator('#board img, #board b[hx-get]').count()).toBe(0)
  expect(await owner.title()).not.toMatch(/^[12]$/)
})
