/** The OpenAPI document tells the truth: what routes answer fits what it says of them. */
import { type Schema, Validator } from '@cfworker/json-schema'
import { beforeAll, expect, test } from 'vitest'
import { notEmpty } from '../../support/not-empty.ts'
import { type Answer, aDefinition, anIntake, aTeam, eventually, fetchApi, type Team } from './client.ts'

let team: Team
// biome-ignore lint/suspicious/noExplicitAny: the document is read freely.
let document: any
const seen = new Set<string>()

beforeAll(async () => {
  team = await aTeam()
  document = (await team.call('GET', '/openapi.json')).body
})

/** Checks an answer against the document; answers its body. */
function truthful(method: string, template: string, answer: Answer) {
  const name = `${method} ${template} ${answer.status}`
  const response = document.paths[template]?.[method.toLowerCase()]?.responses[answer.status]
  expect(response, name).toBeDefined()
  seen.add(`${method} ${template}`)
  const schema = response.content?.['application/json']?.schema
  if (schema === undefined) expect(answer.text, name).toBe('')
  else {
    const checked = new Validator({ ...schema, components: document.components } as Schema, '2020-12', false).validate(
      answer.body,
    )
    expect(checked.errors, `${name}: ${answer.text.slice(0, 500)}`).toEqual([])
  }
  return answer.body
}

async function ask(method: string, template: string, params: Record<string, string> = {}, body?: unknown) {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name]!)
  return truthful(method, `/api/v1${template}`, await team.call(method, path, body))
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
  const agent = { key: 'helper', name: 'Helper', description: 'You help.' }
  await ask('POST', '/agents', {}, agent)
  await ask('POST', '/agents', {}, agent)
  await ask('PUT', '/agents/{key}', { key: 'helper' }, { name: 'Helper', description: 'You help more.' })
  await ask('GET', '/agents')
  await ask('GET', '/agents/{key}', { key: 'helper' })
  await ask('GET', '/agents/{key}/versions', { key: 'helper' })
  await ask('GET', '/agents/{key}/versions/{version}', { key: 'helper', version: '1' })

  await ask('POST', '/workflows', {}, { name: 'wrong' })
  const { id } = await ask('POST', '/workflows', {}, aDefinition(team))
  await ask('PUT', '/workflows/{id}', { id }, aDefinition(team, { name: 'Better' }))
  await ask('GET', '/workflows')
  await ask('GET', '/workflows/{id}', { id })
  await ask('GET', '/workflows/{id}/versions', { id })
  await ask('GET', '/workflows/{id}/versions/{version}', { id, version: '1' })
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
  await ask('POST', '/workflows/{id}/intakes', { id }, { kind: 'form', title: 'Join', thanks: 'Thanks' })
  await ask('GET', '/workflows/{id}/intakes', { id })
  await ask('POST', '/intakes/{id}/rotate', { id: intake })
  const open = await ask(
    'POST',
    '/workflows/{id}/intakes',
    { id },
    {
      kind: 'webhook',
      auth: { type: 'hmac', header: 'X-Sign', timestampHeader: 'X-Time' },
      filter: 'body.type == "order"',
      map: { company: '{{ body.name }}' },
      dedupe: { path: 'id' },
      limit: { count: 5, seconds: 60 },
      cors: ['https://shop.example'],
    },
  )
  await ask('POST', '/intakes/{id}/rotate', { id: open.id })
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
  await ask('GET', '/approvals')
  await ask('POST', '/tasks/{id}/events', at, { name: 'paid' })
  await ask('POST', '/tasks/{id}/retry', at)
  await ask('POST', '/tasks/{id}/route', at, { handoff: 'approved' })
  await ask('POST', '/tasks/{id}/assign', at, { to: ['guest@else.test'] })
  await ask('POST', '/tasks/{id}/raise', at, { limits: { steps: 90 } })
  await ask('POST', '/tasks/{id}/move', at, { step: 'again' })
  await ask('POST', '/tasks/{id}/migrate', at, { version: 2, step: 'review' })
  await ask('POST', '/tasks/{id}/decide', at, { handoff: 'never' })
  await ask('POST', '/tasks/{id}/decide', at, { handoff: 'approved' })
  await ask('POST', '/tasks/{id}/decide', at, { handoff: 'approved', visit: 1 })
  await ask('GET', '/tasks/{id}/events', at)
  const again = await ask('POST', '/tasks/{id}/rerun', at)
  await ask('POST', '/tasks/{id}/cancel', { id: again.id })
  await ask('POST', '/intakes/{id}/run', { id: schedule })
  await ask('GET', '/intakes/{id}/slots', { id: schedule })
  await ask('GET', '/audit')
  await ask('GET', '/metrics')

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
  await ask('GET', '/openapi.json')
  truthful('GET', '/api/v1/health', await fetchApi('/api/v1/health'))

  await ask('DELETE', '/intakes/{id}', { id: intake })
  await ask('POST', '/workflows/{id}/archive', { id })
  await ask('POST', '/workflows/{id}/restore', { id })
  await ask('DELETE', '/workflows/{id}', { id })
  await ask('DELETE', '/agents/{key}', { key: 'helper' })
  await ask('GET', '/workflows/{id}', { id })

  const all = Object.entries(document.paths as Record<string, object>).flatMap(([path, item]) =>
    Object.keys(item).map(method => `${method.toUpperCase()} ${path}`),
  )
  expect([...seen].sort()).toEqual(all.sort())
})
