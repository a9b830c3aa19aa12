/** The pages of tools: a pasted curl line becomes a tool and a secret, it is tried out, changed, set, and deleted. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { aTeam, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { formOf } from '../workflow/form-of.ts'

const CANARY = 'canary-93b1f0aa42'
let team: Team
let owner: Browser
let member: Browser

beforeAll(async () => {
  team = await aTeam()
  owner = new Browser()
  member = new Browser()
  await owner.signIn(team.owner)
  await member.signIn(await aMember(team.id))
})
afterEach(() => setNetwork(null))

const LINE = `curl -X POST 'https://api.crm.example/contacts?source=web' \\
  -H 'Authorization: Bearer ${CANARY}' --json '{"email":"kim@nimbus.test","score":7}'`

test('a pasted curl line fills in the form, its token becomes a secret, and the tool is tried out', async () => {
  const filled = await owner.send('/tools/curl', { curl: LINE, arguments: 'yes' })
  expect(filled.status).toBe(200)
  const form = formOf(filled.text, 'tool')
  expect(form).toMatchObject({
    http_url: 'https://api.crm.example/contacts',
    'http_param-0-name': 'source',
    'http_param-0-value': '{{ args.source }}',
    http_sign: 'crm',
    http_sign_as: 'bearer',
    'http_row-1-name': 'score',
    secret_0_name: 'crm',
    secret_0_value: CANARY,
    'param-0-name': 'source',
  })
  const made = await owner.send('/tools/new', { ...form, key: 'add_contact', description: 'Adds a contact.' })
  expect([made.status, made.location]).toEqual([303, '/tools/add_contact'])
  const kept = await team.call('GET', '/tools/add_contact')
  expect(kept.text).not.toContain(CANARY)
  expect(kept.body.http.body).toEqual({ email: '{{ args.email }}', score: '{{ args.score }}' })
  expect(kept.body.parameters.properties.score).toMatchObject({ type: 'integer', examples: [7] })
  const secrets = await team.call('GET', '/secrets')
  expect(secrets.body.items).toMatchObject([{ name: 'crm', hosts: ['api.crm.example'] }])

  const { heard } = outsideAnswers(() => json({ id: 9, echo: CANARY }))
  const args = { source: 'fair', email: 'kim@nimbus.test', score: '7' }
  const shown = await owner.send('/tools/add_contact/try', { ...args, _do: 'show' })
  expect(shown.text).toContain('It would send')
  expect(heard).toHaveLength(0)
  const tried = await owner.send('/tools/add_contact/try', args)
  expect(tried.text).toContain('It answered')
  expect(tried.text).toContain('[secret: crm]')
  expect(tried.text).not.toContain(CANARY)
  expect(heard).toMatchObject([
    { headers: { authorization: `Bearer ${CANARY}` }, body: '{"email":"kim@nimbus.test","score":7}' },
  ])
  const wrong = await owner.send('/tools/add_contact/try', { ...args, score: 'many' })
  expect([wrong.status, heard.length]).toEqual([422, 1])
  expect((await member.send('/tools/add_contact/try', args)).status).toBe(403)

  const page = await owner.open('/tools/add_contact')
  const saved = await owner.send('/tools/add_contact', {
    ...formOf(page.text, 'tool'),
    ask_as: 'rule',
    ask_rule: 'args.score > 5',
  })
  expect(saved.status).toBe(303)
  expect((await team.call('GET', '/tools/add_contact')).body).toMatchObject({ version: 2, ask: 'args.score > 5' })
  const late = await owner.send('/tools/add_contact', { ...formOf(page.text, 'tool'), description: 'Mine' })
  expect(late.status).toBe(409)
  expect(late.text).toContain('Somebody saved version 2')
  expect(late.text).toContain('Mine')
})

test('what cannot be: a line that is none, a key that is taken, a secret that a member would set, a rule that is no rule', async () => {
  const none = await owner.send('/tools/curl', { curl: 'wget x' })
  expect(none.status).toBe(422)
  expect(none.text).toContain('must begin with curl')
  const byMember = await member.send('/tools/curl', { curl: LINE.replace('api.crm', 'api.erp'), arguments: 'yes' })
  expect(byMember.text).not.toContain(CANARY)
  const refused = await member.send('/tools/new', { ...formOf(byMember.text, 'tool'), key: 'erp', description: 'x' })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('There is no secret')
  const form = { key: 'add_contact', description: 'x', http_url: 'https://a.example/', params_as: 'none' }
  expect((await owner.send('/tools/new', form)).status).toBe(409)
  expect((await owner.send('/tools/new', { ...form, key: 'send_email' })).status).toBe(409)
  expect((await owner.send('/tools/new', { ...form, key: 'Add' })).status).toBe(422)
  const rule = await owner.send('/tools/new', { ...form, key: 'ruled', ask_as: 'rule', ask_rule: 'args.' })
  expect([rule.status, (await team.call('GET', '/tools/ruled')).status]).toEqual([422, 404])
})

test('built-in tools are set on their page; the list says where each is used; deleting asks for the key', async () => {
  expect((await owner.send('/tools/send_email', { ask_as: 'always', recipients: 'any' })).status).toBe(303)
  expect((await team.call('GET', '/tools/send_email')).body).toMatchObject({ ask: true, recipients: 'any' })
  await team.call('POST', '/agents', { key: 'clerk', name: 'Clerk', description: 'x', tools: ['add_contact'] })
  const clerk = formOf((await owner.open('/agents/clerk')).text, 'agent')
  expect(clerk).toMatchObject({ 'tool-add_contact': 'yes', tools: '' })
  const ticked = await owner.send('/agents/clerk', { ...clerk, 'tool-post_slack': 'yes', tools: 'add_contact' })
  expect(ticked.status).toBe(303)
  expect((await team.call('GET', '/agents/clerk')).body.tools.toSorted()).toEqual(['add_contact', 'post_slack'])
  const step = {
    key: 'add',
    tool: 'add_contact',
    with: { source: 'x', email: 'x', score: 1 },
    handoffs: [{ to: 'complete' }],
  }
  const made = await team.call('POST', '/workflows', { baton: 1, name: 'Adding', owner: team.owner, steps: [step] })
  expect(made.status).toBe(201)
  const id = made.body.id as string
  const file = (await owner.open(`/workflows/${id}/export`)).text
  expect(file).toContain('key: add_contact')
  expect(file).not.toContain(CANARY)
  const other = await aTeam()
  const ben = new Browser()
  await ben.signIn(other.owner)
  const look = await ben.send('/workflows/import', { text: file, do: 'look' })
  expect(look.text).toContain('The tool add_contact (set the secret crm for it)')
  const bad = file.replace('https://api.crm.example/', 'https://10.0.0.1/')
  const refused = await ben.send('/workflows/import', { text: bad, do: 'make' })
  expect([refused.status, (await other.call('GET', '/tools/add_contact')).status]).toEqual([422, 404])
  // An agent's tools are looked at, too, whether a step uses the agent or not.
  const agents = (tool: string) =>
    `agents:\n  - key: helper\n    name: Helper\n    description: x\n    tools: [${tool}, add_contact]`
  const strange = await ben.send('/workflows/import', {
    text: file.replace(/^agents: \[\]$/m, agents('sned_email')),
    do: 'look',
  })
  expect(strange.status).toBe(422)
  expect(strange.text).toMatch(
    /The agent helper names the tool sned_email, which is neither .* Did you mean send_email\?/,
  )
  const known = await ben.send('/workflows/import', {
    text: file.replace(/^agents: \[\]$/m, agents('send_email')),
    do: 'look',
  })
  expect([known.status, known.text.includes('The agent helper')]).toEqual([200, true])
  const imported = await ben.send('/workflows/import', { text: file, do: 'make' })
  expect(imported.status).toBe(303)
  const travelled = (await other.call('GET', '/tools/add_contact')).body
  expect(travelled).toMatchObject({ version: 1, ask: 'args.score > 5' })
  expect((await other.call('GET', '/secrets')).body.items).toEqual([])
  const again = await ben.send('/workflows/import', { text: file, do: 'look' })
  expect(again.text).toContain('Nothing for the tool add_contact')

  const list = await owner.open('/tools')
  expect(list.text).toContain('1 step, 1 agent')
  expect(list.text).toContain('send_email')
  const one = await owner.open('/tools/add_contact')
  expect(one.text).toContain('Adding')
  expect(one.text).toContain('/agents/clerk')
  expect((await owner.open('/tools/add_contact?version=1')).text).toContain('This is version 1')
  expect((await owner.send('/tools/add_contact/delete', { typed: 'no' })).status).toBe(422)
  expect((await owner.send('/tools/add_contact/delete', { typed: 'add_contact' })).status).toBe(303)
  expect((await owner.open('/tools/add_contact')).status).toBe(404)
})

test('operations of a pasted OpenAPI document become tools, with the secret that they need', async () => {
  const text = `openapi: 3.1.0
info: { title: Desk, version: '1' }
servers: [{ url: https://api.desk.example/v2 }]
security: [{ token: [] }]
paths:
  /tickets/{id}:
    get: { operationId: getTicket, summary: Reads a ticket., parameters: [{ name: id, in: path, required: true, schema: { type: string } }] }
    delete: { operationId: deleteTicket, parameters: [{ name: id, in: path, required: true, schema: { type: string } }] }
  /files:
    post: { operationId: upload, requestBody: { content: { multipart/form-data: {} } } }
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
`
  expect((await owner.send('/tools/import', { text: 'swagger: "2.0"', do: 'look' })).text).toContain('Swagger 2')
  const look = await owner.send('/tools/import', { text, do: 'look' })
  expect(look.text).toContain('GET /tickets/{id}')
  expect(look.text).toContain('It sends multipart/form-data')
  const none = await owner.send('/tools/import', { text, do: 'make' })
  expect([none.status, none.text.includes('Choose at least one')]).toEqual([422, true])
  const without = await owner.send('/tools/import', { text, do: 'make', secret: 'desk', op_0: 'yes' })
  expect(without.text).toContain('There is no secret desk in this team')
  const value = `${CANARY}-desk`
  const made = await owner.send('/tools/import', { text, do: 'make', secret: 'desk', value, op_0: 'yes', op_2: 'yes' })
  expect([made.status, made.location]).toEqual([303, '/tools'])
  const { heard } = outsideAnswers(() => json({ id: 'a b' }))
  const tried = await team.call('POST', '/tools/get_ticket/try', { args: { id: 'a b' } })
  expect(tried.body).toMatchObject({ ok: true, result: { id: 'a b' } })
  expect(heard).toMatchObject([
    { url: 'https://api.desk.example/v2/tickets/a%20b', headers: { authorization: `Bearer ${value}` } },
  ])
  expect((await team.call('GET', '/tools/upload')).status).toBe(404)
  expect((await team.call('GET', '/tools/delete_ticket')).status).toBe(404)
  const again = await owner.send('/tools/import', { text, do: 'make', secret: 'desk', op_0: 'yes', op_1: 'yes' })
  expect(again.text).toContain('1 made, 1 not.')
})
