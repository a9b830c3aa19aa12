/** The pages of MCP servers: one is added with its token, its tools are ticked, what changed in one is seen and accepted. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { MCP_URL, mcpServes } from '../../support/mcp-server.ts'
import { BOOK, FIND } from '../../support/mcp-tools.ts'
import { aTeam, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { formOf } from '../workflow/form-of.ts'

const CANARY = 'canary-mcp-a91b33'
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

const SCRIPT = '<script>alert(1)</script>'

test('a server is added with its token, its tools are ticked, a change is shown and accepted, and it is deleted', async () => {
  const served = mcpServes([FIND, { ...BOOK, description: `Books. ${SCRIPT}` }, { ...FIND, name: SCRIPT }], {
    token: `Bearer ${CANARY}`,
  })
  const filled = { key: 'crm', url: MCP_URL, token: 'not-the-one', headers: 'x-team: acme' }
  const wrong = await owner.send('/mcp-servers/new', filled)
  expect(wrong.status).toBe(409)
  expect(wrong.text).toContain('it wants a sign-in, or does not take the one that it got')
  expect(wrong.text).not.toContain('not-the-one')
  expect((await team.call('GET', '/secrets')).body.items).toEqual([])

  const made = await owner.send('/mcp-servers/new', { ...filled, token: CANARY })
  expect([made.status, made.location]).toEqual([303, '/mcp-servers/crm'])
  expect((await team.call('GET', '/mcp-servers/crm')).body.headers).toEqual({
    'x-team': 'acme',
    authorization: 'Bearer {{ secrets.crm_token }}',
  })
  expect((await team.call('GET', '/secrets')).body.items).toMatchObject([
    { name: 'crm_token', hosts: ['mcp.crm.example'], usedBy: [{ kind: 'mcp_server', name: 'crm' }] },
  ])
  const page = await owner.open('/mcp-servers/crm')
  expect(page.text).toContain('crm.find')
  expect(page.text).not.toContain(SCRIPT)
  expect(page.text).toContain('It lists more that cannot be used here')
  expect(page.text).not.toContain(CANARY)

  const chosen = await member.send('/mcp-servers/crm/tools', { 'tool:find': 'yes' })
  expect([chosen.status, chosen.location]).toEqual([303, '/mcp-servers/crm'])
  expect((await owner.open('/tools')).text).toContain('MCP server crm')
  expect((await owner.open('/tools/crm.find')).text).toContain('As its server says')
  expect((await owner.send('/tools/crm.find', { ask_as: 'always' })).status).toBe(303)
  const steps = [{ key: 'look', tool: 'crm.find', with: { email: 'x' }, handoffs: [{ to: 'complete' }] }]
  const { id } = (await team.call('POST', '/workflows', { baton: 1, name: 'Looks', owner: team.owner, steps })).body
  const docs = (await owner.open(`/workflows/${id}/docs`)).text
  expect(docs).toContain('Calls the tool crm.find. A person must allow each call.')
  expect((await owner.open('/mcp-servers/crm')).text).toContain(`<a href="/workflows/${id}">Looks</a>`)

  served.tools = [{ ...FIND, description: 'Finds a contact and a company.' }, BOOK]
  expect((await owner.send('/mcp-servers/crm/refresh', {})).status).toBe(303)
  const held = await owner.open('/mcp-servers/crm')
  expect(held.text).toContain('changed since you chose it')
  expect(held.text).toMatch(/<ins>\+Finds a contact and a company\.\s*<\/ins>/)
  expect((await owner.open('/tools')).text).toContain('1 held back')
  expect((await owner.open('/tools/crm.find')).text).toContain('Its server describes it otherwise now')
  const told = async () => {
    const definition = { baton: 1, name: 'Looks', owner: team.owner, steps }
    return (await team.call('PUT', `/workflows/${id}?draft=1`, definition)).body.lint as { code: string; fix: string }[]
  }
  const heldBack = (await told()).filter(({ code }) => code === 'tool_held_back')
  expect(heldBack).toMatchObject([{ path: 'steps[0].tool', level: 'warning' }])
  expect(heldBack[0]!.fix).toContain('accept it on the page of the MCP server `crm` (/mcp-servers/crm)')
  expect((await owner.open(`/workflows/${id}/edit`)).text).toContain('is held back')
  const [, digest = ''] = /name="digest" value="(\w+)"/.exec(held.text) ?? []
  served.tools = [{ ...FIND, description: 'Finds it all.' }, BOOK]
  await owner.send('/mcp-servers/crm/refresh', {})
  const late = await owner.send('/mcp-servers/crm/accept', { tool: 'find', digest })
  expect([late.status, late.text.includes('has changed once more since you looked at it')]).toEqual([409, true])
  const [, now = ''] = /name="digest" value="(\w+)"/.exec(late.text) ?? []
  expect((await owner.send('/mcp-servers/crm/accept', { tool: 'find', digest: now })).status).toBe(303)
  expect((await owner.open('/mcp-servers/crm')).text).not.toContain('changed since you chose it')
  expect((await told()).map(({ code }) => code)).not.toContain('tool_held_back')

  setNetwork((() => Promise.reject(new Error('reset'))) as never)
  const away = await owner.send('/mcp-servers/crm/refresh', {})
  expect([away.status, away.text.includes('Its list could not be read')]).toEqual([409, true])
  const form = formOf(away.text, 'server')
  const moved = await owner.send('/mcp-servers/crm', { ...form, url: 'https://mcp.other.example/' })
  expect([moved.status, moved.text.includes('may not go to mcp.other.example')]).toEqual([422, true])
  expect((await owner.send('/mcp-servers/crm/delete', { typed: 'no' })).status).toBe(422)
  expect((await owner.send('/mcp-servers/crm/delete', { typed: 'crm' })).location).toBe('/tools')
  expect((await owner.open('/mcp-servers/crm')).status).toBe(404)
})

test('viewers look and change nothing, members bring no token, and what is wrong is said at its field', async () => {
  mcpServes([FIND])
  await team.call('POST', '/mcp-servers', { key: 'seen', url: MCP_URL, tools: ['find'] })
  const viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
  expect((await viewer.open('/mcp-servers/new')).location).toBe('/tools')
  const seen = await viewer.open('/mcp-servers/seen')
  expect(seen.text).toContain('seen.find')
  expect(seen.text).not.toMatch(/<button[^>]*>\s*(?:Save|Accept|Delete)/)
  for (const path of [
    '/mcp-servers/new',
    '/mcp-servers/seen',
    '/mcp-servers/seen/tools',
    '/mcp-servers/seen/refresh',
  ]) {
    expect((await viewer.send(path, { key: 'x', url: MCP_URL })).status, path).toBe(403)
  }
  expect((await member.open('/mcp-servers/new')).text).not.toContain('Access token')
  const ignored = await member.send('/mcp-servers/new', { key: 'mine', url: MCP_URL, token: 'long-enough-token' })
  expect(ignored.status).toBe(303)
  expect((await team.call('GET', '/mcp-servers/mine')).body.headers).toEqual({})
  const bad = await owner.send('/mcp-servers/new', { key: 'A b', url: MCP_URL })
  expect([bad.status, bad.text.includes('id="field-key-error"')]).toEqual([422, true])
  const typo = await owner.send('/mcp-servers/new', { key: 'ok', url: MCP_URL, headers: 'no colon' })
  expect([typo.status, typo.text.includes('id="field-headers-error"')]).toEqual([422, true])
})
