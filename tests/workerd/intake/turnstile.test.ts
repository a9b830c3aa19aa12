/** Turnstile on a form: its page and policy, and what becomes of a submission whatever the service says, or when it says nothing. */
import { createExecutionContext } from 'cloudflare:test'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { newToken } from '../../../src/intake/form/token.ts'
import { aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'

const VERIFY = 'https://verify.test/siteverify'
const KEYS = {
  BATON_TURNSTILE_SITE_KEY: 'site-key',
  BATON_TURNSTILE_SECRET: 'the-secret',
  BATON_TURNSTILE_VERIFY: VERIFY,
}
const HOST = 'https://challenges.cloudflare.com'

let team: Team
let workflow: string
let path: string
let id: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
  const made = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'form' })
  id = made.body.id
  path = new URL(made.body.url).pathname
})
afterEach(() => vi.unstubAllGlobals())

/** The service as it is faked: what it was asked, and what it answers. */
function service(answer: (form: URLSearchParams) => Response | Promise<Response>): URLSearchParams[] {
  const asked: URLSearchParams[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    expect(url).toBe(VERIFY)
    asked.push(init.body as URLSearchParams)
    return answer(init.body as URLSearchParams)
  })
  return asked
}

async function ask(init?: RequestInit, over: Record<string, string> = KEYS) {
  const request = new Request(`https://baton.test${path}`, init)
  const answer = await app.fetch(request, { ...env, ...over }, createExecutionContext())
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

let senders = 0
async function send(over: Record<string, string> = {}, page?: string) {
  const body = new URLSearchParams({
    company: 'Globex',
    'cf-turnstile-response': 'a-token',
    _token: page ?? (await newToken(env, id, Date.now() - 5000)),
    ...over,
  })
  return ask({ method: 'POST', body, headers: { 'CF-Connecting-IP': `2001:db8:2::${++senders}` } })
}

const tasks = async () => (await team.call('GET', `/tasks?workflow=${workflow}`)).body.items as { id: string }[]

test('the page shows the widget and lets in its host alone; without the keys there is neither', async () => {
  const page = await ask()
  expect(page.text).toContain('data-sitekey="site-key"')
  expect(page.text).toContain(`<script src="${HOST}/turnstile/v0/api.js"`)
  expect(page.text).toContain('<noscript>')
  const policy = page.headers.get('content-security-policy')!
  expect(policy).toContain(`script-src 'self' ${HOST};`)
  expect(policy).toContain(`frame-src ${HOST}`)
  expect(policy).toContain("style-src 'self';")
  for (const plain of [await fetchApi(path), await ask({}, { BATON_TURNSTILE_SITE_KEY: 'half' })]) {
    expect(plain.text).not.toContain('turnstile')
    expect(plain.headers.get('content-security-policy')).not.toContain('cloudflare')
  }
})

test('a person’s form is taken in, and the service is asked with secret, token and address', async () => {
  const before = (await tasks()).length
  const asked = service(() => Response.json({ success: true, 'error-codes': [] }))
  const sent = await send({ company: 'A person' })
  expect([sent.status, sent.text.includes('Thank you')]).toEqual([200, true])
  expect(Object.fromEntries(asked[0]!)).toEqual({
    secret: 'the-secret',
    response: 'a-token',
    remoteip: `2001:db8:2::${senders}`,
  })
  await eventually(async () => expect(await tasks()).toHaveLength(before + 1))
})

test('the same page sent twice is one task, though its token counts once', async () => {
  const before = (await tasks()).length
  const used = new Set<string>()
  const asked = service(form => {
    const first = !used.has(form.get('response')!)
    used.add(form.get('response')!)
    return Response.json(first ? { success: true } : { success: false, 'error-codes': ['timeout-or-duplicate'] })
  })
  const page = await newToken(env, id, Date.now() - 5000)
  const answers = [await send({ company: 'Twice' }, page), await send({ company: 'Twice' }, page)]
  expect(answers.map(one => one.status)).toEqual([200, 200])
  expect(asked).toHaveLength(1)
  await eventually(async () => expect(await tasks()).toHaveLength(before + 1))
})

test('a machine’s form comes back with what was written, and makes nothing', async () => {
  const before = (await tasks()).length
  service(() => Response.json({ success: false, 'error-codes': ['invalid-input-response'] }))
  for (const token of ['wrong', '', 'x'.repeat(3000)]) {
    const sent = await send({ company: 'A machine', 'cf-turnstile-response': token })
    expect([sent.status, sent.text.includes('value="A machine"')]).toEqual([422, true])
    expect(sent.text).toContain('did not pass')
    expect(sent.headers.get('content-security-policy')).toContain(HOST)
  }
  expect(await tasks()).toHaveLength(before)
})

test.each<[string, () => Response | Promise<Response>]>([
  ['is down', () => Promise.reject(new TypeError('connection refused'))],
  ['takes too long', () => Promise.reject(new DOMException('timed out', 'TimeoutError'))],
  ['answers with an error page', () => new Response('<h1>502</h1>', { status: 502 })],
  ['answers what nobody understands', () => Response.json({ hello: 'world' })],
  ['has an error of its own', () => Response.json({ success: false, 'error-codes': ['internal-error'] })],
  ['does not know our secret', () => Response.json({ success: false, 'error-codes': ['invalid-input-secret'] })],
])('when the service %s, the page says so, keeps the fields, and asks to be sent again', async (_what, answer) => {
  const before = (await tasks()).length
  service(answer)
  const page = await newToken(env, id, Date.now() - 5000)
  const sent = await send({ company: 'Held up' }, page)
  expect(sent.status).toBe(503)
  expect(sent.headers.get('retry-after')).toBe('30')
  expect(sent.text).toContain('value="Held up"')
  expect(sent.text).toContain('Nothing was sent')
  expect(sent.text).toContain(`value="${page}"`)
  expect(await tasks()).toHaveLength(before)
  service(() => Response.json({ success: true }))
  expect((await send({ company: 'Held up' }, page)).status).toBe(200)
  await eventually(async () => expect(await tasks()).toHaveLength(before + 1))
})

test('what is wrong with the fields is said before the token is spent', async () => {
  const asked = service(() => Response.json({ success: true }))
  expect((await send({ company: '' })).status).toBe(422)
  expect(asked).toEqual([])
})
