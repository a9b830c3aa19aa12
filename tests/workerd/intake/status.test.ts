/** `/s/:token`: what the sender of a form may follow, what they may not see, and links that lead nowhere. */
import { beforeAll, describe, expect, test } from 'vitest'
import { statusLink } from '../../../src/intake/form/status-link.ts'
import { newToken } from '../../../src/intake/form/token.ts'
import { newTaskId } from '../../../src/records/ids.ts'
import { oneWindow } from '../../support/rate-window.ts'
import { aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'

const SECRETS = ['PROMPT-TEXT', 'INSTRUCTIONS-TEXT', 'boss@acme.test', 'REVIEWER-NOTE', 'INTERNAL-TAG']
const steps = [
  {
    key: 'draft',
    name: 'Write the answer',
    prompt: 'PROMPT-TEXT [demo: set answer=forty-two] for {{ input.company }}.',
    model: 'demo',
    output: { type: 'object', required: ['answer'], properties: { answer: { type: 'string' } } },
    handoffs: [{ to: 'review' }],
  },
  {
    key: 'review',
    name: 'Look it over',
    human: { assign: ['boss@acme.test'], instructions: 'INSTRUCTIONS-TEXT', reason: ['rejected'] },
    handoffs: [
      { when: 'approved', to: 'complete' },
      { when: 'rejected', to: 'draft' },
    ],
  },
]

let team: Team
let workflow: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team, { steps, name: 'Answers', title: 'A question of {{ input.company }}' })
})

async function aForm(over: Record<string, unknown> = {}, of = workflow): Promise<{ id: string; path: string }> {
  const made = await team.call('POST', `/workflows/${of}/intakes`, { kind: 'form', follow: 'status', ...over })
  if (made.status !== 201) throw new Error(made.text)
  return { id: made.body.id, path: new URL(made.body.url).pathname }
}

let senders = 0
async function send({ id, path }: { id: string; path: string }, company = 'Globex') {
  const body = new URLSearchParams({ company, _token: await newToken(env, id, Date.now() - 5000) })
  return fetchApi(path, { method: 'POST', body, headers: { 'CF-Connecting-IP': `2001:db8:3::${++senders}` } })
}

/** The link that a thank-you page shows. */
const linkIn = (text: string) => /href="(https:\/\/baton\.test)?(\/s\/[\w.-]+)"/.exec(text)?.[2]
async function taskOf(title: string): Promise<string> {
  return eventually(async () => {
    const { items } = (await team.call('GET', `/tasks?workflow=${workflow}`)).body
    const found = (items as { id: string; title: string }[]).find(task => task.title.endsWith(title))
    expect(found).toBeDefined()
    return found!.id
  })
}
const isAt = (task: string, status: string) =>
  eventually(async () => expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe(status))

describe('the way of a sender', () => {
  test('the thank-you page has a link; it shows how things stand and what was sent, until it is done', async () => {
    const sent = await send(await aForm({ title: 'Ask us' }), 'Acme & Sons <b>')
    const link = linkIn(sent.text)!
    expect(sent.text).toContain('See how it stands')
    const task = await taskOf('Acme & Sons <b>')
    await isAt(task, 'waiting')
    const seen = await fetchApi(link)
    expect(seen.status).toBe(200)
    for (const part of ['Ask us', 'A question of Acme &amp; Sons &lt;b&gt;', 'In progress', 'Look it over'])
      expect(seen.text).toContain(part)
    expect(seen.text).toContain('It waits for a person to look at it.')
    expect(seen.headers.get('cache-control')).toBe('no-store')
    expect(seen.headers.get('referrer-policy')).toBe('same-origin')
    expect(seen.headers.get('x-robots-tag')).toContain('noindex')
    expect((await fetchApi(link, { method: 'HEAD' })).status).toBe(200)

    await team.call('POST', `/tasks/${task}/decide`, { handoff: 'rejected', note: 'REVIEWER-NOTE' })
    await isAt(task, 'waiting')
    await team.call('POST', `/tasks/${task}/decide`, { handoff: 'approved' })
    const done = await fetchApi(link)
    expect(done.text).toContain('Everything is done.')
    for (const page of [seen.text, done.text]) {
      for (const secret of SECRETS) expect(page).not.toContain(secret)
      expect(page).not.toContain('forty-two')
      expect(page).not.toMatch(/<form|method="post"/)
    }
  })

  test('the result is shown where the owner shares it, once it is done, and what was sent stays what was sent', async () => {
    const of = await aWorkflow(team, { input: undefined, steps: [{ ...steps[0], handoffs: [{ to: 'complete' }] }] })
    const form = await aForm({ follow: 'result', map: { company: '{{ body.text }}', tag: 'INTERNAL-TAG' } }, of)
    const body = new URLSearchParams({ text: 'Hello there', _token: await newToken(env, form.id, Date.now() - 5000) })
    const headers = { 'CF-Connecting-IP': `2001:db8:3::${++senders}` }
    const link = linkIn((await fetchApi(form.path, { method: 'POST', body, headers })).text)!
    const seen = await eventually(async () => {
      const page = await fetchApi(link)
      expect(page.text).toContain('Everything is done.')
      return page.text
    })
    expect(seen).toContain('id="result"')
    expect(seen).toContain('forty-two')
    expect(seen).toContain('Hello there')
    expect(seen).not.toContain('INTERNAL-TAG')
  })

  test('while the workflow is paused it says that it was received; discarded, that there is nothing more', async () => {
    const paused = await aWorkflow(team)
    const form = await aForm({}, paused)
    await team.call('POST', `/workflows/${paused}/pause`)
    const sent = await send(form)
    expect(sent.status).toBe(202)
    const link = linkIn(sent.text)!
    const seen = await fetchApi(link)
    expect([seen.status, seen.text.includes('has not been started yet')]).toEqual([200, true])
    expect((await team.call('POST', `/workflows/${paused}/held`, { start: false })).status).toBe(200)
    expect((await fetchApi(link)).status).toBe(410)
  })

  test('whose browser filled in what nobody sees is told that somebody looks at it, and then follows the one task that it becomes', async () => {
    const form = await aForm({ title: 'Ask us' })
    const sendTrapped = async () => {
      const body = new URLSearchParams({ company: 'Autofill AG', _leave_empty: 'Kim', _token: '' })
      const headers = { 'CF-Connecting-IP': `2001:db8:3::${++senders}` }
      return linkIn((await fetchApi(form.path, { method: 'POST', body, headers })).text)!
    }
    const [link, other] = [await sendTrapped(), await sendTrapped()]
    const before = await fetchApi(link)
    expect([before.status, before.text.includes('Somebody is looking at it')]).toEqual([200, true])
    for (const part of ['Ask us', 'Received']) expect(before.text).toContain(part)
    const { items } = (await team.call('GET', `/intakes/${form.id}/deliveries`)).body
    // Newest first.
    const { id } = items[1]
    expect(items[1].verdict).toBe('held')
    const replay = () => team.call('POST', `/deliveries/${id}/replay`)
    const sent = [await replay(), await replay()]
    expect(sent.map(({ status }) => status)).toEqual([200, 200])
    const [first, second] = sent.map(({ body }) => body.task.id)
    expect(second).toBe(first)
    await isAt(first, 'waiting')
    const after = await fetchApi(link)
    expect(after.status).toBe(200)
    expect(after.text).not.toContain('Somebody is looking at it')
    for (const part of ['A question of Autofill AG', 'In progress']) expect(after.text).toContain(part)
    expect((await fetchApi(other)).text).toContain('Somebody is looking at it')
  })
})

describe('what the owner allows', () => {
  test('without it there is no link; taken back, links that are out end; a form that was closed keeps its links', async () => {
    expect(linkIn((await send(await aForm({ follow: undefined }))).text)).toBeUndefined()
    const form = await aForm()
    const link = linkIn((await send(form, 'Taken back')).text)!
    expect((await fetchApi(link)).status).toBe(200)
    await team.call('PATCH', `/intakes/${form.id}`, { follow: 'no' })
    expect((await fetchApi(link)).status).toBe(410)
    await team.call('PATCH', `/intakes/${form.id}`, { follow: 'status' })
    await team.call('DELETE', `/intakes/${form.id}`)
    expect((await fetchApi(link)).status).toBe(200)
    expect((await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'form', follow: 'all' })).status).toBe(
      422,
    )
  })
})

describe('links that are none', () => {
  test('each changed character, other purposes and other texts are 403 and say nothing', async () => {
    const link = linkIn((await send(await aForm(), 'Bits')).text)!
    const token = link.slice(3)
    const forged = [...token].flatMap((character, at) =>
      at % 7 === 0 ? [token.slice(0, at) + (character === 'A' ? 'B' : 'A') + token.slice(at + 1)] : [],
    )
    const approvals = await eventually(async () => {
      const { items } = (await team.call('GET', '/approvals')).body
      expect(items.length).toBeGreaterThan(0)
      return items as { links: Record<string, string> }[]
    })
    const approval = new URL(Object.values(approvals[0]!.links)[0]!).pathname.slice(3)
    for (const wrong of [...forged, approval, 'x', 'a.b', `${token}.x`, 'x'.repeat(5000)]) {
      const seen = await fetchApi(`/s/${wrong}`)
      expect([wrong.slice(0, 30), seen.status]).toEqual([wrong.slice(0, 30), 403])
      expect(seen.text).not.toContain('Bits')
    }
    expect((await fetchApi(`/a/${token}`)).status).toBe(403)
  })

  test('an old one has ended; one of another team’s task, or of no task, shows nothing', async () => {
    const form = await aForm()
    await send(form, 'Elsewhere')
    const task = await taskOf('Elsewhere')
    const other = await aTeam()
    const path = async (over: object, now = Date.now()) =>
      new URL(await statusLink(env, { team: team.id, task, intake: form.id, ...over }, now)).pathname
    expect((await fetchApi(await path({}))).status).toBe(200)
    expect((await fetchApi(await path({}, Date.now() - 181 * 86_400_000))).status).toBe(410)
    for (const over of [{ team: other.id }, { task: newTaskId() }, { intake: 'int_aaaaaaaaaaaaaaaaaaaa' }]) {
      const seen = await fetchApi(await path(over))
      expect([seen.status, seen.text.includes('Elsewhere')], JSON.stringify(over)).toEqual([410, false])
    }
  })

  test('nothing can be sent to it', async () => {
    const link = linkIn((await send(await aForm(), 'Read only')).text)!
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await fetchApi(link, { method, headers: { 'Sec-Fetch-Site': 'same-origin' } })
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD'])
    }
  })

  test('it may be opened often, but not without end', async () => {
    const link = linkIn((await send(await aForm(), 'Often')).text)!
    const statuses: number[] = []
    await oneWindow()
    for (let n = 0; n < 35; n++) statuses.push((await fetchApi(link, { method: 'HEAD' })).status)
    expect([statuses[0], statuses.at(-1)]).toEqual([200, 429])
  })
})
