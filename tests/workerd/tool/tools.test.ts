/** A team's tools by the API: versions, the lint at the door, what is built in as the team has set it, and trying one out. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { modelsAnswer, says } from '../../support/engine.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { aTeam, env, eventually, type Team } from '../api/client.ts'

const CANARY = 'canary-77ac20e1'
let team: Team

beforeAll(async () => {
  team = await aTeam()
  await team.call('PUT', '/secrets/crm', { value: CANARY, hosts: ['api.crm.example'] })
})
afterEach(() => {
  setNetwork(null)
  scriptModels(null)
})

const tool = (over: object = {}) => ({
  key: 'find_contact',
  description: 'Finds a contact by address.',
  parameters: { type: 'object', required: ['email'], properties: { email: { type: 'string' } } },
  http: {
    url: 'https://api.crm.example/contacts/{{ args.email }}',
    headers: { authorization: 'Bearer {{ secrets.crm }}' },
  },
  ...over,
})

test('is made, changed in versions of which one wins, listed with those that are built in, and deleted', async () => {
  expect(await team.call('POST', '/tools', tool())).toMatchObject({ status: 201, body: { version: 1, lint: [] } })
  const again = await team.call('POST', '/tools', tool())
  expect(again).toMatchObject({ status: 409, body: { error: { code: 'tool_exists', version: 1 } } })
  const both = await Promise.all(
    [1, 2].map(n => team.call('PUT', '/tools/find_contact', tool({ description: `v${n}` }))),
  )
  expect(both.map(({ status, body }) => [status, body.version]).toSorted()).toEqual([
    [200, 2],
    [200, 3],
  ])
  const one = await team.call('GET', '/tools/find_contact')
  expect(one.body).toMatchObject({ version: 3, builtin: false, effect: 'read', ask: false, undoCost: null })
  expect(
    (await team.call('GET', '/tools/find_contact/versions')).body.items.map((v: { version: number }) => v.version),
  ).toEqual([3, 2, 1])
  expect((await team.call('GET', '/tools/find_contact/versions/1')).body.description).toBe(
    'Finds a contact by address.',
  )
  const list = (await team.call('GET', '/tools')).body.items as { key: string; builtin: boolean }[]
  expect(list[0]).toMatchObject({ key: 'find_contact', builtin: false })
  expect(list.filter(each => each.builtin).map(each => each.key)).toContain('send_email')
  const renamed = await team.call('PUT', '/tools/find_contact', tool({ key: 'other' }))
  expect(renamed).toMatchObject({ status: 422, body: { error: { path: 'key' } } })
  expect((await team.call('DELETE', '/tools/find_contact')).status).toBe(204)
  expect((await team.call('GET', '/tools/find_contact')).status).toBe(404)
  expect((await team.call('POST', '/tools', tool())).body.version).toBe(4)
  const audit = await team.call('GET', '/audit?type=tool.changed')
  expect(audit.body.items).toHaveLength(4)
})

test.each<[string, object, string, string]>([
  [
    'the lint finds an error',
    tool({ key: 'bad', http: { url: 'https://{{ args.email }}/' } }),
    'invalid_tool',
    'http.url',
  ],
  ['it is no tool', { key: 'bad' }, 'invalid_request', 'description'],
  ['its rule cannot be read', tool({ key: 'bad', ask: 'args.' }), 'invalid_tool', 'ask'],
])('is refused where %s, and nothing is kept', async (_name, body, code, path) => {
  expect(await team.call('POST', '/tools', body)).toMatchObject({ status: 422, body: { error: { code, path } } })
  expect((await team.call('GET', '/tools/bad')).status).toBe(404)
})

test('a built-in name is taken, its settings can be set, and it cannot be deleted', async () => {
  expect(await team.call('POST', '/tools', tool({ key: 'send_email' }))).toMatchObject({ status: 409 })
  expect((await team.call('DELETE', '/tools/send_email')).body.error.code).toBe('builtin_tool')
  expect((await team.call('PUT', '/tools/post_slack', { recipients: 'any' })).status).toBe(422)
  expect((await team.call('PUT', '/tools/send_email', { ask: 'args.x' })).status).toBe(200)
  expect((await team.call('PUT', '/tools/send_email', {})).status).toBe(200)
})

test('tried out, it is called once with its secret, and what was sent is shown without it', async () => {
  await team.call('POST', '/tools', tool({ key: 'tried', ask: true }))
  const { heard } = outsideAnswers(({ headers }) => json({ id: 7, echo: headers.authorization }))
  const came = await team.call('POST', '/tools/tried/try', { args: { email: 'a/b@c.test' } })
  expect(came).toMatchObject({
    status: 200,
    body: {
      request: {
        method: 'GET',
        url: 'https://api.crm.example/contacts/a%2Fb%40c.test',
        headers: { authorization: 'Bearer {{ secrets.crm }}' },
      },
      result: { id: 7, echo: 'Bearer [secret: crm]' },
      ok: true,
    },
  })
  expect(heard).toHaveLength(1)
  expect(heard[0]!.headers.authorization).toBe(`Bearer ${CANARY}`)
  expect(came.text).not.toContain(CANARY)
  const wrong = await team.call('POST', '/tools/tried/try', { args: { mail: 'x' } })
  expect(wrong).toMatchObject({ status: 422, body: { error: { path: 'args' } } })
  setNetwork((() => Promise.reject(new Error('reset'))) as never)
  const lost = await team.call('POST', '/tools/tried/try', { args: { email: 'x' } })
  expect(lost.body).toMatchObject({ ok: false, result: { error: 'unreachable' } })
  expect(heard).toHaveLength(1)
})

async function aRun(name: string, step: object, over: object = {}, input: object = {}): Promise<string> {
  const steps = [{ key: 'work', handoffs: [{ to: 'complete' }], ...step }]
  const made = await team.call('POST', '/workflows', { baton: 1, name, owner: team.owner, steps, ...over })
  expect(made).toMatchObject({ status: 201 })
  return (await team.call('POST', `/workflows/${made.body.id}/tasks`, { input })).body.id as string
}
const taskOf = async (id: string) => (await team.call('GET', `/tasks/${id}`)).body

test('what a team sets of a built-in tool holds at once: it asks first, and mail may go to anybody', async () => {
  const mails = () =>
    env.DB.prepare(`SELECT count(*) AS n FROM outbox WHERE recipient = 'far@away.test'`).first<number>('n')
  const step = { tool: 'send_email', with: { to: '{{ input.name }}@away.test', subject: 'Hi', text: 'Hello.' } }
  const refused = await aRun('Refused', step, {}, { name: 'far' })
  await eventually(async () => expect((await taskOf(refused)).status).toBe('failed'))
  expect(await mails()).toBe(0)
  await team.call('PUT', '/tools/send_email', { ask: 'args.to == "far@away.test"', recipients: 'any' })
  const asks = await aRun('Asks', step, {}, { name: 'far' })
  await eventually(async () => expect((await taskOf(asks)).status).toBe('waiting'))
  expect(await mails()).toBe(0)
  expect((await team.call('POST', `/tasks/${asks}/decide`, { handoff: 'allow' })).status).toBe(200)
  await eventually(async () => expect((await taskOf(asks)).status).toBe('done'))
  expect(await mails()).toBe(1)
  await team.call('PUT', '/tools/send_email', {})
})

test('an agent uses a tool in the version that was published, and is not told what is hidden from models', async () => {
  await team.call('POST', '/tools', tool({ key: 'echo', http: { url: 'https://api.crm.example/v1/{{ args.email }}' } }))
  await team.call('POST', '/agents', { key: 'clerk', name: 'Clerk', description: 'x', tools: ['echo'] })
  const { heard } = outsideAnswers(() => json({ iban: 'DE89370400440532013000', n: 1 }))
  const { requests } = modelsAnswer((_request, nth) =>
    nth === 1
      ? {
          kind: 'calls',
          text: null,
          calls: [{ id: 'a', tool: 'echo', args: { email: 'x' } }],
          usage: { model: 'demo', inputTokens: 1, outputTokens: 1, calls: 1, durationMs: 1 },
        }
      : says('done'),
  )
  const input = { iban: 'DE89370400440532013000' }
  const hides = { redact: ['input.iban'] }
  const id = await aRun('Clerk', { agent: 'clerk', instructions: 'Look at {{ input }}.' }, hides, input)
  await team.call(
    'PUT',
    '/tools/echo',
    tool({ key: 'echo', http: { url: 'https://api.crm.example/v2/{{ args.email }}' } }),
  )
  await eventually(async () => expect((await taskOf(id)).status).toBe('done'))
  expect(heard.map(({ url }) => url)).toEqual(['https://api.crm.example/v1/x'])
  expect(JSON.stringify(requests)).not.toContain('DE8937')
  expect(requests[1]!.messages.at(-1)).toMatchObject({ role: 'tool', result: { iban: '[redacted: iban]', n: 1 } })
  expect((await team.call('GET', `/tasks/${id}/events`)).text).toContain('DE89370400440532013000')
})
