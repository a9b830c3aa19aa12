/** The live board: cards come, move and go without reloading, also after the connection was away. */
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

test('hostile text on a card stays text', async ({ owner, baton }) => {
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script><b hx-get="/x">bold</b>'
  await send(baton, hostile)
  await owner.goto(await boardOf(baton, 'Customer onboarding'))
  await expect(owner.locator('#col-approve').getByText('<img src=x', { exact: false }).first()).toBeVisible()
  expect(await owner.locator('#board img, #board b[hx-get]').count()).toBe(0)
  expect(await owner.title()).not.toMatch(/^[12]$/)
})
