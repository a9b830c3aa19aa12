/** The seed: what a newcomer finds, made by really running it, and nothing for strangers. */
import { expect, test } from 'vitest'
import { callAs, eventually, fetchApi } from './client.ts'

const seed = () => fetchApi('/__local/seed', { method: 'POST', headers: { 'x-baton-local': 'test-token' } })

test('without local mode’s token there is no such route', async () => {
  for (const headers of [{}, { 'x-baton-local': 'guess' }] as Record<string, string>[]) {
    const answer = await fetchApi('/__local/seed', { method: 'POST', headers })
    expect([answer.status, answer.body.error.code]).toEqual([404, 'unknown_route'])
  }
})

test('it makes the team, its agents, workflows, intake and tasks, once', async () => {
  const first = await seed()
  expect(first.status).toBe(200)
  expect(first.body).toEqual({
    team: expect.stringMatching(/^team_/),
    apiKey: expect.stringMatching(/^btn_live_/),
    intake: expect.stringMatching(/^https:\/\/baton\.test\/in\/int_[a-z2-7]{20}$/),
    signIn: expect.stringMatching(/^https:\/\/baton\.test\/sign-in\/local\/\w{43}$/),
    seeded: true,
  })
  expect((await seed()).body).toEqual({ ...first.body, seeded: false })
  const get = (path: string) => callAs(first.body.apiKey, 'GET', path)

  const agents = (await get('/agents')).body.items.map((agent: { key: string }) => agent.key)
  expect(agents.sort()).toEqual(['researcher', 'writer'])
  const workflows = (await get('/workflows')).body.items
  expect(workflows.map((one: { name: string; status: string }) => [one.name, one.status])).toEqual([
    ['Customer onboarding', 'active'],
    ['Support triage', 'active'],
  ])
  const onboarding = (await get(`/workflows/${workflows[0].id}`)).body
  expect(onboarding.input.required).toEqual(['company', 'email'])
  const statuses = await eventually(async () => {
    const { items } = (await get('/tasks')).body
    const found = items.map((item: { title: string; status: string; visit: number }) => `${item.title}: ${item.status}`)
    expect(found).toHaveLength(7)
    expect(found).not.toContainEqual(expect.stringContaining('running'))
    return found.sort()
  })
  expect(statuses).toEqual([
    'Cannot log in: done',
    'Charged twice: done',
    'Globex: waiting',
    'Initech: waiting',
    'Northwind Traders: done',
    'Third time: waiting',
    'Umbrella Health: cancelled',
  ])
})

test('what was rejected went back to the draft with the note in its prompt', async () => {
  const { apiKey } = (await seed()).body
  const list = await callAs(apiKey, 'GET', '/tasks?status=waiting')
  const globex = list.body.items.find((item: { title: string }) => item.title === 'Globex')
  const task = (await callAs(apiKey, 'GET', `/tasks/${globex.id}`)).body
  expect(task).toMatchObject({ step: 'approve', visit: 5 })
  expect(task.outputs.draft).toContain('Too formal.')
})

test('a delivery to the seeded intake becomes a task', async () => {
  const { apiKey, intake } = (await seed()).body
  const sent = await fetchApi(new URL(intake).pathname, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company: 'Hooli', email: 'gavin@hooli.example', extra: true }),
  })
  expect(sent.status).toBe(202)
  await eventually(async () => {
    const task = await callAs(apiKey, 'GET', `/tasks/${sent.body.task.id}`)
    expect(task.body).toMatchObject({ status: 'waiting', step: 'approve', input: { extra: true } })
  })
})
