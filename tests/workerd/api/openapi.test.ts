/** The OpenAPI document tells the truth: what routes answer fits what it says of them. */
import { type Schema, Validator } from '@cfworker/json-schema'
import { beforeAll, expect, test } from 'vitest'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { AUTH_TYPES } from '../../../src/intake/settings.ts'
import { Comparison } from '../../support/documented.ts'
import { MCP_URL, mcpServes } from '../../support/mcp-server.ts'
import { BOOK, FIND } from '../../support/mcp-tools.ts'
import { notEmpty } from '../../support/not-empty.ts'
import { aMember } from '../team/browser.ts'
import { type Answer, aDefinition, anIntake, aTeam, env, eventually, fetchApi, type Team } from './client.ts'

let team: Team
// biome-ignore lint/suspicious/noExplicitAny: the document is read freely.
let document: any
const seen = new Set<string>()
let compared: Comparison

beforeAll(async () => {
  team = await aTeam()
  document = (await team.call('GET', '/openapi.json')).body
  compared = new Comparison(document)
})

/** Which keys a definition has is its author's choice; documents.test.ts reads back every one. */
const DEFINITION_KEYS =
  /^GET \/api\/v1\/workflows\/\{id\}(\/versions\/\{version\})?\.(steps|defaults|description|limits|tags|title|key|duplicates|result|callbacks|redact)/

/** What is described and does not come on this way, and why. */
const NEVER_HERE: Record<string, string> = {
  'Agent.tools': 'there are no tools yet',
  'Approval.call': 'a call that people are asked about: approval/calls.test.ts',
  'Approval.changed': 'content that was edited after it was approved: approval/link.test.ts',
  'Approval.form': 'what people fill in: approval/link.test.ts',
  'Task.undo': 'a decision that can be undone: approval/link.test.ts',
  'Approval.stage': 'a step with `stages`: approval/link.test.ts',
  'Approval.risk': 'a step with `risk: high`: approval/link.test.ts',
  'Approval.options': 'what an agent asks: approval/calls.test.ts',
  'Approval.question': 'what an agent asks: approval/calls.test.ts',
  'Approval.why': 'a call that people are asked about: approval/calls.test.ts',
  'Intake.callbacks': 'an intake whose senders may be called back: calls/callbacks.test.ts',
  'Intake.duplicates': 'an intake with a rule for keys seen before: task/duplicates.test.ts',
  'Intake.event': 'an intake that takes events: task/outside-events.test.ts',
  'POST /in/{intake}.tasks': 'an intake that takes events: task/outside-events.test.ts',
  'Published.callbackSecret': 'the first publish with callbacks: calls/callbacks.test.ts',
  'Task.children': 'a step that starts tasks of another workflow: task/children.test.ts',
  'Task.skipped': 'a step of which some are looked at: insight/corrections.test.ts',
  'Task.runs': 'a step of several branches or items: task/side-by-side.test.ts',
  'Approval.name': 'only runs that have one are named: several questions of one visit',
  'Delivery.cut': 'a body of more than 2,048 characters: webhooks.test.ts',
  'Delivery.task': 'a delivery that made a task: webhooks.test.ts',
  'Error.checks': 'D1 does not answer',
  'Error.ok': 'D1 does not answer',
  'Error.error.fields': 'fields that do not fit: approval/link.test.ts',
  'Error.error.assignees': 'a key decides whatever the assignees: approval/link.test.ts asks by link',
  'Error.error.at': 'a second decision on the same visit: journey.test.ts',
  'Error.error.by': 'a second decision on the same visit: journey.test.ts',
  'Error.error.handoff': 'a second decision on the same visit: journey.test.ts',
  'Error.error.digest': 'a decision on content that changed: approval/link.test.ts',
  'Error.error.seen': 'a decision on content that changed: approval/link.test.ts',
  'Error.error.scope': 'a key that lacks a scope: doors.test.ts',
  'Intake.auth.field': 'how a service signs that is not known by name: node/intake/presets.test.ts',
  'Intake.auth.idHeader': 'how a service signs that is not known by name: node/intake/presets.test.ts',
  'Intake.auth.key': 'how a service signs that is not known by name: node/intake/presets.test.ts',
  'Intake.auth.preset': 'a service by its name: node/intake/presets.test.ts',
  'Intake.auth.secretHeader': 'how Asana offers its secret: intake/arrival.test.ts',
  'Intake.auth.secrets.offeredAt': 'how Asana offers its secret: intake/arrival.test.ts',
  'POST /in/{intake}.plainToken': 'what Zoom asks: intake/arrival.test.ts',
  'POST /in/{intake}.encryptedToken': 'what Zoom asks: intake/arrival.test.ts',
  'Intake.auth.signed': 'how a service signs that is not known by name: node/intake/presets.test.ts',
  'Intake.auth.timestampField': 'how a service signs that is not known by name: node/intake/presets.test.ts',
  'POST /api/v1/intakes/{id}/replay.items.error': 'one that is refused again: webhooks.test.ts',
  'POST /in/{intake}.challenge': 'Slack asks: webhooks.test.ts',
  'POST /in/{intake}.text': 'Slack’s command is answered: intake/arrival.test.ts',
}

/** Checks an answer against the document; answers its body. */
function truthful(method: string, template: string, answer: Answer) {
  const name = `${method} ${template} ${answer.status}`
  const response = document.paths[template]?.[method.toLowerCase()]?.responses[answer.status]
  expect(response, name).toBeDefined()
  seen.add(`${method} ${template}`)
  const schema = response.content?.['application/json']?.schema
  if (schema === undefined) {
    // A file has no schema, but it is of a type that was described.
    const type = answer.headers.get('content-type')?.split(';')[0]
    if (answer.text !== '') expect(Object.keys(response.content ?? {}), name).toContain(type)
  } else {
    const checked = new Validator({ ...schema, components: document.components } as Schema, '2020-12', false).validate(
      answer.body,
    )
    expect(checked.errors, `${name}: ${answer.text.slice(0, 500)}`).toEqual([])
    compared.walk(schema, answer.body, `${method} ${template}`)
  }
  return answer.body
}

async function ask(method: string, template: string, params: Record<string, string> = {}, body?: unknown) {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name]!)
  return truthful(
    method,
    `/api/v1${template}`,
    await team.call(method, path, body, { 'CF-Connecting-IP': '203.0.113.9' }),
  )
}

/** A file of a task comes and goes. */
async function files(task: string): Promise<void> {
  const form = new FormData()
  form.append('file', new File([], 'empty.txt', { type: 'text/csv' }))
  const sent = () =>
    fetchApi(`/api/v1/tasks/${task}/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${team.key}`, 'Idempotency-Key': 'file', 'CF-Connecting-IP': '203.0.113.9' },
      body: form,
    })
  truthful('POST', '/api/v1/tasks/{id}/files', await sent())
  const { id } = truthful('POST', '/api/v1/tasks/{id}/files', await sent())
  await ask('GET', '/tasks/{id}/files', { id: task })
  await ask('GET', '/files/{id}', { id })
  await ask('GET', '/files/{id}/content', { id })
  await ask('GET', '/tasks/{id}', { id: task })
  await ask('DELETE', '/files/{id}', { id })
}

test('the document is OpenAPI 3.1 with a server, a key and no dangling reference', () => {
  expect(document).toMatchObject({
    openapi: '3.1.0',
    servers: [{ url: 'https://baton.test' }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  })
  for (const [, name] of notEmpty(JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g))) {
    expect(document.components.schemas[name!], name).toBeDefined()
  }
})

test('every route answers as described, on a way through all of them', async () => {
  const context = [{ name: 'House', text: 'Be kind.' }]
  const agent = { key: 'helper', name: 'Helper', description: 'You help.', model: 'demo', context }
  await ask('POST', '/agents', {}, agent)
  await ask('POST', '/agents', {}, agent)
  await ask('PUT', '/agents/{key}', { key: 'helper' }, { ...agent, description: 'You help more.' })
  await ask('GET', '/agents')
  await ask('GET', '/agents/{key}', { key: 'helper' })
  await ask('GET', '/agents/{key}/versions', { key: 'helper' })
  await ask('GET', '/agents/{key}/versions/{version}', { key: 'helper', version: '1' })

  const skill = { key: 'house_style', description: 'How we write.', text: 'Be kind.' }
  await ask('POST', '/skills', {}, skill)
  await ask('POST', '/skills', {}, skill)
  await ask('PUT', '/skills/{key}', { key: 'house_style' }, { ...skill, text: 'Be kinder.' })
  await ask('GET', '/skills')
  await ask('GET', '/skills/{key}', { key: 'house_style' })
  await ask('GET', '/skills/{key}/versions', { key: 'house_style' })
  await ask('GET', '/skills/{key}/versions/{version}', { key: 'house_style', version: '1' })
  const text = { key: 'prices', name: 'Prices', text: 'A seat is $4.', months: 6 }
  await ask('POST', '/knowledge', {}, text)
  await ask('POST', '/knowledge', {}, text)
  await ask('PUT', '/knowledge/{key}', { key: 'prices' }, { ...text, text: 'A seat is $5.' })
  await ask('GET', '/knowledge')
  await ask('GET', '/knowledge/{key}', { key: 'prices' })
  await ask('GET', '/knowledge/{key}/versions', { key: 'prices' })
  await ask('GET', '/knowledge/{key}/versions/{version}', { key: 'prices', version: '1' })
  truthful('GET', '/api/v1/passages', await team.call('GET', '/passages?q=seat'))
  await ask(
    'PUT',
    '/agents/{key}',
    { key: 'helper' },
    {
      ...{ ...agent, skills: ['house_style'], knowledge: [{ file: 'prices', use: 'always' }] },
    },
  )
  await ask('GET', '/agents/{key}', { key: 'helper' })

  const parameters = { type: 'object', properties: { id: { type: 'string' } } }
  const tool = { key: 'lookup', description: 'Looks it up.', parameters, undoCost: 5 }
  await ask('POST', '/tools', {}, { ...tool, http: { url: 'https://api.example.com/{{ args.idd }}' } })
  await ask('POST', '/tools', {}, { ...tool, http: { url: '{{ args.id }}' } })
  const http = {
    ...{ method: 'POST', url: 'https://api.example.com/{{ args.id }}', query: { a: 'b' }, headers: { a: 'b' } },
    ...{ body: { a: 1 }, ok: [200], key: 'Idempotency-Key', safe: true },
  }
  await ask('POST', '/tools', {}, { ...tool, effect: 'read', ask: true, http })
  await ask('PUT', '/tools/{key}', { key: 'lookup' }, { ...tool, effect: 'read', ask: true, http })
  await ask('PUT', '/tools/{key}', { key: 'send_email' }, { ask: true, recipients: 'any' })
  await ask('GET', '/tools')
  await ask('GET', '/tools/{key}', { key: 'lookup' })
  await ask('GET', '/tools/{key}', { key: 'send_email' })
  await ask('POST', '/tools/{key}/try', { key: 'lookup' }, { args: { id: 7 } })
  await ask('POST', '/tools/{key}/try', { key: 'send_email' }, { args: { to: team.owner, subject: 'x', text: 'y' } })
  await ask('GET', '/tools/{key}/versions', { key: 'lookup' })
  await ask('GET', '/tools/{key}/versions/{version}', { key: 'lookup', version: '2' })
  await ask('DELETE', '/tools/{key}', { key: 'send_email' })
  await ask('DELETE', '/tools/{key}', { key: 'lookup' })

  const served = mcpServes([FIND, BOOK, { ...FIND, name: 'a b' }])
  const server = { key: 'crm', url: MCP_URL, headers: { 'x-team': 'a' }, tools: ['find'] }
  const ofServer = { key: server.key }
  await ask('POST', '/mcp-servers', {}, { ...server, headers: { accept: 'x' } })
  await ask('POST', '/mcp-servers', {}, server)
  await ask('POST', '/mcp-servers', {}, server)
  served.tools = [{ ...FIND, description: 'Finds two.' }, BOOK, { ...FIND, name: 'a b' }]
  await ask('POST', '/mcp-servers/{key}/refresh', ofServer)
  await ask('GET', '/mcp-servers/{key}', ofServer)
  await ask('POST', '/mcp-servers/{key}/accept', ofServer, { tool: 'find' })
  await ask('PUT', '/mcp-servers/{key}', ofServer, server)
  await ask('PUT', '/tools/{key}', { key: 'crm.find' }, { ask: true })
  await ask('GET', '/tools/{key}', { key: 'crm.find' })
  await ask('DELETE', '/tools/{key}', { key: 'crm.find' })
  served.tools = []
  setNetwork((() => Promise.reject(new Error('reset'))) as never)
  await ask('POST', '/mcp-servers/{key}/refresh', ofServer)
  setNetwork(null)
  await ask('GET', '/mcp-servers')
  await ask('DELETE', '/mcp-servers/{key}', ofServer)

  await ask('POST', '/workflows', {}, { name: 'wrong' })
  await ask('POST', '/workflows/validate', {}, aDefinition(team))
  const yaml = { 'content-type': 'application/yaml' }
  for (const text of ['baton: 1\nname: X\nsteps: 7\n', 'baton: [1'])
    truthful('POST', '/api/v1/workflows/validate', await team.call('POST', '/workflows/validate', text, yaml))
  const { id } = await ask('POST', '/workflows', {}, aDefinition(team))
  await ask('PUT', '/workflows/{id}', { id }, aDefinition(team, { name: 'Better' }))
  await ask('GET', '/workflows')
  await ask('GET', '/workflows/{id}', { id })
  await ask('GET', '/workflows/{id}/versions', { id })
  await ask('GET', '/workflows/{id}/versions/{version}', { id, version: '1' })
  await ask('GET', '/workflows/{id}/sampling', { id })
  await ask('GET', '/workflows/{id}/review', { id })
  await ask('POST', '/workflows/{id}/dry-run', { id }, { input: { company: 'Acme' } })
  await ask('POST', '/workflows/{id}/revert', { id }, { version: 1 })

  const { id: intake } = await ask('POST', '/workflows/{id}/intakes', { id }, { kind: 'webhook', name: 'In' })
  await ask('GET', '/workflows/{id}/intakes', { id })
  await ask('GET', '/intakes/{id}', { id: intake })
  await ask('PATCH', '/intakes/{id}', { id: intake }, { name: 'Other' })
  const headers = { authorization: `Bearer ${team.key}`, 'content-type': 'application/json' }
  const deliver = (path: string) => fetchApi(path, { method: 'POST', headers, body: '{"company":"x"}' })
  truthful('POST', '/in/{intake}', await deliver(`/in/${intake}`))
  truthful('POST', '/in/{intake}', await fetchApi(`/in/${intake}`, { method: 'POST' }))

  const clock = { kind: 'schedule', cron: '0 9 * * *', timezone: 'Europe/Berlin', input: { company: '{{ slot }}' } }
  const { id: schedule } = await ask('POST', '/workflows/{id}/intakes', { id }, clock)
  await ask('POST', '/workflows/{id}/intakes', { id }, { ...clock, cron: 'soon' })
  await ask('PATCH', '/intakes/{id}', { id: schedule }, { overlap: 'queue' })
  await ask('POST', '/workflows/{id}/intakes', { id }, { kind: 'email', address: 'described', allow: ['@x.test'] })
  await ask(
    'POST',
    '/workflows/{id}/intakes',
    { id },
    { kind: 'form', title: 'Join', thanks: 'Thanks', follow: 'status' },
  )
  await ask('GET', '/workflows/{id}/intakes', { id })
  await ask('POST', '/intakes/{id}/rotate', { id: intake })
  const open = await ask(
    'POST',
    '/workflows/{id}/intakes',
    { id },
    {
      kind: 'webhook',
      auth: { type: 'hmac', header: 'X-Sign', prefix: 'v1=', timestampHeader: 'X-Time' },
      filter: 'body.type == "order"',
      map: { company: '{{ body.name }}' },
      dedupe: { path: 'id' },
      limit: { count: 5, seconds: 60 },
      cors: ['https://shop.example'],
    },
  )
  await ask('POST', '/intakes/{id}/rotate', { id: open.id })
  await ask('PATCH', '/intakes/{id}', { id: open.id }, { dedupe: { header: 'X-Id' } })
  await ask('PATCH', '/intakes/{id}', { id: open.id }, { auth: { type: 'open' }, limit: null, dedupe: null })
  const skipped = await fetchApi(`/in/${open.id}`, { method: 'POST', headers, body: '{"type":"other"}' })
  truthful('POST', '/in/{intake}', skipped)
  await ask('POST', '/intakes/{id}/preview', { id: open.id }, { body: { type: 'order', name: 'x' } })
  await ask('POST', '/intakes/{id}/preview', { id: open.id }, { body: 1 })
  const tested = await ask('POST', '/intakes/{id}/test', { id: open.id }, { body: { type: 'other' } })
  await eventually(async () => {
    const { items } = await ask('GET', '/intakes/{id}/deliveries', { id: open.id })
    expect(items).toHaveLength(2)
  })
  await ask('GET', '/deliveries/{id}', { id: tested.id })
  await ask('POST', '/deliveries/{id}/replay', { id: tested.id })
  await ask('POST', '/intakes/{id}/replay', { id: open.id }, { verdict: 'skipped' })

  const start = { input: { company: 'x' } }
  await ask('POST', '/workflows/{id}/tasks', { id }, { input: {} })
  const task = await ask('POST', '/workflows/{id}/tasks', { id }, start)
  const at = { id: task.id }
  await eventually(async () => expect((await team.call('GET', `/tasks?workflow=${id}`)).body.items).toHaveLength(2))
  await ask('GET', '/tasks')
  await ask('GET', '/tasks/{id}', at)
  await files(at.id)
  await ask('GET', '/approvals')
  await ask('POST', '/tasks/{id}/events', at, { name: 'paid' })
  await ask('POST', '/events', {}, { name: 'paid', key: 'nobody' })
  await ask('POST', '/tasks/{id}/retry', at)
  await ask('GET', '/tasks/{id}/callbacks', at)
  await ask('POST', '/callbacks/{id}/resend', { id: 'msg_none' })
  await ask('GET', '/workflows/{id}/callbacks', { id })
  await ask('POST', '/workflows/{id}/callbacks/rotate', { id })
  await ask('POST', '/tasks/{id}/answer', at, { happened: true })
  await ask('POST', '/tasks/{id}/route', at, { handoff: 'approved' })
  await ask('POST', '/tasks/{id}/assign', at, { to: ['guest@else.test'] })
  await ask('POST', '/tasks/{id}/comments', at, { text: 'Look at this.' })
  await ask('POST', '/tasks/{id}/raise', at, { limits: { steps: 90 } })
  await ask('POST', '/tasks/{id}/move', at, { step: 'nowhere' })
  await ask('POST', '/tasks/{id}/move', at, { step: 'again' })
  await ask('POST', '/tasks/{id}/migrate', at, { version: 2, step: 'review' })
  await ask('POST', '/tasks/{id}/decide', at, { handoff: 'never' })
  await ask('POST', '/tasks/{id}/undo', at, {})
  await ask('POST', '/tasks/{id}/decide', at, { handoff: 'approved' })
  await ask('POST', '/tasks/{id}/decide', at, { handoff: 'approved', visit: 1 })
  await ask('POST', '/tasks/{id}/decide', at, { handoff: 'approved', visit: 4 })
  await ask('GET', '/tasks/{id}/events', at)
  const saved = await team.call('GET', `/tasks/${at.id}/document?format=json`)
  truthful('GET', '/api/v1/tasks/{id}/document', saved)
  const shown = await ask('POST', '/tasks/{id}/shares', at, { shows: 'status', with: ['title'] })
  await ask('POST', '/tasks/{id}/shares', at, {})
  await ask('GET', '/tasks/{id}/shares', at)
  await ask('DELETE', '/tasks/{id}/shares/{share}', { ...at, share: shown.id })
  await ask('PUT', '/embed-origins', {}, { origins: ['https://intranet.example.com'] })
  await ask('PUT', '/embed-origins', {}, { origins: ['intranet'] })
  await ask('GET', '/embed-origins')
  const again = await ask('POST', '/tasks/{id}/rerun', at)
  await ask('POST', '/tasks/{id}/cancel', { id: again.id })
  await ask('POST', '/tasks/{id}/erase', { id: again.id }, { texts: ['Acme'] })
  await ask('DELETE', '/tasks/{id}', { id: again.id })
  const { title } = await ask('GET', '/tasks/{id}', { id: again.id })
  const gone = await team.call('DELETE', `/tasks/${again.id}?name=${encodeURIComponent(title)}`)
  expect(truthful('DELETE', '/api/v1/tasks/{id}', gone)).toBeUndefined()
  await ask('POST', '/intakes/{id}/run', { id: schedule })
  await ask('GET', '/intakes/{id}/slots', { id: schedule })
  await ask('GET', '/audit')
  await ask('GET', '/audit/export')
  await ask('GET', '/audit/roots')
  await ask('GET', '/audit/proof')
  await ask('PUT', '/audit/mail', {}, { to: 'auditor@example.com' })
  await ask('GET', '/audit/mail')
  await ask('PUT', '/workflows/{id}/baseline', { id }, { minutes: 25, ownMinutes: 3 })
  await ask('GET', '/metrics')
  truthful('GET', '/api/v1/metrics/parts', await team.call('GET', `/metrics/parts?workflow=${id}`))
  await ask('DELETE', '/workflows/{id}/baseline', { id })
  await ask('GET', '/corrections')
  await ask('GET', '/reviews')

  await ask('POST', '/workflows/{id}/pause', { id })
  const paused = (await anIntake(team, id)).path
  truthful('POST', '/in/{intake}', await deliver(paused))
  await ask('GET', '/workflows/{id}/held', { id })
  await ask('POST', '/workflows/{id}/activate', { id })
  await ask('POST', '/workflows/{id}/held', { id }, { start: true })

  const key = await ask('POST', '/keys', {}, { name: 'CI', scopes: ['tasks:read'] })
  await ask('GET', '/keys')
  await ask('POST', '/keys/{id}/roll', { id: key.id })
  await ask('POST', '/keys/{id}/revoke', { id: key.id })
  await ask('PUT', '/secrets/{name}', { name: 'crm' }, { value: 'canary-value', hosts: ['api.crm.example'] })
  await ask('PUT', '/secrets/{name}', { name: 'crm' }, { value: 'canary-value', hosts: ['10.0.0.1'] })
  await ask('GET', '/secrets')
  const acme = { kind: 'openai-chat', baseUrl: 'https://models.acme.example/v1', models: ['llama-3'] }
  await ask('PUT', '/providers/{key}', { key: 'acme' }, acme)
  await ask('PUT', '/providers/{key}', { key: 'acme' }, { ...acme, baseUrl: 'https://10.0.0.1/v1' })
  await ask('GET', '/providers')
  await ask('POST', '/providers/{key}/try', { key: 'acme' }, {})
  await ask('DELETE', '/providers/{key}', { key: 'acme' })
  await ask('DELETE', '/secrets/{name}', { name: 'crm' })
  await ask(
    'PUT',
    '/limits',
    {},
    { budget: { day: 5 }, providers: { openai: { parallel: 4, perMinute: 60 } }, waiting: 10 },
  )
  await ask('PUT', '/limits', {}, { waiting: 0 })
  await ask('GET', '/limits')
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map(day => [day, '09:00-12:00, 13:00-17:00'])
  const week = { hours: Object.fromEntries(days), holidays: ['2026-12-25'] }
  await ask('PUT', '/working-hours', {}, { ...week, remind: { before: ['1d'], every: '4h' } })
  await ask('PUT', '/working-hours', {}, { hours: { mon: '17:00-09:00' } })
  await ask('GET', '/working-hours')
  await ask('PUT', '/alerts/rules', {}, { stuck: { above: 20, minutes: 15 }, overdue: { on: false } })
  await ask('PUT', '/alerts/rules', {}, { stuck: { above: 2 } })
  await ask('GET', '/alerts/rules')
  await env.DB.prepare(
    `INSERT INTO alerts (team, id, rule, workflow, firing, since, episode, told_fired, told_resolved, value, samples, facts, looked_at)
     VALUES (?1, 'cost_day.team', 'cost_day', '', 1, 1, 1, 1, 0, 3, 9, '{"today":9,"usual":3,"days":9}', 1)`,
  )
    .bind(team.id)
    .run()
  await ask('GET', '/alerts')
  await ask('GET', '/status')
  await ask('POST', '/alerts/{id}/mute', { id: 'cost_day.team' }, { hours: 24 })
  const hook = await ask('POST', '/channels', {}, { kind: 'webhook', url: 'https://hear.example.com/in' })
  await ask('POST', '/channels', {}, { kind: 'slack', url: 'https://10.0.0.1/' })
  const ofHook = { id: hook.id as string }
  setNetwork((() => Promise.reject(new Error('reset'))) as never)
  const probe = await ask('POST', '/channels/{id}/test', ofHook)
  await ask('POST', '/messages/{id}/send', { id: probe.id as string })
  setNetwork(null)
  await ask('GET', '/messages')
  await ask('POST', '/channels/{id}/rotate', ofHook)
  await ask('GET', '/channels')
  await ask('DELETE', '/channels/{id}', ofHook)
  const member = (await aMember(team.id)).toLowerCase()
  const day = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)
  await ask('PUT', '/absences/{email}', { email: member }, { until: day, backup: 'stranger@else.test' })
  await ask('PUT', '/absences/{email}', { email: 'stranger@else.test' }, { until: day })
  await ask('PUT', '/absences/{email}', { email: member }, { until: day, backup: null })
  await ask('GET', '/absences')
  await ask('DELETE', '/absences/{email}', { email: member })
  await ask('PUT', '/prices/{model}', { model: 'house' }, { input: 1, output: 2, cached: 0.1 })
  await ask('PUT', '/prices/{model}', { model: 'house' }, { input: 1 })
  await ask('GET', '/prices')
  await ask('GET', '/retention')
  await ask('PUT', '/retention', {}, { auditDays: 90, taskDays: null })
  await ask('GET', '/retention/rehearsal')
  await env.DB.prepare(
    "INSERT INTO archives (team, id, kind, status, object, from_at, to_at, rows, bytes, sha256, created_at) VALUES (?1, 'arc_1', 'audit', 'done', 'a', 1, 2, 3, 4, 'x', 5)",
  )
    .bind(team.id)
    .run()
  await env.FILES!.put('a', 'packed')
  await ask('GET', '/archives')
  await ask('POST', '/export', {}, {})
  truthful('GET', '/api/v1/archives/{id}/content', await team.call('GET', '/archives/arc_1/content'))
  await ask('DELETE', '/prices/{model}', { model: 'house' })
  await ask('PUT', '/settings', {}, { timezone: 'Europe/Berlin' })
  await ask('GET', '/settings')
  await ask('GET', '/openapi.json')
  truthful('GET', '/api/v1/health', await fetchApi('/api/v1/health'))

  await ask('DELETE', '/intakes/{id}', { id: intake })
  await ask('POST', '/workflows/{id}/archive', { id })
  await ask('POST', '/workflows/{id}/restore', { id })
  await ask('DELETE', '/workflows/{id}', { id })
  await ask('DELETE', '/agents/{key}', { key: 'helper' })
  await ask('DELETE', '/skills/{key}', { key: 'house_style' })
  await ask('DELETE', '/knowledge/{key}', { key: 'prices' })
  await ask('GET', '/workflows/{id}', { id })

  const all = Object.entries(document.paths as Record<string, object>).flatMap(([path, item]) =>
    Object.keys(item).map(method => `${method.toUpperCase()} ${path}`),
  )
  expect([...seen].sort()).toEqual(all.sort())
  expect([...compared.undocumented].sort()).toEqual([])
  expect(compared.neverSeen.filter(field => !DEFINITION_KEYS.test(field))).toEqual(Object.keys(NEVER_HERE).sort())
})

test('each operation has a name of its own that a client can be made of', () => {
  const ids = Object.values<Record<string, { operationId?: string }>>(document.paths).flatMap(operations =>
    Object.values(operations).map(({ operationId }) => operationId),
  )
  expect(ids.length).toBeGreaterThan(50)
  for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+)+$/)
  expect(new Set(ids).size).toBe(ids.length)
  const named = ['listWorkflows', 'createWorkflowTask', 'decideTask', 'getTask', 'listTaskEvents', 'updateIntake']
  const more = ['replayDelivery', 'getAgentVersion', 'listAudit', 'getMetrics', 'sendDelivery', 'settleHeld', 'rollKey']
  expect(ids).toEqual(expect.arrayContaining([...named, ...more]))
})

test("an intake's proofs are all described: whatever the document takes is taken, by each type", async () => {
  const { schema } = document.paths['/api/v1/workflows/{id}/intakes'].post.requestBody.content['application/json']
  const types = schema.properties.auth.oneOf.flatMap(
    (one: { properties: { type: { enum: string[] } } }) => one.properties.type.enum,
  )
  expect(types.sort()).toEqual([...AUTH_TYPES].sort())
  const { id } = (await team.call('POST', '/workflows', aDefinition(team))).body
  for (const type of AUTH_TYPES) {
    const auth = type === 'hmac' ? { type, header: 'X-Sign' } : { type }
    expect(
      (await ask('POST', '/workflows/{id}/intakes', { id }, { kind: 'webhook', name: type, auth })).auth.type,
    ).toBe(type)
  }
  const hmac = schema.properties.auth.oneOf.find((one: { properties: { type: { enum: string[] } } }) =>
    one.properties.type.enum.includes('hmac'),
  )
  expect(Object.keys(hmac.properties)).toEqual(expect.arrayContaining(['header', 'preset', 'signed', 'idHeader']))
  // A service that is known by name brings its header; any other must be told.
  const bare = { kind: 'webhook', name: 'Bare', auth: { type: 'hmac' } }
  const refused = await team.call('POST', `/workflows/${id}/intakes`, bare)
  expect([refused.status, refused.body.error.path]).toEqual([422, 'auth.header'])
})
