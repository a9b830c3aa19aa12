/** The index's reads of tasks that ask several people at once: each question is found, counted and filtered by itself. */
import { afterEach, expect, test } from 'vitest'
import type { CardAsk } from '../../../src/domain/task/told/card.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { readCursor } from '../../../src/records/cursor.ts'
import { countQuestions, listQuestions } from '../../../src/records/task/approvals.ts'
import { boardRows } from '../../../src/records/task/boards.ts'
import { env, eventually } from '../api/client.ts'
import { ANA, aQuestion, BEN } from './world.ts'

afterEach(() => scriptModels(null))

const CLEO = 'cleo@guests.test'
const PAST = 1_000

/** A task whose row in the index asks as these people are asked, one question for each list. */
async function asking(...people: { email: string; decided?: boolean; due?: number }[][]) {
  const world = await aQuestion()
  const { id } = world.team
  await eventually(async () => expect(await countQuestions(env.DB, id, ANA)).toBe(1))
  const [first] = (await listQuestions(env.DB, id, {}, null)).items
  const asks = people.map((assignees, index): CardAsk & { name: string } => ({
    ...first!.ask,
    run: index + 1,
    name: `part ${index + 1}`,
    assignees: assignees.map(({ email, decided = false }) => ({ email, decided })),
    due: assignees[0]?.due ?? null,
  }))
  await env.DB.prepare("UPDATE tasks SET card = json_set(card, '$.asks', json(?2)) WHERE id = ?1")
    .bind(world.task, JSON.stringify(asks))
    .run()
  return world
}

test('each open question is an item and is counted, for whom it waits and not for others', async () => {
  const { team, task, workflow } = await asking(
    [{ email: ANA }],
    [{ email: BEN, decided: true }, { email: CLEO }],
    [{ email: ANA }, { email: CLEO, due: PAST }],
  )
  const runsOf = async (filter: Parameters<typeof listQuestions>[2]) =>
    (await listQuestions(env.DB, team.id, filter, null)).items.map(({ task: id, ask }) => [id, ask.run])
  expect(await runsOf({})).toEqual([1, 2, 3].map(run => [task, run]))
  expect(await runsOf({ of: ANA })).toEqual([1, 3].map(run => [task, run]))
  expect(await runsOf({ of: CLEO })).toEqual([2, 3].map(run => [task, run]))
  expect(await runsOf({ of: BEN })).toEqual([])
  const counts = [ANA, BEN, CLEO].map(address => countQuestions(env.DB, team.id, address))
  expect(await Promise.all(counts)).toEqual([2, 0, 2])
  const board = (assignee: string) => boardRows(env.DB, team.id, workflow, ['draft', 'approve', 'send'], { assignee })
  for (const address of [ANA, BEN, CLEO]) expect((await board(address)).cards.map(card => card.id)).toEqual([task])
  expect((await board('nobody@guests.test')).cards).toEqual([])
})

test('only those that are late are overdue', async () => {
  const { team } = await asking([{ email: ANA }], [{ email: BEN, due: PAST }], [{ email: CLEO, due: Date.now() * 2 }])
  const late = await listQuestions(env.DB, team.id, { dueBefore: Date.now() }, null)
  expect(late.items.map(item => item.ask.run)).toEqual([2])
})

test('a page that ends between two questions of a task goes on with the next', async () => {
  const parts = Array.from({ length: 60 }, () => [{ email: ANA }])
  const { team } = await asking(...parts)
  const first = await listQuestions(env.DB, team.id, { of: ANA }, null)
  const second = await listQuestions(env.DB, team.id, { of: ANA }, readCursor(first.next!))
  const runs = [...first.items, ...second.items].map(item => item.ask.run)
  expect(runs).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  expect(second.next).toBe(null)
})

test('the API lists each with its run and name, and a link for each who is asked', async () => {
  const { team, task } = await asking([{ email: ANA }], [{ email: BEN, decided: true }, { email: CLEO }])
  const { items } = (await team.call('GET', '/approvals')).body
  expect(items).toMatchObject([
    { task: { id: task }, run: 1, name: 'part 1' },
    { task: { id: task }, run: 2, name: 'part 2' },
  ])
  expect(items.map((item: { links: object }) => Object.keys(item.links))).toEqual([[ANA], [CLEO]])
  const links = items.flatMap((item: { links: Record<string, string> }) => Object.values(item.links))
  expect(new Set(links).size).toBe(2)
})
