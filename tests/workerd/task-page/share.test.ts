/** A task shown by a link: what was chosen and nothing more, until it ends or is taken back; links that are none show nothing. */
import { beforeAll, expect, test } from 'vitest'
import { newTaskId } from '../../../src/records/ids.ts'
import { forgetShares, shareById } from '../../../src/records/task/shares.ts'
import { shareLink } from '../../../src/task/document/share-link.ts'
import { oneWindow } from '../../support/rate-window.ts'
import { aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

const IBAN = 'DE89370400440532013000'
const steps = [
  {
    key: 'draft',
    name: 'Write it',
    prompt: 'PROMPT-TEXT [demo: set answer=OUTPUT-TEXT] for {{ input.company }}.',
    model: 'demo',
    output: { type: 'object', required: ['answer'], properties: { answer: { type: 'string' } } },
    handoffs: [{ to: 'review' }],
  },
  {
    key: 'review',
    name: 'Look it over',
    human: { assign: ['boss@acme.test'], instructions: 'INSTRUCTIONS-TEXT' },
    handoffs: [{ when: 'approved', to: 'complete' }],
  },
]

async function aShareable() {
  const team = await aTeam()
  const input = { type: 'object', properties: { company: { type: 'string' }, iban: { type: 'string' } } }
  const workflow = await aWorkflow(team, { steps, input, redact: ['input.iban'], title: 'An answer' })
  const started = await team.call('POST', `/workflows/${workflow}/tasks`, {
    input: { company: 'INPUT-TEXT', iban: IBAN },
  })
  const task = started.body.id as string
  const view = () => team.call('GET', `/tasks/${task}`)
  await eventually(async () => expect((await view()).body.status).toBe('waiting'))
  const browser = new Browser()
  await browser.signIn(team.owner)
  return { team, task, browser, page: `/tasks/${task}/document` }
}

type Shareable = Awaited<ReturnType<typeof aShareable>>

async function shared({ browser, task, page }: Shareable, fields: Record<string, string> = {}) {
  const sent = await browser.send(`/tasks/${task}/shares`, { detail: 'summary', inputs: 'no', days: '7', ...fields })
  expect([sent.status, sent.location]).toEqual([303, page])
  const { text } = await browser.open(page)
  const link = /https:\/\/baton\.test(\/v\/[\w.-]+)/.exec(text)![1]!
  const id = /shares\/(shr_\w+)\/revoke/.exec(text)![1]!
  return { link, revoke: `/tasks/${task}/shares/${id}/revoke`, id }
}

let world: Shareable
beforeAll(async () => {
  world = await aShareable()
})

const ANYTHING = ['PROMPT-TEXT', 'INSTRUCTIONS-TEXT', IBAN, 'boss@acme.test', 'OUTPUT-TEXT', 'INPUT-TEXT']

test('a link shows what was previewed and nothing more; the page sends nothing on and is found by nobody', async () => {
  const { browser, page, team } = world
  const least = await shared(world)
  const seen = await fetchApi(least.link)
  expect(seen.status).toBe(200)
  for (const part of ['An answer', 'Write it', 'Look it over']) expect(seen.text).toContain(part)
  for (const part of [...ANYTHING, team.owner, team.keyId, world.task])
    expect([part, seen.text.includes(part)]).toEqual([part, false])
  expect(seen.text).not.toMatch(/<form|hx-get/)
  expect(Object.fromEntries(seen.headers)).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
  })
  expect(seen.headers.get('content-security-policy')).toContain("form-action 'none'")
  expect(seen.headers.get('set-cookie')).toBeNull()
  const head = await fetchApi(least.link, { method: 'HEAD' })
  expect([head.status, head.text]).toEqual([200, ''])
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await fetchApi(least.link, { method })).headers.get('allow')).toBe('GET, HEAD')

  const preview = await browser.open(`${page}?share=look&detail=full&inputs=yes&days=1`)
  for (const part of ['OUTPUT-TEXT', 'INPUT-TEXT', '[redacted: iban]']) expect(preview.text).toContain(part)
  const most = await fetchApi((await shared(world, { detail: 'full', inputs: 'yes' })).link)
  for (const part of ['OUTPUT-TEXT', 'INPUT-TEXT', '[redacted: iban]']) expect(most.text).toContain(part)
  for (const part of ['PROMPT-TEXT', 'INSTRUCTIONS-TEXT', IBAN, 'boss@acme.test'])
    expect([part, most.text.includes(part)]).toEqual([part, false])
})

test('taken back, it shows nothing at once; what ended, was forged, or is of another team or task never does', async () => {
  const { browser, team, task } = world
  const { link, revoke, id } = await shared(world)
  const gone = async (path: string, status: number) => {
    const seen = await fetchApi(path)
    expect([path, seen.status, seen.text.includes('Write it')]).toEqual([path, status, false])
    expect(seen.headers.get('x-robots-tag')).toContain('noindex')
  }
  const token = link.slice(3)
  for (let at = 0; at < token.length; at += 9)
    await gone(`/v/${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`, 403)
  for (const wrong of ['x', 'a.b', `${token}.x`]) await gone(`/v/${wrong}`, 403)
  // A link of another kind is none of these, nor the other way about.
  expect((await fetchApi(`/s/${token}`)).status).toBe(403)

  const other: Team = await aTeam()
  const row = { team: team.id, task, id, expiresAt: Date.now() + 60_000, shows: null }
  const path = async (over: Partial<typeof row>) => new URL(await shareLink(env, { ...row, ...over })).pathname
  expect((await fetchApi(await path({}))).status).toBe(200)
  await gone(await path({ expiresAt: Date.now() - 1000 }), 410)
  for (const over of [{ team: other.id }, { task: newTaskId() }, { id: 'shr_aaaaaaaaaaaaaaaaaaaa' }])
    await gone(await path(over), 410)
  // The row's own end holds, whatever a link says.
  await env.DB.prepare('UPDATE shares SET expires_at = 1 WHERE team = ?1 AND id = ?2').bind(team.id, id).run()
  await gone(link, 410)
  await env.DB.prepare('UPDATE shares SET expires_at = ?3 WHERE team = ?1 AND id = ?2')
    .bind(team.id, id, row.expiresAt)
    .run()

  const stranger = new Browser()
  await stranger.signIn(other.owner)
  expect((await stranger.send(revoke, {})).status).toBe(404)
  const viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
  expect((await viewer.send(revoke, {})).status).toBe(403)
  expect((await viewer.open(world.page)).text).not.toContain('/v/')
  expect((await fetchApi(link)).status).toBe(200)

  expect((await browser.send(revoke, {})).status).toBe(303)
  await gone(link, 410)
  expect((await browser.open(world.page)).text).not.toContain(revoke)
})

test('a link may be opened often, but not without end', async () => {
  const { link } = await shared(world)
  const statuses: number[] = []
  await oneWindow()
  for (let n = 0; n < 35; n++) statuses.push((await fetchApi(link, { method: 'HEAD' })).status)
  expect([statuses[0], statuses.at(-1)]).toEqual([200, 429])
})

const SITE = 'https://intranet.acme.test'
const by = (site: string, path = '/') => ({ 'Sec-Fetch-Site': 'cross-site', Referer: `${site}${path}` })

/** A status by API, and where its page and badge are. */
async function aStatus({ team, task }: Shareable, shows: string[]) {
  const { status, body } = await team.call('POST', `/tasks/${task}/shares`, { shows: 'status', with: shows, days: 1 })
  expect(status).toBe(201)
  return { id: body.id as string, page: new URL(body.url).pathname, badge: new URL(body.badge).pathname }
}

test('a status is shown within the pages of named sites alone, says what was chosen, and stops at once', async () => {
  const { team, task, browser } = world
  const name = (...origins: string[]) => team.call('PUT', '/embed-origins', { origins })
  expect((await name('http://intranet.acme.test')).body.error.path).toBe('origins')
  expect((await name(SITE)).body.origins).toEqual([SITE])
  const plain = await aStatus(world, [])
  const seen = await fetchApi(plain.page)
  expect(seen.status).toBe(200)
  expect(seen.text).toContain('Waiting')
  for (const part of [...ANYTHING, 'An answer', 'Look it over', 'Write it', team.owner, task, 'Started'])
    expect([part, seen.text.includes(part)]).toEqual([part, false])
  expect(seen.text).not.toMatch(/<script|<form|<a /)
  expect(Object.fromEntries(seen.headers)).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'cross-origin-resource-policy': 'cross-origin',
  })
  expect(seen.headers.get('content-security-policy')).toContain(`frame-ancestors ${SITE}`)
  expect(seen.headers.get('content-security-policy')).not.toContain("frame-ancestors 'none'")
  expect(seen.headers.get('set-cookie')).toBeNull()

  const badge = (site: Record<string, string>) => fetchApi(plain.badge, { headers: site })
  const drawn = await badge(by(SITE, '/home'))
  expect([drawn.status, drawn.headers.get('content-type'), drawn.headers.get('cross-origin-resource-policy')]).toEqual([
    200,
    'image/svg+xml; charset=utf-8',
    'cross-origin',
  ])
  expect(drawn.text).toContain('aria-label="Task: Waiting"')
  for (const other of [by('https://evil.test'), by(`${SITE}.evil.test`), { 'Sec-Fetch-Site': 'cross-site' }]) {
    const refused = await badge(other)
    expect([refused.status, refused.headers.get('cross-origin-resource-policy')]).toEqual([403, 'same-origin'])
    expect(refused.text).not.toContain('Waiting')
  }

  const chosen = await aStatus(world, ['times', 'title', 'step'])
  for (const path of [chosen.page, chosen.badge]) {
    const { text } = await fetchApi(path)
    for (const part of ['An answer', 'Look it over'])
      expect([path, part, text.includes(part)]).toEqual([path, part, true])
    for (const part of [...ANYTHING, 'Write it', team.owner])
      expect([path, part, text.includes(part)]).toEqual([path, part, false])
  }
  // A link of one kind is none of the other, forged ones are none.
  const token = plain.page.slice(3)
  expect((await fetchApi(`/v/${token}`)).status).toBe(403)
  expect((await fetchApi(`/e/${(await shared(world)).link.slice(3)}`)).status).toBe(403)
  expect((await fetchApi(`/e/${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).status).toBe(403)

  // A site that is taken away shows nothing from the next request on.
  await browser.send('/settings/embedding', { origins: 'https://other.acme.test' })
  expect((await badge(by(SITE))).status).toBe(403)
  expect((await fetchApi(plain.page)).headers.get('content-security-policy')).toContain(
    'frame-ancestors https://other.acme.test',
  )
  await browser.send('/settings/embedding', { origins: '' })
  const nobody = await fetchApi(plain.page)
  expect(nobody.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(nobody.headers.get('cross-origin-resource-policy')).toBe('same-origin')

  expect((await team.call('DELETE', `/tasks/${task}/shares/${plain.id}`)).status).toBe(204)
  for (const path of [plain.page, plain.badge]) {
    const gone = await fetchApi(path)
    expect([path, gone.status, gone.text.includes('Waiting')]).toEqual([path, 410, false])
    expect(gone.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  }
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await fetchApi(chosen.page, { method })).headers.get('allow')).toBe('GET, HEAD')
})

test('a status is chosen, looked at, made and taken back on the page; links are listed by API; what ended is forgotten', async () => {
  const { browser, page, team, task } = world
  const preview = await browser.open(`${page}?embed=look&show.step=on&days=30`)
  expect(preview.text).toContain('Make the link that shows this')
  expect(preview.text).toContain('aria-label="Task: Waiting · at Look it over"')
  const fields = { as: 'status', 'show.step': 'on', days: '30' }
  expect((await browser.send(`/tasks/${task}/shares`, fields)).status).toBe(303)
  expect((await browser.send(`/tasks/${task}/shares`, { ...fields, days: '99' })).status).toBe(400)
  const { text } = await browser.open(page)
  expect(text).toMatch(/&lt;img src=&quot;https:\/\/baton\.test\/e\/[\w.-]+\/badge\.svg/)
  const listed = await team.call('GET', `/tasks/${task}/shares`)
  const [latest] = listed.body.items
  expect(latest).toMatchObject({ shows: 'status', with: ['step'], detail: null, createdBy: team.owner })
  await browser.send(`/tasks/${task}/shares/${latest.id}/revoke`, {})
  expect((await fetchApi(new URL(latest.url).pathname)).status).toBe(410)
  expect(
    (await team.call('GET', `/tasks/${task}/shares`)).body.items.map(({ id }: { id: string }) => id),
  ).not.toContain(latest.id)
  const other: Team = await aTeam()
  for (const [method, path] of [
    ['GET', ''],
    ['POST', ''],
    ['DELETE', `/${latest.id}`],
  ] as const)
    expect((await other.call(method, `/tasks/${task}/shares${path}`)).status).toBe(404)
  const days = { ended: -8, ends: -6 }
  for (const [id, n] of Object.entries(days))
    await env.DB.prepare(
      `INSERT INTO shares (team, task, id, detail, inputs, created_at, created_by, expires_at) VALUES (?1, ?2, ?3, 'full', 0, 1, 'x', ?4)`,
    )
      .bind(team.id, task, id, Date.now() + n * 86_400_000)
      .run()
  await forgetShares(env.DB, Date.now())
  expect(await shareById(env.DB, team.id, task, 'ended')).toBeNull()
  expect(await shareById(env.DB, team.id, task, 'ends')).not.toBeNull()
})
