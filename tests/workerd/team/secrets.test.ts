/** A team's secrets: set by page and API, replaced, deleted on record, and never shown to anybody. */
import { beforeAll, expect, test } from 'vitest'
import { secretsByName } from '../../../src/records/people/secrets.ts'
import { sealedTo } from '../../../src/team/secrets/secrets.ts'
import { unseal } from '../../../src/team/vault.ts'
import { aTeam, env, type Team } from '../api/client.ts'
import { aMember, Browser } from './browser.ts'

const CANARY = 'canary-5b7a91d2e0'
let team: Team
let owner: Browser

beforeAll(async () => {
  team = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
})

const opened = async (name: string, of = team) => {
  const [secret] = await secretsByName(env.DB, of.id, [name])
  return secret === undefined ? null : unseal(env, sealedTo(of.id, name), secret.sealed)
}

test('is set, listed without its value, used for what names it, and deleted', async () => {
  const set = await team.call('PUT', '/secrets/crm', { value: CANARY, hosts: ['API.crm.example'], note: 'From Kim' })
  expect(set).toMatchObject({
    status: 200,
    body: { name: 'crm', hosts: ['api.crm.example'], version: 1, note: 'From Kim' },
  })
  expect(await opened('crm')).toBe(CANARY)
  const steps = [
    {
      key: 'call',
      http: { url: 'https://api.crm.example/', headers: { authorization: 'Bearer {{ secrets.crm }}' } },
      handoffs: [{ to: 'complete' }],
    },
  ]
  const made = await team.call('POST', '/workflows', { baton: 1, name: 'Calls', owner: team.owner, steps })
  expect(made).toMatchObject({ status: 201, body: { lint: [] } })
  const list = await team.call('GET', '/secrets')
  expect(list.body.items).toMatchObject([
    { name: 'crm', lastUsedAt: null, usedBy: [{ kind: 'workflow', name: 'Calls' }] },
  ])
  expect(list.text + set.text).not.toContain(CANARY)

  const replaced = await team.call('PUT', '/secrets/crm', { value: `${CANARY}-2`, hosts: ['api.crm.example'] })
  expect(replaced).toMatchObject({ status: 200, body: { version: 2, note: null } })
  expect(await opened('crm')).toBe(`${CANARY}-2`)
  expect((await team.call('DELETE', '/secrets/crm')).status).toBe(204)
  expect((await team.call('DELETE', '/secrets/crm')).status).toBe(404)
  expect(await opened('crm')).toBe(null)
  const again = await team.call('POST', '/workflows', { baton: 1, name: 'Calls', owner: team.owner, steps })
  expect(again).toMatchObject({ status: 422, body: { lint: [{ code: 'secret_missing' }] } })
  const audit = await team.call('GET', '/audit?type=secret.set')
  expect(audit.body.items).toHaveLength(2)
  expect(audit.text).not.toContain(CANARY)
})

test.each([
  ['name', 'Crm', { value: 'long enough', hosts: ['a.example'] }],
  ['value', 'crm', { value: '', hosts: ['a.example'] }],
  ['value', 'crm', { value: 'short', hosts: ['a.example'] }],
  ['value', 'crm', { value: 'Bearer 12345', hosts: ['a.example'] }],
  ['value', 'crm', { value: 'longer\nby a line', hosts: ['a.example'] }],
  ['hosts', 'crm', { value: 'long enough', hosts: [] }],
  ['hosts', 'crm', { value: 'long enough', hosts: ['https://a.example'] }],
  ['hosts', 'crm', { value: 'long enough', hosts: ['a.example:443'] }],
  ['hosts', 'crm', { value: 'long enough', hosts: ['*.a.example'] }],
  ['hosts', 'crm', { value: 'long enough', hosts: ['10.0.0.1'] }],
  ['hosts', 'crm', { value: 'long enough', hosts: ['db.internal'] }],
])('a wrong %s is refused at its field (%s, %j)', async (field, name, body) => {
  expect(await team.call('PUT', `/secrets/${name}`, body)).toMatchObject({
    status: 422,
    body: { error: { path: field } },
  })
})

test('another team’s secret is another secret, and its row opens nowhere else', async () => {
  const other = await aTeam()
  await team.call('PUT', '/secrets/shared', { value: CANARY, hosts: ['a.example'] })
  expect((await other.call('GET', '/secrets')).body.items).toEqual([])
  expect((await other.call('DELETE', '/secrets/shared')).status).toBe(404)
  const [stolen] = await secretsByName(env.DB, team.id, ['shared'])
  expect(await unseal(env, sealedTo(other.id, 'shared'), stolen!.sealed)).toBe(null)
  expect(await unseal(env, sealedTo(team.id, 'crm'), stolen!.sealed)).toBe(null)
})

test('on its page an admin sets and deletes one; a member only looks', async () => {
  const wrong = await owner.send('/settings/secrets', { name: 'page', value: CANARY, hosts: 'http://x' })
  expect(wrong.status).toBe(422)
  expect(wrong.text).toContain('is not the public name of a host')
  expect(wrong.text).not.toContain(CANARY)
  const set = await owner.send('/settings/secrets', {
    name: 'page',
    value: CANARY,
    hosts: 'a.example, b.example\nc.example',
  })
  expect([set.status, set.location]).toEqual([303, '/settings/secrets'])
  const { text } = await owner.open('/settings/secrets')
  expect(text).toContain('a.example, b.example, c.example')
  expect(text).not.toContain(CANARY)
  const member = new Browser()
  await member.signIn(await aMember(team.id))
  expect((await member.open('/settings/secrets')).text).not.toContain('Set the secret')
  expect((await member.send('/settings/secrets', { name: 'page', value: 'x', hosts: 'a.example' })).status).toBe(403)
  expect((await member.send('/settings/secrets/page/delete', { typed: 'page' })).status).toBe(403)
  expect((await owner.send('/settings/secrets/page/delete', { typed: 'pag' })).status).toBe(422)
  expect((await owner.send('/settings/secrets/page/delete', { typed: 'page' })).status).toBe(303)
  expect(await opened('page')).toBe(null)
})

test('an act that was written under its earlier name is found and told under the name of today', async () => {
  const actor = '{"kind":"person","id":"ana@acme.test"}'
  const row = `INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest)
    VALUES (?1, 9000, ?1, '', ?2, 'secret_set', ?3, NULL, '[{"type":"secret_set","name":"of_old"}]', 'd')`
  await env.DB.prepare(row).bind(team.id, Date.now(), actor).run()
  const { items } = (await team.call('GET', '/audit?type=secret.set&q=of_old')).body
  expect(items).toMatchObject([{ types: ['secret.set'], facts: [{ type: 'secret.set', name: 'of_old' }], digest: 'd' }])
  // Names of what every object has are no types.
  expect((await team.call('GET', '/audit?type=constructor')).body.items).toEqual([])
})
