/** The pages of webhook intakes: opened, sent to, tried out, sent again, changed, rotated and closed, by forms alone. */
import { createHmac } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { aTeam, aWorkflow, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

let team: Team
let workflow: string
let browser: Browser
const FORM = {
  name: 'Shop',
  auth: 'github',
  secret: '',
  filter: '',
  map: '',
  dedupe: '',
  count: '',
  seconds: '',
  cors: '',
}

beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
  browser = new Browser()
  await browser.signIn(team.owner)
})

const intakeIn = (text: string) => /\/in\/(int_[a-z2-7]{20})/.exec(text)![1]!

test('the whole way of an intake by browser', async () => {
  const list = `/workflows/${workflow}/intakes`
  expect((await browser.open(list)).text).toContain('No webhooks yet')
  expect((await browser.open(`${list}/new`)).text).toContain('Open the intake')

  const made = await browser.send(list, { ...FORM, map: 'company: {{ body.name }}', filter: 'body.kind == "order"' })
  expect(made.status).toBe(200)
  const secret = /<code>([0-9a-f]{64})<\/code>/.exec(made.text)![1]!
  const id = intakeIn(made.text)
  const at = `${list}/${id}`
  expect((await browser.open(list)).text).toContain(`https://baton.test/in/${id}`)
  const seen = await browser.open(at)
  expect(seen.text).not.toContain(secret)
  expect(seen.text).toContain('openssl dgst -sha256')
  expect(seen.text).toContain('Set it up in GitHub')

  const send = (body: string) => {
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` }
    return fetchApi(`/in/${id}`, { method: 'POST', headers, body })
  }
  const sent = await send('{"kind":"order","name":"<script>alert(1)</script>"}')
  expect(sent.status, sent.text).toBe(202)
  await send('{"kind":"noise"}')
  const shown = await eventually(async () => {
    const { text } = await browser.open(at)
    for (const part of [`/tasks/${sent.body.task.id}`, 'Passed over', 'Accepted']) expect(text).toContain(part)
    return text
  })
  expect(shown).not.toContain('<script>alert')
  expect((await browser.open(`${at}?verdict=skipped`)).text).not.toContain(`/tasks/${sent.body.task.id}`)
  const delivery = /id="(dlv_[a-z0-9]+)"/.exec((await browser.open(`${at}?verdict=accepted`)).text)![1]!

  const replayed = await browser.send(`${at}/deliveries/${delivery}/replay`, {})
  expect([replayed.status, replayed.location]).toEqual([303, at])
  await eventually(async () => expect((await browser.open(at)).text).toContain(`Replay of ${delivery}`))
  expect((await browser.send(`${at}/test`, {})).status).toBe(303)
  await eventually(async () => expect((await browser.open(at)).text).toContain('A test'))

  expect((await browser.open(`${at}/preview?delivery=${delivery}`)).text).toContain('It would make a task')
  const tried = await browser.send(`${at}/preview`, { delivery, filter: 'body.kind == "none"', map: '' })
  expect(tried.text).toContain('It would be passed over')
  expect(tried.text).toContain('body.kind')
  expect((await browser.send(`${at}/preview`, { delivery, filter: 'body.', map: '' })).status).toBe(422)

  const wrong = await browser.send(`${at}/edit`, { ...FORM, map: 'company: {{ input.name }}' })
  expect(wrong.status).toBe(422)
  expect(wrong.text).toContain('there are only body, headers and query')
  expect(wrong.text).toContain('company: {{ input.name }}')
  const saved = await browser.send(`${at}/edit`, {
    ...FORM,
    name: 'Web shop',
    dedupe: 'path: id',
    count: '5',
    seconds: '60',
  })
  expect([saved.status, saved.location]).toEqual([303, at])
  expect((await team.call('GET', `/intakes/${id}`)).body).toMatchObject({
    name: 'Web shop',
    dedupe: { path: 'id' },
    limit: { count: 5, seconds: 60 },
    auth: { type: 'github' },
  })

  const rotated = await browser.send(`${at}/rotate`, {})
  expect(rotated.text).toContain('The one before still counts for 24 hours.')
  expect((await send('{"company":"still"}')).status).toBe(202)
  expect((await browser.open(`${at}/delete`)).text).toContain('Keep it')
  expect((await browser.send(`${at}/delete`, {})).location).toBe(list)
  expect((await browser.open(at)).status).toBe(404)
})

test('where the sender offers the secret, the page says whether it has, and lets it offer another', async () => {
  const list = `/workflows/${workflow}/intakes`
  const made = await browser.send(list, { ...FORM, name: 'Asana', auth: 'hmac', preset: 'asana' })
  expect([made.status, made.location], made.text).toEqual([303, expect.stringContaining(list)])
  const at = made.location!
  const waiting = await browser.open(at)
  expect(waiting.text).toContain('none yet: the first that is offered in <code>x-hook-secret</code> is taken')
  expect(waiting.text).toContain('Its sender makes the secret')
  const headers = { 'x-hook-secret': 'the-secret-of-the-handshake' }
  expect((await fetchApi(`/in/${intakeIn(waiting.text)}`, { method: 'POST', headers })).status).toBe(200)
  const taken = await browser.open(at)
  expect(taken.text).toContain('no other is taken until you rotate it')
  expect(taken.text).not.toContain(headers['x-hook-secret'])
  const saved = await browser.send(`${at}/edit`, { ...FORM, name: 'Asana too', auth: 'hmac', preset: 'asana' })
  expect(saved.status).toBe(303)
  expect((await browser.open(at)).text).toContain('no other is taken until you rotate it')
  expect((await browser.send(`${at}/rotate`, {})).location).toBe(at)
  expect((await browser.open(at)).text).toContain('none yet')
})

test('viewers look and change nothing; other teams and strangers see nothing', async () => {
  const { id } = (await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook' })).body
  const at = `/workflows/${workflow}/intakes/${id}`
  const viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
  expect((await viewer.open(at)).text).not.toContain('method="post" action="/workflows')
  for (const path of ['edit', 'rotate', 'delete', 'test'])
    expect((await viewer.send(`${at}/${path}`, FORM)).status, path).toBe(403)
  expect((await viewer.send(`/workflows/${workflow}/intakes`, FORM)).status).toBe(403)
  const stranger = new Browser()
  await stranger.signIn((await aTeam()).owner)
  for (const path of ['', '/edit', '/preview', '/delete'])
    expect((await stranger.open(at + path)).status, path).toBe(404)
  expect((await stranger.send(`${at}/rotate`, {})).status).toBe(404)
  expect((await new Browser().open(at)).status).toBe(303)
})
