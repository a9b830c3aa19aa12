/** `/a/:token`: looking never decides, a choice decides once, and every other state says what to do. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { LINK_LIFETIME_MS } from '../../../src/approval/links.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { says } from '../../support/engine.ts'
import { aTeam, env, eventually, fetchApi } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { ANA, aQuestion, BEN, choose, drafts, hiddenFields, send, waiting } from './world.ts'

afterEach(() => scriptModels(null))

describe('the page', () => {
  test('shows the draft, who it is for, what led to it and what each button triggers, and is kept nowhere', async () => {
    const { link } = await aQuestion(drafts(), () => says('Hi **Nimbus**, welcome.', { reasoning: 'Kept it short.' }))
    const path = await link()
    const page = await fetchApi(path)
    expect(page.status).toBe(200)
    expect(page.text).toContain('<strong>Nimbus</strong>')
    expect(page.text).toContain(`for ${ANA}`)
    expect(page.text).toContain('Check the tone.')
    expect(page.text).toContain('Kept it short.')
    expect(page.text).toContain('Write to Nimbus.')
    expect(page.text).toMatch(/value="approved"[^>]*><strong>Approve<\/strong><span>→ sends to &quot;Send it&quot;/)
    expect(page.text).toMatch(
      /value="rejected"[^>]*><strong>Reject<\/strong><span>→ back to &quot;Draft the welcome mail&quot;; needs a note/,
    )
    expect(page.text).toContain('This link ends')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('same-origin')
    expect(page.headers.get('x-robots-tag')).toContain('noindex')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(Object.keys(hiddenFields(page.text)).sort()).toEqual(['run', 'seen', 'visit'])
  })

  test('has no button that Enter would press, and chooses nothing by itself', async () => {
    const { link } = await aQuestion()
    const page = (await fetchApi(await link())).text
    expect(/<button[^>]*>/.exec(page.slice(page.indexOf('<form')))![0]).toContain('disabled')
    expect(page).not.toMatch(/<input[^>]*name="handoff"|checked/)
  })
})

describe('a choice', () => {
  test('decides once, and the link says who did and when ever after', async () => {
    const { link, stub } = await aQuestion()
    const path = await link()
    const answer = await choose(path, 'approved', { note: 'Fine by me' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, path])
    expect(await stub.view()).toMatchObject({ step: 'send', visit: 3 })
    const after = await fetchApi(path)
    expect(after.status).toBe(200)
    expect(after.text).toContain('You decided this')
    expect(after.text).toContain('<strong>You</strong> chose')
    expect(after.text).toContain('Fine by me')
    const decided = (await stub.events(0, 100))!.find(event => event.type === 'decided')
    expect(decided!.actor).toEqual({ kind: 'link', id: ANA })
    const late = await choose(await link(BEN, { visit: 2 }), 'rejected', { note: 'no', seen: 'x' })
    expect(late.status).toBe(409)
    expect(late.text).toContain(`${ANA} (by link)`)
  })

  test('is asked for when none was made, and decides nothing', async () => {
    const { link, stub } = await aQuestion()
    const path = await link()
    const answer = await send(path, hiddenFields((await fetchApi(path)).text))
    expect(answer.status).toBe(422)
    expect(answer.text).toContain('nothing was decided yet')
    const twice = await send(`${path}`, { ...hiddenFields(answer.text), handoff: 'maybe' })
    expect(twice.status).toBe(422)
    const both = new URLSearchParams({ ...hiddenFields(answer.text), handoff: 'approved' })
    both.append('handoff', 'rejected')
    const body = both.toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await fetchApi(path, { method: 'POST', body, headers })).status).toBe(422)
    expect((await stub.view())!.visit).toBe(2)
  })

  test('that needs a reason comes back with the note field marked and what was typed', async () => {
    const { link, stub } = await aQuestion()
    const path = await link()
    const bare = await choose(path, 'rejected', { note: '  ', edits: 'My own words' })
    expect(bare.status).toBe(422)
    expect(bare.text).toContain('this choice needs a note')
    expect(bare.text).toContain('My own words')
    expect((await choose(path, 'rejected', { note: 'Too formal' })).status).toBe(303)
    expect((await stub.view())!.visit).toBeGreaterThan(2)
  })

  test('sent a second time by the same person says that they decided, and what', async () => {
    const { link } = await aQuestion()
    const path = await link()
    const fields = { ...hiddenFields((await fetchApi(path)).text), handoff: 'approved' }
    expect((await send(path, fields)).status).toBe(303)
    const again = await send(path, fields)
    expect(again.status).toBe(409)
    expect(again.text).toContain('You decided this already')
    expect(again.text).toContain('chose')
    expect(again.text).not.toContain('faster')
  })

  test('sent by another site is refused, whatever header says so', async () => {
    const { link, stub } = await aQuestion()
    const path = await link()
    const fields = { ...hiddenFields((await fetchApi(path)).text), handoff: 'approved' }
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://baton.test' },
    ]
    for (const headers of foreign) {
      expect((await send(path, fields, headers)).status).toBe(403)
    }
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams(fields).toString()
    for (const origin of ['https://evil.test', 'null', 'https://baton.test.evil.test']) {
      expect((await fetchApi(path, { method: 'POST', body, headers: { ...type, origin } })).status).toBe(403)
    }
    expect((await stub.view())!.visit).toBe(2)
    expect(
      (await fetchApi(path, { method: 'POST', body, headers: { ...type, origin: 'https://baton.test' } })).status,
    ).toBe(303)
  })

  test('is applied once of fifty at the same time; the others learn who decided', async () => {
    const { link, stub } = await aQuestion()
    const path = await link()
    const fields = hiddenFields((await fetchApi(path)).text)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        send(path, { ...fields, handoff: n % 2 ? 'approved' : 'rejected', note: `n${n}` }),
      ),
    )
    expect(answers.filter(answer => answer.status === 303)).toHaveLength(1)
    const late = answers.filter(answer => answer.status === 409)
    expect(late).toHaveLength(49)
    for (const answer of late) expect(answer.text).toContain('You decided this already')
    expect((await stub.events(0, 1000))!.filter(event => event.type === 'decided')).toHaveLength(1)
  })

  test('of bodies that are no form is refused before anything is read', async () => {
    const { link } = await aQuestion()
    const path = await link()
    const post = (type: string, body: BodyInit) =>
      fetchApi(path, { method: 'POST', body, headers: { 'content-type': type } })
    expect((await post('application/json', '{"handoff":"approved"}')).status).toBe(415)
    expect((await post('application/x-www-form-urlencoded', 'a=1&'.repeat(400_000))).status).toBe(413)
    expect((await post('application/x-www-form-urlencoded', new Uint8Array([0xff, 0xfe]))).status).toBe(400)
    expect((await post('multipart/form-data; boundary=x', 'nonsense')).status).toBe(422)
    expect((await fetchApi(path, { method: 'PUT' })).status).toBe(405)
  })

  test('as multipart counts, too', async () => {
    const { link } = await aQuestion()
    const path = await link()
    const body = new FormData()
    for (const [name, value] of Object.entries(hiddenFields((await fetchApi(path)).text))) body.set(name, value)
    body.set('handoff', 'approved')
    expect((await fetchApi(path, { method: 'POST', body })).status).toBe(303)
  })
})

describe('an edit', () => {
  test('takes the place of the draft; an untouched text area with the line ends of a browser is none', async () => {
    const { link, stub } = await aQuestion(drafts(), 'Hi,\n\nwelcome.')
    expect((await choose(await link(), 'approved', { edits: 'Hi,\r\n\r\nwelcome.' })).status).toBe(303)
    expect((await stub.events(0, 100))!.map(event => event.type)).not.toContain('edited')
    const other = await aQuestion(drafts(), 'Hi,\n\nwelcome.')
    expect((await choose(await other.link(), 'approved', { edits: 'Hello,\r\n\r\nwelcome.' })).status).toBe(303)
    expect((await other.stub.view())!.outputs.draft).toBe('Hello,\n\nwelcome.')
  })

  test('of an output with a schema has its fields, or JSON, and must fit', async () => {
    const output = {
      type: 'object',
      required: ['subject', 'score'],
      properties: {
        subject: { type: 'string', maxLength: 10 },
        score: { type: 'number' },
        urgent: { type: 'boolean' },
      },
    }
    const { link, stub } = await aQuestion(drafts({}, { output }), { subject: 'Hello', score: 3, urgent: false })
    const path = await link()
    expect((await fetchApi(path)).text).toContain('name="edits.subject"')
    expect((await choose(path, 'approved', { 'edits.score': 'many' })).status).toBe(422)
    const long = await choose(path, 'approved', { 'edits.subject': 'far too long a subject' })
    expect(long.status).toBe(422)
    expect(long.text).toContain('far too long a subject')
    expect((await choose(path, 'approved', { 'edits.subject': 'Hi', 'edits.urgent': 'true' })).status).toBe(303)
    expect((await stub.view())!.outputs.draft).toEqual({ subject: 'Hi', score: 3, urgent: true })

    const nested = await aQuestion(drafts({}, { output: { type: 'object' } }), { to: { name: 'Nimbus' } })
    const there = await nested.link()
    expect((await choose(there, 'approved', { edits: '{"to":' })).status).toBe(422)
    expect((await choose(there, 'approved', { edits: '{"__proto__":{}}' })).status).toBe(422)
    expect((await choose(there, 'approved', { edits: '{"to": {"name": "Orbit"}}' })).status).toBe(303)
    expect((await nested.stub.view())!.outputs.draft).toEqual({ to: { name: 'Orbit' } })
  })
})

describe('content that changed since it was shown', () => {
  test('is shown with its differences and asked about again, with the new digest', async () => {
    const { link, stub } = await aQuestion(drafts({ needs: 2 }), 'Hi Nimbus team, welcome.')
    const [anas, bens] = [await link(ANA), await link(BEN)]
    const seen = hiddenFields((await fetchApi(bens)).text)
    expect((await choose(anas, 'approved', { edits: 'Dear Nimbus team, welcome.' })).status).toBe(303)
    const answer = await send(bens, { ...seen, handoff: 'approved', note: 'mine', edits: 'Hi Nimbus team, welcome.' })
    expect(answer.status).toBe(409)
    expect(answer.text).toContain('<del>Hi</del>')
    expect(answer.text).toContain('<ins>Dear</ins>')
    expect(answer.text).toContain('mine')
    expect((await stub.view())!.step).toBe('approve')
    // Whoever comes by the link that was sent for the earlier content sees what is different, too.
    expect((await fetchApi(bens)).text).toContain('<ins>Dear</ins>')
    expect((await send(bens, { ...hiddenFields(answer.text), handoff: 'approved' })).status).toBe(303)
    expect(await stub.view()).toMatchObject({ step: 'send', outputs: { draft: 'Dear Nimbus team, welcome.' } })
  })

  test('is put again to whoever had approved it before: who changed what, with the difference open', async () => {
    const { link, team } = await aQuestion(drafts({ needs: 2 }), 'Hi Nimbus team, welcome.')
    const [anas, bens] = [await link(ANA), await link(BEN)]
    expect((await choose(anas, 'approved')).status).toBe(303)
    expect((await choose(bens, 'approved', { edits: 'Dear Nimbus team, welcome.' })).status).toBe(303)
    // By the old link and by the new one, which was sent for the content as it is now.
    for (const path of [anas, await link(ANA)]) {
      const { text } = await fetchApi(path)
      expect(text).toContain(`${BEN} (by link) changed this since you approved it`)
      expect(text).toContain('Your approval was of the text as it was before, so it counts no more.')
      expect(text).toContain('<ins>Dear</ins>')
      expect(text).toContain(`as ${BEN} (by link) changed it`)
    }
    expect((await fetchApi(bens)).text).toContain('<strong>You</strong> chose')
    await eventually(async () => {
      const { items } = (await team.call('GET', '/approvals')).body
      expect(items).toMatchObject([{ changed: { by: `${BEN} (by link)`, cleared: [ANA] } }])
    })
  })

  test('is not decided under a digest that was never shown', async () => {
    const { link, stub } = await aQuestion()
    const path = await link()
    const answer = await choose(path, 'approved', { seen: 'f'.repeat(64) })
    expect(answer.status).toBe(409)
    expect(answer.text).toContain('What you saw is not what is here now')
    expect((await choose(path, 'approved', { seen: '' })).status).toBe(422)
    expect((await stub.view())!.visit).toBe(2)
  })

  test('across a redraft shows what changed since the draft before', async () => {
    let n = 0
    const { link, team, task } = await aQuestion(drafts(), () => says(`Draft number ${++n}.`))
    expect((await choose(await link(), 'rejected', { note: 'Again' })).status).toBe(303)
    await waiting({ team, task }, 2)
    const page = await fetchApi(await link())
    expect(page.text).toContain('Changes since the draft before')
    expect(page.text).toMatch(/<del>1<\/del><ins>2<\/ins>/)
  })
})

describe("a model's doubtful answer", () => {
  test('is put to the owner with the labels as buttons, and the choice goes on from there', async () => {
    const draft = {
      confidence: 0.9,
      handoffs: [
        { when: 'good', to: 'approve' },
        { when: 'poor', to: 'send' },
      ],
    }
    const unsure = () => says('Hi?', { handoff: 'good', confidence: 0.3, reasoning: 'It may be too short.' })
    const { link, stub } = await aQuestion(drafts({}, draft), unsure)
    const path = await link()
    const page = await fetchApi(path)
    expect(page.status).toBe(200)
    for (const said of [
      'was not sure how it came out',
      'It may be too short.',
      'value="good"',
      'sends to &quot;Send it&quot;',
    ]) {
      expect(page.text).toContain(said)
    }
    expect((await choose(path, 'poor')).status).toBe(303)
    expect(await stub.view()).toMatchObject({ step: 'send', visit: 2 })
    expect((await fetchApi(path)).text).toContain('You decided this')
  })
})

describe('several approvals', () => {
  test('are counted, one for each person, and the button says so', async () => {
    const { link, stub } = await aQuestion(drafts({ needs: 2 }))
    const anas = await link(ANA)
    expect((await fetchApi(anas)).text).toContain('counts as 1 of 2 approvals')
    expect((await choose(anas, 'approved')).status).toBe(303)
    const recorded = await fetchApi(anas)
    expect(recorded.text).toContain('Your answer is recorded: 1 of 2')
    expect(recorded.text).toContain(BEN)
    expect((await send(anas, { seen: 'x', handoff: 'approved' })).status).toBe(409)
    expect((await choose(await link(BEN), 'approved')).status).toBe(303)
    expect((await stub.view())!.step).toBe('send')
  })
})

describe('a link that leads nowhere', () => {
  test('is forged: 403, and nothing is said about what it might be for', async () => {
    const { link, stub, team } = await aQuestion()
    const path = await link()
    for (const token of ['x', 'a.b', `${path.slice(3)}A`, encodeURIComponent('<script>alert(1)</script>')]) {
      const answer = await fetchApi(`/a/${token}`)
      expect(answer.status).toBe(403)
      expect(answer.text).not.toContain('Nimbus')
      expect((await send(`/a/${token}`, { handoff: 'approved', seen: 'x' })).status).toBe(403)
    }
    expect((await fetchApi(path.replace(team.id, 'x'))).status).toBe(200)
    expect((await stub.view())!.visit).toBe(2)
  })

  test('has expired: 410, and mails its recipient, and nobody else, a new one when asked', async () => {
    const { link, stub } = await aQuestion()
    const path = await link(ANA, {}, Date.now() - LINK_LIFETIME_MS - 1000)
    const page = await fetchApi(path)
    expect(page.status).toBe(410)
    expect(page.text).toContain('This link has expired')
    expect((await send(path, { seen: 'x', handoff: 'approved' })).status).toBe(410)
    const renewed = await send(path, hiddenFields(page.text))
    expect(renewed.status).toBe(200)
    expect(renewed.text).toContain(`It goes to ${ANA}`)
    expect((await stub.view())!.visit).toBe(2)
  })

  test('is superseded: 410, and says by what', async () => {
    const moved = await aQuestion()
    const path = await moved.link()
    await moved.team.call('POST', `/tasks/${moved.task}/move`, { step: 'send' })
    const page = await fetchApi(path)
    expect(page.status).toBe(410)
    expect(page.text).toContain('moved to another step')
    expect((await send(path, { seen: 'x', handoff: 'approved' })).status).toBe(410)

    const reassigned = await aQuestion()
    const anas = await reassigned.link()
    await reassigned.team.call('POST', `/tasks/${reassigned.task}/assign`, { to: BEN })
    expect((await fetchApi(anas)).status).toBe(410)
    expect((await choose(anas, 'approved', { seen: 'x' })).status).toBe(410)
    expect((await fetchApi(await reassigned.link(BEN))).status).toBe(200)

    const cancelled = await aQuestion()
    const gone = await cancelled.link()
    await cancelled.team.call('POST', `/tasks/${cancelled.task}/cancel`)
    expect((await fetchApi(gone)).text).toContain('The task was cancelled')
    expect((await fetchApi(await cancelled.link(ANA, { visit: 9 }))).status).toBe(410)
    expect((await fetchApi(await cancelled.link(ANA, { task: `tsk_${'a'.repeat(26)}` }))).status).toBe(410)
  })

  test("is another task's, visit's or recipient's: it opens that, or nothing", async () => {
    const one = await aQuestion()
    const two = await aQuestion()
    expect((await fetchApi(await one.link(ANA, { team: two.team.id }))).status).toBe(410)
    expect((await fetchApi(await one.link('eve@guests.test'))).status).toBe(410)
    expect((await choose(await one.link('eve@guests.test'), 'approved', { seen: 'x' })).status).toBe(410)
    expect((await fetchApi(await one.link(ANA, { run: 2 }))).status).toBe(410)
    const { status } = await choose(await two.link(), 'approved')
    expect([status, (await one.stub.view())!.visit]).toEqual([303, 2])
  })
})

describe('what is to be filled in', () => {
  const output = {
    type: 'object',
    required: ['amount', 'currency'],
    properties: {
      amount: { type: 'number', minimum: 1 },
      currency: { type: 'string', enum: ['EUR', 'USD'] },
      // Called like a field of the question's own form.
      note: { type: 'string' },
      express: { type: 'boolean' },
    },
  }
  const offer = { amount: 31, currency: 'EUR', text: 'Hi Nimbus' }
  /** A question with a form, whose approval is sent on with what was filled in. */
  function anOffer(human: Record<string, unknown> = {}) {
    const definition = drafts({ needs: 1, ...human }, { output: { type: 'object' } }) as {
      steps: Record<string, unknown>[]
    }
    definition.steps[1]!.output = output
    ;(definition.steps[2]!.human as Record<string, unknown>).instructions =
      'Send {{ steps.approve.output.amount }} {{ steps.approve.output.currency }}.'
    return aQuestion(definition, offer)
  }
  const FILLED = { filled: '1', 'fields.amount': '40', 'fields.currency': 'USD', 'fields.note': 'mine' }

  test('begins with what is known, is checked field by field, and is what later steps read', async () => {
    const { link, stub, team, task } = await anOffer()
    const path = await link()
    const { body } = await team.call('GET', '/approvals')
    expect(body.items[0].form).toEqual({
      schema: output,
      values: { amount: 31, currency: 'EUR' },
      labels: ['approved'],
    })
    const refused = await team.call('POST', `/tasks/${task}/decide`, { handoff: 'approved', fields: { amount: 0 } })
    expect(refused).toMatchObject({
      status: 422,
      body: {
        error: {
          code: 'invalid_fields',
          fields: [{ path: 'currency' }, { path: 'amount' }],
        },
      },
    })
    const page = (await fetchApi(path)).text
    expect(page).toMatch(/name="fields.amount"[^>]*value="31"|value="31"[^>]*name="fields.amount"/)
    expect(page).toMatch(/<option value="EUR" selected/)
    expect(page).toMatch(/value="rejected"[^>]*formnovalidate/)
    expect(page).not.toMatch(/value="approved"[^>]*formnovalidate/)
    const wrong = await choose(path, 'approved', { ...FILLED, 'fields.amount': '0', 'fields.currency': '' })
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('This is needed.')
    expect(wrong.text).toMatch(/name="fields.note"[^>]*>mine</)
    const small = await choose(path, 'approved', { ...FILLED, 'fields.amount': '0' })
    expect(small.text).toContain('This must be 1 or more, got 0')
    expect((await stub.view())!.visit).toBe(2)
    expect((await choose(path, 'approved', { ...FILLED, note: 'Good.' })).status).toBe(303)
    const view = (await stub.view())!
    expect(view).toMatchObject({
      step: 'send',
      outputs: { approve: { amount: 40, currency: 'USD', note: 'mine', express: false } },
    })
    expect((await stub.asks())![0]!.instructions).toBe('Send 40 USD.')
    const events = (await stub.events(0, 100))!
    expect(events.find(event => event.type === 'decided')!.data).toMatchObject({
      note: 'Good.',
      output: { amount: 40 },
    })
  })

  test('is not needed to reject', async () => {
    const { link, stub } = await anOffer()
    expect((await choose(await link(), 'rejected', { ...FILLED, 'fields.amount': 'x', note: 'Too much' })).status).toBe(
      303,
    )
    expect((await stub.view())!.outputs.approve).toBeNull()
  })

  test('is kept for one person and question, by button and by script, until they decide', async () => {
    const { link, stub } = await anOffer()
    const path = await link()
    const kept = await choose(path, '', { ...FILLED, 'fields.amount': 'some', note: 'so far', draft: '1' })
    expect(kept.status).toBe(200)
    expect(kept.text).toContain('Kept as you left it')
    const again = (await fetchApi(path)).text
    expect(again).toContain('value="some"')
    expect(again).toContain('so far')
    expect((await fetchApi(await link(BEN))).text).not.toContain('so far')
    const quiet = await choose(path, '', { ...FILLED, 'fields.amount': '7', draft: 'quiet' })
    expect([quiet.status, quiet.text]).toEqual([204, ''])
    expect((await fetchApi(path)).text).toContain('value="7"')
    expect((await stub.view())!.visit).toBe(2)
    expect((await choose(path, 'approved', FILLED)).status).toBe(303)
    const left = await env.DB.prepare('SELECT count(*) AS n FROM drafts').first<{ n: number }>()
    expect(left!.n).toBe(0)
  })

  test('clears approvals of other values, and says which field became what', async () => {
    const { link } = await anOffer({ needs: 2 })
    const [ana, ben] = [await link(), await link(BEN)]
    await choose(ana, 'approved', { filled: '1', 'fields.amount': '31', 'fields.currency': 'EUR', 'fields.note': '' })
    await choose(ben, 'approved', { filled: '1', 'fields.amount': '90', 'fields.currency': 'EUR', 'fields.note': '' })
    const page = (await fetchApi(ana)).text
    expect(page).toContain('Your approval was of the text as it was before')
    expect(page).toMatch(/amount: <\/span><del>31<\/del><ins>90<\/ins>/)
  })
})

describe('a decision that can be undone', () => {
  test('is taken back from its own page, and by nobody else’s link', async () => {
    const { link, stub, team, task } = await aQuestion(drafts({ undo: '10m' }))
    const [ana, ben] = [await link(), await link(BEN)]
    expect((await choose(ana, 'approved')).status).toBe(303)
    const page = (await fetchApi(ana)).text
    expect(page).toContain('it takes effect in')
    expect((await stub.view())!).toMatchObject({ status: 'waiting', visit: 2, undo: [{ handoff: 'approved' }] })
    // Looking decides nothing, and takes nothing back.
    expect((await fetchApi(ben)).text).toContain('an owner, can undo it')
    expect((await choose(ben, 'rejected', { note: 'No', seen: 'x' })).status).toBe(409)
    const others = await send(ben, hiddenFields(page))
    expect([others.status, others.text.includes('only they and an owner can undo it')]).toEqual([409, true])
    expect((await stub.view())!.undo).toHaveLength(1)
    const undone = await send(ana, hiddenFields(page))
    expect([undone.status, undone.headers.get('location')]).toEqual([303, ana])
    expect((await fetchApi(ana)).text).toContain('value="approved"')
    expect((await stub.asks())!).toHaveLength(1)
    const twice = await send(ana, hiddenFields(page))
    expect(twice.status).toBe(409)
    const none = await team.call('POST', `/tasks/${task}/undo`, { visit: 2 })
    expect([none.status, none.body.error.code]).toEqual([409, 'nothing_to_undo'])
    await choose(ben, 'approved')
    const owners = await team.call('POST', `/tasks/${task}/undo`, { visit: 2 })
    expect([owners.status, owners.body.undo]).toEqual([200, undefined])
    expect((await stub.events(0, 100))!.filter(event => event.type === 'undone')).toHaveLength(2)
    // The inbox tells what stands from what was taken back, and by whom.
    await choose(ben, 'approved')
    const browser = new Browser()
    await browser.signIn(team.owner)
    const listed = async () => {
      const { text } = await browser.open('/approvals?show=decided')
      return [...text.matchAll(/<li class="inbox-item".*?<\/li>/gs)].map(
        ([item]) => /undone by [^<]*/.exec(item)?.[0] ?? /(ana|ben)@\S+ \(by link\)/.exec(item)![0],
      )
    }
    await eventually(async () =>
      expect(await listed()).toEqual([
        `${BEN} (by link)`,
        `undone by the key key of ${team.id}`,
        `undone by ${ANA} (by link)`,
      ]),
    )
  })
})

describe('a high-risk question', () => {
  /** Its page by link, and the mail that brought the link, as it is mailed anew. */
  async function aRisk() {
    const world = await aQuestion(drafts({ risk: 'high', reason: [] }))
    const mail = await eventually(async () => {
      const { results } = await env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1 ORDER BY id')
        .bind(ANA)
        .all<{ text: string }>()
      const own = results.find(({ text }) =>
        atob(/\/a\/([\w-]+)/.exec(text)?.[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '').includes(world.task),
      )
      expect(own).toBeDefined()
      return own!.text
    })
    const path = new URL(/https?:\S+\/a\/\S+/.exec(mail)![0]).pathname
    const code = /code of this link: (\d{8})/.exec(mail)![1]!
    return { ...world, path, code }
  }

  test('takes the code from its message, and a machine that sends the form decides nothing', async () => {
    const { path, code, stub, link, task, team } = await aRisk()
    const page = (await fetchApi(path)).text
    expect(page).toContain('This is a high-risk decision.')
    expect(page).not.toContain(code)
    const bare = await choose(path, 'approved')
    expect([bare.status, bare.text.includes('Type the code from the message')]).toEqual([422, true])
    const wrong = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`
    const first = await choose(path, 'approved', { code: wrong })
    expect(first.text).toContain('4 tries are left')
    expect(first.text).not.toContain(wrong)
    // The code of one link is none of another's, though it asks the same person the same.
    expect((await choose(await link(), 'approved', { code })).text).toContain('not the code of this link')
    expect((await stub.view())!.visit).toBe(2)
    expect((await choose(path, 'approved', { code: `${code.slice(0, 4)} ${code.slice(4)}` })).status).toBe(303)
    expect((await stub.view())!.visit).toBe(3)
    const told = JSON.stringify([await stub.events(0, 200), (await team.call('GET', `/audit?task=${task}`)).body])
    expect(told).not.toContain(code)
  })

  test('is decided by the link and the code from before BATON_SECRET was replaced, and by no secret that is gone', async () => {
    const { path, code, stub } = await aRisk()
    const secret = 'second-secret-0123456789abcdef-second-secret-0123456789abcdef-00'
    const sent = async (old: string) => {
      const by = { ...env, BATON_SECRET: secret, BATON_SECRET_OLD: old }
      const at = async (init: RequestInit) => {
        const context = createExecutionContext()
        const answer = await app.request(`https://baton.test${path}`, init, by, context)
        await waitOnExecutionContext(context)
        return { status: answer.status, text: await answer.text() }
      }
      const page = await at({})
      const body = new URLSearchParams({ ...hiddenFields(page.text), note: '', handoff: 'approved', code })
      return [page.status, (await at({ method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin' } })).status]
    }
    expect(await sent('')).toEqual([403, 403])
    expect((await stub.view())!.visit).toBe(2)
    expect(await sent(env.BATON_SECRET)).toEqual([200, 303])
    expect((await stub.view())!.visit).toBe(3)
  })

  test('takes five wrong codes, however many come at once, and then not even the right one', async () => {
    const { path, code, stub } = await aRisk()
    const fields = { ...hiddenFields((await fetchApi(path)).text), note: '', handoff: 'approved' }
    const wrongs = Array.from({ length: 9 }, (_, n) => String((Number(code) + n + 1) % 10 ** 8).padStart(8, '0'))
    const answers = await Promise.all(wrongs.map(each => send(path, { ...fields, code: each })))
    expect(answers.filter(({ text }) => text.includes('left')).length).toBe(4)
    const last = await send(path, { ...fields, code })
    expect([last.status, last.text.includes('decides nothing any more')]).toEqual([422, true])
    expect((await stub.view())!.visit).toBe(2)
    const renewed = await send(path, { ...fields, handoff: '', renew: '1' })
    expect([renewed.status, renewed.text.includes('A new link is on its way')]).toEqual([200, true])
  })

  test('is decided without a code by keys, and by link where the person is signed in', async () => {
    const { team, task } = await aRisk()
    const { body } = await team.call('GET', '/approvals')
    expect(body.items[0].risk).toBe('high')
    expect((await team.call('POST', `/tasks/${task}/decide`, { handoff: 'approved' })).status).toBe(200)

    const { team: own, link, stub } = await aQuestion(drafts({ risk: 'high', assign: [ANA, BEN] }))
    const email = await aMember(own.id)
    await own.call('POST', `/tasks/${(await stub.view())!.id}/assign`, { to: [email, ANA] })
    const browser = new Browser()
    await browser.signIn(email)
    const others = await link(ANA)
    const page = await browser.open(await link(email))
    expect(page.text).toContain('You are signed in as the person that this link is for')
    // Somebody else's link needs its code in this browser, too.
    const fields = { ...hiddenFields(page.text), note: '', handoff: 'approved' }
    expect((await browser.send(others, fields)).status).toBe(422)
    expect((await browser.send(await link(email), fields)).status).toBe(303)
    const decided = (await stub.events(0, 200))!.find(event => event.type === 'decided')
    expect(decided!.actor).toMatchObject({ kind: 'person', id: email })
  })
})

test('stages are asked one after another, and each link says which one it is', async () => {
  const stages = [
    { name: 'Legal', assign: [ANA] },
    { name: 'Boss', assign: [BEN, 'cleo@guests.test'], needs: 2 },
  ]
  const { link, stub, team } = await aQuestion(drafts({ assign: undefined, stages }))
  const ana = await link()
  const early = await link(BEN)
  const page = (await fetchApi(ana)).text
  expect(page).toContain('Stage 1 of 2: Legal')
  expect(page).toContain(`→ then the next stage is asked: ${BEN}, cleo@guests.test`)
  expect((await fetchApi(early)).status).toBe(410)
  expect((await choose(ana, 'approved')).status).toBe(303)
  const after = (await fetchApi(ana)).text
  expect(after).toContain('Your answer is recorded')
  expect(after).toContain('It is at stage 2 of 2.')
  const { items } = await eventually(async () => {
    const { body } = await team.call('GET', '/approvals')
    expect(body.items[0]?.stage?.n).toBe(2)
    return body
  })
  expect(items[0]).toMatchObject({ stage: { n: 2, of: 2, name: 'Boss' }, needs: 2, given: 0 })
  // The link that was mailed to them when their stage came, and the change that one of them makes.
  const ben = await link(BEN)
  expect((await fetchApi(ben)).text).toContain('Stage 2 of 2: Boss')
  expect((await choose(ben, 'approved', { edits: 'Hello Nimbus.' })).status).toBe(303)
  expect((await fetchApi(ben)).text).toContain('Another stage is asked now')
  const again = (await fetchApi(ana)).text
  expect(again).toContain('Your approval was of the text as it was before')
  expect(again).toContain('Stage 1 of 2: Legal')
  expect((await stub.view())!.visit).toBe(2)
})

describe('beside deciding', () => {
  test('whoever is asked passes the question on to a member of the team, who is told; their link says so', async () => {
    const { link, stub, team } = await aQuestion(drafts({ needs: 2 }))
    const cleo = await aMember(team.id)
    const path = await link()
    const fields = { ...hiddenFields((await fetchApi(path)).text), pass: '1', note: '' }
    for (const to of ['', 'stranger@else.test', ANA]) expect((await send(path, { ...fields, to })).status).toBe(422)
    const taken = await send(path, { ...fields, to: BEN })
    expect([taken.status, (await stub.asks())![0]!.assignees.map(({ email }) => email)]).toEqual([422, [ANA, BEN]])
    expect((await send(path, { ...fields, to: cleo.toUpperCase() })).status).toBe(303)
    expect((await stub.asks())![0]!.assignees.map(({ email }) => email)).toEqual([cleo, BEN])
    const after = await fetchApi(path)
    expect([after.status, after.text.includes('ana@guests.test (by link)')]).toEqual([410, true])
    expect((await choose(await link(cleo), 'approved')).status).toBe(303)
    const mails = env.DB.prepare(
      "SELECT count(*) AS n FROM outbox WHERE recipient = ?1 AND subject LIKE 'Your decision%'",
    )
    await eventually(async () => expect(await mails.bind(cleo).first<number>('n')).toBe(1))
  })

  test('a comment stands in the timeline as text, decides nothing, and tells the member whom it names once', async () => {
    const { link, stub, team, task } = await aQuestion()
    const cleo = await aMember(team.id)
    const path = await link()
    const said = `<b>Fine?</b> @${cleo}, look. @${BEN}`
    const fields = { ...hiddenFields((await fetchApi(path)).text), say: '1', note: '' }
    expect((await send(path, { ...fields, comment: ' ' })).status).toBe(422)
    expect((await send(path, { ...fields, comment: said })).status).toBe(303)
    expect(await stub.view()).toMatchObject({ status: 'waiting' })
    const mails = env.DB.prepare("SELECT text FROM outbox WHERE recipient = ?1 AND subject LIKE '%named you%'")
    const told = () => mails.bind(cleo).all<{ text: string }>()
    await eventually(async () => expect((await told()).results).toHaveLength(1))
    const browser = new Browser()
    await browser.signIn(cleo)
    const page = await browser.open(`/tasks/${task}`)
    expect(page.text).toContain('&lt;b&gt;Fine?&lt;/b&gt;')
    expect(page.text).toContain(`commented for ${cleo}`)
    const form = { text: 'Seen, thanks.', tell: cleo }
    expect((await browser.send(`/tasks/${task}/comment`, form)).location).toContain(`/tasks/${task}`)
    const comments = (await stub.events(0, 200))!.filter(({ type }) => type === 'commented')
    expect(comments.map(({ actor, data }) => [actor.kind, data.text, data.to])).toEqual([
      ['link', said, [cleo]],
      ['person', 'Seen, thanks.', []],
    ])
    await stub.wake(true)
    expect((await told()).results).toHaveLength(1)
  })

  test('in the inbox a question is passed on, too, and the reader is led back to their list', async () => {
    const team = await aTeam()
    const [dora, cleo] = [await aMember(team.id), await aMember(team.id)]
    const world = await aQuestion(drafts({ assign: [dora] }), 'Hi.', { company: 'Nimbus' }, 'Nimbus', team)
    const browser = new Browser()
    await browser.signIn(dora)
    const page = await browser.open(`/approvals/${world.task}`)
    expect(page.text).toContain(`<option value="${cleo}"`)
    const sent = await browser.send(`/approvals/${world.task}`, { ...hiddenFields(page.text), pass: '1', to: cleo })
    expect([sent.status, sent.location]).toEqual([303, expect.stringContaining('/approvals')])
    expect((await world.stub.asks())![0]!.assignees.map(({ email }) => email)).toEqual([cleo])
  })
})
