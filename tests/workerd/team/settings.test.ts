/** The keys page, the team page, the outbox, limits, prices and providers of models: who may do what there, and what is shown once. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { aTeam, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from './browser.ts'

let team: Team
let owner: Browser
let other: Team

beforeAll(async () => {
  team = await aTeam()
  other = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
})

const KEY = /btn_live_[a-z2-7]{10}_\w{43}_[0-9a-f]{8}/
const call = async (key: string) =>
  (await fetchApi('/api/v1/workflows', { headers: { Authorization: `Bearer ${key}` } })).status
const idOf = (key: string) => `key_${key.split('_')[2]}`

async function makeKey(name: string, lifetime = 'never'): Promise<string> {
  const made = await owner.send('/settings/keys', { name, scope: ['tasks:read', 'workflows:read'], lifetime })
  return KEY.exec(made.text)![0]
}

describe('a key', () => {
  test('is shown once, works, and leaves its last four characters', async () => {
    const key = await makeKey('The shop <b>&</b>')
    expect(await call(key)).toBe(200)
    const { text } = await owner.open('/settings/keys')
    expect(text).not.toMatch(KEY)
    expect(text).toContain(`…${key.slice(-4)}`)
    expect(text).toContain('tasks:read, workflows:read')
    expect(text).toContain('The shop &lt;b&gt;&amp;&lt;/b&gt;')
    expect(text).not.toContain('<b>&')
  })

  test('can be given an end', async () => {
    const key = await makeKey('Ends', '30')
    const row = await env.DB.prepare('SELECT expires_at AS ends, created_at AS made FROM keys WHERE id = ?1')
      .bind(idOf(key))
      .first<{ ends: number; made: number }>()
    expect(row!.ends - row!.made).toBe(30 * 86_400_000)
  })

  test('is rolled: the new one is shown once, the old one works for a day', async () => {
    const old = await makeKey('Rolled')
    const rolled = await owner.send(`/settings/keys/${idOf(old)}/roll`, {})
    const successor = KEY.exec(rolled.text)![0]
    expect(successor).not.toBe(old)
    expect([await call(old), await call(successor)]).toEqual([200, 200])
    const row = await env.DB.prepare('SELECT expires_at AS ends FROM keys WHERE id = ?1')
      .bind(idOf(old))
      .first<{ ends: number }>()
    expect(Math.abs(row!.ends - Date.now() - 86_400_000)).toBeLessThan(60_000)
  })

  test('is revoked by its typed name alone', async () => {
    const key = await makeKey('Precious')
    const wrong = await owner.send(`/settings/keys/${idOf(key)}/revoke`, { name: 'precious' })
    expect([wrong.status, await call(key)]).toEqual([422, 200])
    const right = await owner.send(`/settings/keys/${idOf(key)}/revoke`, { name: 'Precious' })
    expect([right.status, right.location, await call(key)]).toEqual([303, '/settings/keys', 401])
    const after = await owner.open('/settings/keys')
    expect(after.text).toContain('The key “Precious”')
    expect((await owner.open('/settings/keys')).text).not.toContain('The key “Precious”')
    expect((await owner.send(`/settings/keys/${idOf(key)}/roll`, {})).status).toBe(409)
  })

  test.each<Record<string, string>>([
    { name: '', scope: 'tasks:read', lifetime: 'never' },
    { name: 'x'.repeat(121), scope: 'tasks:read', lifetime: 'never' },
    { name: 'No scope', lifetime: 'never' },
    { name: 'Unknown scope', scope: 'root', lifetime: 'never' },
    { name: 'Unknown lifetime', scope: 'tasks:read', lifetime: '9999' },
  ])('that is asked for wrongly is not made: %j', async fields => {
    const count = () => env.DB.prepare('SELECT count(*) AS n FROM keys').first('n')
    const before = await count()
    expect((await owner.send('/settings/keys', fields)).status).toBe(422)
    expect(await count()).toBe(before)
  })
})

describe('who may', () => {
  test('members see the keys and change none', async () => {
    const member = new Browser()
    await member.signIn(await aMember(team.id))
    const key = await makeKey('Not for members')
    const seen = await member.open('/settings/keys')
    expect(seen.text).toContain('Not for members')
    expect(seen.text).not.toContain('Make the key')
    expect((await member.send('/settings/keys', { name: 'x', scope: 'admin', lifetime: 'never' })).status).toBe(403)
    expect((await member.send(`/settings/keys/${idOf(key)}/roll`, {})).status).toBe(403)
    expect((await member.send(`/settings/keys/${idOf(key)}/revoke`, { name: 'Not for members' })).status).toBe(403)
    expect(await call(key)).toBe(200)
  })

  test("nobody reaches another team's keys: they are not there", async () => {
    expect((await owner.open('/settings/keys')).text).not.toContain(other.key.slice(-4))
    const unknown = await owner.send('/settings/keys/key_aaaaaaaaaa/roll', {})
    const foreign = await owner.send(`/settings/keys/${other.keyId}/roll`, {})
    expect([unknown.status, foreign.status]).toEqual([404, 404])
    expect((await owner.send(`/settings/keys/${other.keyId}/revoke`, { name: 'all' })).status).toBe(404)
    expect(await call(other.key)).toBe(200)
  })
})

test('the team page lists its own members', async () => {
  const admin = await aMember(team.id, 'admin')
  const { text } = await owner.open('/settings/people')
  expect(text).toContain(team.owner)
  expect(text).toContain(admin)
  expect(text).not.toContain(other.owner)
})

test('the outbox shows mail, newest first, with links that can be followed', async () => {
  const someone = await aMember(team.id)
  await new Browser().askForLink(someone)
  const list = await new Browser().open('/outbox')
  const [first] = list.text.match(/\/outbox\/\d+/)!
  expect(list.text.indexOf(someone)).toBeGreaterThan(0)
  const mail = await new Browser().open(first)
  expect(mail.text).toMatch(/<a href="https:\/\/baton\.test\/sign-in\/link\?token=\w+"/)
  expect((await new Browser().open('/outbox/999999')).status).toBe(404)
  expect((await new Browser().open('/outbox/x')).status).toBe(404)
})

describe('limits of the team', () => {
  const SET = { budget: { day: 5, month: 100 }, providers: { openai: { parallel: 5, perMinute: 60 } }, waiting: 10 }

  test('are none until they are set; setting them replaces all, on record', async () => {
    const own = await aTeam()
    const none = { budget: { day: null, month: null }, providers: {}, waiting: null }
    expect((await own.call('GET', '/limits')).body).toEqual(none)
    expect(await own.call('PUT', '/limits', SET)).toMatchObject({ status: 200, body: SET })
    expect((await own.call('GET', '/limits')).body).toEqual(SET)
    expect((await own.call('PUT', '/limits', { waiting: 3 })).body).toEqual({ ...none, waiting: 3 })
    expect((await (await aTeam()).call('GET', '/limits')).body).toEqual(none)
    const { items } = (await own.call('GET', '/audit?type=limits.changed')).body
    expect(items.map((item: { facts: { limits: string }[] }) => JSON.parse(item.facts[0]!.limits))).toEqual([
      { ...none, waiting: 3 },
      SET,
    ])
  })

  test.each([
    ['budget.day', { budget: { day: 0 } }],
    ['budget.day', { budget: { day: '5' } }],
    ['providers.openai.parallel', { providers: { openai: { parallel: 0 } } }],
    ['waiting', { waiting: 0.5 }],
    ['', { budgets: {} }],
  ])('a wrong one is refused where it is: %s (%j)', async (path, body) => {
    expect(await team.call('PUT', '/limits', body)).toMatchObject({ status: 422, body: { error: { path } } })
  })

  test('the time zone is a setting, UTC unless set, and the limits do not touch it', async () => {
    const own = await aTeam()
    expect((await own.call('GET', '/settings')).body).toEqual({ timezone: 'UTC', taskBudget: 2, model: null })
    expect(await own.call('PUT', '/settings', { taskBudget: 0 })).toMatchObject({
      status: 422,
      body: { error: { path: 'taskBudget' } },
    })
    expect(await own.call('PUT', '/settings', { timezone: 'Mars/Olympus' })).toMatchObject({
      status: 422,
      body: { error: { path: 'timezone' } },
    })
    expect((await own.call('PUT', '/settings', { timezone: 'Europe/Berlin' })).status).toBe(200)
    await own.call('PUT', '/limits', SET)
    expect((await own.call('GET', '/settings')).body).toMatchObject({ timezone: 'Europe/Berlin' })
    expect((await own.call('GET', '/limits')).body).toEqual(SET)
  })

  test('on their page an owner sets them, what is wrong stands at its field, and a member only reads', async () => {
    const fields = { 'budget.day': '$5', 'budget.month': '1,000', timezone: 'Europe/Berlin', waiting: '' }
    const pace = { provider_0_name: 'openai', provider_0_parallel: '4', provider_0_perMinute: '' }
    const wrong = await owner.send('/settings/limits', { ...fields, waiting: 'many', ...pace })
    expect([wrong.status, wrong.text.includes('Give a whole number from 1')]).toEqual([422, true])
    expect(wrong.text).toContain('value="$5"')
    const set = await owner.send('/settings/limits', { ...fields, ...pace, taskBudget: '3' })
    expect([set.status, set.location]).toEqual([303, '/settings/limits'])
    expect((await team.call('GET', '/limits')).body).toEqual({
      budget: { day: 5, month: 1000 },
      providers: { openai: { parallel: 4 } },
      waiting: null,
    })
    expect((await team.call('GET', '/settings')).body).toEqual({
      timezone: 'Europe/Berlin',
      taskBudget: 3,
      model: null,
    })
    expect((await owner.open('/settings/limits')).text).toContain('Spent today: $0 of $5.00')
    const member = new Browser()
    await member.signIn(await aMember(team.id))
    const { text } = await member.open('/settings/limits')
    expect(text).toContain('value="1000"')
    expect(text).not.toContain('Save')
    expect((await member.send('/settings/limits', fields)).status).toBe(403)
  })
})

describe('the budget of a task', () => {
  const steps = [{ key: 'write', prompt: 'Write.', model: 'gpt-5-mini', handoffs: [{ to: 'complete' }] }]

  async function aStopped(own: Team): Promise<string> {
    const made = await own.call('POST', '/workflows', { baton: 1, name: 'Writes', owner: own.owner, steps })
    const started = await own.call('POST', `/workflows/${made.body.id}/tasks`, { input: {} })
    const { id } = started.body as { id: string }
    expect((await own.call('GET', `/tasks/${id}`)).body).toMatchObject({
      status: 'stuck',
      stuck: { cause: 'limit_cost' },
    })
    return id
  }

  /** A provider of the team's own, with a model that has a price and one that has none. */
  async function withOwnModels(own: Team): Promise<void> {
    const acme = { kind: 'openai-chat', baseUrl: 'https://models.acme.example/v1', models: ['small', 'large'] }
    expect((await own.call('PUT', '/providers/acme', acme)).status).toBe(200)
    expect((await own.call('PUT', '/prices/acme%2Fsmall', { input: 0.05, output: 0.4 })).status).toBe(200)
  }

  test('is the team’s where the workflow sets none; the task asks how to go on, and each answer is on record', async () => {
    const own = await aTeam()
    await own.call('PUT', '/settings', { taskBudget: 0.001 })
    const id = await aStopped(own)
    const raise = (body: object, key: string) =>
      own.call('POST', `/tasks/${id}/raise`, body, { 'Idempotency-Key': key })

    await withOwnModels(own)
    await own.call('PUT', '/prices/acme%2Fdear', { input: 15, output: 120 })
    const refused = [
      // Nobody is set up who would answer for these, and the last has a provider and no price.
      ['gpt-5-nano', 'provider_not_configured', 'Set OPENAI_API_KEY'],
      ['acne/small', 'unknown_provider', 'Did you mean `acme/…`?'],
      ['@cf/meta/llama-3.1-8b-instruct', 'provider_not_bound', 'wrangler.toml'],
      ['acme/large', 'unpriced_model', 'Give it a price first'],
    ] as const
    for (const [model, code, hint] of refused) {
      const answer = await raise({ model }, model)
      expect(answer).toMatchObject({ status: 422, body: { error: { code, path: 'model' } } })
      expect(answer.body.error.hint).toContain(hint)
    }
    expect((await raise({ model: 'acme/dear' }, 'b')).body.error.message).toContain('does not fit either')
    const cheaper = await raise({ model: 'acme/small' }, 'c')
    expect(cheaper.body).toMatchObject({ id, stuck: null })
    expect((await raise({ model: 'acme/small' }, 'c')).headers.get('Idempotent-Replayed')).toBe('true')
    const { items } = (await own.call('GET', `/tasks/${id}/events`)).body
    const raised = items.filter((event: { type: string }) => event.type === 'raised')
    expect(raised).toMatchObject([{ actor: { kind: 'key', id: own.keyId }, data: { model: { name: 'acme/small' } } }])
    await own.call('POST', `/tasks/${id}/cancel`, {})
  })

  test('is left as it was for a task that began before, and a task is finished with what there is', async () => {
    const own = await aTeam()
    await own.call('PUT', '/settings', { taskBudget: 0.001 })
    const id = await aStopped(own)
    await own.call('PUT', '/settings', { taskBudget: null })
    const finished = await own.call('POST', `/tasks/${id}/route`, { handoff: 'complete' })
    expect(finished.body).toMatchObject({ status: 'done', stuck: null })
  })

  test('is asked about on the task’s page: more, a cheaper model, or no further', async () => {
    const own = await aTeam()
    const ana = new Browser()
    await ana.signIn(own.owner)
    await own.call('PUT', '/settings', { taskBudget: 0.0012 })
    await withOwnModels(own)
    const id = await aStopped(own)
    await eventually(async () => expect((await ana.open('/approvals')).text).toContain(`href="/tasks/${id}"`))
    const { text } = await ana.open(`/tasks/${id}`)
    for (const said of ['Raise by $1', 'Finish with what there is', 'acme/small: about $0.0004 a call']) {
      expect(text).toContain(said)
    }
    // It is cheaper, and nobody is set up who would answer for it.
    expect(text).not.toContain('gpt-5-nano')
    // The card has the same three: two at once, and the choice of a model in the drawer.
    const { workflow } = (await own.call('GET', `/tasks/${id}`)).body as { workflow: string }
    const card = (await ana.open(`/workflows/${workflow}`)).text.split(`id="card-${id}"`)[1]!.split('</article>')[0]!
    expect(card).toContain(`action="/tasks/${id}/raise"`)
    expect(card).toMatch(/name="from" value="0.0012".*name="by" value="1".*Raise by \$1, to \$1\.00/s)
    expect(card).toMatch(new RegExp(`href="/tasks/${id}" hx-get="/tasks/${id}"[^>]*>.*Go on with a cheaper model`, 's'))
    expect(card).toMatch(/name="handoff" value="complete".*Finish with what there is/s)
    // The form of a page that was shown before somebody else raised the limit raises nothing.
    expect((await ana.send(`/tasks/${id}/raise`, { by: '1', from: '5' })).text).toContain('was changed meanwhile')
    expect((await ana.send(`/tasks/${id}/raise`, { by: '-1', from: '0.0012' })).status).toBe(422)
    expect((await ana.send(`/tasks/${id}/raise`, { model: 'acme/large' })).text).toContain('has no price')
    expect((await ana.send(`/tasks/${id}/raise`, { model: 'gpt-5-nano' })).text).toContain('no provider is set up')
    expect((await ana.send(`/tasks/${id}/raise`, { by: '1', from: '0.0012' })).status).toBe(303)
    const { items } = (await own.call('GET', `/tasks/${id}/events`)).body
    const raised = items.find((event: { type: string }) => event.type === 'raised')
    expect(raised).toMatchObject({ actor: { kind: 'person', id: own.owner }, data: { limits: { cost: 1.0012 } } })
    const next = await aStopped(own)
    expect((await ana.send(`/tasks/${next}/raise`, { model: 'acme/small' })).status).toBe(303)
    for (const each of [id, next]) await own.call('POST', `/tasks/${each}/cancel`, {})
    const last = await aStopped(own)
    expect((await ana.send(`/tasks/${last}/route`, { handoff: 'complete' })).status).toBe(303)
    expect((await own.call('GET', `/tasks/${last}`)).body.status).toBe('done')
  })
})

describe('providers of models', () => {
  const CANARY = 'canary-provider-91d2'
  const ACME = {
    kind: 'openai-chat',
    baseUrl: 'https://models.acme.example/v1',
    secret: 'acme',
    models: ['llama-3', 'big'],
  }
  const given = { key: 'acme', kind: ACME.kind, base_url: ACME.baseUrl, secret: 'acme', models: 'llama-3\nbig' }
  const step = (model: string) => ({ key: 'draft', prompt: 'Hi.', model, handoffs: [{ to: 'complete' }] })
  const works = (owner: string, model: string) => ({ baton: 1, name: 'Drafts', owner, steps: [step(model)] })
  const secretFor = (own: Team) => own.call('PUT', '/secrets/acme', { value: CANARY, hosts: ['models.acme.example'] })

  /** The network outside; what came is told. */
  function models(answer: () => Response) {
    const asked: { url: string; key: string | null; model: string }[] = []
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const request = new Request(input as string, init)
      const { model } = (await request.json()) as { model: string }
      asked.push({ url: request.url, key: request.headers.get('authorization'), model })
      return answer()
    })
    return asked
  }
  const says = (content: string) => () =>
    Response.json({ choices: [{ message: { content } }], usage: { prompt_tokens: 9, completion_tokens: 1 } })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('are set as a whole, offered, tried with their secret, named in steps, and not deleted under what names them', async () => {
    const own = await aTeam()
    await secretFor(own)
    const set = await own.call('PUT', '/providers/acme', ACME)
    expect(set).toMatchObject({ status: 200, body: { key: 'acme', ...ACME, usedBy: { workflows: [], agents: [] } } })
    expect((await own.call('GET', '/secrets')).body.items).toMatchObject([
      { name: 'acme', usedBy: [{ kind: 'provider', name: 'acme' }] },
    ])
    const asked = models(says(`OK ${CANARY}`))
    const tried = await own.call('POST', '/providers/acme/try', {})
    expect(tried).toMatchObject({
      status: 200,
      body: { model: 'acme/llama-3', ok: true, said: 'OK [secret: acme]', usage: { inputTokens: 9 } },
    })
    expect(asked).toEqual([{ url: `${ACME.baseUrl}/chat/completions`, key: `Bearer ${CANARY}`, model: 'llama-3' }])

    const bad = await own.call('POST', '/workflows', works(own.owner, 'acne/llama-3'))
    expect(bad).toMatchObject({ status: 422, body: { lint: [{ code: 'unknown_provider', path: 'steps[0].model' }] } })
    const made = await own.call('POST', '/workflows', works(own.owner, 'acme/big'))
    expect(made).toMatchObject({ status: 201, body: { lint: [{ code: 'unpriced_model', level: 'warning' }] } })
    // What a team's own provider offers is priced, and its pace set, like any other's.
    expect((await own.call('GET', '/prices')).body.unpriced).toEqual([
      { model: 'acme/big', usedBy: [{ kind: 'workflow', name: 'Drafts' }] },
      { model: 'acme/llama-3', usedBy: [] },
    ])
    const admin = new Browser()
    await admin.signIn(own.owner)
    expect((await admin.open('/settings/prices')).text).toContain('Set a price for acme/llama-3')
    expect((await admin.open('/settings/limits')).text).toContain('Calls a minute of acme')
    const agent = { key: 'writer', name: 'Writer', description: 'Writes.', model: 'acme/llama-3' }
    expect((await own.call('POST', '/agents', agent)).status).toBe(201)
    expect(await own.call('PUT', '/agents/writer', { ...agent, model: 'gone/x' })).toMatchObject({
      status: 422,
      body: { error: { code: 'unknown_provider', path: 'model' } },
    })
    expect(await own.call('DELETE', '/providers/acme')).toMatchObject({
      status: 409,
      body: {
        error: { code: 'provider_in_use', message: expect.stringContaining('“Drafts” (draft), the agent writer') },
      },
    })
    const { items } = (await own.call('GET', '/providers')).body
    expect(items).toMatchObject([{ usedBy: { workflows: [{ name: 'Drafts', steps: ['draft'] }], agents: ['writer'] } }])

    await own.call('DELETE', '/agents/writer')
    await own.call('DELETE', `/workflows/${made.body.id}`)
    const replaced = await own.call('PUT', '/providers/acme', { kind: 'openai-responses', baseUrl: ACME.baseUrl })
    expect(replaced.body).toMatchObject({ kind: 'openai-responses', secret: null, models: [] })
    expect((await own.call('POST', '/providers/acme/try', {})).status).toBe(422)
    expect(await own.call('PUT', '/settings', { model: 'acne/llama-3' })).toMatchObject({
      status: 422,
      body: { error: { code: 'unknown_provider', path: 'model' } },
    })
    await own.call('PUT', '/settings', { model: 'acme/llama-3' })
    expect((await own.call('DELETE', '/providers/acme')).body.error.message).toContain('the team’s default')
    await own.call('PUT', '/settings', {})
    expect((await own.call('DELETE', '/providers/acme')).status).toBe(204)
    expect((await own.call('DELETE', '/providers/acme')).status).toBe(404)
    const audit = await own.call('GET', '/audit')
    const types = (audit.body.items as { types: string[] }[]).flatMap(({ types }) => types)
    expect(types.filter(type => type.startsWith('provider.'))).toEqual([
      'provider.deleted',
      'provider.changed',
      'provider.tried',
      'provider.changed',
    ])
    expect([set, tried, audit].map(({ text }) => text).join()).not.toContain(CANARY)
  })

  test.each([
    ['key', 'openai', {}],
    ['key', 'Acme', {}],
    ['key', 'acme', { key: 'other' }],
    ['baseUrl', 'acme', { baseUrl: 'https://db.internal/v1' }],
    ['baseUrl', 'acme', { baseUrl: 'https://10.0.0.1/v1' }],
    ['secret', 'acme', { secret: 'nowhere' }],
    ['secret', 'acme', { baseUrl: 'https://elsewhere.example/v1' }],
    ['kind', 'acme', { kind: 'gemini' }],
    ['', 'acme', { value: 'x' }],
  ])('a wrong one is refused where it is: %s (%s, %j)', async (path, key, over) => {
    await secretFor(team)
    expect(await team.call('PUT', `/providers/${key}`, { ...ACME, ...over })).toMatchObject({
      status: 422,
      body: { error: { path } },
    })
  })

  test('what is tried for no task counts against the team’s budget, which then forbids it; an agent is tried on the team’s model', async () => {
    const own = await aTeam()
    await own.call('PUT', '/providers/acme', { ...ACME, secret: undefined })
    // Nine tokens are $0.90.
    await own.call('PUT', '/prices/acme%2Fllama-3', { input: 100_000, output: 0 })
    await own.call('PUT', '/limits', { budget: { day: 1 } })
    await own.call('PUT', '/settings', { model: 'acme/llama-3' })
    await own.call('POST', '/agents', { key: 'writer', name: 'Writer', description: 'Writes.' })
    const asked = models(says('OK'))
    const admin = new Browser()
    await admin.signIn(own.owner)
    const page = await admin.send('/agents/writer/try', { prompt: 'Read this.' })
    expect(page.text).toContain('acme/llama-3 · 9 tokens in, 1 out')
    expect((await admin.open('/settings/limits')).text).toContain('Spent today: $0.90 of $1.00')
    expect((await own.call('POST', '/providers/acme/try', {})).body).toMatchObject({ ok: true })
    const late = await own.call('POST', '/providers/acme/try', {})
    expect(late.body).toMatchObject({
      ok: false,
      said: expect.stringMatching(/budget of \$1.00 for this day is used up/),
    })
    expect((await admin.send('/agents/writer/try', { prompt: 'Read this.' })).text).toContain('is used up')
    expect(asked.map(({ model }) => model)).toEqual(['llama-3', 'llama-3'])
  })

  test('a task is answered by the team’s own, and held with what to do while it is at its limit', async () => {
    const own = await aTeam()
    await secretFor(own)
    await own.call('PUT', '/providers/acme', ACME)
    const workflow = (await own.call('POST', '/workflows', works(own.owner, 'acme/big'))).body.id as string
    const begin = async () => (await own.call('POST', `/workflows/${workflow}/tasks`, { input: {} })).body.id as string
    const seen = (task: string, status: string) =>
      vi.waitFor(async () => {
        const { body } = await own.call('GET', `/tasks/${task}`)
        expect(body.status).toBe(status)
        return body
      }, 10_000)
    const asked = models(says('Hello.'))
    expect((await seen(await begin(), 'done')).result).toBe('Hello.')
    expect(asked).toMatchObject([{ key: `Bearer ${CANARY}`, model: 'big' }])
    models(() => new Response('{"error":{"message":"Slow down"}}', { status: 429 }))
    expect((await seen(await begin(), 'held')).held.reason).toBe('provider_limit')
  })

  test('on their page an admin sets, tries and deletes one; a member only looks', async () => {
    await secretFor(team)
    const wrong = await owner.send('/settings/models', { ...given, base_url: 'https://models.internal/v1' })
    expect([wrong.status, wrong.text.includes('is a private name')]).toEqual([422, true])
    const set = await owner.send('/settings/models', given)
    expect([set.status, set.location]).toEqual([303, '/settings/models'])
    models(() => new Response('{"error":{"message":"No such key"}}', { status: 401 }))
    const refused = await owner.send('/settings/models/acme/try', { model: 'llama-3' })
    expect(refused.text).toContain('Check the secret “acme” of the provider “acme”')
    models(says('OK'))
    expect((await owner.send('/settings/models/acme/try', { model: 'llama-3' })).text).toContain('answered “OK”')
    const member = new Browser()
    await member.signIn(await aMember(team.id))
    const { text } = await member.open('/settings/models')
    expect(text).toContain('llama-3, big')
    expect(text).not.toContain('Set the provider')
    expect(text + refused.text).not.toContain(CANARY)
    for (const path of ['', '/acme/try', '/acme/delete']) {
      expect((await member.send(`/settings/models${path}`, { ...given, typed: 'acme' })).status).toBe(403)
    }
    const agent = await owner.open('/agents/new')
    expect(agent.text).toContain('<option value="acme/llama-3"')
    expect((await owner.send('/settings/models/acme/delete', { typed: 'acm' })).status).toBe(422)
    expect((await owner.send('/settings/models/acme/delete', { typed: 'acme' })).status).toBe(303)
  })
})

describe('what models cost', () => {
  const price = { input: 0.2, output: 0.8, cached: 0.02 }

  test('is the list’s unless the team sets it; what is used without a price is told until it has one', async () => {
    const own = await aTeam()
    const steps = [
      { key: 'write', prompt: 'Write.', model: 'house:1', fallback: ['gpt-5'], handoffs: [{ to: 'complete' }] },
    ]
    const design = { baton: 1, name: 'Writes', owner: own.owner, steps }
    const made = await own.call('POST', '/workflows', design)
    expect(made.body.lint).toMatchObject([{ code: 'unpriced_model', level: 'warning' }])
    const before = (await own.call('GET', '/prices')).body
    expect(before.unpriced).toEqual([{ model: 'house:1', usedBy: [{ kind: 'workflow', name: 'Writes' }] }])
    expect(before.items[0]).toMatchObject({ model: 'gpt-5', input: 1.25, source: 'list', usedBy: [{ name: 'Writes' }] })

    const set = await own.call('PUT', '/prices/house%3A1', price)
    expect(set).toMatchObject({ status: 200, body: { model: 'house:1', ...price, source: 'team' } })
    expect((await own.call('GET', '/prices')).body.unpriced).toEqual([])
    expect((await own.call('PUT', `/workflows/${made.body.id}`, { ...design, name: 'Writes more' })).body.lint).toEqual(
      [],
    )
    expect((await (await aTeam()).call('GET', '/prices')).text).not.toContain('house:1')
    expect((await own.call('DELETE', '/prices/house%3A1')).status).toBe(204)
    expect((await own.call('DELETE', '/prices/house%3A1')).status).toBe(404)
    const { items } = (await own.call('GET', '/audit?type=price.set')).body
    expect(items).toMatchObject([{ facts: [{ name: 'house:1', ...price }] }])
  })

  test.each([
    ['input', { input: -1, output: 1 }],
    ['output', { input: 1, output: 100_001 }],
    ['cached', { input: 1, output: 1, cached: -0.1 }],
    ['output', { input: 1 }],
  ])('a wrong one is refused at its field: %s (%j)', async (path, body) => {
    expect(await team.call('PUT', '/prices/house', body)).toMatchObject({ status: 422, body: { error: { path } } })
  })

  test('holds from then on: what a task’s call costs is what its price was, and a task takes the team’s model', async () => {
    const own = await aTeam()
    const asked: string[] = []
    const usage = { inputTokens: 1_000_000, outputTokens: 0, calls: 1, durationMs: 1 }
    scriptModels({
      resolve: (step, agent, usual) => step ?? agent ?? usual ?? 'server',
      provider: () => 'openai',
      port: model => ({
        complete: async () => {
          asked.push(model)
          return { kind: 'completed', answer: { output: 'text' }, usage: { ...usage, model } }
        },
      }),
    })
    try {
      await own.call('PUT', '/settings', { model: 'house', taskBudget: null })
      const steps = [{ key: 'write', prompt: 'Write.', handoffs: [{ to: 'complete' }] }]
      const { id } = (await own.call('POST', '/workflows', { baton: 1, name: 'W', owner: own.owner, steps })).body
      const costs: (number | null)[] = []
      for (const input of [0.2, 3]) {
        await own.call('PUT', '/prices/house', { input, output: 0 })
        const task = (await own.call('POST', `/workflows/${id}/tasks`, { input: {} })).body.id
        await eventually(async () => {
          const { status, usage } = (await own.call('GET', `/tasks/${task}`)).body
          expect(status).toBe('done')
          costs.push(usage.cost)
        })
      }
      expect([asked, costs]).toEqual([
        ['house', 'house'],
        [0.2, 3],
      ])
    } finally {
      scriptModels(null)
    }
  })

  test('is a page: an owner sets a price and the default model, a member reads them', async () => {
    const wrong = await owner.send('/settings/prices', { model: 'house-2', input: 'much', output: '1', cached: '' })
    expect([wrong.status, wrong.text.includes('Give USD for a million tokens')]).toEqual([422, true])
    const set = await owner.send('/settings/prices', { model: 'house-2', input: '$0.5', output: '1', cached: '' })
    expect([set.status, set.location]).toEqual([303, '/settings/prices'])
    const unknown = await owner.send('/settings/prices/usual', { usual: 'acne/small' })
    expect([unknown.status, unknown.text.includes('names the provider acne, which this team does not have')]).toEqual([
      422,
      true,
    ])
    expect((await owner.send('/settings/prices/usual', { usual: 'house-2' })).status).toBe(303)
    expect((await team.call('GET', '/settings')).body).toMatchObject({ model: 'house-2', timezone: 'Europe/Berlin' })
    const member = new Browser()
    await member.signIn(await aMember(team.id))
    const { text } = await member.open('/settings/prices')
    expect(text).toContain('$0.5')
    expect(text).not.toContain('Set the price')
    expect((await member.send('/settings/prices/delete', { model: 'house-2' })).status).toBe(403)
    expect((await owner.send('/settings/prices/delete', { model: 'house-2' })).status).toBe(303)
    expect((await owner.open('/settings/prices')).text).toContain('In use without a price')
    expect((await owner.open('/agents/new')).text).toContain('placeholder="house-2"')
  })
})
