/** Values of secrets, looked for wherever they must not be: queue messages, logs, D1, every page and export, answers, errors, console. */
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { type Heard, json, outsideAnswers } from '../../support/outside.ts'
import { aTeam, env, eventually, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

const VALUES = {
  crm: 'CANARY/crm+8f2c61=',
  pay: 'Bearer CANARY-pay-"quoted"-ü',
  query: 'CANARY query & more',
}
const HOST = 'api.crm.example'

let team: Team
let owner: Browser
beforeAll(async () => {
  team = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
  for (const [name, value] of Object.entries(VALUES))
    expect((await team.call('PUT', `/secrets/${name}`, { value, hosts: [HOST] })).status).toBe(200)
})
afterEach(() => {
  setNetwork(null)
  vi.restoreAllMocks()
})

/** A canary in any spelling that an echo may have. */
const CANARY = /CANARY|Q0FOQV|NBTkFSW|DQU5BUl|%43%41%4E/i

const http = (path: string) => ({
  method: 'POST',
  url: `https://${HOST}/${path}`,
  query: { token: '{{ secrets.query }}' },
  headers: { Authorization: '{{ secrets.pay }}', 'x-basic': 'Basic {{ secrets.crm }}' },
  body: { key: '{{ secrets.crm }}', all: 'k={{ secrets.crm }};{{ args.note | default: "" }}' },
})
const asStep = (path: string) => ({ ...http(path), body: { key: '{{ secrets.crm }}', title: '{{ input.title }}' } })

/** Says back all that it was sent, as it came, in JSON, in base64 and as an address. */
function echo({ url, headers, body }: Heard): Response {
  const said = [headers.authorization, headers['x-basic'], body].join(' ')
  const all = { url, headers, body, said, quoted: JSON.stringify(said), address: encodeURIComponent(said) }
  const page = said.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  const php = JSON.stringify(said).replaceAll('/', '\\/').replaceAll('ü', '\\u00fc')
  const base64 = Object.values(VALUES).map(value => btoa(String.fromCharCode(...new TextEncoder().encode(value))))
  const status = url.includes('/fails') ? 500 : 200
  return json({ ...all, page, php, base64 }, status, { 'x-echo': encodeURIComponent(VALUES.crm), location: url })
}

test('no value of a secret is anywhere but in the call itself', async () => {
  const sent: string[] = []
  for (const lane of [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]) {
    const send = lane.send.bind(lane)
    vi.spyOn(lane, 'send').mockImplementation((message, options) => {
      sent.push(JSON.stringify([message, options]))
      return send(message, options)
    })
  }
  const printed: string[] = []
  for (const name of ['log', 'warn', 'error', 'info'] as const)
    vi.spyOn(console, name).mockImplementation((...said) => printed.push(said.map(String).join(' ')) as never)
  const { heard } = outsideAnswers(call => {
    if (call.url.includes('/broken')) throw new Error(`connection to ${call.url} reset with ${call.body}`)
    return call.url.includes('/told') ? new Response('thanks', { status: 500 }) : echo(call)
  })

  const parameters = { type: 'object', properties: { note: { type: 'string' } } }
  const tool = { key: 'crm_note', description: 'Notes.', parameters, http: http('tool') }
  expect((await team.call('POST', '/tools', tool)).status).toBe(201)
  const step = (over: object) => ({ key: 'call', handoffs: [{ to: 'complete' }], ...over })
  const steps = [
    step({ http: asStep('ok') }),
    step({ http: asStep('fails') }),
    step({ http: asStep('broken') }),
    step({ tool: 'crm_note', with: { note: '{{ input.title }}' } }),
  ]
  const callbacks = { url: `https://${HOST}/told`, on: ['done', 'failed', 'stuck'] }
  const made = await Promise.all(
    steps.map(async one => {
      const { body } = await team.call('POST', '/workflows', {
        ...{ baton: 1, name: 'Calls', owner: team.owner, title: '{{ input.title }}', callbacks, steps: [one] },
      })
      const { id } = (await team.call('POST', `/workflows/${body.id}/tasks`, { input: { title: 'A title' } })).body
      return { workflow: body.id as string, task: id as string }
    }),
  )
  await eventually(async () => {
    const states = await Promise.all(
      made.map(async ({ task }) => (await team.call('GET', `/tasks/${task}`)).body.status),
    )
    expect(states).toEqual(['done', 'failed', 'stuck', 'done'])
    expect(heard.filter(({ url }) => url.endsWith('/told')).length).toBeGreaterThanOrEqual(4)
  })
  await team.call('POST', '/tools/crm_note/try', { args: { note: 'x' } })

  // They did go out, or nothing is proven.
  const calls = heard.filter(({ url }) => !url.endsWith('/told'))
  expect(calls.length).toBeGreaterThanOrEqual(5)
  for (const call of calls) expect(call.headers.authorization).toBe(VALUES.pay)
  expect(sent.length).toBeGreaterThanOrEqual(8)

  const found: string[] = []
  const look = (where: string, text: string) => {
    const at = text.search(CANARY)
    if (at >= 0) found.push(`${where}: …${text.slice(Math.max(0, at - 60), at + 60)}…`)
  }
  look('queue', sent.join('\n'))
  look('console', printed.join('\n'))
  look(
    'callbacks',
    heard
      .filter(({ url }) => url.endsWith('/told'))
      .map(({ body }) => body)
      .join('\n'),
  )

  const paths = made.flatMap(({ task }) => ['', '/events', '/callbacks'].map(part => `/tasks/${task}${part}`))
  const lists = ['/audit', '/approvals', '/tools', '/tools/crm_note', '/secrets', '/workflows', '/metrics', '/health']
  const workflows = made.flatMap(({ workflow }) =>
    ['', '/versions/1', '/callbacks'].map(part => `/workflows/${workflow}${part}`),
  )
  for (const path of [...paths, ...lists, ...workflows]) {
    const { status, text } = await team.call('GET', path)
    expect(status, path).toBe(200)
    look(`API ${path}`, text)
  }
  const design = ['', '/edit', '/edit/yaml', '/edit/steps/call', '/docs', '/graph', '/callbacks', '/export']
  const pages = [
    ...made.flatMap(({ task }) => [`/tasks/${task}`, `/tasks/${task}?tab=log`]),
    ...made.flatMap(({ workflow }) => design.map(part => `/workflows/${workflow}${part}`)),
    ...[
      '/audit',
      '/audit.csv',
      '/tools',
      '/tools/crm_note',
      '/settings/secrets',
      '/approvals',
      '/workflows',
      '/health',
    ],
  ]
  for (const path of pages) {
    const { status, text } = await owner.open(path)
    expect(status, path).toBe(200)
    look(`page ${path}`, text)
  }
  // What is refused says what was wrong, not what it was.
  const refusals = [
    await team.call('PUT', '/secrets/crm', { value: 'CANARY\nof two lines', hosts: [HOST] }),
    await team.call('PUT', '/secrets/crm', { value: 'CANARY-elsewhere', hosts: ['10.0.0.1'] }),
    await team.call('PUT', '/secrets/crm', { value: 'CANARY-more', hosts: [HOST], other: 1 }),
    await owner.send('/settings/secrets', { name: 'crm', value: 'CANARY-page', hosts: 'http://x' }),
  ]
  for (const { status, text } of refusals) {
    expect(status).toBe(422)
    look('refusal', text)
  }

  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
  ).all<{ name: string }>()
  expect(tables.length).toBeGreaterThan(20)
  for (const { name } of tables)
    look(`D1 ${name}`, JSON.stringify((await env.DB.prepare(`SELECT * FROM "${name}"`).all()).results))
  expect(found).toEqual([])
})
