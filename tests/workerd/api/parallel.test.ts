/** Writes that come side by side: each is carried out after the other or refused with what won; none breaks, and none is lost. */
import { beforeAll, expect, test } from 'vitest'
import { publish } from '../../../src/workflow/publish.ts'
import { type Answer, aDefinition, aTeam, aWorkflow, env, type Team } from './client.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

const times = <T>(n: number, act: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, index) => act(index)))
const statuses = (answers: Answer[]) => answers.map(answer => answer.status).sort()
const ofStatus = (answers: Answer[], status: number) => answers.filter(answer => answer.status === status)
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index)
const versionsOf = (answers: Answer[]) => answers.map(answer => answer.body.version).sort((a, b) => a - b)
const anAgent = (key: string, description = 'Helps.') => ({ key, name: 'Helper', description })

test('24 publishes of one workflow become 24 versions', async () => {
  const id = await aWorkflow(team)
  const all = await times(24, n => team.call('PUT', `/workflows/${id}`, aDefinition(team, { name: `Number ${n}` })))
  expect(statuses(all)).toEqual(Array(24).fill(200))
  expect(versionsOf(all)).toEqual(upTo(25, 2))
  const live = await team.call('GET', `/workflows/${id}`)
  const last = all.findIndex(answer => answer.body.version === 25)
  expect([live.body.version, live.body.name]).toEqual([25, `Number ${last}`])
})

test('16 reverts of one workflow become 16 versions', async () => {
  const id = await aWorkflow(team)
  const all = await times(16, () => team.call('POST', `/workflows/${id}/revert`, { version: 1 }))
  expect(statuses(all)).toEqual(Array(16).fill(200))
  expect(versionsOf(all)).toEqual(upTo(17, 2))
})

test('a publish that others always overtake is a conflict that names the version that won', async () => {
  const id = await aWorkflow(team)
  // Whatever number is about to be written, somebody else writes it first.
  const rival = new Proxy(env.DB, {
    get(db, name) {
      if (name === 'batch')
        return async (statements: D1PreparedStatement[]) => {
          await db
            .prepare(
              `INSERT INTO workflow_versions SELECT workflow, version + 1, team, pinned, digest, text, format, note, created_at, created_by
               FROM workflow_versions WHERE workflow = ?1 ORDER BY version DESC LIMIT 1`,
            )
            .bind(id)
            .run()
          return db.batch(statements)
        }
      const value = Reflect.get(db, name)
      return typeof value === 'function' ? value.bind(db) : value
    },
  })
  const definition = aDefinition(team) as never
  const text = JSON.stringify(definition)
  const facts = { by: { kind: 'person', id: 'test' } as const, note: null, at: Date.now() }
  const lost = await publish(rival, {
    team: team.id,
    workflow: id,
    text,
    format: 'json',
    definition,
    agents: {},
    ...facts,
  })
  expect(lost).toMatchObject({ ok: false, problem: { kind: 'conflict', code: 'published_meanwhile' } })
  const { results } = await env.DB.prepare('SELECT max(version) AS won FROM workflow_versions WHERE workflow = ?')
    .bind(id)
    .all<{ won: number }>()
  expect(lost.ok ? '' : JSON.stringify(lost.problem)).toContain(`ersion ${results[0]!.won} `)
})

test('20 edits of one agent become 20 versions', async () => {
  await team.call('POST', '/agents', anAgent('edited'))
  const all = await times(20, n => team.call('PUT', '/agents/edited', anAgent('edited', `Helps ${n}.`)))
  expect(statuses(all)).toEqual(Array(20).fill(200))
  expect(versionsOf(all)).toEqual(upTo(21, 2))
  const current = await team.call('GET', '/agents/edited')
  const last = all.findIndex(answer => answer.body.version === 21)
  expect([current.body.version, current.body.description]).toEqual([21, `Helps ${last}.`])
})

test('of 10 who make an agent of one key one makes it, and the others learn of the version that is there', async () => {
  const all = await times(10, n => team.call('POST', '/agents', anAgent('wanted', `Helps ${n}.`)))
  expect(statuses(all)).toEqual([201, ...Array(9).fill(409)])
  for (const { body } of ofStatus(all, 409)) expect(body.error).toMatchObject({ code: 'agent_exists', version: 1 })
  expect((await team.call('GET', '/agents/wanted/versions')).body.items).toHaveLength(1)
})

test('an agent that was deleted is made again once, and its versions go on', async () => {
  await team.call('POST', '/agents', anAgent('phoenix'))
  await team.call('DELETE', '/agents/phoenix')
  const all = await times(6, () => team.call('POST', '/agents', anAgent('phoenix')))
  expect(statuses(all)).toEqual([201, ...Array(5).fill(409)])
  expect(ofStatus(all, 201)[0]!.body.version).toBe(2)
})

test('an edit does not bring back an agent that was deleted meanwhile', async () => {
  for (let round = 0; round < 4; round++) {
    const key = `gone_${round}`
    await team.call('POST', '/agents', anAgent(key))
    await Promise.all([
      ...upTo(6).map(() => team.call('PUT', `/agents/${key}`, anAgent(key))),
      team.call('DELETE', `/agents/${key}`),
    ])
    expect((await team.call('GET', `/agents/${key}`)).status).toBe(404)
  }
})

test('changes of different settings of one intake are all kept', async () => {
  const id = await aWorkflow(team)
  const made = await team.call('POST', `/workflows/${id}/intakes`, { kind: 'webhook', name: 'In' })
  const changes = [
    { name: 'Renamed' },
    { filter: 'body.ok' },
    { map: { company: '{{ body.company }}' } },
    { dedupe: { path: 'id' } },
    { limit: { count: 9, seconds: 60 } },
    { cors: ['https://shop.example'] },
  ]
  const all = await Promise.all(changes.map(change => team.call('PATCH', `/intakes/${made.body.id}`, change)))
  expect(statuses(all)).toEqual(Array(6).fill(200))
  expect((await team.call('GET', `/intakes/${made.body.id}`)).body).toMatchObject(Object.assign({}, ...changes))
})

test('a change of a webhook does not take back a secret that was rotated meanwhile', async () => {
  const id = await aWorkflow(team)
  const auth = { type: 'github' }
  const made = await team.call('POST', `/workflows/${id}/intakes`, { kind: 'webhook', name: 'In', auth })
  const at = `/intakes/${made.body.id}`
  const all = await Promise.all([
    ...upTo(3).map(() => team.call('POST', `${at}/rotate`)),
    ...upTo(3).map(n => team.call('PATCH', at, { name: `Name ${n}` })),
  ])
  expect(statuses(all)).toEqual(Array(6).fill(200))
  const { secrets } = (await team.call('GET', at)).body.auth
  expect(secrets[0].version).toBe(4)
})

test('changes of different settings of a schedule, a form and a mail intake are all kept', async () => {
  const id = await aWorkflow(team)
  const kinds = [
    {
      of: { kind: 'schedule', cron: '0 9 * * *' },
      changes: [{ name: 'A' }, { timezone: 'Europe/Berlin' }, { catchUp: 'all' }],
    },
    { of: { kind: 'form' }, changes: [{ name: 'B' }, { title: 'Hello' }, { thanks: 'Bye' }, { follow: 'status' }] },
    { of: { kind: 'email' }, changes: [{ name: 'C' }, { allow: ['@a.test'] }, { filter: 'body.ok' }] },
  ]
  for (const { of, changes } of kinds) {
    const made = await team.call('POST', `/workflows/${id}/intakes`, { name: 'In', ...of })
    const all = await Promise.all(changes.map(change => team.call('PATCH', `/intakes/${made.body.id}`, change)))
    expect(statuses(all)).toEqual(changes.map(() => 200))
    expect((await team.call('GET', `/intakes/${made.body.id}`)).body).toMatchObject(Object.assign({}, ...changes))
  }
})

test("a schedule's clock is that of its settings, whoever changed them last", async () => {
  const id = await aWorkflow(team)
  const made = await team.call('POST', `/workflows/${id}/intakes`, {
    kind: 'schedule',
    name: 'Clock',
    cron: '0 9 * * *',
  })
  const at = `/intakes/${made.body.id}`
  await Promise.all(
    upTo(8).map(n => team.call('PATCH', at, n % 2 ? { cron: `${n} ${n} * * *` } : { paused: n % 4 === 0 })),
  )
  const now = (await team.call('GET', at)).body
  const row = await env.DB.prepare('SELECT due_at FROM schedules WHERE id = ?')
    .bind(made.body.id)
    .first<{ due_at: number | null }>()
  expect(row!.due_at).toBe(now.paused ? null : Date.parse(now.next[0]))
})

test("a mail intake's address is the one that leads to it, whoever changed it last", async () => {
  const id = await aWorkflow(team)
  const made = await team.call('POST', `/workflows/${id}/intakes`, { kind: 'email', name: 'Mail' })
  const at = `/intakes/${made.body.id}`
  const tag = crypto.randomUUID().slice(0, 8)
  await Promise.all(upTo(6).map(n => team.call('PATCH', at, { address: `${tag}-${n}` })))
  const address = (await team.call('GET', at)).body.address.split('@')[0]
  const { results } = await env.DB.prepare('SELECT address FROM mail_addresses WHERE intake = ?')
    .bind(made.body.id)
    .all()
  expect(results).toEqual([{ address }])
})

test('of several who want one mail address one gets it', async () => {
  const id = await aWorkflow(team)
  const address = `wanted-${crypto.randomUUID().slice(0, 8)}`
  const all = await times(6, () => team.call('POST', `/workflows/${id}/intakes`, { kind: 'email', name: 'M', address }))
  expect(statuses(all)).toEqual([201, ...Array(5).fill(409)])
})

test('of several who roll one key one makes its successor', async () => {
  const made = await team.call('POST', '/keys', { name: 'Rolled', scopes: ['tasks:read'] })
  const all = await times(6, () => team.call('POST', `/keys/${made.body.id}/roll`))
  expect(statuses(all)).toEqual([201, ...Array(5).fill(409)])
  for (const { body } of ofStatus(all, 409)) expect(body.error.code).toBe('key_rolled')
  const keys = (await team.call('GET', '/keys')).body.items.filter((key: { name: string }) => key.name === 'Rolled')
  expect(keys).toHaveLength(2)
})

test('a key that is revoked while it is rolled leaves no successor that nobody revoked', async () => {
  for (let round = 0; round < 4; round++) {
    const name = `Leaked ${round}`
    const made = await team.call('POST', '/keys', { name, scopes: ['tasks:read'] })
    const [revoked, rolled] = await Promise.all([
      team.call('POST', `/keys/${made.body.id}/revoke`),
      team.call('POST', `/keys/${made.body.id}/roll`),
    ])
    expect(revoked.status).toBe(200)
    // Rolled first, it has a successor and was revoked after; revoked first, it is refused.
    expect([201, 409]).toContain(rolled.status)
    const keys = (await team.call('GET', '/keys')).body.items.filter((key: { name: string }) => key.name === name)
    expect(keys).toHaveLength(rolled.status === 201 ? 2 : 1)
  }
})

test('a workflow that is deleted twice at once is deleted, then not found', async () => {
  const id = await aWorkflow(team)
  const all = await times(4, () => team.call('DELETE', `/workflows/${id}`))
  expect(statuses(all)).toEqual([204, 404, 404, 404])
})

test('a workflow that is restored twice at once is restored, and who came second hears how it stands', async () => {
  const id = await aWorkflow(team)
  await team.call('POST', `/workflows/${id}/archive`)
  const all = await times(4, () => team.call('POST', `/workflows/${id}/restore`))
  expect(statuses(all)).toEqual([200, 409, 409, 409])
  for (const { body } of ofStatus(all, 409)) expect(body.error.code).toBe('wrong_status')
})

test('drafts that are kept side by side leave one of them whole', async () => {
  const id = await aWorkflow(team)
  const all = await times(8, n =>
    team.call('PUT', `/workflows/${id}?draft=1`, aDefinition(team, { name: `Draft ${n}` })),
  )
  expect(statuses(all)).toEqual(Array(8).fill(200))
  expect((await team.call('GET', `/workflows/${id}?draft=1`)).body.name).toMatch(/^Draft \d$/)
})
