/** What a task and a question look like on paper. */
import { api, expect, test } from './world.ts'

interface Tasks {
  items: { id: string }[]
}
interface Approvals {
  items: { links: Record<string, string> }[]
}

test('a task prints with its folds open and its times in full, and without what needs a finger', async ({
  owner,
  baton,
}) => {
  const [task] = (await api<Tasks>(baton, '/tasks?status=done')).items
  await owner.goto(`${baton.url}/tasks/${task!.id}`)
  await expect(owner.locator('.topbar')).toBeVisible()
  await owner.emulateMedia({ media: 'print', colorScheme: 'dark' })
  for (const gone of ['.topbar', '.task .menu', '.subnav']) await expect(owner.locator(gone).first()).toBeHidden()
  await expect(owner.getByText(`${task!.id} · printed`)).toBeVisible()
  const folds = await owner.locator('.task details:not(.menu) > :not(summary)').all()
  expect(folds.length).toBeGreaterThan(2)
  for (const fold of folds) {
    expect((await fold.boundingBox())?.height ?? 0).toBeGreaterThan(0)
  }
  const time = owner.locator('.task .time[title]').first()
  expect(
    await time.evaluate(element => element.ownerDocument.defaultView!.getComputedStyle(element, '::after').content),
  ).toMatch(/\d{2}/)
  const pages = await owner.pdf({ format: 'A4' })
  expect(pages.length).toBeGreaterThan(5000)
})

test('a question prints with its draft and what led to it, without its buttons', async ({ owner, baton }) => {
  const [item] = (await api<Approvals>(baton, '/approvals')).items
  await owner.goto(Object.values(item!.links)[0]!)
  await owner.emulateMedia({ media: 'print' })
  await expect(owner.getByRole('region', { name: /Output of/ })).toBeVisible()
  await expect(owner.locator('.approval-actions')).toBeHidden()
  await expect(owner.getByLabel('Note')).toBeHidden()
  await expect(owner.getByText('Edit it before you decide')).toBeHidden()
})
