/** The ear on the browser's console, which every other test relies on: what it is there to hear it does hear. */
import { expect, test } from './world.ts'

test('a script against the policy and an error that nobody caught are complained of', async ({ owner, complaints }) => {
  await expect(owner.getByRole('heading', { name: 'Workflows' })).toBeVisible()
  expect(complaints).toEqual([])
  await owner.evaluate(`document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))`)
  await expect.poll(() => complaints.join()).toMatch(/Content Security Policy/)
  complaints.length = 0
  await owner.evaluate(`setTimeout(() => { throw new Error('nobody caught this') })`)
  await expect.poll(() => complaints.join()).toContain('error: nobody caught this')
  complaints.length = 0
})
