/** What a publish leaves of a task that it moves: outputs, log and links; and of one that finishes on its version. */
import { afterEach, expect, it } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { env, eventually, fetchApi } from '../api/client.ts'
import { ANA, aQuestion, BEN, choose, drafts, waiting } from '../approval/world.ts'
import { Browser } from '../team/browser.ts'

afterEach(() => scriptModels(null))

/** The paths of the links that this person was mailed for this task, oldest first. */
async function mailed(task: string, recipient: string): Promise<string[]> {
  const { results } = await env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1 ORDER BY id')
    .bind(recipient)
    .all<{ text: string }>()
  const links = results.flatMap(({ text }) => text.match(/https:\/\/baton\.test\/a\/\S+/g) ?? [])
  const taskOf = (link: string) =>
    JSON.parse(atob(link.split('/a/')[1]!.split('.')[0]!.replaceAll('-', '+').replaceAll('_', '/'))).task
  return links.filter(link => taskOf(link) === task).map(link => new URL(link).pathname)
}

it('a moved task keeps its outputs and its log, its old link helps, and the new question has a link of its own; one that finishes on its version keeps its link', {
  timeout: 60_000,
}, async () => {
  const moves = await aQuestion()
  const { team, workflow, task } = moves
  const at = `/workflows/${workflow}`
  const second = await team.call('POST', `${at}/tasks`, { input: { company: 'Orbit' } })
  const stays = second.body.id as string
  await waiting({ team, task: stays })
  const [old, kept] = await eventually(async () => {
    const links = [await mailed(task, ANA), await mailed(stays, ANA)]
    expect(links.map(each => each.length)).toEqual([1, 1])
    return links.map(each => each[0]!)
  })
  const eventsOf = async (id: string) => (await team.call('GET', `/tasks/${id}/events?limit=200`)).body.items
  const before = await eventsOf(task)

  // Version 2: the approval asks Ana something else, under another key.
  const next = drafts()
  const [draft, , send] = next.steps as Record<string, unknown>[]
  const check = {
    key: 'check',
    name: 'Check the facts',
    human: { assign: [ANA], instructions: 'Facts of {{ steps.draft.output }}', edits: 'draft' },
    handoffs: [{ when: 'approved', to: 'send' }],
  }
  const steps = [{ ...draft, handoffs: [{ to: 'check' }] }, check, send]
  await team.call('PUT', `${at}?draft=1`, { ...next, steps })
  const owner = new Browser()
  await owner.signIn(team.owner)
  const page = await eventually(async () => {
    const { text } = await owner.open(`${at}/publish`)
    expect(text).toContain(`name="task-${stays}"`)
    return text
  })
  const visitOf = (id: string) => new RegExp(`name="visit-${id}" value="(\\d+)"`).exec(page)![1]!
  const published = await owner.send(`${at}/publish`, {
    revision: /name="revision" value="(\w+)"/.exec(page)![1]!,
    all: 'each',
    [`task-${task}`]: 'step:check',
    [`visit-${task}`]: visitOf(task),
    [`task-${stays}`]: 'finish',
    [`visit-${stays}`]: visitOf(stays),
  })
  expect(published.location).toBe(at)

  // Its outputs, and every event that it had.
  const read = (await team.call('GET', `/tasks/${task}`)).body
  expect(read).toMatchObject({ version: 2, step: 'check', status: 'waiting', input: { company: 'Nimbus' } })
  expect(JSON.stringify((await moves.stub.view())!)).toContain('Hi Nimbus team, welcome.')
  expect((await eventsOf(task)).slice(0, before.length)).toEqual(before)

  // The old link decides nothing and says where the task is.
  const gone = await fetchApi(old!)
  expect(gone.status).toBe(410)
  expect(gone.text).toContain('The task went on in a newer version of its workflow')
  expect(gone.text).toContain('Check the facts')
  expect(gone.text).toContain('you get a new link')
  expect((await choose(old!, 'approved', { seen: 'x' })).status).toBe(410)
  expect((await team.call('GET', `/tasks/${task}`)).body.step).toBe('check')

  // The new question came with a link of its own, reads the kept output, and is decided by it.
  const fresh = await eventually(async () => {
    const links = await mailed(task, ANA)
    expect(links).toHaveLength(2)
    return links[1]!
  })
  const question = await fetchApi(fresh)
  expect([question.status, question.text.includes('Facts of Hi Nimbus team, welcome.')]).toEqual([200, true])
  expect((await choose(fresh, 'approved')).status).toBe(303)
  expect((await team.call('GET', `/tasks/${task}`)).body).toMatchObject({ version: 2, step: 'send' })

  // The other task goes on as it began, by the link that it had.
  expect((await fetchApi(kept!)).status).toBe(200)
  expect((await choose(kept!, 'approved')).status).toBe(303)
  expect((await team.call('GET', `/tasks/${stays}`)).body).toMatchObject({ version: 1, step: 'send' })
  await eventually(async () => expect(await mailed(stays, BEN)).toHaveLength(2))
})
