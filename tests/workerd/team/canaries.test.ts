/**
 * Whatever opens a door: fifteen kinds of keys, tokens, codes and secrets go through one journey of a team, and are then looked
 * for everywhere. Each may be seen where it is meant to be, and nowhere else. (Secrets of calls: tests/workerd/calls/canaries.test.ts.)
 */
import { runInDurableObject } from 'cloudflare:test'
import { createHmac } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { taskStub } from '../../../src/env.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { fileLink } from '../../../src/files/links.ts'
import { newToken } from '../../../src/intake/form/token.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { type Answer, aTeam, env, eventually, fetchApi } from '../api/client.ts'
import { choose } from '../approval/world.ts'
import { Browser, COOKIE } from './browser.ts'

afterEach(() => {
  setNetwork(null)
  vi.restoreAllMocks()
})

const HOST = 'api.crm.example'
const SLACK = 'https://hooks.slack.example/services/T0/B0/CANARYofSlack4711'

interface Canary {
  value: string
  /** Places where it is meant to be; none: it is shown once, or never. */
  may?: RegExp
}

/** Mails are kept in this table in local mode alone; elsewhere they leave. */
const MAILED = /^D1 outbox$/

async function mailTo(recipient: string, holding: RegExp): Promise<string> {
  return eventually(async () => {
    const sql = 'SELECT text FROM outbox WHERE recipient = ?1 ORDER BY id DESC'
    const { results } = await env.DB.prepare(sql).bind(recipient).all<{ text: string }>()
    const found = results.find(({ text }) => holding.test(text))
    expect(found).toBeDefined()
    return found!.text
  })
}

const last = (path: string) => path.split('/').at(-1)!
const made = (answer: Answer, status = 201) => {
  expect(answer.status, answer.text).toBe(status)
  return answer.body
}

test('what opens a door is nowhere but where it is meant to be', async () => {
  const sent: string[] = []
  for (const queue of [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]) {
    const send = queue.send.bind(queue)
    vi.spyOn(queue, 'send').mockImplementation((message, options) => {
      sent.push(JSON.stringify([message, options]))
      return send(message, options)
    })
  }
  const printed: string[] = []
  for (const name of ['log', 'warn', 'error', 'info'] as const)
    vi.spyOn(console, name).mockImplementation((...said) => printed.push(said.map(String).join(' ')) as never)
  const { heard } = outsideAnswers(() => json({ ok: true }))

  // A team, its people, and what it holds.
  const team = await aTeam()
  const canaries: Record<string, Canary> = {
    'the server’s secret': { value: env.BATON_SECRET },
    'an API key': { value: team.key.split('_').at(-1)! },
    'a secret of calls': { value: 'CANARY-of-calls-8f2c61' },
    'a provider’s secret': { value: 'CANARY-of-a-provider-91d2' },
    // Whoever sets it up sees its host, and never its address.
    'a Slack address': { value: last(SLACK) },
  }
  const owner = new Browser()
  const signInLink = (await owner.askForLink(team.owner))!
  canaries['a sign-in link'] = { value: signInLink, may: MAILED }
  await owner.send('/sign-in/link', { token: signInLink })
  // Its row in D1 holds the part before the dot alone, which opens nothing without what the server's secret signed.
  canaries['a session'] = { value: decodeURIComponent(owner.cookies.get(COOKIE)!) }
  const ben = `ben-${crypto.randomUUID().slice(0, 8)}@guests.test`
  await owner.send('/settings/people', { email: ben, role: 'member' })
  const join = new URL(/https:\S+/.exec(await mailTo(ben, /\/join\//))![0]).pathname
  canaries['an invitation'] = { value: last(join), may: MAILED }
  await new Browser().send(join, { name: 'Ben' })

  const { calls, provider } = { calls: canaries['a secret of calls']!, provider: canaries['a provider’s secret']! }
  made(await team.call('PUT', '/secrets/crm', { value: calls.value, hosts: [HOST] }), 200)
  made(await team.call('PUT', '/secrets/acme', { value: provider.value, hosts: ['models.acme.example'] }), 200)
  const acme = { kind: 'openai-chat', baseUrl: 'https://models.acme.example/v1', secret: 'acme', models: ['big'] }
  made(await team.call('PUT', '/providers/acme', acme), 200)
  made(await team.call('POST', '/channels', { kind: 'slack', url: SLACK }))
  const channel = made(await team.call('POST', '/channels', { kind: 'webhook', url: 'https://told.example/hook' }))
  canaries['a channel’s signing secret'] = { value: channel.secret }

  // A workflow with ways in, a call, a risky question, and somebody to be told.
  const workflow = made(
    await team.call('POST', '/workflows', {
      ...{ baton: 1, name: 'Canaries', owner: team.owner, title: '{{ input.company }}' },
      input: { type: 'object', required: ['company'], properties: { company: { type: 'string' } } },
      callbacks: { url: 'https://told.example/callback', on: ['done', 'waiting'] },
      steps: [
        {
          ...{ key: 'call', handoffs: [{ to: 'approve' }] },
          http: { url: `https://${HOST}/x`, headers: { Authorization: 'Bearer {{ secrets.crm }}' } },
        },
        {
          ...{ key: 'approve', human: { assign: [ben], risk: 'high' } },
          handoffs: [{ when: 'approved', to: 'complete' }],
        },
      ],
    }),
  ).id as string
  canaries['a secret of callbacks'] = {
    value: made(await team.call('POST', `/workflows/${workflow}/callbacks/rotate`, {}), 200).callbackSecret,
  }
  const auth = { type: 'standard-webhooks' }
  const hook = made(await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', name: 'In', auth }))
  canaries['a webhook’s secret'] = { value: hook.secret }
  const form = made(await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'form', follow: 'status' }))

  // Two tasks: one by a signed webhook, one by the form.
  const body = '{"company":"Globex"}'
  const at = String(Math.floor(Date.now() / 1000))
  const key = Buffer.from(hook.secret.slice('whsec_'.length), 'base64')
  const signature = `v1,${createHmac('sha256', key).update(`msg_1.${at}.${body}`).digest('base64')}`
  const signed = { 'webhook-id': 'msg_1', 'webhook-timestamp': at, 'webhook-signature': signature }
  const headers = { 'content-type': 'application/json', ...signed }
  const took = made(await fetchApi(`/in/${hook.id}`, { method: 'POST', body, headers }), 202)
  const task = took.task.id as string
  const filled = new URLSearchParams({ company: 'Initech', _token: await newToken(env, form.id, Date.now() - 5000) })
  const thanks = await fetchApi(new URL(form.url).pathname, {
    method: 'POST',
    body: filled,
    headers: { 'CF-Connecting-IP': '2001:db8::77' },
  })
  expect(thanks.status).toBe(200)
  canaries['a form’s status link'] = { value: /\/s\/([\w.~-]+)/.exec(thanks.text)![1]! }

  // A file, looked at by its link.
  const files = new FormData()
  files.append('file', new Blob(['Hello.'], { type: 'text/plain' }), 'hello.txt')
  const upload = { method: 'POST', body: files, headers: { authorization: `Bearer ${team.key}` } }
  const file = made(await fetchApi(`/api/v1/tasks/${task}/files`, upload))
  const link = await fileLink(env, team.id, file.id, Date.now())
  expect((await fetchApi(link)).text).toBe('Hello.')
  canaries['a file’s link'] = { value: last(link) }

  // Ben decides, by the link and the code of his mail.
  const asked = await mailTo(ben, /code of this link/)
  const decide = new URL(/https?:\S+\/a\/\S+/.exec(asked)![0]).pathname
  canaries['an approval’s link'] = { value: last(decide), may: MAILED }
  canaries['the code of a risky one'] = { value: /code of this link: (\d{8})/.exec(asked)![1]!, may: MAILED }
  const page = await fetchApi(decide)
  expect(page.status).toBe(200)
  const code = canaries['the code of a risky one']!.value
  expect(
    (await choose(decide, 'approved', { code: code.replace(/.$/, digit => `${(Number(digit) + 1) % 10}`) })).status,
  ).toBe(422)
  const ofTask = /^code of this link/.test(asked) ? task : taskOf(decide)
  expect((await choose(decide, 'approved', { code })).status).toBe(303)
  await eventually(async () => expect((await team.call('GET', `/tasks/${ofTask}`)).body.status).toBe('done'))
  await eventually(async () =>
    expect(heard.map(({ url }) => url)).toEqual(
      expect.arrayContaining([
        SLACK,
        'https://told.example/hook',
        'https://told.example/callback',
        `https://${HOST}/x`,
      ]),
    ),
  )
  expect(Object.keys(canaries).length).toBeGreaterThanOrEqual(14)
  for (const [name, { value }] of Object.entries(canaries)) expect(value.length, name).toBeGreaterThanOrEqual(8)

  const found: string[] = []
  const look = (where: string, text: string) => {
    const plain = decode(text)
    for (const [name, { value, may }] of Object.entries(canaries))
      if ((text.includes(value) || plain.includes(value)) && !may?.test(where)) found.push(`${name}: ${where}`)
  }
  look('queue', sent.join('\n'))
  look('console', printed.join('\n'))
  for (const { url, headers, body } of heard) {
    const { authorization = '', ...others } = headers
    // What a call says of itself is for whom it is made.
    if (!url.startsWith(`https://${HOST}`)) look(`sent to ${url}`, authorization)
    look(`sent to ${url}`, `${url === SLACK ? '' : url} ${JSON.stringify(others)} ${body}`)
  }
  for (const id of new Set([task, ofTask])) {
    const kept: string = await runInDurableObject(
      taskStub(env, team.id, id) as unknown as DurableObjectStub,
      (_, state) => JSON.stringify(state.storage.sql.exec('SELECT * FROM log').toArray()),
    )
    expect(kept).toMatch(/Globex|Initech/)
    look(`log of ${id}`, kept)
    for (const part of ['', '/events', '/callbacks', '/files'])
      look(`API of a task ${part}`, await read(`/tasks/${id}${part}`))
  }
  async function read(path: string): Promise<string> {
    const { status, text } = await team.call('GET', path)
    expect(status, path).toBe(200)
    return text
  }
  const lists = ['/audit', '/approvals', '/secrets', '/providers', '/channels', '/messages', '/keys', '/workflows']
  const design = ['', '/versions/1', '/callbacks', '/intakes'].map(part => `/workflows/${workflow}${part}`)
  for (const path of [
    ...lists,
    ...design,
    `/intakes/${hook.id}`,
    `/intakes/${hook.id}/deliveries`,
    '/health',
    '/tasks?q=globex',
  ])
    look(`API ${path}`, await read(path))
  const settings = ['keys', 'people', 'secrets', 'models', 'notifications', 'you'].map(name => `/settings/${name}`)
  const parts = ['', '/edit', '/edit/yaml', '/docs', '/callbacks', '/export', '/intakes', `/intakes/${hook.id}`]
  const pages = [...settings, ...parts.map(part => `/workflows/${workflow}${part}`), `/tasks/${ofTask}?tab=log`]
  for (const path of [...pages, '/approvals', '/approvals?show=decided', '/audit', '/audit.csv', '/health']) {
    const { status, text } = await owner.open(path)
    expect(status, path).toBe(200)
    look(`page ${path}`, text)
  }
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
  ).all<{ name: string }>()
  for (const { name } of tables)
    look(`D1 ${name}`, JSON.stringify((await env.DB.prepare(`SELECT * FROM "${name}"`).all()).results))
  expect(found).toEqual([])
})

/** The task that a signed link is about. */
function taskOf(path: string): string {
  const claims = atob(last(path).split('.')[0]!.replaceAll('-', '+').replaceAll('_', '/'))
  return /tsk_[a-z2-7]+/.exec(claims)![0]
}

/** As a page spells it: entities and percents undone. */
function decode(text: string): string {
  const plain = text.replaceAll('&#x2F;', '/').replaceAll('&amp;', '&').replaceAll('&#43;', '+').replaceAll('\\/', '/')
  return plain.replace(/(%[0-9a-f]{2})+/gi, run => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}
