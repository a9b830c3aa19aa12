/** `/f/:intake`: the form of an input schema, for people without JavaScript; machines and bad inputs get nothing made. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { newToken } from '../../../src/intake/form/token.ts'
import { oneWindow } from '../../support/rate-window.ts'
import { activateAsItIsKept, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'

const INPUT = {
  type: 'object',
  required: ['company', 'seats'],
  additionalProperties: false,
  properties: {
    company: { type: 'string', title: 'Company <script>alert(1)</script>', maxLength: 80 },
    seats: { type: 'integer', minimum: 1 },
    plan: { enum: ['small', 'large'] },
    news: { type: 'boolean' },
    wishes: { type: 'string' },
  },
}

let team: Team
let workflow: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team, { input: INPUT, name: 'Sign-up' })
})

async function aForm(over: Record<string, unknown> = {}, of = workflow): Promise<{ id: string; path: string }> {
  const made = await team.call('POST', `/workflows/${of}/intakes`, { kind: 'form', ...over })
  if (made.status !== 201) throw new Error(made.text)
  return { id: made.body.id, path: new URL(made.body.url).pathname }
}

let senders = 0
/** Each call comes from an address of its own unless told otherwise: the limit is not what most tests are about. */
function post(path: string, body: BodyInit, headers: Record<string, string> = {}) {
  return fetchApi(path, { method: 'POST', body, headers: { 'CF-Connecting-IP': `2001:db8::${++senders}`, ...headers } })
}

const token = (id: string, age = 5000) => newToken(env, id, Date.now() - age)
const filled = async (id: string, over: Record<string, string> = {}) =>
  new URLSearchParams({ company: 'Globex', seats: '3', plan: 'large', _token: await token(id), ...over })
const tasks = async (of = workflow) => (await team.call('GET', `/tasks?workflow=${of}`)).body.items as { id: string }[]

describe('the page', () => {
  test('shows a field for each property, its own heading, and no script', async () => {
    const { path } = await aForm({ title: 'Join "us" <b>now</b>' })
    const page = await fetchApi(path)
    expect(page.status).toBe(200)
    for (const name of ['company', 'seats', 'plan', 'news', 'wishes', '_token'])
      expect(page.text).toContain(`name="${name}"`)
    expect(page.text).toContain('Join &quot;us&quot; &lt;b&gt;now&lt;/b&gt;')
    expect(page.text).not.toContain('<script>alert')
    expect(page.text).not.toMatch(/<b>now|\son\w+=|style=/)
    expect(page.headers.get('x-robots-tag')).toBe('noindex')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('is called as its workflow where it has no title; unknown ones and other kinds are 404', async () => {
    const { path, id } = await aForm()
    expect((await fetchApi(path)).text).toContain('<h1>Sign-up</h1>')
    const webhook = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook' })
    for (const to of [`/f/${webhook.body.id}`, '/f/int_aaaaaaaaaaaaaaaaaaaa', '/f/nonsense', '/f/..%2fx']) {
      expect((await fetchApi(to)).status, to).toBe(404)
    }
    await team.call('DELETE', `/intakes/${id}`)
    expect((await fetchApi(path)).status).toBe(404)
    expect((await post(path, 'a=1')).status).toBe(415)
  })
})

describe('sending it', () => {
  test('without JavaScript: read the page, fill it in, be thanked; the task has the types of the schema', async () => {
    const of = await aWorkflow(team, { input: INPUT })
    const { path, id } = await aForm({ thanks: 'See <you> soon.' }, of)
    const page = await fetchApi(path)
    expect(/name="_token" value="([^"]+)"/.exec(page.text)?.[1]).toBeTruthy()
    const sent = await post(path, await filled(id, { news: 'yes', wishes: 'Line 1\r\nLine 2' }))
    expect(sent.status, sent.text).toBe(200)
    expect(sent.text).toContain('See &lt;you&gt; soon.')
    const [task] = await eventually(async () => {
      const items = await tasks(of)
      expect(items).toHaveLength(1)
      return items
    })
    const { body } = await team.call('GET', `/tasks/${task!.id}`)
    expect(body.input).toEqual({ company: 'Globex', seats: 3, plan: 'large', news: true, wishes: 'Line 1\nLine 2' })
  })

  test('twice is one task; filled in anew on the same page it is another', async () => {
    const of = await aWorkflow(team, { input: INPUT })
    const { path, id } = await aForm({}, of)
    const first = await filled(id)
    const answers = await Promise.all([post(path, first), post(path, first), post(path, first)])
    expect(answers.map(one => one.status)).toEqual([200, 200, 200])
    first.set('company', 'Initech')
    await post(path, first)
    await eventually(async () => expect(await tasks(of)).toHaveLength(2))
  })

  test('what is wrong is said at its field, and what was written stays', async () => {
    const { path, id } = await aForm()
    const wrong = await post(path, await filled(id, { seats: '0', company: '' }))
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('This is needed.')
    const low = await post(path, await filled(id, { seats: '0' }))
    expect([low.status, low.text.includes('aria-invalid="true"'), low.text.includes('value="Globex"')]).toEqual([
      422,
      true,
      true,
    ])
  })

  test('while the workflow is paused it is kept, and says that it was received', async () => {
    const of = await aWorkflow(team, { input: INPUT })
    const { path, id } = await aForm({}, of)
    await team.call('POST', `/workflows/${of}/pause`)
    const sent = await post(path, await filled(id))
    expect([sent.status, sent.text.includes('Received')]).toEqual([202, true])
    expect((await team.call('GET', `/workflows/${of}/held`)).body.total).toBe(1)
  })

  test('as the pause ends it is never thanked for and kept nowhere: its task starts', async () => {
    const of = await aWorkflow(team, { input: INPUT })
    const { path, id } = await aForm({}, of)
    await team.call('POST', `/workflows/${of}/pause`)
    const body = await filled(id)
    const wasEnded = activateAsItIsKept(team, of)
    const sent = await post(path, body)
    vi.restoreAllMocks()
    expect([wasEnded(), sent.status]).toEqual([true, 200])
    await eventually(async () => expect(await tasks(of)).toHaveLength(1))
    expect((await team.call('GET', `/workflows/${of}/held`)).body.total).toBe(0)
  })

  test('without an input schema a form asks for a message', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { path, id } = await aForm({}, of)
    expect((await fetchApi(path)).text).toContain('name="text"')
    expect((await post(path, new URLSearchParams({ text: 'Hello', _token: await token(id) }))).status).toBe(200)
    const items = await eventually(async () => {
      const found = await tasks(of)
      expect(found).toHaveLength(1)
      return found
    })
    expect((await team.call('GET', `/tasks/${items[0]!.id}`)).body.input).toEqual({ text: 'Hello' })
  })
})

describe('its own limit', () => {
  test('beyond it the form says when to come back and keeps what was written; a repeat takes nobody’s place', async () => {
    const of = await aWorkflow(team, { input: INPUT })
    const { path, id } = await aForm({ limit: { count: 2, seconds: 3600 } }, of)
    const first = await filled(id, { company: 'One' })
    for (let n = 0; n < 3; n++) expect((await post(path, first)).status).toBe(200)
    expect((await post(path, await filled(id, { company: 'Two' }))).status).toBe(200)
    const over = await post(path, await filled(id, { company: 'Three' }))
    expect([over.status, over.text.includes('value="Three"')]).toEqual([429, true])
    expect(over.text).toContain('takes no more for now')
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
    await eventually(async () => expect(await tasks(of)).toHaveLength(2))
    expect((await team.call('PATCH', `/intakes/${id}`, { limit: null })).body.limit).toBeUndefined()
    expect((await post(path, await filled(id, { company: 'Three' }))).status).toBe(200)
  })

  test.each([{ count: 0, seconds: 1 }, { count: 1 }, { count: 1, seconds: 1, x: 1 }, 7])('%j is none', async limit => {
    const made = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'form', limit })
    expect([made.status, made.body.error.path.split('.')[0]]).toEqual([422, 'limit'])
  })
})

describe('machines', () => {
  test('that fill in the hidden field are thanked, and no task is made; as it may be a person’s browser, it is held and can be replayed', async () => {
    const of = await aWorkflow(team, { input: INPUT })
    const { path, id } = await aForm({}, of)
    const sent = await post(path, await filled(id, { _leave_empty: 'https://spam.test' }))
    expect([sent.status, sent.text.includes('Thank you')]).toEqual([200, true])
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(await tasks(of)).toEqual([])
    const [held] = (await team.call('GET', `/intakes/${id}/deliveries?verdict=held`)).body.items
    expect(held).toMatchObject({ verdict: 'held', reason: expect.stringContaining('unseen_field') })
    const again = await team.call('POST', `/deliveries/${held.id}/replay`)
    expect([again.status, again.body.verdict], again.text).toEqual([200, 'accepted'])
    expect((await team.call('GET', `/tasks/${again.body.task.id}`)).body.input).toEqual(held.body)
  })

  test('that are too quick, too late, or bring a token of their own or of another form are refused', async () => {
    const { path, id } = await aForm()
    const other = await aForm()
    const tokens = [
      await token(id, 500),
      await token(id, 25 * 3_600_000),
      await token(other.id),
      (await token(id)).replace(/.$/, last => (last === 'A' ? 'B' : 'A')),
      '',
      'x'.repeat(5000),
    ]
    for (const _token of tokens) {
      const sent = await post(path, await filled(id, { _token }))
      expect([sent.status, sent.text.includes('role="alert"')], _token.slice(0, 40)).toEqual([422, true])
    }
  })

  test('that send much from one address are told to wait', async () => {
    const { path, id } = await aForm()
    const from = { 'CF-Connecting-IP': '2001:db8::bad' }
    const body = await filled(id, { _token: '' })
    const statuses: number[] = []
    await oneWindow()
    for (let n = 0; n < 35; n++) statuses.push((await post(path, body, from)).status)
    expect(statuses).toContain(429)
    expect(statuses[0]).toBe(422)
  })

  test('another site’s page cannot send in a visitor’s name', async () => {
    const { path, id } = await aForm()
    expect((await post(path, await filled(id), { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
  })
})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
type Bad = [name: string, body: (good: string) => BodyInit, headers?: Record<string, string>]
const BAD: Bad[] = [
  ['empty', () => ''],
  ['blank', () => ' \n'],
  ['truncated', good => good.slice(0, 20)],
  ['not UTF-8', good => new Uint8Array([...new TextEncoder().encode(good), 0xc3, 0x28])],
  ['a byte order mark', good => new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode(good)])],
  ['UTF-16', good => new Uint8Array([...good].flatMap(c => [c.charCodeAt(0), 0]))],
  ['JSON', () => '{"company":"x","seats":1}', { 'content-type': 'application/json' }],
  ['no content type', good => new TextEncoder().encode(good), { 'content-type': '' }],
  ['a type that is none', good => good, { 'content-type': '<script>' }],
  ['another charset', good => good, { ...FORM, 'content-type': `${FORM['content-type']}; charset=utf-16` }],
  ['gzip', () => new Uint8Array([0x1f, 0x8b, 8, 0]), { ...FORM, 'content-encoding': 'gzip' }],
  ['too large', good => `${good}&wishes=${'x'.repeat(1_100_000)}`],
  ['an input too large', good => `${good}&wishes=${'x'.repeat(300_000)}`],
  ['multipart without a boundary', good => good, { 'content-type': 'multipart/form-data' }],
  ['multipart that is none', () => '--x\r\nbroken', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['a number that is none', good => good.replace('seats=3', 'seats=three')],
  ['a number beyond all', good => good.replace('seats=3', 'seats=1e999')],
  ['NaN', good => good.replace('seats=3', 'seats=NaN')],
  ['a part of a number', good => good.replace('seats=3', 'seats=1.5')],
  ['NUL', good => `${good}&wishes=a%00b`],
  ['a choice that is none', good => good.replace('plan=large', 'plan=huge')],
  ['too long a text', good => good.replace('Globex', 'x'.repeat(81))],
  ['a missing field', good => good.replace('company=Globex&', '')],
  ['a field of blanks', good => good.replace('Globex', '%20%20')],
]

describe('bad inputs', () => {
  test.each(BAD)('%s: 4xx at once, nothing written', async (_name, body, headers = FORM) => {
    const { path, id } = await aForm()
    const count = () =>
      env.DB.prepare(
        'SELECT (SELECT count(*) FROM tasks WHERE workflow = ?1) + (SELECT count(*) FROM held) + (SELECT count(*) FROM deliveries) AS n',
      )
        .bind(workflow)
        .first('n')
    const before = await count()
    const sent = await post(path, body((await filled(id)).toString()), headers)
    expect(sent.status, sent.text.slice(0, 300)).toBeGreaterThanOrEqual(400)
    expect(sent.status).toBeLessThan(500)
    expect(await count()).toBe(before)
  })

  test('what looks like code is stored as text: markup, templates, formulas, prototype keys', async () => {
    const of = await aWorkflow(team, { input: INPUT })
    const { path, id } = await aForm({}, of)
    const hostile = '<img src=x onerror=alert(1)> {{ input }} =1+1 \u202e'
    const body = await filled(id, { wishes: hostile, __proto__: 'x', constructor: 'x' })
    expect((await post(path, body)).status).toBe(200)
    const items = await eventually(async () => {
      const found = await tasks(of)
      expect(found).toHaveLength(1)
      return found
    })
    expect((await team.call('GET', `/tasks/${items[0]!.id}`)).body.input.wishes).toBe(hostile)
  })
})

describe('a field for a file', () => {
  const input = {
    type: 'object',
    required: ['cv'],
    additionalProperties: false,
    properties: {
      name: { type: 'string' },
      cv: { type: 'string', format: 'file' },
      more: { type: 'array', items: { format: 'file' } },
    },
  }
  // What was read in them lies beside them.
  const kept = async () =>
    (await env.FILES!.list({ prefix: `${team.id}/` })).objects.filter(({ key }) => !key.endsWith('.text')).length

  test('takes the file, once for each page, and nothing stays of a form that is refused', async () => {
    const of = await aWorkflow(team, { input })
    const { path, id } = await aForm({}, of)
    const page = await fetchApi(path)
    expect(page.text).toContain('enctype="multipart/form-data"')
    expect(page.text).toMatch(/<input[^>]*type="file"[^>]*name="cv"|<input[^>]*name="cv"[^>]*type="file"/)
    const form = (page: string, files: [string, string, string][]) => {
      const body = new FormData()
      body.append('name', 'Hank')
      body.append('_token', page)
      for (const [field, name, content] of files) body.append(field, new File([content], name))
      return body
    }
    const before = await kept()
    const one = await token(id)
    const files: [string, string, string][] = [
      ['cv', 'cv.pdf', '%PDF-1 me'],
      ['more', 'a.txt', 'a'],
      ['more', 'b.txt', 'b'],
    ]
    for (const _time of [1, 2]) {
      const sent = await post(path, form(one, files))
      expect(sent.status, sent.text).toBe(200)
    }
    const [task, ...others] = await eventually(async () => {
      const found = await tasks(of)
      expect(found).not.toEqual([])
      return found
    })
    expect(others).toEqual([])
    const { body } = await team.call('GET', `/tasks/${task!.id}`)
    expect(body.files.map(({ name }: { name: string }) => name)).toEqual(['cv.pdf', 'a.txt', 'b.txt'])
    expect(body.input).toEqual({ name: 'Hank', cv: body.files[0].id, more: [body.files[1].id, body.files[2].id] })
    expect(await kept()).toBe(before + 3)
    const missing = await post(path, form(await token(id), [['more', 'c.txt', 'c']]))
    expect([missing.status, missing.text.includes('This is needed.')]).toEqual([422, true])
    const forged = await post(path, form('nonsense', [['cv', 'd.txt', 'd']]))
    expect(forged.status).toBe(422)
    // A file's id that somebody knows is none that they sent.
    const known = form(await token(id), [])
    known.append('cv', body.files[0].id)
    expect((await post(path, known)).status).toBe(422)
    const eleven = await post(
      path,
      form(
        await token(id),
        Array.from({ length: 11 }, (_, n) => ['more', `${n}`, `${n}!`]),
      ),
    )
    expect([eleven.status, eleven.text.includes('A task has 10 files at most')]).toEqual([422, true])
    expect(await kept()).toBe(before + 3)
    expect(await tasks(of)).toHaveLength(1)
  })
})
