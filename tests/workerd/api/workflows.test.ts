/** Workflows by API: versions that never change, drafts, YAML, pausing, archiving; agents and their versions. */
import { beforeAll, expect, test } from 'vitest'
import { usesOfAgent } from '../../../src/records/definitions/agent-uses.ts'
import { aDefinition, aTask, aTeam, aWorkflow, callAs, env, fetchApi, type Team } from './client.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

const put = (path: string, text: string) =>
  fetchApi(`/api/v1${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${team.key}`, 'content-type': 'application/yaml' },
    body: text,
  })
const getYaml = (path: string) => callAs(team.key, 'GET', path, undefined, { accept: 'application/yaml' })

test('each PUT is a new version; earlier ones read back unchanged', async () => {
  const id = await aWorkflow(team)
  const second = await team.call('PUT', `/workflows/${id}`, aDefinition(team, { name: 'Second' }))
  expect([second.status, second.body.version]).toEqual([200, 2])
  const versions = await team.call('GET', `/workflows/${id}/versions`)
  expect(versions.body.items.map((one: { version: number; live: boolean }) => [one.version, one.live])).toEqual([
    [2, true],
    [1, false],
  ])
  expect(versions.body.items[0]).toMatchObject({ createdBy: team.keyId, createdAt: expect.any(String) })
  expect((await team.call('GET', `/workflows/${id}/versions/1`)).body).toMatchObject({ name: 'Reviews', version: 1 })
  expect((await team.call('GET', `/workflows/${id}/versions/2`)).body).toMatchObject({ name: 'Second', version: 2 })
  for (const version of ['3', '0', '-1', '1.5', 'x', '99999999999']) {
    expect((await team.call('GET', `/workflows/${id}/versions/${version}`)).status).toBe(404)
  }
})

test('a revert is a new version of the old text', async () => {
  const id = await aWorkflow(team)
  await team.call('PUT', `/workflows/${id}`, aDefinition(team, { name: 'Second' }))
  const reverted = await team.call('POST', `/workflows/${id}/revert`, { version: 1 })
  expect(reverted.body).toMatchObject({ id, version: 3, lint: expect.any(Array) })
  expect((await team.call('GET', `/workflows/${id}`)).body).toMatchObject({ name: 'Reviews', version: 3 })
  const unknown = await team.call('POST', `/workflows/${id}/revert`, { version: 12 })
  expect([unknown.status, unknown.body.error.code]).toEqual([422, 'unknown_version'])
})

test('publishing at once from several sides gives each its own version, and the last one is live', async () => {
  const id = await aWorkflow(team)
  const names = ['a', 'b', 'c', 'd', 'e']
  const all = await Promise.all(names.map(name => team.call('PUT', `/workflows/${id}`, aDefinition(team, { name }))))
  expect(all.map(one => one.body.version).sort()).toEqual([2, 3, 4, 5, 6])
  const live = await team.call('GET', `/workflows/${id}`)
  expect(live.body.version).toBe(6)
  const newest = names[all.findIndex(one => one.body.version === 6)]
  expect(live.body.name).toBe(newest)
})

test('YAML keeps its comments, whatever is published later', async () => {
  const id = await aWorkflow(team)
  const text = `# for ${team.owner}\nbaton: 1\nname: In YAML\nsteps:\n  - key: look # a person\n    human: { assign: ["${team.owner}"] }\n    handoffs: [{ when: done, to: complete }]\n`
  const published = await put(`/workflows/${id}`, text)
  expect([published.status, published.body.version]).toEqual([200, 2])
  const yaml = await getYaml(`/workflows/${id}`)
  expect(yaml.headers.get('content-type')).toContain('application/yaml')
  expect(yaml.text).toBe(text)
  expect((await team.call('GET', `/workflows/${id}`)).body.steps[0].key).toBe('look')
  expect((await getYaml(`/workflows/${id}/versions/1`)).text).toContain('name: Reviews')
})

test('a draft is kept beside the live version, may be wrong, and is gone once something is published', async () => {
  const id = await aWorkflow(team)
  const broken = { name: 'Half done', steps: [{ key: 'x', nonsense: true }] }
  const kept = await team.call('PUT', `/workflows/${id}?draft=1`, broken)
  expect([kept.status, kept.body.version]).toEqual([200, 1])
  expect(kept.body.lint.length).toBeGreaterThan(0)
  expect((await team.call('GET', `/workflows/${id}?draft=1`)).body).toMatchObject({ ...broken, id, version: 1 })
  expect((await team.call('GET', `/workflows/${id}`)).body.name).toBe('Reviews')
  await team.call('PUT', `/workflows/${id}`, aDefinition(team, { name: 'Whole' }))
  expect((await team.call('GET', `/workflows/${id}?draft=1`)).body.name).toBe('Whole')
})

test('a workflow may begin as a draft: it takes tasks once it is published', async () => {
  const made = await team.call('POST', '/workflows?draft=1', { name: 'Just begun' })
  expect(made.status).toBe(201)
  expect(made.body.version).toBeNull()
  const { id } = made.body
  expect((await team.call('GET', `/workflows/${id}`)).body).toEqual({
    id,
    name: 'Just begun',
    version: null,
    status: 'draft',
  })
  const early = await team.call('POST', `/workflows/${id}/tasks`, { input: {} })
  expect([early.status, early.body.error.code]).toEqual([409, 'not_published'])
  expect((await team.call('POST', `/workflows/${id}/activate`)).body.error.code).toBe('not_published')
  await team.call('PUT', `/workflows/${id}`, aDefinition(team))
  expect((await team.call('GET', `/workflows/${id}`)).body).toMatchObject({ version: 1, status: 'active' })
  await aTask(team, id)
})

test('a definition with errors is refused, all of them listed, and nothing is made', async () => {
  const before = (await team.call('GET', '/workflows')).body.items.length
  const wrong = aDefinition(team, { steps: [{ key: 'x', agent: 'nobody', handoffs: [{ to: 'nowhere' }] }] })
  const refused = await team.call('POST', '/workflows', wrong)
  expect([refused.status, refused.body.error.code]).toEqual([422, 'invalid_definition'])
  expect(refused.body.error.path).toMatch(/steps/)
  expect(refused.body.lint).toContainEqual(
    expect.objectContaining({ level: 'error', message: expect.any(String), fix: expect.any(String) }),
  )
  expect((await team.call('GET', '/workflows')).body.items).toHaveLength(before)
})

test('a paused workflow refuses new tasks at once, lets running ones go on, and keeps the answer to an old key', async () => {
  const id = await aWorkflow(team)
  const running = await aTask(team, id)
  const start = (key: string) =>
    team.call('POST', `/workflows/${id}/tasks`, { input: { company: 'A' } }, { 'idempotency-key': key })
  const before = await start('before')
  expect((await team.call('POST', `/workflows/${id}/pause`)).body).toEqual({ id, status: 'paused' })
  const refused = await start('after')
  expect([refused.status, refused.body.error.code]).toEqual([409, 'workflow_paused'])
  const again = await start('before')
  expect([again.status, again.body.id]).toEqual([200, before.body.id])
  expect((await team.call('POST', `/tasks/${running}/rerun`)).body.error.code).toBe('workflow_paused')
  expect((await team.call('POST', `/tasks/${running}/decide`, { handoff: 'approved' })).body.status).toBe('done')
  expect((await team.call('POST', `/workflows/${id}/activate`)).body).toEqual({ id, status: 'active', held: 0 })
  expect((await start('after')).status).toBe(201)
})

test('what was started keeps its answer when a later version would not take it, and when the workflow is archived', async () => {
  const id = await aWorkflow(team)
  const start = () =>
    team.call('POST', `/workflows/${id}/tasks`, { input: { company: 'A' } }, { 'idempotency-key': 'stays' })
  const first = await start()
  await team.call('PUT', `/workflows/${id}`, aDefinition(team, { input: { type: 'object', required: ['email'] } }))
  const again = await start()
  expect([again.status, again.body.id]).toEqual([200, first.body.id])
  await team.call('POST', `/workflows/${id}/archive`)
  expect((await start()).status).toBe(200)
  const other = await team.call('POST', `/workflows/${id}/tasks`, { input: {} }, { 'idempotency-key': 'stays' })
  expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch'])
})

test('an archived workflow takes no tasks until it is restored; a deleted one is gone', async () => {
  const id = await aWorkflow(team)
  const task = await aTask(team, id)
  await team.call('POST', `/workflows/${id}/archive`)
  const refused = await team.call('POST', `/workflows/${id}/tasks`, { input: { company: 'A' } })
  expect([refused.status, refused.body.error.code]).toEqual([409, 'workflow_archived'])
  expect((await team.call('POST', `/workflows/${id}/activate`)).body.error.code).toBe('workflow_archived')
  expect((await team.call('POST', `/workflows/${id}/restore`)).body.status).toBe('paused')
  expect((await team.call('DELETE', `/workflows/${id}`)).status).toBe(204)
  for (const [method, path] of [
    ['GET', ''],
    ['PUT', ''],
    ['DELETE', ''],
    ['POST', '/pause'],
    ['POST', '/tasks'],
  ]) {
    const body =
      method === 'GET' || method === 'DELETE'
        ? undefined
        : path === ''
          ? aDefinition(team)
          : { input: { company: 'A' } }
    expect((await team.call(method!, `/workflows/${id}${path}`, body)).status, `${method} ${path}`).toBe(404)
  }
  expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('waiting')
})

test('lists come in pages of fifty, newest first, without gaps or doubles', async () => {
  const other = await aTeam()
  const at = Date.now()
  const rows = Array.from({ length: 120 }, (_, n) =>
    env.DB.prepare(
      `INSERT INTO workflows (id, team, name, status, created_at, created_by, updated_at) VALUES (?1, ?2, ?3, 'draft', ?4, 'test', ?4)`,
    ).bind(
      `wf_${String(n)
        .padStart(20, 'a')
        .replace(/\d/g, digit => 'bcdefghijk'[Number(digit)]!)}`,
      other.id,
      `n${n}`,
      at + Math.floor(n / 3),
    ),
  )
  await env.DB.batch(rows)
  const seen: string[] = []
  let cursor: string | null = ''
  for (let pages = 0; cursor !== null; pages++) {
    const page = await other.call('GET', `/workflows${cursor && `?cursor=${cursor}`}`)
    expect(page.body.items.length).toBe(pages < 2 ? 50 : 20)
    seen.push(...page.body.items.map((item: { createdAt: string; id: string }) => `${item.createdAt} ${item.id}`))
    cursor = page.body.next
  }
  expect(new Set(seen).size).toBe(120)
  expect(seen).toEqual([...seen].sort().reverse())
  const bad = await other.call('GET', '/workflows?cursor=nonsense')
  expect([bad.status, bad.body.error.code]).toEqual([422, 'invalid_cursor'])
})

test('an agent is versioned, and a published workflow keeps the version it named', async () => {
  const agent = { key: 'helper', name: 'Helper', description: 'You help.', model: 'demo' }
  const made = await team.call('POST', '/agents', agent)
  expect([made.status, made.body]).toEqual([201, { key: 'helper', version: 1, lint: [] }])
  const twice = await team.call('POST', '/agents', agent)
  expect([twice.status, twice.body.error.code]).toEqual([409, 'agent_exists'])
  const steps = [
    { key: 'help', agent: 'helper', instructions: 'Help {{ input.company }}.', handoffs: [{ to: 'complete' }] },
  ]
  const workflow = await aWorkflow(team, { steps })
  const { key: _key, ...rest } = agent
  const edited = await team.call('PUT', '/agents/helper', { ...rest, description: 'You help more.' })
  expect(edited.body.version).toBe(2)
  expect((await team.call('GET', '/agents/helper')).body).toMatchObject({ version: 2, description: 'You help more.' })
  expect((await team.call('GET', '/agents/helper/versions/1')).body.description).toBe('You help.')
  expect(
    (await team.call('GET', '/agents/helper/versions')).body.items.map((one: { version: number }) => one.version),
  ).toEqual([2, 1])
  expect((await team.call('GET', `/workflows/${workflow}/versions/1`)).body.agents).toEqual({ helper: 1 })
  await team.call('PUT', `/workflows/${workflow}`, aDefinition(team, { steps }))
  expect((await team.call('GET', `/workflows/${workflow}/versions/2`)).body.agents).toEqual({ helper: 2 })
  const renamed = await team.call('PUT', '/agents/helper', { ...agent, key: 'other' })
  expect([renamed.status, renamed.body.error.path]).toEqual([422, 'key'])
})

test('a deleted agent stays for who named it, is unknown to who would, and goes on counting when made again', async () => {
  await team.call('POST', '/agents', { key: 'brief', name: 'Brief', description: 'x' })
  expect((await team.call('DELETE', '/agents/brief')).status).toBe(204)
  expect((await team.call('GET', '/agents/brief')).status).toBe(404)
  expect((await team.call('GET', '/agents')).body.items.map((one: { key: string }) => one.key)).not.toContain('brief')
  const again = await team.call('POST', '/agents', { key: 'brief', name: 'Brief', description: 'y' })
  expect(again.body.version).toBe(2)
})

test('an agent that a branch or the work on each item names is used by that step', async () => {
  const team = await aTeam()
  const agent = { key: 'writer', name: 'Writer', description: 'Writes.', model: 'demo' }
  expect((await team.call('POST', '/agents', agent)).status).toBe(201)
  const work = { agent: 'writer', instructions: 'Write {{ input.company }}.' }
  const steps = [
    { key: 'both', parallel: { branches: { a: work, b: work } }, handoffs: [{ to: 'each' }] },
    { key: 'each', map: { over: '{{ input.lines }}', do: work }, handoffs: [{ to: 'plain' }] },
    { key: 'plain', ...work, handoffs: [{ to: 'complete' }] },
  ]
  const made = await team.call('POST', '/workflows', { baton: 1, name: 'Three ways', owner: team.owner, steps })
  expect([made.status, made.body.lint]).toEqual([201, []])
  const [use, ...others] = await usesOfAgent(env.DB, team.id, 'writer')
  expect(others).toEqual([])
  expect([use!.id, use!.steps.toSorted()]).toEqual([made.body.id, ['both', 'each', 'plain']])
  const changed = { baton: 1, name: 'One way', owner: team.owner, steps: [{ ...steps[2], key: 'only' }] }
  expect((await team.call('PUT', `/workflows/${made.body.id}`, changed)).status).toBe(200)
  expect((await usesOfAgent(env.DB, team.id, 'writer')).map(each => each.steps)).toEqual([['only']])
})
