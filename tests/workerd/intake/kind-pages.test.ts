/** The pages of mail addresses, forms and schedules: made and changed by forms alone, and what viewers are not shown. */
import { beforeAll, expect, test } from 'vitest'
import worker from '../../../src/index.ts'
import { aTeam, aWorkflow, env, eventually, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

let team: Team
let workflow: string
let list: string
let browser: Browser
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team, { input: undefined })
  list = `/workflows/${workflow}/intakes`
  browser = new Browser()
  await browser.signIn(team.owner)
})

const SHARED = { name: '', filter: '', map: '', dedupe: '', count: '', seconds: '' }
const MAIL = { ...SHARED, kind: 'email', address: 'pages', allow: '' }
const FORM = { ...SHARED, kind: 'form', title: '', thanks: '', follow: 'no' }

async function mail(to: string, from: string, body = 'Hello') {
  const text = `From: <${from}>\r\nTo: <${to}>\r\nSubject: Hi\r\nMessage-ID: <${crypto.randomUUID()}@x>\r\n\r\n${body}`
  const raw = new TextEncoder().encode(text)
  let rejected: string | null = null
  const setReject = (reason: string) => {
    rejected = reason
  }
  const message = { from, to, raw: new Response(raw).body!, rawSize: raw.byteLength, headers: new Headers(), setReject }
  await worker.email(message as never, env)
  return rejected
}

test('an address is made, what came to it is shown, refused mail is taken in by hand, and its settings change', async () => {
  expect((await browser.open(`${list}/new?kind=email`)).text).toContain('before @baton.test')
  const wrong = await browser.send(list, { ...MAIL, allow: 'nobody' })
  expect([wrong.status, wrong.text.includes('nobody</textarea>')]).toEqual([422, true])
  const made = await browser.send(list, { ...MAIL, name: 'Orders', allow: 'hank@shop.test', count: '9', seconds: '60' })
  expect(made.status, made.text.slice(0, 300)).toBe(303)
  const at = made.location!
  expect((await browser.open(list)).text).toContain('pages@baton.test')
  expect(await mail('pages@baton.test', 'eve@evil.test')).toContain('not taken')
  expect(await mail('pages@baton.test', 'hank@shop.test', 'Buy')).toBeNull()
  const seen = await eventually(async () => {
    const { text } = await browser.open(at)
    for (const part of ['Accepted', 'Refused', '9 tasks in 60 s', 'The files themselves']) expect(text).toContain(part)
    return text
  })
  expect(seen).not.toContain('Send a test')
  const refused = (await browser.open(`${at}?verdict=refused`)).text
  expect(refused).toContain('Replay all of these')
  // Who wrote it did not prove who they are: not with the others, but by itself.
  expect((await browser.send(`${at}/replay`, { verdict: 'refused', q: '' })).status).toBe(303)
  expect((await team.call('GET', `/tasks?workflow=${workflow}`)).body.items).toHaveLength(1)
  const delivery = /id="(dlv_[a-z0-9]+)"/.exec(refused)![1]!
  expect((await browser.open(`${at}/preview?delivery=${delivery}`)).text).toContain('It would make a task')
  expect((await browser.send(`${at}/deliveries/${delivery}/replay`, {})).status).toBe(303)
  const task = await eventually(async () => {
    const { items } = (await team.call('GET', `/tasks?workflow=${workflow}`)).body
    expect(items).toHaveLength(2)
    return (await team.call('GET', `/tasks/${items[0].id}`)).body
  })
  expect(task.input).toMatchObject({ from: 'eve@evil.test', subject: 'Hi' })

  expect((await browser.open(`${at}/edit`)).text).toContain('value="9"')
  const kept = await browser.send(`${at}/preview`, {
    delivery: '',
    body: '{}',
    filter: 'body.subject != "spam"',
    map: '',
    do: 'keep',
  })
  expect(kept.status).toBe(303)
  const saved = await browser.send(`${at}/edit`, {
    ...MAIL,
    name: 'Orders',
    address: 'pages',
    allow: '*',
    filter: '',
    map: 'x: {{ body.text }}',
  })
  expect(saved.status).toBe(303)
  const { body } = await team.call('GET', `/intakes/${at.split('/').at(-1)}`)
  expect(body).toMatchObject({ name: 'Orders', allow: ['*'], map: { x: '{{ body.text }}' } })
  expect([body.limit, body.filter]).toEqual([undefined, undefined])
  expect((await browser.open(`${at}/delete`)).text).toContain('goes back from then on')
  expect((await browser.send(`${at}/delete`, {})).location).toBe(list)
  expect(await mail('pages@baton.test', 'hank@shop.test')).toContain('no such address')
})

test('refused deliveries are sent again together, once each, when what was wrong is put right', async () => {
  const of = await aWorkflow(team)
  const { id } = (await team.call('POST', `/workflows/${of}/intakes`, { kind: 'webhook', auth: { type: 'open' } })).body
  const at = `/workflows/${of}/intakes/${id}`
  for (const firm of ['One', 'Two']) expect(await fetchIn(id, { firm })).toBe(422)
  await eventually(async () => expect((await browser.open(at)).text.match(/"tag">Refused</g)).toHaveLength(2))
  await team.call('PATCH', `/intakes/${id}`, { map: { company: '{{ body.firm }}' } })
  for (let n = 0; n < 2; n++)
    expect((await browser.send(`${at}/replay`, { verdict: 'refused', q: '' })).status).toBe(303)
  await eventually(async () => expect((await team.call('GET', `/tasks?workflow=${of}`)).body.items).toHaveLength(2))
  expect((await browser.send(`${at}/replay`, { verdict: 'held', q: '' })).status).toBe(422)
})

async function fetchIn(id: string, body: unknown): Promise<number> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await browser.open(`/in/${id}`, init)).status
}

test('a form is made and changed; what is empty is taken away', async () => {
  const made = await browser.send(list, { ...FORM, name: 'Ask', title: 'Ask us', follow: 'status', count: '5' })
  expect(made.status).toBe(303)
  const at = made.location!
  expect((await browser.open(at)).text).toContain('By a link of their own: how it stands')
  expect((await browser.open(`${at}/edit`)).text).toContain('value="Ask us"')
  expect((await browser.send(`${at}/edit`, { ...FORM, name: 'Ask', filter: '((' })).status).toBe(422)
  expect((await browser.send(`${at}/edit`, { ...FORM, name: 'Asked' })).status).toBe(303)
  const { body } = await team.call('GET', `/intakes/${at.split('/').at(-1)}`)
  expect(body).toMatchObject({ name: 'Asked', follow: 'no' })
  expect([body.title, body.limit]).toEqual([undefined, undefined])
  expect((await browser.send(`${at}/test`, {})).status).toBe(404)
})

test('viewers see all of it and no button that would be refused', async () => {
  const make = (body: object) => team.call('POST', `/workflows/${workflow}/intakes`, body)
  const schedule = (await make({ kind: 'schedule', cron: '0 9 * * *' })).body.id
  const form = (await make({ kind: 'form' })).body.id
  await make({ kind: 'email', address: 'viewed' })
  const viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
  for (const path of [list, `${list}/${form}`, `${list}/${form}/preview`]) {
    const { status, text } = await viewer.open(path)
    expect([path, status]).toEqual([path, 200])
    const main = text.slice(text.indexOf('<main'), text.indexOf('</main>'))
    expect(main).not.toMatch(/>(Try|Keep filter and map|Run now|Pause|Change|Close|Edit|New \w+|Replay)</)
    expect(main).not.toMatch(/\/(new|edit|delete)["?]/)
  }
  for (const [path, fields] of [
    [list, MAIL],
    [`${list}/new`, { cron: '* * * * *' }],
    [`/intakes/${schedule}/run`, {}],
    [`/intakes/${schedule}/pause`, {}],
    [`/intakes/${schedule}/change`, { cron: '* * * * *' }],
    [`${list}/${schedule}/delete`, {}],
    [`${list}/${form}/edit`, FORM],
    [`${list}/${form}/replay`, { verdict: 'refused' }],
  ] as const)
    expect([path, (await viewer.send(path, fields)).status]).toEqual([path, 403])
  const stranger = new Browser()
  await stranger.signIn((await aTeam()).owner)
  for (const path of [list, `${list}/${form}`, `${list}/${form}/edit`, `${list}/${schedule}/delete`])
    expect((await stranger.open(path)).status, path).toBe(404)
  expect((await stranger.send(`/intakes/${schedule}/run`, {})).status).toBe(404)
  expect((await viewer.open(`${list}/${schedule}`)).status).toBe(404)
})
